"""Brings the compact files into the database: all or nothing, and only what changed.

The rows of the files go to temporary tables by COPY; the real tables are then compared with them
in SQL. A row that others may refer to is never deleted, and one that is right is never written,
so loading the same vintage again changes nothing.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from regions import names
from regions.geography import files
from regions.geography.files import GeographyFileError, PaysMembership, TerritoryRow
from regions.models import KIND_ORDER, LEADING_KINDS, Kind, Vintage

logger = logging.getLogger(__name__)

#: Any number, the same in every process: two loads wait for each other.
LOCK: Final = 0x6765_6F67
ENCLOSING_COLUMNS: Final = {
    "epci": Kind.EPCI,
    "ept": Kind.EPT,
    "departement": Kind.DEPARTEMENT,
    "region": Kind.REGION,
    "collectivity": Kind.COLLECTIVITY,
}
COUNTRY_CODE: Final = "france"
#: An arrondissement is also looked for without the word: "paris 11".
ARRONDISSEMENT_WORD: Final = " arrondissement"

Step = Callable[[str], None]


class OlderVintageError(ValueError):
    """The database already holds a newer vintage than the files."""


@dataclass(slots=True)
class LoadReport:
    """What a load did: rows written by table and verb, and what somebody should look at."""

    vintage: str
    skipped: bool = False
    changes: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def count(self, what: str, rows: int) -> None:
        if rows > 0:
            self.changes[what] = self.changes.get(what, 0) + rows

    def warn(self, message: str) -> None:
        self.warnings.append(message)
        logger.warning(message)


def load(
    directory: Path = files.DEFAULT_DIRECTORY,
    *,
    force: bool = False,
    step: Step = lambda label: None,
) -> LoadReport:
    """Loads the files of `directory` in one transaction, unless they are loaded already.

    `force` compares every row even then. `step` is called with the name of each of `STEPS` as it
    begins. Raises GeographyFileError for bad files and OlderVintageError for an older vintage;
    whatever is raised, the database stays as it was.
    """
    step("lecture")
    vintage = files.read_vintage(directory)
    digest = files.digest(directory)
    report = LoadReport(vintage.name)
    latest = Vintage.objects.first()
    if latest is not None:
        if latest.in_force_from > vintage.in_force_from:
            raise OlderVintageError(
                f"Le millésime {latest.name} est déjà chargé ; {vintage.name} est plus ancien."
            )
        if latest.digest == digest and not force:
            report.skipped = True
            return report

    territories = list(files.read_territories(directory))
    pays = files.read_pays(directory)
    membership = files.read_pays_membership(directory)
    _check(vintage, territories, pays)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        loading = _Loading(cursor, vintage, report)
        step("territoires")
        loading.territories(territories, pays)
        step("appartenances")
        loading.containments(territories, membership)
        loading.totals()
        step("noms")
        loading.names(territories)
        step("contours")
        loading.outlines(files.Outlines(directory))
        step("statistiques")
        # A load leaves long lists of pending entries, which every search would read.
        for index in PENDING_LISTS:
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        cursor.execute(
            "ANALYZE regions_territory, regions_containment, regions_placename, regions_outline"
        )
        if latest is None or latest.digest != digest:
            Vintage.objects.update_or_create(
                name=vintage.name,
                defaults={"in_force_from": vintage.in_force_from, "digest": digest},
            )
    return report


PENDING_LISTS: Final = (
    "regions_placename_trigram",
    "regions_placename_words",
    "regions_territory_postcodes",
)
STEPS: Final = ("lecture", "territoires", "appartenances", "noms", "contours", "statistiques")


def _check(
    vintage: files.Vintage, territories: Sequence[TerritoryRow], pays: Sequence[dict[str, str]]
) -> None:
    """Refuses files that contradict themselves."""
    counts: dict[str, int] = {"pays": len(pays)} if pays else {}
    known: set[tuple[str, str]] = set()
    for row in territories:
        counts[row.kind] = counts.get(row.kind, 0) + 1
        if (row.kind, row.code) in known:
            raise GeographyFileError(f"{row.kind}:{row.code} is there twice")
        known.add((row.kind, row.code))
    if counts != vintage.counts:
        raise GeographyFileError(f"{counts} territories read, {vintage.counts} announced")
    for row in territories:
        if row.kind not in Kind.values:
            raise GeographyFileError(f"{row.kind}:{row.code}: unknown kind")
        if row.successor and (Kind.COMMUNE, row.successor) not in known:
            raise GeographyFileError(f"{row.kind}:{row.code}: no commune {row.successor}")
        for column, kind in ENCLOSING_COLUMNS.items():
            code = getattr(row, column)
            if row.kind == Kind.COMMUNE and code and (kind, code) not in known:
                raise GeographyFileError(f"{row.kind}:{row.code}: no {kind} {code}")


class _Loading:
    """One load under way, inside its transaction."""

    def __init__(self, cursor: Any, vintage: files.Vintage, report: LoadReport) -> None:
        self.cursor = cursor
        self.vintage = vintage
        self.report = report
        self.ids: dict[tuple[str, str], int] = {}
        self.first = not Vintage.objects.exists()

    def run(self, what: str | None, sql: str, *parameters: Any) -> None:
        """Executes, and counts the rows under `what`."""
        self.cursor.execute(sql, parameters or None)
        if what:
            self.report.count(what, self.cursor.rowcount)

    def create(self, table: str, columns: str) -> None:
        """A temporary table, gone with the transaction (or with the next load inside it)."""
        self.cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        self.cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP")

    def copy(self, target: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    # -- territories -----------------------------------------------------------------------------

    def territories(
        self, territories: Sequence[TerritoryRow], pays: Sequence[dict[str, str]]
    ) -> None:
        self.create(
            "new_territory",
            """
                kind varchar(16), code varchar(16), name text, slug text, population int,
                latitude float8, longitude float8, postcodes varchar(5)[], kind_rank smallint,
                liaison smallint, successor varchar(16), source text, PRIMARY KEY (kind, code)
            """,
        )
        official = self.vintage.sources.get("official", "")
        self.copy("new_territory", self._territory_values(territories, pays, official))
        self.run(None, "ANALYZE new_territory")
        self._follow_communes()
        columns = "name, slug, population, latitude, longitude, postcodes, liaison, source"
        # The population of a wider territory is a total, made below.
        self.run(
            "territoires modifiés",
            f"""
            UPDATE regions_territory t
            SET ({columns}, kind_rank) = (SELECT {_prefixed("n", columns)}, n.kind_rank)
            FROM (
                SELECT n.kind, n.code, n.name, n.slug,
                    CASE WHEN n.kind IN ('commune', 'arrondissement', 'ancienne')
                        THEN n.population ELSE o.population END AS population,
                    n.latitude, n.longitude, n.postcodes, n.liaison, n.source, n.kind_rank
                FROM new_territory n JOIN regions_territory o USING (kind, code)
            ) n
            WHERE t.kind = n.kind AND t.code = n.code
                AND ({_prefixed("t", columns)}, t.kind_rank)
                    IS DISTINCT FROM ({_prefixed("n", columns)}, n.kind_rank)
            """,
        )
        self.run(
            "territoires ajoutés",
            f"""
            INSERT INTO regions_territory (kind, code, {columns}, kind_rank, commune_count)
            SELECT n.kind, n.code, {_prefixed("n", columns)}, n.kind_rank, (n.kind = 'commune')::int
            FROM new_territory n
            WHERE NOT EXISTS (
                SELECT FROM regions_territory t WHERE t.kind = n.kind AND t.code = n.code
            )
            ORDER BY n.kind_rank, n.code
            """,
        )
        self.run(
            "successeurs modifiés",
            """
            UPDATE regions_territory t SET successor_id = s.id
            FROM new_territory n JOIN regions_territory s
                ON s.kind = 'commune' AND s.code = n.successor
            WHERE t.kind = n.kind AND t.code = n.code AND t.successor_id IS DISTINCT FROM s.id
            """,
        )
        # A former commune that this vintage does not list any more follows its commune on.
        self.run(
            "successeurs modifiés",
            """
            UPDATE regions_territory t SET successor_id = s.successor_id
            FROM regions_territory s
            WHERE t.successor_id = s.id AND s.kind = 'ancienne' AND s.successor_id IS NOT NULL
            """,
        )
        self.cursor.execute("SELECT kind, code, id FROM regions_territory")
        self.ids = {(kind, code): pk for kind, code, pk in self.cursor.fetchall()}

    @staticmethod
    def _territory_values(
        territories: Sequence[TerritoryRow], pays: Sequence[dict[str, str]], official: str
    ) -> Iterable[Sequence[Any]]:
        for row in territories:
            yield (
                row.kind,
                row.code,
                row.name,
                names.slug(row.name) or row.code.lower(),
                row.population or None,
                row.latitude or None,
                row.longitude or None,
                "{" + ",".join(row.postcodes) + "}",
                KIND_ORDER[Kind(row.kind)],
                row.liaison or None,
                row.successor or None,
                official,
            )
        for line in pays:
            yield (
                Kind.PAYS.value,
                line["code"],
                line["name"],
                names.slug(line["name"]),
                *(None, None, None),
                "{}",
                KIND_ORDER[Kind.PAYS],
                *(None, None),
                line["source"],
            )

    def _follow_communes(self) -> None:
        """Communes that merged become former ones, and the other way round, keeping their rows.

        What refers to a commune goes on referring to it: only its kind changes.
        """
        self.cursor.execute(
            """
            SELECT t.code, t.name FROM regions_territory t
            WHERE t.kind = 'commune'
                AND NOT EXISTS (
                    SELECT FROM new_territory n WHERE n.code = t.code
                        AND n.kind IN ('commune', 'ancienne')
                )
            ORDER BY t.code
            """
        )
        for code, name in self.cursor.fetchall():
            self.report.warn(
                f"La commune {code} ({name}) n’est plus dans le millésime {self.vintage.name} et "
                "rien ne dit laquelle lui succède : elle est laissée telle quelle."
            )
        self.cursor.execute(
            """
            SELECT t.id FROM regions_territory t
            JOIN new_territory f ON f.kind = 'ancienne' AND f.code = t.code
            WHERE t.kind = 'commune'
                AND NOT EXISTS (
                    SELECT FROM new_territory n WHERE n.kind = 'commune' AND n.code = t.code
                )
            """
        )
        merged = [pk for (pk,) in self.cursor.fetchall()]
        # The code of a commune can also be that of one of its delegated communes: that row makes
        # room, and keeps its name and its successor.
        self.run(
            None,
            """
            UPDATE regions_territory d SET code = d.code || '-' || d.id
            FROM regions_territory t
            WHERE t.id = ANY(%s) AND d.kind = 'ancienne' AND d.code = t.code
            """,
            merged,
        )
        self.run(
            "communes devenues anciennes",
            "UPDATE regions_territory SET kind = 'ancienne' WHERE id = ANY(%s)",
            merged,
        )
        self.run(
            "communes rétablies",
            """
            UPDATE regions_territory t SET kind = 'commune', successor_id = NULL
            FROM new_territory n
            WHERE t.kind = 'ancienne' AND n.kind = 'commune' AND n.code = t.code
                AND NOT EXISTS (
                    SELECT FROM new_territory o WHERE o.kind = 'ancienne' AND o.code = t.code
                )
                AND NOT EXISTS (
                    SELECT FROM regions_territory c WHERE c.kind = 'commune' AND c.code = t.code
                )
            """,
        )

    # -- containments ----------------------------------------------------------------------------

    def containments(
        self, territories: Sequence[TerritoryRow], membership: Sequence[PaysMembership]
    ) -> None:
        self.create(
            "new_containment",
            """
                commune_id bigint, territory_id bigint, valid_from date, valid_until date,
                source text, existing_id bigint
            """,
        )
        self.copy(
            "new_containment (commune_id, territory_id, valid_from, valid_until, source)",
            self._containment_values(territories, membership),
        )
        self.run(None, "CREATE INDEX ON new_containment (commune_id, territory_id)")
        self.run(None, "ANALYZE new_containment")
        day = self.vintage.in_force_from
        if not self.first:
            self._match_containments(day)
        self.run(
            "appartenances ajoutées",
            # What a newer vintage brings begins with it, unless the file says when it began.
            """
            INSERT INTO regions_containment
                (commune_id, territory_id, valid_from, valid_until, source)
            SELECT commune_id, territory_id,
                CASE WHEN valid_until IS NULL THEN coalesce(valid_from, %s) ELSE valid_from END,
                valid_until, source
            FROM new_containment WHERE existing_id IS NULL
            ORDER BY territory_id, commune_id
            """,
            None if self.first else day,
        )

    def _match_containments(self, day: datetime.date) -> None:
        """Finds what is there already, and ends what the vintage does not hold any more."""
        # Said to begin on a day, or to have ended: the very same period is looked for. Otherwise
        # the period that is still open, whenever it began.
        self.run(
            None,
            """
            UPDATE new_containment n SET existing_id = c.id
            FROM regions_containment c
            WHERE c.commune_id = n.commune_id AND c.territory_id = n.territory_id
                AND CASE
                    WHEN n.valid_from IS NOT NULL OR n.valid_until IS NOT NULL
                    THEN c.valid_from IS NOT DISTINCT FROM n.valid_from
                    ELSE c.valid_until IS NULL
                END
            """,
        )
        self.run(
            "appartenances modifiées",
            """
            UPDATE regions_containment c
            SET valid_until = n.valid_until, source = n.source
            FROM new_containment n
            WHERE n.existing_id = c.id AND (
                c.valid_until IS DISTINCT FROM n.valid_until
                OR (n.source <> c.source AND c.source NOT LIKE %s)
            )
            """,
            VINTAGE_SOURCE.format("") + "%",
        )
        # Official kinds come whole in the file; of the Pays, only those the file lists are its.
        unlisted = """
            FROM regions_territory t, regions_territory m
            WHERE c.territory_id = t.id AND c.commune_id = m.id
                AND NOT EXISTS (SELECT FROM new_containment n WHERE n.existing_id = c.id)
                AND (c.valid_until IS NULL OR c.valid_until > %s)
                AND (
                    m.kind <> 'commune'
                    OR t.kind NOT IN ('commune', 'pays')
                    OR EXISTS (
                        SELECT FROM new_territory n WHERE n.kind = t.kind AND n.code = t.code
                    )
                )
                AND EXISTS (SELECT FROM new_territory n WHERE n.code = m.code)
        """
        # Begun with this very vintage and not true after all: it never was.
        self.run(
            "appartenances retirées",
            f"DELETE FROM regions_containment c USING {unlisted.strip().removeprefix('FROM')} "
            "AND c.valid_from >= %s",
            day,
            day,
        )
        self.run(
            "appartenances closes",
            f"UPDATE regions_containment c SET valid_until = %s {unlisted}",
            day,
            day,
        )

    def _containment_values(
        self, territories: Sequence[TerritoryRow], membership: Sequence[PaysMembership]
    ) -> Iterable[Sequence[Any]]:
        source = VINTAGE_SOURCE.format(self.vintage.name)
        country = self.ids[Kind.COUNTRY, COUNTRY_CODE]
        members: dict[tuple[str, str], list[int]] = {}
        for row in territories:
            if row.kind != Kind.COMMUNE:
                continue
            commune = self.ids[Kind.COMMUNE, row.code]
            members[Kind.COMMUNE, row.code] = [commune]
            yield commune, commune, None, None, source
            yield commune, country, None, None, source
            for column, kind in ENCLOSING_COLUMNS.items():
                if code := getattr(row, column):
                    members.setdefault((kind, code), []).append(commune)
                    yield commune, self.ids[kind, code], None, None, source

        seen = set()
        for part in membership:
            pays = self.ids.get((Kind.PAYS, part.pays_code))
            communes = members.get((part.member_kind, part.member_code), [])
            if pays is None or not communes:
                self.report.warn(
                    f"Pays {part.pays_code} : {part.member_kind}:{part.member_code} n’est pas dans "
                    f"le millésime {self.vintage.name} ; cette ligne est laissée de côté."
                )
                continue
            for commune in communes:
                if (commune, pays, part.valid_from) not in seen:
                    seen.add((commune, pays, part.valid_from))
                    yield commune, pays, part.valid_from, part.valid_until, part.source

    def totals(self) -> None:
        """Number of communes of every territory, and population of the wider ones."""
        self.run(
            "totaux modifiés",
            """
            UPDATE regions_territory t
            SET commune_count = s.communes,
                population = CASE WHEN s.own THEN t.population ELSE s.population END
            FROM (
                SELECT t.id, count(m.id) AS communes, sum(m.population)::int AS population,
                    t.kind IN ('commune', 'arrondissement', 'ancienne') AS own
                FROM regions_territory t
                LEFT JOIN regions_containment c ON c.territory_id = t.id
                    AND (c.valid_from IS NULL OR c.valid_from <= %s)
                    AND (c.valid_until IS NULL OR c.valid_until > %s)
                LEFT JOIN regions_territory m ON m.id = c.commune_id
                GROUP BY t.id
            ) s
            WHERE s.id = t.id AND (
                t.commune_count <> s.communes
                OR NOT s.own AND t.population IS DISTINCT FROM s.population
            )
            """,
            self.vintage.in_force_from,
            self.vintage.in_force_from,
        )

    # -- names and outlines ----------------------------------------------------------------------

    def names(self, territories: Sequence[TerritoryRow]) -> None:
        self.create(
            "new_name",
            """
                commune_id bigint, label text, key text, kind text, code text, weight int,
                PRIMARY KEY (commune_id, kind, code, key)
            """,
        )
        self.copy("new_name", self._name_values(territories))
        self.run(None, "ANALYZE new_name")
        same = (
            "n.commune_id = p.commune_id AND n.kind = p.kind AND n.code = p.code AND n.key = p.key"
        )
        # Names of communes that are not in the files are not theirs to remove.
        self.run(
            "noms retirés",
            f"""
            DELETE FROM regions_placename p
            WHERE NOT EXISTS (SELECT FROM new_name n WHERE {same})
                AND EXISTS (
                    SELECT FROM regions_territory t JOIN new_territory n USING (code)
                    WHERE t.id = p.commune_id
                )
            """,
        )
        self.run(
            "noms modifiés",
            f"""
            UPDATE regions_placename p SET label = n.label, weight = n.weight
            FROM new_name n
            WHERE {same} AND (p.label, p.weight) <> (n.label, n.weight)
            """,
        )
        self.run(
            "noms ajoutés",
            f"""
            INSERT INTO regions_placename (commune_id, label, key, kind, code, weight)
            SELECT n.commune_id, n.label, n.key, n.kind, n.code, n.weight FROM new_name n
            WHERE NOT EXISTS (SELECT FROM regions_placename p WHERE {same})
            ORDER BY n.key, n.code
            """,
        )

    def _name_values(self, territories: Sequence[TerritoryRow]) -> Iterable[Sequence[Any]]:
        communes = {row.code: row for row in territories if row.kind == Kind.COMMUNE}
        found: list[tuple[int, str, str, TerritoryRow]] = []
        for row in territories:
            if row.kind in (Kind.COMMUNE, *LEADING_KINDS):
                found.append((KIND_ORDER[Kind(row.kind)], row.kind, row.name, row))
                found += [
                    (KIND_ORDER[Kind.FORMER], Kind.FORMER.value, name, row)
                    for name in row.former_names
                ]
        # A commune answers once to a name: as its own rather than as a former one.
        found.sort(key=lambda name: name[0])
        taken: set[tuple[str, str]] = set()
        for _, kind, label, row in found:
            commune = communes[row.successor or row.code]
            keys = names.search_keys(label)
            if kind == Kind.ARRONDISSEMENT:
                keys.append(keys[0].removesuffix(ARRONDISSEMENT_WORD))
            for key in keys:
                if (commune.code, key) not in taken:
                    taken.add((commune.code, key))
                    yield (
                        self.ids[Kind.COMMUNE, commune.code],
                        label,
                        key,
                        kind,
                        row.code,
                        int(commune.population or 0),
                    )

    def outlines(self, outlines: files.Outlines) -> None:
        self.create("new_outline", "territory_id bigint PRIMARY KEY, geometry jsonb")
        # Not compressed on the way: it is compressed once, where it stays.
        self.run(None, "ALTER TABLE new_outline ALTER geometry SET STORAGE EXTERNAL")
        self.copy("new_outline", self._outline_values(outlines))
        self.run(None, "ANALYZE new_outline")
        self.run(
            "contours modifiés",
            """
            UPDATE regions_outline o SET geometry = n.geometry
            FROM new_outline n
            WHERE n.territory_id = o.territory_id AND n.geometry <> o.geometry
            """,
        )
        self.run(
            "contours ajoutés",
            """
            INSERT INTO regions_outline (territory_id, geometry)
            SELECT n.territory_id, n.geometry FROM new_outline n
            WHERE NOT EXISTS (SELECT FROM regions_outline o WHERE o.territory_id = n.territory_id)
            ORDER BY n.territory_id
            """,
        )

    def _outline_values(self, outlines: files.Outlines) -> Iterable[Sequence[Any]]:
        for kind, code, geometry in outlines.geojson():
            territory = self.ids.get((kind, code))
            if territory is None:
                raise GeographyFileError(f"an outline for {kind}:{code}, which is not a territory")
            yield territory, geometry


VINTAGE_SOURCE: Final = "Millésime {}"


def _prefixed(alias: str, columns: str) -> str:
    return ", ".join(f"{alias}.{column.strip()}" for column in columns.split(","))
