"""MKT-1 to MKT-3: whether personal information goes to others for marketing, the choice, and who else receives it."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re

from cop.terms.rules.base import Reading, rule

_SHARE = r"\b(?:shar(?:e|es|ed|ing)|disclos\w+|sell|sells|sold|selling|rent(?:s|ed|ing)?|provid(?:e|es|ed|ing)|transfer(?:s|red)?|mak(?:e|es) available|partag\w+|communiqu\w+|compart\w+|ced(?:e|er|emos)|weitergeb\w+|weiter(?:gegeben|geben)|teilen|transmit\w*|receive|trade|give|allow|permit)\b"
_WHO = r"third[- ]part(?:y|ies)|partners?\b|advertis(?:ers?|ing (?:partners|networks|platforms|companies|services))|ad (?:networks?|partners|servers?|serving|platforms?)|affiliates|sponsors|other companies|marketers|data brokers|publishers|tiers|partenaires|annonceurs|terceros|socios|anunciantes|dritte|werbepartner|partner|sellers|merchants"
_WHY = r"advertis\w*|marketing|\bads?\b|promot\w+|targeted|retarget|publici[td]\w+|werb\w+|of interest to you|interest-based|cross-context"
_NOT = r"(?:do(?:es)? not|don't|doesn't|never|will not|won't|not|ne [a-z]+ pas|nunca|no (?:vend|compart|ced)\w*|nicht|keine)\b"
_CONSENT = r"(?:with(?:out)?|only (?:with|if)|unless|obtain(?:ed|ing)?|ask(?:ed)? for|have|given?|provided?|based on|after)[^.;]{0,40}\b(?:your|you|user'?s?|explicit|prior|express|opt-?in)\b[^.;]{0,30}(?:consent|permission|opt(?:ed)?[- ]in|agree|authori[sz])|unless you (?:have )?(?:give|opt|consent|agree|permit)|avec votre (?:consentement|accord)|con su consentimiento|con tu consentimiento|mit (?:ihrer|deiner) (?:einwilligung|zustimmung)"
_IDS = r"cookie ids?|ip address|device (?:id|identifier)|advertising id|mobile (?:device|ad\w*) id|identifiers?|e-?mail address|phone number|unique cookie|location"
_BLUNT = r"aggregat|de-?identif|hashed|anonymi[sz]|non-personal|not (?:personally )?identif|does not (?:directly )?identify|limited information|pseudonym"

READINGS = (
    Reading(
        "MKT-1",
        re.compile(
            r"advertis|marketing|\bads?\b|of interest to you|jointly|promot|\bsell|\bsold|\brent|publici|werb|sponsor|cookies|identifier"
        ),
        (
            rule(
                "not what identifies",
                "partly",
                0.94,
                _NOT,
                _SHARE,
                r"(?:that|which)[^.;]{0,60}(?:identif|contact you)|personally identif|identify you|who you are|unless (?:you give|it is)[^.;]{0,30}aggregat",
                _WHO + "|" + _WHY,
                none=(r"you (?:must|may|agree|should)|children|under 1[368]",),
                why="what identifies a person is not shared with advertisers; other information may be",
            ),
            rule(
                "no sharing",
                "met",
                0.88,
                _NOT + r"[^.;]{0,40}" + _SHARE,
                _WHY,
                r"information|data|données|datos|daten|e-?mail|name",
                none=(
                    r"sensitive|children|under 1[368]|minors?\b|message content|contents of|links? to|you (?:must|may|agree|should)|phone call|health|sms|text messag|face|biometric|precise|\bexcept|other than (?:as|those)|apple|google|only to"
                ),
                why="the text says that nothing is shared for marketing or advertising",
            ),
            rule(
                "no sharing, other tongues",
                "met",
                0.88,
                r"\bne (?:partag|vend|communiqu|transmett)\w+ (?:jamais|pas)\b|\b(?:nunca|no) (?:compart|vend|ced)\w+|(?:geben|verkaufen|teilen)\b[^.;]{0,60}\b(?:nicht|nie|niemals)\b",
                r"publicit|marketing|werb",
                r"données|datos|daten",
                none=(r"sauf|excepto|salvo|außer|sensib",),
                why="the text says that nothing is shared for marketing or advertising",
            ),
            rule(
                "only with consent",
                "met",
                0.84,
                _SHARE,
                _WHY,
                _CONSENT,
                _WHO,
                none=(_NOT + r"[^.;]{0,20}(?:need|require)", r"opt[- ]?out|cookies?\b|withdraw|deemed|by using"),
                why="information is shared for marketing only with the user's consent",
            ),
            rule(
                "blunted",
                "partly",
                0.9,
                _SHARE,
                _BLUNT,
                _WHO + "|" + _WHY,
                _WHY,
                none=(
                    _NOT + r"[^.;]{0,20}(?:aggregat|anonym)",
                    r"combine[^.;]{0,60}(?:with|other)|you (?:must|may|agree)|cookie ids|ip address|to create aggregat|we anonymi[sz]e|may receive|cookies|non-personali[sz]ed|share information with us",
                ),
                why="only aggregated, de-identified, hashed or limited information is shared",
            ),
            rule(
                "shared or sold",
                "not_met",
                0.86,
                _SHARE,
                _WHO,
                _WHY,
                r"information|data|données|datos|daten|" + _IDS,
                none=(
                    _NOT + r"[^.;]{0,30}" + _SHARE,
                    r"\bne (?:partag|vend|communiqu)\w+ (?:jamais|pas)\b|\b(?:nunca|no) (?:compart|vend)",
                    r"^you\b|with you\b[^.;]{0,20}advertis|third parties (?:share|provide|give)|when we advertise|shared by|links? to|we (?:may )?(?:receive|get|obtain)|(?:receive|obtain|collect)\w*[^.;]{0,60}from (?:third|our|advertis|other|partners|measurement|marketing)|you (?:must|may|agree|should)|provide us|opt[- ]?out|measure your|(?:advertisers?|partners?|publishers?|part(?:y|ies)|affiliates)\b[^.;]{0,40}\b(?:shares?|provides?|gives?|sends?|enables?|allows?|discloses?)\b[^;]{0,240}\bwith us\b|(?:advertisers?|partners?|publishers?|part(?:y|ies)|affiliates)\b[^.;]{0,40}\b(?:shares?|provides?|gives?|sends?|enables?|allows?|discloses?)\b[^.;]{0,60}\b(?:us|we)\b|^(?:our |some of our )?(?:\w+ )?(?:partners|advertisers|vendors)\b(?:\W*\d+\W*)? (?:also |may )*share|you will need to provide|if you purchase|in (?:the|our) interests?\b|some people|we may show you|(?:provide|improve) (?:and improve |our )*(?:advertising|ad\b|ads)|direct us\b|your direction|"
                    + _BLUNT,
                ),
                why="information of persons is shared or sold for marketing or advertising",
            ),
            rule(
                "partners collect",
                "not_met",
                0.84,
                r"(?:third[- ]part(?:y|ies)|partners?|advertis\w+|ad networks?|companies|entities|others|they)\b[^.;]{0,80}(?:collect|place|set|use|recogni[sz]e|combine|access)",
                _IDS + r"|cookies|web beacons|pixels?|similar technolog",
                context=(r"advertis|marketing|\bads?\b", _WHO + r"|\bentities\b|\bothers\b"),
                none=(
                    r"(?:enable|allow)s? us|how we|we (?:may )?(?:use|collect|place|set)\b|with us\b|they (?:have|provide|give)",
                    _NOT + r"[^.;]{0,30}(?:collect|share)",
                    r"opt[- ]?out|you can (?:control|manage)|\bour (?:collection|use) of|we (?:may )?(?:also )?(?:receive|get|obtain)|some people",
                ),
                why="advertising partners collect identifiers of persons themselves",
            ),
            rule(
                "does not sell",
                "met",
                0.3,
                _NOT + r"[^.;]{0,40}\b(?:sell|rent|vend|verkauf)",
                r"information|data|données|datos|daten",
                none=(r"children|under 1[368]|you (?:must|may|agree)",),
                why="the text says that data is not sold, which alone does not answer the question",
            ),
        ),
        boosts=(
            (
                re.compile(
                    r"how we (?:share|disclose)|sharing|who we share|disclosure|third[- ]part|with whom|advertisers and"
                ),
                0.03,
            ),
            (re.compile(_IDS), 0.03),
            (re.compile(r"california|ccpa|state privacy|service providers"), -0.03),
        ),
        margin=0.08,
        reliability=0.7,
    ),
    Reading(
        "MKT-2",
        re.compile(
            r"consent|permission|opt|choice|unsubscribe|object|setting|preferenc|limit|prefer|control|choose|einwillig|widersp|oppos|opon|désactiv|consentement|consentimiento|stop using"
        ),
        (
            rule(
                "opt in",
                "met",
                0.88,
                _CONSENT + r"|\bopt(?:ed)?[- ]in\b",
                _WHY,
                _SHARE + r"|send|use|show|personali[sz]|facilitat",
                none=(
                    r"withdraw|opt[- ]?out|you (?:must|agree)|by using|deemed|children|under 1[368]|parent|necessary cookies|you consent to|required by (?:applicable )?law|legally required|where required|where (?:we|you) have"
                ),
                why="nothing is shared for marketing before the user agrees",
            ),
            rule(
                "no choice",
                "not_met",
                0.86,
                r"(?:if you (?:do not|don't) (?:agree|want|wish)|not (?:wish|want))[^.;]{0,120}(?:stop using|do not use|not use|delete your account|discontinue|leave)|(?:cannot|can't|may not|not (?:be )?(?:able|possible) to) opt[- ]?out",
                _WHY,
                none=(
                    r"service-related|administrative|transactional|essential|non-(?:promotional|marketing)|security|emails? (?:about|regarding)",
                ),
                why="the only choice is to leave the service",
            ),
            rule(
                "opt out of advertising",
                "partly",
                0.9,
                r"opt(?:ing)?[- ]?out|opted out|right to object|object to|\boppos(?:er|ition)|oponerse|oposición|widersprechen|widerspruch",
                _WHY + r"|third part|shar(?:e|ing)|\bsale\b|sell|tracking|behavio",
                none=(
                    r"arbitrat|class action|you (?:must|may) not|requires? businesses|not retroactive|promotional (?:e-?mail|messages?|communications?)|marketing (?:messages?|communications?|e-?mails?)|\bobject\b(?![^.;]{0,120}(?:advertis|marketing|profil))",
                ),
                why="the user can opt out",
            ),
            rule(
                "control of sharing",
                "partly",
                0.88,
                r"(?:control|choose|decide|manage) (?:whether|how|if|the sharing)",
                _SHARE,
                r"partner|third[- ]part|advertis|companies",
                none=(r"parent",),
                why="the user can turn the sharing off",
            ),
            rule(
                "settings",
                "partly",
                0.76,
                r"\b(?:you|users?)\b[^.;]{0,60}\b(?:control|turn off|limit|choose|adjust|disable|manage|change|restrict|withdraw|stop)|\b(?:ad|ads|advertising|marketing)\b (?:\w+ )?(?:settings?|preferences?|choices|controls)|(?:subject to|depending on) your (?:\w+ )?(?:settings|choices|preferences)|"
                r"(?:désactiv|gérer|paramètr|limiter)|(?:desactiv|gestionar|ajustes|configura)|(?:deaktivier|einstellung|verwalten)",
                r"\bads?\b|advertis\w*|interest-based|marketing|targeted|personali[sz]ed|publici|werb",
                r"\byou\b|\byour\b|users?|vous|usted|sie\b",
                none=(
                    r"advertisers? (?:can|may)|we (?:may |also )?(?:limit|control)|create ads|parent|block|identifiers?,|when you choose|are separate"
                ),
                why="the user can turn it off in the settings",
            ),
            rule(
                "unsubscribe",
                "partly",
                0.58,
                r"opt(?:ing)?[- ]?out|unsubscribe|se désabonner|darse de baja|abmelden|abbestellen",
                r"e-?mails?|messag|communicat|newsletter|promot|market|\bsms\b|courriel|correo|nachricht",
                none=(r"arbitrat|class action|cannot|service-related|not (?:be )?able to|may not opt|unable",),
                why="the user can opt out of messages",
            ),
        ),
        boosts=(
            (
                re.compile(
                    r"your (?:rights and )?choices|opt-?out|advertising (?:preferences|choices|settings)|controls|marketing communications|your rights"
                ),
                0.03,
            ),
            (re.compile(r"california|colorado|virginia|push notification|location"), -0.04),
        ),
        margin=0.03,
        reliability=0.65,
    ),
    Reading(
        "MKT-3",
        re.compile(
            r"shar|disclos|provid|third|affiliat|merger|partner|transfer|recipient|partag|compart|weiter|fusion|konzern|filiale"
        ),
        (
            rule(
                "own purposes",
                "not_met",
                0.88,
                r"(?:third[- ]part|partners?|companies|sponsors|recipients)[^.;]{0,120}(?:their own(?! privacy| terms)|own (?:marketing|business|independent|purposes)|products or services (?:we|that)|may be of interest|jointly)",
                r"information|data",
                none=(_NOT + r"[^.;]{0,30}" + _SHARE, r"cached|on our behalf|with us\b"),
                context=(_SHARE,),
                why="partners that are not named receive information for purposes of their own",
                rare=True,
            ),
            rule(
                "group or sale",
                "partly",
                0.84,
                _SHARE + r"|transfer",
                r"affiliat|subsidiar|merger|acqui(?:red|sition)|sale of (?:all|our|assets)|bankruptc|corporate (?:family|group)|parent company|reorgani[sz]|change of control|fusion|filiales?|konzern|verbundene unternehmen|with (?:the )?other (?!third|such|ad\b|advertis|similar|service|online|insurance|technology)\w+ companies",
                r"information|\bdata\b|données|datos|daten",
                none=(
                    _NOT + r"[^.;]{0,30}" + _SHARE,
                    r"we (?:receive|collect|obtain)|(?:not|un)[- ]?affiliated|with us\b|cached|warrant|liab",
                ),
                why="companies of the group or a buyer of the business receive information",
                rare=True,
            ),
            rule(
                "group or sale, listed",
                "partly",
                0.8,
                r"^(?:\W*(?:with|to|in connection|as part|if|business|corporate|affiliat|our))[^.;]{0,120}(?:affiliat|subsidiar|merger|acqui(?:red|sition)|bankruptc|sale of (?:all|our|compan|assets)|corporate (?:family|group)|parent company|change of control)",
                context=(r"(?:shar|disclos|transfer|provid)\w*[^|]{0,80}\b(?:information|data)\b",),
                none=(_NOT + r"[^.;]{0,30}" + _SHARE, r"(?:not|un)[- ]?affiliated|with us\b|receive[^.;]{0,40}from"),
                why="companies of the group or a buyer of the business receive information",
                rare=True,
            ),
            rule(
                "providers and law only",
                "met",
                0.86,
                _NOT + r"[^.;]{0,40}" + _SHARE,
                r"except|unless|other than|only",
                r"information|data",
                none=(
                    _WHY,
                    r"except as (?:provided|described|set|stated|otherwise)|sensitive|setting|publishers|identif|anonymi[sz]|certain information",
                ),
                why="information goes to service providers and where the law demands it, and no further",
            ),
            rule(
                "providers",
                "met",
                0.6,
                _SHARE,
                r"service providers|vendors|contractors|processors|law enforcement|comply with|legal (?:process|obligation|request)|prestataires|proveedores|dienstleister",
                r"information|data|données|datos|daten",
                none=(_NOT + r"[^.;]{0,30}" + _SHARE,),
                why="service providers and authorities are the recipients named",
            ),
        ),
        boosts=(
            (re.compile(r"how (?:we|your information is) (?:share|disclose)|sharing|recipients|who we share"), 0.04),
        ),
        margin=0.3,
        reliability=0.7,
    ),
)
