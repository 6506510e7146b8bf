"""Latency and throughput of the site's pages as ratios to a view that does nothing.

    python -m bench.run --sizes 1000 10000 100000 [--output FILE]

For each number of operators: a granian server with two workers, as the demo runs, on loopback, and
Datasette beside it; then rounds in which every path is measured, "hello" among them, so that a busy
machine slows both sides of a ratio. Only medians of rounds are printed. Then the performance
contract, line by line. Nothing is written without --output.
"""

import argparse
import sys
from pathlib import Path

from bench import databases, datasette, report, servers
from bench.measuring import Effort, measure
from bench.results import Results


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=80, help="timed one by one, a round")
    parser.add_argument("--seconds", type=float, default=1, help="of load, a path and a round")
    parser.add_argument("--only", nargs="+", default=[], help="paths whose names hold these words")
    parser.add_argument("--without-datasette", action="store_true")
    parser.add_argument(
        "--processes",
        type=int,
        choices=[1, 2, 4, 8],
        default=servers.WORKERS,
        help="of the tuned Datasette, which share the connections; as many as the site's workers",
    )
    parser.add_argument("--output", type=Path, help="write the report there too")
    options = parser.parse_args(arguments)
    databases.setup()
    servers.collect_static()
    effort = Effort(options.rounds, options.requests, options.seconds, options.processes)
    beside = not options.without_datasette and datasette.is_installed()
    program = browser_of_the_tests()
    text = say(report.preamble() + remarks(beside=beside, program=program))
    measured: list[Results] = []
    for size in sorted(options.sizes):
        found = measure(size, effort, options.only, beside=beside, program=program)
        measured.append(found)
        for part in (report.table, report.memory, report.peers, report.weights, report.contract):
            text += say(part(found))
    if len(measured) > 1:
        for compare in (report.growth, report.growth_contract):
            text += say(compare(measured[0], measured[-1]))
    if options.output:
        options.output.write_text(text, encoding="utf-8")


def browser_of_the_tests() -> str | None:
    """The path of a Chromium, or None."""
    from tests import chromium

    return chromium.find()


def remarks(*, beside: bool, program: str | None) -> str:
    """What this run leaves out, and why."""
    said = ""
    if not beside:
        said += "\nDatasette was not asked: `make bench` installs it.\n"
    if not program:
        said += "\nPages were not weighed: no Chromium was found (CHROMIUM_PATH names one).\n"
    return said


def say(text: str) -> str:
    if text:
        print(text, flush=True)
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
