"""The researched facts as they ship: complete, sourced, written for people."""

import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from directory.loading.files import DEFAULT_DIRECTORY as DIRECTORY
from directory.loading.tables import TABLES
from directory.partial_dates import PartialDate
from regions.geography import files as geography
from tests.directory.fixture_files import read, territories_named

#: Cells that visitors read, by file. `note` of operators.csv is internal, that of editions.csv not.
PUBLIC = {
    "stages.csv": ("name", "question", "description"),
    "kinds.csv": ("name", "plural", "expansion", "description"),
    "audiences.csv": ("name", "description"),
    "themes.csv": ("name", "description"),
    "networks.csv": ("name", "description"),
    "synonyms.csv": ("term",),
    "operators.csv": ("name", "address", "description", "caveat"),
    "offers.csv": ("title", "summary", "conditions"),
    "coverage.csv": ("caveat",),
    "hosts.csv": ("name", "caveat"),
    "memberships.csv": ("name", "role", "caveat"),
    "aliases.csv": ("name", "caveat"),
    "references.csv": ("supports", "caveat"),
    "funders.csv": ("name",),
    "schemes.csv": ("name", "description", "contact", "caveat"),
    "editions.csv": ("title", "note", "contact", "caveat"),
    "fundings.csv": ("note", "caveat"),
    "documents.csv": ("title",),
    "claims.csv": ("subject", "statement", "caveat"),
    "laureates.csv": ("name", "project", "place", "caveat"),
    "agreements.csv": ("name", "contact", "note", "caveat"),
    "methods.csv": ("title", "text", "caveat"),
    "born_projects.csv": (
        "name",
        "need",
        "place",
        "partners",
        "financed_by",
        "outcome",
        "caveat",
    ),
    "resources.csv": ("title", "publisher", "caveat"),
    "milestones.csv": ("title", "text", "caveat"),
    "relays.csv": ("from_label", "to_label", "condition", "caveat"),
    "indicators.csv": ("label", "unit", "qualifier", "caveat"),
    "regions.csv": ("note", "caveat"),
}
#: Words of the research, not of the people who read the pages.
JARGON = re.compile(
    r"\bNV\b|DÉDUIT|general knowledge|unverified|extrait|\.csv|host_structure|article non"
    r"|RÉSEAU|HOMONYME|\[|exemple d’opérateur"
)
#: What French typography asks for, and what breaks it.
FAULTS = {
    "straight apostrophe": re.compile("'"),
    "no no-break space before : ; ! ?": re.compile(r"[^\u00a0\u202f/][:;?](?!/)|[ ][:;!?]"),
    "no no-break space inside « »": re.compile(r"«[^\u00a0\u202f]|[^\u00a0\u202f]»"),
    "straight quotes": re.compile('"'),
    "breakable number": re.compile(r"\d (?:\d{3}|€|%|M€)"),
    "two spaces": re.compile(r"  "),
    "three dots": re.compile(r"\.\.\."),
}
#: Names that their owners write without a space before the mark.
AS_WRITTEN_BY_ITS_OWNER = ("Évident!", "Splendide!")


def public_cells() -> list[tuple[str, int, str, str]]:
    """(file, line, column, text) of every public cell that is not empty."""
    return [
        (file, number, column, row[column])
        for file, columns in PUBLIC.items()
        for number, row in enumerate(read(DIRECTORY, file), start=2)
        for column in columns
        if row[column]
    ]


def known_territories() -> set[tuple[str, str]]:
    """Every (kind, code) of the geography that ships, the country included."""
    known = {
        (row.kind, row.code) for row in geography.read_territories(geography.DEFAULT_DIRECTORY)
    }
    pays = csv.DictReader((geography.DEFAULT_DIRECTORY / geography.PAYS).open())
    return known | {("pays", row["code"]) for row in pays} | {("country", "france")}


def test_every_file_has_its_table_and_every_table_its_file() -> None:
    assert {path.name for path in DIRECTORY.iterdir()} == {table.file for table in TABLES}
    assert PUBLIC.keys() == {table.file for table in TABLES}


def test_every_territory_named_exists() -> None:
    assert territories_named(DIRECTORY) - known_territories() == set()


def test_no_public_text_speaks_the_jargon_of_the_research() -> None:
    assert [cell for cell in public_cells() if JARGON.search(cell[3])] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_public_texts_follow_french_typography(fault: str) -> None:
    faulty = []
    for cell in public_cells():
        text = cell[3]
        for name in AS_WRITTEN_BY_ITS_OWNER:
            text = text.replace(name, "")
        if FAULTS[fault].search(text):
            faulty.append(cell)
    assert faulty == []


def test_descriptions_are_sentences() -> None:
    texts = [
        cell
        for cell in public_cells()
        if cell[2] in ("description", "summary", "caveat", "conditions")
    ]
    assert [cell for cell in texts if not re.search(r"[.!?…]\u00bb?$", cell[3])] == []


def test_every_operator_says_where_it_was_read_and_has_an_offer_and_a_place() -> None:
    operators = {row["slug"]: row for row in read(DIRECTORY, "operators.csv")}
    assert [slug for slug, row in operators.items() if not row["source"]] == []
    assert [slug for slug, row in operators.items() if not row["description"]] == []
    assert operators.keys() == {row["operator"] for row in read(DIRECTORY, "offers.csv")}
    covered = {row["operator"] for row in read(DIRECTORY, "coverage.csv") if row["operator"]}
    assert operators.keys() == covered


def test_only_these_operators_are_not_at_work() -> None:
    states = {row["slug"]: row["state"] for row in read(DIRECTORY, "operators.csv")}
    assert {slug for slug, state in states.items() if state == "closed"} == {
        "le-transfo",
        "grais",
        "dla-grand-toulouse-historique",
        "dla-haute-garonne-historique",
        "dla-regional-normandie-anciennes-regions",
        "essor-normandie-cohortes",
        "fabrique-a-initiatives-seine-et-marne",
    }
    assert {slug for slug, state in states.items() if state == "planned"} == {
        "pole-ess-pays-d-auray",
        "pole-ess-centre-bretagne",
        "fabrique-a-initiatives-guyane",
        "incubateur-chartreuse-de-neuville",
    }


def test_networks_and_portals_are_not_desks() -> None:
    networks = {row["slug"] for row in read(DIRECTORY, "kinds.csv") if row["is_desk"] == "non"}
    operators = read(DIRECTORY, "operators.csv")
    assert {row["slug"] for row in operators if row["kind"] in networks} == {
        "essor-pays-de-la-loire",
        "reseau-tremplin",
        "acc-ess",
        "developpeurs-ess-centre-val-de-loire",
    }


def test_map_letters_differ() -> None:
    letters = Counter(row["letter"] for row in read(DIRECTORY, "kinds.csv"))
    assert [letter for letter, kinds in letters.items() if kinds > 1] == []


def test_facts_carry_a_source() -> None:
    for file in ("hosts.csv", "memberships.csv", "aliases.csv", "coverage.csv", "laureates.csv"):
        assert [row for row in read(DIRECTORY, file) if not row["source"]] == [], file


def test_a_territory_without_outline_is_said_beside_those_that_have_one() -> None:
    rows = [
        row for row in read(DIRECTORY, "coverage.csv") if row["operator"] == "la-serre-a-projets"
    ]
    assert {row["territory"] for row in rows} == {
        "epci:245400676",
        "pays:PETR-CR0278",
        "pays:PETR-CR0279",
    }
    assert all("Terres de Lorraine" in row["caveat"] for row in rows)


def test_editions_of_a_series_are_in_order() -> None:
    editions = read(DIRECTORY, "editions.csv")
    for before, after in pairwise(editions):
        if before["scheme"] == after["scheme"]:
            assert before["year"] <= after["year"], after["key"]


def test_homonyms_stay_apart() -> None:
    editions = read(DIRECTORY, "editions.csv")
    same_title = [
        row["scheme"]
        for row in editions
        if row["title"] == "Aide au développement des structures de l’ESS"
    ]
    assert sorted(same_title) == [
        "developpement-ess-nouvelle-aquitaine",
        "val-de-gray-developpement-ess",
    ]


def test_no_source_is_dated_after_the_research() -> None:
    dates = [
        (table.file, row["source_date"])
        for table in TABLES
        if any(column.name == "source_date" for column in table.columns)
        for row in read(DIRECTORY, table.file)
        if row["source_date"]
    ]
    assert [date for date in dates if PartialDate(date[1]) > PartialDate("2026-11-23")] == []


def test_files_are_written_the_one_way() -> None:
    for path in Path(DIRECTORY).iterdir():
        raw = path.read_bytes()
        assert b"\r" not in raw, path.name
        assert raw.endswith(b"\n"), path.name
        assert not raw.startswith(b"\xef\xbb\xbf"), path.name


def test_the_documentation_names_every_file_and_column() -> None:
    text = (DIRECTORY.parents[1] / "docs" / "data-format.md").read_text()
    lines = {
        file: line for line in text.splitlines() for file in re.findall(r"^\| `(\w+\.csv)`", line)
    }
    shorthand = {
        "sourced": ("caveat", "source", "source_date"),
        "dated": ("valid_from", "valid_until"),
    }
    for table in TABLES:
        words = set(re.findall(r"\w+", lines[table.file]))
        words |= {column for word in words & shorthand.keys() for column in shorthand[word]}
        if "to_" in words:
            words |= {word.replace("from_", "to_") for word in words}
        assert {column.name for column in table.columns} - words == set(), table.file


def test_series_have_the_editions_that_are_known_of_them() -> None:
    years: dict[str, list[str]] = {}
    for row in read(DIRECTORY, "editions.csv"):
        years.setdefault(row["scheme"], []).append(row["year"])
    known = {
        "prix-ess-bourgogne-franche-comte": "2017 2020 2021 2022 2023 2025",
        "ess-nievre": "2023 2024 2025",
        "serre-a-projets": "2020 2022 2024 2026",
        "fabriques-utilite-sociale-grand-est": "2017 2018",
        "trophees-parisiens-ess": "2019 2020 2022 2024 2025",
        "agir-in-seine-saint-denis": "2019 2020 2021 2022 2024 2025",
        "ess-val-de-marne": "2017 2021 2023 2024",
        "progress-hauts-de-seine": "2022 2024",
        "ess-grand-orly-seine-bievre": "2020 2022 2023",
        "rouen-transitions-ess": "2025 2026",
        "ptce": "2021 2022 2023 2025",
        "fabriques-et-manufactures": "2019 2021 2024",
        "la-france-s-engage": "2018 2018 2019 2021 2023 2024 2025 2026",
        "prix-inspiration-ess": "2020 2021 2023 2025 2026",
        "prix-ess-national": "2017 2018 2019 2020 2021 2022 2023 2024 2025",
        "fse-avise": "2018 2020 2023",
    }
    assert {scheme: " ".join(years[scheme]) for scheme in known} == known


def test_every_scheme_has_its_funders_and_every_funder_pays_for_something() -> None:
    schemes = read(DIRECTORY, "schemes.csv")
    assert [row["slug"] for row in schemes if not row["funders"]] == []
    paying = {slug for row in schemes for slug in row["funders"].split(";")}
    paying |= {row["funder"] for row in read(DIRECTORY, "fundings.csv")}
    assert {row["slug"] for row in read(DIRECTORY, "funders.csv")} == paying


def test_claims_are_about_editions_of_their_scheme_and_never_alone() -> None:
    scheme_of = {row["key"]: row["scheme"] for row in read(DIRECTORY, "editions.csv")}
    claims = read(DIRECTORY, "claims.csv")
    about = Counter((row["scheme"], row["edition"], row["subject"]) for row in claims)
    assert [
        row for row in claims if row["edition"] and scheme_of[row["edition"]] != row["scheme"]
    ] == []
    assert {key for key, times in about.items() if times == 1} == {
        ("rouen-transitions-ess", "rouen-transitions-ess-2025", "date de clôture"),
        ("serre-a-projets", "serre-a-projets-2024", "rang de la promotion"),
    }
