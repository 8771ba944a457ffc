"""The service for partner organisations: their programs send reports, one or many, and ask what became of them.

A token says which organisation a program speaks for; it sees what that organisation sent and nothing else. Problems are
problem+json (RFC 9457) and never repeat what was sent. An `Idempotency-Key` makes a second sending the same report.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import Header, NinjaAPI, Path, Router, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import ValidationError as Faults

from cop.desk.api_body import Guarded, OtherKind, TooLarge, Unreadable, read_json, read_lines
from cop.desk.api_schemas import BulkRow, NewReport, Problem, Receipt, Standing
from cop.desk.middleware import STATUS, problem
from cop.kernel.errors import CopError, NotAllowed, Refused, Unavailable, Where
from cop.vault.members.operations import note_use
from cop.vault.members.queries import Partner, organisation_of_token
from cop.vault.members.rules import Actor
from cop.vault.reports.operations import Accepted, accept, accept_many
from cop.vault.reports.queries import standing
from cop.vault.reports.rules import program_of
from cop.vault.reports.submission import KEY_LIMIT, Submission

BATCH: Final = 100
NDJSON: Final = "application/x-ndjson"
_PROBLEMS: Final = {
    400: "The request cannot be read.",
    401: "No token, or one that is not in use.",
    404: "There is no such report of yours.",
    409: "The key was used for another report.",
    413: "The body is larger than is taken at once.",
    415: "The body is of another kind.",
    422: "A field must be mended: `field` names it, `expected` says what would do.",
    503: "Your organisation has no key to seal to yet, or the vault is busy: try again later.",
}
Key = Annotated[
    str,
    Header(
        default="",
        alias="Idempotency-Key",
        max_length=KEY_LIMIT,
        pattern=r"^[!-~]*$",
        description="Any text of yours, new for each report. Sending it again with the same content gives the same "
        "receipt and changes nothing; with another content it is a conflict. In bulk each line has its own key: this "
        "one, a slash, and the number of the line.",
    ),
]
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The report's number here.")]


class ByToken(HttpBearer):
    """`Authorization: Bearer TOKEN`."""

    def authenticate(self, request: HttpRequest, token: str) -> Partner | None:
        partner = organisation_of_token(token)
        if partner is not None:
            _note(partner.token)
        return partner


_noted: set[tuple[int, date]] = set()


def _note(token: int) -> None:
    """Remember that a token was used today, once a process and day."""
    today = timezone.now().date()
    if (token, today) not in _noted:
        note_use(token=token)
        _noted.add((token, today))


def _openapi(*, with_404: bool = False) -> dict[str, Any]:
    """The problems of an operation, as the description shows them."""
    shape = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    codes = [code for code in _PROBLEMS if code != 404 or with_404]
    return {"responses": {code: {"description": _PROBLEMS[code], "content": shape} for code in codes}}


service = NinjaAPI(
    title="COP Observatory: reports of partner organisations",
    version="1",
    description=(__doc__ or "").strip(),
    auth=ByToken(),
    parser=Guarded(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="service",
)
router = Router(tags=["reports"])


@router.post("", response={201: Receipt, 200: Receipt}, summary="Send one report", openapi_extra=_openapi())
def send(request: HttpRequest, report: NewReport, key: Key = "") -> Status[dict[str, Any]]:
    """Taken in, coded and sealed before the answer comes. 201: new; 200: known already under this key."""
    actor, organisation = _partner(request)
    done = accept(actor=actor, submission=_submission(report, organisation, key))
    return Status(200 if done.repeated else 201, asdict(done))


@router.post(
    "/bulk",
    response={200: str},
    summary="Send many reports",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "One report a line, each as for a single one.",
            "content": {NDJSON: {}},  # what no line may be is told line by line
        },
        "responses": {
            200: {
                "description": "One result a line, in order, as the lines are done.",
                "content": {NDJSON: {"schema": BulkRow.model_json_schema()}},
            },
            **_openapi()["responses"],
        },
    },
)
def send_many(request: HttpRequest, key: Key = "") -> StreamingHttpResponse:
    """Each line is taken in or refused by itself. What was answered is stored: send the rest again after a break."""
    actor, organisation = _partner(request)
    if request.content_type != NDJSON:
        raise OtherKind("the body is not NDJSON", expected=f"Content-Type: {NDJSON}")
    lines = read_lines(request)
    return StreamingHttpResponse(_results(actor, organisation, key, lines), content_type=NDJSON)


@router.get(
    "/{id}",
    response=Standing,
    summary="What became of a report",
    openapi_extra=_openapi(with_404=True),
)
def look(request: HttpRequest, id: Number) -> dict[str, Any]:
    """Of a report that your organisation sent through this service."""
    found = standing(_partner(request)[0], id)
    return {**asdict(found), "received": found.received.isoformat(timespec="seconds")}


service.add_router("/reports", router)


def _partner(request: HttpRequest) -> tuple[Actor, int]:
    partner: Partner = request.auth  # type: ignore[attr-defined]
    return Actor(0, partner.slug, program=program_of(partner.organisation)), partner.organisation


def _submission(report: NewReport, organisation: int, key: str) -> Submission:
    try:
        day = date.fromisoformat(report.date)
    except ValueError:
        raise Refused("is no day", where=Where(field="date"), expected="YYYY-MM-DD") from None
    return Submission(
        organisation=organisation,
        origin="api",
        narrative=report.narrative,
        date=day,
        address=report.address,
        ref=report.ref,
        count_unit=report.count_unit,
        variables=report.model_dump(include={"variables"}, exclude_none=True)["variables"],
        key=key,
    )


# --- many


def _results(actor: Actor, organisation: int, key: str, lines: Iterator[bytes]) -> Iterator[bytes]:
    """One line of JSON per line that came, a batch at a time."""
    row = 0
    for batch, fault in _batches(lines):
        results = list(_batch(actor, organisation, key, batch, row))
        row += len(batch)
        if fault is not None:
            results.append(_refused(row + 1, fault))
        yield b"".join(json.dumps(result).encode() + b"\n" for result in results)


def _batches(lines: Iterator[bytes]) -> Iterator[tuple[list[bytes], CopError | None]]:
    """Lines in batches; with the last one why no more are read, where there is a reason."""
    batch: list[bytes] = []
    try:
        for line in lines:
            batch.append(line)
            if len(batch) == BATCH:
                yield batch, None
                batch = []
    except CopError as error:
        yield batch, error
    else:
        yield batch, None


def _batch(actor: Actor, organisation: int, key: str, lines: list[bytes], before: int) -> Iterator[dict[str, Any]]:
    """What became of the lines after line number `before`; an empty one has no result."""
    read = {
        n: _read(line, organisation, f"{key}/{n}" if key else "") for n, line in enumerate(lines, before + 1) if line
    }
    good = [r for r in read.values() if isinstance(r, Submission)]
    try:
        done: list[Accepted | CopError] = accept_many(actor=actor, submissions=good) if good else []
    except DatabaseError:
        done = [Unavailable("the vault is busy", expected="the same lines again, later")] * len(good)
    answers = iter(done)
    for number, one in read.items():
        answer = next(answers) if isinstance(one, Submission) else one
        if isinstance(answer, CopError):
            yield _refused(number, answer)
        else:
            yield {"row": number, "status": 200 if answer.repeated else 201, "id": answer.id, "receipt": answer.receipt}


def _read(line: bytes, organisation: int, key: str) -> Submission | CopError:
    try:
        return _submission(NewReport.model_validate(read_json(line)), organisation, key)
    except Faults as faults:
        return _refusal(faults.errors(include_url=False, include_input=False, include_context=False))
    except Refused as error:
        return error


def _refused(row: int, error: CopError) -> dict[str, Any]:
    said = _said_of(error)
    return {"row": row, "status": said.status_code, "problem": json.loads(said.content)}


# --- problems

_STATUS: Final = {
    **STATUS,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    OtherKind: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Unreadable: HTTPStatus.BAD_REQUEST,
}


def _said_of(error: CopError) -> HttpResponse:
    return problem(error, _STATUS[type(error)])


def _refusal(faults: list[Any]) -> Refused:
    """The first fault of a body, without what was sent."""
    place = [str(part) for part in faults[0]["loc"] if part not in ("body", "report", "header", "path")]
    field = ".".join(place)[:100]
    said = faults[0]["type"]
    if said == "extra_forbidden":  # the name of the field was sent, too
        return Refused("there is a field that a report has not", expected=", ".join(NewReport.model_fields))
    words = faults[0]["msg"]
    return Refused("is missing" if said == "missing" else "will not do", where=Where(field=field), expected=words[:400])


@service.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(_refusal(error.errors), HTTPStatus.UNPROCESSABLE_ENTITY)


@service.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    said = problem(NotAllowed("no token in use was given", expected="Authorization: Bearer"), HTTPStatus.UNAUTHORIZED)
    said.headers["WWW-Authenticate"] = "Bearer"
    return said


@service.exception_handler(HttpError)
def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, CopError):  # what `Guarded` says of a body
        return _said_of(error.__cause__)
    return problem(Refused("the request cannot be read"), HTTPStatus(error.status_code))


@service.exception_handler(RequestDataTooBig)
def _large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return _said_of(TooLarge("the body is too large", expected=f"at most {settings.DESK.body_kilobytes} kB"))


@service.exception_handler(CopError)
def _said(request: HttpRequest, error: CopError) -> HttpResponse:
    return _said_of(error)
