"""A text into its clauses."""

from __future__ import annotations

from dataclasses import dataclass, field

from cop.terms.clauses.clause import Clause, plain_parties
from cop.terms.clauses.lines import Marker, level, marker
from cop.terms.clauses.paragraphs import joined
from cop.terms.clauses.sentences import spans
from cop.terms.markup import mask, visible


@dataclass(slots=True)
class _Lists:
    """The lists that are open: each mark with the sentence that introduced it, the outermost first."""

    open: list[tuple[Marker, str]] = field(default_factory=list[tuple[Marker, str]])
    last: str = ""

    @property
    def lead(self) -> str:
        return self.open[-1][1] if self.open else ""

    @property
    def mark(self) -> Marker | None:
        return self.open[-1][0] if self.open else None

    def enter(self, mark: Marker, sign: str, previous: str) -> None:
        """The next item: of a list that is open, or of a new one inside it."""
        self.last = sign
        introduced = previous.endswith(":") or mark.kind == "definition"
        marks = [m for m, _ in self.open]
        if mark in marks:
            del self.open[marks.index(mark) + 1 :]
            if introduced:
                self.open[-1] = (mark, previous)
        else:
            self.open.append((mark, previous if introduced else self.lead))

    def close(self) -> None:
        self.open.clear()
        self.last = ""


def split(text: str, *, markdown: bool) -> list[Clause]:
    """The clauses of a text in order. Every visible character that is not a bullet lies in one of them."""
    clauses: list[Clause] = []
    sections: dict[int, str] = {}
    path: tuple[str, ...] = ()
    lists = _Lists()
    previous = ""
    lines = joined(text, mask(text, markdown=markdown))
    for i, line in enumerate(lines):
        seen = visible(line.masked)
        if not seen:
            continue
        raw = text[line.start : line.start + len(line.masked)]
        following = ""
        if i + 1 < len(lines):
            after = lines[i + 1]
            following = text[after.start : after.start + len(after.masked)]
        item = marker(raw, lists.mark, lists.last)
        depth = level(raw, following, seen, markdown=markdown, item=item is not None)
        if depth:
            sections = {k: v for k, v in sections.items() if k < depth}
            sections[depth] = seen
            path = tuple(sections[k] for k in sorted(sections))
            lists.close()
            previous = ""
        elif item:
            lists.enter(*item, previous)
        elif not previous.endswith((";", "; and", "; or", ":")):
            lists.close()
        elif previous.endswith(":"):
            lists.close()
            lists.open.append((Marker(0, "line"), previous))
        for start, end in spans(line.masked):
            shown = visible(line.masked[start:end])
            if shown:
                clauses.append(
                    Clause(
                        line.start + start, line.start + end, shown, plain_parties(shown.lower()), line.number,
                        depth > 0, item is not None, lists.lead, path,
                    )
                )  # fmt: skip
                if not depth:
                    previous = shown
    return clauses
