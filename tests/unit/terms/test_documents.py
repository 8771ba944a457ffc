"""Documents in four formats, and what is refused or only warned of."""

# sentences are data: one a line reads best

from __future__ import annotations

import hashlib
import io
import time
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfWriter

from cop.kernel.errors import NotFound, Refused, TooMuch
from cop.terms import documents
from cop.terms.dates import visible_date
from cop.terms.documents import from_bytes, read
from cop.terms.extraction import Passage
from cop.terms.extraction.page import lines
from cop.terms.extraction.selectors import parse
from cop.terms.findings import check
from cop.terms.quotes import in_raw

TERMS = (
    "You keep ownership of everything that you upload to the service. We will tell you thirty days before these terms change. "
    "You can delete your account at any time in the settings. "
)


def page(body: str, head: str = "<meta charset='utf-8'>") -> bytes:
    return f"<!doctype html><html><head>{head}<title>Terms</title></head><body>{body}</body></html>".encode()


def pdf(lines: list[str]) -> bytes:
    """A PDF of one page, written by hand: one text line after the other."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 40 700 Td {shown} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


def test_markdown_text_is_exactly_the_files_text(tmp_path: Path) -> None:
    raw = "\ufeff# Terms\r\n\r\nYou **keep** your content — always.\n".encode()
    path = tmp_path / "terms.md"
    path.write_bytes(raw)
    document = read(path)
    assert document.text == raw.decode("utf-8")
    assert (document.sha256, document.kind, document.format) == (hashlib.sha256(raw).hexdigest(), "tos", "markdown")


def test_html_keeps_what_stands_in_a_form_and_drops_scripts() -> None:
    body = f"<script>var x = 'nothing';</script><form><h1>Terms of Service</h1><p>{TERMS * 4}</p><ul><li>You can close your account.</li></ul></form>"
    document = from_bytes(page(body), name="terms.html")
    assert "You can close your account." in document.text
    assert "nothing" not in document.text
    assert document.format == "html"


def test_a_pdf_with_text_is_read() -> None:
    document = from_bytes(
        pdf(
            [
                "Terms of Service",
                "You keep ownership of your content.",
                *["We keep copies for ninety days after removal."] * 4,
            ]
        ),
        name="terms.pdf",
    )
    assert "You keep ownership of your content." in document.text
    assert document.format == "pdf"


def test_a_word_that_a_page_divides_is_whole_and_stands_in_the_raw_page() -> None:
    lines_ = [
        "You keep owner-",
        "ship of your content and",
        "we keep copies for ninety days.",
        *["We tell you of changes."] * 6,
    ]
    data = pdf(["Terms of Service", *lines_])
    document = from_bytes(data, name="terms.pdf")
    start = document.text.index("ownership of your content and we keep")
    assert document.raw_spans(start, start + 9)[0].as_json() == {"page": 1, "start": 26, "end": 37}
    assert in_raw(document, data, 0, len(document.text))


def test_a_pdf_without_text_is_refused() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    stream = io.BytesIO()
    writer.write(stream)
    with pytest.raises(Refused, match=r"scan.pdf: is a PDF without text \(1 pages, 0 words\)"):
        from_bytes(stream.getvalue(), name="scan.pdf")


def test_a_damaged_pdf_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be read as a PDF"):
        from_bytes(b"%PDF-1.7\n" + b"garbage " * 50, name="bad.pdf")


def test_a_page_of_scripts_only_is_refused() -> None:
    with pytest.raises(Refused, match=r"terms.html: is an HTML page of scripts only \(0 words\)"):
        from_bytes(
            page("<div id=app></div><script>render('You keep ownership of your content')</script>", head=""),
            name="terms.html",
        )


@pytest.mark.parametrize("data", [b"", b" \n\t "])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="is empty"):
        from_bytes(data, name="terms.md")


def test_a_nul_character_is_refused() -> None:
    with pytest.raises(Refused, match="holds a NUL character at 3"):
        from_bytes(b"You\x00 keep it.", name="terms.txt")


def test_bytes_that_are_not_utf8_and_declare_nothing_are_refused() -> None:
    with pytest.raises(Refused, match=r'field charset: "byte 3 \(0xe9\)" is not utf-8'):
        from_bytes("Don\xe9es personnelles".encode("latin-1"), name="terms.txt")


def test_a_page_that_breaks_its_declared_charset_is_refused() -> None:
    with pytest.raises(Refused, match="is not utf-8"):
        from_bytes(page("<p>x</p>").replace(b"<p>x", b"<p>\xff\xfe"), name="terms.html")


def test_a_declared_charset_is_followed() -> None:
    text = "Vous conservez la propriété de vos contenus et vous pouvez supprimer votre compte à tout moment. " * 6
    data = f"<html><head><meta charset=iso-8859-1></head><body><p>{text}</p></body></html>".encode("latin-1")
    document = from_bytes(data, name="conditions.html")
    assert "propriété" in document.text
    assert document.language == "fr"


def test_an_unknown_charset_is_refused() -> None:
    with pytest.raises(Refused, match='"klingon" is not a character set'):
        from_bytes(page("<p>x</p>", head="<meta charset=klingon>"), name="terms.html")


def test_utf16_with_its_mark_is_read() -> None:
    assert from_bytes(TERMS.encode("utf-16"), name="terms.txt").text == TERMS


def test_an_archive_or_a_picture_is_refused() -> None:
    with pytest.raises(Refused, match="is not a text document"):
        from_bytes(b"PK\x03\x04rest", name="terms.docx")


def test_a_file_over_the_limit_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "big.md"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    started = time.perf_counter()
    with pytest.raises(TooMuch, match="20,000,001 bytes"):
        read(path)
    assert time.perf_counter() - started < 1


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read(tmp_path / "none.md")
    with pytest.raises(Refused, match="is not a file"):
        read(tmp_path)


WALLS = {
    "login": "<h1>Welcome back</h1><form>Log in to continue. Email address. Password. Forgot your password? Sign in. New here? Sign up. Create an account today and join us now.</form>",
    "cookie_wall": "<h1>Before you continue</h1><p>We use cookies and so do our partners. Accept all cookies. Reject all. Manage preferences. Cookie settings can be opened from here later on.</p>",
    "script_wall": "<p>Please enable JavaScript to continue using this site. JavaScript is disabled in your browser, so checking your browser did not succeed this time around.</p>",
}


@pytest.mark.parametrize("kind", sorted(WALLS))
def test_a_wall_in_place_of_terms_is_named_and_never_judged(kind: str) -> None:
    document = from_bytes(page(WALLS[kind]), name="terms.html")
    assert document.page == kind
    assert {(f.finding, f.evidence) for f in check(document)} == {("not_reviewed", ())}
    assert any("nothing is judged" in warning for warning in document.warnings)


def test_mixed_languages_are_warned_of() -> None:
    french = (
        "Vous conservez la propriété des contenus que vous publiez sur nos services et vous pouvez les supprimer. " * 20
    )
    document = from_bytes((TERMS * 8 + "\n\n" + french).encode(), name="terms.txt")
    assert any(w.startswith("mixed languages") for w in document.warnings)


BANNER = (
    "<h2>We value your privacy</h2><p>We and our 842 partners store and/or access information on a device, such as unique identifiers in "
    "cookies, to process personal data. You may accept or manage your choices, including your right to object where legitimate interest "
    "is used. We may use precise geolocation. These choices will be signaled to our partners.</p><p>Personalised advertising and content, "
    "advertising measurement, audience research.</p><button>Accept all</button><button>Reject all</button><button>More options</button>"
    "<button>View vendors</button>"
)
PROSE = (
    "The sun rose over the quiet harbour and boat number {} went out to sea again, as it did on every other morning. "
)


@pytest.mark.parametrize("repeats", [1, 3])
def test_a_consent_banner_alone_is_named_although_it_speaks_of_rights(repeats: int) -> None:
    document = from_bytes(page(BANNER * repeats), name="privacy.html")
    assert document.page == "consent_banner"
    assert {f.finding for f in check(document)} == {"not_reviewed"}


def test_a_banner_above_the_terms_does_not_hide_them() -> None:
    document = from_bytes(
        page(BANNER + f"<main><h1>Terms of Service</h1><p>{TERMS * 30}</p></main>"), name="terms.html"
    )
    assert document.page == "terms"
    assert "You keep ownership" in document.text


def test_a_page_that_was_not_found_is_named() -> None:
    document = from_bytes(
        page("<h1>404</h1><p>Sorry, the page you are looking for was not found. Go back to the start.</p>" * 2),
        name="terms.html",
    )
    assert document.page == "not_found"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (page("<div id=app></div><script>render()</script>"), "terms.html", "script_wall"),
        (page("<img src=terms.png>"), "terms.html", "blank"),
        (b"", "terms.md", "blank"),
        ("Donn\xe9es personnelles".encode("latin-1"), "terms.txt", "wrong_charset"),
        (("Vous gardez la propriété de vos contenus. " * 9).encode().decode("cp1252").encode(), "cgu.txt", "wrong_charset"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_kept_as_what_it_is_and_nothing_is_found_in_it(
    data: bytes, name: str, kind: str
) -> None:
    with pytest.raises(Refused):
        from_bytes(data, name=name)
    document = from_bytes(data, name=name, keep=True)
    assert (document.page, document.wall) == (kind, True)
    assert document.warnings
    assert {(f.finding, f.evidence) for f in check(document)} == {("not_reviewed", ())}


def test_pictures_of_pages_are_kept_as_such() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    stream = io.BytesIO()
    writer.write(stream)
    document = from_bytes(stream.getvalue(), name="scan.pdf", keep=True)
    assert document.page == "image_only"
    assert any("1 pages, 0 words" in warning for warning in document.warnings)
    assert {f.finding for f in check(document)} == {"not_reviewed"}


def test_a_page_that_declares_latin_and_is_utf8_is_mended_and_said() -> None:
    text = "Vous conservez la propriété de vos contenus. Vous pouvez supprimer votre compte. " * 6
    document = from_bytes(page(f"<p>{text}</p>", head="<meta charset=iso-8859-1>"), name="conditions.html")
    assert "propriété" in document.text
    assert "declares iso-8859-1 but is UTF-8: read as UTF-8" in document.warnings


def test_three_megabytes_without_a_promise_are_no_terms() -> None:
    body = "".join(f"<p>{PROSE.format(i)}</p>" for i in range(30_000))
    document = from_bytes(page(body), name="terms.html")
    assert document.page == "no_terms"
    assert {f.finding for f in check(document)} == {"not_reviewed"}


def test_three_megabytes_that_repeat_themselves_are_boilerplate_unless_terms_stand_among_them() -> None:
    filler = "<p>The sun rose over the quiet harbour and the boats went out to sea again.</p>" * 40_000
    assert from_bytes(page(filler), name="terms.html").page == "boilerplate"
    promises = "".join(f"<p>In bay {i} you may keep your content, and we never share it.</p>" for i in range(20))
    mixed = from_bytes(page(filler + promises), name="terms.html")
    assert mixed.page == "terms"
    assert any("said once" in warning for warning in mixed.warnings)


def test_nothing_in_forms_fields_or_times_is_lost() -> None:
    body = f"<form><fieldset><legend>Your rights</legend><p>{TERMS * 12}</p><p>Since <time>1 July 2026</time> you may object.</p><label>You can opt out here.</label></fieldset></form>"
    document = from_bytes(page(body), name="terms.html")
    for words in ("Your rights", "Since 1 July 2026 you may object.", "You can opt out here."):
        assert words in document.text


def test_a_declared_selector_comes_first_and_one_that_fits_nothing_is_said() -> None:
    body = f"<div class='menu'>{TERMS}</div><div id=t class='a b'><p>You may leave.</p><p class=x>Share this!</p><p>{TERMS * 4}</p></div><p>Footer words.</p>"
    chosen = from_bytes(page(body), name="terms.html", passage=Passage(select=parse("div#t.b"), remove=(parse("p.x"),)))
    assert chosen.text.startswith("You may leave.")
    assert "Share this" not in chosen.text
    assert "Footer" not in chosen.text
    missing = from_bytes(page(body), name="terms.html", passage=Passage(select=parse("#none")))
    assert "the selector #none fits nothing on the page: the whole page is read" in missing.warnings
    assert "You may leave." in missing.text


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("p", "abcd"), ("#m p", "abc"), ("#m > p", "a"), (".k", "b"), ("div.k, p.z", "bd"), ("[data-t]", "b"), ('[data-t="u v"]', "b"),
        ("[data-t~=v] > p", "b"), ("[data-t^=u]", "b"), ("[data-t$=v]", "b"), ("[data-t*=' ']", "b"), ("body div div p", "bc"), ("*", "abcd"),
    ],
)  # fmt: skip
def test_selectors_fit_what_css_says(selector: str, found: str) -> None:
    body = "<div id=m><p>a</p><div class='j k' data-t='u v'><p>b</div><div><p>c</p></div></div><p class=z>d</p>"
    shown = lines(page(body).decode(), select=parse(selector))
    assert "".join(line.text for line in shown) == found


@pytest.mark.parametrize("selector", ["", ">", "p >", "p:first-child", "a + b", "p, ", "p..x", "#", "[=x]"])
def test_a_selector_that_is_not_read_is_refused(selector: str) -> None:
    with pytest.raises(Refused, match="is not a selector that is read here"):
        parse(selector)


@pytest.mark.parametrize(
    "tail", ["<", "<a", "<a href='x", "<!--", "<script>", "</", '<p title="a>b', "&", "&#", "&#xd800;", "<?x"]
)
def test_a_page_that_breaks_off_keeps_the_words_before(tail: str) -> None:
    assert lines(f"<p>You keep it.</p>{tail}")[0].text == "You keep it."


def test_hostile_nesting_and_quotes_take_linear_time() -> None:
    started = time.perf_counter()
    lines("<div>" * 100_000 + "x" + "</b></div>" * 100_000)
    lines("<a x='<b y=\"" * 50_000 + ">")
    lines("<svg>" * 20_000)
    assert time.perf_counter() - started < 15


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Last updated: July 1, 2026", date(2026, 7, 1)),
        ("Effective July 1, 2026. Last revised May 26, 2026", date(2026, 5, 26)),
        ("Dernière mise à jour : 1er janvier 2024", date(2024, 1, 1)),
        ("Stand: 3. März 2025", date(2025, 3, 3)),
        ("Última actualización: 5 de mayo de 2025", date(2025, 5, 5)),
        ("Дата обновления: 12 июня 2025 г.", date(2025, 6, 12)),
        ("最后更新日期：2025年3月9日", date(2025, 3, 9)),
        ("تاريخ آخر تحديث: 4 يناير 2025", date(2025, 1, 4)),
        ("Last updated 2025-02-30", None),
        ("Last updated 03/04/2025", None),
        ("Founded in 2004, we made 12 May 2005 famous across the whole wide world", None),
    ],
)
def test_the_date_a_text_shows_is_read_in_every_official_language(text: str, expected: date | None) -> None:
    assert visible_date(text) == expected


def test_the_kind_is_read_from_the_name_then_from_the_text() -> None:
    assert from_bytes(TERMS.encode(), name="x__privacy__2020-01-01.md").kind == "privacy"
    assert from_bytes(b"# Privacy Policy\n\nWe collect personal data.", name="page1.md").kind == "privacy"
    assert from_bytes(b"The cat sat on the mat and slept.", name="page1.md").kind is None


def test_real_documents_are_terms_in_english(shared: Path) -> None:
    for path in sorted((shared / "data" / "terms" / "documents").glob("*.md"))[::10]:
        document = read(path)
        assert (document.page, document.language, document.kind) == ("terms", "en", path.name.split("__")[1])
        assert document.warnings == ()
        assert document.words > documents.STUB_WORDS
