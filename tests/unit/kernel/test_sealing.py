"""Envelopes: every recipient opens them and nobody else; a changed byte is found; sealing anew shuts out the old keys."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey
from nacl.pwhash import argon2id

from cop.kernel.errors import NotAllowed, Refused
from cop.kernel.sealing import open_key, recipient_of, reseal, seal, seal_key, unlock, unseal, wrap

KEYS = [PrivateKey(bytes([n]) * 32) for n in range(1, 9)]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching that takes no time: what it costs is libsodium's promise."""
    monkeypatch.setattr(argon2id, "OPSLIMIT_MODERATE", argon2id.OPSLIMIT_MIN)
    monkeypatch.setattr(argon2id, "MEMLIMIT_MODERATE", argon2id.MEMLIMIT_MIN)


@settings(max_examples=50)
@given(TEXTS, st.sets(st.integers(0, 7), min_size=1))
def test_every_recipient_opens_and_nobody_else(text: str, chosen: set[int]) -> None:
    envelope = seal(text, [recipient_of(KEYS[n], str(n)) for n in sorted(chosen)])

    for number, key in enumerate(KEYS):
        if number in chosen:
            assert unseal(envelope, key) == text
        else:
            with pytest.raises(NotAllowed):
                unseal(envelope, key)
    assert not text.encode() or len(text.encode()) < 4 or text.encode() not in envelope


@settings(max_examples=80)
@given(st.data())
def test_a_flipped_byte_is_found(data: st.DataObject) -> None:
    envelope = bytearray(seal("a grooming attempt in a game's chat", [recipient_of(KEYS[0], "one")]))
    place = data.draw(st.integers(0, len(envelope) - 1))
    envelope[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises((NotAllowed, Refused)):
        unseal(bytes(envelope), KEYS[0])


@settings(max_examples=40)
@given(st.data())
def test_an_envelope_cut_anywhere_is_refused(data: st.DataObject) -> None:
    envelope = seal("cut", [recipient_of(KEYS[0], "one"), recipient_of(KEYS[1], "two")])

    with pytest.raises((NotAllowed, Refused)):
        unseal(envelope[: data.draw(st.integers(0, len(envelope) - 1))], KEYS[1])


@settings(max_examples=30)
@given(TEXTS)
def test_sealed_anew_the_old_key_opens_nothing(text: str) -> None:
    before = seal(text, [recipient_of(KEYS[0], "old")])

    after = reseal(before, KEYS[0], [recipient_of(KEYS[1], "new")])

    assert unseal(after, KEYS[1]) == text
    with pytest.raises(NotAllowed):
        unseal(after, KEYS[0])
    with pytest.raises(NotAllowed):
        reseal(before, KEYS[2], [recipient_of(KEYS[1], "new")])


def test_a_key_is_sealed_to_one_holder_and_no_other_can_be_put_in_its_place() -> None:
    office, holder, stranger, false = KEYS[:4]
    sealed = seal_key(office, recipient_of(holder, "holder"))

    assert bytes(open_key(sealed, holder, public=bytes(office.public_key))) == bytes(office)
    with pytest.raises(NotAllowed, match="does not open"):
        open_key(sealed, stranger, public=bytes(office.public_key))
    with pytest.raises(NotAllowed, match="put in the place"):
        open_key(seal_key(false, recipient_of(holder, "h")), holder, public=bytes(office.public_key))


@pytest.mark.usefixtures("light")
def test_a_passphrase_opens_however_its_accents_were_typed() -> None:
    passphrase = "café à l'été tranquille"
    line = wrap(KEYS[0], "one", unicodedata.normalize("NFD", passphrase))

    assert bytes(unlock(line, unicodedata.normalize("NFC", passphrase))) == bytes(KEYS[0])
    with pytest.raises(NotAllowed, match="does not open"):
        unlock(line, "cafe a l'ete tranquille")


@pytest.mark.usefixtures("light")
def test_the_same_passphrase_wraps_differently_each_time() -> None:
    assert wrap(KEYS[0], "one", "the same words again") != wrap(KEYS[0], "one", "the same words again")
