"""The cache of a process is bounded by what it weighs."""

import pickle

import pytest

from ess_pathways.bounded_cache import BoundedCache

KILOBYTE = b"x" * 1000
HEAVY = len(pickle.dumps(KILOBYTE, BoundedCache.pickle_protocol))


@pytest.fixture
def cache() -> BoundedCache:
    """Room for three."""
    made = BoundedCache("test", {"OPTIONS": {"MAX_BYTES": 3 * HEAVY}})
    made.clear()
    return made


def test_the_least_used_leaves_first(cache: BoundedCache) -> None:
    for key in "abc":
        cache.set(key, KILOBYTE)
    assert cache.get("a") == KILOBYTE
    cache.set("d", KILOBYTE)
    assert [key for key in "abcd" if key in cache] == ["a", "c", "d"]
    assert cache.weight == 3 * HEAVY


def test_one_too_heavy_is_not_kept_and_makes_none_leave(cache: BoundedCache) -> None:
    cache.set("a", KILOBYTE)
    cache.set("b", KILOBYTE * 4)
    assert "b" not in cache
    assert cache.get("a") == KILOBYTE


def test_what_is_replaced_deleted_or_expired_weighs_no_more(cache: BoundedCache) -> None:
    cache.set("a", KILOBYTE)
    cache.set("a", KILOBYTE)
    assert cache.weight == HEAVY
    cache.delete("a")
    cache.set("b", KILOBYTE, timeout=0)
    assert cache.get("b") is None
    assert cache.weight == 0
    cache.set("c", KILOBYTE)
    cache.clear()
    assert (cache.weight, cache.get("c")) == (0, None)


def test_threads_see_one_cache(cache: BoundedCache) -> None:
    cache.set("a", KILOBYTE)
    other = BoundedCache("test", {"OPTIONS": {"MAX_BYTES": 3 * HEAVY}})
    assert other.get("a") == KILOBYTE
    assert other.weight == HEAVY
