"""Writes the territories, and follows communes that merge or are re-established."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from regions import names
from regions.geography.bulk import Loading
from regions.geography.files import TerritoryRow
from regions.models import KIND_ORDER, Kind


def write_territories(
    loading: Loading, territories: Sequence[TerritoryRow], pays: Sequence[dict[str, str]]
) -> None:
    loading.create(
        "new_territory",
        """
            kind varchar(16), code varchar(16), name text, slug text, population int,
            latitude float8, longitude float8, postcodes varchar(5)[], kind_rank smallint,
            liaison smallint, successor varchar(16), source text, PRIMARY KEY (kind, code)
        """,
    )
    official = loading.vintage.sources.get("official", "")
    loading.copy("new_territory", _values(territories, pays, official))
    loading.run(None, "ANALYZE new_territory")
    _follow_communes(loading)
    columns = "name, slug, population, latitude, longitude, postcodes, liaison, source"
    # The population of a wider territory is a total, made below.
    loading.run(
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
    loading.run(
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
    loading.run(
        "successeurs modifiés",
        """
        UPDATE regions_territory t SET successor_id = s.id
        FROM new_territory n JOIN regions_territory s
            ON s.kind = 'commune' AND s.code = n.successor
        WHERE t.kind = n.kind AND t.code = n.code AND t.successor_id IS DISTINCT FROM s.id
        """,
    )
    # A former commune that this vintage does not list any more follows its commune on.
    loading.run(
        "successeurs modifiés",
        """
        UPDATE regions_territory t SET successor_id = s.successor_id
        FROM regions_territory s
        WHERE t.successor_id = s.id AND s.kind = 'ancienne' AND s.successor_id IS NOT NULL
        """,
    )
    loading.cursor.execute("SELECT kind, code, id FROM regions_territory")
    loading.ids = {(kind, code): pk for kind, code, pk in loading.cursor.fetchall()}


def _values(
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


def _follow_communes(loading: Loading) -> None:
    """Communes that merged become former ones, and the other way round, keeping their rows.

    What refers to a commune goes on referring to it: only its kind changes.
    """
    loading.cursor.execute(
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
    for code, name in loading.cursor.fetchall():
        loading.report.warn(
            f"La commune {code} ({name}) n’est plus dans le millésime {loading.vintage.name} et "
            "rien ne dit laquelle lui succède : elle est laissée telle quelle."
        )
    loading.cursor.execute(
        """
        SELECT t.id FROM regions_territory t
        JOIN new_territory f ON f.kind = 'ancienne' AND f.code = t.code
        WHERE t.kind = 'commune'
            AND NOT EXISTS (
                SELECT FROM new_territory n WHERE n.kind = 'commune' AND n.code = t.code
            )
        """
    )
    merged = [pk for (pk,) in loading.cursor.fetchall()]
    # The code of a commune can also be that of one of its delegated communes: that row makes
    # room, and keeps its name and its successor.
    loading.run(
        None,
        """
        UPDATE regions_territory d SET code = d.code || '-' || d.id
        FROM regions_territory t
        WHERE t.id = ANY(%s) AND d.kind = 'ancienne' AND d.code = t.code
        """,
        merged,
    )
    loading.run(
        "communes devenues anciennes",
        "UPDATE regions_territory SET kind = 'ancienne' WHERE id = ANY(%s)",
        merged,
    )
    loading.run(
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


def write_totals(loading: Loading) -> None:
    """Number of communes of every territory, and population of the wider ones."""
    loading.run(
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
        loading.vintage.in_force_from,
        loading.vintage.in_force_from,
    )


def _prefixed(alias: str, columns: str) -> str:
    return ", ".join(f"{alias}.{column.strip()}" for column in columns.split(","))
