"""The language of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.coder.language import detect
from cop.kernel.languages import OFFICIAL


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My daughter's account was taken over by a classmate", "en"),
        ("Ma fille ne peut plus entrer dans son compte", "fr"),
        ("Mi hija ya no puede entrar en su cuenta", "es"),
        ("Моя дочь не может войти в свой аккаунт", "ru"),
        ("لا تستطيع ابنتي الدخول إلى حسابها", "ar"),
        ("我女儿的账号登录不了", "zh"),
        ("Minha filha não consegue entrar na sua conta e não sabe o que fazer", "und"),
        ("Моя донька не може увійти до свого облікового запису, її зламали", "und"),
        ("دخترم نمی‌تواند وارد حساب کاربری‌اش بشود چون گذرواژه عوض شده", "und"),
        ("娘のアカウントにログインできなくなりました", "und"),
        ("", "und"),
        ("12345 :-) https://example.org/en", "und"),
    ],
)
def test_a_text_is_in_an_official_language_or_undetermined(text: str, language: str) -> None:
    assert detect(text) == language


@given(st.text(max_size=100))
def test_any_text_has_an_answer_and_always_the_same(text: str) -> None:
    assert detect(text) == detect(text)
    assert detect(text) in {*OFFICIAL, "und"}
