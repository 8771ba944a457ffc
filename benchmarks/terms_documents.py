"""Documents and their history: main text, quotes in clean and raw text, change classes, re-matching, speed and memory.

Run from the project's root: `.venv/bin/python benchmarks/terms_documents.py [DOCUMENTS]` (default 1,000). It reads
`../shared/data/terms`; nothing is trained or tuned on the pages of OPP-115.
"""

from __future__ import annotations

import csv
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from lxml import html as lxml_html
from markdown_it import MarkdownIt

from cop.terms.changes import history, silent_changes
from cop.terms.clauses import split
from cop.terms.documents import Document, from_bytes, read
from cop.terms.extraction import Passage, raw_parts
from cop.terms.extraction.selectors import parse
from cop.terms.markup import mask, visible
from cop.terms.quotes import in_parts, rematch

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "terms"
WORDS = 7_000
SAMPLE = 200
"""Clauses of a document that are looked for again."""


def words_of(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"\w+", text)]


def places_of(document: Document) -> list[tuple[int, int]]:
    return [(clause.start, clause.end) for clause in split(document.text, markdown=document.markdown)]


def pages() -> list[Path]:
    return sorted((DATA / "noncommercial" / "html_extraction").glob("*.page.html"))


def texts() -> list[Path]:
    return sorted((DATA / "documents").glob("*.md"))


def rendered(path: Path) -> bytes:
    """A version of a document as a page: the same words in HTML."""
    body = MarkdownIt().render(path.read_text(encoding="utf-8"))
    return f"<!doctype html><html><head><meta charset=utf-8></head><body><main>{body}</main></body></html>".encode()


def main_text() -> None:
    figures: list[tuple[float, float, float]] = []
    for path in pages():
        gold = path.with_name(path.name.replace("page", "gold_segments")).read_text(encoding="utf-8", errors="replace")
        wanted = Counter(words_of(lxml_html.fromstring(f"<div>{gold.replace('|||', ' ')}</div>").text_content()))
        found = Counter(words_of(from_bytes(path.read_bytes(), name=path.name).text))
        both = sum((wanted & found).values())
        p, r = both / sum(found.values()), both / sum(wanted.values())
        figures.append((p, r, 2 * p * r / (p + r)))
    p, r, f = (sum(column) / len(figures) for column in zip(*figures, strict=True))
    low = sum(row[1] < 0.9 for row in figures)
    print(f"main text of {len(figures)} pages: P {p:.3f} R {r:.3f} F1 {f:.3f}, pages with R < .9: {low}")


def quotes(name: str, files: Sequence[tuple[str, bytes]]) -> None:
    clean = raw = total = 0
    for file, data in files:
        document = from_bytes(data, name=file)
        parts = raw_parts(data, name=file)
        clauses = split(document.text, markdown=document.markdown)
        total += len(clauses)
        shown = mask(document.text, markdown=document.markdown)
        clean += sum(words_of(visible(shown[c.start : c.end])) == words_of(c.text) for c in clauses)
        raw += sum(in_parts(document, parts, [(clause.start, clause.end) for clause in clauses]))
    print(f"quotes, {name}: {total} clauses, in the clean text {clean / total:.4f}, in the raw file {raw / total:.4f}")


def matches() -> None:
    """Each page read twice, as its main text and whole: the clauses of the one are looked for in the other."""
    levels: Counter[str] = Counter()
    for path in pages():
        data = path.read_bytes()
        old = from_bytes(data, name=path.name)
        new = from_bytes(data, name=path.name, passage=Passage(select=parse("body")))
        for start, end in places_of(old)[:SAMPLE]:
            match = rematch(old, start, end, new)
            levels[match.level if match else "gone"] += 1
    print(f"re-matched after re-extraction: {dict(levels)}")
    levels.clear()
    for first, second in zip(texts(), texts()[1:], strict=False):
        if first.name.split("__")[:2] == second.name.split("__")[:2]:
            old, new = read(first), read(second)
            for start, end in places_of(old)[:SAMPLE]:
                match = rematch(old, start, end, new)
                levels[match.level if match else "gone"] += 1
    print(f"re-matched in the next recorded version: {dict(levels)}")


def classes() -> None:
    right = total = lost = 0
    for folder in sorted((DATA / "noisy_history").iterdir()):
        with (folder / "index.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        changes = history([read(folder / row["file"]) for row in rows])
        pairs = list(zip((c.change_class for c in changes), (row["change_class"] for row in rows), strict=True))
        right += sum(a == b for a, b in pairs)
        lost += sum(b == "reverts_to_earlier_text" and a != b for a, b in pairs)
        total += len(pairs)
        dated = [c for c in changes if c.silent is not None]
        print(f"  {folder.name}: {len(silent_changes(changes))} silent of {len(dated)} dated new texts")
    print(f"change classes: {right / total:.4f} right of {total}, reverts announced as something else: {lost}")


def stream(kind: str) -> Iterator[tuple[str, bytes]]:
    """Documents of about 7,000 words without end, each with a line of its own."""
    long = [p for p in texts() if 0.7 * WORDS < len(p.read_text(encoding="utf-8").split()) < 1.3 * WORDS]
    made = [rendered(p) if kind == "html" else p.read_bytes() for p in long]
    for number, data in enumerate(cycle(made)):
        own = f"Version {number} of these terms."
        if kind == "html":
            yield f"d{number}__tos__2026-07-01.html", data.replace(b"<main>", f"<main><p>{own}</p>".encode())
        else:
            yield f"d{number}__tos__2026-07-01.md", own.encode() + b"\n\n" + data


def speed(kind: str, count: int) -> None:
    began = time.perf_counter(), time.process_time()
    words, peaks = 0, []
    for number, (name, data) in enumerate(islice(stream(kind), count), start=1):
        words += from_bytes(data, name=name).words
        if number in {count // 10, count}:
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    wall, own = time.perf_counter() - began[0], time.process_time() - began[1]
    print(
        f"extraction of {count} documents in {kind}, {words / count:.0f} words each: {count / wall:.1f}/s by the "
        f"clock, {count / own:.1f}/s of one core's time; peak memory after a tenth {peaks[0]:.0f} MiB, after all "
        f"{peaks[-1]:.0f} MiB"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    speed("markdown", count)
    speed("html", count)
    main_text()
    quotes("Markdown", [(p.name, p.read_bytes()) for p in texts()])
    quotes("the same as HTML", [(p.with_suffix(".html").name, rendered(p)) for p in texts()])
    quotes("full pages", [(p.name, p.read_bytes()) for p in pages()])
    classes()
    matches()


if __name__ == "__main__":
    main()
