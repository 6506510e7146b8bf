"""Snapshots kept by this process: one for each state of the data and day that pages ask about."""

import datetime
import threading
from collections.abc import Hashable
from typing import Final

from django.db import connection
from django.utils import timezone

from directory.models import Revision, Stamp
from directory.snapshot.snapshot import Snapshot

#: The present one, the one before while a request still reads it, and a day of the past.
KEPT: Final = 3

_LOCK: Final = threading.Lock()
_SNAPSHOTS: Final[dict[Hashable, Snapshot]] = {}


def snapshot(stamp: Stamp, on: datetime.date) -> Snapshot:
    """The directory of that stamp on that day; read from the database the first time."""
    key = (connection.settings_dict["NAME"], stamp, on)
    found = _SNAPSHOTS.get(key)
    if found is None:
        with _LOCK:
            found = _SNAPSHOTS.get(key)
            if found is None:
                found = Snapshot(stamp, on)
                while len(_SNAPSHOTS) >= KEPT:
                    del _SNAPSHOTS[next(iter(_SNAPSHOTS))]
                _SNAPSHOTS[key] = found
    return found


def current() -> Snapshot:
    """The directory of today, as the database has it now."""
    return snapshot(Revision.current(), timezone.localdate())
