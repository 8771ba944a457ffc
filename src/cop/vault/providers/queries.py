"""What other apps may ask of providers."""

from __future__ import annotations

import json
from typing import Any

from cop.vault.providers.models import Finding, Provider, Version


def documents() -> list[dict[str, Any]]:
    """Every version of every document, as rows of the edition's table."""
    return [
        {
            "provider": v.provider.slug,
            "document": v.document,
            "kind": v.kind,
            "title": v.title,
            "language": v.language,
            "version": v.version.isoformat(),
            "sha256": v.sha256,
            "words": v.words,
            "visible_date": v.visible_date.isoformat() if v.visible_date else None,
            "change": v.change,
            "silent": v.silent,
            "grade": v.grade,
            "long_sentences": v.long_sentences,
            "minutes": v.minutes,
            "warnings": json.dumps(v.warnings, ensure_ascii=False),
            "lineage": f"terms:{v.provider.slug}",
        }
        for v in Version.objects.select_related("provider")
    ]


def findings() -> list[dict[str, Any]]:
    """Every finding, as rows of the edition's table."""
    return [
        {
            "provider": f.version.provider.slug,
            "document": f.version.document,
            "version": f.version.version.isoformat(),
            "criterion": f.criterion,
            "finding": f.finding,
            "confidence": f.confidence,
            "evidence": json.dumps(f.evidence, ensure_ascii=False, sort_keys=True),  # PostgreSQL keeps no order of keys
            "why": f.why,
            "status": "decided" if f.decided else "proposed",
            "lineage": f"terms:{f.version.provider.slug}",
        }
        for f in Finding.objects.select_related("version__provider")
    ]


def providers() -> list[dict[str, Any]]:
    """Every provider with where it stands. No provider is listed before people have decided its findings."""
    return [
        {
            "id": p.slug,
            "name": p.name,
            "family": p.family,
            "homepage": p.homepage,
            "status": "proposed",
            "findings": {
                s.criterion: {"finding": s.finding, "document": s.document, "confidence": s.confidence}
                for s in p.standing_set.all()
            },
            "documents": sorted({v.document for v in p.version_set.all()}),
        }
        for p in sorted(Provider.objects.prefetch_related("standing_set", "version_set"), key=lambda p: p.slug)
    ]
