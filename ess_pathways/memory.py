"""How a worker takes memory from the system and gives it back. Only the GNU C library has a say."""

import ctypes
import gc
from typing import Final

_ARENA_MAX: Final = -8  # M_ARENA_MAX of its malloc.h


def share_one_heap() -> None:
    """Threads take memory from one place, so that what one lets go serves the others.

    Each would have its own, which takes a quarter more in all. To be called before there are any.
    """
    _ask("mallopt", _ARENA_MAX, 1)


def give_back() -> None:
    """Return to the system what nothing uses any more, after much was made and let go."""
    gc.collect()
    _ask("malloc_trim", 0)


def _ask(name: str, *arguments: int) -> None:
    try:
        getattr(ctypes.CDLL(None), name)(*arguments)
    except (AttributeError, OSError, TypeError):  # another C library
        return
