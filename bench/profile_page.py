"""Where the time of one uncached pathway page goes.

    python -m bench.profile_page 10000 [--plans] [--functions]

In this process, without a server: for a few communes, milliseconds of the parts of the page, each
statement's own time, and on request PostgreSQL's plans and cProfile's dearest functions.
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
    """Median milliseconds of each part of the page."""
    from django.db import connection
    from django.template.loader import get_template
    from django.test import RequestFactory
    from django.utils import timezone

    from directory import documentation, pathway, places, vocabulary  # noqa: F401
    from directory.maps import pathway_map
    from directory.places import place_or_404
    from directory.vocabulary import vocabulary as words_of

    on, words = timezone.localdate(), words_of()
    template = get_template("directory/pathway.html")
    found: dict[str, list[float]] = {}
    statements: list[float] = []

    def timed(name: str, make: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        made = make()
        found.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
        return made

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            statements.append((time.perf_counter() - begun) * 1000)

    for path in paths:
        statements.clear()
        request = RequestFactory(headers={"host": "127.0.0.1"}).get(path)
        code = path.removeprefix("/parcours/").split("-")[0]
        with connection.execute_wrapper(watch):
            place = timed("place and what encloses it", lambda code=code: place_or_404(code, on))
            built = timed(
                "build_pathway, SQL included",
                lambda place=place: pathway.build_pathway(place, on, words.stages),
            )
        for number, spent in enumerate(statements, start=1):
            found.setdefault(f"— statement {number}", []).append(spent)
        context = {
            "pathway": built,
            "doors": built.door_choices,
            "themes": words.themes,
            "map_data": timed("map data", lambda built=built: pathway_map(built)),
        }
        timed(
            "template", lambda context=context, request=request: template.render(context, request)
        )
    return {name: statistics.median(spent) for name, spent in found.items()}


def plans(path: str) -> None:
    """Every statement of the page with PostgreSQL's plan."""
    from django.db import connection
    from django.test import Client

    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        Client(headers={"host": "127.0.0.1"}).get(path)
    with connection.cursor() as cursor:
        for sql, params in seen:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, SETTINGS) {sql}", params)
            print("\n".join([sql[:3000], *(row[0] for row in cursor.fetchall()), ""]))


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
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--functions", action="store_true")
    options = parser.parse_args(arguments)
    databases.setup()
    databases.use(databases.build(options.operators))
    pages = next(case for case in cases() if case.name == "pathway page, uncached")
    parts(pages.take(2))  # imports, compiled templates, connection
    for name, spent in parts(pages.take(COMMUNES)).items():
        print(f"{spent:8.2f} ms  {name}")
    if options.plans:
        plans(pages.take(1)[0])
    if options.functions:
        functions(pages.take(COMMUNES))


if __name__ == "__main__":
    main(sys.argv[1:])
