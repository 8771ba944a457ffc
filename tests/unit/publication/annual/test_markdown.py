"""The secretariat's Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.publication.annual.markdown import read_markdown
from cop.publication.annual.tree import (
    BulletList,
    Column,
    NumberedList,
    Paragraph,
    Quote,
    Row,
    Run,
    Section,
    Table,
    paragraph,
)


def read(text: str) -> tuple[Section, ...]:
    return read_markdown(text, id="foreword", title="Foreword")


def test_paragraphs_keep_their_faces_and_links() -> None:
    [section] = read("One *two* **three** `four`\nfive [six](https://example.org/a_b) & <https://example.org>.")

    runs = (
        Run("One "), Run("two", emphasis=True), Run(" "), Run("three", strong=True), Run(" "), Run("four", code=True),
        Run(" five "), Run("six", link="https://example.org/a_b"), Run(" & "),
        Run("https://example.org", link="https://example.org"), Run("."),
    )  # fmt: skip
    assert section == Section("foreword", "Foreword", 1, (Paragraph(runs),))


def test_lists_nest_and_numbers_begin_where_they_say() -> None:
    [section] = read("3. one\n4. two\n\n   more\n\n   - inner\n")

    inner = BulletList(((paragraph("inner"),),))
    assert section.blocks == (
        NumberedList(((paragraph("one"),), (paragraph("two"), paragraph("more"), inner)), start=3),
    )


def test_a_table_keeps_the_side_of_its_numbers() -> None:
    [section] = read("| Country | Reports |\n|---|---:|\n| **Corvell** | 12 |\n")

    columns = (Column("Country", 8.0), Column("Reports", 8.0, number=True))
    cells = ((Run("Corvell", strong=True),), (Run("12"),))
    assert section.blocks == (Table("", columns, (Row(cells),)),)


def test_a_quotation_is_a_quotation() -> None:
    assert read("> said\n> so\n")[0].blocks == (Quote((paragraph("said so"),)),)


def test_headings_become_sections_without_skipping_a_level() -> None:
    found = read("begin\n\n## A\n\n#### B\n\n## C\n\n# D\n")

    assert [(s.id, s.title, s.level) for s in found] == [
        ("foreword", "Foreword", 1), ("foreword-1", "A", 2), ("foreword-2", "B", 3), ("foreword-3", "C", 2),
        ("foreword-4", "D", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("fine\n\n<div>x</div>\n", 3, "raw HTML"),
        ("fine\nthen <b>bold</b>\n", 2, "raw HTML"),
        ("- a\n- b <br> c\n", 2, "raw HTML"),
        ("see\n\n![alt](x.png)\n", 3, "picture"),
        ("```\ncode\n```\n", 1, "code block"),
        ("a\n\n    four spaces\n", 3, "code block"),
        ("a\n\n***\n", 3, "rule"),
        ("[x](notes.md)\n", 1, "link"),
        ("> # inner\n", 1, "heading within"),
        ("# a\n\n## b\n\n### c\n\n#### d\n", 7, "too deep"),
        ("#\n", 1, "heading without words"),
    ],
)
def test_what_has_no_place_is_refused_by_file_section_and_line(text: str, line: int, what: str) -> None:
    with pytest.raises(Refused) as caught:
        read(text)

    message = str(caught.value)
    assert message.startswith(f'foreword.md: line {line} of section "Foreword": ')
    assert what in message


def test_a_script_address_never_becomes_a_link() -> None:
    [section] = read("[x](javascript:alert(1))")

    assert section.blocks == (paragraph("[x](javascript:alert(1))"),)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_or_refused_and_no_link_leads_elsewhere(text: str) -> None:
    try:
        sections = read(text)
    except Refused:
        return
    assert sections[0].title == "Foreword"
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                links = [r.link for r in block.runs if r.link is not None]
                assert all(link.startswith(("https://", "http://", "mailto:")) for link in links)
