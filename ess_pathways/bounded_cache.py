"""Django's cache in the memory of a process, bounded by what it weighs and not by how many."""

from collections import OrderedDict
from threading import Lock
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache

#: Bytes in each cache, by name: Django makes an object of it for each thread, over the same values.
_WEIGHTS: Final[dict[str, int]] = {}


class BoundedCache(LocMemCache):
    """`OPTIONS["MAX_BYTES"]`: what the values may weigh together; the least used leave first.

    A thousand pages of a few kilobytes are little, a thousand answers of the map are not, and
    whoever asks chooses which. A value heavier than all that is not kept.
    """

    _cache: OrderedDict[str, bytes]
    _expire_info: dict[str, float | None]
    _lock: Lock

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self._name = name
        self._max_bytes = int(params["OPTIONS"]["MAX_BYTES"])

    def validate_key(self, key: str) -> None:
        """Nothing: memcached would refuse some keys, a dictionary does not."""

    # The lock is held by whoever calls these: they are those of LocMemCache.

    def _set(self, key: str, value: bytes, timeout: float | None = DEFAULT_TIMEOUT) -> None:
        self._delete(key)
        if len(value) > self._max_bytes:
            return
        while self.weight + len(value) > self._max_bytes:
            self._delete(next(reversed(self._cache)))
        _WEIGHTS[self._name] = self.weight + len(value)
        self._cache[key] = value
        self._cache.move_to_end(key, last=False)
        self._expire_info[key] = self.get_backend_timeout(timeout)

    def _delete(self, key: str) -> bool:
        value = self._cache.pop(key, None)
        if value is None:
            return False
        _WEIGHTS[self._name] = self.weight - len(value)
        del self._expire_info[key]
        return True

    def clear(self) -> None:
        with self._lock:
            self._cache.clear()
            self._expire_info.clear()
            _WEIGHTS[self._name] = 0

    @property
    def weight(self) -> int:
        """Bytes of the values that are kept."""
        return _WEIGHTS.get(self._name, 0)
