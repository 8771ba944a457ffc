"""`cop coder`: what the desk teaches the coder, whether it drifts, and whether a new one may take its place."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cop.cli.shape import as_json, say, say_json, told
from cop.kernel.errors import Conflict, NotFound, Refused, Unavailable
from cop.kernel.languages import OFFICIAL, pick
from cop.kernel.progress import Progress

if TYPE_CHECKING:
    from cop.classification.coder import Coded
    from cop.classification.coder.challenge import Comparison
    from cop.classification.coder.reviews import Review, Training
    from cop.classification.scheme import Scheme

_PATH = click.Path(path_type=Path)
_BATCH = 256
_CONFIDENTIAL = (
    "Trained with reviewed records: keep the model where the records are kept. It holds no text, but what a model "
    "learnt from a text can in part be read from it."
)


@click.group("coder")
def command() -> None:
    """Train the coder with the desk's reviews, watch it for drift, compare coders, measure agreement.

    \b
    Example:
      cop coder card
    """


@command.command()
@click.option("--with", "reviews", metavar="REVIEWS", type=_PATH, required=True, help="Reviewed records to learn from.")
@click.option(
    "--corpus", metavar="DIR", type=_PATH, default=Path("corpus"), show_default=True, help="The project's own texts."
)
@click.option(
    "-o", "--out", metavar="DIR", type=_PATH, default=Path("models/challenger"), show_default=True,
    help="New folder for the model and its card.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is random in training.")
@as_json
def train(reviews: Path, corpus: Path, out: Path, seed: int, as_json: bool) -> None:
    """Train a new coder on the corpus and on the desk's reviewed records (CSV, JSONL, Parquet).

    The new coder takes no one's place: `cop coder compare` says whether it may. Reviewed records train. Of the audit
    sample, one half calibrates and the other is kept for comparing, so that no coder is judged by what it learnt from.
    Texts stay in memory; the card names the reviews by their hash. Needs the extra `train`.

    \b
    Example:
      cop coder train --with reviews.jsonl --out models/challenger
    """
    from cop.classification.coder.corpus import read_corpus
    from cop.classification.coder.reviews import audit_texts, read_reviews, training_texts
    from cop.kernel.hashing import file_sha256

    if out.exists():
        raise Conflict(f"{out} exists", expected="a new folder: a coder is never overwritten")
    if not out.absolute().parent.is_dir():
        raise NotFound(f"there is no folder {out.absolute().parent}")
    scheme = _scheme()
    files = read_corpus(corpus, scheme)
    records = read_reviews(reviews, scheme)
    learnt, audited = training_texts(records, scheme), audit_texts(records, scheme)
    if not learnt.texts:
        raise Refused("no reviewed record can train", expected="at least one outside the audit sample, coded to a leaf")
    facts = {
        "sha256": file_sha256(reviews), "records": len(records), "texts": len(learnt.texts),
        "left_out": dict(learnt.left_out), "audit_texts": len(audited.texts), "audit_left_out": dict(audited.left_out),
    }  # fmt: skip
    card = _train([*files, *learnt.texts], audited, scheme, out, seed, facts)
    if as_json:
        say_json({"model": str(out), "reviews": facts, "measures": card["measures"]})
        return
    say(f"{len(learnt.texts):,} reviewed texts and {len(files):,} of the corpus; {len(audited.texts):,} calibrate")
    say(f"model  {out}\ncard   {out / 'card.md'}")


def _train(  # all imports of what training alone needs are here
    texts: Sequence[Any], audited: Training, scheme: Scheme, out: Path, seed: int, facts: dict[str, Any]
) -> dict[str, Any]:
    from cop.classification.coder.card import as_markdown
    from cop.classification.coder.model import write_model
    from cop.kernel.hashing import canonical_json

    try:
        from cop.classification.coder.train import Recipe
        from cop.classification.coder.train import train as fit
    except ImportError as error:
        raise Unavailable(f"training needs {error.name}", expected="pip install 'cop-observatory[train]'") from error
    with told("Training") as bar:
        model, card = fit(
            texts, scheme, name=out.name, audit=audited.texts, recipe=Recipe(seed=seed), progress=bar
        )  # fmt: skip
    card = {**card, "reviews": facts, "limits": [*card["limits"], _CONFIDENTIAL]}
    part = out.with_name(out.name + ".part")
    write_model(model, part)
    (part / "card.json").write_text(canonical_json(card), encoding="utf-8")
    (part / "card.md").write_text(as_markdown(card), encoding="utf-8")
    part.rename(out)
    return card


@command.command()
@click.argument("records", metavar="RECORDS", type=_PATH)
@click.option("--audit", metavar="AUDIT", type=_PATH, help="Reviewed records; the audit sample among them is used.")
@click.option(
    "--reference", metavar="FIRST/LAST", help="Months to compare with (default: the first three with records)."
)
@as_json
def drift(records: Path, audit: Path | None, reference: str | None, as_json: bool) -> None:
    """Say, month by month, whether input, confidence, disagreement and the mix of classes moved away from a reference.

    RECORDS (CSV, JSONL, Parquet) are coded records: what `cop classify` writes, with a date, and text or length if
    lengths are to be watched. Each measure is stable, watch or act; with too few records it says so instead of a
    number. No text is kept or shown.

    \b
    Example:
      cop coder drift coded.parquet --audit reviews.jsonl --reference 2026-01/2026-03
    """
    from cop.classification.coder.drift import as_table
    from cop.classification.coder.drift import drift as measure
    from cop.classification.coder.reviews import read_reviews
    from cop.classification.coder.tallies import read_tallies

    span = _span(reference)
    with told("Reading records") as bar:
        tallies = read_tallies(records, progress=bar)
        audited = read_reviews(audit, _scheme(), texts=False, progress=bar) if audit else ()
    report = measure(tallies, audited, reference=span)
    if as_json:
        say_json(report.as_json())
        return
    say("\n".join(as_table(report)))


def _span(reference: str | None) -> tuple[str, str] | None:
    from cop.kernel.periods import is_span

    if reference is None:
        return None
    first, _, last = reference.partition("/")
    if not is_span(reference) or len(first) != len("2026-01"):
        raise click.UsageError(f"--reference {reference} is not FIRST/LAST, such as 2026-01/2026-03")
    return first, last


@command.command()
@click.argument("champion", metavar="CHAMPION", type=_PATH)
@click.argument("challenger", metavar="CHALLENGER", type=_PATH)
@click.option("--audit", metavar="AUDIT", type=_PATH, required=True, help="Reviewed records; the audit sample is used.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@as_json
def compare(champion: Path, challenger: Path, audit: Path, seed: int, as_json: bool) -> None:
    """Judge the coder in folder CHALLENGER against the one in CHAMPION on the audit sample.

    Both code the half of the audit sample that no training reads. Exit 0 when the challenger is accepted; 2 when it is
    not, with every reason in one line, or when the sample is too small to tell.

    \b
    Example:
      cop coder compare models/coder-1.0 models/challenger --audit reviews.jsonl
    """
    from cop.classification.coder.challenge import as_table
    from cop.classification.coder.challenge import compare as judge
    from cop.classification.coder.reviews import halves, read_reviews

    scheme = _scheme()
    _, sample = halves(read_reviews(audit, scheme))
    if not sample:
        raise Refused(f"{audit.name} has no audit record to compare on", expected="records with audit true")
    with told("Coding the audit sample") as bar:
        bar.total(2 * len(sample))
        old, new = (_answers(folder, sample, bar) for folder in (champion, challenger))
        found = judge(sample, old, new, scheme, seed=seed)
    _tell(found, as_table(found), as_json)


def _answers(folder: Path, sample: Sequence[Review], bar: Progress) -> list[Coded]:
    from cop.classification.coder import Coder

    coder, coded = Coder.load(folder), list["Coded"]()
    for start in range(0, len(sample), _BATCH):
        batch = sample[start : start + _BATCH]
        coded += coder.code([r.text for r in batch])
        bar.advance(len(batch))
    return coded


def _tell(found: Comparison, lines: list[str], as_json: bool) -> None:
    if as_json:
        say_json(found.as_json())
    else:
        say("\n".join(lines))
    if not found.accepted:
        sys.stderr.write(f"{found.challenger.model} is not accepted: {'; '.join(found.against)}\n")
        sys.exit(2)


@command.command()
@click.argument("table", metavar="TABLE", type=_PATH)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@as_json
def agreement(table: Path, seed: int, as_json: bool) -> None:
    """Measure how far coders agree: Krippendorff's alpha by leaf, class and section, overall and for each section.

    TABLE (CSV, JSONL, Parquet) has a row a judgement: unit, coder, code (empty: not coded). Intervals are bootstrapped
    over units.

    \b
    Example:
      cop coder agreement judgements.csv
    """
    from cop.classification.coder.agreement import agreement as measure
    from cop.classification.coder.agreement import as_table, read_judgements

    judgements = read_judgements(table, _scheme())
    with told("Resampling units") as bar:
        alphas = measure(judgements, seed=seed, progress=bar)
    if as_json:
        say_json([a.as_json() for a in alphas])
        return
    say("\n".join(as_table(alphas)))


@command.command()
@click.argument("text")
@click.option(
    "--language", type=click.Choice(list(OFFICIAL)), default="en", show_default=True, help="Of names and rulings."
)
@as_json
def explain(text: str, language: str, as_json: bool) -> None:
    """Say why a report gets its code: the index's terms in it, the words that spoke most, the nearest ruling.

    TEXT is the report itself, or - to read it from standard input. What is shown is as confidential as the report.

    \b
    Example:
      cop coder explain "He keeps asking for gift cards or he posts my picture"
    """
    from cop.classification.coder import Coder
    from cop.classification.coder.explain import Explainer
    from cop.classification.rulings import load_rulings

    scheme, rulings, coder = _scheme(), load_rulings(), Coder.load()
    text = sys.stdin.read() if text == "-" else text
    [coded] = coder.code([text])
    found = Explainer(coder, rulings).explain(text, coded)
    if as_json:
        say_json({**coded.as_json(), "explanation": found.as_json()})
        return
    say(f"{coded.code}  {pick(scheme.node(coded.code).name, language)}  ({coded.probability:.2f}, {coded.route})")
    say(f"may be: {', '.join(coded.class_set)}")
    say(f"terms of: {', '.join(found.terms) or 'none'}")
    say(f"words: {', '.join(f'{word} {share:.0%}' for word, share in found.words) or 'none'}")
    if found.ruling:
        ruling = rulings.ruling(found.ruling)
        say(f"{ruling.number}: {pick(ruling.question, language)} {pick(ruling.ruling, language)}")


@command.command()
@click.argument("model", metavar="[MODEL]", type=_PATH, required=False)
@as_json
def card(model: Path | None, as_json: bool) -> None:
    """Show the card of the coder in folder MODEL (default: the newest installed): its data, measures and limits.

    \b
    Example:
      cop coder card models/challenger --json
    """
    import json

    from cop.classification.coder.coding import newest
    from cop.kernel.resources import resource

    folder = model or newest(resource("models"))
    path = folder / ("card.json" if as_json else "card.md")
    if not path.is_file():
        raise NotFound(f"there is no file {path}", expected="a folder that training wrote")
    text = path.read_text(encoding="utf-8")
    if as_json:
        say_json(json.loads(text))
        return
    say(text.rstrip("\n"))


def _scheme() -> Scheme:
    from cop.classification.scheme import load_scheme

    return load_scheme()
