"""The secret that signs sessions and forms: one per observatory, kept beside the vault and never in a description."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cop.kernel.errors import Refused

NAME = Path("keys") / "secret.key"
_LEAST = 50


def secret_of(folder: Path | None) -> str:
    """`COP_SECRET_KEY`, else the observatory's own file, made when first asked for (0600); random without a folder.

    Raises:
        Refused: the secret is too short to be one.
    """
    given = os.environ.get("COP_SECRET_KEY")
    if given is None and folder is None:
        return secrets.token_urlsafe(64)
    secret = given if given is not None else _kept(folder / NAME if folder else NAME)
    if len(secret) < _LEAST:
        raise Refused("the secret key is too short", expected=f"at least {_LEAST} random characters")
    return secret


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    if not path.exists():
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(64) + "\n")
        try:
            os.link(part, path)  # whoever is first makes it; the others read it
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_text(encoding="utf-8").strip()
