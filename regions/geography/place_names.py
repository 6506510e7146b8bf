"""Writes the names that each commune answers to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from regions import names
from regions.geography.bulk import Loading
from regions.geography.files import TerritoryRow
from regions.models import KIND_ORDER, LEADING_KINDS, Kind

#: An arrondissement is also looked for without the word: "paris 11".
ARRONDISSEMENT_WORD: Final = " arrondissement"


def write_names(loading: Loading, territories: Sequence[TerritoryRow]) -> None:
    loading.create(
        "new_name",
        """
            commune_id bigint, label text, key text, kind text, code text, weight int,
            PRIMARY KEY (commune_id, kind, code, key)
        """,
    )
    loading.copy("new_name", _values(loading, territories))
    loading.run(None, "ANALYZE new_name")
    same = "n.commune_id = p.commune_id AND n.kind = p.kind AND n.code = p.code AND n.key = p.key"
    # Names of communes that are not in the files are not theirs to remove.
    loading.run(
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
    loading.run(
        "noms modifiés",
        f"""
        UPDATE regions_placename p SET label = n.label, weight = n.weight
        FROM new_name n
        WHERE {same} AND (p.label, p.weight) <> (n.label, n.weight)
        """,
    )
    loading.run(
        "noms ajoutés",
        f"""
        INSERT INTO regions_placename (commune_id, label, key, kind, code, weight)
        SELECT n.commune_id, n.label, n.key, n.kind, n.code, n.weight FROM new_name n
        WHERE NOT EXISTS (SELECT FROM regions_placename p WHERE {same})
        ORDER BY n.key, n.code
        """,
    )


def _values(loading: Loading, territories: Sequence[TerritoryRow]) -> Iterable[Sequence[Any]]:
    communes = {row.code: row for row in territories if row.kind == Kind.COMMUNE}
    found: list[tuple[int, str, str, TerritoryRow]] = []
    for row in territories:
        if row.kind in (Kind.COMMUNE, *LEADING_KINDS):
            found.append((KIND_ORDER[Kind(row.kind)], row.kind, row.name, row))
            found += [
                (KIND_ORDER[Kind.FORMER], Kind.FORMER.value, name, row) for name in row.former_names
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
                    loading.ids[Kind.COMMUNE, commune.code],
                    label,
                    key,
                    kind,
                    row.code,
                    int(commune.population or 0),
                )
