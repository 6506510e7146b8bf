"""The performance contract, line by line: the bound, what was measured, and whether it holds.

It speaks of 10,000 operators over the real geography, two workers. Ratios are to hello, or to
Datasette, in the same round. Where Datasette answers as we do, a page for a page or JSON for JSON,
the line is judged against it as a data team publishes it; the ratio to a tuned one, bare JSON, is
always told beside. For the pathway the contract says JSON: that of what is published. Bounds that
measurements have moved (docs/decisions/0015-contract-as-measured.md) say what they were.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from bench.cases import ITS_JSON, ITS_PAGE, TUNED_JSON
from bench.results import Results

SIZE: Final = 10_000
#: The sizes between which growth is bounded.
GROWS: Final = (1_000, 100_000)


@dataclass(frozen=True)
class Question:
    """What is asked of both: a path of ours, the same otherwise (`also`), Datasette's ways.

    The line is judged on `path` against the quickest of `judged`; the others are only told.
    """

    path: str
    also: str | None
    judged: tuple[str, ...]
    beside: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path, self.also) if self.also else (self.path,)


def _page_for_page(name: str) -> Question:
    """Our page, kept as most are, against its page; ours made anew and its tuned JSON beside."""
    return Question(
        f"{name}, cached", f"{name}, uncached", (f"{ITS_PAGE}: {name}",), (f"{TUNED_JSON}: {name}",)
    )


PATHWAY: Final = Question(
    "pathway page, uncached",
    "pathway page, cached",
    (f"{ITS_JSON}: place and stage, filters",),
    (
        f"{ITS_PAGE}: place and stage, filters",
        f"{TUNED_JSON}: place and stage, filters",
        f"{TUNED_JSON}: place and stage, SQL",
    ),
)
LIST_OF_ALL: Final = _page_for_page("list of all operators")
LIST_WITH_FACETS: Final = _page_for_page("list with facets")
LIST_WITH_TEXT: Final = _page_for_page("list with text")
LIST_WITH_COMMON_WORD: Final = _page_for_page("list with a common word")
#: Everybody asks for one address of it, so what is kept is judged.
POINTS: Final = Question(
    "map payload, cached",
    "map payload, uncached",
    (f"{TUNED_JSON}: all points",),
    (f"{ITS_JSON}: all points",),
)
#: Nothing keeps ours.
COMMUNES: Final = Question(
    "commune search JSON, prefix",
    None,
    (f"{ITS_JSON}: commune search, prefix",),
    (f"{ITS_PAGE}: commune search, prefix", f"{TUNED_JSON}: commune search, prefix"),
)
QUESTIONS: Final = (
    PATHWAY,
    LIST_OF_ALL,
    LIST_WITH_FACETS,
    LIST_WITH_TEXT,
    LIST_WITH_COMMON_WORD,
    POINTS,
    COMMUNES,
)
#: Paths whose uncached latency must not follow the number of operators, and by how much it may.
GROWING: Final = {
    "pathway page, uncached": 5,
    "list of all operators, uncached": 3,
    "list with facets, uncached": 5,
    "list with text, uncached": 5,
    "list with a common word, uncached": 3,
}


@dataclass(frozen=True)
class Reading:
    """What was measured for a line.

    `of` names the path where the line speaks of the worst; `hello` is what the view that does
    nothing would have reached, where that is a limit; `beside` is told and not judged.
    """

    value: float
    of: str = ""
    hello: float | None = None
    beside: str = ""


@dataclass(frozen=True)
class Line:
    """One promise: `bound` is the most allowed, or with `at_least` the least; it `was` another."""

    says: str
    bound: float
    unit: str
    read: Callable[[Results], Reading | None]
    at_least: bool = False
    was: str = ""

    def holds(self, reading: Reading) -> bool:
        return reading.value >= self.bound if self.at_least else reading.value <= self.bound

    @property
    def bound_label(self) -> str:
        label = f"{'≥' if self.at_least else '≤'} {self.bound:g} {self.unit}".rstrip()
        return f"{label} (was {self.was})" if self.was else label


def quickest(results: Results, peers: Iterable[str]) -> str | None:
    """The way to ask Datasette that gives most answers a second, among those measured."""
    known = [name for name in peers if name in results.measures]
    return max(known, key=lambda name: results.measures[name].throughput, default=None)


# -- how a line is read; None: not measured in this run --------------------------------------------


def _to_hello(path: str, *others: str) -> Callable[[Results], Reading | None]:
    """That path; the others, otherwise the same, are told beside."""

    def read(results: Results) -> Reading | None:
        measures, hello = results.measures, results.hello
        if path not in measures:
            return None
        told = (
            f"{name}: {measures[name].latency_ratio(hello):.3g} ×"
            for name in others
            if name in measures
        )
        return Reading(measures[path].latency_ratio(hello), beside="; ".join(told))

    return read


def _to_datasette(question: Question) -> Callable[[Results], Reading | None]:
    def read(results: Results) -> Reading | None:
        own, peer = results.measures.get(question.path), quickest(results, question.judged)
        if own is None or peer is None:
            return None
        measure = results.measures[peer]
        return Reading(
            own.answers_over(measure),
            hello=results.hello.answers_over(measure),
            beside=_told_beside(results, question, peer),
        )

    return read


def _told_beside(results: Results, question: Question, judged: str) -> str:
    """The ratios that are not judged: ours otherwise, and Datasette's other ways."""
    told = []
    for peer in (judged, *question.beside):
        if peer not in results.measures:
            continue
        ratios = [
            f"{_state(path)}{results.measures[path].answers_over(results.measures[peer]):.3g} ×"
            for path in question.paths
            if path in results.measures and (peer, path) != (judged, question.path)
        ]
        if ratios:
            way = peer.partition(":")[0].removeprefix("Datasette, ")
            told.append(f"{way}: {', '.join(ratios)}")
    return "; ".join(told)


def _state(path: str) -> str:
    state = path.rpartition(", ")[2]
    return f"{state} " if state in ("cached", "uncached") else ""


def _worst_median(*paths: str) -> Callable[[Results], Reading | None]:
    """The longest of these, all of which must be measured; the others beside."""

    def read(results: Results) -> Reading | None:
        if not all(path in results.measures for path in paths):
            return None
        *others, worst = sorted(paths, key=lambda path: results.measures[path].median)
        told = (f"{path}: {results.measures[path].median:.4g} ms" for path in others)
        return Reading(results.measures[worst].median, worst, beside="; ".join(told))

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
    """All that the site's processes hold, what they share counted once."""
    if results.memory is None:
        return None
    at_start, full = results.memory.at_start, results.memory.full
    workers = sum(one.proportional for one in full[1:])
    resident = sum(one.resident for one in full[1:])
    told = (
        f"at start: {sum(one.proportional for one in at_start):.4g} MB; the two workers alone: "
        f"{workers:.4g} MB, and {resident:.4g} MB with what is shared counted in each (RSS)"
    )
    return Reading(sum(one.proportional for one in full), beside=told)


def _elsewhere(results: Results) -> None:
    """Not a page: this run does not measure it."""


def _worst(readings: Iterable[Reading]) -> Reading | None:
    return max(readings, key=lambda one: one.value, default=None)


HELLO = "× hello"
THE_PAGE, THE_JSON, THE_TUNED = "× Datasette’s page", "× Datasette’s JSON", "× its tuned JSON"

LINES: Final = (
    Line("queries of an uncached page", 8, "", _queries(lambda name: "uncached" in name)),
    Line("queries of a cache hit", 1, "", _queries(_is_hit)),
    Line(
        "pathway page, uncached",
        6,
        HELLO,
        _to_hello("pathway page, uncached", "pathway page, uncached, Brotli"),
    ),
    Line("pathway page, cached", 2, HELLO, _to_hello("pathway page, cached")),
    Line(
        "pathway page, answers a second",
        4,
        THE_JSON,
        _to_datasette(PATHWAY),
        at_least=True,
    ),
    Line(
        "list with facets, uncached",
        6,
        HELLO,
        _to_hello("list with facets, uncached", "list with facets, uncached, Brotli"),
    ),
    Line("list with text, uncached", 8, HELLO, _to_hello("list with text, uncached"), was="6"),
    Line("list of all operators, uncached", 6, HELLO, _to_hello("list of all operators, uncached")),
    Line(
        "list with a common word, uncached",
        6,
        HELLO,
        _to_hello("list with a common word, uncached"),
    ),
    Line("list with facets, cached", 2, HELLO, _to_hello("list with facets, cached")),
    Line("list with text, cached", 2, HELLO, _to_hello("list with text, cached")),
    Line("list of all operators, cached", 2, HELLO, _to_hello("list of all operators, cached")),
    Line(
        "list of all operators, answers a second",
        100,
        THE_PAGE,
        _to_datasette(LIST_OF_ALL),
        at_least=True,
    ),
    Line(
        "… narrowed by facets",
        100,
        THE_PAGE,
        _to_datasette(LIST_WITH_FACETS),
        at_least=True,
    ),
    Line(
        "list with a common word, answers a second",
        50,
        THE_PAGE,
        _to_datasette(LIST_WITH_COMMON_WORD),
        at_least=True,
    ),
    Line(
        "… with words that few have",
        50,
        THE_PAGE,
        _to_datasette(LIST_WITH_TEXT),
        at_least=True,
    ),
    Line(
        "map payload, rebuilt",
        120,
        "ms",
        _worst_median("map payload, uncached", "map payload, first after an edit"),
    ),
    Line("map payload, cached", 2.5, HELLO, _to_hello("map payload, cached")),
    Line("map payload, compressed", 220, "kB", _wire("map payload, cached")),
    Line(
        "map payload, answers a second",
        40,
        THE_TUNED,
        _to_datasette(POINTS),
        at_least=True,
    ),
    Line("commune search, prefix", 2, HELLO, _to_hello("commune search JSON, prefix")),
    Line("commune search, postcode", 2, HELLO, _to_hello("commune search JSON, postcode")),
    Line("commune search, typo", 2, HELLO, _to_hello("commune search JSON, typo")),
    Line(
        "commune search, answers a second",
        15,
        THE_JSON,
        _to_datasette(COMMUNES),
        at_least=True,
        was="20",
    ),
    Line("gap report of a whole Région", 500, "ms", _median("gap report of a Région, uncached")),
    Line("page weight without map", 100, "kB", _lightest_reader),
    Line("page weight with map", 300, "kB", _whole_page),
    Line(
        "two workers and the process they are forked from, caches full",
        350,
        "MB",
        _memory,
        was="250 for the workers",
    ),
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

    return tuple(
        Line(f"growth of: {path}", bound, "×", against(path), was="" if bound == 3 else "3")
        for path, bound in GROWING.items()
    )
