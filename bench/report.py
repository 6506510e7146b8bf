"""The report, in Markdown."""

import os
import platform
from collections.abc import Iterable
from itertools import product
from typing import Final

from bench import client
from bench.contract import GROWS, LINES, QUESTIONS, SIZE, Line, Reading, growth_lines
from bench.results import Measure, Results

NONE: Final = "–"


def preamble() -> str:
    """What the tables below it were measured with."""
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores shared by PostgreSQL, the two "
        f"workers and the client; load by {client.name_of_load_client()}, "
        f"{client.CONNECTIONS} connections. Medians of rounds; × is the ratio to hello in the "
        "same round.\n"
    )


def table(results: Results) -> str:
    """All paths at one size."""
    rows = [_row(name, one, results.hello) for name, one in results.measures.items()]
    head = [
        *("path", "queries", "kB", "kB br", "median ms", "p95 ms", "× hello", "answers/s"),
        "hello’s ÷",
    ]
    lines = ["", f"### {results.operators:,} operators", "", *_markdown(head, rows)]
    share = f"The client took {results.hello.client_share:.0%} of one core during hello."
    return "\n".join([*lines, "", share, ""])


def memory(results: Results) -> str:
    """Megabytes of each process, at the start and after the load; empty when not measured."""
    if results.memory is None:
        return ""
    moments = (results.memory.at_start, results.memory.full)
    cells = [[[one.resident, one.proportional] for one in workers] for workers in moments]
    rows = [
        [
            f"worker {number}" if number else "main process",
            *(f"{value:.0f}" for pair in pairs for value in pair),
        ]
        for number, pairs in enumerate(zip(*cells, strict=True))
    ]
    sums = [sum(values) for workers in cells for values in zip(*workers, strict=True)]
    rows.append(["together", *(f"{value:.0f}" for value in sums)])
    title = f"### {results.operators:,} operators, memory"
    head = ["MB", "at start, RSS", "PSS", "caches full, RSS", "PSS"]
    return "\n".join(["", title, "", *_markdown(head, rows), ""])


def _row(name: str, one: Measure, hello: Measure) -> list[str]:
    return [
        name,
        NONE if one.queries is None else str(one.queries),
        f"{one.size / 1000:.1f}",
        NONE if one.wire is None else f"{one.wire / 1000:.1f}",
        f"{one.median:.2f}",
        f"{one.p95:.2f}",
        f"{one.latency_ratio(hello):.1f}",
        _rate(one.throughput) if one.per_second else NONE,
        f"{one.throughput_ratio(hello):.1f}" if one.per_second else NONE,
    ]


def _rate(per_second: float) -> str:
    return f"{per_second:.0f}" if per_second >= 10 else f"{per_second:.1f}"


def peers(results: Results) -> str:
    """Answers a second beside Datasette's; empty when it was not measured."""
    rows = []
    for question in QUESTIONS:
        for path, peer in product(question.paths, question.judged + question.beside):
            if path in results.measures and peer in results.measures:
                ours, theirs = results.measures[path], results.measures[peer]
                counts = [_rate(one.throughput) for one in (ours, theirs)]
                ratio = f"{ours.answers_over(theirs):.2f}"
                rows.append([path, peer.removeprefix("Datasette, "), *counts, ratio])
    if not rows:
        return ""
    title = f"### {results.operators:,} operators, beside Datasette"
    head = ["path", "asked of Datasette", "answers/s", "its answers/s", "×"]
    return "\n".join(["", title, "", *_markdown(head, rows), ""])


def weights(results: Results) -> str:
    """Pages over the wire, opened for the first time; empty without a browser."""
    if not results.weights:
        return ""
    rows = [
        [
            one.page,
            str(one.requests),
            *(f"{size / 1000:.1f}" for size in (one.without_map, one.total)),
        ]
        for one in results.weights
    ]
    title = f"### {results.operators:,} operators, page weights"
    head = ["page", "requests", "kB without map", "kB"]
    return "\n".join(["", title, "", *_markdown(head, rows), ""])


def contract(results: Results) -> str:
    """Each line of the contract at that size."""
    title = f"### The contract at {results.operators:,} operators"
    if results.operators != SIZE:
        title += f" (it speaks of {SIZE:,})"
    return _judged(title, LINES, results)


def growth_contract(small: Results, large: Results) -> str:
    """The lines of the contract on growth, between these sizes."""
    title = f"### The contract on growth, from {small.operators:,} to {large.operators:,} operators"
    if (small.operators, large.operators) != GROWS:
        title += " (it speaks of {:,} to {:,})".format(*GROWS)
    return _judged(title, growth_lines(small), large)


def _judged(title: str, lines: Iterable[Line], results: Results) -> str:
    rows, kept, measured = [], 0, 0
    for line in lines:
        reading = line.read(results)
        if reading is None:
            rows.append([line.says, line.bound_label, "not measured", NONE, ""])
            continue
        says = f"{line.says} (worst: {reading.of})" if reading.of else line.says
        kept, measured = kept + line.holds(reading), measured + 1
        value = f"{reading.value:.4g} {line.unit}".rstrip()
        rows.append([says, line.bound_label, value, _verdict(line, reading), reading.beside])
    told = f"{kept} of {measured} measured lines hold."
    head = ["line", "bound", "measured", "holds", "beside it, not judged"]
    return "\n".join(["", title, "", *_markdown(head, rows), "", told, ""])


def _verdict(line: Line, reading: Reading) -> str:
    if line.holds(reading):
        return "yes"
    if reading.hello is not None and reading.hello < line.bound:
        return f"**no**, nor would hello ({reading.hello:.0f} ×)"
    return "**no**"


def growth(small: Results, large: Results) -> str:
    """How much longer each path takes at the larger size."""
    rows = []
    for name, one in large.measures.items():
        before = small.measures[name]
        absolute = one.median / before.median
        relative = one.latency_ratio(large.hello) / before.latency_ratio(small.hello)
        rows.append([name, f"{absolute:.2f}", f"{relative:.2f}"])
    title = f"### Growth of the latency from {small.operators:,} to {large.operators:,} operators"
    head = ["path", "in ms ×", "in hellos ×"]
    return "\n".join(["", title, "", *_markdown(head, rows), ""])


def _markdown(head: list[str], rows: list[list[str]]) -> list[str]:
    ruler = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows)]
