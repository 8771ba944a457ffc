"""OWN-1: who owns what users create or upload. Clauses on feedback, and on what the provider owns, do not decide it."""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re

from cop.terms.rules.base import Reading, rule

FEEDBACK = r"\bfeedback\b|suggestion|\bideas?\b|unsolicited|commentaires et suggestions|sugerencias|vorschläge"
CONTENT = (
    r"content|submission|posting|\bposts?\b|contribution|materials?\b|photo|video|upload|creations?|\bworks?\b|your data|stuff|"
    r"information (?:that |which )?you|user data|files?\b|contenu|contenido|inhalte"
)
_REPRESENT = r"represent|warrant|\bif you own|must own|only (?:post|share|upload)|own or (?:have|control|otherwise)|unless you own|account"

READINGS = (
    Reading(
        "OWN-1",
        re.compile(
            r"\bown|yours\b|retain|\bkeep|title|property|copyright|belong|assign|grant|"
            r"propri|titul|eigent|urheber|conserv|behalten|behält|gehör|céd|cede|transf|übertr|gardez|pertenec"
        ),
        (
            rule(
                "retains",
                "met",
                0.95,
                r"\b(?:you|users?|members?|creators?|authors?|contributors?)\b[^.;]{0,60}?\b(?:retains?|keeps?|maintains?|reserves?|remains? the)\b"
                r"[^.;]{0,90}?\b(?:ownership|owners?|rights?|title|copyrights?)\b",
                CONTENT,
                none=(
                    FEEDBACK,
                    r"we (?:retain|reserve|keep)\b",
                    r"account|username",
                    r"\bnotices?\b|download|(?:must|provided that you|agree to)[^.;]{0,30}(?:retain|keep)|represent",
                ),
                why="the text says that the user keeps ownership or all rights",
            ),
            rule(
                "no claim",
                "met",
                0.95,
                r"(?:do(?:es)? not|don't|doesn't|never|will not|won't|nor do we|no claim (?:of|to)|claim any)\b[^.;]{0,30}"
                r"(?:claim|assert|own\b|ownership|acquire)|\bclaims? no\b[^.;]{0,40}(?:ownership|rights|copyright|title)",
                CONTENT + "|" + r"your|user",
                none=(
                    FEEDBACK,
                    r"you (?:do not|don't|will not|may not|never)|respons",
                    r"third part(?:y|ies)'? (?:site|content|web)",
                ),
                why="the text says that the provider claims no ownership",
            ),
            rule(
                "is yours",
                "met",
                0.93,
                r"\byou(?:'ll)? (?:still |will |shall |also |always |continue to )*(?:own|are the owner of|remain the owner of)\b[^.;]{0,30}\b(?:your|the|all|any|what|original)\b|"
                r"(?:what'?s|whatever is|what is) yours|(?:content|data|work|photos?|submissions?|uploads?)\b[^.;]{0,60}?\b(?:is|are|remains?|stays?|belongs? to)"
                r" (?:still |always |and remains? |solely |the (?:sole )?property of (?:the )?)?(?:yours\b|you\b|your property|(?:their|its) (?:author|creator|owner)|users?\b)",
                none=(FEEDBACK, _REPRESENT, r"\b(?:is|are) you\b|(?<!own and be )responsib|liab"),
                context=(CONTENT,),
                why="the text says that the content is the user's",
            ),
            rule(
                "retains, other tongues",
                "met",
                0.93,
                r"vous (?:conservez|restez|gardez|demeurez)[^.;]{0,80}(?:propri|droits)|(?:conserva|conservas|mantiene|sigues siendo|es titular)[^.;]{0,80}(?:propiedad|derechos|titular|contenido)|"
                r"(?:sie|du|nutzer) (?:behalten|behältst|bleiben|bleibst)[^.;]{0,80}(?:eigent|rechte|urheber|inhaber)|ne revendi\w+[^.;]{0,40}propri|no (?:reclama|reivindica)\w*[^.;]{0,40}propiedad|"
                r"(?:beanspruch\w+|erheb\w+) kein\w*[^.;]{0,40}(?:eigent|anspruch)",
                why="the text says that the user keeps ownership or all rights",
            ),
            rule(
                "assigned",
                "not_met",
                0.96,
                r"\byou\b[^.;]{0,60}\b(?:assign|transfer|convey|cede)s?\b[^.;]{0,120}\b(?:rights?|title|ownership|copyrights?|interest)\b|"
                r"vous (?:nous )?cédez[^.;]{0,80}(?:droits|propri)|(?:usted )?(?:cede|transfiere)[^.;]{0,60}(?:derechos|propiedad)|(?:übertragen|überträgst|abtreten)[^.;]{0,60}(?:eigentum|sämtliche rechte|alle rechte)",
                CONTENT,
                none=(
                    FEEDBACK,
                    r"not (?:assign|transfer)|may not|your account|this agreement|these terms|licen[cs]e|retain|without (?:our|prior)|if you (?:assign|transfer)",
                ),
                why="the text assigns the user's rights to the provider",
                rare=True,
            ),
            rule(
                "assigned outright",
                "not_met",
                0.96,
                r"\byou\b[^.;]{0,40}\b(?:assign|transfer|convey|cede)s?\b(?: to (?:us|we|our company))?[^.;]{0,20}\ball (?:of your )?(?:rights?|title|ownership|copyrights?|intellectual property)\b",
                CONTENT,
                none=(FEEDBACK, r"not (?:assign|transfer)|may not|you retain|if you (?:assign|transfer)"),
                why="the text assigns the user's rights to the provider",
                rare=True,
            ),
            rule(
                "our property",
                "not_met",
                0.95,
                r"(?:content|submissions?|postings?|posts|materials?|contributions?|uploads?|works?)\b[^.;]{0,120}?\b(?:becomes?|shall (?:be|become)|will (?:be|become)|(?:is|are)(?: deemed)?(?: to be)?)"
                r"(?: and remains?)?(?: deemed)? (?:the |our |to be )?(?:sole |exclusive |and )*property(?: of)?(?! of (?:the )?(?:user|you|its|their|third))|"
                r"\bwe (?:will |shall )?own (?:all )?[^.;]{0,60}(?:you (?:submit|post|upload|create|provide)|user content|your content)",
                r"\byou(?:r)?\b|\busers?\b",
                none=(
                    FEEDBACK,
                    r"not (?:become|be)|your (?:sole )?property|licensors|trademark|you retain|other than|except",
                ),
                why="the text makes the user's content the provider's property",
                rare=True,
            ),
            rule(
                "implied",
                "partly",
                0.45,
                r"you\b[^.;]{0,80}\b(?:grant|give)s?\b[^.;]{0,160}\b(?:licen[cs]e|right to (?:access|use|host|reproduce|display|view))",
                none=(
                    FEEDBACK,
                    r"grants? (?:you|customers?|other)|we grant|seller|rights? you (?:give|grant)|(?:right|rights|licen[cs]es?|permissions?|authority)[^.;]{0,60}\bto grant\b|each (?:user|member)|represent|responsible",
                ),
                context=(CONTENT,),
                why="only a licence is spoken of, from which ownership follows by implication",
                rare=True,
            ),
        ),
        boosts=((re.compile(r"your content|user content|ownership|intellectual property"), 0.02),),
        reliability=0.95,
    ),
)
