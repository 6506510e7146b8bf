"""The benchmark works: what it generates, what it asks for, how it computes. Nothing is timed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict

from bench import client, databases
from bench.cases import Case, cases, slip, words
from bench.generate import generate
from bench.import_calls import example_cells, import_file, loop
from bench.measuring import count_queries, edit, first_answers, is_wanted
from bench.results import Measure, Results
from bench.searches import Draw, apart, places
from directory.explore import Exploration
from directory.models import CallEdition, Coverage, Offer, Operator, Relay, Revision
from directory.paging import forget_pages
from directory.pathway import build_pathway
from directory.snapshot import Snapshot
from tests.factories import TODAY, SmallFrance

OPERATORS = 60
BODY = b"x" * 1_000_000


@pytest.fixture
def france(db: None) -> SmallFrance:
    forget_pages()
    return SmallFrance()


@pytest.fixture
def bench_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "bench.urls"


def rows() -> list[Any]:
    """All that was drawn, without the keys of the vocabulary, which PostgreSQL gives out."""
    return [
        list(
            Operator.objects.order_by("pk").values("name", "kind__slug", "commune", "source_date")
        ),
        list(Offer.objects.order_by("pk").values("operator", "stage__slug", "entry_modes")),
        list(Coverage.objects.order_by("pk").values("operator", "territory", "valid_until")),
        list(Relay.objects.order_by("pk").values("from_operator", "to_operator", "territory")),
        list(CallEdition.objects.order_by("pk").values("scheme", "closes_on")),
    ]


def test_generates_as_many_operators_as_asked_all_said_to_be_examples(france: SmallFrance) -> None:
    generate(OPERATORS)

    operators = Operator.objects.all()
    assert operators.count() == OPERATORS
    assert all(one.is_example and "Exemple" in one.name for one in operators)
    assert {one.offers.count() for one in operators} <= {1, 2, 3, 4}
    assert all(Coverage.objects.filter(operator=one).exists() for one in operators)
    assert set(Coverage.objects.values_list("territory__kind", flat=True)) >= {
        "commune",
        "departement",
        "epci",
    }


def test_what_is_generated_is_on_the_pathway_of_a_commune(france: SmallFrance) -> None:
    generate(OPERATORS)

    now = Snapshot(Revision.current(), TODAY)
    pathway = build_pathway(now, now.place(france.a.pk))
    assert len(pathway.steps) == 4
    assert all(step.total for step in pathway.steps)


def test_the_same_seed_gives_the_same_directory_and_another_seed_another(
    france: SmallFrance,
) -> None:
    found = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            generate(OPERATORS, seed)
            found.append(rows())
            transaction.set_rollback(True)
    assert found[0] == found[1] != found[2]


def test_generating_bumps_the_revision_and_leaves_the_next_key_free(france: SmallFrance) -> None:
    before = Revision.current()
    generate(OPERATORS)
    assert Revision.current() > before
    first = Operator.objects.earliest("pk")
    first.pk, first.slug = None, "une-de-plus"
    first.save()
    assert first.pk == OPERATORS + 1


def test_refuses_a_database_without_geography(db: None) -> None:
    with pytest.raises(ValueError, match="load_territories"):
        generate(1)


def test_refuses_a_directory_that_is_not_empty(france: SmallFrance) -> None:
    generate(5)
    with pytest.raises(IntegrityError), transaction.atomic():
        generate(5)


@pytest.mark.usefixtures("bench_urls")
def test_every_measured_address_answers_what_is_expected_of_it(france: SmallFrance) -> None:
    generate(OPERATORS)
    asked = cases()
    results = Results(OPERATORS, {case.name: Measure() for case in asked})

    count_queries(asked, results)  # raises on any other answer

    assert results.measures["hello"].queries == 0
    assert results.measures["pathway page, cached"].queries <= 1
    assert results.measures["pathway page, uncached"].size > 10_000
    assert results.measures["list with facets, cached"].queries == 1
    first = results.measures["map payload, first after an edit"]
    assert first.queries and first.queries > 2
    assert results.measures["map payload, uncached"].queries <= 1
    assert results.measures["map payload, uncached"].size == first.size
    assert all(measure.size for name, measure in results.measures.items() if "304" not in name)


def test_searches_by_words_find_operators_and_searches_by_filters_too(france: SmallFrance) -> None:
    generate(OPERATORS)
    draw = Draw(places(), words(), 1)
    now = Snapshot(Revision.current(), TODAY)
    for drawn in (draw.searches(), draw.texts()):
        found = [Exploration(QueryDict(search.query), now) for search in islice(drawn, 30)]
        assert all(search.is_valid for search in found)
        assert any(search.found for search in found)


def test_an_edit_bumps_the_revision_and_changes_nothing(france: SmallFrance) -> None:
    generate(5)
    before, known = Revision.current(), rows()
    edit()()
    assert Revision.current().number > before.number
    assert rows() == known


def test_a_database_is_busy_while_another_connection_is_in_the_middle_of_something(
    transactional_db: None,
) -> None:
    known = connection.settings_dict
    place = {"host": known["HOST"], "port": known["PORT"], "dbname": known["NAME"]}
    place |= {"user": known["USER"], "password": known["PASSWORD"]}
    assert not databases.is_busy()
    with psycopg.connect(**{name: value for name, value in place.items() if value}) as other:
        other.execute("SELECT 1")
        assert databases.is_busy()
    assert not databases.is_busy()


def test_only_the_paths_asked_for_are_measured_and_hello() -> None:
    assert is_wanted("list with text", [])
    assert is_wanted("list with text", ["map", "list"])
    assert is_wanted("hello", ["map"])
    assert not is_wanted("list with text", ["map"])


def test_addresses_that_must_not_repeat_do_not(france: SmallFrance) -> None:
    generate(5)
    for case in cases():
        taken = list(islice(case.addresses, 6))
        assert case.repeats or "JSON" in case.name or len(set(taken)) == len(taken), case.name


def test_a_question_asked_again_has_an_address_of_its_own() -> None:
    assert list(apart(["/a/", "/b/?q=1", "/a/", "/b/?q=1", "/a/"])) == [
        *("/a/", "/b/?q=1", "/a/?tous=2", "/b/?q=1&tous=2", "/a/?tous=3")
    ]


def test_a_case_that_runs_out_of_addresses_says_so() -> None:
    with pytest.raises(ValueError, match="no address left"):
        Case("one", iter(["/"])).take(2)


def test_a_slip_stays_near_the_name() -> None:
    import random

    rng = random.Random(3)
    for name in ("Montbéliard", "Ys", "Y"):
        assert abs(len(slip(name, rng)) - len(name)) <= 1


# -- the client ----------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/chunks":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (BODY[:100_000], b"y", b""):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            return
        body = b"" if self.path == "/304" else BODY
        self.send_response(304 if self.path == "/304" else 200)
        self.send_header("ETag", f'"{self.headers.get("X-Asked", "")}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer((client.HOST, 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_the_client_reads_whole_answers_one_after_the_other(port: int) -> None:
    connection = client.Connection(port)
    for _ in range(3):
        answer = connection.get("/", {"X-Asked": "hello"})
        assert (answer.status, answer.body, answer.header("etag")) == (200, BODY, '"hello"')
        assert connection.get("/chunks").body == BODY[:100_000] + b"y"
    assert connection.get("/304").status == 304
    connection.close()


def test_a_slow_path_is_asked_once_at_least_and_no_longer_than_its_budget(port: int) -> None:
    connection = client.Connection(port)
    assert len(client.latencies(connection, ["/"] * 5, 200)) == 5
    assert len(client.latencies(connection, ["/"] * 5, 200, budget=0)) == 1
    connection.close()


def test_each_first_answer_comes_after_an_edit_of_its_own(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def asked(*_: Any) -> list[float]:
        done.append("asked")
        return [1.0]

    monkeypatch.setattr(client, "latencies", asked)
    connection = client.Connection(port)
    case = Case("page", iter("/" * 99), after_edit=True)
    found = first_answers(connection, case, lambda: done.append("saved"))
    connection.close()
    assert done == ["saved", "asked"] * len(found)


@pytest.mark.parametrize("has_wrk", {client.name_of_load_client() == "wrk", False})
def test_an_unexpected_answer_stops_the_measure(
    port: int, has_wrk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_wrk:
        monkeypatch.setattr(client.shutil, "which", lambda _: None)
    assert client.throughput([port], ["/304"], 0.1, 304).per_second > 0
    assert client.throughput([port, port], ["/304", "/304"], 0.1, 304).per_second > 0
    with pytest.raises(client.UnexpectedAnswerError):
        client.throughput([port], ["/304"], 0.1, 200)
    connection = client.Connection(port)
    with pytest.raises(client.UnexpectedAnswerError):
        client.latencies(connection, ["/304"], 200)
    connection.close()


def test_the_import_and_the_loop_write_the_same_calls(france: SmallFrance) -> None:
    generate(OPERATORS)
    held = CallEdition.objects.count()
    columns = ("title", "year", "opens_on", "closes_on", "envelope", "note", "contact_email")
    related = ("stages__name", "themes__name", "own_coverage__territory__code", "fundings__amount")

    def written() -> list[Any]:
        made = CallEdition.objects.filter(key__startswith="import-")
        return sorted(made.values_list("key", *columns, *related), key=repr)

    found = []
    for write in (loop, lambda cells: import_file("load, CSV", cells)):
        with transaction.atomic():
            write(example_cells(7))
            found.append(written())
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert len({row[0] for row in found[0]}) == 7
    assert CallEdition.objects.count() == held
