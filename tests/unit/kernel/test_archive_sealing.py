"""Sealed archives: whole or not at all, for their recipients alone, in memory that does not grow with them."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey

from cop.kernel.archive_sealing import SealedReader, SealedWriter
from cop.kernel.errors import NotAllowed, Refused
from cop.kernel.sealing import Recipient

ONE, TWO, OTHER = PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()
RECIPIENTS = [Recipient("one", bytes(ONE.public_key)), Recipient("two", bytes(TWO.public_key))]
MEGABYTE = 1 << 20


def sealed(*parts: bytes) -> bytes:
    target = io.BytesIO()
    with SealedWriter(target, RECIPIENTS) as writer:
        for part in parts:
            writer.write(part)
    return target.getvalue()


def opened(archive: bytes, private: PrivateKey = ONE) -> bytes:
    return SealedReader(io.BytesIO(archive), private).readall()


@pytest.mark.parametrize("size", [0, 1, MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 3 * MEGABYTE + 5])
def test_each_recipient_reads_what_was_written_and_nobody_else_does(size: int) -> None:
    content = (b"canary phrase " * (size // 14 + 1))[:size]
    archive = sealed(content)

    assert opened(archive, ONE) == opened(archive, TWO) == content
    assert b"canary" not in archive
    with pytest.raises(NotAllowed, match="does not open the archive"):
        opened(archive, OTHER)


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=400_000), max_size=6))
def test_how_it_was_written_does_not_show_in_what_is_read(parts: list[bytes]) -> None:
    assert opened(sealed(*parts)) == b"".join(parts)


def test_one_flipped_bit_anywhere_is_found() -> None:
    archive = sealed(b"x" * 5000)
    for place in [*range(200), *range(200, len(archive), 97), len(archive) - 1]:
        altered = bytearray(archive)
        altered[place] ^= 1
        with pytest.raises((Refused, NotAllowed)):
            opened(bytes(altered), TWO)


@pytest.mark.parametrize("kept", [0, 3, 6, 100, 200, MEGABYTE, 2 * MEGABYTE])
def test_a_cut_archive_is_refused_and_so_is_a_longer_one(kept: int) -> None:
    archive = sealed(b"x" * (2 * MEGABYTE + 7))

    with pytest.raises(Refused):
        opened(archive[:kept])
    with pytest.raises(Refused, match="altered or is cut short"):
        opened(archive + b"x")
    with pytest.raises(Refused, match="after the end"):
        opened(sealed(b"x" * MEGABYTE) + b"x")


def test_whole_chunks_taken_away_or_exchanged_are_found() -> None:
    archive, chunk = sealed(b"x" * (3 * MEGABYTE + 1)), MEGABYTE + 17
    head = len(archive) - 3 * chunk - 18
    first, second, rest = (
        archive[head : head + chunk],
        archive[head + chunk : head + 2 * chunk],
        archive[head + 2 * chunk :],
    )

    assert opened(archive[:head] + first + second + rest) == b"x" * (3 * MEGABYTE + 1)
    for altered in (first + rest, second + first + rest, first + second + rest[:chunk]):
        with pytest.raises(Refused, match="altered or is cut short"):
            opened(archive[:head] + altered)


def test_an_abandoned_archive_never_opens() -> None:
    target = io.BytesIO()
    with pytest.raises(ZeroDivisionError), SealedWriter(target, RECIPIENTS) as writer:
        writer.write(b"half")
        1 / 0  # noqa: B018

    with pytest.raises(Refused, match="altered or is cut short"):
        opened(target.getvalue())


def test_an_archive_is_for_somebody() -> None:
    with pytest.raises(Refused, match="sealed to somebody"):
        SealedWriter(io.BytesIO(), [])


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    tracemalloc.start()
    with path.open("wb") as target, SealedWriter(target, RECIPIENTS) as writer:
        for _ in range(64):
            writer.write(b"x" * MEGABYTE)
    read = 0
    with path.open("rb") as source:
        reader = SealedReader(source, ONE)
        while chunk := reader.read(MEGABYTE):
            read += len(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == 64 * MEGABYTE
    assert peak < 12 * MEGABYTE
