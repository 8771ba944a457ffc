"""The codes of an edition in words: what a reader sees instead of `messaging_e2ee` or `not_met`.

A code that is not here is shown as it is, so that a new code of an edition is never lost.
"""

from __future__ import annotations

from cop.publication.language import N_, Language

PLATFORM = {
    "social": N_("Social media"),
    "messaging_open": N_("Messaging"),
    "messaging_e2ee": N_("Encrypted messaging"),
    "video_sharing": N_("Video sharing"),
    "live_streaming": N_("Live streaming"),
    "online_game": N_("Online games"),
    "forum": N_("Forums"),
    "marketplace": N_("Marketplaces"),
    "app_store": N_("App stores"),
    "search": N_("Search"),
    "adult_service": N_("Adult services"),
    "dating": N_("Dating services"),
    "ai_service": N_("AI services"),
    "cloud_host": N_("Cloud and hosting"),
    "website": N_("Websites"),
    "email_sms_voice": N_("E-mail, text and voice"),
    "dark_web": N_("Dark web"),
    "ed_tech": N_("Education technology"),
    "device": N_("Devices"),
    "not_recorded": N_("Not recorded"),
    "unknown": N_("Unknown"),
    "_T": N_("All services"),
}
AGE = {
    "0-2": N_("0–2 years"),
    "3-6": N_("3–6 years"),
    "7-9": N_("7–9 years"),
    "10-12": N_("10–12 years"),
    "13-15": N_("13–15 years"),
    "16-17": N_("16–17 years"),
    "not_recorded": N_("Not recorded"),
    "unknown": N_("Unknown"),
    "_T": N_("All ages"),
}
SEX = {
    "girl": N_("Girls"),
    "boy": N_("Boys"),
    "other": N_("Another sex"),
    "not_recorded": N_("Not recorded"),
    "unknown": N_("Unknown"),
    "_T": N_("All"),
}
FINDING = {
    "met": N_("met"),
    "partly": N_("partly met"),
    "not_met": N_("not met"),
    "not_addressed": N_("not addressed"),
    "contradictory": N_("contradictory"),
    "not_reviewed": N_("not reviewed"),
}
FINDING_SENTENCE = {
    "met": N_("The text says what the criterion asks for."),
    "partly": N_("The text says a part of what the criterion asks for."),
    "not_met": N_("The text says the opposite of what the criterion asks for."),
    "not_addressed": N_("No statement was found in the documents that were searched."),
    "contradictory": N_("The documents say different things."),
    "not_reviewed": N_("Nobody has reviewed this yet. It says nothing about the provider."),
}
DECISION = {
    "proposed": N_("proposed"),
    "decided": N_("decided"),
    "stale": N_("to be confirmed: the words it rests on changed"),
}
EVENT = {
    "decided": N_("decided"),
    "adjudicated": N_("decided by a third person"),
    "stale": N_("to be confirmed: the words it rests on changed"),
    "answer": N_("answer of the provider"),
    "new_text": N_("new text filed by the provider"),
    "contest": N_("contested by the provider"),
    "declare": N_("declared by the provider"),
    "list": N_("the list"),
}
LISTED = {
    "listed": N_("on the list"),
    "not listed": N_("not on the list"),
    "not_listed": N_("not on the list"),
    "proposed": N_("not decided yet"),
}
CHANGE = {
    "first": N_("first version held"),
    "new_text": N_("new text"),
    "format_or_link_only": N_("form or links only"),
    "reverts": N_("back to an earlier text"),
    "reverts_to_earlier": N_("back to an earlier text"),
    "tiny": N_("very small change"),
    "mostly_replaced": N_("mostly replaced"),
    "language_switch": N_("another language"),
    "stub": N_("page without the text"),
    "unchanged": N_("unchanged"),
}
DOCUMENT = {"tos": N_("Terms of service"), "privacy": N_("Privacy policy")}
URGENCY = {
    1: N_("A child may be in danger now: read by a person at once, never closed by software."),
    2: N_("Serious harm that may grow: read by a person within the working day."),
    3: N_("Harm or risk without a sign of immediate danger: handled in turn."),
}
URGENCY_SHORT = {1: N_("at once"), 2: N_("within the day"), 3: N_("in turn")}
REFER = {
    "HOTLINE": N_("hotline"),
    "HELPLINE": N_("child helpline"),
    "POLICE": N_("police"),
    "REGULATOR": N_("online safety regulator"),
    "CONSUMER": N_("consumer protection authority"),
    "DPA": N_("data protection authority"),
    "CERT": N_("computer security response team"),
    "SCHOOL": N_("school"),
    "LABOUR": N_("labour inspectorate"),
}
LEVEL = {"section": N_("Section"), "class": N_("Class"), "subclass": N_("Subclass")}
CORE4C = {
    "CN": N_("content"),
    "CT": N_("contact"),
    "CD": N_("conduct"),
    "CR": N_("contract"),
    "A": N_("aggressive"),
    "S": N_("sexual"),
    "V": N_("values"),
    "X-P": N_("cross-cutting: privacy"),
    "X-H": N_("cross-cutting: health"),
    "X-F": N_("cross-cutting: fair treatment"),
}
SCHEME = {
    "dsa": N_("EU Digital Services Act, statement-of-reasons keywords"),
    "ailuminate": N_("AILuminate hazard categories"),
    "ozone": N_("Ozone moderation lexicon"),
    "uk_osa": N_("UK Online Safety Act 2023, kinds of content"),
    "insafe": N_("Insafe helplines, categories of public reports"),
    "inhope": N_("INHOPE hotlines, heads of public figures"),
    "ncmec": N_("NCMEC CyberTipline, incident types"),
    "oecd": N_("OECD typology of risks, 2021"),
    "core_4c": N_("The 4Cs of online risk (CO:RE)"),
    "rsit": N_("Reference Security Incident Taxonomy"),
}
PREDICATE = {
    "=": N_("exact match"),
    "c": N_("close match"),
    ">": N_("broader term"),
    "<": N_("narrower term"),
    "r": N_("related term"),
}
DIMENSION = {
    "access": N_("Access and use"),
    "threats": N_("Threats and exposure"),
    "harm": N_("Harm"),
    "vulnerability": N_("Vulnerability"),
    "skills": N_("Skills and resilience"),
    "mediation": N_("Mediation"),
    "response": N_("Protection response"),
}
POLARITY = {
    "higher_worse": N_("a higher value is worse"),
    "higher_better": N_("a higher value is better"),
    "context": N_("neither high nor low is good in itself"),
    "ambiguous": N_("a higher value may mean more harm or better reporting"),
}
SOURCE = {
    "survey": N_("survey of children or parents"),
    "records": N_("report records"),
    "series": N_("official series"),
    "administrative": N_("administrative records of others"),
    "transparency": N_("transparency reports of providers"),
    "coding": N_("documents coded by two people"),
    "derived": N_("computed from other figures"),
}
UNIT = {
    "%": N_("per cent"),
    "children": N_("children"),
    "hours": N_("hours"),
    "hours per day": N_("hours a day"),
    "index 0-100": N_("index, 0 to 100"),
    "minutes": N_("minutes"),
    "per 100,000 children": N_("per 100,000 children"),
    "per million users": N_("per million users"),
    "percent": N_("per cent"),
    "percentage points": N_("percentage points"),
    "ratio": N_("ratio"),
    "reports": N_("reports"),
    "score": N_("score"),
    "score 0-1": N_("score, 0 to 1"),
    "score 0-5": N_("score, 0 to 5"),
}
GROUP = {
    "ownership": N_("Ownership of what users make"),
    "licence": N_("Licence the provider takes"),
    "removal": N_("Removal at the user's request"),
    "marketing": N_("Marketing and sharing"),
    "children": N_("Children and parents"),
    "change": N_("Changes of the text"),
    "language": N_("Plain language"),
}
INPUT = {
    "reports": N_("report records"),
    "survey": N_("survey microdata"),
    "series": N_("official series"),
    "provider": N_("provider document"),
    "document": N_("provider document"),
    "meeting": N_("meeting facts"),
    "report": N_("report text"),
}
RESIDUAL = {"98": N_("%(section)s: other specified"), "99": N_("%(section)s: not further specified")}
OUTCOME = {
    "decision": N_("Decision"),
    "recommendation": N_("Recommendation"),
    "suggestion": N_("Suggestion"),
    "proposal": N_("Proposal"),
    "discussion": N_("Discussion"),
    "proposal to Council": N_("Proposal to Council"),
}
PAPER = {
    "agenda": N_("Agenda"),
    "contribution": N_("Contribution"),
    "information report": N_("Information report"),
    "report": N_("Report"),
}
LISTS: dict[str, dict[str, str]] = {
    "platform": PLATFORM,
    "age_band": AGE,
    "sex": SEX,
    "finding": FINDING,
    "finding_sentence": FINDING_SENTENCE,
    "decision": DECISION,
    "event": EVENT,
    "listed": LISTED,
    "change": CHANGE,
    "document": DOCUMENT,
    "refer": REFER,
    "level": LEVEL,
    "scheme": SCHEME,
    "dimension": DIMENSION,
    "polarity": POLARITY,
    "source": SOURCE,
    "unit": UNIT,
    "group": GROUP,
    "input": INPUT,
    "outcome": OUTCOME,
    "paper": PAPER,
}


def said(words: str, code: str | None, language: Language) -> str:
    """The code of the word list `words` in words, for instance `said("platform", "forum", language)`."""
    if code is None:
        return ""
    known = LISTS[words].get(code)
    return language.gettext(known) if known else code.replace("_", " ")


def core4c(code: str, language: Language) -> str:
    """A 4Cs cell (content, contact, conduct, contract; aggressive, sexual, values) in words: `CT-S`."""
    if code in CORE4C:
        return language.gettext(CORE4C[code])
    kind, _, nature = code.partition("-")
    return language.listing([language.gettext(CORE4C[part]) for part in (kind, nature) if part in CORE4C]) or code


def correspondence(value: str, language: Language) -> tuple[str, str]:
    """A correspondence as (term, strength in words); a value without a predicate has no strength."""
    sign, _, term = value.partition(" ")
    return (term, language.gettext(PREDICATE[sign])) if term and sign in PREDICATE else (value, "")
