"""The corpus under its rules: balance, language, no repetition, nothing that must not be in it."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from cop.classification.coder.corpus import Summary, passages, read_corpus
from cop.classification.coder.language import detect
from cop.classification.coder.text import BANDS, normalise, tokens
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import OFFICIAL

FORBIDDEN = {
    "an address": re.compile(r"https?://|www\.|\b[\w-]+\.(?:com|net|org|ru|cn|fr|es|onion)\b", re.IGNORECASE),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a long run of base64": re.compile(r"[A-Za-z0-9+/]{40,}"),
    "a data URI": re.compile(r"data:\w+/", re.IGNORECASE),
    "a telephone number": re.compile(r"(?<!\d)\+?\d[\d ()-]{8,}\d"),
    "a control character": re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
}


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return load_scheme()


@pytest.fixture(scope="module")
def corpus(scheme: Scheme, root: Path) -> tuple[Summary, ...]:
    return read_corpus(root / "corpus", scheme)


def runs(text: str, size: int) -> Iterator[str]:
    """Every `size` words in a row; in Chinese two characters count as a word."""
    words = [w for w in tokens(normalise(text)) if w[0].isalnum()]
    if any("\u4e00" <= c <= "\u9fff" for c in text):
        letters = "".join(words)
        yield from (letters[i : i + 2 * size] for i in range(len(letters) - 2 * size + 1))
    yield from (" ".join(words[i : i + size]) for i in range(len(words) - size + 1))


def test_every_leaf_has_its_share_of_texts_in_every_language(corpus: tuple[Summary, ...], scheme: Scheme) -> None:
    counts = Counter((s.code, s.language) for s in corpus)
    least = {language: 40 if language == "en" else 15 for language in OFFICIAL}
    assert [(c, x) for c in scheme.leaves for x in OFFICIAL if counts[c, x] < least[x]] == []


def test_a_third_of_the_texts_of_every_code_are_hard(corpus: tuple[Summary, ...], scheme: Scheme) -> None:
    texts, hard = Counter(s.code for s in corpus), Counter(s.code for s in corpus if s.hard)
    assert [c for c in scheme.leaves if 3 * hard[c] < texts[c]] == []


def test_texts_are_in_the_language_they_say(corpus: tuple[Summary, ...]) -> None:
    wrong = [s.id for s in corpus if detect(s.text) != s.language]
    assert len(wrong) <= 0.003 * len(corpus), wrong


def test_no_text_stands_twice(corpus: tuple[Summary, ...]) -> None:
    texts = Counter(normalise(s.text) for s in corpus)
    assert [t for t, n in texts.items() if n > 1] == []


@pytest.mark.parametrize(("size", "most"), [(5, 0.12), (6, 0.03), (8, 0.002)])
def test_few_texts_of_different_codes_share_words_in_a_row(size: int, most: float, corpus: tuple[Summary, ...]) -> None:
    """What a language says of any child of an age ("mon fils de 12 ans") is no template."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for s in corpus:
        for run in runs(s.text, size):
            if not set(run) & set(BANDS):
                users[run].add(s.id)
    shared = {i for ids in users.values() if len({i.split("-")[0] for i in ids}) > 1 for i in ids}
    assert len(shared) <= most * len(corpus), sorted(shared)[:20]


def test_no_text_is_empty_or_longer_than_two_hundred_words(corpus: tuple[Summary, ...]) -> None:
    def words(s: Summary) -> float:
        return len(s.text) / 1.7 if s.language == "zh" else len(s.text.split())

    assert [s.id for s in corpus if not 1 <= words(s) <= 200] == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_text_holds(what: str, corpus: tuple[Summary, ...]) -> None:
    assert [s.id for s in corpus if FORBIDDEN[what].search(s.text)] == []


def test_no_text_says_the_name_of_its_class(corpus: tuple[Summary, ...], scheme: Scheme) -> None:
    names = {c: {x: normalise(t) for x, t in scheme.node(c).name.items()} for c in scheme.leaves}
    assert [s.id for s in corpus if names[s.code][s.language] in normalise(s.text)] == []


def test_no_text_shares_eight_words_with_the_summaries_kept_for_measuring(
    corpus: tuple[Summary, ...], shared: Path
) -> None:
    lines = (shared / "data" / "threats" / "report_summaries_dev.jsonl").read_text(encoding="utf-8").splitlines()
    kept = {run for line in lines for run in runs(json.loads(line)["text"], 8)}
    assert len(kept) > 1000
    assert [s.id for s in corpus if any(run in kept for run in runs(s.text, 8))] == []


def test_every_leaf_has_passages_of_the_classification(scheme: Scheme) -> None:
    found = passages(scheme)
    assert {p.code for p in found} == set(scheme.leaves)
    assert {p.kind for p in found} == {"name", "definition", "inclusion", "exclusion", "example", "index"}


GOOD = {"id": "A01-en-1", "code": "A01", "secondary": [], "language": "en", "hard": False, "reporter": "public", "writer": "w01", "text": "A report."}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"code": "A02"}, 'A01.jsonl row 2, field code: "A02" is not the code of the file (expected A01)'),
        (
            {"language": "de"},
            'A01.jsonl row 2, field language: "de" is no official language (expected ar, zh, en, fr, ru, es)',
        ),
        (
            {"secondary": ["Q1"]},
            'A01.jsonl row 2, field secondary: "Q1" is no code (expected codes of the classification)',
        ),
        ({"id": "A01-en-1"}, 'A01.jsonl: "A01-en-1" is used twice (expected an id once)'),
    ],
)
def test_a_line_out_of_shape_is_refused(
    change: dict[str, object], message: str, tmp_path: Path, scheme: Scheme
) -> None:
    second = {**GOOD, "id": "A01-en-2", **change}
    (tmp_path / "A01.jsonl").write_text(f"{json.dumps(GOOD)}\n{json.dumps(second)}\n", encoding="utf-8")

    with pytest.raises(Refused) as refused:
        read_corpus(tmp_path, scheme)

    assert str(refused.value) == message


def test_a_folder_without_texts_is_no_corpus(tmp_path: Path, scheme: Scheme) -> None:
    with pytest.raises(NotFound):
        read_corpus(tmp_path, scheme)
