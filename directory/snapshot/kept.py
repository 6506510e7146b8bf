"""Snapshots kept by this process: one for each state of the data and day that pages ask about."""

import datetime
import threading
from collections.abc import Hashable
from typing import ClassVar, Final
from weakref import WeakValueDictionary

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
#: All that some request still reads, kept or not.
_IN_USE: Final = WeakValueDictionary[Hashable, Snapshot]()


def snapshot(stamp: Stamp, on: datetime.date) -> Snapshot:
    """The directory of that stamp on that day; read from the database the first time."""
    key = (connection.settings_dict["NAME"], stamp, on)
    kept, bound = (_PAST, KEPT_PAST) if on < timezone.localdate() else (_SNAPSHOTS, KEPT)
    found = _IN_USE.get(key)
    if found is None:
        with _LOCK:
            found = _IN_USE.get(key)
            if found is None:
                found = _IN_USE[key] = Snapshot(stamp, on)
                while len(kept) >= bound:
                    del kept[next(iter(kept))]
                kept[key] = found
                if kept is _SNAPSHOTS:
                    _Latest.arrives(found)
    return found


class _Latest:
    found: ClassVar[Snapshot | None] = None
    arrival: ClassVar[threading.Condition] = threading.Condition()

    @classmethod
    def arrives(cls, found: Snapshot) -> None:
        with cls.arrival:
            cls.found = found
            cls.arrival.notify_all()


def latest() -> Snapshot | None:
    """The last that was made of the present; nothing is read."""
    return _Latest.found


def after(known: Snapshot, seconds: float | None = None) -> Snapshot:
    """The one that is made after that one; waits for it, so long at most: else that one."""
    with _Latest.arrival:
        _Latest.arrival.wait_for(lambda: _Latest.found is not known, seconds)
        return _Latest.found or known


def current() -> Snapshot:
    """The directory of today, as the database has it now."""
    return snapshot(Revision.current(), timezone.localdate())
