"""What a text is before anything is found in it: terms or what stands in their place, which kind, which language.

A page that asks to log in, to accept cookies or to run scripts holds no promise, however many words it has; neither
does a text that repeats itself, or one in which nobody promises anything. None of them is judged.
"""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cop.terms.criteria import DocumentKind
from cop.terms.markup import visible

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

Page = Literal[
    "terms", "login", "cookie_wall", "consent_banner", "script_wall", "not_found", "boilerplate", "no_terms",
    "image_only", "blank", "wrong_charset",
]  # fmt: skip
WALLS: frozenset[Page] = frozenset(
    {"login", "cookie_wall", "consent_banner", "script_wall", "not_found", "image_only", "blank", "wrong_charset"}
)
"""Pages that stand where the terms should: a capture that failed, not a change of the text."""

SAID: dict[Page, str] = {
    "login": "a login page", "cookie_wall": "a cookie wall", "consent_banner": "a consent banner and nothing else",
    "script_wall": "a page that needs scripts or doubts its reader", "not_found": "a page that says it was not found",
    "boilerplate": "a text that repeats itself", "no_terms": "a text in which nothing is promised",
    "image_only": "a file of pictures", "blank": "a file without words",
    "wrong_charset": "a text in a wrong character set",
}  # fmt: skip

STUB_WORDS = 150
LANGUAGES = ("ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id", "it", "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sv",
             "th", "tr", "uk", "vi", "zh")  # fmt: skip
_PROMISED_IN = frozenset({"en", "fr", "es", "de"})
_WALL_WORDS = 600
_BANNER_WORDS = 3_000
_LONG = 5_000
_LEAST_PROMISES = 15

_NAMES: tuple[tuple[DocumentKind, re.Pattern[str]], ...] = (
    ("privacy", re.compile(r"privac|data[ _-]?(?:policy|protection)|confidentialit|datenschutz|cookie|personenbezogen", re.I)),
    ("tos", re.compile(
        r"\btos\b|terms|conditions|user[ _-]agreement|t[ée]rminos|condiciones|nutzungsbedingungen|\bagb\b|legal|eula|cgu", re.I)),
)  # fmt: skip
_PRIVACY = re.compile(
    r"privacy (?:policy|notice|statement)|data policy|personal (?:data|information)|politique de confidentialité|données personnelles|"
    r"données à caractère personnel|política de privacidad|datos personales|datenschutz\w*|personenbezogene\w*",
    re.I,
)
_TERMS = re.compile(
    r"terms (?:of (?:use|service)|and conditions)|these terms|user agreement|this agreement|conditions (?:générales )?d'utilisation|"
    r"présentes conditions|términos (?:de|y)|condiciones de uso|nutzungsbedingungen|\bagb\b|\blicen[cs]e\b|\blizenz\b|\blicencia\b",
    re.I,
)
_LOGIN = re.compile(
    r"forgot(?:ten)? (?:your )?password|log ?in|sign ?in|sign ?up|create (?:new |an )?account|mot de passe|se connecter|contraseña|iniciar sesión|passwort|anmelden",
    re.I,
)
_COOKIES = re.compile(
    r"accept (?:all )?cookies|accept all|we use cookies|reject all|manage (?:cookies|preferences|consent)|cookie settings|our partners|tout accepter|tout refuser|nous utilisons des cookies|aceptar (?:todas )?las cookies|alle akzeptieren|alle ablehnen|wir verwenden cookies",
    re.I,
)
_BUTTONS = re.compile(
    r"(?:accept|reject|allow|agree to) (?:and continue|all)\b|accept & continue|manage (?:my )?(?:options|choices|preferences|settings|consent)|(?:confirm|save) (?:my )?(?:choices|preferences)|more options|(?:view|show|list of) (?:our )?(?:vendors|partners|purposes)|"
    r"tout (?:accepter|refuser)|continuer sans accepter|gérer (?:mes|les) (?:choix|préférences)|aceptar (?:todo|y continuar)|rechazar todo|(?:gestionar|configurar) (?:las )?(?:opciones|preferencias)|alle (?:akzeptieren|ablehnen)|einstellungen verwalten|auswahl (?:bestätigen|speichern)",
    re.I,
)
_CONSENT = re.compile(
    r"store and/or access|access information on a device|legitimate interests?|\bvendors?\b|our (?:\d[\d,.]* )?(?:trusted )?partners|personali[sz]ed (?:ads?|advertising|content)|(?:ad|content) (?:measurement|performance)|audience (?:research|insights)|precise geolocation|device (?:scanning|characteristics)|"
    r"(?:withdraw|give|your) consent|we value your privacy|strictly necessary|always active|"
    r"(?:nos|nos \d+) partenaires|intérêts? légitimes?|votre consentement|nuestros (?:\d+ )?socios|interés legítimo|su consentimiento|unsere (?:\d+ )?partner|berechtigt\w+ interesse|ihre einwilligung",
    re.I,
)
_SCRIPT = re.compile(
    r"enable javascript|javascript (?:is )?(?:disabled|required)|verify (?:that )?you are (?:a )?human|checking your browser|unusual traffic|access denied|activer javascript|javascript aktivieren",
    re.I,
)
_GONE = re.compile(
    r"page (?:was |is )?not (?:be )?found|(?:error|http) 404|\b404\b|page (?:you(?:'re| are) looking for|you requested|doesn't exist|isn't available)|(?:page|content) (?:is|isn't) (?:no longer|currently) available|"
    r"page introuvable|n'existe (?:pas|plus)|página no (?:encontrada|existe)|seite (?:wurde )?nicht gefunden",
    re.I,
)
_PROMISE = re.compile(
    r"\b(?:you (?:agree|may|must|retain|keep|grant|own|can (?:delete|remove|close))|these terms|this (?:policy|agreement|notice)|we (?:collect|share|may|will|retain|keep|disclose|use|never|do not)|(?:users?|members?|customers?) (?:may|must|shall|agree|retain))\b|"
    r"vous (?:pouvez|acceptez|devez|conservez|restez|concédez|accordez)|nous (?:pouvons|collectons|partageons|utilisons|conservons|ne )|"
    r"\busted\b|\b(?:puedes?|podrá[ns]?|debes?|aceptas?|conservas?|podemos|recopilamos|compartimos|utilizamos|conservamos)\b|"
    r"(?:sie|du) (?:können|kannst|müssen|musst|dürfen|darfst|behalten|behältst)|wir (?:erheben|verarbeiten|können|geben|nutzen|speichern|dürfen|teilen)",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!?。\n]+")


def page_of(shown: str, words: int, language: str, kind: DocumentKind | None) -> tuple[Page, str | None]:
    """What a text is, and a warning about a text that is terms all the same.

    Args:
        shown: the visible text.
        words: how many it has.
        language: ISO 639-1.
        kind: tos or privacy, where the name or the text shows it: then only a long text must promise something.
    """
    wall = wall_of(shown, words)
    if wall is not None:
        return wall, None
    promises = _promises([shown])
    if words > _LONG and len(set(shown.split())) < words / 10:
        sentences = [sentence.strip() for sentence in _SENTENCE_END.split(shown)]
        distinct = set(sentences)
        share = sum(len(s.split()) for s in distinct) / words
        if share < 0.1:
            if _promises(distinct) < _LEAST_PROMISES:
                return "boilerplate", None
            return "terms", f"only {round(100 * share)} % of the words stand in sentences that are said once"
    unnamed = words > _LONG or (kind is None and words >= STUB_WORDS)
    if unnamed and language in _PROMISED_IN and promises < _LEAST_PROMISES:
        named = len(_TERMS.findall(shown)) + len(_PRIVACY.findall(shown))
        if 2_000 * promises < words and 1_000 * named < words:
            return "no_terms", None
    return "terms", None


def _promises(texts: Iterable[str]) -> int:
    """How many promises some texts hold, counted as far as it matters."""
    found = (1 for text in texts for _ in _PROMISE.finditer(text))
    return sum(islice(found, _LEAST_PROMISES))


def wall_of(shown: str, words: int) -> Page | None:
    """The wall that a page is. A short text that makes promises is terms, whatever stands around it."""
    if not words:
        return "blank"
    buttons = {m.group().lower() for m in _BUTTONS.finditer(shown)} if words <= _BANNER_WORDS else set[str]()
    if len(buttons) >= 2:
        consent = sum(1 for _ in _CONSENT.finditer(shown)) + len(buttons)
        if consent >= 5 and 40 * consent >= words:
            return "consent_banner"
    if words > _WALL_WORDS or len(_PROMISE.findall(shown)) > words / 100 + 1:
        return None
    counts: dict[Page, int] = {
        "script_wall": 2 * len(_SCRIPT.findall(shown)),
        "not_found": 2 * len(_GONE.findall(shown)) if words < STUB_WORDS else 0,
        "cookie_wall": len(_COOKIES.findall(shown)),
        "login": len(_LOGIN.findall(shown)),
    }
    page = max(counts, key=lambda p: counts[p])
    return page if counts[page] >= 2 else None


def kind_of(name: str, shown: str) -> DocumentKind | None:
    """Terms or privacy policy: by the file's name, else by the title, else by what the text speaks of more often."""
    stem = re.sub(r"[_\W]+", " ", Path(name).stem)
    for kind, pattern in _NAMES:
        if pattern.search(stem):
            return kind
    title = visible(shown[:300])
    for kind, pattern in _NAMES:
        if pattern.search(title[:80]):
            return kind
    privacy, terms = len(_PRIVACY.findall(shown)), len(_TERMS.findall(shown))
    if privacy == terms:
        return None
    return "privacy" if privacy > terms else "tos"


@cache
def _identifier() -> LanguageIdentifier:
    """An identifier of our own: choosing languages on the library's shared one would choose them for every room."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def languages_of(shown: str) -> tuple[str, ...]:
    """The main language first, and others in which a fifth or more of the text is; ("und",) where there is no text."""
    text = visible(shown)
    if not text:
        return ("und",)
    size = 800
    step = max(size, len(text) // 8)
    samples = [text[i : i + size] for i in range(0, len(text), step)]
    votes: dict[str, int] = {}
    for sample in samples:
        if len(sample) >= 200 or len(samples) == 1:
            code = str(_identifier().classify(sample)[0])
            votes[code] = votes.get(code, 0) + 1
    ordered = sorted(votes, key=lambda code: (-votes[code], code))
    share = votes[ordered[0]] / sum(votes.values())
    return tuple(ordered) if share <= 0.8 and len(samples) > 2 else (ordered[0],)
