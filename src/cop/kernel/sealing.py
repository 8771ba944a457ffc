"""Sealed envelopes: what is sealed to recipients can be opened by each of them and by nobody else.

An envelope holds the text under a fresh key (XSalsa20-Poly1305) and that key once per recipient in an anonymous
sealed box (X25519). A recipient's private key is kept wrapped under Argon2id of a passphrase. Source: libsodium,
"Sealed boxes", "Secret-key cryptography: authenticated encryption", "Password hashing".
"""

from __future__ import annotations

import base64
import struct
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.utils import random

from cop.kernel.errors import NotAllowed, Refused

_PUBLIC = "cop-recipient"
_PRIVATE = "cop-private"
_SEALED_KEY = SecretBox.KEY_SIZE + 48  # a sealed box adds an ephemeral public key (32) and a tag (16)
_MAGIC = b"COP1"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may open envelopes: a name and an X25519 public key."""

    name: str
    key: bytes

    @classmethod
    def parse(cls, line: str) -> Recipient:
        """Read `cop-recipient BASE64 NAME`.

        Raises:
            Refused: the line is not a recipient.
        """
        word, _, rest = line.strip().partition(" ")
        encoded, _, name = rest.partition(" ")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if word != _PUBLIC or len(key) != PublicKey.SIZE or not name:
            raise Refused.value(
                line, "is not a recipient", expected=f'"{_PUBLIC} BASE64 NAME" as `cop keys new` prints it'
            )
        return cls(name.strip(), key)

    def line(self) -> str:
        return f"{_PUBLIC} {base64.b64encode(self.key).decode()} {self.name}"


def new_recipient(name: str, passphrase: str) -> tuple[Recipient, str]:
    """A new key pair: the recipient, and the line of the wrapped private key that its holder keeps."""
    private = PrivateKey.generate()
    return recipient_of(private, name), wrap(private, name, passphrase)


def recipient_of(private: PrivateKey, name: str) -> Recipient:
    """Whoever holds this private key, as a recipient."""
    return Recipient(name, bytes(private.public_key))


def wrap(private: PrivateKey, name: str, passphrase: str) -> str:
    """The line of a private key under a passphrase, with a fresh salt.

    The passphrase is stretched with Argon2id at libsodium's moderate limits (some 0.7 s, 256 MiB).
    """
    salt = random(argon2id.SALTBYTES)
    wrapped = salt + bytes(SecretBox(_stretched(passphrase, salt)).encrypt(bytes(private)))
    return f"{_PRIVATE} {base64.b64encode(wrapped).decode()} {name}"


def unlock(line: str, passphrase: str) -> PrivateKey:
    """The private key inside a wrapped line.

    Raises:
        Refused: the line is not a wrapped key.
        NotAllowed: the passphrase is not the right one.
    """
    parts = line.strip().split(" ", 2)
    try:
        wrapped = base64.b64decode(parts[1], validate=True)
    except (IndexError, ValueError):
        wrapped = b""
    if parts[0] != _PRIVATE or len(wrapped) <= argon2id.SALTBYTES:
        raise Refused("this is not a wrapped private key", expected=f'"{_PRIVATE} BASE64 NAME"')
    salt, box = wrapped[: argon2id.SALTBYTES], wrapped[argon2id.SALTBYTES :]
    try:
        return PrivateKey(SecretBox(_stretched(passphrase, salt)).decrypt(box))
    except CryptoError as error:
        raise NotAllowed("the passphrase does not open this key") from error


def _stretched(passphrase: str, salt: bytes) -> bytes:
    """The key of a passphrase; composed, so that two keyboards that type an accent differently type the same."""
    return argon2id.kdf(
        SecretBox.KEY_SIZE,
        unicodedata.normalize("NFC", passphrase).encode(),
        salt,
        opslimit=argon2id.OPSLIMIT_MODERATE,
        memlimit=argon2id.MEMLIMIT_MODERATE,
    )


def seal_key(private: PrivateKey, recipient: Recipient) -> bytes:
    """A private key that one recipient can open."""
    return bytes(SealedBox(PublicKey(recipient.key)).encrypt(bytes(private)))


def open_key(sealed: bytes, private: PrivateKey, *, public: bytes) -> PrivateKey:
    """The private key inside what `seal_key` made.

    Args:
        sealed: what `seal_key` made.
        private: the recipient's.
        public: the public key that belongs to the private key inside.

    Raises:
        NotAllowed: it was sealed to somebody else, altered, or another key was put in its place.
    """
    try:
        opened = PrivateKey(SealedBox(private).decrypt(sealed))
    except CryptoError as error:
        raise NotAllowed("this key does not open the sealed key") from error
    if bytes(opened.public_key) != public:
        raise NotAllowed("another key was put in the place of the sealed one")
    return opened


def seal(text: str, recipients: Sequence[Recipient]) -> bytes:
    """An envelope that each of the recipients can open alone.

    Raises:
        Refused: there is nobody to seal to.
    """
    if not recipients:
        raise Refused("there is no recipient to seal to", expected="at least one line under [vault] recipients")
    key = random(SecretBox.KEY_SIZE)
    slots = b"".join(SealedBox(PublicKey(r.key)).encrypt(key) for r in recipients)
    return _MAGIC + struct.pack(">H", len(recipients)) + slots + bytes(SecretBox(key).encrypt(text.encode()))


def unseal(envelope: bytes, private: PrivateKey) -> str:
    """The text in an envelope.

    Raises:
        Refused: these bytes are not an envelope.
        NotAllowed: the key is not a recipient's, or the envelope was altered.
    """
    head = len(_MAGIC) + 2
    if envelope[: len(_MAGIC)] != _MAGIC or len(envelope) < head:
        raise Refused("these bytes are not an envelope", expected="what `seal` made")
    (count,) = struct.unpack(">H", envelope[len(_MAGIC) : head])
    slots, body = envelope[head : head + count * _SEALED_KEY], envelope[head + count * _SEALED_KEY :]
    for start in range(0, len(slots), _SEALED_KEY):
        try:
            key = SealedBox(private).decrypt(slots[start : start + _SEALED_KEY])
            return SecretBox(key).decrypt(body).decode()
        except CryptoError:
            continue
    raise NotAllowed("this key does not open the envelope")


def reseal(envelope: bytes, private: PrivateKey, recipients: Sequence[Recipient]) -> bytes:
    """The same text under a fresh key, to these recipients and to nobody who could open it before.

    Raises:
        Refused, NotAllowed: as `unseal` and `seal`.
    """
    return seal(unseal(envelope, private), recipients)
