"""Numbers of headings, blocks in reading order."""

from __future__ import annotations

from cop.publication.annual.tree import BulletList, Callout, Section, Words, every_block, numbers, paragraph


def test_chapters_count_annexes_have_letters_and_front_matter_neither() -> None:
    plan = [("none", 1), ("none", 2), ("chapter", 1), ("chapter", 2), ("chapter", 3), ("chapter", 2), ("chapter", 4),
            ("chapter", 1), ("chapter", 2), ("annex", 1), ("annex", 2), ("annex", 1)]  # fmt: skip
    sections = tuple(Section(str(i), "x", level, (), kind) for i, (kind, level) in enumerate(plan))  # type: ignore[arg-type]

    assert numbers(sections, Words()) == [
        "", "", "1", "1.1", "1.1.1", "1.2", "", "2", "2.1", "Annex A", "A.1", "Annex B",
    ]  # fmt: skip


def test_the_27th_annex_has_two_letters() -> None:
    sections = tuple(Section(str(i), "x", 1, (), "annex") for i in range(27))

    assert numbers(sections, Words())[-2:] == ["Annex Z", "Annex AA"]


def test_blocks_within_blocks_are_met_in_reading_order() -> None:
    one, two, three = paragraph("1"), paragraph("2"), paragraph("3")
    outer = BulletList(((one, two),))
    box = Callout("box", (three,))

    assert list(every_block((outer, box))) == [outer, one, two, box, three]
