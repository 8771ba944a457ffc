"""Write an edition: facts and metadata in, a complete, summed and signed folder out, or nothing at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cop.editions.sdmx import write_messages
from cop.editions.tables import METADATA, TABLES
from cop.editions.verify import SIGNATURE, SIGNER, SUMS, summed_files, sums_text
from cop.kernel.errors import Refused, Where
from cop.kernel.hashing import canonical_json, file_sha256, text_sha256
from cop.kernel.signing import Seal

FORMAT = "cop-edition/1"


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything an edition will say.

    Attributes:
        about: `edition.json` but for `format` and `id`.
        facts: table name -> Arrow table with exactly the columns of `cop.editions.tables`; a table left out is empty.
        metadata: name -> JSON value; a name left out is an empty object.
    """

    about: Mapping[str, object]
    facts: Mapping[str, pa.Table] = field(default_factory=dict[str, pa.Table])
    metadata: Mapping[str, object] = field(default_factory=dict[str, object])


def _table(name: str, facts: Mapping[str, pa.Table]) -> pa.Table:
    """The table cast to its schema and sorted by all its text columns, so that equal facts are equal bytes."""
    schema = TABLES[name]
    if name not in facts:
        return schema.empty_table()
    given = facts[name]
    missing, unknown = set(schema.names) - set(given.column_names), set(given.column_names) - set(schema.names)
    if missing or unknown:
        wrong = ", ".join(sorted(missing | unknown))
        raise Refused(f"facts table {name} has other columns: {wrong}", expected=", ".join(schema.names))
    table = given.select(schema.names).cast(schema)
    keys = [(n, "ascending") for n in schema.names if pa.types.is_string(schema.field(n).type)]
    return table.sort_by(keys).combine_chunks()


def write_edition(contents: Contents, *, folder: Path, edition_id: str | None, seal: Seal) -> Path:
    """Write an edition into `folder/<id>` and return that path.

    The folder appears whole or not at all: it is written beside its place and renamed. Without an `edition_id` the
    edition is a draft, named by its content (`draft-` and twelve hex digits), so writing the same facts again finds
    it there.

    Raises:
        Refused: a facts table has other columns than its schema, or a metadata name is not one of `METADATA`.
    """
    if unknown := set(contents.metadata) - set(METADATA):
        raise Refused(f"unknown metadata {', '.join(sorted(unknown))}", expected=", ".join(METADATA))
    tables = {name: _table(name, contents.facts) for name in TABLES}
    part = folder / f".part-{os.getpid()}"
    shutil.rmtree(part, ignore_errors=True)
    for name in ("facts", "metadata", "sdmx"):
        (part / name).mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(table, part / "facts" / f"{name}.parquet", compression="zstd", version="2.6")
    for name in METADATA:
        text = canonical_json(contents.metadata.get(name, {}))
        (part / "metadata" / f"{name}.json").write_text(text, encoding="utf-8")
    write_messages(tables, contents.metadata, contents.about, folder=part / "sdmx")
    digest = text_sha256(canonical_json(contents.about) + sums_text(part, summed_files(part)))
    name = edition_id or f"draft-{digest[:12]}"
    about = {"format": FORMAT, "id": name, "status": "released" if edition_id else "draft", **contents.about}
    (part / "edition.json").write_text(canonical_json(about), encoding="utf-8")
    sums = sums_text(part, summed_files(part))
    (part / SUMS).write_text(sums, encoding="utf-8")
    (part / SIGNATURE).write_text(seal.sign(sums.encode()), encoding="utf-8")
    (part / SIGNER).write_text(seal.signer.line(), encoding="utf-8")
    return _settle(part, folder / name)


def _settle(part: Path, final: Path) -> Path:
    """Put the finished folder in its place; what stands there already must say the same."""
    if final.exists():
        if (final / SUMS).is_file() and file_sha256(final / SUMS) == file_sha256(part / SUMS):
            shutil.rmtree(part)
            return final
        shutil.rmtree(part)
        raise Refused(
            "an edition of that id exists with other content, and editions are immutable",
            where=Where(final),
            expected="another --release id",
        )
    for path in [*(p for p in part.rglob("*") if p.is_file()), part]:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    part.rename(final)
    return final
