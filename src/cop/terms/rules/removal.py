"""DEL-1 and DEL-2: removal at the user's own request, and how long copies stay. Removal by the provider is another matter."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re
from collections.abc import Sequence

from cop.terms.criteria import FindingName
from cop.terms.rules.base import Hit, Reading, rule, worst_of_best

_DELETE = r"\b(?:delet|eras|remov|supprim|effac|elimin|suprim|borrar|lösch)\w*"
_LEAVE = r"\b(?:clos(?:e|ing)|deactivat\w+|cancel\w*|terminat\w+|fermer|clôturer|cerrar|cancelar|schließ\w*|kündig\w*)"
_OWN = r"\b(?:accounts?|content|profile|posts?|photos?|videos?|messages?|personal (?:data|information)|information|data|submissions?|contributions?|compte|contenus?|données|cuenta|contenido|datos|konto|inhalte|daten|it|them)\b"
_NUMBER = r"(?:\d{1,4}|one|two|three|four|five|six|seven|ten|twelve|fourteen|fifteen|thirty|forty-five|sixty|ninety|eighteen|twenty-four)"
_PERIOD = rf"\b{_NUMBER}(?:\s*\(\d{{1,4}}\))?[ -]*(?:calendar |business |working |consecutive )?(?:days?|hours?|weeks?|months?|years?|jours?|mois|ans|semaines?|días?|meses|años?|semanas?|tagen?|monaten?|wochen?|jahren?)\b"
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "twelve": 12, "fourteen": 14, "fifteen": 15,
          "eighteen": 18, "twenty-four": 24, "thirty": 30, "forty-five": 45, "sixty": 60, "ninety": 90}  # fmt: skip
_UNIT = (
    (r"hour|stunde", 1 / 24),
    (r"day|jour|día|tag", 1),
    (r"week|semaine|semana|woche", 7),
    (r"mont|mois|mes", 30.5),
    (r"year|\ban|año|jahr", 365),
)
_KEEP = r"\b(?:retain|keep|kept|stor(?:e|ed|ing)|retention|remain|maintain|preserv|hold|persist|conserv|almacen|mantien|aufbewahr|speicher|gespeichert)\w*"
_COPY = r"back-?ups?|\bcach|residual|archiv|disaster recovery|server copies|copies|sauvegarde|copias? de seguridad|sicherung|our (?:servers|systems)"
_COMPANY = r"\bwe (?:may|can|reserve|might|will|could|have the right to) (?:\w+ ){0,3}(?:remove|delete|terminate|suspend|close|deactivate|disable)|we reserve|right to (?:remove|terminate|suspend)|infring|dmca|violat|cookies?\b|if (?:your|we)[^.;]{0,30}(?:suspend|terminat)"
_PERIOD_RE = re.compile(_PERIOD)
_NO_EFFECT = r"(?:does|do|will|shall) not (?:result in|entail|cause|lead to|mean|affect)"
MOST_DAYS = 90


def days(low: str) -> list[float]:
    """The periods that a clause states, in days."""
    found: list[float] = []
    for match in _PERIOD_RE.finditer(low):
        digits = re.search(r"\d+", match.group())
        word = re.match(r"[a-z-]+", match.group())
        count = float(digits.group()) if digits else float(_WORDS.get(word.group().strip("-") if word else "", 0))
        unit = next((size for pattern, size in _UNIT if re.search(pattern, match.group())), 0)
        if count and unit:
            found.append(count * unit)
    return found


def _period(low: str) -> str:
    match = _PERIOD_RE.search(low)
    return match.group() if match else ""


def _residual(hits: Sequence[Hit]) -> tuple[FindingName, str]:
    """A stated period counts as met only when its longest number is short enough."""
    judged: list[Hit] = []
    for hit in hits:
        longest = max(days(hit.place.clause.low), default=0)
        if hit.rule.finding == "met" and longest > MOST_DAYS:
            continue
        judged.append(hit)
    if not judged:
        return "partly", f"a period is stated, longer than {MOST_DAYS} days"
    return worst_of_best(judged, 0.03)


READINGS = (
    Reading(
        "DEL-1",
        re.compile(
            r"delet|eras|remov|clos|deactivat|cancel|terminat|forgotten|supprim|effac|elimin|suprim|borrar|lösch|kündig|ferm|cerrar|schließ|remain"
        ),
        (
            rule(
                "content and account",
                "met",
                0.9,
                r"\b(?:you|users?|members?) (?:can|may|are able to|will be able to|could|have the (?:right|ability|option) to)(?: also| always| either| choose to)?[^.;]{0,70}?"
                + _DELETE
                + r"[^.;]{0,60}"
                + _OWN,
                none=(_COMPANY, r"cannot|not be able|may not|copies|\bnot (?:delete|remove)"),
                why="users can delete what is theirs",
            ),
            rule(
                "on request",
                "met",
                0.85,
                r"(?:request|ask|require|demand)(?:s|ed|ing)?[^.;]{0,50}"
                + _DELETE
                + r"[^.;]{0,60}"
                + _OWN
                + r"|right (?:to|of) (?:erasure|deletion|delete|be forgotten|erase|have[^.;]{0,40}(?:delet|eras))|(?:delet|eras)\w*[^.;]{0,40}(?:upon|at|on) (?:your )?request|"
                r"droit (?:à l'effacement|de suppression|à l'oubli)|derecho (?:de|a la) supresión|recht auf löschung",
                none=(_COMPANY, r"do not have|no right|law enforcement|\bparent"),
                why="users can have their data erased when they ask",
            ),
            rule(
                "deleting erases",
                "met",
                0.85,
                r"(?:delet\w+|clos\w+|deactivat\w+) (?:of )?(?:your|an|the|my) (?:\w+ ){0,2}(?:account|content|profile|posts?)[^.;]{0,80}(?:eras|remov|delet|permanent|queued|settings|instructions)|"
                r"(?:if|when|once|after) you (?:choose to |decide to )?(?:delete|close|deactivate|remove)[^.;]{0,60}(?:account|content|profile)[^.;]{0,140}(?:delet|remov|eras|deactivat)|"
                r"(?:account|data|content) will be (?:deactivated|queued for deletion|deleted)|"
                r"vous pouvez[^.;]{0,80}(?:supprimer|effacer|fermer|clôturer)|(?:puede|puedes)[^.;]{0,80}(?:eliminar|suprimir|borrar|cerrar)|(?:können|kannst)[^.;]{0,100}(?:löschen|schließen|kündigen)",
                none=(_COMPANY, r"remain|anonym", _NO_EFFECT),
                why="users can delete account and content",
            ),
            rule(
                "close the account",
                "met",
                0.74,
                r"\b(?:you|users?|members?) (?:can|may|are free to|are able to|have the right to)(?: also| always)?[^.;]{0,60}?"
                + _LEAVE
                + r"[^.;]{0,60}(?:account|membership|profile|agreement|terms|subscription)",
                none=(_COMPANY, r"cannot|may not|subscription fee|refund|paid|appeal|our decision"),
                why="users can close their account",
            ),
            rule(
                "some stays",
                "partly",
                0.86,
                r"(?:will|may|might|can|shall) (?:still )?(?:remain|stay|continue to (?:be|appear))[^.;]{0,80}(?:anonym|visible|on the service|available|accessible|public)|not (?:be )?(?:delete|remove)d?[^.;]{0,60}(?:question|messages? you|comments?|posts?)",
                r"delet|clos|leave|deactivat|remov|cancel|terminat",
                none=(
                    r"other users (?:may )?have|others (?:may )?have|copied|re-?shared|search engine|backup|deleted messages?|recipient",
                ),
                context=(r"account|your (?:content|posts|questions)",),
                why="some of the content stays after the account has gone",
            ),
            rule(
                "stays, said plainly",
                "partly",
                0.97,
                r"\b(?:your|the|any|all) (?:\w+ ){0,3}(?:content|questions?|posts?|comments?|contributions?|messages?|reviews?)[^.;]{0,60}\b(?:will|shall) (?:still )?(?:remain|stay)\b",
                r"delet|clos|leave|deactivat|cancel|terminat",
                none=(r"until|unless|backup|for (?:up to )?\d+|copied|re-?shared|private|recipient",),
                why="some of the content stays after the account has gone",
            ),
            rule(
                "no removal",
                "not_met",
                0.92,
                r"(?:no|not have any) obligation to (?:delete|remove|return)|(?:clos|delet|deactivat|terminat|remov)\w*[^.;]{0,60}"
                + _NO_EFFECT
                + r"[^.;]{0,40}(?:delet|eras|remov)|(?:cannot|can not|may not|is not possible to|unable to|are not able to|do not|don't) (?:be )?(?:delete|remove|erase)d?\b[^.;]{0,50}(?:your )?(?:account|content|posts?|profile|contributions?)|(?:publicly and )?permanently (?:available|public)",
                none=(
                    r"if (?:you|we)[^.;]{0,60}(?:cannot|do not|don't)|you (?:may not|must not|agree not|do not|don't)|we (?:may|can) (?:remove|delete)|identity|verify|except|unless",
                    r"copies|backup|cookies|unable to (?:provide|offer)|until",
                ),
                context=(r"\byou|user",),
                why="the text refuses removal",
                rare=True,
            ),
        ),
        boosts=(
            (
                re.compile(
                    r"delet\w+ (?:your |my |the |an )?(?:\w+ )?account|your rights|your (?:privacy )?choices|control|manag\w+ your|access,? (?:and )?(?:correct|delet|edit)"
                ),
                0.03,
            ),
            (re.compile(r"at any time|any time|settings|self"), 0.02),
            (
                re.compile(
                    r"california|u\.s\. state|children|under 13|parent|cookies?|contacts|search history|location"
                ),
                -0.06,
            ),
        ),
        margin=0.02,
        reliability=0.9,
    ),
    Reading(
        "DEL-2",
        re.compile(
            r"retain|retention|kept|\bkeep|stor|backup|back-up|cach|delet|remov|indefinit|eras|conserv|sauvegard|almacen|seguridad|lösch|speicher|aufbewahr"
        ),
        (
            rule(
                "indefinitely",
                "not_met",
                0.95,
                r"indefinite|\bforever\b|in perpetuity|without (?:any )?time limit|never (?:be )?(?:delete|remove|erase)|(?:unbegrenzt|indéfini|indefinid)",
                _KEEP + r"|delet|copies|cop(?:y|ies)|backup",
                none=(
                    r"(?:not|no longer|never)\b[^.;]{0,30}(?:retain|keep|store|hold)[^.;]{0,40}(?:indefinit|forever)|anonym|aggregat|suspend|ban\b|banned|not indefinit|de-?identif|licen[cs]e (?:is|granted)|guarantee",
                ),
                why="copies may be kept indefinitely",
                rare=True,
            ),
            rule(
                "number for copies",
                "met",
                0.95,
                _PERIOD,
                _COPY,
                _DELETE + r"|remov|de-?published|purg|overwrit|retain|kept|keep|remain",
                none=(
                    r"counter.?notice|dispute|arbitrat|cookie|verification|identity document|log ?in|inactiv|logs? (?:are|is)|copyright|deliver|(?:of|after|since) (?:you )?sen(?:ding|t)|after (?:the|these|this) \d|not possible|unless you"
                ),
                why="the text states how long copies in backups stay",
            ),
            rule(
                "number after deletion",
                "met",
                0.86,
                _PERIOD,
                r"(?:delet|remov|deactivat|clos|eras|terminat)\w*",
                r"account|content|data|information|request|compte|cuenta|konto|données|datos|daten",
                none=(
                    r"(?:last|past|preceding|previous|prior) (?:\d+|twelve|six)|years? (?:of age|old)|counter.?notice|dispute|arbitrat|cookie|respond|response|we will (?:reply|answer)|inactiv|log ?in|refund|notice of|copyright|prior notice|days'? notice|payment|appeal|restore|under the age|verify|\bid\b|extend|delivered|undelivered"
                ),
                why="the text states how long deletion takes",
            ),
            rule(
                "residual, open",
                "partly",
                0.86,
                _COPY,
                _KEEP + r"|remain|may (?:still )?(?:exist|be)|take|time",
                r"delet|remov|period|time|after|certain|reasonable|legal",
                none=(
                    _PERIOD.replace(r"\b(?:", r"(?<!after )(?<!the )\b(?:", 1),
                    r"cookies|browser|your device|copies of (?:your|any|the) (?:id|identi)|right to|copy of|you (?:may|must|should)|copyright",
                ),
                why="copies stay for a time that is not stated",
            ),
            rule(
                "after closing, as needed",
                "partly",
                0.84,
                _KEEP,
                r"(?:after|even (?:if|after)|following|once|when)[^.;]{0,60}(?:delet|deactivat|clos|terminat|cease|leave|remov)",
                none=(_PERIOD, r"licen[cs]e"),
                why="information is kept after the account has gone, for a time that is not stated",
            ),
            rule(
                "as long as needed",
                "partly",
                0.78,
                _KEEP,
                r"(?:as|so) long as|until|necessary|reasonable (?:period|time|amount)|limited (?:period|time)|different periods|length of time|no longer than|period (?:of time )?(?:required|necessary|needed)|aussi longtemps|nécessaire|necesari|solange|erforderlich|fundamental|determin",
                r"information|data|content|données|datos|daten|it\b|them\b",
                none=(
                    r"cookies?\b|research|choose to share|interact with|your device|you (?:should|must|agree|keep)|keep your password|licen[cs]e|shar(?:e|ing) with|payment|logged",
                ),
                why="information is kept as long as it is needed",
            ),
            rule(
                "anonymised",
                "partly",
                0.7,
                r"anonymi[sz]|de-?identif",
                r"delet|remov",
                r"account|data|information|content",
                none=(r"cookie|research|aggregate",),
                why="what stays is made anonymous, for a time that is not stated",
            ),
            rule(
                "deletion process",
                "partly",
                0.6,
                r"(?:may|might|can|could) take (?:some |a |up )?(?:time|while|to)|deletion process|(?:permanently|completely) (?:delet|remov|eras)",
                r"delet|remov",
                r"account|data|information|content",
                none=(_PERIOD, r"we (?:may|reserve)"),
                why="deletion takes a time that is not stated",
            ),
        ),
        boosts=(
            (re.compile(r"retention|how long|delet\w* your|storage and deletion|data storage"), 0.03),
            (
                re.compile(
                    r"biometric|face|contacts|call logs|payment|inactive|age (?:assurance|verif)|under 13|cookie|location data|search (?:history|quer)|advertiser|government|child"
                ),
                -0.12,
            ),
        ),
        margin=0.03,
        decide=_residual,
        value=_period,
        reliability=0.8,
    ),
)
