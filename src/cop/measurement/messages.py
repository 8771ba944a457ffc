"""SDMX data messages and the structure they must fit, through pysdmx and sdmx1.

Which library reads which, tried on the official samples: pysdmx 1.2x reads data of ML 2.1 and 3.0, generic and
structure specific, and CSV 1.0 and 2.0, but puts attributes of cross-sectional messages beside the wrong observations
and cannot read some structures of 2.1. sdmx1 2.28 reads those two. So: data by pysdmx unless the message is
cross-sectional, structures of 2.1 by sdmx1 and later ones by pysdmx.

XML is first walked by expat with every declaration of a document type refused, which leaves neither entities nor
external references; only then does a library see it.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from xml.parsers import expat

from cop.kernel.errors import Refused, Where, shown

MAX_DEPTH = 64
_RESERVED = frozenset({"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY"})
_URN = re.compile(r"^(?:.*\.)?(?P<kind>DataStructure|Dataflow|ProvisionAgreement)=(?P<name>.+)$")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Observed:
    """One observation: dimensions but time in order, period, value as text ("" for none), attributes, row if known."""

    dims: Mapping[str, str]
    period: str
    value: str
    attributes: Mapping[str, str]
    area: str = ""
    unit: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """A data structure definition and the dataflows that use it. Names are AGENCY:ID(VERSION)."""

    name: str
    dimensions: tuple[str, ...]
    time: str | None
    measure: str
    attributes: frozenset[str]
    flows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Message:
    """A data message: what it says it is, its dimensions but time in order, its observations."""

    flow: str
    dimensions: tuple[str, ...]
    observations: Iterator[Observed]


@dataclass(frozen=True, slots=True)
class _Header:
    """What the head of an SDMX-ML message tells: version, dimension at observation level, structure it names."""

    version: str
    across: str | None
    reference: str | None


def read_message(path: Path, form: str, structure: Path | None) -> Message:
    """Read a data message against its structure.

    SDMX-CSV may come without one: its dimensions are then the columns left of OBS_VALUE. SDMX-ML may not.

    Raises:
        Refused: it cannot be read, or does not fit the structure.
    """
    if form == "sdmx-ml":
        if structure is None:
            raise Refused("SDMX-ML without its structure cannot be read", where=Where(path),
                          expected="structure = the file with its data structure definition")  # fmt: skip
        header = _walk(path)
        definitions = read_structures(structure)
        if header.across not in {None, "TIME_PERIOD", "AllDimensions"}:
            return _cross_sectional(path, header, structure, definitions)
        return _tabular(path, definitions)
    return _tabular(path, read_structures(structure) if structure is not None else None)


def read_structures(path: Path) -> list[Structure]:
    """The data structure definitions of an SDMX-ML structure message.

    Raises:
        Refused: it cannot be read, or holds none.
    """
    if not path.is_file():
        raise Refused("is not a file", where=Where(path), expected="an SDMX-ML structure message")
    header = _walk(path)
    read = _structures_of_21 if header.version == "2.1" else _structures_of_3
    found = _through(lambda: read(path), path, "an SDMX-ML structure message")
    if not found:
        raise Refused("holds no data structure definition", where=Where(path), expected="an SDMX-ML structure message")
    return found


def _walk(path: Path) -> _Header:
    """Walk the whole document: well formed, no document type, not too deep. Returns what its head tells."""
    told: dict[str, str] = {}
    depth = 0
    parser = expat.ParserCreate(namespace_separator=" ")

    def doctype(*_: object) -> None:
        raise Refused(
            "has a DOCTYPE, which could name entities or other files", where=Where(path), expected="plain XML"
        )

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise Refused(f"is nested more than {MAX_DEPTH} deep", where=Where(path), expected="an SDMX message")
        if depth == 1:
            version = re.search(r"/v(\d)_(\d)/", name)
            told["version"] = f"{version[1]}.{version[2]}" if version else ""
        if depth > 5:
            return
        if "dimensionAtObservation" in attributes:
            told["across"] = attributes["dimensionAtObservation"]
        if name.endswith(" StructureUsage"):
            told["kind"] = "Dataflow"
        if {"agencyID", "id"} <= attributes.keys() and name.rpartition(" ")[2] == "Ref":
            version_of = attributes.get("version", "1.0")
            kind = told.get("kind", "DataStructure")
            told.setdefault("reference", f"{kind}={attributes['agencyID']}:{attributes['id']}({version_of})")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        with path.open("rb") as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise Refused(f"is not XML: {error}", where=Where(path), expected="an SDMX-ML message") from error
    if not told.get("version"):
        raise Refused("is XML, but no SDMX-ML 2.1 or 3", where=Where(path), expected="an SDMX-ML message")
    return _Header(told["version"], told.get("across"), told.get("reference"))


def _through(read: Callable[[], _T], path: Path, expected: str) -> _T:
    """What a library reads; whatever it stumbles over is a refusal of the file, said in one line."""
    from pysdmx.errors import PysdmxError

    stumbles = (PysdmxError, KeyError, ValueError, TypeError, AttributeError, IndexError, NotImplementedError,
                RuntimeError, RecursionError, SyntaxError, UnicodeError)  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except stumbles as error:
        said = " ".join(str(error).split())[:160] or type(error).__name__
        raise Refused(f"cannot be read: {said}", where=Where(path), expected=expected) from error


def _structures_of_3(path: Path) -> list[Structure]:
    from pysdmx.io import read_sdmx
    from pysdmx.model import DataStructureDefinition, Role

    message: Any = read_sdmx(path, validate=False)
    structures: list[Any] = list(message.structures or [])
    found: list[Structure] = []
    for dsd in structures:
        if not isinstance(dsd, DataStructureDefinition):
            continue
        dimensions = [str(c.id) for c in dsd.components if c.role == Role.DIMENSION]
        measures = [str(c.id) for c in dsd.components if c.role == Role.MEASURE]
        attributes = frozenset(str(c.id) for c in dsd.components if c.role == Role.ATTRIBUTE)
        name = f"{_agency(dsd.agency)}:{dsd.id}({dsd.version})"
        flows = {
            f"{_agency(s.agency)}:{s.id}({s.version})"
            for s in structures
            if type(s).__name__ == "Dataflow" and name in _short(s.structure)
        }
        found.append(_structure(name, dimensions, measures, attributes, frozenset(flows)))
    return found


def _agency(agency: object) -> str:
    return str(getattr(agency, "id", agency))


def _short(reference: Any) -> str:  # noqa: ANN401 - pysdmx gives a text, an artefact or a reference
    if isinstance(reference, str):
        return reference
    return f"{_agency(reference.agency)}:{reference.id}({reference.version})" if reference is not None else ""


def _structures_of_21(path: Path) -> list[Structure]:
    import sdmx

    message: Any = sdmx.read_sdmx(path)
    found: list[Structure] = []
    for dsd in message.structure.values():
        name = _identity(dsd)
        flows = frozenset(_identity(flow) for flow in message.dataflow.values() if _identity(flow.structure) == name)
        dimensions = [str(d.id) for d in dsd.dimensions]
        found.append(
            _structure(
                name, dimensions, [str(m.id) for m in dsd.measures], frozenset(str(a.id) for a in dsd.attributes), flows
            )
        )
    return found


def _identity(artefact: Any) -> str:  # noqa: ANN401 - sdmx1 has no stubs
    return f"{artefact.maintainer.id}:{artefact.id}({artefact.version})"


def _structure(
    name: str, dimensions: list[str], measures: list[str], attributes: frozenset[str], flows: frozenset[str]
) -> Structure:
    time = "TIME_PERIOD" if "TIME_PERIOD" in dimensions else None
    rest = tuple(d for d in dimensions if d != time)
    return Structure(name, rest, time, measures[0] if measures else "OBS_VALUE", attributes, flows)


def _chosen(path: Path, reference: str, definitions: list[Structure]) -> Structure:
    """The structure the message says it follows.

    A message may name a dataflow that the structure file does not hold; with one definition there, its columns decide.
    """
    found = _URN.match(reference)
    kind, name = (found["kind"], found["name"]) if found else ("", reference)
    for definition in definitions:
        if name == definition.name or name in definition.flows:
            return definition
    silent = kind != "DataStructure" and not any(definition.flows for definition in definitions)
    if silent and len(definitions) == 1:
        return definitions[0]
    given = ", ".join(definition.name for definition in definitions)
    raise Refused(f"{shown(name)} is another structure than the one given", where=Where(path), expected=given)


def _tabular(path: Path, definitions: list[Structure] | None) -> Message:
    from pysdmx.io import read_sdmx

    message: Any = _through(lambda: read_sdmx(path, validate=False), path, "an SDMX data message")
    datasets: list[Any] = list(message.data or [])
    if not datasets:
        raise Refused("holds no data set", where=Where(path), expected="an SDMX data message")
    references = {str(getattr(d.structure, "short_urn", d.structure)) for d in datasets}
    if len(references) > 1:
        raise Refused("mixes data of several structures", where=Where(path), expected="one structure a file")
    reference = references.pop()
    for dataset in datasets:
        action = str(getattr(dataset.action, "value", dataset.action))
        if action == "Delete":
            raise Refused("asks to delete observations", where=Where(path), expected="observations to read")
    columns: list[str] = list(dict.fromkeys(str(c) for dataset in datasets for c in dataset.data.columns))
    if definitions is None:
        shape = _by_convention(path, columns)
    else:
        shape = _chosen(path, reference, definitions)
        _fits(path, shape, columns)
    found = _URN.match(reference)
    return Message(found["name"] if found else reference, shape.dimensions, _rows(path, datasets, shape))


def _by_convention(path: Path, columns: list[str]) -> Structure:
    """The structure of a CSV without one: dimensions are left of OBS_VALUE, as the format's field guide orders them."""
    if "OBS_VALUE" not in columns or "TIME_PERIOD" not in columns:
        lacking = "OBS_VALUE" if "OBS_VALUE" not in columns else "TIME_PERIOD"
        raise Refused(f"has no column {lacking}", where=Where(path), expected="a column each, or a structure")
    at = columns.index("OBS_VALUE")
    dimensions = [c for c in columns[:at] if c not in _RESERVED]
    return _structure("", dimensions, ["OBS_VALUE"], frozenset(columns[at + 1 :]), frozenset())


def _fits(path: Path, shape: Structure, columns: list[str]) -> None:
    wanted = [*shape.dimensions, *([shape.time] if shape.time else []), shape.measure]
    for name in wanted:
        if name not in columns:
            raise Refused(f"has no {name}, which {shape.name} asks for", where=Where(path), expected=", ".join(wanted))
    for name in columns:
        if name not in {*wanted, *shape.attributes, *_RESERVED, "Comp"}:
            raise Refused(
                f"{shown(name)} is not part of {shape.name}", where=Where(path), expected="its own components"
            )


def _rows(path: Path, datasets: list[Any], shape: Structure) -> Iterator[Observed]:
    if shape.time is None:
        raise Refused(f"{shape.name} has no TIME_PERIOD", where=Where(path), expected="a series over time")
    number = 0
    for dataset in datasets:
        for record in dataset.data.to_dict("records"):
            number += 1
            values = {str(name): _as_text(value) for name, value in record.items() if name != "Comp"}
            values |= _through(lambda held=record.get("Comp"): _complex(held), path, "attributes of SDMX-ML 3.0")
            empty = next((d for d in shape.dimensions if not values.get(d)), None)
            if empty is not None:
                raise Refused("is empty", where=Where(path, number, empty), expected="a code in every dimension")
            dims = {name: values[name] for name in shape.dimensions}
            taken = {*shape.dimensions, shape.time, shape.measure, *_RESERVED}
            attributes = {name: text for name, text in values.items() if name not in taken and text}
            fixed = {str(name): _as_text(value) for name, value in dict(dataset.attributes or {}).items()}
            yield Observed(dims, values[shape.time], values[shape.measure], fixed | attributes, row=number)


def _as_text(value: object) -> str:
    text = "" if value is None else str(value)
    return "" if text in {"<NA>", "nan"} else text


def _complex(value: object) -> dict[str, str]:
    """Attributes with several values: pysdmx hands over the `Comp` elements of ML 3.0 as the text of a Python literal.

    Returns:
        The single value, or a JSON list of them, by attribute.
    """
    text = _as_text(value)
    if not text:
        return {}
    parts: Any = ast.literal_eval(text)
    found: dict[str, str] = {}
    for one in parts if isinstance(parts, list) else [parts]:
        inner: Any = one.get("Value")
        listed: list[Any] = inner if isinstance(inner, list) else [inner]
        texts = [str(v.get("#text", "")) if isinstance(v, dict) else str(v) for v in listed]
        found[str(one["id"])] = texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False)
    return found


def _cross_sectional(path: Path, header: _Header, structure: Path, definitions: list[Structure]) -> Message:
    """A message with another dimension than time at observation level, which sdmx1 reads rightly.

    Neither library reads those that give attributes by group; their observations come out with one key and are refused.
    """
    if header.version != "2.1" or header.reference is None:
        raise Refused("is cross-sectional and names no structure in the way of 2.1", where=Where(path),
                      expected="time at observation level")  # fmt: skip
    shape = _chosen(path, header.reference, definitions)

    def read() -> list[Any]:
        import sdmx

        definitions_of_21: Any = sdmx.read_sdmx(structure)
        [dsd] = [d for d in definitions_of_21.structure.values() if _identity(d) == shape.name]
        message: Any = sdmx.read_sdmx(path, structure=dsd)
        return list(message.data)

    datasets = _through(read, path, "an SDMX data message")
    if len(datasets) != 1:
        raise Refused("has not exactly one data set", where=Where(path), expected="one")
    dataset = datasets[0]

    def rows() -> Iterator[Observed]:
        for number, observation in enumerate(dataset.obs, start=1):
            values = {str(k): str(v.value) for k, v in observation.key.values.items()}
            attributes = {str(k): str(v.value) for k, v in observation.attrib.items()}
            dims = {d: values[d] for d in shape.dimensions}
            yield Observed(dims, values["TIME_PERIOD"], _as_text(observation.value), attributes, row=number)

    return Message(header.reference.partition("=")[2], shape.dimensions, rows())
