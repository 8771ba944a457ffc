"""Findings: each criterion by sentences of our own, nothing from nothing, verbatim quotes, a floor on draft findings."""

# sentences are data: one a line reads best

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.terms.criteria import FINDINGS, FindingName, criteria
from cop.terms.documents import Document, from_bytes, read
from cop.terms.findings import Finding, check, rank

FILLER = (
    "The harbour is quiet in the morning and the boats come back before noon with the first light of the day. " * 10
)

# (criterion, kind, finding, sentence): all sentences are ours; the providers are invented.
CLAUSES: list[tuple[str, str, FindingName, str]] = [
    ("OWN-1", "tos", "met", "You retain all ownership rights in the content that you post on Pebble."),
    ("OWN-1", "tos", "met", "Pebble does not claim ownership of the photos you upload."),
    ("OWN-1", "tos", "met", "Everything you draw stays yours: your content belongs to you."),
    ("OWN-1", "tos", "met", "Vous conservez la propriété de tous les contenus que vous publiez."),
    ("OWN-1", "tos", "met", "Usted conserva la propiedad de todo el contenido que publique."),
    ("OWN-1", "tos", "met", "Sie behalten das Eigentum an allen Inhalten, die Sie hochladen."),
    ("OWN-1", "tos", "not_met", "By uploading content you assign to Pebble all right, title and interest in that content."),
    ("OWN-1", "tos", "not_met", "Any content you submit becomes the sole property of Pebble."),
    ("OWN-1", "tos", "partly", "You grant Pebble a licence to show what you post."),
    ("LIC-1", "tos", "met", "You grant us a non-exclusive licence to host and display your content solely to operate and improve the service."),
    ("LIC-1", "tos", "not_met", "You grant us a worldwide licence to use, copy and modify your content for any purpose and in any media now known or later developed."),
    ("LIC-1", "tos", "partly", "You grant us a non-exclusive, royalty-free licence to use, copy and display your content."),
    ("LIC-2", "tos", "met", "This licence ends when you delete your content from the service."),
    ("LIC-2", "tos", "partly", "The licence for your content ends when you delete it, except where we have already sublicensed it to others."),
    ("LIC-2", "tos", "not_met", "You grant us a perpetual and irrevocable licence to use your content."),
    ("LIC-2", "tos", "not_met", "The licence you grant for your content survives the closing of your account."),
    ("LIC-3", "tos", "met", "You grant us a licence to host your content, which we may sublicense only to service providers that host it for us."),
    ("LIC-3", "tos", "partly", "You grant us a sublicensable licence to host and display your content so that we can run the service."),
    ("LIC-3", "tos", "not_met", "This licence lets us make your content available for syndication and publication by other companies."),
    ("LIC-4", "tos", "met", "You keep your moral rights, such as the right to be named as the author."),
    ("LIC-4", "tos", "partly", "You waive your moral rights to the extent necessary for the service to work."),
    ("LIC-4", "tos", "not_met", "You irrevocably waive all moral rights in what you post."),
    ("LIC-5", "tos", "met", "You keep the ideas and feedback that you send us; feedback remains yours."),
    ("LIC-5", "tos", "partly", "We may use any feedback that you send us without restriction."),
    ("LIC-5", "tos", "not_met", "All feedback and suggestions you send become our property."),
    ("LIC-6", "tos", "met", "We do not use your content to train machine learning models."),
    ("LIC-6", "tos", "partly", "We use your posts to train machine learning models, and you can opt out in the settings."),
    ("LIC-6", "tos", "not_met", "We use your content to train our artificial intelligence models."),
    ("DEL-1", "tos", "met", "You can delete your account and all your content at any time in the settings."),
    ("DEL-1", "tos", "met", "Vous pouvez supprimer votre compte à tout moment dans les réglages."),
    ("DEL-1", "tos", "partly", "When you close your account, your posts will remain on the service under an anonymous name."),
    ("DEL-1", "tos", "not_met", "We have no obligation to delete your posts or your profile."),
    ("DEL-2", "privacy", "met", "After you delete a photo it is removed from our backups within 30 days."),
    ("DEL-2", "privacy", "partly", "After you delete your account, data is removed from our backups within 24 months."),
    ("DEL-2", "privacy", "partly", "We keep your information for as long as it is necessary for our business."),
    ("DEL-2", "privacy", "not_met", "We may keep server copies of your content indefinitely."),
    ("MKT-1", "privacy", "met", "We never share your personal information with anyone for advertising or marketing."),
    ("MKT-1", "privacy", "partly", "We share only aggregated information with advertisers to measure advertising."),
    ("MKT-1", "privacy", "not_met", "We share your e-mail address and other information with advertising partners for targeted marketing."),
    ("MKT-2", "privacy", "met", "We share your information with partners for marketing only with your prior consent."),
    ("MKT-2", "privacy", "partly", "You can opt out of targeted advertising by our partners at any time."),
    ("MKT-2", "privacy", "not_met", "If you do not agree to the use of your information for advertising, please stop using the service."),
    ("MKT-3", "privacy", "met", "We do not share your personal information with anyone except our service providers or where the law demands it."),
    ("MKT-3", "privacy", "partly", "We may share your information with our affiliates and subsidiaries."),
    ("MKT-3", "privacy", "not_met", "We provide your information to business partners for their own marketing purposes."),
    ("AGE-1", "tos", "met", "You must be at least 13 years old to use Pebble."),
    ("AGE-1", "tos", "met", "No one under 16 may use the service."),
    ("AGE-2", "tos", "met", "If you are a minor, you must have the consent of your parent or guardian to use Pebble."),
    ("AGE-2", "tos", "partly", "If you are under 18, please read these terms together with your parents."),
    ("AGE-2", "privacy", "partly", "If we learn that a child under 13 has an account, we will delete it."),
    ("AGE-3", "privacy", "met", "Accounts of teens are private by default, and teens do not see personalised ads."),
    ("AGE-3", "privacy", "partly", "Accounts of users under 18 are set to private by default."),
    ("AGE-3", "privacy", "not_met", "We treat minors in the same way as adults."),
    ("CHG-1", "tos", "met", "We will notify you by e-mail at least 30 days before changes to these terms take effect."),
    ("CHG-1", "tos", "met", "Nous vous informerons par courriel avant toute modification de ces conditions ; nous vous notifierons 30 jours à l'avance de la mise à jour."),
    ("CHG-1", "tos", "partly", "If we make material changes to these terms, we will notify you by e-mail."),
    ("CHG-1", "tos", "not_met", "We may change these terms at any time by posting the new version on this page."),
    ("CHG-1", "tos", "not_met", "We may modify these terms at any time without notice to you."),
    ("CHG-2", "tos", "partly", "Last updated: 1 July 2026"),
    ("CHG-2", "tos", "met", "Last updated: 1 July 2026. Earlier versions of these terms are kept in our archive: see previous versions."),
    ("LNG-2", "privacy", "met", "Young people can read our privacy guide for teens, a version in simple words."),
    ("LNG-2", "privacy", "partly", "In short: we keep little and share less."),
]  # fmt: skip

# Sentences that look alike and decide nothing on the criterion.
LOOKALIKES = [
    ("OWN-1", "tos", "Pebble and its licensors own the service, its software and its trademarks."),
    ("OWN-1", "tos", "You represent that you own or control the rights to everything you post."),
    ("OWN-1", "tos", "Any feedback you send becomes our property."),
    ("LIC-1", "tos", "We grant you a limited licence to use the app for your personal purposes only."),
    ("LIC-2", "tos", "We grant you a revocable licence, which ends when your account is closed."),
    ("LIC-2", "tos", "You grant us a perpetual licence to use your feedback and suggestions."),
    ("LIC-3", "tos", "You may not sublicense or transfer your account."),
    ("DEL-1", "tos", "We may remove your content or terminate your account at any time."),
    ("MKT-1", "privacy", "We receive information from advertisers about the ads you saw elsewhere."),
    ("AGE-1", "tos", "You must be at least 18 years old to view mature content."),
    ("CHG-1", "tos", "We may change or discontinue the service at any time without notice."),
    ("CHG-1", "tos", "You can update your account information at any time."),
    ("DEL-2", "privacy", "We will answer your request within 30 days."),
]  # fmt: skip


def document(text: str, kind: str, *, filler: bool = True) -> Document:
    """A document of one sentence among sentences that say nothing about terms."""
    return from_bytes(f"{text}\n\n{FILLER if filler else ''}".encode(), name=f"pebble__{kind}__2026-07-01.md")


def found(text: str, kind: str, code: str) -> Finding:
    checked = check(from_bytes(text.encode(), name=f"pebble__{kind}__2026-07-01.md"))
    return next(f for f in checked if f.criterion == code)


@pytest.mark.parametrize(("code", "kind", "finding", "sentence"), CLAUSES)
def test_a_sentence_decides_its_criterion_and_is_quoted(
    code: str, kind: str, finding: FindingName, sentence: str
) -> None:
    result = found(sentence, kind, code)
    assert (result.finding, result.evidence[0].quote in sentence) == (finding, True), result.why


@pytest.mark.parametrize(("code", "kind", "sentence"), LOOKALIKES)
def test_a_lookalike_decides_nothing(code: str, kind: str, sentence: str) -> None:
    result = found(sentence, kind, code)
    assert (result.finding, result.evidence) == ("not_reviewed", ())


def test_every_criterion_and_every_finding_of_a_rule_has_a_sentence_here() -> None:
    assert {code for code, *_ in CLAUSES} == set(criteria()) - {"LNG-1"}


def test_the_best_evidence_is_the_deciding_sentence_among_others() -> None:
    sentence = "You can delete your account and all your content at any time in the settings."
    text = document(f"We may remove content that breaks the rules.\n\n{sentence}", "tos")
    result = next(f for f in check(text) if f.criterion == "DEL-1")
    assert [e.quote for e in result.evidence] == [sentence]


def test_perpetual_in_one_part_and_ending_in_another_proposes_the_worse() -> None:
    text = (
        "The licence for private posts ends when you delete your content.\n\n"
        "For public content, you grant us a perpetual and irrevocable licence to use your content."
    )
    result = found(text, "tos", "LIC-2")
    assert result.finding == "not_met"
    assert len(result.evidence) == 2


def test_a_text_on_other_things_gets_no_finding_but_measured_ones() -> None:
    results = {f.criterion: f for f in check(document("A letter from the harbour.", "tos"))}
    spoken = {code for code, f in results.items() if f.finding in {"met", "partly", "contradictory"} or f.evidence}
    assert spoken <= {"LNG-1"}
    assert results["OWN-1"].finding == "not_addressed"
    assert "searched: pebble__tos__2026-07-01.md" in results["OWN-1"].why


def test_a_criterion_of_the_other_document_is_not_reviewed_rather_than_not_addressed() -> None:
    results = {f.criterion: f for f in check(document("A letter from the harbour.", "privacy"))}
    assert (results["OWN-1"].finding, results["MKT-1"].finding) == ("not_reviewed", "not_addressed")


def test_a_stub_is_silent_about_nothing() -> None:
    assert {f.finding for f in check(document("A short line.", "tos", filler=False))} == {"not_reviewed"}


def test_a_language_without_rules_is_not_reviewed() -> None:
    text = "Вы сохраняете права на всё, что публикуете. Мы сообщим вам об изменениях заранее, за тридцать дней. " * 20
    results = check(from_bytes(text.encode(), name="pebble__tos__2026-07-01.txt"))
    assert {f.finding for f in results} == {"not_reviewed"}
    assert "no rules for this language (ru)" in results[0].why


def test_json_has_the_published_shape() -> None:
    rows = [f.as_json() for f in check(document(CLAUSES[0][3], "tos"))]
    assert [row["criterion"] for row in rows] == list(criteria())
    keys = {"document", "criterion", "finding", "confidence", "evidence", "why", "value"}
    assert all(set(row) == keys | ({"readability"} if row["criterion"] == "LNG-1" else set()) for row in rows)


def test_rank_gives_passages_whatever_they_decide() -> None:
    text = document("You can delete your content at any time.\n\nWe have no obligation to delete your posts.", "tos")
    assert [e.quote for e in rank(text, "DEL-1", top=2)] == [
        "We have no obligation to delete your posts.",
        "You can delete your content at any time.",
    ]


SENTENCES = st.lists(
    st.sampled_from(
        [c[3] for c in CLAUSES]
        + [s for *_, s in LOOKALIKES]
        + ["# Title", "*   item;", "[link](https://example.org)", "“Quoted” — naïve…", "| a | b |"]
    ),
    max_size=15,
)


@given(SENTENCES, st.sampled_from(["\n\n", " ", "\n", "  \n*   "]), st.sampled_from(["tos", "privacy"]))
def test_quotes_are_verbatim_scores_ordered_and_findings_known(sentences: list[str], glue: str, kind: str) -> None:
    text = document(glue.join(sentences), kind)
    for result in check(text):
        assert result.finding in FINDINGS
        assert 0 <= result.confidence <= 1
        assert [e.quote for e in result.evidence] == [text.text[e.start : e.end] for e in result.evidence]
        assert [e.score for e in result.evidence] == sorted((e.score for e in result.evidence), reverse=True)
        assert (result.finding in {"met", "partly", "not_met"}) or not result.evidence


@pytest.fixture(scope="module")
def gold(shared: Path) -> list[tuple[dict[str, str], Finding]]:
    """Draft findings of the development providers, each beside what is proposed. One reader's single pass, not the truth."""
    folder = shared / "data" / "terms"
    with (folder / "gold_findings_dev.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["start"]]
    checked = {
        (name, f.criterion): f for name in {r["file"] for r in rows} for f in check(read(folder / "documents" / name))
    }
    return [(row, checked[row["file"], row["criterion"]]) for row in rows]


def test_the_deciding_sentence_is_in_the_top_three_of_draft_findings(
    gold: list[tuple[dict[str, str], Finding]],
) -> None:
    hits = [any(e.start < int(r["end"]) and int(r["start"]) < e.end for e in f.evidence) for r, f in gold]
    assert sum(hits) / len(hits) >= 0.9  # target .85; .95 measured when the rules were written


def test_most_proposals_agree_with_draft_findings(gold: list[tuple[dict[str, str], Finding]]) -> None:
    right = [r["finding"] == f.finding for r, f in gold]
    assert sum(right) / len(right) >= 0.9  # .99 measured when the rules were written, on the same documents


def test_confident_proposals_are_right(gold: list[tuple[dict[str, str], Finding]]) -> None:
    sure = [r["finding"] == f.finding for r, f in gold if f.confidence >= 0.9]
    assert sum(sure) / len(sure) >= 0.85


@pytest.mark.parametrize(
    ("sentence", "criterion", "finding"),
    [
        (
            "By uploading Works the User assigns to the Company all right, title and interest in the content, or failing that a licence.",
            "OWN-1",
            "not_met",
        ),
        ("The Company does not require the consent of a parent or guardian for minors.", "AGE-2", "not_met"),
        ("The Company is under no obligation to delete any post at the request of the User.", "DEL-1", "not_met"),
        ("Closing the account does not result in the erasure of the content that you posted.", "DEL-1", "not_met"),
        ("You give us a licence for your content, and we may not pass the licence to other companies.", "LIC-3", "met"),
        (
            "The Company may amend these terms at any time and no individual notification shall be given.",
            "CHG-1",
            "not_met",
        ),
    ],
)
def test_agreements_in_the_third_person_and_negations_are_read(sentence: str, criterion: str, finding: str) -> None:
    filler = " ".join(["The service shows pictures and lets people talk about them in rooms of their own."] * 15)
    kind = "tos" if criterion != "AGE-2" else "privacy"
    document = from_bytes(f"# Terms of Service\n\n{filler}\n\n{sentence}\n".encode(), name=f"x__{kind}__2026-01-01.md")

    assert {f.criterion: f.finding for f in check(document)}[criterion] == finding


def test_a_page_that_is_one_long_heading_is_graded_all_the_same() -> None:
    text = "# " + "You agree to these terms when you use the service. " * 30
    [graded] = [f for f in check(from_bytes(text.encode(), name="a.md")) if f.criterion == "LNG-1"]
    assert graded.evidence


def test_evidence_of_a_page_has_its_place_in_the_raw_file() -> None:
    page = "<html><body><h1>Terms of Service</h1><p>You keep all <b>ownership</b> of what you post &amp; share.</p></body></html>"
    found = check(from_bytes(page.encode(), name="a.html", keep=True))
    spans = {page[s.start : s.end] for f in found if f.criterion == "OWN-1" for e in f.evidence for s in e.raw}
    assert spans == {"You keep all <b>ownership</b> of what you post &amp; share."}
