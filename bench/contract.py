"""The performance contract, line by line: the bound, what was measured, and whether it holds.

It speaks of 10,000 operators over the real geography, two workers. Ratios are to hello, or to
Datasette, in the same round.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from bench.results import Results

SIZE: Final = 10_000
#: The sizes between which growth is bounded.
GROWS: Final = (1_000, 100_000)
_PLACE_AND_STAGE: Final = (
    "Datasette: place and stage, SQL",
    "Datasette: place and stage, filters",
)
#: A path of ours, and the ways to ask Datasette the same; the quicker of them counts. Datasette
#: keeps no answer, so what was asked before is compared to the same.
PEERS: Final = {
    "pathway page, uncached": _PLACE_AND_STAGE,
    "pathway page, cached": _PLACE_AND_STAGE,
    "list of all operators, uncached": ("Datasette: list of all operators",),
    "list of all operators, cached": ("Datasette: list of all operators",),
    "list with facets, uncached": ("Datasette: list with facets",),
    "list with facets, cached": ("Datasette: list with facets",),
    "list with text, uncached": ("Datasette: list with text",),
    "list with text, cached": ("Datasette: list with text",),
    "list with a common word, uncached": ("Datasette: list with a common word",),
    "map payload, cached": ("Datasette: all points",),
    "commune search JSON, prefix": ("Datasette: commune search, prefix",),
}
#: Paths whose uncached latency must not follow the number of operators.
GROWING: Final = (
    "pathway page, uncached",
    "list of all operators, uncached",
    "list with facets, uncached",
    "list with text, uncached",
    "list with a common word, uncached",
)


@dataclass(frozen=True)
class Reading:
    """What was measured for a line.

    `of` names the path where the line speaks of the worst; `hello` is what the view that does
    nothing would have reached, where that is a limit.
    """

    value: float
    of: str = ""
    hello: float | None = None


@dataclass(frozen=True)
class Line:
    """One promise: `bound` is the most allowed, or with `at_least` the least."""

    says: str
    bound: float
    unit: str
    read: Callable[[Results], Reading | None]
    at_least: bool = False

    def holds(self, reading: Reading) -> bool:
        return reading.value >= self.bound if self.at_least else reading.value <= self.bound

    @property
    def bound_label(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g} {self.unit}".rstrip()


def quickest_peer(results: Results, path: str) -> str | None:
    """The way to ask Datasette that gives most answers a second, among those measured."""
    known = [name for name in PEERS[path] if name in results.measures]
    return max(known, key=lambda name: results.measures[name].throughput, default=None)


# -- how a line is read; None: not measured in this run --------------------------------------------


def _to_hello(path: str) -> Callable[[Results], Reading | None]:
    def read(results: Results) -> Reading | None:
        measure = results.measures.get(path)
        return Reading(measure.latency_ratio(results.hello)) if measure else None

    return read


def _to_datasette(path: str) -> Callable[[Results], Reading | None]:
    def read(results: Results) -> Reading | None:
        own, peer = results.measures.get(path), quickest_peer(results, path)
        if own is None or peer is None:
            return None
        measure = results.measures[peer]
        return Reading(own.answers_over(measure), hello=results.hello.answers_over(measure))

    return read


def _median(path: str) -> Callable[[Results], Reading | None]:
    def read(results: Results) -> Reading | None:
        measure = results.measures.get(path)
        return Reading(measure.median) if measure else None

    return read


def _wire(path: str) -> Callable[[Results], Reading | None]:
    def read(results: Results) -> Reading | None:
        measure = results.measures.get(path)
        return Reading(measure.wire / 1000) if measure and measure.wire is not None else None

    return read


def _queries(is_meant: Callable[[str], bool]) -> Callable[[Results], Reading | None]:
    def read(results: Results) -> Reading | None:
        return _worst(
            Reading(one.queries, name)
            for name, one in results.measures.items()
            if one.queries is not None and is_meant(name)
        )

    return read


def _is_hit(name: str) -> bool:
    return name.endswith((", cached", ", 304"))


def _lightest_reader(results: Results) -> Reading | None:
    return _worst(Reading(one.without_map / 1000, one.page) for one in results.weights)


def _whole_page(results: Results) -> Reading | None:
    return _worst(Reading(one.total / 1000, one.page) for one in results.weights if one.of_map)


def _memory(results: Results) -> Reading | None:
    return Reading(results.memory.resident) if results.memory else None


def _elsewhere(results: Results) -> None:
    """Not a page: this run does not measure it."""


def _worst(readings: Iterable[Reading]) -> Reading | None:
    return max(readings, key=lambda one: one.value, default=None)


HELLO, PEER = "× hello", "× Datasette"

LINES: Final = (
    Line("queries of an uncached page", 8, "", _queries(lambda name: "uncached" in name)),
    Line("queries of a cache hit", 1, "", _queries(_is_hit)),
    Line("pathway page, uncached", 6, HELLO, _to_hello("pathway page, uncached")),
    Line("… compressed with Brotli", 6, HELLO, _to_hello("pathway page, uncached, Brotli")),
    Line("pathway page, cached", 2, HELLO, _to_hello("pathway page, cached")),
    Line(
        "pathway page, answers a second",
        4,
        PEER,
        _to_datasette("pathway page, uncached"),
        at_least=True,
    ),
    Line("list with facets, uncached", 6, HELLO, _to_hello("list with facets, uncached")),
    Line("… compressed with Brotli", 6, HELLO, _to_hello("list with facets, uncached, Brotli")),
    Line("list with text, uncached", 6, HELLO, _to_hello("list with text, uncached")),
    Line("list of all operators, uncached", 6, HELLO, _to_hello("list of all operators, uncached")),
    Line(
        "list with a common word, uncached",
        6,
        HELLO,
        _to_hello("list with a common word, uncached"),
    ),
    Line("list with facets, cached", 2, HELLO, _to_hello("list with facets, cached")),
    Line("list with text, cached", 2, HELLO, _to_hello("list with text, cached")),
    Line(
        "list of all operators, answers a second",
        100,
        PEER,
        _to_datasette("list of all operators, uncached"),
        at_least=True,
    ),
    Line(
        "… narrowed by facets",
        100,
        PEER,
        _to_datasette("list with facets, uncached"),
        at_least=True,
    ),
    Line(
        "list with a common word, answers a second",
        50,
        PEER,
        _to_datasette("list with a common word, uncached"),
        at_least=True,
    ),
    Line(
        "… with words that few have",
        50,
        PEER,
        _to_datasette("list with text, uncached"),
        at_least=True,
    ),
    Line("map payload, rebuilt", 120, "ms", _median("map payload, rebuilt after an edit")),
    Line("map payload, cached", 2.5, HELLO, _to_hello("map payload, cached")),
    Line("map payload, compressed", 220, "kB", _wire("map payload, cached")),
    Line(
        "map payload, answers a second",
        40,
        PEER,
        _to_datasette("map payload, cached"),
        at_least=True,
    ),
    Line("commune search, prefix", 2, HELLO, _to_hello("commune search JSON, prefix")),
    Line("commune search, postcode", 2, HELLO, _to_hello("commune search JSON, postcode")),
    Line("commune search, typo", 2, HELLO, _to_hello("commune search JSON, typo")),
    Line(
        "commune search, answers a second",
        20,
        PEER,
        _to_datasette("commune search JSON, prefix"),
        at_least=True,
    ),
    Line("gap report of a whole Région", 500, "ms", _median("gap report of a Région, uncached")),
    Line("page weight without map", 100, "kB", _lightest_reader),
    Line("page weight with map", 300, "kB", _whole_page),
    Line("two workers, resident", 250, "MB", _memory),
    Line("import of 10,000 calls", 20, "× a loop", _elsewhere, at_least=True),
)


def growth_lines(small: Results) -> tuple[Line, ...]:
    """Lines to read of a larger size: each bounded path against the smaller size, in hellos."""

    def against(path: str) -> Callable[[Results], Reading | None]:
        def read(large: Results) -> Reading | None:
            if path not in small.measures or path not in large.measures:
                return None
            before = small.measures[path].latency_ratio(small.hello)
            return Reading(large.measures[path].latency_ratio(large.hello) / before)

        return read

    return tuple(Line(f"growth of: {path}", 3, "×", against(path)) for path in GROWING)
