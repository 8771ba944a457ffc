"""Who is harmed by what, where and when in the fictional group: invented shares, plausible, true of nowhere."""

from __future__ import annotations

from dataclasses import dataclass

MONTHS = tuple(f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13))

# area: reports in 24 months, languages with their share
AREAS = {
    "XAL": (1800, {"en": 0.65, "fr": 0.35}),
    "XBR": (1500, {"ru": 0.75, "en": 0.25}),
    "XCO": (1300, {"ar": 0.60, "fr": 0.40}),
    "XDU": (1400, {"zh": 0.60, "es": 0.40}),
}

# school terms of the group: September to December, January to March, April to June
TERM = (1.1, 1.1, 1.2, 0.9, 1.2, 1.0, 0.35, 0.35, 1.4, 1.4, 1.3, 0.8)
GIFTS = (1.1, 0.9, 0.9, 0.9, 0.9, 1.0, 1.1, 1.0, 0.9, 1.0, 1.4, 1.7)
HOLIDAYS = (0.9, 0.9, 0.9, 1.1, 0.9, 1.0, 1.4, 1.4, 0.9, 1.0, 0.9, 1.2)
FLAT = (1.0,) * 12

BANDS = {"7-9": (7, 9), "10-12": (10, 12), "13-15": (13, 15), "16-17": (16, 17)}
YOUNG = {"7-9": 0.35, "10-12": 0.45, "13-15": 0.17, "16-17": 0.03}
MIDDLE = {"7-9": 0.10, "10-12": 0.36, "13-15": 0.42, "16-17": 0.12}
TEENS = {"10-12": 0.17, "13-15": 0.49, "16-17": 0.34}
OLDER = {"10-12": 0.05, "13-15": 0.42, "16-17": 0.53}

FEED = {"social": 0.45, "video_sharing": 0.35, "live_streaming": 0.10, "website": 0.10}
CHAT = {"messaging_e2ee": 0.45, "messaging_open": 0.25, "social": 0.25, "online_game": 0.05}
CONTACT = {"social": 0.40, "online_game": 0.25, "messaging_open": 0.15, "messaging_e2ee": 0.12, "live_streaming": 0.08}
GAMES = {"online_game": 0.80, "messaging_open": 0.12, "live_streaming": 0.08}
MATERIAL = {
    "website": 0.35,
    "messaging_open": 0.25,
    "cloud_host": 0.15,
    "forum": 0.15,
    "dark_web": 0.05,
    "social": 0.05,
}
SHOPS = {"marketplace": 0.35, "online_game": 0.30, "social": 0.20, "website": 0.15}
BOTS = {"ai_service": 0.90, "messaging_open": 0.10}
ACCOUNTS = {"social": 0.45, "online_game": 0.35, "email_sms_voice": 0.15, "ed_tech": 0.05}
ADULT = {"adult_service": 0.35, "search": 0.20, "video_sharing": 0.20, "social": 0.25}
ADULTS = {"dating": 0.35, "social": 0.40, "email_sms_voice": 0.25}
SCHOOL = {"social": 0.45, "ed_tech": 0.35, "website": 0.20}
HOME = {"device": 0.50, "social": 0.30, "video_sharing": 0.20}


@dataclass(frozen=True, slots=True)
class Kind:
    """One class of the classification as this group meets it; `trend` is the share's factor over the 24 months."""

    code: str
    weight: float
    girls: float
    ages: dict[str, float]
    platforms: dict[str, float]
    outcome: str
    season: tuple[float, ...] = FLAT
    trend: float = 1.0
    child: bool = True  # a child is the subject: details of the child's situation may follow


KINDS = (
    Kind("A01", 5.0, 0.7, YOUNG, MATERIAL, "remove", trend=1.1, child=False),
    Kind("A02", 1.6, 0.8, TEENS, CONTACT, "remove", trend=4.5),
    Kind("A03", 3.0, 0.7, TEENS, FEED, "remove"),
    Kind("B01", 4.5, 0.75, MIDDLE, CONTACT, "police"),
    Kind("B02", 4.5, 0.75, MIDDLE, CONTACT, "advice"),
    Kind("B031", 2.2, 0.8, TEENS, CONTACT, "police"),
    Kind("B032", 3.0, 0.15, OLDER, CONTACT, "police", trend=1.3),
    Kind("B04", 3.0, 0.75, TEENS, CHAT, "remove", TERM),
    Kind("C01", 16.0, 0.58, MIDDLE, CHAT, "advice", TERM),
    Kind("C02", 3.5, 0.5, MIDDLE, CONTACT, "police"),
    Kind("C03", 1.8, 0.75, OLDER, CHAT, "police"),
    Kind("C04", 1.3, 0.55, TEENS, CONTACT, "remove"),
    Kind("C05", 2.6, 0.55, TEENS, FEED, "remove", TERM),
    Kind("D02", 2.4, 0.5, TEENS, CONTACT, "advice"),
    Kind("D05", 1.4, 0.2, OLDER, CHAT, "police", trend=1.8),
    Kind("E01", 3.6, 0.4, YOUNG, ADULT, "advice", HOLIDAYS),
    Kind("E02", 2.0, 0.45, YOUNG, FEED, "advice"),
    Kind("E032", 1.8, 0.75, TEENS, FEED, "advice"),
    Kind("E04", 1.7, 0.8, TEENS, FEED, "advice"),
    Kind("F02", 2.4, 0.5, YOUNG, SCHOOL, "regulator", TERM),
    Kind("F03", 5.0, 0.4, MIDDLE, ACCOUNTS, "advice"),
    Kind("G01", 5.5, 0.4, TEENS, SHOPS, "regulator", GIFTS),
    Kind("G02", 1.6, 0.15, TEENS, GAMES, "regulator"),
    Kind("G04", 2.4, 0.4, YOUNG, GAMES, "regulator", GIFTS),
    Kind("H01", 3.4, 0.4, MIDDLE, HOME, "advice", HOLIDAYS),
    Kind("H03", 0.8, 0.6, TEENS, BOTS, "advice", trend=5.0),
    Kind("H04", 1.4, 0.5, YOUNG, FEED, "regulator"),
    Kind("Z01", 7.0, 0.5, YOUNG, HOME, "close", HOLIDAYS, child=False),
    Kind("Z02", 1.8, 0.5, MIDDLE, {"not_recorded": 1.0}, "advice", TERM, child=False),
    Kind("Z03", 2.4, 0.5, OLDER, ADULTS, "police", child=False),
    Kind("Z04", 1.6, 0.5, MIDDLE, FEED, "close", child=False),
    Kind("Z05", 2.6, 0.5, MIDDLE, MATERIAL, "close", child=False),
)

# financial sexual extortion comes to one country in earnest: from its usual share to eight times that
SURGES = {("XBR", "B032"): 8.0}

# from a channel, who reports: each channel with its share in an area's intake
CHANNELS = {
    "XAL": {"hotline": 1.0},
    "XBR": {"helpline": 0.50, "police": 0.30, "school": 0.20},
    "XCO": {"helpline": 0.60, "hotline": 0.40},
    "XDU": {"hotline": 0.45, "helpline": 0.35, "trusted_flagger": 0.20},
}
REPORTERS = {
    "hotline": {"public": 0.50, "parent": 0.25, "child": 0.10, "automated": 0.15},
    "helpline": {"child": 0.45, "parent": 0.35, "professional": 0.10, "peer": 0.10},
    "police": {"parent": 0.60, "professional": 0.20, "child": 0.20},
    "school": {"professional": 0.70, "parent": 0.15, "peer": 0.15},
    "trusted_flagger": {"professional": 0.60, "public": 0.40},
}


def share(kind: Kind, area: str, month: int) -> float:
    """The weight of a class in an area in month 0 to 23: base, season and a straight line to its trend."""
    trend = SURGES.get((area, kind.code), kind.trend)
    return kind.weight * kind.season[month % 12] * (1 + (trend - 1) * month / (len(MONTHS) - 1))
