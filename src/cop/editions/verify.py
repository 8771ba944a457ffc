"""Verify an edition: every file against `SHA256SUMS`, the sums against their signature, the signer against those known.

The sums file is in the format of coreutils, so `sha256sum -c SHA256SUMS` says the same without this software.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.hashing import file_sha256
from cop.kernel.signing import Signer, decode_signature, read_signer

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
SIGNER = "signer.pub"


def summed_files(edition: Path) -> list[Path]:
    """Every file of the edition that its sums cover: all but the sums, their signature and the key."""
    outside = {SUMS, SIGNATURE, SIGNER}
    return sorted(p for p in edition.rglob("*") if p.is_file() and p.relative_to(edition).as_posix() not in outside)


def sums_text(edition: Path, files: Iterable[Path]) -> str:
    """The lines of `SHA256SUMS` for `files`, in order of name."""
    return "".join(f"{file_sha256(p)}  {p.relative_to(edition).as_posix()}\n" for p in sorted(files))


@dataclass(frozen=True, slots=True)
class Verification:
    """What verification found. `whole` is true when nothing was changed, added or removed and the signature holds."""

    edition: Path
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    signature: str  # valid, invalid, missing
    signer: str  # the name on the key, or empty
    known: bool  # the key is among those the reader trusts

    @property
    def whole(self) -> bool:
        return not (self.changed or self.added or self.removed) and self.signature == "valid"

    def as_json(self) -> dict[str, object]:
        return {
            "edition": self.edition.name,
            "whole": self.whole,
            "changed": list(self.changed),
            "added": list(self.added),
            "removed": list(self.removed),
            "signature": self.signature,
            "signer": self.signer,
            "signer_known": self.known,
        }


def _declared(path: Path) -> dict[str, str]:
    declared: dict[str, str] = {}
    for row, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name or name.startswith("/") or ".." in Path(name).parts:
            raise Refused("is not a line of sums", where=Where(path, row), expected="64 hex digits, two spaces, a name")
        declared[name] = digest
    return declared


def known_signers(folder: Path) -> list[Signer]:
    """The public keys (`*.pub`) of a folder; none when there is no such folder."""
    return [read_signer(p) for p in sorted(folder.glob("*.pub"))] if folder.is_dir() else []


def verify(edition: Path, *, known: Iterable[Signer] = ()) -> Verification:
    """Compare an edition with its sums and its signature.

    Raises:
        NotFound: the folder is not there or holds no `SHA256SUMS`.
        Refused: `SHA256SUMS` or `signer.pub` cannot be read as such.
    """
    if not (edition / SUMS).is_file():
        raise NotFound(f"no edition at {edition}", expected=f"a folder with {SUMS}")
    declared = _declared(edition / SUMS)
    present = {p.relative_to(edition).as_posix(): p for p in summed_files(edition)}
    changed = [n for n in sorted(declared.keys() & present.keys()) if file_sha256(present[n]) != declared[n]]
    signature, signer = "missing", None
    if (edition / SIGNATURE).is_file() and (edition / SIGNER).is_file():
        signer = read_signer(edition / SIGNER)
        line = (edition / SIGNATURE).read_text(encoding="utf-8", errors="replace")
        valid = signer.verifies((edition / SUMS).read_bytes(), decode_signature(line))
        signature = "valid" if valid else "invalid"
    trusted = next((k for k in known if signer is not None and k.key == signer.key), None)
    named = trusted or signer  # the label on the key is not signed: that of the reader's own copy is the one to show
    return Verification(
        edition=edition,
        changed=tuple(changed),
        added=tuple(sorted(present.keys() - declared.keys())),
        removed=tuple(sorted(declared.keys() - present.keys())),
        signature=signature,
        signer=named.name if named else "",
        known=trusted is not None,
    )
