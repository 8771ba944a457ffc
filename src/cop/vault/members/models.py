"""Columns and constraints of organisations, people, posts, invitations, tokens and keys."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from cop.vault.members.rules import KINDS, ROLES


class Organisation(models.Model):
    """A Member State, Sector Member, delegation, hotline, helpline, or the observatory itself."""

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    area = models.CharField(max_length=3, blank=True)  # ISO 3166-1 alpha-3; empty: of no one country
    active = models.BooleanField(default=True)

    class Meta:
        """A kind is one of the field's."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="organisation_kind"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="observatory"), name="organisation_one_observatory"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class Person(AbstractBaseUser):
    """Somebody who signs in, by e-mail address; what one may do follows from one's posts."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="en")
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    objects = BaseUserManager()

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A role of a person in an organisation."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="posts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=16)

    class Meta:
        """A post once; a role is one of the group's."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "organisation", "role"], name="post_once"),
            models.CheckConstraint(condition=models.Q(role__in=ROLES), name="post_role"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.role} in {self.organisation_id}"


class Invitation(models.Model):
    """A link that lets one person in, once; only its hash is kept."""

    token = models.CharField(max_length=64, unique=True)  # SHA-256 of what the link holds
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    role = models.CharField(max_length=16)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)  # null: the command line
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)

    class Meta:
        """A role is one of the group's."""

        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(role__in=ROLES), name="invitation_role")]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.role}"


class Token(models.Model):
    """A partner organisation's key to the API; only its hash is kept."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    hash = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(auto_now_add=True)
    used = models.DateField(null=True)  # the day, no more
    revoked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.name}"


class PersonKey(models.Model):
    """A person's key pair: the private key wrapped under a passphrase that only the holder knows."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="keys")
    public = models.BinaryField(max_length=32)
    wrapped = models.TextField()  # the line of `cop.kernel.sealing.new_recipient`
    created = models.DateTimeField(auto_now_add=True)
    retired = models.DateTimeField(null=True)

    class Meta:
        """One key in use per person."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=models.Q(retired=None), name="person_key_in_use")
        ]

    def __str__(self) -> str:
        return f"key of {self.person_id}"


class OfficeKey(models.Model):
    """An organisation's key pair, to which its narratives are sealed; its private key lies in grants alone."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="keys")
    version = models.PositiveIntegerField()
    public = models.BinaryField(max_length=32)
    created = models.DateTimeField(auto_now_add=True)
    retired = models.DateTimeField(null=True)
    exposed = models.DateTimeField(null=True)  # since when somebody has known it who may not any more
    resealing = models.CharField(max_length=40, blank=True)  # older envelopes: the register that re-sealing is in,
    resealed_to = models.BigIntegerField(default=0)  # the last row of it that was re-sealed to this key,
    resealed = models.DateTimeField(null=True)  # and when all were

    class Meta:
        """Versions count from one; one is in use."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "version"], name="office_key_version"),
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(retired=None), name="office_key_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"key {self.version} of {self.organisation_id}"


class Grant(models.Model):
    """An office's private key sealed to one holder: a person, or the escrow (person key null)."""

    key = models.ForeignKey(OfficeKey, on_delete=models.CASCADE, related_name="grants")
    holder = models.ForeignKey(PersonKey, on_delete=models.PROTECT, null=True, related_name="grants")
    escrow = models.ForeignKey("members.Escrow", on_delete=models.PROTECT, null=True, related_name="grants")
    sealed = models.BinaryField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """To a person or to the escrow, once each."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(holder=None, escrow__isnull=False) | models.Q(holder__isnull=False, escrow=None),
                name="grant_one_holder",
            ),
            models.UniqueConstraint(fields=["key", "holder"], name="grant_person_once"),
            models.UniqueConstraint(fields=["key", "escrow"], name="grant_escrow_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key_id} to {self.holder_id or 'escrow'}"


class Escrow(models.Model):
    """The key whose private part exists in printed shares alone: any `threshold` of `shares` people restore it."""

    public = models.BinaryField(max_length=32)
    threshold = models.PositiveSmallIntegerField()
    shares = models.PositiveSmallIntegerField()
    created = models.DateTimeField(auto_now_add=True)
    retired = models.DateTimeField(null=True)

    class Meta:
        """At least two of them, and no more than there are; one escrow is in use."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(threshold__gte=2, shares__gte=models.F("threshold"), shares__lte=16),
                name="escrow_shares",
            ),
            models.UniqueConstraint(
                models.Case(models.When(retired=None, then=models.Value(1))), name="escrow_one_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.threshold} of {self.shares}"


class Throttle(models.Model):
    """How often something was asked for within one span of time; nothing tells whose asking it was."""

    key = models.CharField(max_length=64, primary_key=True)  # HMAC of the day and the key, never an address
    count = models.PositiveIntegerField()
    ends = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.ends}"
