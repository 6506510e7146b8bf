"""Static files: under hashed names, compressed, and nothing of theirs from another host."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from fontTools.ttLib import TTFont

from ess_pathways.fonts import FONTS

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


@pytest.mark.parametrize("name", FONTS)
def test_a_font_is_small_and_writes_french(name: str) -> None:
    path = Path(str(finders.find(f"fonts/{name}")))
    assert path.stat().st_size < 30_000
    characters = TTFont(path).getBestCmap()
    assert {ord(letter) for letter in "AÉÈÇàâçéèêëîïôùûüœŒ«»’…€–"} <= characters.keys()


def test_an_unknown_font_is_not_found() -> None:
    assert finders.find("fonts/../settings.py") is None
    assert finders.find("fonts/Unknown.woff2") is None
