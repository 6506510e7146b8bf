"""Templates rendered once for each shape they take: the same HTML as Django's, always escaped."""

import itertools
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from directory.moulds import HOLE, Mould, Pieces, around, fill, fill_in_pieces, items, safe

NAMES = ("relay.to_name", "relay.to_url", "relay.condition")
TEMPLATE = "components/relay_in_words.html"
#: Any text that a database can hold.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


def rendered(name: str, url: str, condition: str) -> str:
    """By Django, as if there were no moulds."""
    relay = {"to_name": name, "to_url": url, "condition": condition}
    return render_to_string(TEMPLATE, {"relay": relay})


@given(TEXTS, TEXTS, TEXTS)
def test_a_mould_gives_what_the_template_gives(name: str, url: str, condition: str) -> None:
    values = (name, url, condition)
    expected = rendered(*values).replace("&#x27;", "&#39;")
    filled = fill(TEMPLATE, dict(zip(NAMES, values, strict=True)))
    cast = Mould(TEMPLATE, *NAMES)(*map(safe, values))
    in_pieces = fill_in_pieces(TEMPLATE, dict(zip(NAMES, map(safe, values), strict=True)))
    for made in (filled, cast, str(in_pieces)):
        assert made.replace("&#x27;", "&#39;") == expected


def test_each_shape_is_its_own() -> None:
    mould = Mould(TEMPLATE, *NAMES)
    for values in itertools.product(("", "un"), ("", "/deux/"), ("", "trois")):
        for _ in range(2):  # cast, then kept
            assert mould(*map(SafeString, values)) == rendered(*values)


def test_what_is_not_html_is_escaped_and_what_is_html_is_not() -> None:
    assert safe("<b>L'eau & l\"air</b>") == ("&lt;b&gt;L&#x27;eau &amp; l&quot;air&lt;/b&gt;")
    assert safe(SafeString("<b>")) == "<b>"
    made = fill(TEMPLATE, {"relay.to_name": "<i>", "relay.to_url": "", "relay.condition": ""})
    assert made == "&lt;i&gt;"


def test_pieces_are_put_in_where_their_name_stands() -> None:
    pieces = Pieces(["<li>un</li>", "<li>deux</li>"])
    made = fill_in_pieces("components/relays.html", {"relays": pieces})
    assert str(made) == render_to_string(
        "components/relays.html", {"relays": SafeString("".join(pieces))}
    )


def test_holes_are_filled_later() -> None:
    values = {"relay.to_name": safe("A & B"), "relay.to_url": HOLE, "relay.condition": HOLE}
    before, between, after = around(fill(TEMPLATE, values))
    assert f"{before}/x/{between}quand{after}" == rendered("A & B", "/x/", "quand")


def test_rows_are_values_of_a_list() -> None:
    assert items("steps", [{"name": "Idée"}, {"name": "Essai"}]) == {
        "steps.0.name": "Idée",
        "steps.1.name": "Essai",
    }


@pytest.mark.parametrize("template", ["operator_card.html", "operator_line.html"])
def test_what_differs_by_commune_is_printed_once(template: str) -> None:
    text = (Path("templates/components") / template).read_text().split("{% endcomment %}")[1]
    for name in ("reason", "relays"):
        assert text.count("{{ " + name + " }}") == 1
