"""Somebody who may import, and files made in one line."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from directory.importing import imports
from directory.importing.rights import Agent
from directory.models import CallEdition, CallImport, ImportState, Officer
from tests.directory.conftest import france  # noqa: F401
from tests.factories import FunderFactory, FundingSchemeFactory, SmallFrance, ThemeFactory, covers

SOURCE = "https://exemple.fr/source"


@pytest.fixture
def world(france: SmallFrance) -> SmallFrance:  # noqa: F811
    """Région r1 has a series, "fonds-r1"; r2 has "fonds-r2"; "national" is everywhere."""
    places = {"fonds-r1": france.r1, "fonds-r2": france.r2, "national": france.france}
    for slug, place in places.items():
        covers(FundingSchemeFactory(slug=slug, name=slug.replace("-", " ").title()), place)
    FunderFactory(slug="region-r1", name="Région R1", territory=france.r1)
    FunderFactory(slug="region-r2", name="Région R2", territory=france.r2)
    ThemeFactory(slug="numerique", name="Numérique")
    return france


@pytest.fixture
def admin(db: None) -> Agent:
    return Agent(User.objects.create_superuser("admin", password="admin"), None)


@pytest.fixture
def officer(world: SmallFrance) -> Agent:
    """An officer of Région r1."""
    user = User.objects.create_user("agente", password="agente")
    Officer.objects.create(user=user, region=world.r1)
    return Agent(user, world.r1)


def table(*rows: dict[str, str]) -> bytes:
    """A CSV of these rows, whose columns are all that they name."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    lines = [headings, *([row.get(heading, "") for heading in headings] for row in rows)]
    quoted = [";".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
    return "\r\n".join(quoted).encode()


def call(key: str = "fonds-r1-2026", **cells: str) -> dict[str, str]:
    """A good row; its other cells by heading, with `_` for spaces."""
    row = {"Clé": key, "Série": "fonds-r1", "Titre": "Fonds R1 2026", "Source": SOURCE}
    row |= {heading.replace("_", " "): text for heading, text in cells.items()}
    return row


def preview(agent: Agent, content: bytes) -> CallImport:
    """The import after its preview."""
    return imports.work(imports.receive(agent, "appels.csv", content).pk, agent.name)


def load(agent: Agent, content: bytes, **choices: bool) -> CallImport:
    """The import, loaded; `good_rows_only` and `overwrite` as on the page."""
    shown = preview(agent, content)
    assert shown.state == ImportState.READY, shown.message
    return confirm(agent, shown, **choices)


def confirm(
    agent: Agent, shown: CallImport, *, good_rows_only: bool = False, overwrite: bool = False
) -> CallImport:
    imports.ask_to_load(
        shown, digest=shown.digest, good_rows_only=good_rows_only, overwrite=overwrite
    )
    return imports.work(shown.pk, agent.name)


def errors(shown: CallImport) -> list[tuple[int, str, str]]:
    """(line, column, message) of all that is wrong."""
    return [
        (row.line, error["column"], error["message"])
        for row in shown.rows.order_by("line")
        for error in row.errors
    ]


def counts(shown: CallImport) -> tuple[int, int, int, int]:
    """Rows to create, to change, to leave, in error."""
    return shown.created, shown.changed, shown.left, shown.wrong


def edition(key: str = "fonds-r1-2026") -> CallEdition:
    return CallEdition.objects.get(key=key)


Loader = Callable[..., Any]
