"""The annual report to the Council: one tree of sections, written as PDF (PDF/UA-1, PDF/A-2a) and as DOCX.

Source: WG-CP/1 report, annex 6 (annual report to the Council, report to the Plenipotentiary).
"""

from __future__ import annotations

from cop.publication.annual.write import ReportSummary, write_report

__all__ = ["ReportSummary", "write_report"]
