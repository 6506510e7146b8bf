"""The peer's file holds what our database holds. Datasette itself is not needed here."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from bench import datasette
from bench.cases import datasette_cases, words
from bench.generate import generate
from bench.searches import Draw, Place, Search, places
from directory.models import Coverage, Offer, Operator, Revision, Stage
from directory.snapshot import Snapshot
from tests.factories import TODAY, SmallFrance

OPERATORS = 60


@pytest.fixture
def france(db: None) -> SmallFrance:
    france = SmallFrance()
    generate(OPERATORS)
    return france


@pytest.fixture
def file(france: SmallFrance, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "directory.db"
    datasette.make(path, TODAY)
    datasette.make(path, TODAY)  # in place of the first
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def one(connection: sqlite3.Connection, sql: str, *values: object) -> list[tuple[object, ...]]:
    return connection.execute(sql, values).fetchall()


def test_every_operator_at_work_is_there_with_its_stages_and_themes(
    file: sqlite3.Connection,
) -> None:
    found = dict(one(file, "SELECT slug, stages FROM operators"))
    operators = Operator.objects.at_work(TODAY)
    assert set(found) == set(operators.values_list("slug", flat=True))
    assert 0 < len(found) < OPERATORS
    for operator in operators:
        stages = operator.offers.values_list("stage__slug", flat=True)
        assert json.loads(str(found[operator.slug])) == sorted(set(stages))
    themes = {
        theme for (row,) in one(file, "SELECT themes FROM operators") for theme in json.loads(row)
    }  # type: ignore[arg-type]
    offered = Offer.objects.filter(operator__in=operators, themes__isnull=False)
    assert themes == set(offered.values_list("themes__slug", flat=True))


def test_words_are_found_without_their_accents(file: sqlite3.Connection) -> None:
    sql = "SELECT count(*) FROM operators_fts WHERE operators_fts MATCH ?"
    (everybody,) = one(file, "SELECT count(*) FROM operators")
    assert one(file, sql, '"decrit"') == [everybody] == one(file, sql, '"décrit"')
    assert one(file, sql, '"nulle"') == [(0,)]
    sql = "SELECT name FROM communes_fts WHERE communes_fts MATCH ? ORDER BY name"
    assert one(file, sql, '"com"*')[0] == ("Commune a",)


def test_the_query_for_a_place_and_a_stage_gives_what_the_rule_gives(
    file: sqlite3.Connection, france: SmallFrance
) -> None:
    """But the exclusions, which the file leaves out."""
    excluding = set(Coverage.objects.filter(excluded=True).values_list("operator__slug", flat=True))
    query = datasette.OFFERS_FOR.replace(f"LIMIT {datasette.PER_PAGE}", "")
    now = Snapshot(Revision.current(), TODAY)
    serving = now.coverage.serving(now.places.enclosing(france.a.pk, TODAY))
    for stage in Stage.objects.all():
        asked = {"commune": france.a.code, "stage": stage.slug}
        found = {row[0] for row in file.execute(query, asked)}
        offers = [now.offer_of[pk] for pk in serving]
        expected = {offer.operator.slug for offer in offers if offer.stage == stage.pk}
        assert expected
        assert expected <= found <= expected | excluding


def test_what_is_asked_of_datasette_is_in_its_tables(
    file: sqlite3.Connection, france: SmallFrance
) -> None:
    for case in datasette_cases():
        for address in islice(case.addresses, 20):
            parts = urlsplit(address)
            assert parts.path.startswith("/directory/")
            assert parts.path.endswith(".json") is ("JSON" in case.name)
            table = parts.path.removeprefix("/directory/").removesuffix(".json")
            if table == "offers_for":
                continue
            columns = {row[1] for row in one(file, f"PRAGMA table_info({table})")}
            for name, value in parse_qsl(parts.query):
                if name.startswith("_facet") or name == "_col":
                    assert value in columns
                elif not name.startswith("_"):
                    assert name.removesuffix("__arraycontains") in columns


def test_the_same_search_is_asked_of_both() -> None:
    around = {
        "commune": ("35238", "Rennes"),
        "departement": ("35", "Ille-et-Vilaine"),
        "region": ("53", "Bretagne"),
    }
    search = Search("commune", Place(1, around), stage="emergence", kind="dla", words="Rennes")
    assert search.query == "q=Rennes&territoire=commune:35238&etape=emergence&type=dla"
    asked = dict(parse_qsl(urlsplit(datasette.listed(search)).query))
    assert asked["departement"] == "Ille-et-Vilaine"
    assert asked["stages__arraycontains"] == "emergence"
    assert (asked["kind"], asked["_search"]) == ("dla", "Rennes")
    page = urlsplit(datasette.page(search))
    assert page.path == "/directory/operators"
    assert set(parse_qsl(page.query)) <= set(asked.items())
    assert not any(name in page.query for name in ("_facet", "_size", "_nocount"))


def test_the_same_seed_draws_the_same_searches(france: SmallFrance) -> None:
    first, again, other = (
        [search.query for search in islice(Draw(places(), words(), seed).searches(), 50)]
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_the_beginning_of_a_name_is_asked_as_full_text() -> None:
    for address in (datasette.communes("L'Haÿ-les-Ro"), datasette.ten_communes("L'Haÿ-les-Ro")):
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["_search"] == '"L" "Haÿ" "les" "Ro"*'


def test_published_it_has_its_defaults_and_tuned_it_has_not(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    place = (tmp_path / "directory.db", "127.0.0.1", 8001, 60)
    published, tuned = datasette.published(*place), datasette.tuned(*place)
    for command in (published, tuned):
        assert command[command.index("--immutable") + 1] == str(tmp_path / "directory.db")
        assert "--inspect-file" in command
    assert {*settings_of(published)} == {"max_returned_rows", "sql_time_limit_ms"}
    assert settings_of(tuned)["suggest_facets"] == "off"
    columns = {row[1] for row in one(file, "PRAGMA table_info(operators)")}
    tables = datasette.PUBLISHED["databases"][datasette.DATABASE]["tables"]  # type: ignore[index]
    facets = tables["operators"]["facets"]
    declared = {
        next(iter(facet.values())) if isinstance(facet, dict) else facet for facet in facets
    }
    assert declared == {column for _, column in datasette.FACETS} <= columns


def settings_of(command: list[str]) -> dict[str, str]:
    at = [number for number, part in enumerate(command) if part == "--setting"]
    return {command[number + 1]: command[number + 2] for number in at}
