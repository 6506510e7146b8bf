"""Static files: under hashed names, compressed, and nothing of theirs from another host."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from fontTools.subset import parse_unicodes
from fontTools.ttLib import TTFont

from ess_pathways.fonts import FONTS, RARE, USUAL
from regions.geography import files

IMPORTED = re.compile(r"""^import\b[^"]*"([^"]+)";""", re.MULTILINE)


@pytest.fixture
def collected(settings, tmp_path: Path) -> Path:
    """All static files, as a site has them."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "ess_pathways.static_files.HashedStaticFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_static_files_are_renamed_by_their_content_and_compressed(collected: Path) -> None:
    name = staticfiles_storage.stored_name("css/base.css")
    assert re.fullmatch(r"css/base\.[0-9a-f]{12}\.css", name)
    assert (collected / f"{name}.br").stat().st_size < (collected / name).stat().st_size


def test_our_modules_import_one_another_under_hashed_names(settings, collected: Path) -> None:
    sources = (settings.BASE_DIR / "static" / "js").rglob("*.js")
    names = [path.relative_to(settings.BASE_DIR / "static").as_posix() for path in sources]
    hashed = {collected / staticfiles_storage.stored_name(name) for name in names}
    imports = [(path, name) for path in hashed for name in IMPORTED.findall(path.read_text())]
    assert imports
    for path, name in imports:
        assert (path.parent / name).resolve() in hashed, f"{path.name} imports {name}"


def test_our_own_files_name_no_other_host(settings) -> None:
    for file in (settings.BASE_DIR / "static").rglob("*.*"):
        if file.suffix in {".css", ".js", ".svg"}:
            named = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", file.read_text()))
            assert named <= {"http://www.w3.org"}, file


def characters_of(name: str) -> set[int]:
    return set(TTFont(str(finders.find(f"fonts/{name}"))).getBestCmap())


@pytest.mark.parametrize("name", FONTS)
def test_a_font_is_small(name: str) -> None:
    assert Path(str(finders.find(f"fonts/{name}"))).stat().st_size < 18_000


@pytest.mark.parametrize("name", [name for name in FONTS if "-rare" not in name])
def test_french_needs_the_first_file_of_a_font_only(name: str) -> None:
    french = set("AÉÈÇàâçéèêëîïôùûüÿœŒ«»’…€–—·°×−\u00a0áäíìóòöúñß")
    places = (row.name for row in files.read_territories(files.DEFAULT_DIRECTORY))
    missing = {ord(letter) for letter in french.union(*places)} - characters_of(name)
    assert not {chr(one) for one in missing}


def test_the_style_sheet_asks_for_the_rare_file_for_what_it_alone_holds(settings) -> None:
    sheet = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    ranges = re.findall(r'fonts/([\w-]+-rare\.woff2)".*unicode-range: ([^;]+);', sheet)
    assert {name for name, _ in ranges} == {name for name in FONTS if "-rare" in name}
    for name, range_ in ranges:
        assert set(parse_unicodes(range_)) == set(parse_unicodes(RARE))
        assert not set(parse_unicodes(RARE)) & set(parse_unicodes(USUAL))
        assert characters_of(name) <= set(parse_unicodes(RARE))
        assert {ord(letter) for letter in "åãłőš"} <= characters_of(name)


def test_an_unknown_font_is_not_found() -> None:
    assert finders.find("fonts/../settings.py") is None
    assert finders.find("fonts/Unknown.woff2") is None
