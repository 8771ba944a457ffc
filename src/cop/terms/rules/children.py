"""AGE-1 to AGE-3: minimum age, parents, and what is different for users under 18."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re
from collections.abc import Sequence

from cop.terms.criteria import FindingName
from cop.terms.rules.base import Hit, Reading, rule

_N = r"(?:1[0-9]|[5-9]|2[01]|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen)"
_AGE = rf"(?:\b{_N}\b(?:\s*\(\d\d\))?[ -]*(?:years?|yrs?|ans|años|jahre)|(?:under|over|below|at least|younger than|older than|aged?(?: of)?|than|turned|attained|reached|moins de|menores? de|unter|mindestens) (?:the )?(?:age (?:of )?)?(?:the )?\b{_N}\b)"
_PARENT = r"(?<!\bour )(?<!\bits )\bparent(?:s|al|s'|'s)?\b(?! (?:compan|entit|corp|organi[sz]|undertaking|and (?:its )?(?:subsid|affil)))(?!, (?:its )?(?:affil|subsid))|\bguardian|\btuteur|\bpadres?\b|\btutor|\beltern|erziehungsberechtigt|représentant légal"
_MINOR = r"\bteen|\bminors?\b|under (?:the age of )?1[68]|under the age of majority|\bchild(?:ren)?\b|young(?:er)? (?:people|users|person)|kids|adolescent|mineurs?|menores|minderjährig|jugendlich"
_AGREE = r"consent|permission|agree|approv|authori[sz]|accept|supervision|involvement|allow|autoris|consentimiento|zustimmung|einwilligung|erlaubnis"
_NOT_ASKED = r"\b(?:not|n't|never|no longer) (?:require|need|request|seek|ask for|obtain)|without (?:the |any )?(?:consent|permission) of (?:a |their )?(?:parent|guardian)"
_VALUE = re.compile(rf"\b{_N}\b")


def _age(low: str) -> str:
    match = _VALUE.search(low)
    return match.group() if match else ""


_PROTECTIONS: tuple[tuple[str, str], ...] = (
    ("private by default", r"private by default|privé\w* par défaut|privad\w+ por defecto|(?:standardmäßig|voreingestellt)[^.;]{0,30}privat|privat[^.;]{0,30}(?:standardmäßig|voreingestellt)|default[^.;]{0,60}(?:private|friends|protect|strict|off)|(?:private|stricter|safest)[^.;]{0,60}default"),
    ("no personalised advertising", r"(?:not|don't|limit|restrict|no)\b[^.;]{0,60}(?:personali[sz]ed|targeted|tailored|interest-based|behaviou?ral)[^.;]{0,20}(?:ads?\b|advertis)|\b(?:ads?|advertis\w*)\b[^.;]{0,60}\b(?:limited|restricted|not (?:shown|personali[sz]ed|targeted))|(?:pas|aucune|keine|ninguna|sin)\b[^.;]{0,40}(?:publicité|publicidad|werbung)"),
    ("limits on contact", r"(?:restrict|limit|disable|not)[^.;]{0,60}(?:messag|contact|comment|friend|discover|direct)"),
    ("tools for parents", r"family (?:pairing|cent)|parental (?:control|supervision|tool)|supervision (?:tool|feature)|family safety|guardian mode|contrôle parental|control parental|elterliche kontrolle|jugendschutzeinstellung|"
     r"(?:supervis\w+|tools|controls)[^.;]{0,60}\b(?:parents?|guardians?)\b|\b(?:parents?|guardians?)\b[^.;]{0,80}\b(?:tools|available controls|supervis\w+)"),
    ("features held back", r"(?:features?|functions?|functionality)[^.;]{0,60}(?:not (?:be )?available|unavailable|restrict|limit|disabled|turned off|to people under)|(?:restrict|limit|suspend|disabl|without)\w*[^.;]{0,40}(?:features|functions|functionality)"),
    ("removal of posts", r"(?:request|obtain|ask)[^.;]{0,40}remov\w* of (?:content|posts|what)"),
    ("plain notice", r"(?:teen|youth|young)[^.;]{0,40}(?:guide|summary|highlights|privacy (?:center|centre|policy|notice)|version)"),
    ("less data", r"(?:\bnot|don't|limit|less)\b[^.;]{0,60}\b(?:collect|sell|share|use|store|process)\b[^.;]{0,60}\b(?:information|data|location)|(?:moins de données|menos datos|weniger daten)"),
)  # fmt: skip
PROTECTIONS = tuple((name, re.compile(source)) for name, source in _PROTECTIONS)


def _protections(hits: Sequence[Hit]) -> tuple[FindingName, str]:
    """Different protections are counted, not mentions of one."""
    refused = next((hit for hit in hits if hit.rule.finding == "not_met"), None)
    kinds = sorted({name for hit in hits for name, pattern in PROTECTIONS if pattern.search(hit.place.clause.low)})
    if refused is not None and not kinds:
        return "not_met", refused.rule.why
    return ("met" if len(kinds) >= 2 else "partly"), f"protections stated for minors: {', '.join(kinds) or 'one'}"


READINGS = (
    Reading(
        "AGE-1",
        re.compile(rf"\b{_N}\b"),
        (
            rule(
                "minimum",
                "met",
                0.95,
                r"(?:must|have to|need to|required to|should|confirm(?:s)? that|represent|warrant|state|declare|provided) [^.;]{0,80}?(?:at least|over|above|older than|minimum|reached|attained|of)?[^.;]{0,30}?"
                + _AGE
                + r"|minimum age[^.;]{0,60}"
                + _AGE
                + r"|"
                + _AGE
                + r"(?: of age)? (?:or|and) (?:older|over)|"
                r"(?:only|available)[^.;]{0,60}(?:at least|over|older)[^.;]{0,20}"
                + _AGE
                + r"|(?:must|need to|have to) be (?:at least )?"
                + _N
                + r"\b (?:or|and|to|in)\b|you are (?:at least|over) [^.;]{0,20}"
                + _N
                + r"\b|(?:doi(?:t|vent)|devez) (?:avoir|être)[^.;]{0,60}"
                + _AGE
                + r"|(?:debe|debes|deben)[^.;]{0,60}"
                + _AGE
                + r"|(?:müssen|musst)[^.;]{0,60}"
                + _AGE,
                none=(
                    r"payment|\bbid|mature|gambl|alcohol|adult (?:content|material)|explicit|tobacco|winner|contest|sweepstake|employ|guest|seller|contestant|vehicle|drive|monetiz|creator program|virtual (?:item|good|currenc)|live ?stream|gift|coins?\b|days|hours|retain|\bexperience\b|to (?:procure|offer|perform|sell|purchase|buy|interact|participate|apply|view|win|stream|host|direct)\b",
                ),
                why="a minimum age is stated",
            ),
            rule(
                "not for the younger",
                "met",
                0.94,
                r"(?:not|no one|nobody|\bno\b|cannot|can't|may not|prohibit\w*|never|aren't|isn't|don't|ne (?:sont|peuvent|doit)|no (?:pueden|puede|debe)|nicht)\b[^.;]{0,140}(?:under|below|younger than|less than|moins de|menores? de|unter)[^.;]{0,24}\b"
                + _N
                + r"\b|if you are (?:under|younger|not (?:yet )?(?:at least )?)[^.;]{0,24}\b"
                + _N
                + r"\b[^.;]{0,60}(?:not|don't|cannot|may not)",
                none=(
                    r"harm|sexual|pornogra|exploit|collect|solicit|sell|sold|mature|adult|alcohol|gambl|messag|\bads?\b|advertis|purchas|days|hours|parent|guardian|feature|program|\bexperience\b",
                ),
                why="the text bars users under an age",
            ),
            rule(
                "listed",
                "met",
                0.93,
                r"^(?:you are|you're|users?|anyone|are) (?:\w+ )?(?:under|younger than|below|not)[^.;]{0,20}\b"
                + _N
                + r"\b",
                context=(r"(?:can't|cannot|may not|must not|not) (?:\w+ ){0,3}(?:use|access|if)",),
                why="the text bars users under an age",
            ),
            rule(
                "no data of the younger",
                "met",
                0.8,
                r"(?:not|don't|never)\b[^.;]{0,80}(?:collect|solicit|direct|intend|target|allow|permit)\w*[^.;]{0,120}(?:under|below|younger|aged?)[^.;]{0,24}\b"
                + _N
                + r"\b|(?:under|below)[^.;]{0,20}\b"
                + _N
                + r"\b[^.;]{0,80}(?:not (?:permitted|allowed|eligible|supposed)|prohibited|may not|must not)",
                none=(r"sell|sold|advertis|\bads?\b",),
                why="the text says that it is not meant for users under an age",
            ),
        ),
        boosts=(
            (
                re.compile(
                    r"who can use|who may use|eligib|minimum age|age require|to use (?:the|our)|create an account|your access|children"
                ),
                0.02,
            ),
            (re.compile(r"purchas|buy\b"), -0.04),
            (re.compile(_PARENT), -0.08),
            (re.compile(r"south korea|netherlands|european|eea|germany|specific (?:country|region)"), -0.05),
        ),
        value=_age,
        reliability=0.95,
    ),
    Reading(
        "AGE-2",
        re.compile(
            r"parent|guardian|tuteur|padre|tutor|eltern|erziehungsberechtigt|représentant|child|under 1|under the age|minor|mineur|enfant|menor|niños|kinder"
        ),
        (
            rule(
                "not asked for",
                "not_met",
                0.95,
                _PARENT,
                _AGREE,
                _NOT_ASKED,
                none=(r"unless|except|if you are (?:over|1[68])|adults?",),
                why="the text says that no consent of a parent is asked for",
            ),
            rule(
                "advice",
                "partly",
                0.93,
                _PARENT,
                r"(?:please )?\b(?:ask|talk|discuss|encourag\w+|review|read|advis\w+|recommend\w*|urge)\b",
                none=(
                    r"must|have (?:your|the|a) parent|require|persuade|exhort|represent|has reviewed and agree|consent|permission|ask us|agree|parental control|resources|teachers",
                ),
                why="a parent's part is only advised",
            ),
            rule(
                "in some places",
                "partly",
                0.98,
                _PARENT,
                _AGREE + r"|on your behalf|parental",
                r"where required|if required|(?:if|where) (?:the )?law requires|some (?:countries|regions|jurisdictions)|certain (?:countries|regions|jurisdictions|features)|depending on (?:where|your)|in (?:your|those) (?:country|region)s? (?:where|that)|applicable law requires|may (?:need|require)|your country requires",
                why="a parent's consent is required in some places only",
            ),
            rule(
                "consent",
                "met",
                0.96,
                _PARENT,
                _AGREE,
                r"must|(?:is|are|be) required|requires? (?:the |your |a |that )|need|only (?:if|with)|represent|confirm|have (?:your|the|obtained|received)|has (?:reviewed|agreed|read)|agrees? to (?:be bound|these)|with (?:the )?(?:consent|permission|supervision|involvement|approval)|unless|without|may only|verif|doi|devez|deb|müss|muss",
                none=(
                    r"\bour (?:parent|affiliat)|parent (?:compan|entit)|(?:collect|knowingly|learn|become aware|actual knowledge|believe|discover|delete)",
                    _NOT_ASKED,
                ),
                why="minors need the consent or agreement of a parent or guardian",
            ),
            rule(
                "consent, said",
                "met",
                0.84,
                r"(?:your|a|his or her|their) (?:parents?|legal guardian|guardian)[^.;]{0,80}(?:agree|consent|permission|accept)|(?:agree|consent|permission)\w*[^.;]{0,60}(?:of|from) (?:your|a|their|the|his) (?:\w+ )?(?:parent|guardian)",
                none=(r"parent compan|knowingly|become aware|actual knowledge|learn that|believe", _NOT_ASKED),
                why="minors need the consent or agreement of a parent or guardian",
            ),
            rule(
                "deletion",
                "partly",
                0.84,
                r"child|under (?:the )?(?:age (?:of )?)?1[368]|minor|underage|\bunder 1[368]",
                r"delet|remov|terminat|stop providing|erase",
                r"learn|aware|knowledge|discover|believe|inadvertent|find out|if (?:we|you)|contact|notif|report|account",
                none=(r"sexual|exploit|abuse material|child (?:safety|protection)|suspend|upload",),
                why="only the deletion of data of under-age users is promised",
            ),
            rule(
                "not collected",
                "partly",
                0.6,
                r"(?:not|don't|never) (?:knowingly |intentionally )?(?:collect|solicit|allow)",
                r"child|under (?:the )?(?:age (?:of )?)?1[368]|minors?",
                why="data of children is not collected knowingly",
            ),
        ),
        boosts=(
            (re.compile(r"child|age|who can use|eligib|minor|teen|parent"), 0.01),
            (re.compile(r"parental controls?|family cent|purchas|california|arbitrat"), -0.08),
        ),
        margin=0.0,
        reliability=0.85,
    ),
    Reading(
        "AGE-3",
        re.compile(_MINOR),
        (
            rule(
                "as adults",
                "not_met",
                0.85,
                _MINOR,
                r"(?:same|no different|no distinction|not distinguish|as adults?)[^.;]{0,60}(?:adult|all users|way|treat)",
                why="minors are treated as adults are",
                rare=True,
            ),
            *(
                rule(
                    name,
                    "met",
                    0.85,
                    _MINOR,
                    source,
                    none=(
                        r"under (?:the age of )?13|content (?:that|which) (?!they|you)|sexual|you (?:must|may|agree|will|shall) not|knowingly|not (?:directed|intended|targeted|eligible|for use|use )|consent|agreement|app store|purchase|knowledge|terroris|extremis|threat|harass|violat|comply with laws|represent",
                    ),
                    why=f"a protection for minors is stated: {name}",
                    rare=True,
                )
                for name, source in _PROTECTIONS
            ),
            rule(
                "limits",
                "partly",
                0.72,
                r"\bteens?\b|under (?:the age of )?1[68]|minors",
                r"additional (?:protection|safeguard|privacy)|extra (?:protection|safeguard)|age-appropriate|protect\w*|safer",
                none=(r"under 13|sexual|law enforcement|consent|if you believe|exploit|requirements|comply with",),
                why="protection of minors is spoken of",
                rare=True,
            ),
        ),
        decide=_protections,
        reliability=0.7,
    ),
)
