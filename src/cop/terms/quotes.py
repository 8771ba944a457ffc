"""Quotes: whether one stands at its place in the raw file, and where it stands after the text was extracted anew.

A finding rests on words at a place. When an extraction changes, or a new version comes, the words are looked for again:
at the same place of the same raw file, then letter by letter, then word by word, then nearly. Only the first three say
that the text still says it; a quote that is found nearly reads differently and has to be read again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape
from typing import Literal

from cop.terms.documents import Document
from cop.terms.extraction import RawSpan, raw_parts
from cop.terms.markup import mask

Level = Literal["place", "exact", "normalised", "fuzzy"]

LEAST_SIMILARITY = 0.8
"""Twice the words in common by the words of both: below this a quote is gone."""

_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"\s")
_ADDED = re.compile(r"[\s*#]*")
_TAIL = re.compile(r"[.!?;:,)\]\"'”’]+")


@dataclass(frozen=True, slots=True)
class Match:
    """A quote that was found again: `document.text[start:end]`.

    Attributes:
        level: place (same characters of the same raw file), exact (letter by letter), normalised (word by word: case,
            marks, punctuation and spaces do not count), fuzzy (at least `LEAST_SIMILARITY` of the words).
        similarity: 1 but for fuzzy.
        differs: words of the quote and of the passage that the other does not have, for fuzzy.
    """

    start: int
    end: int
    level: Level
    similarity: float = 1.0
    differs: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the text still says what was quoted, word for word."""
        return self.level != "fuzzy"


def in_raw(document: Document, data: bytes, start: int, end: int, *, charset: str | None = None) -> bool:
    """Whether every word of `document.text[start:end]` stands where the map says in the raw file.

    Args:
        document: what `read` made of the file.
        data: the raw bytes.
        start: first character of the text.
        end: last one, excluded.
        charset: the set that a declaration gave, if one did.

    Raises:
        Refused, TooMuch: as `cop.terms.extraction.raw_parts`.
    """
    return all(in_parts(document, raw_parts(data, name=document.name, charset=charset), [(start, end)]))


def in_parts(document: Document, parts: dict[tuple[int, ...], str], places: Sequence[tuple[int, int]]) -> list[bool]:
    """The same for many places, with the raw file's parts read once."""
    return [_stands(document, parts, start, end) for start, end in places]


def _stands(document: Document, parts: dict[tuple[int, ...], str], start: int, end: int) -> bool:
    if document.positions is None or not 0 <= start < end <= len(document.text):
        return False
    at = start
    for left, right, spans in document.positions.passages(start, end):
        if not _ADDED.fullmatch(document.text, at, left):
            return False
        shown = document.text[left:right]
        raw = "".join(parts[span.part][span.start : span.end] for span in spans)
        if _SPACE.sub(" ", raw) != shown and unescape(raw) != shown and not (shown == " " and _is_space(raw)):
            return False
        at = right
    return bool(_ADDED.fullmatch(document.text, at, end))


def _is_space(raw: str) -> bool:
    return not re.sub(r"<!--.*?-->|<[^>]*>", "", unescape(raw), flags=re.DOTALL).strip()


def bytes_of(document: Document, data: bytes, span: RawSpan) -> tuple[int, int] | None:
    """First and last byte (excluded) of a passage in the file; None for PDF and DOCX, whose words are packed."""
    if document.charset is None or document.page == "wrong_charset":
        return None
    text = raw_parts(data, name=document.name, charset=document.charset)[()]
    mark = 2 if document.charset == "utf-16" else 0  # the byte order mark, which the decoded text does not show
    begin = len(text[: span.start].encode(document.charset, errors="replace"))
    size = len(text[span.start : span.end].encode(document.charset, errors="replace")) - mark
    return begin, begin + size


def rematch(old: Document, start: int, end: int, new: Document) -> Match | None:
    """The passage `old.text[start:end]` in another extraction of the same file, or in another version; None if gone."""
    quote = old.text[start:end]
    if old.sha256 == new.sha256 and old.positions is not None and new.positions is not None:
        place = new.positions.clean_span(old.raw_spans(start, end))
        if place is not None and _words(new.text[slice(*place)], new) == _words(quote, old):
            return Match(*place, "place")
    return find(quote, new, near=start / max(len(old.text), 1), markdown=old.markdown)


def find(quote: str, document: Document, *, near: float = 0.0, markdown: bool | None = None) -> Match | None:
    """A quote in a document, or None where less than `LEAST_SIMILARITY` of it is there.

    Args:
        quote: the words, as they were.
        document: where to look.
        near: of several equal passages the one nearest this share of the text is taken, 0 to 1.
        markdown: whether the quote carries Markdown marks; by default as the document.
    """
    if not quote.strip():
        return None
    goal = near * len(document.text)
    exact = [m.start() for m in re.finditer(re.escape(quote), document.text)]
    if exact:
        best = min(exact, key=lambda place: abs(place - goal))
        return Match(best, best + len(quote), "exact")
    marked = document.markdown if markdown is None else markdown
    wanted = [m.group().lower() for m in _WORD.finditer(mask(quote, markdown=marked))]
    tokens = list(_WORD.finditer(mask(document.text, markdown=document.markdown)))
    words = [token.group().lower() for token in tokens]
    if not wanted:
        return None
    runs = _runs(wanted, words)
    if runs:
        first = min(runs, key=lambda i: abs(tokens[i].start() - goal))
        return _match(quote, document, tokens, first, first + len(wanted), "normalised")
    return _nearly(quote, document, wanted, words, tokens)


def _words(text: str, document: Document) -> list[str]:
    return [word.lower() for word in _WORD.findall(mask(text, markdown=document.markdown))]


def _runs(wanted: Sequence[str], words: Sequence[str]) -> list[int]:
    size = len(wanted)
    firsts = (i for i, word in enumerate(words) if word == wanted[0])
    return [i for i in firsts if words[i : i + size] == wanted]


def _match(
    quote: str, document: Document, tokens: Sequence[re.Match[str]], first: int, after: int, level: Level,
    similarity: float = 1.0, differs: tuple[str, ...] = (),
) -> Match:  # fmt: skip
    end = tokens[after - 1].end()
    tail = _TAIL.match(document.text, end)
    if tail and not quote.rstrip()[-1:].isalnum():
        end = tail.end()
    return Match(tokens[first].start(), end, level, similarity, differs)


def _nearly(
    quote: str, document: Document, wanted: Sequence[str], words: Sequence[str], tokens: Sequence[re.Match[str]]
) -> Match | None:
    """The passage with most words in common, among those that share runs of two words with the quote."""
    pairs: dict[tuple[str, str], list[int]] = {}
    for i in range(len(wanted) - 1):
        pairs.setdefault((wanted[i], wanted[i + 1]), []).append(i)
    size = len(wanted)
    bucket = max(4, size // 4)
    votes: Counter[int] = Counter()
    for i in range(len(words) - 1):
        for j in pairs.get((words[i], words[i + 1]), ()):
            votes[(i - j) // bucket] += 1
    best: tuple[float, int, int] | None = None
    for place, _ in votes.most_common(6):
        left = max(0, place * bucket - bucket)
        right = min(len(words), place * bucket + size + 2 * bucket)
        blocks = SequenceMatcher(None, wanted, words[left:right], autojunk=False).get_matching_blocks()[:-1]
        if not blocks:
            continue
        first, after = left + blocks[0].b, left + blocks[-1].b + blocks[-1].size
        similarity = 2 * sum(block.size for block in blocks) / (size + after - first)
        if best is None or similarity > best[0]:
            best = similarity, first, after
    if best is None or best[0] < LEAST_SIMILARITY:
        return None
    similarity, first, after = best
    there, here = Counter(wanted), Counter(words[first:after])
    differs = tuple(sorted(((there - here) + (here - there)).elements()))
    return _match(quote, document, tokens, first, after, "fuzzy", round(similarity, 4), differs)
