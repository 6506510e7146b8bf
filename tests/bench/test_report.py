"""What the benchmark computes and says, from measures that are made up."""

from typing import Any

import pytest

from bench import report
from bench.cases import cases, datasette_cases
from bench.contract import LINES, PATHWAY, QUESTIONS, Line, Reading, quickest
from bench.generate import generate
from bench.results import Measure, Memory, Process, Results, Weight, percentile
from bench.weights import is_of_map, weight_of
from tests.factories import SmallFrance

(FILTERS,) = PATHWAY.judged
SQL = PATHWAY.beside[-1]


def measured(operators: int = 10_000, **others: Measure) -> Results:
    return Results(operators, {"hello": Measure([[1.0]], [900.0]), **others})


def pathways(milliseconds: float, per_second: float) -> dict[str, Measure]:
    return {"pathway page, uncached": Measure([[milliseconds]], [per_second], queries=6)}


def line(text: str, says: str) -> list[str]:
    """The cells of the row of a report that says so."""
    row = next(row for row in text.splitlines() if row.startswith(f"| {says}"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_ratios_are_to_hello_in_the_same_round() -> None:
    hello = Measure([[1.0], [10.0], [1.0]], [1000.0, 100.0, 1000.0])
    page = Measure([[3.0], [30.0], [3.0]], [250.0, 25.0, 250.0])
    assert page.latency_ratio(hello) == 3
    assert page.throughput_ratio(hello) == 4
    assert hello.answers_over(page) == 4
    assert percentile([float(n) for n in range(100)], 0.95) == 95


def test_the_report_holds_every_path_and_the_growth() -> None:
    small = measured(1_000, page=Measure([[2.0]], [300.0], queries=0, size=2000, wire=500))
    large = measured(9_000, page=Measure([[5.0]], [0.0]), edited=Measure([[5.0]]))
    assert "| page | 0 | 2.0 | 0.5 | 2.00 | 2.00 | 2.0 | 300 | 3.0 |" in report.table(small)
    assert "| page | – | 0.0 | – | 5.00 | 5.00 | 5.0 | 0.0 | inf |" in report.table(large)
    assert "| edited | – | 0.0 | – | 5.00 | 5.00 | 5.0 | – | – |" in report.table(large)
    large.measures.pop("edited")
    assert "| page | 2.50 | 2.50 |" in report.growth(small, large)


@pytest.mark.parametrize(("value", "holds"), [(5.9, True), (6.0, True), (6.1, False)])
def test_a_bound_is_the_most_allowed_or_the_least(value: float, holds: bool) -> None:
    most = Line("page", 6, "× hello", lambda results: None)
    least = Line("page", 6, "× Datasette", lambda results: None, at_least=True)
    assert most.holds(Reading(value)) is holds
    assert least.holds(Reading(value)) is (value >= 6)
    assert (most.bound_label, least.bound_label) == ("≤ 6 × hello", "≥ 6 × Datasette")


def test_the_contract_says_what_holds_what_does_not_and_what_was_not_measured() -> None:
    text = report.contract(measured(**pathways(5.0, 300.0)))
    assert line(text, "pathway page, uncached")[1:] == ["≤ 6 × hello", "5 × hello", "yes", ""]
    assert line(text, "pathway page, answers")[1:4] == [
        "≥ 4 × Datasette’s JSON",
        "not measured",
        "–",
    ]
    assert line(text, "import of 10,000 calls")[2:4] == ["not measured", "–"]
    text = report.contract(measured(**pathways(7.0, 300.0)))
    assert line(text, "pathway page, uncached")[2:4] == ["7 × hello", "**no**"]
    assert "1 of 2 measured lines hold." in text
    assert "it speaks of" not in text
    assert "it speaks of 10,000" in report.contract(measured(1_000))


def test_of_two_ways_to_ask_datasette_the_quicker_counts() -> None:
    results = measured(
        **pathways(5.0, 300.0),
        **{SQL: Measure([[1.0]], [100.0]), FILTERS: Measure([[1.0]], [50.0])},
    )
    assert quickest(results, (FILTERS, SQL)) == SQL
    verdict = line(report.contract(results), "pathway page, answers")[2:]
    assert verdict == ["6 × Datasette’s JSON", "yes", "tuned JSON: uncached 3 ×"]
    row = "| pathway page, uncached | tuned JSON: place and stage, SQL | 300 | 100 | 3.00 |"
    assert row in report.peers(results)
    assert report.peers(measured(**pathways(5.0, 300.0))) == ""


def test_a_bound_that_hello_does_not_reach_either_is_said_to_be_so() -> None:
    listed = Measure([[5.0]], [100.0])
    results = measured(
        **{
            "list with facets, cached": listed,
            "Datasette, its page: list with facets": Measure([[1.0]], [50.0]),
        }
    )
    verdict = line(report.contract(results), "… narrowed by facets")[2:4]
    assert verdict == ["2 × Datasette’s page", "**no**, nor would hello (18 ×)"]


def test_a_page_is_judged_against_the_page_and_the_tuned_json_is_always_told() -> None:
    results = measured(
        **{
            "list with text, uncached": Measure([[5.0]], [600.0]),
            "list with text, cached": Measure([[1.0]], [900.0]),
            "Datasette, its page: list with text": Measure([[1.0]], [10.0]),
            "Datasette, tuned JSON: list with text": Measure([[1.0]], [300.0]),
        }
    )
    assert line(report.contract(results), "… with words that few have")[1:] == [
        "≥ 50 × Datasette’s page",
        "90 × Datasette’s page",
        "yes",
        "its page: uncached 60 ×; tuned JSON: cached 3 ×, uncached 2 ×",
    ]


def test_our_json_is_judged_against_its_json() -> None:
    results = measured(
        **{
            "commune search JSON, prefix": Measure([[1.0]], [900.0]),
            "Datasette, its JSON: commune search, prefix": Measure([[1.0]], [30.0]),
            "Datasette, its page: commune search, prefix": Measure([[1.0]], [10.0]),
            "Datasette, tuned JSON: commune search, prefix": Measure([[1.0]], [100.0]),
        }
    )
    assert line(report.contract(results), "commune search, answers")[2:] == [
        "30 × Datasette’s JSON",
        "yes",
        "its page: 90 ×; tuned JSON: 9 ×",
    ]


def test_of_two_ways_to_rebuild_the_map_payload_the_slower_is_judged() -> None:
    uncached, edited = Measure([[40.0]], [20.0], queries=0), Measure([[400.0]], queries=10)
    results = measured(**{"map payload, uncached": uncached})
    assert line(report.contract(results), "map payload, rebuilt")[2] == "not measured"
    results.measures["map payload, first after an edit"] = edited
    says = "map payload, rebuilt (worst: map payload, first after an edit)"
    assert line(report.contract(results), says)[2:] == [
        "400 ms",
        "**no**",
        "map payload, uncached: 40 ms",
    ]


def test_growth_is_counted_in_hellos() -> None:
    small, large = measured(1_000, **pathways(2.0, 1.0)), measured(100_000, **pathways(8.0, 1.0))
    large.measures["hello"] = Measure([[2.0]], [1.0])
    text = report.growth_contract(small, large)
    assert line(text, "growth of: pathway page, uncached")[1:4] == ["≤ 5 × (was 3)", "2 ×", "yes"]
    assert "it speaks of" not in text


def test_the_heaviest_page_is_named_with_and_without_its_map() -> None:
    results = measured()
    results.weights = [Weight("list", 90_000, 0, 9), Weight("map", 310_000, 230_000, 20)]
    text = report.contract(results)
    without = "page weight without map (worst: list)"
    assert line(text, without)[1:4] == ["≤ 100 kB", "90 kB", "yes"]
    assert line(text, "page weight with map (worst: map)")[2:4] == ["310 kB", "**no**"]
    assert "| map | 20 | 80.0 | 310.0 |" in report.weights(results)


def test_memory_is_told_for_each_process_and_judged_with_what_is_shared_counted_once() -> None:
    results = measured()
    assert report.memory(results) == ""
    results.memory = Memory(
        [Process(80, 30), Process(90, 70), Process(95, 75)],
        [Process(80, 35), Process(120, 160), Process(140, 180)],
    )
    text = report.memory(results)
    assert "| main process | 80 | 30 | 80 | 35 |" in text
    assert "| worker 1 | 90 | 70 | 120 | 160 |" in text
    assert "| worker 2 | 95 | 75 | 140 | 180 |" in text
    assert "| together | 265 | 175 | 340 | 375 |" in text
    told = (
        "at start: 175 MB; the two workers alone: 340 MB, and 260 MB with what is shared counted "
        "in each (RSS)"
    )
    assert line(report.contract(results), "two workers and the process")[1:] == [
        "≤ 350 MB (was 250 for the workers)",
        "375 MB",
        "**no**",
        told,
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:1/carte/", False),
        ("/static/css/tokens.0a1b.css", False),
        ("/static/js/explore.0a1b.js", False),
        ("/static/img/glyphs.0a1b.svg", False),
        ("/static/leaflet/leaflet.0a1b.js", True),
        ("/static/leaflet-markercluster/MarkerCluster.0a1b.css", True),
        ("/static/css/map.0a1b.css", True),
        ("/static/css/explore-map.0a1b.css", True),
        ("/static/js/map/frame.0a1b.js", True),
        ("/static/geo/departements.0a1b.json", True),
        ("/contours/epci/243500139.geojson", True),
        ("/carte/points.json?etape=emergence", True),
        ("/carte/noms.json?o=1,2", True),
        ("/carte/contours/35.json", True),
        ("/territoires/region/53/communes.geojson", True),
    ],
)
def test_the_files_of_the_map_are_known_by_their_address(address: str, expected: bool) -> None:
    assert is_of_map(address) is expected


def test_a_page_weighs_all_it_loads() -> None:
    weight = weight_of(
        "page", [("/", 10), ("/static/js/map/frame.1.js", 5), ("/static/js/site.1.js", 2)]
    )
    assert (weight.total, weight.of_map, weight.without_map, weight.requests) == (17, 5, 12, 3)


def test_every_line_of_the_contract_reads_a_path_that_is_measured(db: Any) -> None:
    SmallFrance()
    generate(60)
    results = measured()
    for case in [*cases(), *datasette_cases()]:
        results.measures[case.name] = Measure([[1.0]], [1.0], queries=1, size=1, wire=1)
    results.weights, results.memory = [Weight("page", 2, 1, 1)], Memory([], [])
    unread = [line.says for line in LINES if line.read(results) is None]
    assert unread == ["import of 10,000 calls"]
    named = {name for one in QUESTIONS for name in (*one.paths, *one.judged, *one.beside)}
    assert named <= set(results.measures)
