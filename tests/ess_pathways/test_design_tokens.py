"""The palette holds its contrasts, and the style sheets their weight."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
STAGES = ("emergence", "creation", "developpement", "changement-echelle")

TEXT = 4.5
GRAPHICS = 3.0
HEX_TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")


def palette() -> dict[str, str]:
    return dict(HEX_TOKEN.findall((CSS / "tokens.css").read_text(encoding="utf-8")))


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", from 0 to 1. Source: WCAG 2.2, definition of the term."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


PAIRS = [
    *[(text, ground, TEXT) for text in ("ink", "ink-soft", "pine") for ground in ("paper", "mist")],
    ("ink", "jonquil", TEXT),
    ("ink", "jonquil-soft", TEXT),
    ("ink-soft", "jonquil-soft", TEXT),
    ("ink", "stone", TEXT),
    ("ink-soft", "stone", TEXT),
    ("pine-deep", "pine-tint", TEXT),
    ("pine", "jonquil", TEXT),
    ("paper", "pine", TEXT),
    ("paper", "pine-deep", TEXT),
    ("paper", "ink", TEXT),
    ("pine", "warning-tint", TEXT),
    *[(tone, "paper", TEXT) for tone in ("error", "warning", "success")],
    *[(tone, f"{tone}-tint", TEXT) for tone in ("error", "warning", "success")],
    *[(stage, ground, TEXT) for stage in STAGES for ground in ("paper", "mist", f"{stage}-tint")],
    *[("ink-soft", f"{stage}-tint", TEXT) for stage in STAGES],
    *[("pine", f"{stage}-tint", TEXT) for stage in STAGES],
    ("line-strong", "paper", GRAPHICS),
    ("line-strong", "mist", GRAPHICS),
]


@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_every_pair_in_use_has_enough_contrast(text: str, ground: str, least: float) -> None:
    colours = palette()
    assert contrast(colours[text], colours[ground]) >= least


def test_every_stage_has_its_colour_its_tint_its_mark_and_its_hollow_mark() -> None:
    colours = palette()
    marks = (Path(settings.BASE_DIR) / "static" / "img" / "glyphs.svg").read_text(encoding="utf-8")
    for stage in STAGES:
        assert {stage, f"{stage}-tint"} <= colours.keys()
        assert f'id="{stage}"' in marks
        assert f'id="{stage}-hollow"' in marks


def test_style_sheets_of_every_page_and_those_of_one_page_stay_light() -> None:
    everywhere = set(re.findall(r"css/(\w+)\.css", (TEMPLATES / "base.html").read_text("utf-8")))
    weights = {sheet.stem: sheet.stat().st_size for sheet in CSS.glob("*.css")}
    assert sum(weights[name] for name in everywhere) < 54_000
    assert {name for name, weight in weights.items() if weight > 14_000} <= everywhere


def test_no_template_carries_an_inline_style_or_handler() -> None:
    inline = re.compile(r"""\s(?:style|on[a-z]+)=["']""")
    guilty = [
        path.relative_to(TEMPLATES)
        for path in TEMPLATES.rglob("*.html")
        if inline.search(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []


def test_colours_are_named_in_the_tokens_alone() -> None:
    for sheet in ("base.css", "components.css", "pages.css"):
        literal = re.findall(r"#[0-9a-fA-F]{6}\b", (CSS / sheet).read_text(encoding="utf-8"))
        assert literal == [], sheet
