"""LNG-2: a version for young readers, a plain version, summaries in the text. LNG-1 is computed (see `readability`)."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re

from cop.terms.rules.base import Reading, rule

_YOUNG = r"\bteens?(?:agers?)?\b|\byouth|young(?:er)? (?:people|users|readers|person)|\bkids\b|\bchildren\b|under[ -]1[368]s?\b|adolescents?|jeunes|jóvenes|jugendlich\w*"
_VERSION = r"version|summary|guide|highlights|privacy cent(?:re|er)|portal|explain(?:ed|er|s)?|edition|page|leaflet|überblick|résumé|resumen|guía"

YOUTH = "youth version"

READINGS = (
    Reading(
        "LNG-2",
        re.compile(
            r"teen|youth|young|kids|children|summar|in short|plain|easy|easier|understand|highlights|tl;?dr|basically|simple|jeunes|jóvenes|jugend|kurz|résum|resum|zusammenfass|overview"
        ),
        (
            rule(
                YOUTH,
                "met",
                0.86,
                _YOUNG,
                r"(?:see|read|visit|check out|learn more|available|view|our|find|created?|prepared|voir|consulte|lesen)\b",
                _VERSION + r"|in (?:simple|plain|easy)",
                none=(
                    r"sexual|abuse|exploit|parents? guide|guardian|under 13|not (?:directed|intended|use)|collect|consent|guidelines|safety (?:guide|page|cent)|delet|age of|latest version",
                ),
                why="there is a version or a summary for young readers",
            ),
            rule(
                "summary",
                "partly",
                0.88,
                r"^(?:in (?:short|summary|brief|a nutshell|plain (?:english|language))|to summari[sz]e|summary|tl;?dr|the short version|key (?:points|takeaways)|highlights|en résumé|en resumen|kurz gesagt|zusammenfassung)\b",
                why="the text carries plain summaries",
            ),
            rule(
                "said to be plain",
                "partly",
                0.8,
                r"plain (?:english|language)|easy (?:to (?:read|understand)|-to-)|easier to (?:read|understand)|human[- ]readable|simple (?:language|terms|summary)|(?:summar\w+|blockquote|boxes|annotations)[^.;]{0,80}(?:convenience|not (?:part of|legally)|help you|for your)|langage (?:clair|simple)|lenguaje (?:claro|sencillo)|einfacher sprache",
                none=(r"you (?:must|agree|shall)|complain|license|translat|\btr(?:y|ied)\b|most people|confusing",),
                why="the text offers a plain wording or summaries",
            ),
        ),
        margin=0.0,
        reliability=0.75,
    ),
)
