"""An officer brings the year's calls in a real browser: send, read, correct, confirm, see, undo."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.text import slugify
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_pages import DESK, PHONE, assert_accessible, assert_no_sideways_scroll
from tests.conftest import SLOT
from tests.geography import using_database

LONS = "/parcours/39300-lons-le-saunier/"
#: Workers share the site: each has its own calls.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "seule")
SERIES = f"Appel d’essai du Jura {WORKER}"
TITLE = f"{SERIES}, édition 2027"
KEY = f"essai-jura-{WORKER}"
HEADINGS = "Clé;Série;Type;Titre;Année;Ouverture;Clôture;Territoires;Étapes;Enveloppe;Source"
GOOD = f"{KEY};{SERIES};AAP;{TITLE};2027;02/01/2027;{{closes}};commune:39300;Création;"
GOOD += "50 000 €;https://exemple.fr/jura"
PASSWORD = "un-mot-de-passe-d-essai"


@pytest.fixture
def officer(base_url: str, pytestconfig: pytest.Config, django_db_blocker: Any) -> Iterator[str]:
    """An officer of Bourgogne-Franche-Comté, whose calls and imports are gone afterwards."""
    if pytestconfig.getoption("base_url"):
        pytest.skip("makes an account in the site's database: not in one that is served already")
    from django.contrib.auth.models import User

    from directory.models import CallImport, FundingScheme, Officer
    from regions.models import Territory

    database = f"test_site_{os.environ[SLOT]}"
    name = f"agente-{WORKER}"

    def clean() -> None:
        FundingScheme.objects.filter(name=SERIES).delete()
        CallImport.objects.filter(user_name=name).delete()
        User.objects.filter(username=name).delete()

    with django_db_blocker.unblock():
        with using_database(database):
            clean()
            user = User.objects.create_user(name, password=PASSWORD)
            region = Territory.objects.get(kind="region", code="27")
            Officer.objects.create(user=user, region=region)
        yield name
        with using_database(database):
            clean()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A spreadsheet whose closing date does not exist, saved by a French Excel."""
    path = tmp_path / "appels du Jura.csv"
    text = "\r\n".join([HEADINGS, GOOD.format(closes="31/02/2027")])
    path.write_bytes(text.encode("cp1252"))
    return path


def sign_in(page: Page, name: str) -> None:
    page.goto("/agents/")
    page.get_by_label("Nom du compte").fill(name)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Importer des appels")


def send(page: Page, file: Path) -> None:
    page.get_by_label("Le fichier des appels").set_input_files(file)
    page.get_by_role("button", name="Voir ce qui changerait").click()


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_spreadsheet_to_the_pathway_and_back(
    page: Page, watch: Watch, officer: str, file: Path, size: Any
) -> None:
    def examine() -> None:
        assert_accessible(page, watch)
        assert_no_sideways_scroll(page)

    page.set_viewport_size(size)
    page.goto("/agents/connexion/")
    examine()
    sign_in(page, officer)
    examine()
    send(page, file)
    heading(page, "Des cellules à corriger")
    examine()
    closing = page.get_by_label("Clôture, ligne 2")
    expect(closing).to_have_value("31/02/2027")
    expect(page.locator("#lignes")).to_contain_text("ce mois-là a 28 jours")
    closing.fill("28 février 2027")
    page.get_by_role("button", name="Vérifier ces corrections").click()
    heading(page, "Ce qui changerait")
    expect(page.locator("#lignes")).to_contain_text("Nouvelle série")
    page.get_by_text("cellules", exact=False).first.click()
    examine()
    page.get_by_role("button", name="Charger 1 nouvel appel").click()
    heading(page, "Import chargé")
    examine()
    imported = page.url
    page.goto(LONS)
    expect(page.locator("main")).to_contain_text(TITLE)
    page.goto(f"/appels/{slugify(SERIES)}/2027/")
    expect(page.locator("main")).to_contain_text(TITLE)
    page.goto("/parcours/21231-dijon/")
    expect(page.locator("main")).not_to_contain_text(TITLE)
    page.goto("/agents/appels/")
    expect(page.locator("main")).to_contain_text(SERIES)
    examine()
    page.goto("/agents/imports/notice/")
    examine()
    page.goto(imported)
    page.get_by_role("link", name="Annuler cet import").click()
    heading(page, re.compile("Annuler cet import"))
    examine()
    page.get_by_role("button", name="Annuler l’import en entier").click()
    heading(page, "Import annulé")
    page.goto(LONS)
    expect(page.locator("main")).not_to_contain_text(TITLE)


def test_by_the_keyboard_alone(page: Page, officer: str, file: Path) -> None:
    # Playwright asks the browser for its choosers of files when somebody first listens, without
    # waiting for the answer: a key pressed at once would open one that nobody hears of.
    page.on("filechooser", lambda chooser: None)
    page.set_viewport_size(DESK)
    page.goto("/agents/connexion/")
    walk_to(page, page.get_by_label("Nom du compte"))
    page.keyboard.type(officer)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    heading(page, "Importer des appels")
    chooser = page.get_by_label("Le fichier des appels")
    walk_to(page, chooser)
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Space")
    choosing.value.set_files(file)
    walk_to(page, page.get_by_role("button", name="Voir ce qui changerait"))
    page.keyboard.press("Enter")
    heading(page, "Des cellules à corriger")
    walk_to(page, page.get_by_label("Clôture, ligne 2"))
    page.keyboard.press("Control+A")
    page.keyboard.type("mars 2027")
    page.keyboard.press("Enter")
    heading(page, "Ce qui changerait")
    walk_to(page, page.get_by_role("button", name="Charger 1 nouvel appel"))
    page.keyboard.press("Enter")
    heading(page, "Import chargé")
    walk_to(page, page.get_by_role("button", name="Se déconnecter"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


def walk_to(page: Page, target: Any) -> None:
    """Press Tab until the element has the focus."""
    expect(target).to_be_visible()
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {target}")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_long_file_shows_how_far_it_is(
    new_context: Any, officer: str, tmp_path: Path, scripts: bool
) -> None:
    """The page of the wait follows the work by itself, with and without scripts."""
    page = new_context(java_script_enabled=scripts).new_page()
    sign_in(page, officer)
    path = tmp_path / "long.csv"
    row = GOOD.format(closes="mars 2027").replace(KEY, KEY + "-{n}")
    rows = [row.format(n=n) + "/" + "x" * 300 for n in range(3000)]
    path.write_text("\n".join([HEADINGS, *rows]))
    send(page, path)
    heading(page, re.compile("On lit votre fichier|Ce qui changerait"))
    page.wait_for_selector("text=Ce qui changerait", timeout=60_000)
    expect(page.locator(".import-tab--creer")).to_contain_text("3")
    page.get_by_role("button", name="Charger").click()
    page.wait_for_selector("h1:text('Import chargé')", timeout=90_000)


def test_a_file_too_big_is_told_before_it_is_sent(page: Page, officer: str, tmp_path: Path) -> None:
    sign_in(page, officer)
    path = tmp_path / "gros.csv"
    path.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    send(page, path)
    expect(page.get_by_role("alert")).to_contain_text("dépasse 10")
    expect(page.get_by_role("button", name="Voir ce qui changerait")).to_be_enabled()
