"""What can be shown, and what is said of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.fonts import covered, legible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a😀b", "a[U+1F600]b"),
        ("a\x00b", "a[U+0000]b"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\ud800b", "a[U+D800]b"),
        ("a\ue000b", "a[U+E000]b"),
        ("a\r\nb\tc\u2028d", "a\nb c\nd"),
    ],
)
def test_what_cannot_be_shown_is_written_as_its_code_point(text: str, shown: str) -> None:
    assert legible(text) == shown


@given(st.text())
def test_nothing_is_left_out(text: str) -> None:
    shown = legible(text)

    assert len(shown) >= len(text.replace("\r\n", "\n"))
    assert all(c in "\n\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\u061c" or ord(c) in covered() for c in shown)
    assert legible(shown) == shown
