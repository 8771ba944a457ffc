"""Shares of a private key: enough of them give it back, and every way of having the wrong ones is told apart."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey

from cop.kernel.errors import NotAllowed, Refused
from cop.kernel.escrow import MOST, WORDS, combine, read_share, split

KEY = PrivateKey(bytes(range(32)))
OTHER = PrivateKey(bytes(range(1, 33)))


@pytest.fixture(scope="module")
def shares() -> list[str]:
    return split(KEY, threshold=3, shares=5)


def test_any_three_of_five_give_the_key_back(shares: list[str]) -> None:
    assert [bytes(combine(some)) for some in combinations(shares, 3)] == [bytes(KEY)] * 10
    assert bytes(combine(shares)) == bytes(KEY)
    assert bytes(combine(shares[::-1])) == bytes(KEY)


def test_a_share_says_which_it_is(shares: list[str]) -> None:
    read = [read_share(line) for line in shares]

    assert [share.number for share in read] == [1, 2, 3, 4, 5]
    assert {share.threshold for share in read} == {3}
    assert len({share.set for share in read}) == 1
    assert {len(share.words.split()) for share in read} == {WORDS}


def test_how_words_are_typed_does_not_matter(shares: list[str]) -> None:
    typed = [f"  {line.upper().replace(' ', '   ')}\n" for line in shares[:3]]

    assert bytes(combine(typed)) == bytes(KEY)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([], "there is no share"),
        ([0], "3 shares are needed and 1 were given"),
        ([0, 1], "3 shares are needed and 2 were given"),
        ([0, 1, 1], "a share is given twice"),
    ],
)
def test_too_few_shares_are_refused(shares: list[str], chosen: list[int], said: str) -> None:
    with pytest.raises(Refused, match=said):
        combine([shares[i] for i in chosen])


def test_shares_of_two_ceremonies_do_not_mix(shares: list[str]) -> None:
    strange = split(OTHER, threshold=3, shares=5)

    with pytest.raises(Refused, match="different sets"):
        combine([shares[0], shares[1], strange[2]])


def test_a_forged_share_among_more_than_enough_is_found(shares: list[str]) -> None:
    """One that fits its checksum and its set, but not the others: its words are those of another key's share."""
    from shamir_mnemonic.share import Share

    parts = [Share.from_mnemonic(line) for line in shares]
    forged = Share(**{**vars(parts[3]), "value": parts[4].value}).mnemonic()
    assert read_share(forged).number == 4

    with pytest.raises(NotAllowed, match="do not belong together"):
        combine([*shares[:3], forged])
    with pytest.raises(NotAllowed, match="do not belong together"):
        combine([*shares[:2], forged])


@settings(max_examples=60)
@given(st.integers(0, WORDS - 1), st.data())
def test_one_wrong_word_is_always_found(shares: list[str], place: int, data: st.DataObject) -> None:
    from shamir_mnemonic.wordlist import WORDLIST

    words = shares[0].split()
    words[place] = data.draw(st.sampled_from([w for w in WORDLIST if w != words[place]]))

    with pytest.raises(Refused) as refused:
        read_share(" ".join(words))
    assert not set(shares[0].split()) & set(str(refused.value).split()) - {"word", "words", "fit"}


@settings(max_examples=30)
@given(st.integers(0, WORDS - 2))
def test_two_words_exchanged_are_found(shares: list[str], place: int) -> None:
    words = shares[1].split()
    words[place], words[place + 1] = words[place + 1], words[place]
    if words == shares[1].split():
        return

    with pytest.raises(Refused, match="checksum"):
        read_share(" ".join(words))


@pytest.mark.parametrize(
    ("line", "said"),
    [("", "33 words and this has 0"), ("academic " * 32, "has 32"), ("harbour " * 33, "word 1 is none of")],
)
def test_what_is_no_share_is_refused(line: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_share(line)


@pytest.mark.parametrize(("threshold", "number"), [(1, 1), (1, 3), (4, 3), (2, MOST + 1), (0, 0)])
def test_a_split_that_cannot_be_is_refused(threshold: int, number: int) -> None:
    with pytest.raises(Refused, match="shares cannot be"):
        split(KEY, threshold=threshold, shares=number)


@settings(max_examples=8)
@given(st.integers(2, MOST).flatmap(lambda n: st.tuples(st.integers(2, n), st.just(n))))
def test_every_split_gives_the_key_back_from_its_last_shares(numbers: tuple[int, int]) -> None:
    threshold, number = numbers

    assert bytes(combine(split(KEY, threshold=threshold, shares=number)[-threshold:])) == bytes(KEY)
