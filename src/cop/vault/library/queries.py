"""What other apps may ask of the library."""

from __future__ import annotations

from typing import Any

from cop.vault.library.models import Meeting


def library() -> dict[str, Any]:
    """The group, its terms of reference and its meetings, as an edition's `library` document shows them."""
    found = Meeting.objects.prefetch_related("document_set", "outcome_set")
    meetings = sorted(found, key=lambda m: (m.group, m.number))
    if not meetings:
        return {}
    latest = meetings[-1].facts
    return {
        "group": latest["group"],
        "terms_of_reference": latest["terms_of_reference"],
        "elaborated_tasks": latest["elaborated_tasks"],
        "meetings": [
            {
                **m.facts["meeting"],
                "group": m.group,
                "next_meeting": m.facts["next_meeting"],
                "report": m.facts["report"],
                "documents": [
                    {
                        "number": d.number,
                        "kind": d.kind,
                        "source": d.source,
                        "subject": d.subject,
                        "presenter": d.presenter,
                    }
                    for d in sorted(m.document_set.all(), key=lambda d: (d.serial, d.number))
                ],
                "outcomes": [{"ref": o.ref, "kind": o.kind, "text": o.text} for o in m.outcome_set.all()],
            }
            for m in meetings
        ],
    }
