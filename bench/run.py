"""Latency and throughput of the site's pages as ratios to a view that does nothing.

    python -m bench.run --sizes 1000 10000 100000 [--output FILE]

For each number of operators: a granian server with two workers, as the demo runs, on loopback;
then rounds in which every path is measured, "hello" among them, so that a busy machine slows both
sides of a ratio. Only medians of rounds are printed. Nothing is written without --output.
"""

import argparse
import contextlib
import math
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from bench import client, databases
from bench.cases import Case, cases

PROJECT: Final = Path(__file__).resolve().parent.parent
WORKERS: Final = 2
#: More answers than a second can give: addresses of one measure of throughput, per second.
FASTEST: Final = 1200
BATCHES: Final = 4
#: Answers that each connection has the time for, at the latency measured just before.
ANSWERS: Final = 20
MEGABYTE: Final = 1024 * 1024


@dataclass
class Measure:
    """One path at one size: every latency in ms by round, answers per second by round."""

    latencies: list[list[float]] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    client_share: float = 0.0
    queries: int = 0
    size: int = 0  # bytes of the body

    @property
    def median(self) -> float:
        return statistics.median(statistics.median(one) for one in self.latencies)

    @property
    def p95(self) -> float:
        return statistics.median(percentile(one, 0.95) for one in self.latencies)

    @property
    def throughput(self) -> float:
        return statistics.median(self.per_second)

    def latency_ratio(self, hello: "Measure") -> float:
        """How many times as long as hello, in the same round."""
        return statistics.median(
            statistics.median(own) / statistics.median(trivial)
            for own, trivial in zip(self.latencies, hello.latencies, strict=True)
        )

    def throughput_ratio(self, hello: "Measure") -> float:
        """How many times fewer answers a second than hello, in the same round."""
        return statistics.median(
            trivial / own if own else math.inf
            for own, trivial in zip(self.per_second, hello.per_second, strict=True)
        )


@dataclass
class Memory:
    """Megabytes: the workers' resident sets added, and what they really take together."""

    resident: float
    proportional: float


@dataclass
class Results:
    """All measures of one size, by name of path."""

    operators: int
    measures: dict[str, Measure]
    memory: Memory | None = None


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# -- the server ----------------------------------------------------------------------------------


@contextlib.contextmanager
def server(database: str) -> Iterator[tuple[int, psutil.Process]]:
    """The site on that database, on a free port of loopback; stopped at the end."""
    with socket.socket() as probe:
        probe.bind((client.HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", client.HOST]
    command += ["--port", str(port), "--workers", str(WORKERS), "--blocking-threads", "4"]
    command += ["--log-level", "warning", "ess_pathways.wsgi:application"]
    process = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, "BENCH_DATABASE": database})
    try:
        _wait_for(port, process)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            client.Connection(port).close()
            return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def collect_static() -> None:
    """Hashed names, as in production; again only when a static file changed."""
    from django.conf import settings
    from django.core.management import call_command

    from ess_pathways.demo import STATIC, digest_of

    seen = Path(settings.STATIC_ROOT) / "digest.txt"
    digest = digest_of(*STATIC)
    if not seen.exists() or seen.read_text() != digest:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        seen.write_text(digest)


def memory_of(process: psutil.Process) -> Memory:
    """Of the workers, which are the children that hold the site."""
    workers = [one.memory_full_info() for one in process.children(recursive=True)]
    return Memory(
        sum(one.rss for one in workers) / MEGABYTE,
        sum(getattr(one, "pss", one.uss) for one in workers) / MEGABYTE,
    )


# -- measuring -----------------------------------------------------------------------------------


def measure(operators: int, rounds: int, requests: int, seconds: float) -> Results:
    """All paths at that size."""
    database = databases.build(operators)
    databases.use(database)
    asked = cases()
    results = Results(operators, {case.name: Measure() for case in asked})
    count_queries(asked, results)
    databases.use("postgres")
    with server(database) as (port, process):
        connection = client.Connection(port)
        for case in asked:
            warm_up(port, case)
            case.prepare(connection)
        for number in range(1, rounds + 1):
            print(f"{operators} operators, round {number} of {rounds}", file=sys.stderr)
            one_round(port, process, asked, results, requests, seconds)
        results.memory = memory_of(process)
    return results


def warm_up(port: int, case: Case) -> None:
    """Both workers have imported, connected, compiled their templates and kept the known page."""
    connections = [client.Connection(port) for _ in range(client.CONNECTIONS)]
    for connection in connections * 3:
        client.latencies(connection, case.take(1), 200)
    for connection in connections:
        connection.close()


def one_round(
    port: int,
    process: psutil.Process,
    asked: list[Case],
    results: Results,
    requests: int,
    seconds: float,
) -> None:
    """Latencies in small alternating batches: what slows the machine slows all paths alike."""
    latencies: dict[str, list[float]] = {case.name: [] for case in asked}
    connection = client.Connection(port)
    for _ in range(BATCHES):
        for case in asked:
            paths = case.take(requests // BATCHES)
            latencies[case.name] += client.latencies(connection, paths, case.expected, case.headers)
    connection.close()
    for case in asked:
        found = results.measures[case.name]
        found.latencies.append(latencies[case.name])
        # A slow path gets the time for some answers on every connection.
        enough = max(seconds, ANSWERS * statistics.median(latencies[case.name]) / 1000)
        paths = case.take(1 if case.repeats else int(FASTEST * seconds))
        settle(process)
        load = client.throughput(port, paths, enough, case.expected, case.headers)
        found.per_second.append(load.per_second)
        found.client_share = max(found.client_share, load.client_share)


def settle(process: psutil.Process) -> None:
    """Wait until the workers have answered what an earlier load left in their queues."""

    def used() -> float:
        return sum(sum(one.cpu_times()[:2]) for one in process.children(recursive=True))

    before = used()
    for _ in range(100):
        time.sleep(0.2)
        if (now := used()) - before < 0.02:
            return
        before = now


def count_queries(asked: list[Case], results: Results) -> None:
    """SQL statements and bytes of one answer of each path, in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    browser = Client(headers={"host": client.HOST})
    for case in asked:
        headers = {}
        browser.get(case.take(1)[0])  # what is only read once: vocabulary, templates
        if case.is_conditional:
            headers = {"If-None-Match": browser.get(case.take(1)[0])["ETag"]}
        with CaptureQueriesContext(connection) as captured:
            response = browser.get(case.take(1)[0], headers=headers)
        if response.status_code != case.expected:
            raise client.UnexpectedAnswerError(f"{case.name} answered {response.status_code}")
        results.measures[case.name].queries = len(captured)
        results.measures[case.name].size = len(response.content)


# -- the report ----------------------------------------------------------------------------------


def preamble() -> str:
    """What the tables below it were measured with."""
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores shared by PostgreSQL, the two "
        f"workers and the client; load by {client.name_of_load_client()}, "
        f"{client.CONNECTIONS} connections. Medians of rounds; × is the ratio to hello in the "
        "same round.\n"
    )


def table(results: Results) -> str:
    """All paths at one size, in Markdown."""
    hello = results.measures["hello"]
    rows = [
        [
            name,
            str(one.queries),
            f"{one.size / 1000:.1f}",
            f"{one.median:.2f}",
            f"{one.p95:.2f}",
            f"{one.latency_ratio(hello):.1f}",
            f"{one.throughput:.0f}",
            f"{one.throughput_ratio(hello):.1f}",
        ]
        for name, one in results.measures.items()
    ]
    head = ["path", "queries", "kB", "median ms", "p95 ms", "× hello", "answers/s", "hello’s ÷"]
    lines = ["", f"### {results.operators:,} operators", "", *_markdown(head, rows)]
    if results.memory:
        told = (
            f"Workers: {results.memory.resident:.0f} MB resident, "
            f"{results.memory.proportional:.0f} MB counting shared pages once. "
            f"The client took {hello.client_share:.0%} of one core during hello."
        )
        lines += ["", told]
    return "\n".join([*lines, ""])


def growth(small: Results, large: Results) -> str:
    """How much longer each path takes at the larger size, in Markdown."""
    rows = []
    for name, one in large.measures.items():
        before = small.measures[name]
        absolute = one.median / before.median
        relative = one.latency_ratio(large.measures["hello"]) / before.latency_ratio(
            small.measures["hello"]
        )
        rows.append([name, f"{absolute:.2f}", f"{relative:.2f}"])
    title = f"### Growth of the latency from {small.operators:,} to {large.operators:,} operators"
    head = ["path", "in ms ×", "in hellos ×"]
    return "\n".join(["", title, "", *_markdown(head, rows), ""])


def _markdown(head: list[str], rows: list[list[str]]) -> list[str]:
    ruler = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows)]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=80, help="timed one by one, a round")
    parser.add_argument("--seconds", type=float, default=2, help="of load, a path and a round")
    parser.add_argument("--output", type=Path, help="write the report there too")
    options = parser.parse_args(arguments)
    databases.setup()
    collect_static()
    measured: list[Results] = []
    text = preamble()
    print(text)
    for size in sorted(options.sizes):
        measured.append(measure(size, options.rounds, options.requests, options.seconds))
        text += (part := table(measured[-1]))
        print(part)
    if len(measured) > 1:
        text += (part := growth(measured[0], measured[-1]))
        print(part)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
