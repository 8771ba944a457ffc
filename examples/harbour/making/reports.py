"""The 6,000 report summaries and the file of their true codes.

Each area hands in its reports as such offices do: one CSV a year with its own column names and a case number, JSON
lines with our names, a Parquet extract, a CSV with other names again. The code a summary was written for goes to
`truth.csv` only, which no input names.
"""

from __future__ import annotations

import csv
import json
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import polars as pl
from making import mix
from making.phrases import Book, assemble, books, expand, pick

SEED = 20260115
GONE = "not_recorded"
HOSTS = ("example.org", "example.net", "example.com")
WITH_ADDRESS = {"A01", "A02", "A03", "B04", "C05", "E01", "F02", "F03", "G01", "H04", "Z05"}


@dataclass(frozen=True, slots=True)
class Report:
    """One report in our own field names, with the code it was written for."""

    id: str
    code: str
    date: date
    area: str
    narrative: str
    platform: str
    url: str
    age_band: str
    sex: str
    channel: str
    reporter: str
    language: str


def write(folder: Path) -> None:
    """Write every report file and `truth.csv` below `folder`."""
    reports = list(generate())
    by_area = {area: [r for r in reports if r.area == area] for area in mix.AREAS}
    target = folder / "inputs" / "reports"
    target.mkdir(parents=True, exist_ok=True)
    for year in (2024, 2025):
        _write_xal(target / f"xal-{year}.csv", [r for r in by_area["XAL"] if r.date.year == year])
    _write_xbr(target / "xbr.jsonl", by_area["XBR"])
    _write_xco(target / "xco.parquet", by_area["XCO"])
    _write_xdu(target / "xdu.csv", by_area["XDU"])
    _write_csv(folder / "truth.csv", ["id", "code"], ((r.id, r.code) for r in reports))


def generate() -> Iterator[Report]:
    """All reports, area by area and day by day; the same ones every time."""
    library = books()
    for area, (total, languages) in mix.AREAS.items():
        rng = Random(f"{SEED}-{area}")
        said: set[str] = set()
        number = 0
        for month, count in enumerate(_monthly(area, total)):
            for day in sorted(_day(month, rng) for _ in range(count)):
                number += 1
                yield _report(
                    area, month, number=number, day=day, languages=languages, library=library, said=said, rng=rng
                )


def _monthly(area: str, total: int) -> list[int]:
    """The area's total split over the months by the weight of all classes, largest remainders first."""
    weights = [sum(mix.share(kind, area, m) for kind in mix.KINDS) for m in range(len(mix.MONTHS))]
    exact = [total * w / sum(weights) for w in weights]
    counts = [int(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda m: (counts[m] - exact[m], m))
    for m in order[: total - sum(counts)]:
        counts[m] += 1
    return counts


def _day(month: int, rng: Random) -> date:
    year, number = (int(part) for part in mix.MONTHS[month].split("-"))
    return date(year, number, 1 + int(rng.random() * monthrange(year, number)[1]))


def _draw(rng: Random, shares: dict[str, float]) -> str:
    point = rng.random() * sum(shares.values())
    for name, weight in shares.items():
        point -= weight
        if point < 0:
            return name
    return list(shares)[-1]


def _report(
    area: str,
    month: int,
    *,
    number: int,
    day: date,
    languages: dict[str, float],
    library: dict[str, Book],
    said: set[str],
    rng: Random,
) -> Report:
    code = _draw(rng, {kind.code: mix.share(kind, area, month) for kind in mix.KINDS})
    kind = next(kind for kind in mix.KINDS if kind.code == code)
    language = _draw(rng, languages)
    platform = _draw(rng, kind.platforms)
    band = _draw(rng, kind.ages)
    low, high = mix.BANDS[band]
    age = low + int(rng.random() * (high - low + 1))
    girl = rng.random() < kind.girls
    channel = _draw(rng, mix.CHANNELS[area])
    reporter = _draw(rng, mix.REPORTERS[channel])
    if (
        code == "Z05"
        or (code == "A01" and reporter in {"child", "peer"})
        or (reporter == "automated" and kind.outcome != "remove")
    ):
        reporter = "public"
    narrative = ""
    for _ in range(20):  # two offices seldom write the same words: try again before accepting a repetition
        narrative = _narrate(
            kind,
            library[language],
            language=language,
            platform=platform,
            age=age,
            girl=girl,
            reporter=reporter,
            rng=rng,
        )
        if narrative not in said:
            break
    said.add(narrative)
    childless = not kind.child and code not in {"Z01", "Z02"}
    return Report(
        id=f"{area}-{day.year}-{number:05d}",
        code=code,
        date=day,
        area=area,
        narrative=narrative,
        platform=_kept(platform, 0.08, rng),
        url=_address(code, rng),
        age_band=GONE if childless else _kept(band, 0.15, rng),
        sex=GONE if childless else _kept("girl" if girl else "boy", 0.12, rng),
        channel=channel,
        reporter=_kept(reporter, 0.06, rng),
        language=language,
    )


def _narrate(
    kind: mix.Kind, book: Book, *, language: str, platform: str, age: int, girl: bool, reporter: str, rng: Random
) -> str:
    def say(text: str) -> str:
        return expand(text, book=book, language=language, platform=platform, age=age, girl=girl, rng=rng)

    opening = pick(rng, book["openings"][reporter]) if rng.random() < 0.6 else ""
    frame = say(pick(rng, book["frames"][kind.code]))
    details = book["details"]["any"] + (book["details"]["contact"] if kind.code[0] in "BCD" else [])
    detail = say(pick(rng, details)) if kind.child and rng.random() < 0.6 else ""
    outcome = pick(rng, book["outcomes"][kind.outcome]) if rng.random() < 0.7 else ""
    return assemble(language, [opening, frame, detail, outcome])


def _kept(value: str, lost: float, rng: Random) -> str:
    return GONE if rng.random() < lost else value


def _address(code: str, rng: Random) -> str:
    if code not in WITH_ADDRESS or rng.random() < 0.35:
        return ""
    host = f"{'abcdefgh'[int(rng.random() * 8)]}{int(rng.random() * 90) + 10}.{pick(rng, list(HOSTS))}"
    return f"https://{host}/p/{int(rng.random() * 90000) + 10000}"


def _write_csv(path: Path, header: list[str], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_xal(path: Path, reports: list[Report]) -> None:
    header = ["id", "case_ref", "received", "summary", "platform", "url", "age_band", "sex", "reporter", "language"]
    rows = [
        (r.id, f"H{r.id[-5:]}/{r.date:%y}", r.date.isoformat(), r.narrative, r.platform, r.url, r.age_band, r.sex)
        for r in reports
    ]
    _write_csv(path, header, ((*row, r.reporter, r.language) for row, r in zip(rows, reports, strict=True)))


def _write_xbr(path: Path, reports: list[Report]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for r in reports:
            record = {
                "id": r.id,
                "date": r.date.isoformat(),
                "country": r.area,
                "narrative": r.narrative,
                "platform": r.platform,
                "age_band": r.age_band,
                "sex": r.sex,
                "channel": r.channel,
                "reporter": r.reporter,
                "language": r.language,
            }
            if r.url:
                record["url"] = r.url
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _write_xco(path: Path, reports: list[Report]) -> None:
    columns = ("id", "date", "narrative", "platform", "url", "age_band", "sex", "channel", "reporter", "language")
    frame = pl.DataFrame({name: [getattr(r, name) for r in reports] for name in columns})
    frame.with_columns(pl.col("url").replace("", None)).write_parquet(path, compression="zstd", statistics=False)


def _write_xdu(path: Path, reports: list[Report]) -> None:
    header = ["report_no", "day", "text", "service", "link", "age_group", "gender", "via", "informant", "lang"]
    rows = [(r.id, r.date.isoformat(), r.narrative, r.platform, r.url, r.age_band, r.sex, r.channel) for r in reports]
    _write_csv(path, header, ((*row, r.reporter, r.language) for row, r in zip(rows, reports, strict=True)))
