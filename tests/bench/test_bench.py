"""The benchmark works: what it generates, what it asks for, how it computes. Nothing is timed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction

from bench import client
from bench.cases import Case, cases, slip
from bench.generate import generate
from bench.import_calls import example_cells, import_file, loop
from bench.run import Measure, Results, count_queries, growth, percentile, table
from directory.models import CallEdition, Coverage, Offer, Operator, Relay, Revision, Stage
from directory.pathway import build_pathway
from directory.places import place_or_404
from tests.factories import TODAY, SmallFrance

OPERATORS = 60
BODY = b"x" * 1_000_000


@pytest.fixture
def france(db: None) -> SmallFrance:
    cache.clear()
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

    place = place_or_404(france.a.code, TODAY)
    pathway = build_pathway(place, TODAY, list(Stage.objects.all()))
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


def test_addresses_that_must_not_repeat_do_not(france: SmallFrance) -> None:
    for case in cases():
        taken = list(islice(case.addresses, 6))
        assert case.repeats or "JSON" in case.name or len(set(taken)) == len(taken), case.name


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
    assert connection.get("/304").status == 304
    connection.close()


@pytest.mark.parametrize("has_wrk", {client.name_of_load_client() == "wrk", False})
def test_an_unexpected_answer_stops_the_measure(
    port: int, has_wrk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_wrk:
        monkeypatch.setattr(client.shutil, "which", lambda _: None)
    assert client.throughput(port, ["/304"], 0.1, 304).per_second > 0
    with pytest.raises(client.UnexpectedAnswerError):
        client.throughput(port, ["/304"], 0.1, 200)
    connection = client.Connection(port)
    with pytest.raises(client.UnexpectedAnswerError):
        client.latencies(connection, ["/304"], 200)
    connection.close()


# -- the report ----------------------------------------------------------------------------------


def test_ratios_are_to_hello_in_the_same_round() -> None:
    hello = Measure([[1.0], [10.0], [1.0]], [1000.0, 100.0, 1000.0])
    page = Measure([[3.0], [30.0], [3.0]], [250.0, 25.0, 250.0])
    assert page.latency_ratio(hello) == 3
    assert page.throughput_ratio(hello) == 4
    assert percentile([float(n) for n in range(100)], 0.95) == 95


def test_the_report_holds_every_path_and_the_growth() -> None:
    small = Results(1_000, {"hello": Measure([[1.0]], [9.0]), "page": Measure([[2.0]], [3.0])})
    large = Results(9_000, {"hello": Measure([[1.0]], [9.0]), "page": Measure([[5.0]], [0.0])})
    assert "| page | 0 | 0.0 | 2.00 | 2.00 | 2.0 | 3 | 3.0 |" in table(small)
    assert "| page | 2.50 | 2.50 |" in growth(small, large)
    assert "inf" in table(large)


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
