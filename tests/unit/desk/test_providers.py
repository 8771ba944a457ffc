"""The provider room: who sees what, how a cell is settled, what a provider may say, and what comes back refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from vaults import Vault
from watching import ENDS, STAYS, join, terms, watch

FIRST, SECOND = date(2025, 1, 1), date(2025, 3, 1)
TODAY = datetime.now(UTC).date()
CELL = "/desk/providers/pebble/LIC-2/"


@pytest.fixture
def room(sqlite_vault: Vault) -> Vault:
    from cop.vault.providers.operations import name_speaker

    watch("pebble", {FIRST: terms(STAYS)})
    watch("kelp", {FIRST: terms(ENDS)})
    join(sqlite_vault, "one@office", "reviewer", "office")
    join(sqlite_vault, "two@office", "analyst", "office")
    name_speaker(actor=sqlite_vault.actor("secretariat@office"), provider="pebble", slug="carrier")
    return sqlite_vault


def course():  # noqa: ANN201
    from cop.vault.providers.course import Cell
    from cop.vault.providers.queries import course

    return course(Cell("pebble", "LIC-2"))


def passage(words: str = STAYS) -> str:
    start = terms(STAYS).index(words)
    return f"{start} {start + len(words)} {FIRST} pebble/tos"


def review(seen: int, finding: str = "not_met", **more: str) -> dict[str, str]:
    return {"seen": str(seen), "finding": finding, "text": f"Because {finding}.", "passage": passage(), **more}


def test_the_room_opens_to_reviewers_of_the_observatory_and_to_who_speaks(room: Vault) -> None:
    def status(who: str, address: str) -> int:
        return room.client(who).get(address).status_code

    asked = ("/desk/providers/", "/desk/providers/pebble/", "/desk/providers/kelp/", CELL)
    found = {who: [status(who, a) for a in asked] for who in ("one@office", "two@office", "chair@office")}

    assert set(map(tuple, found.values())) == {(200, 200, 200, 200)}
    assert [status("delegate@carrier", a) for a in asked] == [302, 200, 404, 200]
    for outside in ("reviewer@alpha", "analyst@alpha", "administrator@office", "auditor@office", "delegate@xal"):
        assert [status(outside, a) for a in asked] == [403, 404, 404, 404]
    assert status("one@office", "/desk/providers/pebble/XXX-1/") == 404
    assert status("one@office", CELL + "?region=Mars") == 404


def test_the_queue_counts_and_filters(room: Vault) -> None:
    client = room.client("one@office")
    client.post(CELL + "decide/", review(0))

    page = client.get("/desk/providers/").content.decode()
    second = client.get("/desk/providers/?state=second_needed").content.decode()

    assert "your own review is in" in page
    assert second.count('<th scope="row"><a href="/desk/providers/pebble/LIC-2/">') == 1
    assert "/desk/providers/kelp/LIC-2/" in page and "/desk/providers/kelp/LIC-2/" not in second
    assert "pebble/LIC-2" not in client.get("/desk/providers/?provider=kelp").content.decode()


def test_the_text_stands_beside_the_evidence_with_its_words_marked_and_reachable(room: Vault) -> None:
    page = room.client("one@office").get(CELL).content.decode()

    assert f'<span id="q1" class="place"></span><mark>{STAYS}</mark>' in page
    assert 'href="#q1"' in page and 'href="#e1"' in page
    assert f'data-at="{terms(STAYS).index(STAYS)}"' in page
    assert "Does the licence end when the user deletes" in page


def test_a_second_reviewer_sees_the_first_review_only_after_ones_own(room: Vault) -> None:
    one, two, chair = (room.client(w) for w in ("one@office", "two@office", "chair@office"))
    assert one.post(CELL + "decide/", review(0)).status_code == 302
    first = "Because not_met."

    assert first in one.get(CELL).content.decode()
    for other in (two, chair, room.client("delegate@carrier")):
        assert first not in other.get(CELL).content.decode()
    assert "one review is in" not in room.client("delegate@carrier").get(CELL).content.decode()

    assert two.post(CELL + "decide/", review(1, "met")).status_code == 302
    assert course().state == "disputed"
    for sees in (one, two, chair):
        assert first in sees.get(CELL).content.decode()
    assert first not in room.client("delegate@carrier").get(CELL).content.decode()

    assert one.post(CELL + "adjudicate/", review(2)).status_code == 403
    assert chair.post(CELL + "adjudicate/", review(2)).status_code == 302
    settled = course()
    assert settled.standing is not None and settled.standing.adjudicated
    assert [a.person for a in settled.acts] == [room.people[w] for w in ("one@office", "two@office", "chair@office")]


def test_nobody_is_ones_own_second_between_command_line_and_desk(room: Vault) -> None:
    from cop.kernel.errors import NotAllowed
    from cop.vault.providers.course import Cell
    from cop.vault.providers.operations import decide
    from cop.vault.providers.rules import named

    client = room.client("one@office")
    client.post(CELL + "decide/", review(0))
    quotes = course().acts[0].quotes
    with pytest.raises(NotAllowed, match="second reviewer"):
        decide(
            actor=named(" ONE "), cell=Cell("pebble", "LIC-2"), finding="not_met", reason="r", quotes=quotes,
            on=TODAY, seen=1,
        )  # fmt: skip
    assert client.post(CELL + "decide/", review(1)).status_code == 403


def test_a_review_that_waits_is_withdrawn_by_who_gave_it(room: Vault) -> None:
    one, two = room.client("one@office"), room.client("two@office")
    one.post(CELL + "decide/", review(0))

    assert two.post(CELL + "withdraw/", {"seen": "1", "text": "No."}).status_code == 403
    assert one.post(CELL + "withdraw/", {"seen": "1", "text": ""}).status_code == 422
    assert one.post(CELL + "withdraw/", {"seen": "1", "text": "I misread it."}).status_code == 302
    assert (course().state, course().number) == ("undecided", 2)
    assert "I misread it." not in room.client("delegate@carrier").get(CELL).content.decode()


def test_what_is_refused_comes_back_with_what_was_written(room: Vault) -> None:
    client = room.client("one@office")

    late = client.post(CELL + "decide/", review(3))
    bare = client.post(CELL + "decide/", {"seen": "0", "finding": "met", "text": "Mine."})
    wrong = client.post(
        CELL + "decide/",
        {"seen": "0", "finding": "met", "text": "Mine.", "words1": "It ends soon.", "document1": f"pebble/tos@{FIRST}"},
    )
    shifted = client.post(CELL + "decide/", review(0, passage="5 900000 2025-01-01 pebble/tos"))

    assert [late.status_code, bare.status_code, wrong.status_code, shifted.status_code] == [409, 422, 422, 422]
    assert "accept at least one passage" in bare.content.decode()
    for page in (late, bare, wrong):
        assert ">Because not_met.<" in page.content.decode() or ">Mine.<" in page.content.decode()
    assert "It ends soon." in wrong.content.decode()
    assert course().number == 0


@pytest.mark.parametrize("place", ["", "{start} {end}", "1 2"])
def test_words_of_ones_own_are_found_in_the_text_with_or_without_their_place(room: Vault, place: str) -> None:
    start = terms(STAYS).index("perpetual")
    given = {
        "seen": "0", "finding": "not_met", "text": "r", "words1": "perpetual and irrevocable",
        "document1": f"pebble/tos@{FIRST}", "place1": place.format(start=start, end=start + 25),
    }  # fmt: skip

    assert room.client("one@office").post(CELL + "decide/", given).status_code == 302
    [quote] = course().acts[0].quotes
    assert (quote.quote, quote.start, quote.end) == ("perpetual and irrevocable", start, start + 25)


def test_a_provider_answers_contests_files_and_declares_on_its_own_cells_alone(room: Vault) -> None:
    client = room.client("delegate@carrier")
    for who, seen in (("one@office", 0), ("two@office", 1)):
        room.client(who).post(CELL + "decide/", review(seen))

    assert client.post(CELL + "contest/", {"seen": "0", "text": "Stale page."}).status_code == 409
    assert client.post(CELL + "contest/", {"seen": "2", "text": "Read again."}).status_code == 302
    assert client.post(CELL + "declare/", {"seen": "2", "finding": "met", "text": "Ours."}).status_code == 302
    assert client.post(CELL + "new_text/", {"seen": "2", "filed": " ", "text": "New."}).status_code == 422
    new = terms(ENDS).replace("\n", "\r\n")
    assert client.post(CELL + "new_text/", {"seen": "2", "filed": new, "text": "New."}).status_code == 302
    assert client.post(CELL + "decide/", review(5)).status_code == 403
    assert client.post("/desk/providers/kelp/LIC-2/answer/", {"seen": "0", "text": "x"}).status_code == 404
    assert room.client("delegate@xal").post(CELL + "answer/", {"seen": "2", "text": "x"}).status_code == 404

    after = course()
    assert [(a.kind, a.by) for a in after.acts[2:]] == [(k, "Carrier") for k in ("contest", "declare", "new_text")]
    assert (after.contested, after.declared, after.standing and after.standing.finding) == (True, "met", "not_met")
    filed = after.acts[-1].filed
    for who, status in (("one@office", 200), ("delegate@carrier", 200), ("reviewer@alpha", 404)):
        found = room.client(who).get(f"/desk/providers/pebble/filed/{filed}/")
        assert found.status_code == status and (ENDS in found.content.decode()) is (status == 200)


def test_who_speaks_is_named_by_the_secretariat(room: Vault) -> None:
    office, chair = room.client("secretariat@office"), room.client("chair@office")
    address = "/desk/providers/kelp/speaker/"

    assert chair.post(address, {"organisation": "carrier"}).status_code == 403
    assert office.post(address, {"organisation": "alpha"}).status_code == 422
    assert office.post(address, {"organisation": "carrier"}).status_code == 302
    assert office.post(address, {"organisation": "carrier"}).status_code == 409
    assert room.client("focal_point@carrier").get("/desk/providers/kelp/").status_code == 200
    assert office.post(address, {"organisation": "carrier", "remove": "1"}).status_code == 302
    assert room.client("focal_point@carrier").get("/desk/providers/kelp/").status_code == 404


def test_who_speaks_for_a_provider_decides_nothing_on_it_and_sees_no_open_review(room: Vault) -> None:
    from cop.vault.members.operations import add_post
    from cop.vault.members.rules import PROGRAM, program

    add_post(
        actor=program(PROGRAM), person=room.people["delegate@carrier"], organisation=room.organisations["office"],
        role="reviewer",
    )  # fmt: skip
    both = room.client("delegate@carrier")
    room.client("one@office").post(CELL + "decide/", review(0))

    assert both.post(CELL + "decide/", review(1)).status_code == 403
    assert "Because not_met." not in both.get(CELL).content.decode()
    queue = both.get("/desk/providers/").content.decode()
    assert "/desk/providers/kelp/LIC-2/" in queue and "/desk/providers/pebble/" not in queue


def test_words_that_are_gone_are_shown_with_what_changed_and_decided_anew(room: Vault) -> None:
    client = room.client("one@office")
    start = terms(ENDS).index(ENDS)
    given = {
        "seen": "0",
        "finding": "met",
        "text": "It ends.",
        "passage": f"{start} {start + len(ENDS)} {FIRST} kelp/tos",
    }
    address = "/desk/providers/kelp/LIC-2/"
    assert client.post(address + "decide/", given).status_code == 302
    watch("kelp", {FIRST: terms(ENDS), SECOND: terms(STAYS)})

    page = client.get(address).content.decode()
    changed = client.get(address + "changes/").content.decode()
    waiting = client.get("/desk/providers/?state=stale").content.decode()

    assert "Confirm or decide anew" in page and "what changed" in page
    assert f"<del>{ENDS}</del>" in changed and f"<ins>{STAYS}</ins>" in changed
    assert address in waiting
    start = terms(STAYS).index(STAYS)
    again = {
        "seen": "2", "finding": "partly", "text": "Now.", "passage": f"{start} {start + len(STAYS)} {SECOND} kelp/tos"
    }  # fmt: skip
    assert client.post(address + "decide/", again).status_code == 302
    assert address not in client.get("/desk/providers/?state=stale").content.decode()


def test_accepted_words_are_marked_where_they_stand_in_a_newer_text(room: Vault) -> None:
    client, address = room.client("one@office"), "/desk/providers/kelp/LIC-2/"
    start = terms(ENDS).index(ENDS)
    words = f"{start} {start + len(ENDS)} {FIRST} kelp/tos"
    client.post(address + "decide/", {"seen": "0", "finding": "met", "text": "It ends.", "passage": words})
    watch("kelp", {FIRST: terms(ENDS), SECOND: terms("You own what you make.", ENDS)})

    page = client.get(address).content.decode()

    assert f'<mark class="accepted">{ENDS}</mark>' in page and "accepted under the decision" in page
    assert f"{SECOND} kelp/tos" in page


def test_a_plainer_wording_is_marked_as_suggested(room: Vault) -> None:
    hard = "You hereby grant us a licence to utilise your content prior to the termination of this agreement, and such licence is perpetual."
    watch("pebble", {FIRST: terms(hard)})

    assert "Suggested" in room.client("one@office").get(CELL).content.decode()


def test_texts_that_no_version_holds_are_forgotten_and_filed_ones_stay(room: Vault) -> None:
    from cop.vault.providers.models import Text
    from cop.vault.providers.operations import forget_provider

    client = room.client("delegate@carrier")
    client.post(CELL + "new_text/", {"seen": "0", "filed": terms(ENDS, STAYS), "text": "New."})
    forget_provider(slug="pebble")
    forget_provider(slug="kelp")

    assert [t.text for t in Text.objects.all()] == [terms(ENDS, STAYS)]
