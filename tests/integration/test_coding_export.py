"""`cop coding export`: reviewed records leave without texts, or with texts that a holder's passphrase opened."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from served import PASSPHRASE, environment, founded

WORDS = "A girl of 13 is left out of the class chat and mocked for her clothes every day."
_DECIDED = """
import sys
from datetime import date
from pathlib import Path
from cop.config.observatory import read_observatory
from cop.config.start import start
folder, text = sys.argv[1:]
start(read_observatory(Path(folder)))
from django.contrib.auth import get_user_model
from cop.vault.coding.operations import decide
from cop.vault.coding.schemas import Choice
from cop.vault.members.queries import actor_of, organisation
from cop.vault.reports.operations import accept
from cop.vault.reports.submission import Submission
actor = actor_of(get_user_model().objects.get())
done = accept(actor=actor, submission=Submission(organisation("alpha").pk, "desk", text, date(2026, 1, 2)))
decide(actor=actor, report=done.id, version=1, choice=Choice("code", "C02"))
"""


def test_texts_leave_only_with_a_holders_passphrase(cop: Callable[..., Any], tmp_path: Path) -> None:
    folder = founded(tmp_path / "o").folder
    subprocess.run([sys.executable, "-c", _DECIDED, str(folder), WORDS], check=True, env=environment())

    plain = cop("coding", "export", "alpha", "--dir", folder)
    assert plain.code == 0, plain.err
    row = json.loads(plain.out)
    assert (row["reviewed_code"], row["audit"], "text" in row) == ("C02", False, False)
    assert "mocked" not in plain.out

    texts = ("coding", "export", "alpha", "--dir", folder, "--texts", "analyst@alpha.example")
    out = tmp_path / "reviews.jsonl"
    assert "narratives are never printed" in cop(*texts).refusal
    wrong = cop(*texts, "-o", out, "--passphrase", "not the one")
    assert "the passphrase does not open this key" in wrong.refusal and not out.exists()
    right = cop(*texts, "-o", out, "--passphrase", PASSPHRASE)
    assert right.code == 0, right.err
    assert json.loads(out.read_text())["text"] == WORDS
    assert out.stat().st_mode & 0o777 == 0o600
    assert "exists" in cop(*texts, "-o", out, "--passphrase", PASSPHRASE).refusal

    from cop.classification.coder.reviews import read_reviews
    from cop.classification.scheme import load_scheme

    [review] = read_reviews(out, load_scheme())
    assert (review.text, review.code) == (WORDS, "C02")
