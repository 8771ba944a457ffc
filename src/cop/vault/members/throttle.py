"""How often somebody may knock at a door that asks no name: counted in the vault, so that a restart forgets nothing.

A key (an address, a receipt) is never kept: the row is named by its HMAC under a key that is another one every day.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.utils import timezone

from cop.vault.members.models import Throttle

# one statement, so that two who knock at the same moment are both counted
_COUNT = """
INSERT INTO members_throttle (key, count, ends) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN members_throttle.ends <= %s THEN 1 ELSE members_throttle.count + 1 END,
  ends = CASE WHEN members_throttle.ends <= %s THEN excluded.ends ELSE members_throttle.ends END
RETURNING count
"""


def allow(key: str, *, limit: int, seconds: int) -> bool:
    """Count one asking under this key; whether there were at most `limit` within the span of `seconds`.

    The span begins with the first asking. Keys of unlike doors need unlike beginnings: `report:` and the address.
    """
    now = timezone.now()
    ends = now + timedelta(seconds=seconds)
    stamps = [connection.ops.adapt_datetimefield_value(at) for at in (ends, now, now)]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [named(key, now), *stamps])
        [(count,)] = cursor.fetchall()
    return int(count) <= limit


def named(key: str, at: datetime) -> str:
    """The name of a key's row on a day: nothing is known of the key from it, nor of who is who on another day."""
    daily = hmac.new(settings.SECRET_KEY.encode(), f"throttle {at:%Y-%m-%d}".encode(), sha256).digest()
    return hmac.new(daily, key.encode(), sha256).hexdigest()


def forget() -> int:
    """Remove the rows whose span has ended (the worker does so every hour); how many there were."""
    return Throttle.objects.filter(ends__lte=timezone.now()).delete()[0]
