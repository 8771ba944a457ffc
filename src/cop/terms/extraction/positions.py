"""Where each character of an extracted text stands in the raw file.

The raw file is seen as a row of parts. HTML, Markdown and plain text are one part, the decoded characters of the file;
a PDF has one part a page, the text that the page itself yields; a DOCX file has one part a run of a paragraph. A map
holds runs that were copied as they stand and, among them, passages that read otherwise in the raw file (a character
reference, collapsed white space). What the extraction added (a bullet, a line end) stands nowhere.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RawSpan:
    """A passage of one part of the raw file.

    Attributes:
        part: () for the whole file, (page,) in a PDF from 1, (paragraph, run) in a DOCX file from 0.
        start, end: characters of that part, end excluded.
    """

    part: tuple[int, ...]
    start: int
    end: int

    def as_json(self) -> dict[str, int]:
        """The same for a program: page, or paragraph and run, where there are any, then start and end."""
        names = {0: (), 1: ("page",), 2: ("paragraph", "run")}[len(self.part)]
        return {**dict(zip(names, self.part, strict=True)), "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """A map from a text to the parts of its raw file.

    `clean`, `length`, `raw` and `span` describe passages in order of both: so many characters of the text from `clean`
    stand on so many of the raw file from `raw`, one for one where both numbers are equal. `begins` are the raw starts
    of the parts and `labels` their names.
    """

    clean: array[int]
    length: array[int]
    raw: array[int]
    span: array[int]
    begins: array[int] = field(default_factory=lambda: array("L", [0]))
    labels: tuple[tuple[int, ...], ...] = ((),)

    @classmethod
    def identity(cls, length: int) -> Positions:
        """Of a text that is the decoded file itself."""
        ends = [length] if length else []
        zero = [0] if length else []
        return cls(array("L", zero), array("L", ends), array("L", zero), array("L", ends))

    def raw_spans(self, start: int, end: int) -> tuple[RawSpan, ...]:
        """The raw passages of `text[start:end]`, one a part, in order; none for what the extraction added."""
        first = bisect_right(self.clean, start) - 1
        if first < 0 or self.clean[first] + self.length[first] <= start:
            first += 1
        last = bisect_left(self.clean, end) - 1
        if last < first:
            return ()
        begin = self.raw[first]
        if self.length[first] == self.span[first]:
            begin += max(0, start - self.clean[first])
        stop = self.raw[last] + self.span[last]
        if self.length[last] == self.span[last]:
            stop -= max(0, self.clean[last] + self.length[last] - end)
        return self._split(begin, stop)

    def clean_span(self, spans: Sequence[RawSpan]) -> tuple[int, int] | None:
        """The characters of the text that stand on these raw passages, or None where none does."""
        places = [self.begins[self.labels.index(span.part)] for span in spans if span.part in self.labels]
        if len(places) != len(spans) or not spans:
            return None
        begin, stop = places[0] + spans[0].start, places[-1] + spans[-1].end
        first = bisect_right(self.raw, begin) - 1
        if first < 0 or self.raw[first] + self.span[first] <= begin:
            first += 1
        last = bisect_left(self.raw, stop) - 1
        if last < first:
            return None
        start, end = self.clean[first], self.clean[last] + self.length[last]
        if self.length[first] == self.span[first]:
            start += max(0, begin - self.raw[first])
        if self.length[last] == self.span[last]:
            end -= max(0, self.raw[last] + self.span[last] - stop)
        return start, end

    def passages(self, start: int, end: int) -> list[tuple[int, int, tuple[RawSpan, ...]]]:
        """The copied passages of `text[start:end]`: where each begins and ends in the text, and in the raw file."""
        found: list[tuple[int, int, tuple[RawSpan, ...]]] = []
        number = max(0, bisect_right(self.clean, start) - 1)
        while number < len(self.clean) and self.clean[number] < end:
            left = max(start, self.clean[number])
            right = min(end, self.clean[number] + self.length[number])
            if left < right:
                found.append((left, right, self.raw_spans(left, right)))
            number += 1
        return found

    def _split(self, begin: int, stop: int) -> tuple[RawSpan, ...]:
        spans: list[RawSpan] = []
        number = bisect_right(self.begins, begin) - 1
        while number < len(self.begins) and self.begins[number] < stop:
            base = self.begins[number]
            after = self.begins[number + 1] if number + 1 < len(self.begins) else stop
            left, right = max(begin, base) - base, min(stop, after) - base
            if right > left:
                spans.append(RawSpan(self.labels[number], left, right))
            number += 1
        return tuple(spans)


class Builder:
    """Puts a text together and notes where its passages come from."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._clean, self._length = array("L"), array("L")
        self._raw, self._span = array("L"), array("L")

    @property
    def size(self) -> int:
        """Characters so far."""
        return self._size

    def add(self, text: str) -> None:
        """Something that stands nowhere in the raw file."""
        self._parts.append(text)
        self._size += len(text)

    def cut(self) -> None:
        """Take back the last character, which was copied: the hyphen of a divided word."""
        self._parts[-1] = self._parts[-1][:-1]
        self._size -= 1
        self._length[-1] -= 1
        self._span[-1] -= 1

    def copy(self, text: str, start: int, end: int) -> None:
        """A passage that stands on the raw characters from `start` to `end`, one for one where the lengths agree."""
        if not text:
            return
        if (
            len(text) == end - start
            and self._clean
            and self._length[-1] == self._span[-1]
            and self._raw[-1] + self._span[-1] == start
            and self._clean[-1] + self._length[-1] == self._size
        ):
            self._length[-1] += len(text)
            self._span[-1] += len(text)
        else:
            self._clean.append(self._size)
            self._length.append(len(text))
            self._raw.append(start)
            self._span.append(end - start)
        self.add(text)

    def done(
        self, begins: Sequence[int] = (0,), labels: Sequence[tuple[int, ...]] = ((),)
    ) -> tuple[str, Positions]:  # fmt: skip
        """The text and its map."""
        positions = Positions(
            self._clean, self._length, self._raw, self._span, array("L", begins), tuple(labels)
        )  # fmt: skip
        return "".join(self._parts), positions
