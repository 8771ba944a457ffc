"""What an operator says of the server: one table `[server]` in a TOML file (docs/guide/language-model.md)."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.validation import refusal

_Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid", strict=True))
class Settings:
    """Where the server is and how it is asked.

    Attributes:
        address: what stands before `/chat/completions`: `http://127.0.0.1:8080/v1`.
        model: the model's name, as the server knows it.
        timeout: seconds for one request.
        concurrency: requests at a time.
        retries: further tries of a request after 429, 5xx, a timeout or a lost connection.
        key_variable: the environment variable that holds the bearer key; None sends no key.
        allow_remote: narratives may go to an address outside loopback and private ranges; then https only.
        ca_file: certificates that vouch for the server, instead of the system's.
        answers: what the server can be held to: a JSON `schema`, any JSON `object`, or `text` that ought to be JSON.
        logprobs: ask for the probabilities of tokens.
        max_tokens: longest answer, reasoning included.
        calibration: the file that calibration wrote; None sends every record to a person.
    """

    address: Annotated[str, Field(min_length=1, max_length=500)]
    model: Annotated[str, Field(min_length=1, max_length=200)]
    timeout: _Seconds = 60.0
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    key_variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    allow_remote: bool = False
    ca_file: str | None = None
    answers: Literal["schema", "object", "text"] = "schema"
    logprobs: bool = True
    max_tokens: Annotated[int, Field(ge=64, le=32_768)] = 2048
    calibration: str | None = None

    def key(self) -> str | None:
        """The bearer key from the environment; it is never part of a message.

        Raises:
            NotFound: the variable is not set.
            Refused: it holds what cannot stand in a header.
        """
        if self.key_variable is None:
            return None
        key = os.environ.get(self.key_variable, "").strip()
        if not key:
            raise NotFound(f"the environment has no {self.key_variable}", expected="the server's key there")
        if not all("!" <= c <= "~" for c in key):
            raise Refused(f"{self.key_variable} is no key", expected="ASCII letters, digits and signs, no space")
        return key


def read_settings(path: Path) -> Settings:
    """The settings in that file; `ca_file` and `calibration` are taken from its folder.

    Raises:
        NotFound: there is no such file.
        Refused: it is not TOML, or a setting is missing, unknown or not what is expected.
    """
    if not path.is_file():
        raise NotFound(f"{path} is not there", expected="a TOML file with a table [server]")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"the file is not TOML: {error}", where=Where(path), expected="UTF-8 TOML") from None
    table = raw.pop("server", None)
    if raw or not isinstance(table, dict):
        raise Refused("the file is not a server's settings", where=Where(path), expected="one table, [server]")
    for name in ("ca_file", "calibration"):
        if isinstance(table.get(name), str):
            table[name] = str(path.parent / table[name])
    try:
        return Settings(**table)
    except ValidationError as error:
        raise refusal(error, path, what="a server's settings") from None
