"""Reading the database by another thread, while the one that asks goes on."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from django.db import connection

Made = TypeVar("Made")

_READERS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="reading aside")


def begun(make: Callable[[], Made]) -> Future[Made] | None:
    """Begin to make something.

    None inside a transaction, whose writes another connection does not see: it is to be made there.
    """
    if connection.in_atomic_block:
        return None

    def make_and_let_go() -> Made:
        try:
            return make()
        finally:
            connection.close()  # this thread's own

    return _READERS.submit(make_and_let_go)
