"""That a set of changes accounts for every code of two neighbouring versions, exactly once.

A code is unchanged or in one change that moves records; rename, urgency and note may stand beside one another, each
once for a code, and say what differs: a name that differs without a rename is refused, and so is the reverse.

Source: notes on the classification, 5.4; UN, Best Practice Guidelines for Developing International Statistical
Classifications (2013): a correspondence is complete in both directions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from cop.classification.versions import MOVING, Change, Changes, Kind, Version
from cop.kernel.errors import Refused

_SHAPES: Mapping[Kind, tuple[str, str]] = {
    "split": ("1", "2+"),
    "merge": ("2+", "1"),
    "move": ("1", "1"),
    "new": ("0", "1+"),
    "retired": ("1+", "0"),
    "rename": ("1+", "1+"),
    "urgency": ("1+", "1+"),
    "note": ("1+", "1+"),
}
"""How many codes a change has before and after."""


def check_changes(changes: Changes, path: Path) -> None:
    """Check the changes between two versions.

    Args:
        changes: what to check.
        path: the file they were read from, for the message.

    Raises:
        Refused: a change has the wrong number of codes, names a code that its version lacks, weights that are not of
            its codes or do not sum to 1; a code is in no change, in two, or used again with another meaning.
    """
    for place, change in enumerate(changes.changes):
        _check_shape(change, place, path)
        _check_known(change.before, changes.old, f"changes.{place}.from", path)
        _check_known(change.after, changes.new, f"changes.{place}.to", path)
        _check_weights(change, place, path)
    _check_once(changes, path)
    _check_accounted(changes, path)
    _check_meaning(changes, path)
    for kind in ("rename", "urgency"):
        _check_difference(changes, kind, path)


def subdivision(change: Change, changes: Changes) -> str | None:
    """The class that lives on: divided into its own subclasses, or taking them back; None of any other change."""
    if change.kind not in ("split", "merge"):
        return None
    fine = change if change.kind == "split" else change.inverse
    coarse, finer = (changes.old, changes.new) if change.kind == "split" else (changes.new, changes.old)
    [above] = fine.before
    parts = [code for code in fine.after if code != above]
    own = all(finer.by_code[code].parent == above for code in parts)
    leaf = all(entry.parent != above for entry in coarse.entries)
    return above if own and leaf and above in finer.by_code and len(parts) > 1 else None


def _check_shape(change: Change, place: int, path: Path) -> None:
    for side, codes, shape in zip(("from", "to"), (change.before, change.after), _SHAPES[change.kind], strict=True):
        least = int(shape[0])
        if len(codes) < least or (len(codes) > least and not shape.endswith("+")):
            raise Refused.value(
                ", ".join(codes), f"do not suit the kind {change.kind}",
                expected=f"{shape.replace('+', ' or more')} code{'' if shape == '1' else 's'}",
                file=path, field=f"changes.{place}.{side}",
            )  # fmt: skip
    if change.kind not in MOVING and change.before != change.after:
        raise Refused.value(
            ", ".join(change.after), f"are not the codes before, as the kind {change.kind} has them",
            expected=", ".join(change.before), file=path, field=f"changes.{place}.to",
        )  # fmt: skip


def _check_known(codes: Iterable[str], version: Version, field: str, path: Path) -> None:
    for code in codes:
        if code not in version.by_code:
            raise Refused.value(
                code, "is no code of its version", expected=f"a code of version {version.name}", file=path, field=field
            )


def _check_weights(change: Change, place: int, path: Path) -> None:
    if change.weights is None:
        return
    shares, codes = change.weights.shares, change.after if change.kind == "split" else change.before
    field = f"changes.{place}.weights.shares"
    if set(shares) != set(codes):
        raise Refused.value(
            ", ".join(shares), "are not the codes to divide over", expected=", ".join(codes), file=path, field=field
        )
    if min(shares.values()) <= 0 or sum(shares.values()) != 1:
        total = ", ".join(f"{code} {share}" for code, share in shares.items())
        raise Refused.value(total, "do not sum to 1", expected="shares above 0 that sum to 1", file=path, field=field)


def _check_once(changes: Changes, path: Path) -> None:
    """At most one change that moves records, and one of each other kind, on either side of a code."""
    seen: dict[tuple[str, str, str], Kind] = {}
    for place, change in enumerate(changes.changes):
        group = "moving" if change.kind in MOVING else change.kind
        for side, codes in (("from", change.before), ("to", change.after)):
            for code in codes:
                if (side, code, group) in seen:
                    raise Refused.value(
                        code, f"is already in a change of kind {seen[side, code, group]}",
                        expected="a code in one change", file=path, field=f"changes.{place}.{side}",
                    )  # fmt: skip
                seen[side, code, group] = change.kind


def _check_accounted(changes: Changes, path: Path) -> None:
    moving = [change for change in changes.changes if change.kind in MOVING]
    before = {code for change in moving for code in change.before}
    after = {code for change in moving for code in change.after}
    old, new = changes.old.by_code, changes.new.by_code
    gone = [code for code in old if code not in new and code not in before]
    come = [code for code in new if code not in old and code not in after]
    for missing, version, last in ((gone, changes.old, "retired"), (come, changes.new, "new")):
        if missing:
            raise Refused.value(
                missing[0], f"of version {version.name} is not accounted for",
                expected=f"a change of kind split, merge, move or {last}", file=path, field="changes",
            )  # fmt: skip


def _check_meaning(changes: Changes, path: Path) -> None:
    """A code that both versions have is in no change that moves records, but for a class and its own subclasses."""
    both = changes.old.by_code.keys() & changes.new.by_code.keys()
    for place, change in enumerate(changes.changes):
        if change.kind not in MOVING:
            continue
        lives = subdivision(change, changes)
        for side, codes in (("from", change.before), ("to", change.after)):
            for code in codes:
                if code in both and code != lives:
                    raise Refused.value(
                        code, f"is in a change of kind {change.kind} and in both versions: its meaning would change",
                        expected="a new code", file=path, field=f"changes.{place}.{side}",
                    )  # fmt: skip


def _check_difference(changes: Changes, kind: Kind, path: Path) -> None:
    field = {"rename": "name", "urgency": "urgency"}[kind]
    listed = {code for change in changes.changes if change.kind == kind for code in change.before}
    for code in changes.old.by_code.keys() & changes.new.by_code.keys():
        was, now = (getattr(version.by_code[code], field) for version in (changes.old, changes.new))
        if (was != now) != (code in listed):
            problem = f"keeps its {field}" if was == now else f"has another {field} and is in no change of kind {kind}"
            raise Refused.value(
                code, problem, expected=f"the kind {kind} where the {field} differs", file=path, field="changes"
            )
