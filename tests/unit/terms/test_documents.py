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
from cop.terms.findings import check

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


def test_three_megabytes_of_boilerplate_give_no_finding_but_the_measured_ones() -> None:
    started = time.perf_counter()
    document = from_bytes(
        page("<p>The sun rose over the quiet harbour and the boats went out to sea again.</p>" * 40_000),
        name="terms.html",
    )
    found = {f.criterion for f in check(document) if f.finding in {"met", "partly", "contradictory"}}
    assert found <= {"LNG-1"}
    assert time.perf_counter() - started < 30


def test_mixed_languages_are_warned_of() -> None:
    french = (
        "Vous conservez la propriété des contenus que vous publiez sur nos services et vous pouvez les supprimer. " * 20
    )
    document = from_bytes((TERMS * 8 + "\n\n" + french).encode(), name="terms.txt")
    assert any(w.startswith("mixed languages") for w in document.warnings)


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
