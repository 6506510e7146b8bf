"""Cards and rows made before anybody asks for them, by a thread of each worker that serves.

The first to see a card would wait for two statements and half a dozen templates: after a start or
an edit, that thread makes them all, a few at a time, in a third of the time of a core: two seconds
for a thousand operators.
"""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from django.db import DatabaseError

from directory.explore.reach import reach_of, wide_territories
from directory.explore.rows import made_rows
from directory.models.reader import Lane, reading_in
from directory.pathway.calls import call_lines
from directory.pathway.cards import made_cards
from directory.snapshot import Snapshot, current, kept

Entry = TypeVar("Entry")

#: Made at a time; meanwhile pages wait, for about a millisecond.
AT_ONCE: Final = 8
#: Seconds between two times.
PAUSE: Final = 0.004
#: Offers beyond which there is no room to keep all the cards: none is made ahead.
MOST: Final = 40_000
#: Seconds that whoever made the directory be read again has for himself: who edits looks at once.
SETTLED_AFTER: Final = 1.0
#: Seconds after which what requests let go is given back.
TIDIED_EVERY: Final = 20.0
#: Seconds until another try when the database does not answer.
LATER: Final = 5.0

_LOG: Final = logging.getLogger(__name__)
_BEGUN: Final = threading.Lock()


def begin(give_back: Callable[[], None]) -> None:
    """Read ahead from now on; once a process, whoever calls.

    `give_back` is called when much was made and let go: after that, and every 20 seconds.
    """
    if _BEGUN.acquire(blocking=False):
        threading.Thread(
            target=_read_on, args=[give_back], name="reading ahead", daemon=True
        ).start()


def _read_on(give_back: Callable[[], None]) -> None:
    done: Snapshot | None = None
    with reading_in(Lane.AHEAD):
        while True:
            try:
                if done is None:
                    latest = current()
                    gc.collect()
                    gc.freeze()  # what is there from the start stays: no garbage to look for in it
                elif kept.after(done, TIDIED_EVERY) is done:
                    give_back()
                    continue
                else:
                    time.sleep(SETTLED_AFTER)
                    latest = kept.latest() or done
                read_ahead(latest)
                give_back()
                done = latest
            except DatabaseError as error:
                _LOG.info("Not read ahead: %s", error)
                time.sleep(LATER)


def read_ahead(latest: Snapshot, pause: float = PAUSE) -> None:
    """Read the whole, then make answers by Région, cards and rows, as long as it is the latest."""
    read_whole(latest)
    for territory in _while_latest(latest, wide_territories(latest), pause):
        reach_of(latest, territory)
    if len(latest.offers) > MOST:
        return
    for offers in _while_latest(latest, _batches(latest.offers), pause):
        made_cards(latest, offers)
    for operators in _while_latest(latest, _batches(latest.operators), pause):
        made_rows(latest, operators)


def _while_latest(latest: Snapshot, things: Iterable[Entry], pause: float) -> Iterator[Entry]:
    """These, with a pause after each, as long as nothing newer came."""
    for one in things:
        if kept.latest() is not latest:
            return
        yield one
        time.sleep(pause)


def read_whole(latest: Snapshot) -> None:
    """Read now what a page would read, but for cards."""
    latest.read_parts()
    call_lines(latest)
    latest.is_whole = True


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch
