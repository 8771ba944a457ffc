"""Escrow: a private key in shares, of which any `threshold` together give it back and fewer tell nothing.

A share is a line of 33 English words with a checksum, so that a slip of the pen is found. Source: SatoshiLabs,
SLIP-0039, "Shamir's Secret-Sharing for Mnemonic Codes" (one group, no passphrase).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nacl.public import PrivateKey

from cop.kernel.errors import NotAllowed, Refused

MOST = 16
"""Shares that one key can have (SLIP-0039, "Format of the share mnemonic": four bits)."""
WORDS = 33


@dataclass(frozen=True, slots=True)
class Share:
    """One share, its words checked: which one it is (from 1), of which set, and how many of the set are needed."""

    words: str
    number: int
    set: int
    threshold: int


def split(private: PrivateKey, *, threshold: int, shares: int) -> list[str]:
    """The lines of words; any `threshold` of them give the key back.

    Raises:
        Refused: fewer than two are needed, more are needed than there are, or there are more than 16.
    """
    if not 2 <= threshold <= shares <= MOST:
        raise Refused(f"{threshold} of {shares} shares cannot be", expected=f"2 <= threshold <= shares <= {MOST}")
    from shamir_mnemonic import generate_mnemonics

    [group] = generate_mnemonics(1, [(threshold, shares)], bytes(private))
    return group


def read_share(line: str) -> Share:
    """A share from its words, in whatever case and spacing they were typed.

    Raises:
        Refused: a word is unknown, there are too many or too few, or the checksum says that one is wrong. The message
            quotes no word.
    """
    from shamir_mnemonic import MnemonicError
    from shamir_mnemonic.share import Share as Parsed

    words = line.lower().split()
    if len(words) != WORDS:
        raise Refused(f"a share has {WORDS} words and this has {len(words)}", expected="the words as they are printed")
    if unknown := [place for place, word in enumerate(words, 1) if not _is_word(word)]:
        raise Refused(f"word {unknown[0]} is none of a share's words", expected="the words as they are printed")
    try:
        parsed = Parsed.from_mnemonic(" ".join(words))
    except MnemonicError as error:
        raise Refused("the words do not fit their checksum", expected="every word in its place") from error
    return Share(" ".join(words), parsed.index + 1, parsed.identifier, parsed.member_threshold)


def combine(lines: Sequence[str]) -> PrivateKey:
    """The private key from its shares; every share given is used.

    Raises:
        Refused: a share is not one, is given twice, is of another set, or there are too few.
        NotAllowed: the shares do not belong together.
    """
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    shares = [read_share(line) for line in lines]
    if not shares:
        raise Refused("there is no share", expected="the words of each share")
    if len({(share.set, share.threshold) for share in shares}) > 1:
        raise Refused("the shares are of different sets", expected="shares printed in one ceremony")
    if len({share.number for share in shares}) < len(shares):
        raise Refused("a share is given twice", expected="different shares")
    needed = shares[0].threshold
    if len(shares) < needed:
        raise Refused(f"{needed} shares are needed and {len(shares)} were given", expected=f"{needed} shares")
    # the library takes just as many as are needed: each further one stands in once for the last of them
    sets = [[*shares[: needed - 1], last] for last in shares[needed - 1 :]]
    try:
        keys = {combine_mnemonics([share.words for share in some]) for some in sets}
    except MnemonicError as error:
        raise NotAllowed("the shares do not belong together") from error
    if len(keys) > 1:
        raise NotAllowed("the shares do not belong together")
    return PrivateKey(keys.pop())


def _is_word(word: str) -> bool:
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP

    return word in WORD_INDEX_MAP
