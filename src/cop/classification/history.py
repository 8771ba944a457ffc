"""The history of the classification as the catalogue has it: past versions, changes and proposals, read and checked.

Each is data against a JSON Schema: `catalogue/threats/versions/0.1.yaml` (a frozen code list), `changes/1.0.yaml` (what
led to that version), `proposals/P001.yaml`. The newest version is the classification itself. What a schema cannot say
is checked here: every code of two neighbours is accounted for exactly once, weights sum to one, no code comes back
with another meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from cop.classification.accounting import check_changes
from cop.classification.scheme import load_scheme, read_part
from cop.classification.versions import Change, Changes, Entry, History, Version, Weights, release
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import Text
from cop.kernel.periods import parse_date
from cop.kernel.resources import resource


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change somebody proposes, with the reasons and what it would do to series of counts.

    `changes.old` is the version it would change, `changes.new` what that version would become; `decision` says why it
    is no longer open.
    """

    id: str
    title: Text
    date: date
    status: Literal["open", "accepted", "declined", "withdrawn"]
    reasons: Text
    series: Text
    changes: Changes
    decision: Text | None


def load_history(folder: Path | None = None) -> History:
    """Read and check all versions and the changes between them.

    Args:
        folder: the folder of the classification, with `versions/` and `changes/` in it; the catalogue's when None.

    Raises:
        NotFound: a file is missing.
        Refused: a file does not fit its schema, itself or the others; names the file and the field.
    """
    folder = folder or resource("catalogue/threats")
    present = _present(folder)
    paths = sorted((folder / "changes").glob("*.yaml"), key=lambda path: _numbers(path.stem))
    documents = [read_part(path, folder / "changes" / "changes.schema.json") for path in paths]
    versions = [_version(folder, documents[0]["from"], present)] if documents else [present]
    steps: list[Changes] = []
    for path, document in zip(paths, documents, strict=True):
        _check_names(document, path, versions[-1])
        versions.append(_version(folder, document["to"], present))
        changes = Changes(versions[-2], versions[-1], _changes(document["changes"]))
        check_changes(changes, path)
        _check_rulings(changes.changes, folder, path)
        _check_reuse(versions, path)
        steps.append(changes)
    if versions[-1] is not present:
        raise NotFound(f"changes/{present.name}.yaml is missing from the classification", expected="what led to it")
    return History(tuple(versions), tuple(steps))


def load_proposals(history: History, folder: Path | None = None) -> tuple[Proposal, ...]:
    """Every proposal, by number, each checked as if it were made.

    Args:
        history: the versions there are; a proposal's version must be one of them.
        folder: the folder of the classification, with `proposals/` in it; the catalogue's when None.

    Raises:
        NotFound: the schema is missing.
        Refused: a proposal does not fit its schema or its version; names the file and the field.
    """
    folder = folder or resource("catalogue/threats")
    return tuple(_proposal(path, history, folder) for path in sorted((folder / "proposals").glob("*.yaml")))


def _proposal(path: Path, history: History, folder: Path) -> Proposal:
    document = read_part(path, folder / "proposals" / "proposal.schema.json")
    if document["id"] != path.stem:
        raise Refused.value(document["id"], "is not the file's number", expected=path.stem, file=path, field="id")
    try:
        old = history.version(document["version"])
        day = parse_date(document["date"])
    except NotFound as error:
        raise Refused.value(
            document["version"], "is no version", expected=str(error.expected), file=path, field="version"
        ) from error
    except Refused as error:
        raise Refused.value(
            document["date"], "is no day", expected="a date as 2026-11-27", file=path, field="date"
        ) from error
    made = _changes(document["changes"])
    new = _after(old, made, tuple(Entry(**entry) for entry in document["codes"]), f"{old.name} with {path.stem}")
    changes = Changes(old, new, made)
    check_changes(changes, path)
    _check_rulings(made, folder, path)
    past = history.versions[: history.versions.index(old) + 1]
    _check_reuse((*past, new), path)
    facts = {name: document[name] for name in ("id", "title", "status", "reasons", "series")}
    return Proposal(**facts, date=day, changes=changes, decision=document.get("decision"))


def _after(old: Version, made: Iterable[Change], added: Sequence[Entry], name: str) -> Version:
    """A version with the codes that changes leave, and those added in their places.

    Names and urgencies are as they were: a rename or a change of urgency lists the code again, as it would be.
    """
    again = {entry.code for entry in added}
    gone = {code for change in made for code in change.before if code not in change.after}
    subdivided = {entry.parent for entry in added}
    kept = [e for e in old.entries if e.code not in again and (e.code not in gone or e.code in subdivided)]
    return Version(name, tuple(sorted((*kept, *added), key=lambda entry: entry.code)))


def _present(folder: Path) -> Version:
    """The classification as a version, with its residual codes."""
    scheme = load_scheme(folder)
    frame = read_part(folder / "scheme.yaml", folder / "scheme.schema.json")
    entries = [Entry(n.code, n.level, n.parent, n.name["en"], n.urgency) for n in scheme.nodes]
    for section in [entry for entry in entries if entry.level == "section"]:
        for residual in frame["codes"]["residuals"]:
            name = f"{section.name}, {residual['name']['en']}"
            entries.append(Entry(section.code + residual["suffix"], "class", section.code, name, None))
    return Version(release(scheme.version), tuple(entries))


def _version(folder: Path, name: str, present: Version) -> Version:
    """A past version from its file, or the present one; where a file has the present one, the two must agree."""
    path = folder / "versions" / f"{name}.yaml"
    if name == present.name and not path.is_file():
        return present
    document = read_part(path, folder / "versions" / "version.schema.json")
    if document["version"] != name:
        raise Refused.value(document["version"], "is not the file's version", expected=name, file=path, field="version")
    version = Version(name, tuple(Entry(**entry) for entry in document["codes"]))
    _check_entries(version.entries, path)
    if name == present.name:
        _check_frozen(version, present, path)
        return present
    return version


def _check_entries(entries: Iterable[Entry], path: Path) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.code in seen:
            raise Refused.value(entry.code, "is used twice", expected="a code once", file=path, field="codes.code")
        above = {1: None, 3: entry.code[:1], 4: entry.code[:3]}[len(entry.code)]
        level = {1: "section", 3: "class", 4: "subclass"}[len(entry.code)]
        if entry.parent != above or entry.level != level or (above is not None and above not in seen):
            raise Refused.value(
                entry.code, "has no place", expected=f"a {level}" + (f" after its parent {above}" if above else ""),
                file=path, field="codes.parent",
            )  # fmt: skip
        seen.add(entry.code)


def _check_frozen(frozen: Version, present: Version, path: Path) -> None:
    for code in sorted(frozen.by_code.keys() | present.by_code.keys()):
        if frozen.by_code.get(code) != present.by_code.get(code):
            raise Refused.value(
                code, "is not as it was frozen", expected="a new version where a code changes", file=path, field="codes"
            )


def _check_names(document: Mapping[str, Any], path: Path, last: Version) -> None:
    for field, expected in (("to", path.stem), ("from", last.name)):
        if document[field] != expected:
            raise Refused.value(document[field], "is not the version here", expected=expected, file=path, field=field)


def _changes(entries: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    return tuple(
        Change(
            kind=entry["kind"],
            before=tuple(entry["from"]),
            after=tuple(entry["to"]),
            reason=entry["reason"],
            rulings=tuple(entry.get("rulings", ())),
            weights=_weights(entry.get("weights", "unknown")),
        )
        for entry in entries
    )


def _weights(entry: str | Mapping[str, Any]) -> Weights | None:
    if isinstance(entry, str):
        return None
    return Weights({code: Fraction(str(share)) for code, share in entry["shares"].items()}, entry["sample"])


def _check_rulings(changes: Sequence[Change], folder: Path, path: Path) -> None:
    if not any(change.rulings for change in changes):
        return
    register = read_part(folder / "rulings.yaml", folder / "rulings.schema.json")
    numbers = {ruling["number"] for ruling in register["rulings"]}
    for place, change in enumerate(changes):
        for number in change.rulings:
            if number not in numbers:
                raise Refused.value(
                    number, "is no ruling of the register", expected="a number in rulings.yaml",
                    file=path, field=f"changes.{place}.rulings",
                )  # fmt: skip


def _check_reuse(versions: Sequence[Version], path: Path) -> None:
    """A code that the version before does not have may be in none of the earlier ones."""
    *past, before, new = versions
    for code in new.by_code:
        for version in past:
            if code not in before.by_code and code in version.by_code:
                raise Refused.value(
                    code, f"was a code of version {version.name}", expected="a code that was never used",
                    file=path, field="changes.to",
                )  # fmt: skip


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else -1 for part in version.split("."))
