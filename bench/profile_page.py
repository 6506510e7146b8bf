"""Where the time of one uncached pathway page goes.

    python -m bench.profile_page 10000 [--functions]

In this process, without a server: for a few communes, milliseconds of the parts of the page,
and on request cProfile's dearest functions.
"""

import argparse
import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from bench import databases
from bench.cases import cases

COMMUNES = 12


def parts(paths: list[str]) -> dict[str, float]:
    """Median milliseconds of each part of the page, the directory being in memory."""
    from django.http import QueryDict

    from directory.days import Day
    from directory.forms import NarrowForm
    from directory.maps import pathway_map
    from directory.pathway import build_pathway
    from directory.pathway.page import pathway_page
    from directory.places import commune_or_404
    from directory.snapshot import current

    found: dict[str, list[float]] = {}

    def timed(name: str, make: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        made = make()
        found.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
        return made

    today = Day("/", QueryDict())
    now = timed("the directory in memory", current)
    form = NarrowForm(QueryDict(), now.words)
    form.is_valid()
    for path in paths:
        code = path.removeprefix("/parcours/").split("-")[0]
        commune = commune_or_404(now.places, code)
        place = timed("place and what encloses it", lambda commune=commune: now.place(commune))
        built = timed(
            "build_pathway, texts of cards included",
            lambda place=place: build_pathway(now, place),
        )
        timed("map data", lambda built=built: pathway_map(built))
        timed("page, map data included", lambda built=built: pathway_page(now, built, form, today))
    return {name: statistics.median(spent) for name, spent in found.items()}


def functions(paths: list[str]) -> None:
    """The functions that take longest, over a few pages."""
    from django.test import Client

    browser = Client(headers={"host": "127.0.0.1"})
    with cProfile.Profile() as profile:
        for path in paths:
            browser.get(path)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operators", type=int, nargs="?", default=10_000)
    parser.add_argument("--functions", action="store_true")
    options = parser.parse_args(arguments)
    databases.setup()
    databases.use(databases.build(options.operators))
    pages = next(case for case in cases() if case.name == "pathway page, uncached")
    parts(pages.take(2))  # imports, compiled templates, connection
    for name, spent in parts(pages.take(COMMUNES)).items():
        print(f"{spent:8.2f} ms  {name}")
    if options.functions:
        functions(pages.take(COMMUNES))


if __name__ == "__main__":
    main(sys.argv[1:])
