"""LIC-1 to LIC-3: what the user's licence covers, how long, and for whom.

One clause often carries scope, duration and passing on at once, so every criterion reads it anew; the purpose often stands
in the next sentence, so some rules read two.
"""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re
from collections.abc import Sequence

from cop.terms.criteria import FindingName
from cop.terms.rules.base import Hit, Reading, rule, worst_of_best
from cop.terms.rules.ownership import FEEDBACK

_LICENCE = r"licen[cs]es?\b|licen[cs]ed|\brights?\b|permission|lizenz|licencia|nutzungsrecht"
_GRANT = (
    r"\b(?:you|users?|members?|subscribers?|the user|contributors?|customers?)\b[^.;]{0,200}?\b(?:grant|give|giving|granting|allow|authori[sz]e|licen[cs]e|permit)s?\b[^.]{0,160}?"
    r"\b(?:licen[cs]e|rights?|permission|consent|use|store|publish)\b|"
    r"(?:is|are) (?:perpetually |irrevocably |and )*licensed to|"
    r"^(?:an? |the )?(?:(?:worldwide|world-wide|royalty-free|perpetual|irrevocable|non-?exclusive|transferable|and|sub-?licens[ae]+ble|fully paid(?:-up)?)[, ]+){2,}|"
    r"licence you (?:give|grant)|license you (?:give|grant)|rights? (?:that )?you grant|this licen[cs]e|"
    r"vous (?:nous )?(?:accordez|concédez|octroyez)|(?:usted )?(?:nos )?(?:otorga|concede|cede)s?\b[^.]{0,60}(?:licencia|derecho)|(?:gewähr|räum|erteil)\w+[^.]{0,80}(?:lizenz|recht)"
)
_GRANTS = r"grant|licen[cs]|concé|concede|accord|octroy|otorg|lizenz|gewähr|räum|erteil|authori|allow|permi|\bgiv"
_VERBS = r"\b(?:use|host|store|reproduce|copy|display|distribute|modify|publish|translate|perform|transmit|adapt|exploit|utiliser|reproduire|utilizar|usar|reproducir|nutzen|verwenden|vervielfältigen)\b"
_TO_USER = (
    r"\b(?!you\b)[a-z]+(?: inc\.?| llc)? (?:hereby |also )?(?:grants?|gives?) (?:to )?(?:you|each|users?|customers?|members?|licensees?)\b(?! (?:grant|agree))|provides? you (?:with )?an? [^.;]{0,40}licen|grants? you\b|you are granted|"
    r"\byour (?:limited |personal |right and )?(?:licen[cs]e|right|permission) to (?:use|access)|(?:to enable|enabling|allow|allowing) you to|you (?:receive|obtain|need|require) a licen[cs]e|"
    r"right to (?:terminate|refuse|access (?:and use )?(?:the|our) (?:service|site|app|platform))|licen[cs]e to (?:access|use) (?:the|our) (?:service|site|app|software)|subject to (?:your complian|these terms)[^.]{0,60}(?:we|grants)"
)
_NOT_USER_CONTENT = r"copyright act|dmca|infring|arbitrat|api\b|sdk|open.?source|trademark|patents?\b|\bcoins?\b|virtual|wallet|firmware"
# Who may grant says nothing of what is granted: "you warrant that you hold all rights needed to grant the licence above".
_WARRANTY = (
    r"(?:right|rights|licen[cs]es?|permissions?|authority|power)[^.;]{0,60}\bto grant\b|\bgrant (?:us |we )?(?:and [^.;]{0,30})?(?:all of |all )?(?:the )?(?:rights?|licen[cs]es?)(?: and licen[cs]es?)?"
    r" (?:granted|described|set|as set|contained|above|herein|hereunder|in (?:this|these|our|the))|^(?:you|by [^.;]{0,80}you) (?:further |also |hereby |agree and )*(?:represent|warrant)"
)
_OTHER = (
    FEEDBACK,
    _TO_USER,
    _NOT_USER_CONTENT,
    _WARRANTY,
    r"we (?:may|can|reserve)[^.;]{0,40}(?:suspend|terminate|remove|refuse)",
)
_SERVICE = r"(?:services?|platform|sites?|websites?|apps?|products?|application|software|network|community|operation|provision)"
_LIMITED = (
    r"\b(?:limited|sole|only|specific)\b[^.;]{0,30}\bpurposes?\b|\b(?:solely|only|exclusively|strictly)\b[^.;]{0,20}?\b(?:to|for|in|as|so|on|where|insofar|through)\b|"
    r"limited to (?:what|the extent|that which|operat|provid)|(?:reasonably |strictly )?necessary (?:to|for|in order)|to the extent (?:reasonably )?(?:necessary|required|needed)|"
    r"\blimited rights\b|no (?:other|more) than"
)
_BROAD = (
    r"any (?:and all )?(?:purposes?|media|manner|form|format)\b|all (?:forms of )?media|now known|hereafter|later (?:developed|known|devised)|now or later|in any way\b|"
    r"for (?:any|all) (?:purpose|use)|for commercial|commercial (?:and|or|purpose)|commerciali[sz]|commercially exploit|unrestricted|unlimited|without restriction|otherwise exploit|as it deems|for its own|"
    r"tous (?:les )?supports|à toutes fins|tout support|cualquier (?:medio|fin|propósito)|(?:alle|sämtliche)n? (?:zwecke|medien)|zu jedem zweck|jeglichen zweck"
)
_ENDS = r"\b(?:ends?|ending|terminates?|terminated|expires?|ceases?|lapses?|stops?|continues? (?:only )?(?:until|for (?:so|as) long)|(?:exists?|lasts?|valid|remains?)[^.;]{0,20}(?:until|for (?:so|as) long as|as long as)|revoke)\b"
_GONE = r"delet|remov|clos(?:e|ing)|terminat\w+ (?:of )?(?:your|the) account|account (?:is )?terminat|deactivat|take[ns]? (?:it )?down|no longer|on the services?\b|withdraw"
_SUBLICENCE = r"sub-? ?licen[cs](?!ees)\w*|\bsublicen[cs]e ?able\b|(?<!non-)(?<!non )\btransf(?:e|é)r\w*able|(?<!non-)(?<!non )assignable|relicen[cs]e|sous-licen|\bcessible|sublicenci|unterlizenz|übertragbare"
_NO_SUBLICENCE = r"non-? ?(?:sub-?licen[cs]\w+|transferable|assignable)|(?:no|not|without) (?:the )?(?:right|allowed|permitted) to sub-?licen[cs]e|not (?:be )?(?:sub-?licensable|transferable)|we (?:do|will|shall)(?: \([^)]*\))? not [^.;]{0,40}sub-?licen[cs]e|indemnif|(?:may|can|will|do|shall|must)(?: ?not|n't) (?:pass|transfer|sell|give|sub-?licen[cs]e|assign)\b[^.;]{0,30}(?:this |that |the )?(?:licen[cs]e|rights?|permission)|nicht übertragbar|non transférable|intransferible"


def _duration(hits: Sequence[Hit]) -> tuple[FindingName, str]:
    """A qualified perpetuity is weighed as qualified: the same clause must not count twice, once for each reading."""
    qualified = {hit.start for hit in hits if hit.rule.name == "perpetual in part"}
    kept = [hit for hit in hits if not (hit.rule.name == "perpetual" and hit.start in qualified)]
    return worst_of_best(kept, 0.06)


READINGS = (
    Reading(
        "LIC-1",
        re.compile(
            r"licen[cs]|\bright|permission|grant|authori[sz]|lizenz|nutzungsrecht|concéd|accord|otorg|conced|purpose"
        ),
        (
            rule(
                "any purpose",
                "not_met",
                0.94,
                _GRANTS,
                _GRANT,
                _VERBS,
                _BROAD,
                none=(*_OTHER, _LIMITED),
                why="the licence covers any purpose, any medium or commercial use",
            ),
            rule(
                "others' use",
                "not_met",
                0.9,
                r"licen[cs]e|rights?|permission|content",
                r"(?:syndicat|broadcast|distribution|publication|other (?:companies|media)|let others do the same|(?:business|our) partners)[^.;]{0,80}(?:partner|companies|organi[sz]ations|content|others)",
                context=(r"grant|this licen[cs]e", r"content"),
                none=(*_OTHER, _LIMITED, r"privacy|advertis\w+ (?:and|or) (?:analytics|measure)|you may not|\bnot\b"),
                why="other companies may use the content for themselves",
            ),
            rule(
                "only the service",
                "met",
                0.95,
                r"licen[cs]e|rights? (?:that )?you (?:grant|give)|grants?\b|permission|lizenz|licencia",
                _LIMITED,
                _SERVICE + r"|provid|operat|you request|submitted",
                context=(
                    r"(?:your|user|such|this|the|member) (?:\w+ ){0,2}(?:content|submission|contribution|posting|material|information|data|stuff|photos|upload)|rights you grant|you grant|licen[cs]e you",
                ),
                none=(
                    *_OTHER,
                    r"responsible|represent|warrant|disclos|preserve|personal,? (?:and )?non-?commercial|your (?:own )?personal|you may|for (?:yourself|personal)|authori[sz]ed (?:representative|user)|copyright owner",
                ),
                why="the licence is limited to purposes of the service",
            ),
            rule(
                "for the service",
                "met",
                0.84,
                _GRANTS,
                _GRANT,
                _VERBS,
                r"(?:in order to|so (?:that )?we can|so as to|to enable us to|for the purposes? of|allows? us to|to let us|needed to|afin de|pour (?:fournir|exploiter|assurer)|para (?:prestar|operar|proporcionar|ofrecer)|um (?:den|die|unsere)n? dienst)"
                r"[^.;]{0,60}|in connection with (?:the )?(?:operat|provi)|"
                + r"to (?:operate|provide|run|improve|deliver)[^.;]{0,60}"
                + _SERVICE,
                r"operat|provid|improv|render|deliver|mak|run|develop|promot|fourni|exploit|prest|servic|dienst|bereit",
                none=(*_OTHER, _BROAD),
                why="the licence is given for running the service",
            ),
            rule(
                "for the service, next sentence",
                "met",
                0.82,
                _GRANTS,
                _GRANT,
                _VERBS,
                _LIMITED,
                _SERVICE,
                pair=True,
                none=(*_OTHER, _BROAD),
                why="the next sentence limits the licence to the service",
            ),
            rule(
                "with the service",
                "partly",
                0.64,
                _GRANTS,
                _GRANT,
                _VERBS,
                r"in connection with|consistent with|subject to your (?:privacy|settings)|depending on|on (?:and|or) through|through the",
                none=(*_OTHER, _BROAD),
                why="the licence is broad, with some limit",
            ),
            rule(
                "no purpose",
                "partly",
                0.6,
                _GRANTS,
                _GRANT,
                r"licen[cs]e|right|lizenz|licencia",
                _VERBS + r"|content|contenu|contenido|inhalt",
                none=(
                    *_OTHER,
                    _BROAD,
                    _LIMITED,
                    r"\blicen[cs]es?\b[^.;]{0,60}\b(?:ends?|continues?|terminates?|surviv\w+)\b|:$|other (?:\w+ )?users\b|username",
                ),
                why="the licence names no purpose",
            ),
        ),
        boosts=(
            (
                re.compile(r"\bnon-?exclusive|royalty-free|worldwide|world-wide|non exclusive|no exclusiva|weltweit"),
                0.03,
            ),
            (
                re.compile(
                    r"developer|contest|virtual (?:good|item)|merchan|advertiser|seller|insights? (?:service|report)"
                ),
                -0.4,
            ),
        ),
        margin=0.03,
        reliability=0.85,
    ),
    Reading(
        "LIC-2",
        re.compile(
            r"licen[cs]|right|permission|perpetu|irrevoc|surviv|terminat|lizenz|perpét|unwiderruf|durée|unbefristet|continue"
        ),
        (
            rule(
                "perpetual in part",
                "partly",
                0.95,
                r"(?:perpetual|irrevocable)\s*\([^)]{0,60}\bonly\b|(?:perpetual|irrevocable)[^.;]{0,40}\b(?:for as long as|to the extent)\b",
                _GRANTS,
                _GRANT,
                none=(FEEDBACK, _TO_USER),
                why="the licence is perpetual for part of the content only",
            ),
            rule(
                "ends, with exceptions",
                "partly",
                0.94,
                _LICENCE,
                _ENDS,
                _GONE,
                r"except|unless|however|reasonable (?:period|time|amount)|reasonably|already|sub-?licen[cs]|provided that|commercially",
                r"sub-?licen[cs]|reasonable|some time|certain|as (?:is )?necessary",
                none=(FEEDBACK, _TO_USER, r"your (?:right|license|licence) to use|perpetual|irrevocable"),
                context=(r"content|submission|contribution|posting|material|upload",),
                why="the licence ends on deletion, after a time not stated or with wide exceptions",
            ),
            rule(
                "ends",
                "met",
                0.93,
                r"(?:licen[cs]es?|rights? (?:you|granted)|permission)\b[^.;]{0,140}?"
                + _ENDS
                + r"|(?:end|terminate|revoke|withdraw) (?:this|the|your|that) licen[cs]e|(?:licence|lizenz|licencia)[^.;]{0,60}(?:prend fin|cesse|termina|finaliza|endet|erlischt)",
                _GONE + r"|supprim|elimin|lösch|entfern",
                none=(
                    FEEDBACK,
                    _TO_USER,
                    r"your (?:rights?|license|licence|permission)s? (?:to (?:use|access)|under|granted)|not (?:end|terminate|expire)|perpetual|irrevocable|surviv|we (?:may|can|reserve)|these terms (?:will )?(?:end|terminate)|app store",
                ),
                why="the licence ends when the content or the account goes",
            ),
            rule(
                "perpetual",
                "not_met",
                0.93,
                r"perpetual|irrevocabl|in perpetuity|non-?terminable|non-?revocable|without (?:any )?(?:\w+ )?(?:or )?time limit|perpétuel|irrévocable|perpetu[ao]|irrevocable|unwiderruflich|zeitlich (?:unbegrenzt|unbeschränkt)|unbefristet",
                _GRANTS,
                _GRANT + r"|\bgrants?\b[^.;]{0,200}\b(?:perpetual|irrevocable)",
                none=(
                    FEEDBACK,
                    _TO_USER,
                    r"not (?:perpetual|irrevocable)|irrevocably (?:waive|consent|agree|submit)|\bwaive",
                ),
                why="the licence is perpetual or irrevocable",
            ),
            rule(
                "survives",
                "not_met",
                0.93,
                r"(?:licen[cs]es?|rights? (?:you|granted))\b[^.;]{0,140}?\b(?:surviv|cannot be (?:terminated|revoked)|(?:will|shall) (?:continue|remain)[^.;]{0,60}(?:after|even|terminat))|"
                r"(?:entitled|continue) to (?:continue )?us(?:e|ing) your[^.;]{0,60}(?:even (?:if|after)|pursuant to the rights)|(?:cease|stop|even after|even if)[^.;]{0,120}licen[cs]e[^.;]{0,40}(?:continue|remain|surviv)",
                none=(
                    FEEDBACK,
                    _TO_USER,
                    r"sections? \d|not surviv|only (?:for )?(?:as|so) long|\b(?:if|unless|except)\b",
                ),
                context=(r"content|submission|posting|contribution|material|agreement|terms",),
                why="the licence outlives the account",
                rare=True,
            ),
            rule(
                "among what survives",
                "not_met",
                0.9,
                r"\bsurviv\w*",
                r"terminat|expir|delet|clos|deactivat|cancel|cease|end of",
                r"\blicen[cs]es?\b|\b(?:your|user|member) (?:content|submissions|contributions|materials)\b|\bsubmissions\b|content licen[cs]e|rights? (?:you|granted)",
                none=(FEEDBACK, r"not surviv|licen[cs]es? (?:granted )?to (?:you|use the|access)|your licen[cs]e to"),
                why="the part with the licence survives the end of the terms or of the account",
                rare=True,
            ),
            rule(
                "used on",
                "not_met",
                0.88,
                r"continue|entitled|retains? the right",
                r"(?:cease|stop|terminat|clos|cancel|delet|leav|deactivat)\w*[^.]{0,140}\b(?:continu\w+|entitled|retains? the right)\b[^.;]{0,60}\b(?:us(?:e|ing)|display|publish|distribut|exploit)\w*[^.;]{0,60}\b(?:content|posts?|contributions?|submissions?|materials?)\b",
                none=(
                    FEEDBACK,
                    _TO_USER,
                    r"you (?:may|can|shall|will) (?:not )?continue|if you continue|until|not continue|if we (?:continue|stop)",
                ),
                why="the content is used on after the account has gone",
                rare=True,
            ),
            rule(
                "the terms survive",
                "not_met",
                0.7,
                r"\bthese (?:terms|conditions)\b[^.;]{0,20}\bsurviv\w*[^.;]{0,60}(?:deactivat|terminat|delet|clos)\w* (?:or \w+ )?(?:of )?(?:your|the|any) account",
                why="the terms, and the licence with them, survive the account",
                rare=True,
            ),
        ),
        boosts=(
            (re.compile(r"user content|your content|royalty-free|content you|public content"), 0.02),
            (re.compile(r"\bbackup|\bcontest\b|developer terms|api terms"), -0.02),
        ),
        decide=_duration,
        reliability=0.85,
    ),
    Reading(
        "LIC-3",
        re.compile(
            r"licen[cs]|transf|assign|partner|third part|others|syndicat|companies|lizenz|partenaire|socios|übertrag|grant"
        ),
        (
            rule(
                "to partners",
                "not_met",
                0.95,
                r"syndicat|broadcast[^.;]{0,60}by other|(?:additional )?uses? by [^.;]{0,40}\bother (?:companies|organi[sz]ations)|(?:by|to|with) other companies|publication by other|let others do the same|others? (?:can |may )?do the same|partner with (?:us|[a-z]+)\b|(?:grant|give)s?\b[^.;]{0,120}\b(?:business |our )partners",
                r"licen[cs]e|rights?|content|grant",
                context=(r"content|submission", r"grant|licen[cs]e|permission"),
                none=(
                    FEEDBACK,
                    _TO_USER,
                    _NO_SUBLICENCE,
                    r"personal (?:data|information)|you (?:may|must|agree) not|\bnot (?:syndicat|share)|advertising partners (?:may )?collect",
                ),
                why="partners or other companies may use the content for themselves",
            ),
            rule(
                "to anyone",
                "not_met",
                0.88,
                _GRANTS,
                _GRANT,
                _SUBLICENCE,
                _BROAD,
                none=(*_OTHER, _NO_SUBLICENCE, _LIMITED, r"operat(?:e|ing)[^.;]{0,60}service"),
                why="the licence may be passed on for any purpose or medium",
            ),
            rule(
                "to third parties",
                "not_met",
                0.86,
                r"sub-?licen[cs]\w*[^.;]{0,80}\b(?:to|by) (?:any )?(?:third part|others?\b|other (?:users|persons|entities))|(?:transfer|assign)[^.;]{0,60}(?:these|such|the|any of the) rights[^.;]{0,40}third",
                _LICENCE,
                none=(*_OTHER, _NO_SUBLICENCE, _LIMITED, r"service providers|help us|operate|you (?:may|must|agree)"),
                why="the licence may be passed on to third parties",
            ),
            rule(
                "processors",
                "met",
                0.92,
                r"(?:sub-?licen[cs]\w*|transfer|share)[^.;]{0,60}\b(?:only|solely|except)\b[^.;]{0,60}(?:service providers|contractors|processors|vendors)|"
                + _NO_SUBLICENCE,
                _GRANT + r"|sub-?licen[cs]",
                none=(FEEDBACK, _TO_USER, r"you (?:a|may)|limited,? (?:personal|non)"),
                context=(r"content|submission|upload",),
                why="the licence may not be passed on, or to service providers only",
                rare=True,
            ),
            rule(
                "for the service",
                "partly",
                0.84,
                _SUBLICENCE,
                none=(
                    FEEDBACK,
                    _TO_USER,
                    _NO_SUBLICENCE,
                    r"you (?:may|must|agree|shall|will)(?: to)? not\b|your account|(?:assign|transfer)\w* (?:this|these|our|any|all)|as part of a (?:merger|sale)|personal (?:data|information)|non-transferable",
                ),
                context=(r"grant|licen[cs]e|lizenz|licencia",),
                why="the licence may be passed on; nothing says for purposes of others",
            ),
            rule(
                "silent grant",
                "met",
                0.55,
                _GRANTS,
                _GRANT,
                r"licen[cs]e|right to use|lizenz|licencia",
                r"\b(?:host|store|reproduce|copy|display|distribute|modify|publish|translate|perform|provide|operate|display)\b|reproduire|reproducir|vervielfältig|anzeigen|afficher",
                r"content|submission|contribution|material|photo|upload|post|contenu|contenido|inhalt",
                none=(
                    *_OTHER,
                    _SUBLICENCE,
                    r"third part|partners|affiliates|others|other users|^this licen[cs]e|personal,? (?:and )?non-?commercial",
                ),
                why="the licence names no right to pass the content on",
                rare=True,
            ),
        ),
        boosts=(
            (re.compile(r"royalty-free|worldwide|world-wide|non-?exclusive"), 0.02),
            (
                re.compile(
                    r"developer|contest|virtual (?:good|item)|merchan|seller|payment terms|insights? (?:service|report)"
                ),
                -0.4,
            ),
        ),
        margin=0.06,
        reliability=0.85,
    ),
)
