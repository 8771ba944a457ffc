"""Columns of the door's own book: which editions went out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Release(models.Model):
    """An edition that was written: its id and the hash of its sums, so that it can be told from a forgery."""

    edition = models.CharField(max_length=100, unique=True)
    sums = models.CharField(max_length=64)
    released = models.BooleanField()  # false: a draft

    class Meta:
        """In order of writing."""

        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.edition
