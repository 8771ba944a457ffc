"""Every character of an extracted text stands where the map says in the raw file: proved on made pages, then on real ones."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import docx
import pytest
from docx.shared import Pt
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from cop.terms.clauses import split
from cop.terms.documents import Document, from_bytes
from cop.terms.extraction import RawSpan, raw_parts
from cop.terms.extraction.page import lines, text_of
from cop.terms.extraction.paper import from_pages, from_paragraphs
from cop.terms.quotes import bytes_of, in_parts, in_raw

WORDS = st.sampled_from(
    [
        "boats",
        "harbour",
        "you",
        "keep",
        "30",
        "days",
        "naïve",
        "l’été",
        "港",
        "a.b",
        "ﬁn",
        "x*y",
        "&",
        "<",
        "\u00a0",
        "—",
        "😀",
    ]
)


def seen(text: str) -> str:
    """What is left of a text when white space and the marks that extraction adds do not count."""
    return re.sub(r"[\s*#]", "", text)


@st.composite
def inline(draw: st.DrawFn) -> str:
    """A run of words with character references, tags inside sentences and words, comments and uneven white space."""
    out: list[str] = []
    for word in draw(st.lists(WORDS, min_size=1, max_size=8)):
        way = draw(st.integers(0, 4))
        shown = (
            html.escape(word) if way < 3 else "".join(f"&#{ord(c)};" if way == 3 else f"&#x{ord(c):x};" for c in word)
        )
        wrap = draw(
            st.sampled_from(
                [
                    "{}",
                    "<b>{}</b>",
                    "<a href=\"?a=1&amp;b='>'\">{}</a>",
                    "{}<!-- not > seen -->",
                    "<i>{}",
                    "{}<wbr>",
                    "<script>var a = '<p>';</script>{}",
                ]
            )
        )
        out.append(wrap.format(shown))
        out.append(draw(st.sampled_from([" ", "\n", "  \t ", "", "&nbsp;", "&#32;", " <br> "])))
    return "".join(out)


@st.composite
def pages(draw: st.DrawFn) -> str:
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        frame = draw(
            st.sampled_from(
                [
                    "<p>{}</p>",
                    "<p>{}",
                    "<h2>{}</h2>",
                    "<ul><li>{}<li>{}</ul>",
                    "<div>{}<div>{}</div></div>",
                    "<table><tr><td>{}<td>{}</table>",
                    "<form><p>{}</form>",
                    "{}",
                    "<pre>{}\n{}</pre>",
                    "<style>p {{ }}</style><P CLASS=x>{}</P>",
                    "<template><p>unseen</p></template><p>{}</p>",
                ]
            )
        )
        parts.append(frame.format(*(draw(inline()) for _ in range(frame.count("{}")))))
    return f"<!doctype html><html><head><title>t</title></head><body>{''.join(parts)}</body></html>"


def browser(page: str) -> str:
    """The words that libxml2 finds in a page: another reading than ours, for comparison."""
    tree = lxml_html.document_fromstring(
        page.encode(), parser=lxml_html.HTMLParser(encoding="utf-8", remove_comments=True)
    )
    for node in tree.xpath("//script|//style|//template|//title|//noscript"):
        node.drop_tree()
    return str(tree.text_content())


@given(pages())
@settings(max_examples=120)
def test_a_page_shows_the_words_that_another_parser_finds_in_the_same_order(page: str) -> None:
    text, _ = text_of(lines(page))
    assert seen(text) == seen(browser(page))


@given(pages(), st.data())
@settings(max_examples=120)
def test_any_passage_is_found_in_the_raw_page(page: str, data: st.DataObject) -> None:
    text, positions = text_of(lines(page))
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    spans = positions.raw_spans(start, end)
    if not seen(text[start:end]):
        return
    [span] = spans
    again, _ = text_of(lines(page[span.start : span.end]))
    assert seen(again) == seen(text[start:end])


@given(pages(), st.data())
@settings(max_examples=80)
def test_there_and_back_covers_the_same_words(page: str, data: st.DataObject) -> None:
    text, positions = text_of(lines(page))
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(start, len(text)))
    spans = positions.raw_spans(start, end)
    if spans:
        back = positions.clean_span(spans)
        assert back is not None
        assert start <= back[0] < back[1] <= end
        assert seen(text[slice(*back)]) == seen(text[start:end])


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1), st.data())
def test_plain_text_and_markdown_are_the_file_itself(text: str, data: st.DataObject) -> None:
    if not text.strip() or text.lstrip().startswith(("%PDF-", "<")):
        return
    raw = text.encode()
    document = from_bytes(raw, name="terms.md", keep=True)
    start = data.draw(st.integers(0, len(document.text) - 1))
    end = data.draw(st.integers(start + 1, len(document.text)))
    [span] = document.raw_spans(start, end)
    assert (span.part, span.start, span.end) == ((), start, end)
    if document.page != "wrong_charset":
        place = bytes_of(document, raw, span)
        assert place is not None
        assert raw[slice(*place)].decode() == document.text[start:end]


@pytest.mark.parametrize("charset", ["cp1252", "utf-16", "utf-16-be", "utf-8-sig", "koi8-r"])
def test_bytes_are_found_in_any_character_set(charset: str) -> None:
    text = "Вы сохраняете права." if charset == "koi8-r" else "Vous gardez l'été et vos droits."
    marked = charset in ("utf-16-be",)
    raw = (b"\xfe\xff" if marked else b"") + text.encode(charset)
    from cop.terms.extraction import Passage

    passage = Passage(charset=charset) if charset in ("cp1252", "koi8-r") else Passage()
    document = from_bytes(raw, name="terms.txt", passage=passage)
    start = document.text.index(text[5:9])
    [span] = document.raw_spans(start, start + 4)
    place = bytes_of(document, raw, span)
    assert place is not None
    read_by = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(charset, charset)
    assert raw[slice(*place)].decode(read_by) == text[5:9]


def word_file() -> bytes:
    made = docx.Document()
    made.add_heading("Terms of Service", 1)
    paragraph = made.add_paragraph("You keep ")
    run = paragraph.add_run("ownership")
    run.font.size = Pt(14)
    paragraph.add_run(" of your content.")
    made.add_paragraph("We delete copies within 30 days.", style="List Bullet")
    cell = made.add_table(1, 1).cell(0, 0)
    cell.text = "In a table, too, you may object."
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_docx_file_is_read_with_paragraphs_and_runs() -> None:
    data = word_file()
    document = from_bytes(data, name="terms.docx")
    assert document.text == (
        "# Terms of Service\n\nYou keep ownership of your content.\n\n* We delete copies within 30 days.\n\n"
        "In a table, too, you may object."
    )
    start = document.text.index("keep ownership of")
    spans = document.raw_spans(start, start + len("keep ownership of"))
    assert spans == (RawSpan((1, 0), 4, 9), RawSpan((1, 1), 0, 9), RawSpan((1, 2), 0, 3))
    parts = raw_parts(data, name="terms.docx")
    assert "".join(parts[s.part][s.start : s.end] for s in spans) == "keep ownership of"
    assert spans[0].as_json() == {"paragraph": 1, "run": 0, "start": 4, "end": 9}
    assert in_raw(document, data, 0, len(document.text))


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.booleans(), st.lists(st.text("ab c\n", max_size=6), max_size=4)), max_size=6
    )
)
def test_every_run_that_is_shown_stands_in_its_paragraph(paragraphs: list[tuple[int, bool, list[str]]]) -> None:
    text, positions = from_paragraphs(paragraphs)
    parts = {(n, r): run for n, (_, _, runs) in enumerate(paragraphs) for r, run in enumerate(runs)}
    spans = positions.raw_spans(0, len(text))
    assert seen("".join(parts[s.part][s.start : s.end] for s in spans)) == seen(text)


def test_lines_of_a_pdf_are_joined_over_pages_and_furniture_is_left_out() -> None:
    pages_ = [
        "Terms of Pebble\nYou keep owner-\nship of what you\nupload. We share it with\n1",
        "Terms of Pebble\npartners who help us.\n\nChildren\nNobody under 13 may join.\n2",
        "Terms of Pebble\nWrite to us at any time.\n3",
    ]
    text, positions = from_pages(pages_)
    assert text == (
        "You keep ownership of what you upload. We share it with partners who help us.\n\nChildren\n"
        "Nobody under 13 may join.\nWrite to us at any time."
    )
    start = text.index("ownership")
    assert positions.raw_spans(start, start + 9) == (RawSpan((1,), 25, 36),)
    assert pages_[0][25:36] == "owner-\nship"
    start = text.index("with partners")
    assert [(s.part, pages_[s.part[0] - 1][s.start : s.end]) for s in positions.raw_spans(start, start + 13)] == [
        ((1,), "with\n1"),
        ((2,), "Terms of Pebble\npartners"),
    ]
    assert positions.raw_spans(start + 5, start + 13)[0].as_json() == {"page": 2, "start": 16, "end": 24}


def test_a_passage_that_is_not_where_the_map_says_is_found_out() -> None:
    raw = b"<p>You keep &amp; own your content.</p><p>" + b"We tell you of changes. " * 10 + b"</p>"
    document = from_bytes(raw, name="terms.html")
    start = document.text.index("keep & own")
    parts = raw_parts(raw, name="terms.html")
    assert in_parts(document, parts, [(start, start + 10)]) == [True]
    assert in_parts(document, {(): parts[()].replace("own your", "owe your")}, [(start, start + 10)]) == [False]
    assert in_parts(document, {(): parts[()][1:]}, [(start, start + 10)]) == [False]


def clause_places(document: Document) -> list[tuple[int, int]]:
    return [(c.start, c.end) for c in split(document.text, markdown=document.markdown)]


def test_every_clause_of_real_pages_is_found_in_the_raw_page(shared: Path) -> None:
    folder = shared / "data" / "terms" / "noncommercial" / "html_extraction"
    clauses = 0
    for path in sorted(folder.glob("*.page.html"))[::4]:
        data = path.read_bytes()
        document = from_bytes(data, name=path.name)
        parts = raw_parts(data, name=path.name)
        places = clause_places(document)
        assert all(in_parts(document, parts, places))
        for start, end in places:
            [span] = document.raw_spans(start, end)
            shown = re.sub(r"(?is)<(script|style|noscript)\b.*?</\1>|<!--.*?-->", "", parts[()][span.start : span.end])
            assert seen(str(lxml_html.fromstring(f"<div>{shown}</div>").text_content())) == seen(
                document.text[start:end]
            )
        clauses += len(places)
    assert clauses > 300
