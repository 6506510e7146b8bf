"""Many texts that are alike, in little memory."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.snapshot import texts
from directory.snapshot.texts import Texts

CARD = "<article class='operator'><h3>{0}</h3><p>Accompagne {0}, à l’année</p></article>"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=8, max_size=20))
def test_what_is_kept_comes_back_as_it_was(written: list[str]) -> None:
    kept = Texts()
    for number, text in enumerate(written):
        kept.put(number, text)
    for number, text in enumerate(written):
        assert kept.get(number) in (text.encode(), None)
    assert len(kept) >= len(written) - 4  # the first ones are what the others are compared with


def test_a_text_that_alters_replaces_the_other() -> None:
    kept = Texts()
    for number in range(8):
        kept.put(number, CARD.format(number))
    kept.put(7, CARD.format("autre"))
    assert kept.get(7) == CARD.format("autre").encode()
    assert kept.get(99) is None


def test_alike_texts_take_little_room() -> None:
    kept = Texts()
    for number in range(1000):
        kept.put(number, CARD.format(f"Structure {number}"))
    size = sum(map(len, kept._kept.values()))
    assert size < 1000 * len(CARD) / 3


def test_room_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST", 2_000)
    kept = Texts()
    for number in range(2000):
        kept.put(number, CARD.format(f"Structure {number}"))
        assert sum(map(len, kept._kept.values())) <= 2_000
    assert kept.get(1999) == CARD.format("Structure 1999").encode()


def test_threads_share_it() -> None:
    kept = Texts()

    def write(first: int) -> None:
        for number in range(first, 4000, 4):
            kept.put(number, CARD.format(number))

    threads = [threading.Thread(target=write, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [kept.get(number) for number in range(4000)]
    assert sum(text is not None for text in found) == len(kept) == 3996
    assert all(text in (CARD.format(number).encode(), None) for number, text in enumerate(found))
