"""Verifying an edition: every kind of tampering is found and named."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop.editions.verify import SIGNATURE, SIGNER, SUMS, Verification, known_signers, summed_files, sums_text, verify
from cop.kernel.errors import CopError, NotFound, Refused
from cop.kernel.signing import Seal, read_or_make_seal


@pytest.fixture
def edition(write: Callable[..., Path]) -> Path:
    """A fresh edition."""
    return write()


def found(edition: Path, **said: object) -> Verification:
    """A verification that finds nothing wrong but what is said."""
    whole = {"changed": (), "added": (), "removed": (), "signature": "valid", "signer": "observatory t", "known": False}
    return Verification(edition=edition, **{**whole, **said})  # type: ignore[arg-type]


def test_an_untouched_edition_is_whole_and_its_signer_unknown(edition: Path) -> None:
    assert verify(edition) == found(edition)
    assert verify(edition).whole


def test_a_signer_among_those_known_is_known_by_key_not_by_name(edition: Path, seal: Seal, tmp_path: Path) -> None:
    impostor = read_or_make_seal(tmp_path / "impostor.key", seal.signer.name)

    assert verify(edition, known=[seal.signer]) == found(edition, known=True)
    assert verify(edition, known=[impostor.signer]) == found(edition, known=False)


def test_a_known_signer_is_called_by_the_name_the_reader_gave_it(edition: Path, seal: Seal) -> None:
    (edition / SIGNER).write_text(seal.signer.line().replace("observatory t", "the ministry"))

    assert verify(edition).signer == "the ministry"
    assert verify(edition, known=[seal.signer]) == found(edition, known=True)


def test_known_signers_are_the_public_keys_of_a_folder(edition: Path, seal: Seal, tmp_path: Path) -> None:
    known = tmp_path / "known"
    assert known_signers(known) == []
    known.mkdir()
    (known / "a.pub").write_text(seal.signer.line())
    (known / "notes.txt").write_text("not a key")

    assert known_signers(known) == [seal.signer]


def test_a_changed_byte_is_named(edition: Path) -> None:
    path = edition / "facts" / "counts.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    assert verify(edition) == found(edition, changed=("facts/counts.parquet",))
    assert not verify(edition).whole


@pytest.mark.parametrize(
    "name", ["facts/extra.parquet", "notes.txt", ".hidden", "metadata/deep/er.json", "SHA256SUMS.bak"]
)
def test_an_added_file_is_named(edition: Path, name: str) -> None:
    (edition / name).parent.mkdir(exist_ok=True)
    (edition / name).write_text("x")

    assert verify(edition) == found(edition, added=(name,))


def test_a_removed_file_is_named(edition: Path) -> None:
    (edition / "metadata" / "library.json").unlink()

    assert verify(edition) == found(edition, removed=("metadata/library.json",))


def test_a_renamed_file_is_one_removed_and_one_added(edition: Path) -> None:
    (edition / "edition.json").rename(edition / "edition.jsom")

    assert verify(edition) == found(edition, added=("edition.jsom",), removed=("edition.json",))


def test_two_files_exchanged_are_both_changed(edition: Path) -> None:
    a, b = edition / "sdmx/counts.csv", edition / "sdmx/estimates.csv"
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second)
    b.write_bytes(first)

    assert verify(edition).changed == ("sdmx/counts.csv", "sdmx/estimates.csv")


def test_sums_made_again_over_a_changed_file_break_the_signature(edition: Path) -> None:
    (edition / "metadata" / "report.json").write_text("{}")
    (edition / SUMS).write_text(sums_text(edition, summed_files(edition)))

    assert verify(edition) == found(edition, signature="invalid")


def test_a_line_cut_from_the_sums_breaks_the_signature_and_shows_the_file_as_added(edition: Path) -> None:
    lines = (edition / SUMS).read_text().splitlines(keepends=True)
    (edition / SUMS).write_text("".join(lines[:-1]))
    name = lines[-1].split("  ")[1].strip()

    assert verify(edition) == found(edition, added=(name,), signature="invalid")


def test_another_key_beside_the_old_signature_does_not_verify(edition: Path, tmp_path: Path) -> None:
    other = read_or_make_seal(tmp_path / "other.key", "somebody else")
    (edition / SIGNER).write_text(other.signer.line())

    assert verify(edition) == found(edition, signature="invalid", signer="somebody else")


def test_an_edition_signed_anew_by_another_key_is_valid_and_its_signer_not_known(
    edition: Path, seal: Seal, tmp_path: Path
) -> None:
    other = read_or_make_seal(tmp_path / "other.key", seal.signer.name)
    (edition / "metadata" / "report.json").write_text("{}")
    (edition / SUMS).write_text(sums_text(edition, summed_files(edition)))
    (edition / SIGNATURE).write_text(other.sign((edition / SUMS).read_bytes()))
    (edition / SIGNER).write_text(other.signer.line())

    assert verify(edition, known=[seal.signer]) == found(edition, known=False)


@pytest.mark.parametrize("name", [SIGNATURE, SIGNER])
def test_a_missing_signature_or_key_is_a_missing_signature(edition: Path, name: str) -> None:
    (edition / name).unlink()

    assert verify(edition) == found(edition, signature="missing", signer="")
    assert not verify(edition).whole


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"AAAA\n", b"not base64 !\n", "é\u202e".encode(), b"\xff\xfe", base64.b64encode(bytes(64))]
)
def test_a_cut_or_garbled_signature_does_not_verify(edition: Path, line: bytes) -> None:
    (edition / SIGNATURE).write_bytes(line)

    assert verify(edition) == found(edition, signature="invalid")


def test_a_signature_cut_by_one_byte_does_not_verify(edition: Path) -> None:
    (edition / SIGNATURE).write_text((edition / SIGNATURE).read_text()[:-3])

    assert verify(edition).signature == "invalid"


@pytest.mark.parametrize(
    "line", [b"", b"ed25519\n", "ed25519 é name".encode(), b"ed25519 AAAA name\n", b"rsa AAAA\n", b"\xff"]
)
def test_a_key_that_is_none_is_refused_in_one_line(edition: Path, line: bytes) -> None:
    (edition / SIGNER).write_bytes(line)

    with pytest.raises(Refused) as refused:
        verify(edition)

    assert str(refused.value).startswith("signer.pub: is not a key")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "line", ["nonsense", "0" * 64 + "  ../../etc/passwd", "0" * 64 + "  /etc/passwd", "0" * 63 + "  a", "0" * 64 + " a"]
)
def test_a_line_that_is_no_sum_is_refused_with_its_number(edition: Path, line: str) -> None:
    (edition / SUMS).write_text(line + "\n")

    with pytest.raises(Refused) as refused:
        verify(edition)

    assert str(refused.value) == "SHA256SUMS row 1: is not a line of sums (expected 64 hex digits, two spaces, a name)"


def test_a_folder_without_sums_is_no_edition(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no edition at"):
        verify(tmp_path)


def test_coreutils_says_the_same(edition: Path) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("sha256sum is absent")
    done = subprocess.run(
        [program, "--check", "--strict", "--quiet", SUMS], cwd=edition, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_single_flipped_bit_passes(edition: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(p for p in edition.rglob("*") if p.is_file())))
    kept = path.read_bytes()
    place = data.draw(st.integers(0, len(kept) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(kept)
    changed[place] ^= 1 << bit
    path.write_bytes(changed)
    try:
        result = verify(edition)
        # the name on the key is a label: flipping it changes no identity, and the label is not signed
        assert (
            not result.whole
            or (path.name == SIGNER and result.signer != "observatory t")
            or _same(path, kept, bytes(changed))
        )
    except CopError as error:
        assert "\n" not in str(error)
    finally:
        path.write_bytes(kept)


def _same(path: Path, kept: bytes, changed: bytes) -> bool:
    """White space at the end of a line, and unused bits at the end of base64, say nothing."""
    if path.name not in {SIGNATURE, SIGNER}:
        return False
    return [_key(w) for w in kept.split()] == [_key(w) for w in changed.split()]


def _key(word: bytes) -> bytes:
    try:
        return base64.b64decode(word, validate=True)
    except ValueError:
        return word
