"""Documents of the catalogue: YAML that fits a JSON Schema, read the same way in every room."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator

from cop.kernel.errors import Refused, Where


class _Loader(yaml.CSafeLoader):
    """Safe YAML, parsed by libyaml, in which a key given twice is an error."""

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
        # _Loader is a safe loader
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"is not YAML: {error}", where=Where(path), expected="UTF-8 YAML") from error
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    faults = sorted(validator.iter_errors(document), key=lambda fault: [str(part) for part in fault.absolute_path])
    if faults:
        fault = faults[0]
        field = ".".join(str(part) for part in fault.absolute_path) or None
        more = f"{len(faults) - 1} more faults in the file" if len(faults) > 1 else None
        problem = fault.message if len(fault.message) <= 160 else f"{fault.message[:160]}..."
        raise Refused(problem, where=Where(path, field=field), expected=f"what {schema.name} says", note=more)
    return cast("dict[str, Any]", document)
