"""A slip is a letter missing, too many, changed, or exchanged with the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.packed import Texts
from regions.slips import Slips, is_slip, undoubled

WORD = st.text("abc", min_size=1, max_size=5)


def one_slip_away(word: str) -> set[str]:
    """All that one slip makes of a word, by the definition."""
    places = range(len(word) + 1)
    return {
        word,
        *(word[:at] + word[at + 1 :] for at in places),
        *(word[:at] + letter + word[at:] for at in places for letter in "abc"),
        *(word[:at] + letter + word[at + 1 :] for at in places[:-1] for letter in "abc"),
        *(word[:at] + word[at : at + 2][::-1] + word[at + 2 :] for at in places),
    } - {""}


@given(WORD, WORD)
def test_a_slip_is_what_the_definition_says(typed: str, meant: str) -> None:
    assert is_slip(typed, meant) == (meant in one_slip_away(typed))


@given(st.lists(WORD, unique=True, min_size=1), WORD)
def test_all_texts_one_slip_away_are_found_and_no_others(texts: list[str], typed: str) -> None:
    # The only one lost: two single letters have nothing left in common.
    near = {
        text
        for text in texts
        if text in one_slip_away(typed) and (text == typed or len(text) + len(typed) > 2)
    }
    assert set(Slips(Texts(texts)).of(typed)) == near


@pytest.mark.parametrize(
    ("words", "single"),
    [(["bllan"], "blan"), (["chatellerault"], "chatelerault"), (["aa", "b"], "a b"), ([], "")],
)
def test_double_letters_count_once(words: list[str], single: str) -> None:
    assert undoubled(words) == single
