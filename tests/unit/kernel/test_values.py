"""Areas, periods, numbers, keys, the ledger: the values every room speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from cop.kernel import ledger
from cop.kernel.areas import Areas
from cop.kernel.errors import Conflict, CopError, NotAllowed, Refused, Where
from cop.kernel.hashing import canonical_json
from cop.kernel.numbering import DocumentNumber
from cop.kernel.periods import is_period, is_span, parse_date
from cop.kernel.sealing import Recipient, new_recipient, seal, unlock, unseal
from cop.kernel.signing import read_or_make_seal, read_signer


def test_an_error_is_one_line_with_place_value_and_expectation() -> None:
    error = Refused.value(
        "2025-13-02", "is not a date", expected="YYYY-MM-DD", file="a/reports.csv", row=1042, field="date"
    )

    assert str(error) == 'reports.csv row 1042, field date: "2025-13-02" is not a date (expected YYYY-MM-DD)'
    assert str(error.noting("1,041 rows kept")).endswith("; 1,041 rows kept")


@given(st.text(), st.text(), st.text())
def test_no_value_breaks_the_line(problem: str, value: str, field: str) -> None:
    assert len(str(Refused.value(value, problem, expected="x", field=field)).splitlines()) == 1
    assert len(str(CopError(problem, where=Where(field=field))).splitlines()) <= 1


def test_countries_and_declared_codes_are_areas() -> None:
    areas = Areas({"XHN": "Northharbour"})

    assert [code in areas for code in ("EGY", "XHN", "XHS", "EG", "egy", "")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert (areas.name("XHN"), areas.name("EGY")) == ("Northharbour", "Egypt")


def test_a_declared_code_cannot_be_a_country() -> None:
    with pytest.raises(Refused, match="user-assigned"):
        Areas({"EGY": "Elsewhere"})


@pytest.mark.parametrize("text", ["2025", "2025-S1", "2025-Q4", "2025-02", "2024-02-29", "2020-W53"])
def test_periods(text: str) -> None:
    assert is_period(text)


@pytest.mark.parametrize(
    "text", ["25", "2025-Q5", "2025-13", "2025-02-29", "2021-W53", "2025-2", "2025-1-1", "", "2025-01-01T00"]
)
def test_what_is_no_period(text: str) -> None:
    assert not is_period(text)


def test_spans_are_ordered_and_of_one_kind() -> None:
    assert [is_span(s) for s in ("2024-01/2025-12", "2024/2025", "2025/2024", "2024/2025-12", "2024")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@given(st.dates())
def test_a_date_reads_back(day: date) -> None:
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "text", ["2025-13-02", "2025-02-30", "02/03/2025", "2025-2-3", "2025-02-03T10:00", "٢٠٢٥-٠١-٠١", ""]
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(Refused, match="YYYY-MM-DD"):
        parse_date(text)


@pytest.mark.parametrize("text", ["WG-CP/1/11", "WG-CP/1/4(Rev.1)", "HG-CP/12/3(Add.2)", "C/10/5(Corr.1)"])
def test_document_numbers_read_back(text: str) -> None:
    assert str(DocumentNumber.parse(text)) == text


@pytest.mark.parametrize("text", ["WG-CP/1", "WG-CP/0/1", "wg-cp/1/1", "WG-CP/1/1(Rev.0)", "WG-CP/1/1 rev 1", ""])
def test_what_is_no_document_number(text: str) -> None:
    with pytest.raises(Refused):
        DocumentNumber.parse(text)


def recipient(name: str) -> tuple[Recipient, PrivateKey]:
    private = PrivateKey.generate()
    return Recipient(name, bytes(private.public_key)), private


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_each_recipient_opens_an_envelope_and_nobody_else(text: str) -> None:
    (one, one_key), (two, two_key), (_, other) = recipient("one"), recipient("two"), recipient("other")
    envelope = seal(text, [one, two])

    assert unseal(envelope, one_key) == text
    assert unseal(envelope, two_key) == text
    assert len(text) < 4 or text.encode() not in envelope
    with pytest.raises(NotAllowed):
        unseal(envelope, other)


@given(st.data())
def test_an_altered_envelope_does_not_open(data: st.DataObject) -> None:
    one, key = recipient("one")
    envelope = bytearray(seal("a summary", [one]))
    place = data.draw(st.integers(0, len(envelope) - 1))
    envelope[place] ^= 1

    with pytest.raises((NotAllowed, Refused)):
        unseal(bytes(envelope), key)


def test_a_wrapped_key_opens_with_its_passphrase_only() -> None:
    someone, wrapped = new_recipient("Analyst One", "long enough")

    assert Recipient.parse(someone.line()) == someone
    assert unseal(seal("text", [someone]), unlock(wrapped, "long enough")) == "text"
    with pytest.raises(NotAllowed):
        unlock(wrapped, "another")
    with pytest.raises(Refused):
        unlock("cop-private !!! x", "long enough")


def test_a_signing_key_is_made_once_and_private(tmp_path: Path) -> None:
    one = read_or_make_seal(tmp_path / "keys" / "signing.key", "harbour")
    again = read_or_make_seal(tmp_path / "keys" / "signing.key", "other")
    (tmp_path / "signer.pub").write_text(one.signer.line())

    assert one == again
    assert (tmp_path / "keys" / "signing.key").stat().st_mode & 0o777 == 0o600
    assert read_signer(tmp_path / "signer.pub") == one.signer


def chain(n: int) -> list[ledger.Entry]:
    entries: list[ledger.Entry] = []
    for seq in range(1, n + 1):
        previous = entries[-1].hash if entries else ledger.GENESIS
        entries.append(
            ledger.link(seq=seq, at="2026-01-01", kind="k", subject=str(seq), details={"n": seq}, previous=previous)
        )
    return entries


def test_a_whole_ledger_has_its_head() -> None:
    entries = chain(5)

    assert ledger.check(entries) == entries[-1].hash
    assert ledger.check([]) == ledger.GENESIS


@given(st.integers(0, 4), st.sampled_from(["subject", "kind", "at", "details", "hash", "previous"]))
def test_an_altered_entry_is_found_and_named(index: int, name: str) -> None:
    entries = chain(5)
    entries[index] = replace(entries[index], **{name: {"n": -1} if name == "details" else "f" * 64})  # type: ignore[arg-type]

    with pytest.raises(Conflict, match=rf"entry {index + 1}\b|entry {index + 2}\b"):
        ledger.check(entries)


@given(st.integers(0, 3))
def test_a_removed_entry_is_found(index: int) -> None:
    entries = chain(5)
    del entries[index]

    with pytest.raises(Conflict):
        ledger.check(entries)


def test_canonical_json_has_one_form_and_no_nan() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == canonical_json({"a": "é", "b": 1}) == '{\n "a": "é",\n "b": 1\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))
