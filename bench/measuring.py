"""One size measured: all paths of the site and of Datasette, in rounds."""

import contextlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from bench import client, databases, datasette, servers, weights
from bench.cases import BROWSER, PUBLISHED, SITE, TUNED, Case, cases, datasette_cases
from bench.results import Measure, Memory, Process, Results
from bench.servers import Served

#: More answers than a second can give: addresses of one measure of throughput, per second.
FASTEST: Final = 1200
BATCHES: Final = 4
#: Seconds after which a batch of a slow path ends, with at least one answer.
BUDGET: Final = 2.0
#: A load lasts so many times the latency measured just before, so that what is unfinished at its
#: end, on eight connections, is little beside what was answered…
ANSWERS: Final = 40
#: … but no more than so many times the seconds asked for.
LONGEST: Final = 15
#: First answers after an edit, a path and a round, in at most so many seconds.
EDITS, EDITS_BUDGET = 6, 10.0
#: An address that costs little: the first answer on a connection pays for its opening.
OPENERS: Final = {SITE: "/hello/", PUBLISHED: "/-/versions.json", TUNED: "/-/versions.json"}


@dataclass(frozen=True)
class Effort:
    """How much is asked: rounds, answers timed one by one, seconds of load.

    `processes`: of the tuned Datasette; a published one has one.
    """

    rounds: int
    requests: int
    seconds: float
    processes: int


def measure(
    operators: int, effort: Effort, only: list[str], *, beside: bool, program: str | None
) -> Results:
    """All paths at that size, or those whose names hold one of these words.

    `beside`: Datasette too. `program`: the Chromium that weighs the pages.
    """
    database = databases.build(operators)
    databases.use(database)
    asked = [*cases(), *(datasette_cases() if beside else [])]
    asked = [case for case in asked if is_wanted(case.name, only)]
    results = Results(operators, {case.name: Measure() for case in asked})
    count_queries(asked, results)
    with _served(database, operators, asked, effort.processes) as served:
        at_start = memory_at_start(served)
        for number in range(1, effort.rounds + 1):
            print(f"{operators} operators, round {number} of {effort.rounds}", file=sys.stderr)
            warm_up(served, asked, is_first=number == 1)
            time.sleep(reading_ahead(operators))
            one_round(served, asked, results, effort)
        results.memory = Memory(at_start, served[SITE].memory())
        weigh(served, asked, results)
        if program:
            results.weights = weights.weigh(served[SITE].ports[0], pages(), program)
    databases.use("postgres")
    return results


def is_wanted(name: str, only: list[str]) -> bool:
    """Whether a path is measured; hello always is."""
    return not only or name == "hello" or any(word in name for word in only)


@contextlib.contextmanager
def _served(
    database: str, operators: int, asked: list[Case], processes: int
) -> Iterator[dict[str, Served]]:
    with contextlib.ExitStack() as stack:
        served = {SITE: stack.enter_context(servers.site(database))}
        ways = {PUBLISHED: (datasette.published, 1), TUNED: (datasette.tuned, processes)}
        for name in sorted({case.server for case in asked} & set(ways)):
            way, number = ways[name]
            file = databases.build_for_datasette(operators)
            command = partial(way, file, client.HOST, rows=operators)
            served[name] = stack.enter_context(servers.peer(command, number))
        yield served


def reading_ahead(operators: int) -> float:
    """Seconds in which workers make ahead what they can after a start or an edit.

    That is cards, at 400 operators a second, and beyond so many operators none of them.
    """
    return 2 + operators / 400 if operators <= 18_000 else 10


def memory_at_start(served: dict[str, Served]) -> list[Process]:
    """Of each worker once it is ready: it has imported the site, and been asked for hello."""
    for _ in range(client.CONNECTIONS * servers.WORKERS):
        with opened(served, SITE):
            pass
    served[SITE].settle()
    return served[SITE].memory()


def pages() -> dict[str, str]:
    """The pages that are weighed: {name: address}."""
    asked = {case.name: case for case in cases()}
    return {
        "home": "/",
        "pathway": asked["pathway page, cached"].take(1)[0],
        "list": "/operateurs/",
        "list of a search": asked["list with facets, cached"].take(1)[0],
        "map": "/carte/",
        "territory, a Région": asked["gap report of a Région, uncached"].take(1)[0],
        "territory": asked["territory page, uncached"].take(1)[0],
        "operator": asked["operator page, uncached"].take(1)[0],
    }


def warm_up(served: dict[str, Served], asked: list[Case], *, is_first: bool) -> None:
    """All workers have imported, connected, compiled their templates and kept the known pages."""
    for case in asked:
        if case.after_edit or not (is_first or case.repeats):
            continue
        ports = served[case.server].ports
        times = 3 if case.repeats and case.server == SITE else 1
        headers = None if case.is_conditional else case.headers
        with contextlib.ExitStack() as stack:
            connections = [
                stack.enter_context(contextlib.closing(client.Connection(port)))
                for port in ports * (client.CONNECTIONS // len(ports))
            ]
            for connection in connections * times:
                client.latencies(connection, case.take(1), 200, headers)
            case.prepare(connections[0])


def one_round(
    served: dict[str, Served], asked: list[Case], results: Results, effort: Effort
) -> None:
    """Latencies in small alternating batches: what slows the machine slows all paths alike."""
    steady = [case for case in asked if not case.after_edit]
    latencies: dict[str, list[float]] = {case.name: [] for case in asked}
    for _ in range(BATCHES):
        for case in steady:
            paths = case.take(max(1, effort.requests // BATCHES))
            with opened(served, case.server) as connection:
                latencies[case.name] += client.latencies(
                    connection, paths, case.expected, case.headers, BUDGET
                )
    for case in steady:
        load(served[case.server], case, results.measures[case.name], latencies[case.name], effort)
    save = edit()
    with opened(served, SITE) as connection:
        for case in asked:
            if case.after_edit:
                latencies[case.name] = first_answers(connection, case, save)
    for case in asked:
        results.measures[case.name].latencies.append(latencies[case.name])


@contextlib.contextmanager
def opened(served: dict[str, Served], server: str) -> Iterator[client.Connection]:
    """A connection to that server that has had an answer."""
    with contextlib.closing(client.Connection(served[server].ports[0])) as connection:
        client.latencies(connection, [OPENERS[server]], 200)
        yield connection


def load(
    served: Served, case: Case, found: Measure, latencies: list[float], effort: Effort
) -> None:
    """Answers a second; a slow path gets the time for some answers on every connection.

    Where a busy machine gave none, which says nothing, it is asked once more and for longer.
    """
    enough = min(ANSWERS * statistics.median(latencies) / 1000, LONGEST * effort.seconds)
    for seconds in (max(enough, effort.seconds), LONGEST * effort.seconds):
        paths = case.take(1 if case.repeats else int(FASTEST * effort.seconds))
        served.settle()
        given = client.throughput(served.ports, paths, seconds, case.expected, case.headers)
        if given.per_second:
            break
    found.per_second.append(given.per_second)
    found.client_share = max(found.client_share, given.client_share)


def edit() -> Callable[[], None]:
    """A write to the directory, as of an officer who saves a sheet: triggers bump the revision."""
    from django.db.models import F

    from directory.models import Operator

    pk = Operator.objects.order_by("pk").values_list("pk", flat=True)[0]

    def save() -> None:
        Operator.objects.filter(pk=pk).update(description=F("description"))

    return save


def first_answers(
    connection: client.Connection, case: Case, save: Callable[[], None]
) -> list[float]:
    """Milliseconds to the first answer of a worker after each of a few edits."""
    found: list[float] = []
    while len(found) < EDITS and sum(found) < EDITS_BUDGET * 1000:
        save()
        found += client.latencies(connection, case.take(1), case.expected, case.headers)
    return found


def weigh(served: dict[str, Served], asked: list[Case], results: Results) -> None:
    """Bytes of one answer of each path; of the site's, for a reader that accepts Brotli too."""
    for case in asked:
        measure = results.measures[case.name]
        with contextlib.closing(client.Connection(served[case.server].ports[0])) as connection:
            if case.server == SITE:
                answer = connection.get(case.take(1)[0], {**case.headers, **BROWSER})
                measure.wire = len(answer.body)
            else:
                measure.size = len(connection.get(case.take(1)[0]).body)


def count_queries(asked: list[Case], results: Results) -> None:
    """SQL statements and bytes of one answer of each path of the site, in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    browser, save = Client(headers={"host": client.HOST}), edit()
    for case in asked:
        if case.server != SITE:
            continue
        headers = {}
        browser.get(case.take(1)[0])  # what is only read once: vocabulary, templates
        if case.is_conditional:
            headers = {"If-None-Match": browser.get(case.take(1)[0])["ETag"]}
        if case.after_edit:
            save()
        with CaptureQueriesContext(connection) as captured:
            response = browser.get(case.take(1)[0], headers=headers)
        if response.status_code != case.expected:
            raise client.UnexpectedAnswerError(f"{case.name} answered {response.status_code}")
        results.measures[case.name].queries = len(captured)
        results.measures[case.name].size = len(response.content)
