"""Writes which territory encloses which commune, and since when."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, Final

from regions.geography.bulk import Loading
from regions.geography.files import PaysMembership, TerritoryRow
from regions.models import Kind

ENCLOSING_COLUMNS: Final = {
    "epci": Kind.EPCI,
    "ept": Kind.EPT,
    "departement": Kind.DEPARTEMENT,
    "region": Kind.REGION,
    "collectivity": Kind.COLLECTIVITY,
}
COUNTRY_CODE: Final = "france"
VINTAGE_SOURCE: Final = "Millésime {}"


def relied_on(row: TerritoryRow) -> Iterable[tuple[str, str]]:
    """The territories, as (kind, code), that a row relies on."""
    if row.successor:
        yield Kind.COMMUNE, row.successor
    if row.kind == Kind.COMMUNE:
        yield Kind.COUNTRY, COUNTRY_CODE
        for column, kind in ENCLOSING_COLUMNS.items():
            if code := getattr(row, column):
                yield kind, code


def write_containments(
    loading: Loading, territories: Sequence[TerritoryRow], membership: Sequence[PaysMembership]
) -> None:
    loading.create(
        "new_containment",
        """
            commune_id bigint, territory_id bigint, valid_from date, valid_until date,
            source text, existing_id bigint
        """,
    )
    loading.copy(
        "new_containment (commune_id, territory_id, valid_from, valid_until, source)",
        _values(loading, territories, membership),
    )
    loading.run(None, "CREATE INDEX ON new_containment (commune_id, territory_id)")
    loading.run(None, "ANALYZE new_containment")
    day = loading.vintage.in_force_from
    if not loading.first:
        _match(loading, day)
    loading.run(
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
        None if loading.first else day,
    )


def _match(loading: Loading, day: datetime.date) -> None:
    """Finds what is there already, and ends what the vintage does not hold any more."""
    # Said to begin on a day, or to have ended: the very same period is looked for. Otherwise
    # the period that is still open, whenever it began.
    loading.run(
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
    loading.run(
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
    loading.run(
        "appartenances retirées",
        f"DELETE FROM regions_containment c USING {unlisted.strip().removeprefix('FROM')} "
        "AND c.valid_from >= %s",
        day,
        day,
    )
    loading.run(
        "appartenances closes",
        f"UPDATE regions_containment c SET valid_until = %s {unlisted}",
        day,
        day,
    )


def _values(
    loading: Loading, territories: Sequence[TerritoryRow], membership: Sequence[PaysMembership]
) -> Iterable[Sequence[Any]]:
    source = VINTAGE_SOURCE.format(loading.vintage.name)
    members: dict[tuple[str, str], list[int]] = {}
    for row in territories:
        if row.kind == Kind.COMMUNE:
            commune = loading.ids[Kind.COMMUNE, row.code]
            for kind, code in ((Kind.COMMUNE, row.code), *relied_on(row)):
                members.setdefault((kind, code), []).append(commune)
                yield commune, loading.ids[kind, code], None, None, source

    seen = set()
    for part in membership:
        pays = loading.ids.get((Kind.PAYS, part.pays_code))
        communes = members.get((part.member_kind, part.member_code), [])
        if pays is None or not communes:
            loading.report.warn(
                f"Pays {part.pays_code} : {part.member_kind}:{part.member_code} n’est pas dans "
                f"le millésime {loading.vintage.name} ; cette ligne est laissée de côté."
            )
        for commune in communes if pays else []:
            if (commune, pays, part.valid_from) not in seen:
                seen.add((commune, pays, part.valid_from))
                yield commune, pays, part.valid_from, part.valid_until, part.source
