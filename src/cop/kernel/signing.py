"""Ed25519 signatures (RFC 8032) over files: who wrote an edition, checked with the public key alone.

A public key is one line, `ed25519 BASE64 NAME`; a signature is one line of base64. A signing key is the same as a
public key line with the word `ed25519-seed`, in a file that only its owner can read.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from cop.kernel.errors import Refused, Where


@dataclass(frozen=True, slots=True)
class Signer:
    """A public key and the name its owner gave it (the name is a label, the key is the identity)."""

    key: bytes
    name: str

    def line(self) -> str:
        return f"ed25519 {base64.b64encode(self.key).decode()} {self.name}\n"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` over `message` was made with this signer's private key."""
        try:
            VerifyKey(self.key).verify(message, signature)
        except (BadSignatureError, ValueError):
            return False
        return True


def _read(path: Path, word: str) -> tuple[bytes, str]:
    parts = path.read_text(encoding="utf-8", errors="replace").split(maxsplit=2)
    try:
        kind, encoded = parts[0], parts[1]
        key = base64.b64decode(encoded, validate=True)
    except (IndexError, ValueError) as error:
        raise Refused("is not a key", where=Where(path), expected=f'one line "{word} BASE64 NAME"') from error
    if kind != word or len(key) != 32:
        raise Refused("is not a key of this kind", where=Where(path), expected=f'one line "{word} BASE64 NAME"')
    return key, parts[2].strip() if len(parts) == 3 else ""


def read_signer(path: Path) -> Signer:
    """A public key from its file.

    Raises:
        Refused: the file does not hold one.
    """
    return Signer(*_read(path, "ed25519"))


@dataclass(frozen=True, slots=True)
class Seal:
    """A private signing key with its public half."""

    seed: bytes
    signer: Signer

    def sign(self, message: bytes) -> str:
        """The detached signature as one line of base64."""
        return base64.b64encode(SigningKey(self.seed).sign(message).signature).decode() + "\n"


def read_or_make_seal(path: Path, name: str) -> Seal:
    """The signing key at `path`; made there (mode 0600) the first time.

    Raises:
        Refused: the file does not hold a signing key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        line = f"ed25519-seed {base64.b64encode(bytes(SigningKey.generate())).decode()} {name}\n"
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(line)
            handle.flush()
            os.fsync(handle.fileno())
        part.rename(path)
    seed, label = _read(path, "ed25519-seed")
    return Seal(seed, Signer(bytes(SigningKey(seed).verify_key), label or name))


def decode_signature(text: str) -> bytes:
    """The bytes of a signature line; empty when it is not base64, which then verifies for nobody."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        return b""
