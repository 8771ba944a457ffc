"""CHG-1 and CHG-2: whether users are told before the terms change; the date on the text and its earlier versions."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re

from cop.terms.rules.base import Reading, rule

_CHANGE = r"\b(?:chang\w*|modif\w+|updat\w+|revis\w+|amend\w*|replac\w+|alter\w*|variat\w+|actuali[sz]\w+|änder\w*|geändert\w*|cambi\w+|mettre à jour|mises? à jour)\b"
_TEXT = r"\b(?:terms|polic(?:y|ies)|agreement|(?:privacy|this|our) (?:notice|statement)|tou|tos|conditions|contract|política|términos|condiciones|politique|bedingungen|datenschutz\w*|nutzungs\w*|agb|condiciones)\b|this (?:document|page)"
_NOTIFY = r"\b(?:notif(?:y|ies|ied|ication|ications)|notice|inform(?:ed|s)?|let (?:you|users) know|tell you|alert|announce|e-?mail|aviser\w*|informer\w*|notifier\w*|avis\w*|informar\w*|notificar\w*|benachrichtig\w*|informier\w*|mitteil\w*|communicate\w*)\b"
_BEFORE = (
    r"\bbefore\b|prior to\b|in advance|advance(?:d)? (?:written )?notice|prior (?:written )?notice|advance notification|at least \w+ (?:\(\d+\) )?(?:calendar )?(?:days|weeks|months)|"
    r"\d+ days'? (?:prior|advance|notice|in advance|before)|days' (?:prior |advance )?notice|(?:days|weeks|month) (?:before|prior|in advance|ahead)|ahead of|préavis|à l'avance|avant|antelación|antes de|vorab|im voraus|bevor|wochen vor|tage vor"
)
_SOME = r"material(?:ly)?\b|significant|substantial|important|\bmajor\b|reduces? your rights|wesentlich|importants?|sustancial|adverse"
_OTHER = r"\b(?:customer|agency|you) (?:will|must|shall) (?:promptly )?(?:notify|inform)|\busernames?\b|\bprices?\b|\bfees?\b|subscription|payment|refund|infring|copyright|your (?:account )?information|(?:update|change) your (?:account|information|details|contact|email|settings)|features? (?:of|and)|opt[- ]?out|arbitrat|cookies? (?:polic|notice)?s? (?:to|on)|legal notice|device|security|software|program|gift|promotion"
_DAYS = re.compile(
    r"\b(?:\d+|seven|ten|fourteen|fifteen|thirty|sixty)\b(?:\s*\(\d+\))?[ -]*(?:calendar )?(?:days?|weeks?|months?)"
)


def _lead_time(low: str) -> str:
    match = _DAYS.search(low)
    return match.group() if match else ""


_SECTION = r"chang|modif|updat|revis|amend|änder|cambio|modificac|terms|agreement|policy|notice"

READINGS = (
    Reading(
        "CHG-1",
        re.compile(
            r"chang|modif|updat|revis|amend|notif|notice|replac|continu|änder|geändert|cambi|actuali|mise|aviser|préavis|periodically|check"
        ),
        (
            rule(
                "at discretion",
                "not_met",
                0.92,
                r"\bmay (?:also |, but|choose to |elect to )?[^.;]{0,20}(?:notif|inform(?!ation)|provide (?:you )?(?:with )?(?:notice|additional)|alert|let you know)|not (?:be )?(?:obliged|obligated|required|bound) to (?:notif|inform|provide notice)|try to (?:notify|inform|let)|attempt to notify|without (?:any )?(?:prior |advance )?(?:notice|notifying|notification)|no (?:individual |prior |separate )?(?:notice|notification) (?:shall|will|is|need)",
                _CHANGE,
                context=(
                    _TEXT,
                    r"(?:chang|modif|updat|revis|amend)[^.;|]{0,60}"
                    + _TEXT
                    + "|"
                    + _TEXT
                    + r"[^.;|]{0,60}(?:chang|modif|updat|revis|amend)",
                ),
                none=(
                    _OTHER,
                    r"suspend|terminat|interrupt|availab|discontinue|(?:modify|change)[^.;]{0,30}(?:the )?(?<!of )(?:services?|website|site|apps?|options?)\b",
                    r"in which case|will (?:also )?(?:notify|inform|provide)|(?:we will|we'll)",
                ),
                why="notice is at the provider's discretion, or none is given",
            ),
            rule(
                "without notice, other tongues",
                "not_met",
                0.92,
                r"\bsans (?:aucun )?(?:préavis|avertissement|notification|vous (?:en )?(?:informer|avertir))|\bsin (?:necesidad de )?(?:previo )?(?:aviso|notificación)|\bohne (?:vorherige )?(?:ankündigung|benachrichtigung|mitteilung)",
                _CHANGE + r"|änder|modifi",
                _TEXT,
                none=(r"\bservices?\b[^.;]{0,20}sans|servicio[^.;]{0,20}sin|dienste?[^.;]{0,20}ohne",),
                why="notice is at the provider's discretion, or none is given",
            ),
            rule(
                "some, told before",
                "partly",
                0.94,
                _NOTIFY,
                _SOME,
                _CHANGE + r"|affect",
                none=(_OTHER, r"without (?:notice|notifying)|\bmay (?:also )?notif|try to|attempt to"),
                context=(_TEXT,),
                why="users are told of material changes only",
            ),
            rule(
                "told days before",
                "met",
                0.97,
                r"\b(?:will|shall|we'll)\b[^.;]{0,60}" + _NOTIFY,
                _DAYS.pattern,
                _BEFORE,
                _CHANGE,
                none=(_OTHER, _SOME, r"without (?:any )?(?:prior |advance )?(?:notice|notifying)|disput|try to"),
                context=(_TEXT,),
                why="users are told a stated time before a change takes effect",
            ),
            rule(
                "told before",
                "met",
                0.93,
                _NOTIFY,
                _BEFORE,
                _CHANGE,
                _TEXT + r"|effect|\bit\b|them\b",
                none=(
                    _OTHER,
                    r"without (?:any )?(?:prior |advance )?(?:notice|notifying)|\bmay (?:also )?(?:notif|provide)|last updated|if you (?:terminate|wish)|not (?:obliged|required)|disput",
                ),
                context=(_TEXT,),
                why="users are told before a change takes effect",
            ),
            rule(
                "told before, next sentence",
                "met",
                0.86,
                _NOTIFY,
                r"\b(?:will|shall|we'll)\b",
                _BEFORE,
                _CHANGE,
                _TEXT,
                pair=True,
                none=(
                    _OTHER,
                    _SOME,
                    r"without (?:any )?(?:prior |advance )?(?:notice|notifying)|\bmay (?:also )?(?:notif|provide)|arbitrat|disput",
                ),
                why="users are told before a change takes effect",
            ),
            rule(
                "days after posting",
                "partly",
                0.9,
                _DAYS.pattern,
                r"effect|bind|appl",
                r"post|publi|notice|notif",
                _CHANGE,
                none=(r"\bfees?\b|\bprices?\b|arbitrat|refund|\b(?:will|shall|we'll) (?:notify|inform|provide you)",),
                context=(_TEXT,),
                why="a change takes effect some days after it was posted",
            ),
            rule(
                "told",
                "partly",
                0.84,
                r"\b(?:will|shall|we'll|wird|werden|we)\b[^.;]{0,40}"
                + _NOTIFY
                + r"|you will be (?:notified|informed)|nous vous (?:en )?(?:informer|aviser|notifier)\w*|le (?:informar|notificar)\w*|te (?:informar|notificar)\w*",
                _CHANGE,
                none=(
                    _OTHER,
                    r"without (?:any )?(?:prior )?notice|\bmay (?:also )?notif|by (?:posting|updating|revising|changing)|this (?:privacy )?(?:notice|statement) (?:describes|explains)|updating the|infring",
                ),
                context=(_TEXT,),
                why="users are told, without a stated time before the change",
            ),
            rule(
                "posting only",
                "not_met",
                0.8,
                _CHANGE,
                r"\bpost(?:ed|ing)?\b|\bpublish|updat\w+ the (?:[\"' a-z]{0,20})date|revis\w+ the (?:[\"' a-z]{0,20})date|chang\w+ the (?:[\"' a-z]{0,20})date|on this page|made available|by (?:updating|revising|changing)",
                _TEXT,
                none=(
                    _OTHER,
                    r"\b(?:will|shall|we'll) (?:also )?(?:notify|inform|e-?mail|let you)|you (?:may|can|must) not|your content|user content|guidelines",
                ),
                why="a change is only posted",
            ),
            rule(
                "discretion to change",
                "not_met",
                0.5,
                r"(?:reserve the right|may|sole discretion)[^.;]{0,60}" + _CHANGE,
                _TEXT,
                r"any time|time to time|sole discretion|without notice",
                none=(
                    _OTHER,
                    r"service\b[^.;]{0,20}(?:at any|from time)|\b(?:will|shall|we'll) (?:also )?(?:notify|inform)",
                ),
                why="the text may change at any time and nothing is said of notice",
            ),
            rule(
                "use is consent",
                "not_met",
                0.58,
                r"continu\w+ (?:to )?(?:us|access)|use of the service[^.;]{0,30}after|weiter(?:e|hin)? nutz|continuer à utiliser|seguir utilizando",
                r"accept|agree|consent|constitut|acknowledg|bound|akzept",
                r"chang|revis|modif|updat|amend|new|änder|cambi",
                none=(_OTHER,),
                why="continued use counts as agreement",
            ),
            rule(
                "look again",
                "not_met",
                0.56,
                r"(?:check|review|visit|revisit|consult|read)[^.;]{0,60}(?:periodically|regularly|frequently|from time to time|often|back)",
                _TEXT,
                none=(_OTHER,),
                why="users have to look for changes themselves",
            ),
        ),
        boosts=(
            (
                re.compile(
                    r"changes? to (?:this|these|our|the)|modif\w+ (?:of|to) (?:this|these|the)|updat\w+ (?:to )?(?:this|these|our|the)|(?:terms|agreement|policy) (?:may )?chang|amend|update"
                ),
                0.03,
            ),
            (
                re.compile(r"additional terms|supplemental|arbitration|effective date of|paid|premium|api\b|developer"),
                -0.03,
            ),
        ),
        margin=0.03,
        spread=0.42,
        value=_lead_time,
        reliability=0.85,
    ),
    Reading(
        "CHG-2",
        re.compile(r"version|archiv|previous|prior |earlier|former|effective before|précédent|anterior|früher"),
        (
            rule(
                "archive",
                "met",
                0.88,
                r"(?:previous|prior|earlier|past|older|former|historic\w*|archived?|previa|antérieure|anterior|frühere|vorherige)\w* (?:\w+ ){0,2}versions?|version(?:s|es)? (?:antérieures|anteriores|précédentes)|archive of (?:our|previous|past)|version (?:history|archive)|\b(?:archive of|view|see|read|consult)\b[^.;]{0,30}\b(?:previous|prior|past|earlier|former)\b[^.;]{0,20}\b(?:terms|polic(?:y|ies)|agreements?|notices?)|\b(?:terms|policy|agreement|conditions)\b[^.;]{0,20}effective (?:before|until)|(?:conditions|politiques?) (?:antérieures|précédentes)|(?:términos|condiciones|políticas) anteriores|(?:frühere|vorherige) (?:bedingungen|nutzungsbedingungen|datenschutz\w*)",
                none=(r"supersede|replace|browser|operating|app(?:lication)?\b|software|prevail|language",),
                why="earlier versions can be read",
            ),
        ),
        reliability=0.9,
    ),
)
