"""The indicator catalogue: what each figure means, read from `catalogue/indicators/*.yaml`.

Source: WG-CP/1 report, 7.13 (a list of indicators collected nationally and internationally). Each file is checked
against `indicator.schema.json` beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator

from cop.kernel.errors import NotFound, Refused, Where, shown
from cop.kernel.resources import resource


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. Texts are by language (ISO 639-1); `denominator` is None where nothing is divided."""

    code: str
    name: Mapping[str, str]
    dimension: str
    definition: Mapping[str, str]
    measure: str
    unit: str
    population: Mapping[str, str]
    numerator: Mapping[str, str]
    denominator: Mapping[str, str] | None
    disaggregations: tuple[str, ...]
    source_kind: str
    polarity: str
    periodicity: str
    reference: str
    version: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Indicators by code, in the order of their codes."""

    indicators: Mapping[str, Indicator]

    def __getitem__(self, code: str) -> Indicator:
        try:
            return self.indicators[code]
        except KeyError:
            raise NotFound(f"indicator {shown(code)} is not in the catalogue") from None

    def __contains__(self, code: object) -> bool:
        return code in self.indicators

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self.indicators.values())

    def __len__(self) -> int:
        return len(self.indicators)


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]  # pyright: ignore[reportUnknownMemberType]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", node.start_mark)
        return cast("dict[Any, Any]", super().construct_mapping(node, deep=deep))


def read_document(path: Path, schema: Path) -> dict[str, Any]:
    """A YAML document that fits its JSON Schema (2020-12).

    Raises:
        Refused: not YAML, a key given twice, or the schema is not met; names the file and the field.
    """
    try:
        # _Loader is a SafeLoader
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"is not YAML: {error}", where=Where(path), expected="UTF-8 YAML") from error
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    faults = sorted(validator.iter_errors(document), key=lambda fault: [str(part) for part in fault.absolute_path])
    if faults:
        fault = faults[0]
        field = ".".join(str(part) for part in fault.absolute_path) or None
        more = f"{len(faults) - 1} more to mend in the file" if len(faults) > 1 else None
        problem = fault.message if len(fault.message) <= 160 else f"{fault.message[:160]}..."
        raise Refused(problem, where=Where(path, field=field), expected=f"what {schema.name} says", note=more)
    return cast("dict[str, Any]", document)


def read_indicator(path: Path, schema: Path) -> Indicator:
    """One indicator from its file.

    Raises:
        Refused: as `read_document`, or the file is not named after its code.
    """
    facts = read_document(path, schema)
    if path.stem != facts["code"]:
        raise Refused.value(facts["code"], "is not the file's name", file=path, field="code", expected=f'"{path.stem}"')
    if (facts["denominator"] is None) != (facts["measure"] in {"total", "count", "series"}):
        raise Refused.value(
            facts["measure"], "does not go with this denominator", file=path, field="denominator",
            expected="null for total, count and series, a text for proportion, mean and ratio",
        )  # fmt: skip
    facts["disaggregations"] = tuple(facts["disaggregations"])
    return Indicator(**facts)


def load(folder: Path | None = None) -> Catalogue:
    """Every indicator of a folder (`catalogue/indicators` where none is given).

    Raises:
        Refused: a file is not a valid indicator. NotFound: the folder holds none.
    """
    if folder is None:
        return _installed()
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise NotFound(f"{folder.name} holds no indicator", expected="files CODE.yaml")
    read = [read_indicator(path, folder / "indicator.schema.json") for path in files]
    return Catalogue({indicator.code: indicator for indicator in read})


@cache
def _installed() -> Catalogue:
    return load(resource("catalogue/indicators"))
