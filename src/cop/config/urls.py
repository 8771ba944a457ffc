"""Every address that this process answers: the desk for those who belong, the door for those who report."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("desk/account/", include("allauth.urls")),
    path("desk/", include("cop.desk.urls")),
]
