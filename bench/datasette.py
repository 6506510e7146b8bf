"""The peer: the same operators in an SQLite file, served by Datasette, twice.

As a data team publishes it in an afternoon: facets declared, full-text search, and the defaults of
`datasette publish`. And tuned by somebody who knows it, for JSON alone: no suggestion of facets, a
page cache, more processes. Both read one file, which has all that makes Datasette quick.
bench/README.md says how it is treated. Making the file needs no Datasette.
"""

import datetime
import importlib.util
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from bench.searches import Place, Search

DATABASE: Final = "directory"
PER_PAGE: Final = 20  # as our list; only when it is tuned, else it gives its hundred
ROOT: Final = f"/{DATABASE}"
FACETS: Final = (
    ("_facet", "kind"),
    ("_facet", "region"),
    ("_facet_array", "stages"),
    ("_facet_array", "themes"),
)
#: No facet, no count: what a page of rows can do without.
BARE: Final = (("_nofacet", "1"), ("_nocount", "1"))
#: All operators: a page, its facets by its metadata; and the same as JSON, no more than needed.
PAGE: Final = f"{ROOT}/operators"
EVERYTHING: Final = f"{ROOT}/operators.json?" + urlencode([*FACETS, ("_size", str(PER_PAGE))])
POINTS: Final = f"{ROOT}/operators.json?" + urlencode(
    [
        *(("_col", name) for name in ("name", "kind", "latitude", "longitude")),
        *(("_shape", "arrays"), ("_size", "max"), *BARE),
    ]
)

SCHEMA: Final = """
CREATE TABLE operators (
    id INTEGER PRIMARY KEY, slug TEXT, name TEXT, kind TEXT, description TEXT, region TEXT,
    departement TEXT, commune TEXT, stages TEXT, themes TEXT, latitude REAL, longitude REAL,
    website TEXT, email TEXT, phone TEXT, verified_on TEXT, source TEXT
);
CREATE TABLE offers (
    id INTEGER PRIMARY KEY, operator INTEGER REFERENCES operators (id), stage TEXT, summary TEXT
);
CREATE TABLE communes (
    code TEXT PRIMARY KEY, name TEXT, postcodes TEXT, departement TEXT, population INTEGER
);
CREATE TABLE territories (id INTEGER PRIMARY KEY, kind TEXT, code TEXT, name TEXT, size INTEGER);
CREATE TABLE coverage (
    territory INTEGER REFERENCES territories (id), offer INTEGER REFERENCES offers (id),
    stage TEXT, PRIMARY KEY (territory, stage, offer)
) WITHOUT ROWID;
CREATE TABLE containments (
    commune TEXT REFERENCES communes (code), territory INTEGER REFERENCES territories (id),
    PRIMARY KEY (commune, territory)
) WITHOUT ROWID;
"""
#: Made once the rows are there.
INDEXES: Final = """
CREATE INDEX operators_kind ON operators (kind);
CREATE INDEX operators_region ON operators (region);
CREATE INDEX operators_departement ON operators (departement);
CREATE VIRTUAL TABLE operators_fts USING fts5 (
    name, description, content="operators", content_rowid="id",
    tokenize="unicode61 remove_diacritics 2"
);
INSERT INTO operators_fts (operators_fts) VALUES ('rebuild');
CREATE VIRTUAL TABLE communes_fts USING fts5 (
    name, postcodes, content="communes", tokenize="unicode61 remove_diacritics 2", prefix="2 3 4"
);
INSERT INTO communes_fts (communes_fts) VALUES ('rebuild');
ANALYZE;
"""
OFFERS_FOR: Final = f"""
SELECT operators.slug, operators.name, operators.kind, operators.commune, offers.summary,
    territories.name AS territory
FROM containments
JOIN territories ON territories.id = containments.territory
JOIN coverage ON coverage.territory = containments.territory AND coverage.stage = :stage
JOIN offers ON offers.id = coverage.offer
JOIN operators ON operators.id = offers.operator
WHERE containments.commune = :commune
ORDER BY territories.size, operators.name
LIMIT {PER_PAGE}
"""
QUERIES: Final = {"offers_for": {"sql": OFFERS_FOR}}
#: Of a published instance: the facets are those of every page.
PUBLISHED: Final = {
    "databases": {
        DATABASE: {
            "queries": QUERIES,
            "tables": {
                "operators": {
                    "facets": ["kind", "region", {"array": "stages"}, {"array": "themes"}]
                }
            },
        }
    }
}
#: Of a tuned one: facets when they are asked for.
TUNED: Final = {"databases": {DATABASE: {"queries": QUERIES}}}


def is_installed() -> bool:
    return importlib.util.find_spec("datasette") is not None


# -- the addresses -------------------------------------------------------------------------------


def page(search: Search, kind: str = "") -> str:
    """The page of operators by filters and by words, its facets by its metadata; or ".json"."""
    return f"{PAGE}{kind}?{urlencode(_filters(search))}"


def listed(search: Search) -> str:
    """The JSON of the same, twenty rows with their count and four facets."""
    asked = [*_filters(search), *FACETS, ("_size", str(PER_PAGE))]
    return f"{ROOT}/operators.json?{urlencode(asked)}"


def _filters(search: Search) -> list[tuple[str, str]]:
    """Who serves a commune is not in the table: its reader filters on the département, which leaves
    about as many rows as our list.
    """
    asked = [*_of_place(search.level, search.place), ("kind", search.kind)]
    asked += [("stages__arraycontains", search.stage), ("themes__arraycontains", search.theme)]
    asked += [("_search", search.words)]
    return [(name, value) for name, value in asked if value]


def at_a_stage(place: Place, stage: str) -> str:
    """The operators of a département at a stage, by the filters of the table."""
    asked = [*_filters(Search("commune", place, stage=stage)), *BARE, ("_size", str(PER_PAGE))]
    return f"{ROOT}/operators.json?{urlencode(asked)}"


def offers_for(place: Place, stage: str) -> str:
    """The offers that serve a commune at a stage, by a query written for it."""
    asked = {"commune": place.around["commune"][0], "stage": stage, "_shape": "array"}
    return f"{ROOT}/offers_for.json?{urlencode(asked)}"


def communes(typed: str, kind: str = "") -> str:
    """The page of the communes whose name has words that begin so, or with ".json" its JSON."""
    return f"{ROOT}/communes{kind}?{urlencode(_beginning(typed))}"


def ten_communes(typed: str) -> str:
    """The first ten of the same as JSON, and no more than what a list under a field needs."""
    asked = [*_beginning(typed), ("_size", "10"), ("_shape", "array"), *BARE]
    return f"{ROOT}/communes.json?{urlencode(asked)}"


def _beginning(typed: str) -> list[tuple[str, str]]:
    words = " ".join(f'"{word}"' for word in re.findall(r"\w+", typed))
    return [("_search", f"{words}*"), ("_searchmode", "raw")]


def _of_place(level: str | None, place: Place) -> list[tuple[str, str]]:
    column = "region" if level == "region" else "departement"
    return [(column, place.around[column][1])] if level and column in place.around else []


# -- the file ------------------------------------------------------------------------------------


def make(file: Path, on: datetime.date) -> None:
    """Write the published directory of the current PostgreSQL database, as of that day, to SQLite.

    Left out, which spares Datasette work: excluded communes, drafts, and coverage that is not in
    force on that day.
    """
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    try:
        connection.executescript(SCHEMA)
        for table, rows in _tables(on):
            _insert(connection, table, rows)
        connection.executescript(INDEXES)
        connection.commit()
        connection.execute("VACUUM")
    finally:
        connection.close()


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join("?" for _ in names)
    connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)


def _tables(on: datetime.date) -> Iterable[tuple[str, Iterable[tuple[Any, ...]]]]:
    from directory.models import EffectiveCoverage, Offer
    from regions.models import Containment, Territory, in_force

    departements = dict(
        Containment.objects.in_force(on)
        .filter(territory__kind="departement")
        .values_list("commune_id", "territory__name")
    )
    yield (
        "territories",
        Territory.objects.filter(commune_count__gt=0).values_list(
            *("pk", "kind", "code", "name", "commune_count")
        ),
    )
    yield (
        "containments",
        Containment.objects.in_force(on).values_list("commune__code", "territory_id").iterator(),
    )
    yield (
        "communes",
        (
            (code, name, " ".join(postcodes or []), departements.get(pk), population)
            for pk, code, name, postcodes, population in Territory.objects.communes().values_list(
                *("pk", "code", "name", "postcodes", "population")
            )
        ),
    )
    offers = Offer.objects.open_on(on)
    yield "operators", _operators(departements, on)
    yield "offers", offers.order_by().values_list("pk", "operator_id", "stage__slug", "summary")
    yield (
        "coverage",
        EffectiveCoverage.objects.filter(
            in_force(on), excluded=False, offer__in=offers.order_by().values("pk")
        ).values_list("territory_id", "offer_id", "offer__stage__slug"),
    )


def _operators(departements: dict[int, str], on: datetime.date) -> Iterable[tuple[Any, ...]]:
    """The operators, flattened: stages and themes as JSON arrays, which Datasette facets by."""
    from django.db.models import F
    from django.db.models.functions import Coalesce

    from directory.models import Offer, Operator

    stages, themes = _slugs(Offer, "stage__slug"), _slugs(Offer, "themes__slug")
    rows = (
        Operator.objects.at_work(on)
        .order_by("pk")
        .values_list(
            *("pk", "slug", "name", "kind__slug", "description", "region__name"),
            *("commune_id", "commune__name"),
            Coalesce("latitude", F("commune__latitude")),
            Coalesce("longitude", F("commune__longitude")),
            *("website", "email", "phone", "verified_on", "source"),
        )
    )
    for pk, slug, name, kind, text, region, seat, town, *others, verified_on, source in rows:
        known = departements.get(seat)
        words = [json.dumps(found.get(pk, []), ensure_ascii=False) for found in (stages, themes)]
        day = verified_on and verified_on.isoformat()
        yield (pk, slug, name, kind, text, region, known, town, *words, *others, day, source)


def _slugs(offers: Any, field: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    pairs = offers.objects.exclude(**{field: None}).order_by("operator_id", field)
    for operator, slug in pairs.values_list("operator_id", field).distinct():
        found.setdefault(operator, []).append(slug)
    return found


# -- the server ----------------------------------------------------------------------------------


def build(folder: Path, digest: str, on: datetime.date) -> Path:
    """The file of the current database, its metadata and its counts, made unless they are there."""
    file, seen = folder / f"{DATABASE}.db", folder / "digest.txt"
    digest = f"{digest} {on}"
    if seen.exists() and seen.read_text() == digest:
        return file
    folder.mkdir(parents=True, exist_ok=True)
    seen.unlink(missing_ok=True)
    make(file, on)
    for name, metadata in (("published", PUBLISHED), ("tuned", TUNED)):
        (folder / f"{name}.json").write_text(json.dumps(metadata))
    counts = ["inspect", str(file), "--inspect-file", str(folder / "counts.json")]
    subprocess.run([sys.executable, "-m", "datasette", *counts], check=True)
    seen.write_text(digest)
    return file


def published(file: Path, host: str, port: int, rows: int) -> list[str]:
    """`datasette serve` of that file as `datasette publish` writes it: all its defaults.

    But for two limits, without which it would answer an error, or only a part of all points.
    """
    settings = {"max_returned_rows": rows + 1000, "sql_time_limit_ms": 60_000}
    return _serve(file, host, port, "published", settings, ["--cors"])


def tuned(file: Path, host: str, port: int, rows: int) -> list[str]:
    """`datasette serve` of that file to be as quick as it can, and never to leave a facet out."""
    settings = {
        "default_page_size": PER_PAGE,
        "max_returned_rows": rows + 1000,
        "suggest_facets": "off",
        "sql_time_limit_ms": 60_000,  # by default it gives up after a second,
        "facet_time_limit_ms": 60_000,  # and leaves facets out after a fifth of one
        "cache_size_kb": 64_000,
    }
    return _serve(file, host, port, "tuned", settings, [])


def _serve(
    file: Path, host: str, port: int, name: str, settings: Mapping[str, object], others: list[str]
) -> list[str]:
    files = ["--immutable", str(file), "--inspect-file", str(file.with_name("counts.json"))]
    files += ["--metadata", str(file.with_name(f"{name}.json"))]
    given = [part for key, value in settings.items() for part in ("--setting", key, str(value))]
    place = ["--host", host, "--port", str(port)]
    return [sys.executable, "-m", "datasette", "serve", *files, *others, *given, *place]
