"""`cop coder`: what each verb answers, how it refuses, and that no narrative leaves memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

Cop = Callable[..., Any]  # tests/conftest.py
MARK = "Zanzibarquux"
CODES = ["B01", "B02", "C01", "D01", "F01"]


def review(number: int, *, audit: bool = False, **change: Any) -> dict[str, Any]:
    """A reviewed record whose narrative is easily found again."""
    code, other = CODES[number % 5], CODES[(number + 1) % 5]
    right = number % 4 != 0
    return {
        "id": f"r{number}",
        "text": f"{MARK}: a stranger in a game wrote {'o' * (number % 50 + 1)} and asked {'u' * (number // 50 + 1)} for photos.",
        "language": "en",
        "code": code,
        "probability": 0.7,
        "class_set": [code, other],
        "route": "auto" if number % 2 else "review",
        "model": "coder-1.0",
        "reviewed_code": code if right else other,
        "reviewer": "9f86d081884c7d65",
        "date": f"2026-{number % 4 + 1:02d}-10",
        "review": "reviewed-agreed" if right else "reviewed-changed",
        "audit": audit,
        "weight": 20 if audit else None,
        **change,
    }


def table(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


# --- drift


def test_drift_says_month_by_month_what_moved(cop: Cop, tmp_path: Path) -> None:
    rows = [review(n, language="en" if n % 4 < 3 else "fr") for n in range(2000)]
    records = table(tmp_path / "coded.jsonl", rows)
    audit = table(tmp_path / "reviews.jsonl", [review(n, audit=True) for n in range(400)])
    told = cop("coder", "drift", records, "--audit", audit, cwd=tmp_path)
    done = cop("coder", "drift", records, "--audit", audit, "--reference", "2026-01/2026-03", "--json", cwd=tmp_path)

    assert (told.code, done.code) == (0, 0), told.err + done.err
    assert done.json["reference"] == {"months": ["2026-01", "2026-02", "2026-03"], "records": 1500}
    [month] = done.json["months"]
    found = {f["measure"]: (f["flag"], f["value"]) for f in month["findings"]}
    assert (month["month"], month["records"], month["audited"], month["flag"]) == ("2026-04", 500, 100, "act")
    assert found["language_js"] == ("act", 1.0)
    assert found["code_js"] == ("stable", 0.0)
    assert found["error_rate"] == ("stable", 0.0)
    assert told.out.splitlines()[0] == "Reference 2026-01 to 2026-03, 1,500 records"
    assert told.out.splitlines()[-1] == "2026-04: act"
    assert MARK not in told.out + told.err + done.out + done.err
    assert files(tmp_path) == ["coded.jsonl", "reviews.jsonl"]


def test_drift_refuses_in_one_line(cop: Cop, tmp_path: Path) -> None:
    records = table(tmp_path / "coded.jsonl", [review(0), {**review(1), "probability": f"{MARK} said so"}])
    done = cop("coder", "drift", records)

    assert (done.code, done.refusal) == (
        2,
        "coded.jsonl row 2, field probability: a text of 20 characters is not allowed (expected a number from 0 to 1)",
    )
    done = cop("coder", "drift", table(records, [review(0)]))
    assert (done.code, done.refusal) == (
        2,
        "no month lies outside the reference 2026-01/2026-01 (expected at least one month to compare)",
    )
    done = cop("coder", "drift", records, "--reference", "2026/2027")
    assert (done.code, done.err) == (
        2,
        "cop coder drift: --reference 2026/2027 is not FIRST/LAST, such as 2026-01/2026-03 (see cop coder drift --help)\n",
    )


# --- agreement


def test_agreement_gives_the_published_figure(cop: Cop, tmp_path: Path) -> None:
    """Krippendorff (2011), section B, with codes for letters: .692."""
    codes = dict(zip("abcde", ["A01", "B01", "C01", "D01", "E01"], strict=True))
    rows = [
        {"unit": unit, "coder": coder, "code": codes[letter]}
        for coder, letters in (("Ben", "aabbdcccedda"), ("Gerry", "babbbccceddd"))
        for unit, letter in enumerate(letters)
    ]
    path = table(tmp_path / "judgements.jsonl", rows)
    done, told = cop("coder", "agreement", path, "--json"), cop("coder", "agreement", path)

    assert (done.code, told.code) == (0, 0), done.err
    assert done.json[0] == {
        "level": "leaf", "section": None, "units": 12, "values": 24, "alpha": 0.692, "low": None, "high": None,
        "reading": "unknown",
    }  # fmt: skip
    assert told.out.splitlines()[1].split() == ["all", "leaf", "12", "24", "0.692", "-", "unknown"]


# --- card


def test_the_card_is_shown_as_page_and_as_json(cop: Cop, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text('{"model": "coder-9.9"}', encoding="utf-8")
    (tmp_path / "card.md").write_text("# coder-9.9\n", encoding="utf-8")

    assert cop("coder", "card", tmp_path).out == "# coder-9.9\n"
    assert cop("coder", "card", tmp_path, "--json").json == {"model": "coder-9.9"}
    done = cop("coder", "card", tmp_path / "none")
    assert (done.code, done.refusal) == (
        2, f"there is no file {tmp_path / 'none' / 'card.md'} (expected a folder that training wrote)",
    )  # fmt: skip


# --- train


def test_training_refuses_before_it_begins(cop: Cop, root: Path, tmp_path: Path) -> None:
    reviews = table(tmp_path / "reviews.jsonl", [review(0, audit=True)])
    (tmp_path / "there").mkdir()
    corpus = ("--corpus", root / "corpus")
    given = ("coder", "train", "--with", reviews)

    assert cop(*given, *corpus, "--out", tmp_path / "there").refusal == (
        f"{tmp_path / 'there'} exists (expected a new folder: a coder is never overwritten)"
    )
    assert cop(*given, *corpus, "--out", tmp_path / "a" / "b").refusal == f"there is no folder {tmp_path / 'a'}"
    assert cop(*given, "--corpus", tmp_path / "there", "--out", tmp_path / "new").refusal == (
        "there is no corpus in there (expected files named <CODE>.jsonl)"
    )
    assert cop(*given, *corpus, "--out", tmp_path / "new").refusal == (
        "no reviewed record can train (expected at least one outside the audit sample, coded to a leaf)"
    )
    table(reviews, [review(0), review(1, date=f"{MARK} on a day")])
    assert cop(*given, *corpus, "--out", tmp_path / "new").refusal == (
        "reviews.jsonl row 2, field date: a text of 21 characters is not a date (expected YYYY-MM-DD)"
    )
    assert files(tmp_path) == ["reviews.jsonl"]


@dataclass(frozen=True)
class Trained:
    folder: Path
    out: Path
    reviews: Path
    answer: dict[str, Any]
    said: str


@pytest.fixture(scope="module")
def trained(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A coder trained by the verb on two short texts a code, without the notes and in one round."""
    from cop.classification.coder import train as training
    from cop.classification.coder.tuning import Tuning
    from cop.cli.coder import command

    folder = tmp_path_factory.mktemp("desk")
    (folder / "corpus").mkdir()
    for path in sorted((root / "corpus").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        short = sorted((r for r in rows if r["language"] == "en"), key=lambda r: len(r["text"]))[:2]
        table(folder / "corpus" / path.name, [{**r, "writer": f"w{n}"} for n, r in enumerate(short)])
    rows = [review(n, audit=n >= 20) for n in range(320)]
    rows += [review(320 + n, audit=True, reviewed_code="A01", review="adjudicated") for n in range(50)]
    reviews = table(folder / "reviews.jsonl", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "passages", lambda _: ())
        patch.setattr(training, "Recipe", partial(training.Recipe, tuning=Tuning(epochs=1)))
        asked = ["train", "--with", reviews, "--corpus", folder / "corpus", "--out", folder / "challenger", "--json"]
        done = CliRunner().invoke(command, [str(a) for a in asked])
    assert done.exit_code == 0, done.output
    return Trained(folder, folder / "challenger", reviews, json.loads(done.stdout), done.stderr)


def test_training_says_what_it_learnt_from(trained: Trained) -> None:
    from cop.kernel.hashing import file_sha256

    card = json.loads((trained.out / "card.json").read_text(encoding="utf-8"))
    facts = trained.answer["reviews"]

    assert (card["model"], card["reviews"]) == ("challenger", facts)
    assert (facts["sha256"], facts["records"]) == (file_sha256(trained.reviews), 370)
    assert (facts["texts"], facts["left_out"]) == (20, {"audit": 350})
    assert 120 < facts["audit_texts"] == card["data"]["audited_records"] < 230
    assert card["limits"][-1].startswith("Trained with reviewed records: keep the model where the records are kept.")
    assert trained.said.startswith("Training ...\nTraining: done in ")


def test_no_narrative_leaves_memory(trained: Trained) -> None:
    made = [p for p in trained.folder.rglob("*") if p.is_file() and "corpus" not in p.parts and p != trained.reviews]
    kinds = {array.dtype.kind for p in made if p.suffix == ".npz" for array in np.load(p).values()}
    texts = "".join(p.read_text(encoding="utf-8") for p in made if p.suffix != ".npz")

    assert kinds <= set("iufb")  # numbers only: an array cannot hold a text
    assert MARK.lower() not in (texts + json.dumps(trained.answer) + trained.said).lower()
    assert [p for p in files(trained.folder) if ".part" in p] == []


# --- compare


def test_a_coder_compared_with_itself_is_not_worse(cop: Cop, trained: Trained) -> None:
    done = cop("coder", "compare", trained.out, trained.out, "--audit", trained.reviews, "--json")
    facts = done.json

    assert 120 < facts["records"] < 230
    assert facts["records"] + trained.answer["reviews"]["audit_texts"] == 350
    assert (facts["leaf"]["value"], facts["leaf"]["p"]) == (0.0, 1.0)
    met = {r["condition"]: r["met"] for r in facts["reasons"] if r["condition"] != "calibration error"}
    assert met == dict.fromkeys(["accuracy", "section accuracy", "accuracy in en", "recall of urgency 1"], True)
    assert done.code == (0 if facts["accepted"] else 2)
    assert MARK not in done.out + done.err


def test_a_challenger_that_fails_is_refused_with_its_reasons_in_one_line(
    cop: Cop, trained: Trained, tmp_path: Path
) -> None:
    sample = [review(n, audit=True, reviewed_code="C01", review="adjudicated") for n in range(300)]
    done = cop("coder", "compare", trained.out, trained.out, "--audit", table(tmp_path / "audit.jsonl", sample))

    words = [line[8:] for line in done.out.splitlines() if line.startswith("FAILED")]
    assert "recall of urgency 1 cannot be seen: no audit record is of urgency 1" in words
    assert (done.code, done.out.splitlines()[-1]) == (2, "NOT accepted")
    assert done.refusal == f"challenger is not accepted: {'; '.join(words)}"
    assert MARK not in done.out + done.err


def test_a_sample_that_cannot_tell_is_refused(cop: Cop, trained: Trained, tmp_path: Path) -> None:
    few = table(tmp_path / "audit.jsonl", [review(n, audit=True) for n in range(12)])
    none = table(tmp_path / "desk.jsonl", [review(n) for n in range(12)])

    done = cop("coder", "compare", trained.out, trained.out, "--audit", few)
    assert done.code == 2
    assert (
        "records is too small to tell: it would show a coder that is as good to be not worse by 3% with" in done.refusal
    )
    done = cop("coder", "compare", trained.out, trained.out, "--audit", none)
    assert (done.code, done.refusal) == (
        2, "desk.jsonl has no audit record to compare on (expected records with audit true)",
    )  # fmt: skip
