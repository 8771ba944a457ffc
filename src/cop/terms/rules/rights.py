"""LIC-4 to LIC-6: moral rights, ideas and feedback, machine learning with user content."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re

from cop.terms.rules.base import Reading, rule
from cop.terms.rules.ownership import FEEDBACK

_MORAL = r"moral rights?|droits? mora(?:l|ux)|derechos? moral|urheberpersönlichkeit"
_AI = r"machine learning|artificial intelligence|\ba\.?i\.?\b|(?:language|generative|foundation) models?|apprentissage automatique|intelligence artificielle|inteligencia artificial|künstliche\w* intelligenz|maschinelle\w* lernen"

READINGS = (
    Reading(
        "LIC-4",
        re.compile(r"moral|mora(?:l|ux)|persönlichkeitsrecht"),
        (
            rule(
                "kept",
                "met",
                0.9,
                _MORAL,
                r"\b(?:you|users?|members?|authors?|creators?)\b[^.;]{0,60}(?:retain|keep)|not (?:waive|affect|transfer|limit)|conserv|behalten",
                none=(r"infring|upload|violat|agree (?:to )?waive|you (?:hereby |irrevocably )*waive",),
                why="moral rights are kept",
            ),
            rule(
                "waived in part",
                "partly",
                0.92,
                _MORAL,
                r"waiv|renonc|renunci|verzicht|not (?:to )?(?:assert|enforce|exercise)",
                r"(?:to the extent|as far as) (?:reasonably )?(?:necessary|needed|required)(?! by law)|in (?:connection with|respect of) (?:our|the) (?:use|service)|for the purposes? of (?:the|our|this)",
                why="moral rights are waived as far as the service needs it",
            ),
            rule(
                "waived",
                "not_met",
                0.9,
                _MORAL,
                r"waiv|renonc|renunci|verzicht|not (?:to )?(?:assert|enforce|exercise)|agree not",
                none=(r"do(?:es)? not waive|not (?:be )?waived", r"\bfeedback\b"),
                why="moral rights are waived",
            ),
        ),
        reliability=0.85,
    ),
    Reading(
        "LIC-5",
        re.compile(FEEDBACK),
        (
            rule(
                "assigned",
                "not_met",
                0.92,
                FEEDBACK,
                r"\b(?:assign|transfer)s?\b[^.;]{0,80}(?:right|title|interest|to us)|(?:our|sole|exclusive|the) property|we (?:will |shall )?own|(?:be|is|are) owned by|belongs? to us|becomes? (?:our|the)",
                none=(
                    r"not (?:assign|transfer|become|own|our)|you (?:retain|keep|own)|anything we|based on|derived from|reverse engineer",
                ),
                why="feedback is assigned to the provider",
            ),
            rule(
                "kept",
                "met",
                0.88,
                FEEDBACK,
                r"you (?:retain|keep|own|will own)|remains? (?:yours|your)|we (?:do not|don't|won't) (?:claim|own)",
                none=(r"not own",),
                why="the user keeps ideas and feedback",
            ),
            rule(
                "free use",
                "partly",
                0.86,
                FEEDBACK,
                r"(?:pouvons|podemos|dürfen|können)[^.;]{0,60}(?:utilis|utiliz|us[ao]r|verwend|nutz)|(?:free to|may|can|right to|licen[cs]e to|authori[sz]e|entitled to)[^.;]{0,80}\b(?:use|reproduce|disclose|exploit|incorporate|implement)|without (?:any )?(?:restriction|obligation|compensation|payment|limitation)|no obligation|licen[cs]e",
                none=(
                    r"you (?:may|can) (?:use|send)|reverse engineer|decompil|disassembl|to ask (?:you )?for|ask you for|other users|represent and warrant|suggest\w* (?:of |for )?people|relevant|location|reports|personali[sz]|research",
                ),
                why="the provider may use feedback freely",
            ),
        ),
        reliability=0.85,
    ),
    Reading(
        "LIC-6",
        re.compile(
            r" ai\b|ai |machine learning|artificial|artificiel|künstliche|models?\b|automatique|maschinelle|train|entraîn|entren"
        ),
        (
            rule(
                "not used",
                "met",
                0.9,
                _AI + r"|train",
                r"(?:do(?:es)? not|don't|won't|will not|never)[^.;]{0,40}(?:use|train|allow)[^.;]{0,120}(?:train|model|a\.?i\.?\b|machine)|unless you (?:\w+ )?(?:give|consent|opt|agree)[^.;]{0,80}(?:artificial|machine learning|\ba\.?i\b|train)|(?:train|model|machine)[^.;]{0,120}(?:only (?:with|if|after)|unless you|opt(?:ed)?[- ]in|with your (?:explicit |prior )?consent)",
                none=(r"^you\b|you (?:may|must|will|agree|shall)(?: not)?|use (?:the|our) services? to",),
                why="content does not train models, or only with consent",
                rare=True,
            ),
            rule(
                "opt out",
                "partly",
                0.88,
                _AI + r"|train",
                r"opt(?:ing)?[- ]out|\bobject to|right to object|turn (?:it |this )?off|settings?\b|choose (?:not|whether)|control whether",
                r"train|improve|develop|model",
                none=(r"you (?:may|must) not",),
                why="content trains models; the user can opt out",
                rare=True,
            ),
            rule(
                "used, by the licence",
                "not_met",
                0.9,
                _AI,
                r"licen[cs]e|\bgrant",
                r"\btrain\w*|(?:develop|improv)\w*",
                none=(r"you (?:may|must|will|agree|shall)(?: \w+)? not|not (?:use|train)|opt[- ]out|open source",),
                context=(r"content|submission|posts?|contribution",),
                why="the licence over content covers the training of models",
                rare=True,
            ),
            rule(
                "used, other tongues",
                "not_met",
                0.85,
                _AI,
                r"entraîn|entren|trainier",
                r"\b(?:nous|nos|usamos|utilizamos|nuestr\w+|wir|unser\w*)\b",
                r"contenus?|données|contenido|datos|inhalte|daten",
                none=(
                    r"ne [a-zéî]+ (?:pas|jamais)|\b(?:no|nunca) (?:us|utiliz)|\bnicht\b|\bkeine\b|oppos|opon|widersp",
                ),
                why="content trains models and no choice is offered",
                rare=True,
            ),
            rule(
                "used",
                "not_met",
                0.85,
                _AI,
                r"\btrain\w*|(?:develop|improv)\w*[^.;]{0,60}(?:model|a\.?i\.?\b|machine learning|artificial)",
                context=(
                    r"\bwe\b|\bus\b|\bour\b|licen[cs]e|grant",
                    r"content|\bdata\b|information|\bposts?\b|inputs?|interactions",
                ),
                none=(
                    r"you (?:may|must|will|agree|shall)(?: \w+)? not|not (?:use|train)|(?:scrap|crawl)|prohibit|you may not",
                ),
                outside=(r"(?:must|may|will|shall|agree) not[^.]{0,80}:",),
                why="content trains models and no choice is offered",
                rare=True,
            ),
        ),
        margin=0.0,
        reliability=0.75,
    ),
)
