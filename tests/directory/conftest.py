"""A small France with its four stages, and offers said in one line."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from directory.loading import load_directory
from directory.models import Offer, RegionFile, Revision, Stage
from directory.paging import forget_pages
from directory.snapshot import Snapshot
from regions.models import Territory
from tests.factories import TODAY, OfferFactory, OperatorFactory, SmallFrance, StageFactory, covers
from tests.geography import using_database

STAGES = ["emergence", "creation", "developpement", "changement-echelle"]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    forget_pages()


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon, TODAY: a page of another day is one of the past."""
    noon = datetime.datetime.combine(TODAY, datetime.time(11), datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)


@pytest.fixture
def france(db: None) -> SmallFrance:
    for position, slug in enumerate(STAGES, start=1):
        StageFactory(slug=slug, position=position)
    return SmallFrance()


@pytest.fixture
def documented(france: SmallFrance) -> SmallFrance:
    """Région r1 is documented; r2 is not."""
    RegionFile.objects.create(region=france.r1, documented_since=TODAY)
    return france


@pytest.fixture
def filled(whole_france: None) -> Iterator[None]:
    """The facts that ship, on the whole geography."""
    load_directory()
    forget_pages()
    yield
    forget_pages()


@pytest.fixture
def outside(france_database: str, django_db_blocker: Any) -> Iterator[None]:
    """Outside of any transaction, where a request is; the database is shared between tests."""
    with django_db_blocker.unblock(), using_database(france_database):
        yield


def fresh(on: datetime.date = TODAY) -> Snapshot:
    """The directory as the test has just written it, on that day."""
    return Snapshot(Revision.current(), on)


def make_offer(place: Territory | None, stage: str = "emergence", **fields: Any) -> Offer:
    """A published offer at that stage, covering that place; `operator__name=…` and the like."""
    operator_fields = {
        name.removeprefix("operator__"): fields.pop(name)
        for name in list(fields)
        if name.startswith("operator__")
    }
    made = OfferFactory(
        stage=Stage.objects.get(slug=stage), operator=OperatorFactory(**operator_fields), **fields
    )
    if place:
        covers(made.operator, place)
    return made
