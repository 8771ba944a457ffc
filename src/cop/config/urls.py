"""Every address that this process answers: the desk for those who belong, the door for those who report."""

from __future__ import annotations

from django.urls import include, path

from cop.desk import receipts, reporting
from cop.desk.api import service

urlpatterns = [
    path("report/", reporting.door, name="report_door"),
    path("report/<str:language>/", reporting.form, name="report_form"),
    path("report/<str:language>/leave/", reporting.leave, name="report_leave"),
    path("report/<str:language>/return/", receipts.back, name="report_return"),
    path("api/v1/", service.urls),
    path("desk/", include("cop.desk.urls")),
]
