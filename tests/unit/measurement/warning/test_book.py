"""The book: a warning is entered once, people's words are kept, a killed run leaves the old book or the new one."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cop.kernel.errors import NotFound, Refused
from cop.measurement.warning import book as books
from cop.measurement.warning.book import Book
from cop.measurement.warning.monitor import Warned

NOW = datetime(2026, 1, 10, 6, 0, tzinfo=UTC)


def warned(period: str = "2025-12", **facts: Any) -> Warned:
    plain: dict[str, Any] = {
        "id": f"W{period}", "table": "class-month", "key": {"code": "B"}, "title": "B Solicitation", "period": period,
        "observed": 60, "at_least": 60, "size": "60", "expected": 20.0, "upperbound": 34.0, "score": 2.9, "pvalue": 1e-6,
        "method": "monthly", "edition": "2026-01", "look_at": ("where",),
    }  # fmt: skip
    return Warned(**{**plain, **facts})


@pytest.fixture
def book() -> Book:
    return books.enter(Book(), [warned()], now=NOW, send=True)[0]


def test_a_warning_is_entered_and_sent_once_with_its_first_figures(book: Book) -> None:
    later = books.enter(
        book, [warned(observed=62, size="62"), warned("2026-01")], now=NOW + timedelta(days=1), send=True
    )

    assert [e.id for e in later[1]] == ["W2026-01"]
    assert [later[0].entries[name].size for name in ("W2025-12", "W2026-01")] == ["60", "60"]
    assert [p.warning for p in later[0].outbox] == ["W2025-12", "W2026-01"]
    assert len({p.key for p in later[0].outbox}) == 2
    assert books.enter(Book(), [warned()], now=NOW, send=False)[0].outbox == ()


def test_an_acknowledged_warning_keeps_the_reason_and_the_time(book: Book) -> None:
    entry = books.acknowledge(book, "W2025-12", reason=" one campaign ", now=NOW).entries["W2025-12"]

    assert (entry.status, entry.reason, entry.changed) == ("acknowledged", "one campaign", NOW)
    with pytest.raises(Refused, match="there is no reason"):
        books.acknowledge(book, "W2025-12", reason=" ", now=NOW)
    with pytest.raises(NotFound, match='no warning "W1"'):
        books.acknowledge(book, "W1", reason="x", now=NOW)


@pytest.mark.parametrize(
    ("until", "status"), [(None, "silenced"), (date(2026, 1, 11), "silenced"), (date(2026, 1, 10), "open")]
)
def test_a_silenced_series_is_kept_and_not_sent_until_the_day_named(
    until: date | None, status: str, book: Book
) -> None:
    quiet = books.silence(book, "W2025-12", reason="new hotline", until=until, now=NOW)
    later, [new] = books.enter(quiet, [warned("2026-01")], now=NOW + timedelta(days=1), send=True)

    assert new.status == status
    assert ("W2026-01" in {p.warning for p in later.outbox}) == (status == "open")
    other = warned("2026-01", id="Wother", key={"code": "A"})
    assert books.enter(quiet, [other], now=NOW, send=True)[1][0].status == "open"


def test_a_later_silence_takes_the_place_of_an_earlier_one(book: Book) -> None:
    twice = books.silence(book, "W2025-12", reason="for good", until=None, now=NOW)
    twice = books.silence(twice, "W2025-12", reason="over", until=date(2020, 1, 1), now=NOW)

    assert [s.reason for s in twice.silences] == ["over"]


def test_the_book_comes_back_as_it_was(tmp_path: Path, book: Book) -> None:
    book = books.silence(
        books.acknowledge(book, "W2025-12", reason="ü", now=NOW), "W2025-12", reason="x", until=None, now=NOW
    )
    books.save(book, tmp_path)

    assert books.read(tmp_path) == book
    assert books.read(tmp_path / "none") == Book()
    (tmp_path / "state.json").write_text("{", encoding="utf-8")
    with pytest.raises(Refused, match="is not JSON"):
        books.read(tmp_path)
    (tmp_path / "state.json").write_text('{"version": 2}', encoding="utf-8")
    with pytest.raises(Refused, match=r"state.json, field version"):
        books.read(tmp_path)


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_run_that_dies_while_saving_leaves_the_old_book(
    call: str, tmp_path: Path, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.save(book, tmp_path)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os if call == "fsync" else Path, call, die)
    with pytest.raises(KeyboardInterrupt):
        books.save(Book(), tmp_path)
    monkeypatch.undo()

    assert books.read(tmp_path) == book
    books.save(Book(), tmp_path)  # what was left beside it is in nobody's way
    assert books.read(tmp_path) == Book()


def test_series_are_named_by_their_codes() -> None:
    names: list[Callable[[], str]] = [
        lambda: books.series_of({"area": "XAL", "code": "B"}),
        lambda: books.series_of({}),
    ]

    assert [name() for name in names] == ["code=B area=XAL", "all"]
