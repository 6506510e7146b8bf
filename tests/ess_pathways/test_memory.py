"""A worker gives memory back, and does without where nothing can be asked."""

import ctypes
from typing import Any

import pytest

from ess_pathways.memory import give_back, share_one_heap


def test_another_c_library_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        def __init__(self, name: Any) -> None:
            pass

    monkeypatch.setattr(ctypes, "CDLL", Other)
    share_one_heap()
    give_back()


def test_the_c_library_is_asked_for_one_heap_then_to_give_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, tuple[int, ...]]] = []

    class Library:
        def __init__(self, name: Any) -> None:
            pass

        def __getattr__(self, name: str) -> Any:
            return lambda *arguments: asked.append((name, arguments))

    monkeypatch.setattr(ctypes, "CDLL", Library)
    share_one_heap()
    give_back()
    assert asked == [("mallopt", (-8, 1)), ("malloc_trim", (0,))]
