"""Heads for posts: what is unknown is no counter-example, and what is measured is what was kept apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cop.classification.coder.general import (
    General,
    Posts,
    average_precision,
    fit_general,
    read_general,
    read_posts,
    write_general,
)
from cop.kernel.errors import NotFound, Refused

HATE = ["people like them should be thrown out", "their kind ruins everything", "that group is vermin"]
KIND = ["what a lovely day at the lake", "the cake was great", "see you at practice tomorrow"]


def table(path: Path) -> Path:
    rows = [
        {
            "id": f"{n}-{m}", "text": f"{text} {n}", "labels": "hate" if text in HATE else "", "annotated": "hate",
            "language": "en", "source": "ours", "licence": "CC0", "split": "train" if n < 50 else "dev", "source_label": "",
        }
        for n in range(60) for m, text in enumerate(HATE + KIND)
    ]  # fmt: skip
    rows += [{**rows[0], "id": "other", "text": "give me your password", "labels": "scam", "annotated": "scam"}] * 3
    pl.DataFrame(rows).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[General, Posts, Posts]:
    path = table(tmp_path_factory.mktemp("posts") / "posts.parquet")
    train = read_posts(path, "train")
    general = fit_general(train, name="general-0.0")
    return general, train, read_posts(path, "dev", general.labels)


def test_labels_with_few_positive_rows_are_not_learnt(found: tuple[General, Posts, Posts]) -> None:
    assert (found[0].labels, found[1].sources) == (("hate",), {"ours": "CC0"})


def test_a_row_that_says_nothing_of_a_label_is_no_counter_example(found: tuple[General, Posts, Posts]) -> None:
    train = found[1]
    [place] = {n for n, text in enumerate(train.texts) if text == "give me your password"} & {len(train.texts) - 1}

    assert (bool(train.annotated[place, 0]), bool(train.positive[place, 0])) == (False, False)
    assert train.annotated[:, 0].sum() == 300


def test_what_was_kept_apart_is_told_apart(found: tuple[General, Posts, Posts]) -> None:
    general, _, dev = found
    assert average_precision(general, dev) == {"hate": {"auprc": 1.0, "positive": 30, "rows": 60}}


def test_the_heads_read_back_as_near_as_their_bits_allow(found: tuple[General, Posts, Posts], tmp_path: Path) -> None:
    write_general(found[0], tmp_path)
    back = read_general(tmp_path)

    assert back.labels == found[0].labels
    assert back.probabilities(HATE) == pytest.approx(found[0].probabilities(HATE), abs=0.02)
    assert back.probabilities([]).shape == (0, 1)
    assert np.array_equal(back.probabilities(HATE)[0], back.probabilities([HATE[0]])[0])


def test_a_folder_without_heads_and_a_split_without_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"lacks general\.json"):
        read_general(tmp_path)
    with pytest.raises(Refused, match='"test" has no row'):
        read_posts(table(tmp_path / "posts.parquet"), "test")


def test_the_shipped_heads_hold_on_the_dev_split(root: Path, shared: Path) -> None:
    general = read_general(root / "models" / "general-1.0")
    measured = average_precision(
        general, read_posts(shared / "data/threats/threat_text.parquet", "dev", general.labels)
    )
    areas = [m["auprc"] for m in measured.values() if m["positive"] >= 50]

    assert len(areas) == 3
    assert sum(areas) / len(areas) >= 0.75
