"""Reading the database by another thread, while the one that asks goes on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from django.db import connection

Made = TypeVar("Made")

_READERS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="reading aside")


def meanwhile(make: Callable[[], Made]) -> Callable[[], Made]:
    """Begin to make something; what comes back waits for it, and raises what it raised.

    Inside a transaction, whose writes another connection does not see, it is made when asked for.
    """
    if connection.in_atomic_block:
        return make

    def make_and_let_go() -> Made:
        try:
            return make()
        finally:
            connection.close()  # this thread's own

    return _READERS.submit(make_and_let_go).result
