"""Snapshots kept by this process: one for each state of the data and day that pages ask about."""

import datetime
import threading
from collections.abc import Hashable
from typing import Final

from django.db import connection
from django.utils import timezone

from directory.models import Revision, Stamp
from directory.snapshot.snapshot import Snapshot

#: The present one; a request that still reads the one before holds it by itself.
KEPT: Final = 1
#: Days of the past. Apart: whoever asks for one day after another never costs others the present.
KEPT_PAST: Final = 1

_LOCK: Final = threading.Lock()
_SNAPSHOTS: Final[dict[Hashable, Snapshot]] = {}
_PAST: Final[dict[Hashable, Snapshot]] = {}


def snapshot(stamp: Stamp, on: datetime.date) -> Snapshot:
    """The directory of that stamp on that day; read from the database the first time."""
    key = (connection.settings_dict["NAME"], stamp, on)
    kept, bound = (_PAST, KEPT_PAST) if on < timezone.localdate() else (_SNAPSHOTS, KEPT)
    found = kept.get(key)
    if found is None:
        with _LOCK:
            found = kept.get(key)
            if found is None:
                found = Snapshot(stamp, on)
                while len(kept) >= bound:
                    del kept[next(iter(kept))]
                kept[key] = found
    return found


def current() -> Snapshot:
    """The directory of today, as the database has it now."""
    return snapshot(Revision.current(), timezone.localdate())
