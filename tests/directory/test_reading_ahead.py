"""Cards and rows are there before anybody asks, and never delay nor alter what is asked."""

import threading
from concurrent.futures import Future

import pytest
from django.db import OperationalError
from django.http import QueryDict
from django.test import Client

from directory import reading_ahead
from directory.explore import Exploration
from directory.explore.rows import made_rows
from directory.models import Operator
from directory.models.reader import close_readers
from directory.models.serving import CoverageIndex
from directory.paging import forget_pages
from directory.pathway import build_pathway
from directory.pathway.cards import made_cards
from directory.snapshot import current, kept
from directory.snapshot.snapshot import Snapshot
from tests.directory.conftest import fresh, make_offer
from tests.factories import SmallFrance


@pytest.fixture
def latest(france: SmallFrance) -> Snapshot:
    for number in range(20):
        make_offer(france.a, operator__name=f"Structure {number:02}")
    return current()


def test_pages_read_nothing_more_once_all_was_read_ahead(
    latest: Snapshot, django_assert_num_queries
) -> None:
    reading_ahead.read_ahead(latest, pause=0)
    # All but the first few, which the others are compared with.
    with django_assert_num_queries(0):
        assert len(made_cards(latest, latest.offers[4:])) == 16
        assert len(made_rows(latest, latest.operators[4:])) == 16


def test_a_whole_directory_leaves_nothing_to_read_but_cards(
    latest: Snapshot, france: SmallFrance, django_assert_num_queries
) -> None:
    assert not latest.is_whole
    reading_ahead.read_whole(latest)
    assert latest.is_whole
    with django_assert_num_queries(0):
        pathway = build_pathway(latest, latest.place(france.a.pk))
        search = Exploration(QueryDict(f"territoire=commune:{france.a.code}"), latest)
        assert sum(step.total for step in pathway.steps) == len(search.found) == 20


def test_a_card_read_ahead_is_the_card(
    latest: Snapshot, france: SmallFrance, client: Client
) -> None:
    before = client.get(france.a.get_absolute_url()).content
    reading_ahead.read_ahead(latest, pause=0)
    forget_pages()
    assert client.get(france.a.get_absolute_url()).content == before


def test_it_stops_when_something_newer_came(
    latest: Snapshot, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    reading_ahead.read_whole(latest)
    monkeypatch.setattr(kept, "latest", lambda: None)
    with django_assert_num_queries(0):
        reading_ahead.read_ahead(latest, pause=0)


def test_who_waits_for_the_next_one_gets_it(latest: Snapshot, france: SmallFrance) -> None:
    found: list[Snapshot] = []
    waiting = threading.Thread(target=lambda: found.append(kept.after(latest)))
    waiting.start()
    Operator.objects.filter(name="Structure 00").update(name="Autre nom")
    newer = current()
    waiting.join(timeout=30)
    assert found == [newer]
    assert newer is not latest


def test_zones_that_could_not_be_read_aside_are_read_when_asked_for(
    latest: Snapshot, france: SmallFrance
) -> None:
    failed: Future[CoverageIndex] = Future()
    failed.set_exception(OperationalError("the server was restarted"))
    again = fresh()
    again._zones_begun = failed
    assert len(again.zones.naming(france.a.pk)) == 20


def test_zones_are_read_aside_outside_of_a_transaction(outside: None) -> None:
    snapshot = fresh()
    assert snapshot._zones_begun is not None
    aside = snapshot.zones
    snapshot._zones_begun = None
    del snapshot.__dict__["zones"]
    assert snapshot.zones._included == aside._included
    close_readers()
