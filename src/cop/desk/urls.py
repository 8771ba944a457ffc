"""Addresses of the desk, each room's in its own module."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from cop.desk import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
]
