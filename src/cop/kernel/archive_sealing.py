"""Sealed archives: a stream that only the holders of the recipients' private keys can read, in little memory.

The archive's key is sealed once per recipient (X25519 sealed boxes, as `cop.kernel.sealing`); the content follows in
chunks of libsodium's secretstream (XChaCha20-Poly1305). Each chunk is bound to the head and to its place, and the last
says that it is the last: what was altered, put in another order or cut short does not open. Source: libsodium,
"Encrypted streams and file encryption".
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Sequence
from typing import BinaryIO

from nacl import bindings as sodium
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from cop.kernel.errors import NotAllowed, Refused
from cop.kernel.sealing import Recipient

_MAGIC = b"COPA"
_HEADER = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_ADDED = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_MORE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_LAST = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_CHUNK = 1 << 20
_SLOT = 32 + 48  # a sealed box adds an ephemeral public key (32) and a tag (16)
_MOST = 100


class SealedWriter(io.RawIOBase):
    """Writes a sealed archive to a file that stays open; closing ends it, and only a closed one can be read."""

    def __init__(self, target: BinaryIO, recipients: Sequence[Recipient]) -> None:
        super().__init__()
        if not 1 <= len(recipients) <= _MOST:
            raise Refused("an archive is sealed to somebody", expected=f"1 to {_MOST} recipients")
        key = sodium.crypto_secretstream_xchacha20poly1305_keygen()
        slots = b"".join(SealedBox(PublicKey(r.key)).encrypt(key) for r in recipients)
        self._target, self._state = target, sodium.crypto_secretstream_xchacha20poly1305_state()
        head = (
            _MAGIC
            + struct.pack(">H", len(recipients))
            + slots
            + sodium.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        )
        self._bound = hashlib.sha256(head).digest()
        self._held = bytearray()
        self._failed = False
        target.write(head)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        self._held += data
        while len(self._held) > _CHUNK:  # never the last one: that has a tag of its own
            self._push(bytes(self._held[:_CHUNK]), _MORE)
            del self._held[:_CHUNK]
        return len(data)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._failed = kind is not None  # an archive without an end never opens
        self.close()

    def close(self) -> None:
        if not self.closed and not self._failed:
            self._push(bytes(self._held), _LAST)
        super().close()

    def _push(self, chunk: bytes, tag: int) -> None:
        self._target.write(
            sodium.crypto_secretstream_xchacha20poly1305_push(self._state, chunk, ad=self._bound, tag=tag)
        )


class SealedReader(io.RawIOBase):
    """Reads what `SealedWriter` wrote, with the private key of one of its recipients.

    Reading raises `Refused` where the archive was altered or ends too soon; what was read before that is genuine.
    """

    def __init__(self, source: BinaryIO, private: PrivateKey) -> None:
        """Open the head.

        Raises:
            Refused: these bytes are no archive.
            NotAllowed: the key is not a recipient's.
        """
        super().__init__()
        first = source.read(len(_MAGIC) + 2)
        if first[: len(_MAGIC)] != _MAGIC or len(first) != len(_MAGIC) + 2:
            raise Refused("this is no sealed archive", expected="what `cop backup` wrote")
        (count,) = struct.unpack(">H", first[len(_MAGIC) :])
        slots, header = source.read(count * _SLOT), source.read(_HEADER)
        if len(header) != _HEADER or not 1 <= count <= _MOST:
            raise Refused("the sealed archive is cut short", expected="what `cop backup` wrote")
        self._source, self._state = source, sodium.crypto_secretstream_xchacha20poly1305_state()
        self._bound = hashlib.sha256(first + slots + header).digest()
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, _key(slots, private))
        self._held, self._ended = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        while not self._held and not self._ended:
            self._held = self._pull()
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size

    def _pull(self) -> bytes:
        sealed = self._source.read(_CHUNK + _ADDED)
        try:
            chunk, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(self._state, sealed, ad=self._bound)
        except (CryptoError, ValueError) as error:
            raise Refused("the sealed archive was altered or is cut short", expected="the whole file") from error
        self._ended = tag == _LAST
        if self._ended and self._source.read(1):
            raise Refused("something stands after the end of the sealed archive", expected="the file as it was written")
        return chunk


def _key(slots: bytes, private: PrivateKey) -> bytes:
    for start in range(0, len(slots), _SLOT):
        try:
            return bytes(SealedBox(private).decrypt(slots[start : start + _SLOT]))
        except CryptoError:
            continue
    raise NotAllowed("this key does not open the archive", expected="the private key of one of its recipients")
