"""What is packed is found as if it were in plain lists and dictionaries."""

import random
from array import array
from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from regions.packed import Drawers, Numbers, Postings, SortedTexts, Texts

ASCII = st.text("ab c", max_size=5)


@given(st.lists(st.text()))
def test_texts_are_given_back(texts: list[str]) -> None:
    packed = Texts(texts)
    assert (list(packed), len(packed)) == (texts, len(texts))
    assert [packed[at] for at in range(len(texts))] == texts


@given(st.lists(ASCII, max_size=200), ASCII)
def test_a_sorted_text_is_found_where_a_list_has_it(texts: list[str], asked: str) -> None:
    texts.sort()
    packed = SortedTexts(texts)
    assert packed.after(asked) == bisect_left(texts, asked)
    assert packed.at(asked) == (texts.index(asked) if asked in texts else None)
    first, last = packed.beginning(asked)
    assert texts[first:last] == [text for text in texts if text.startswith(asked)]


@given(st.integers(0, 2**32), st.integers(0, 2000), st.integers(0, 2000))
def test_any_stretch_of_numbers_is_a_set(seed: int, one: int, other: int) -> None:
    numbers = array("I", random.Random(seed).sample(range(5000), 2000))
    first, last = sorted((one, other))
    assert Numbers(numbers).between(first, last) == BitMap(numbers[first:last])


@given(st.lists(st.tuples(ASCII, st.integers(0, 1000)), max_size=100), ASCII)
def test_a_text_leads_to_its_numbers(pairs: list[tuple[str, int]], asked: str) -> None:
    packed = Postings(pairs)
    assert set(packed.of(asked)) == {number for text, number in pairs if text == asked}
    assert set(packed.beginning(asked)) == {
        number for text, number in pairs if text.startswith(asked)
    }


@given(st.lists(st.tuples(st.text(), st.integers(0, 1000)), min_size=1, max_size=50))
def test_a_drawer_holds_all_that_was_filed_under_a_text(pairs: list[tuple[str, int]]) -> None:
    drawers = Drawers(lambda: pairs, about=len(pairs))
    for text, number in pairs:
        assert number in drawers.under([text])
    assert drawers.under(text for text, _ in pairs) == {number for _, number in pairs}
