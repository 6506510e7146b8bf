"""Brings the compact files into the database: all or nothing, and only what changed.

The rows of the files go to temporary tables by COPY; the real tables are then compared with them
in SQL. A row that others may refer to is never deleted, and one that is right is never written,
so loading the same vintage again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from regions.geography import files
from regions.geography.bulk import Loading, LoadReport
from regions.geography.containments import relied_on, write_containments
from regions.geography.files import GeographyFileError, TerritoryRow
from regions.geography.place_names import write_names
from regions.geography.territories import write_territories, write_totals
from regions.models import Kind, Vintage

#: Any number, the same in every process: two loads wait for each other.
LOCK: Final = 0x6765_6F67
#: Inverted indexes, which keep a list of what they have not taken in yet.
PENDING_LISTS: Final = (
    "regions_placename_trigram",
    "regions_placename_words",
    "regions_territory_postcodes",
)
STEPS: Final = ("lecture", "territoires", "appartenances", "noms", "contours", "statistiques")

Step = Callable[[str], None]


class OlderVintageError(ValueError):
    """The database already holds a newer vintage than the files."""


def load(
    directory: Path = files.DEFAULT_DIRECTORY,
    *,
    force: bool = False,
    step: Step | None = None,
) -> LoadReport:
    """Loads the files of `directory` in one transaction, unless they are loaded already.

    `force` compares every row even then. `step` is called with the name of each of `STEPS` as it
    begins. Raises GeographyFileError for bad files and OlderVintageError for an older vintage;
    whatever is raised, the database stays as it was.
    """
    step = step or _no_step
    step("lecture")
    vintage = files.read_vintage(directory)
    digest = files.digest(directory)
    report = LoadReport(vintage.name)
    if _is_loaded(vintage, digest) and not force:
        report.skipped = True
        return report

    territories = list(files.read_territories(directory))
    pays = files.read_pays(directory)
    membership = files.read_pays_membership(directory)
    _check(vintage, territories, pays)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        # Another load may have ended while this one waited for its turn.
        is_loaded = _is_loaded(vintage, digest)
        if is_loaded and not force:
            report.skipped = True
            return report
        # The lists of PENDING_LISTS are taken in once, at the end, rather than bit by bit.
        cursor.execute("SET LOCAL gin_pending_list_limit = '256MB'")
        cursor.execute("SET LOCAL maintenance_work_mem = '128MB'")
        loading = Loading(cursor, vintage, report)
        step("territoires")
        write_territories(loading, territories, pays)
        step("appartenances")
        write_containments(loading, territories, membership)
        write_totals(loading)
        step("noms")
        write_names(loading, territories)
        step("contours")
        _write_outlines(loading, files.Outlines(directory))
        step("statistiques")
        # A load leaves long lists of pending entries, which every search would read.
        for index in PENDING_LISTS:
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        cursor.execute(
            "ANALYZE regions_territory, regions_containment, regions_placename, regions_outline"
        )
        if not is_loaded:
            Vintage.objects.update_or_create(
                name=vintage.name,
                defaults={"in_force_from": vintage.in_force_from, "digest": digest},
            )
    return report


def _is_loaded(vintage: files.Vintage, digest: str) -> bool:
    """Whether these very files are loaded. Raises OlderVintageError when newer ones are."""
    latest = Vintage.objects.first()
    if latest is None:
        return False
    if latest.in_force_from > vintage.in_force_from:
        raise OlderVintageError(
            f"Le millésime {latest.name} est déjà chargé ; {vintage.name} est plus ancien."
        )
    return latest.digest == digest


def _no_step(label: str) -> None:
    """Nobody watches."""


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
        for kind, code in relied_on(row):
            if (kind, code) not in known:
                raise GeographyFileError(f"{row.kind}:{row.code}: there is no {kind}:{code}")


def _write_outlines(loading: Loading, outlines: files.Outlines) -> None:
    loading.create("new_outline", "territory_id bigint PRIMARY KEY, geometry jsonb")
    # Not compressed on the way: it is compressed once, where it stays.
    loading.run(None, "ALTER TABLE new_outline ALTER geometry SET STORAGE EXTERNAL")
    loading.copy("new_outline", _outline_values(loading, outlines))
    loading.run(None, "ANALYZE new_outline")
    loading.run(
        "contours modifiés",
        """
        UPDATE regions_outline o SET geometry = n.geometry
        FROM new_outline n
        WHERE n.territory_id = o.territory_id AND n.geometry <> o.geometry
        """,
    )
    loading.run(
        "contours ajoutés",
        """
        INSERT INTO regions_outline (territory_id, geometry)
        SELECT n.territory_id, n.geometry FROM new_outline n
        WHERE NOT EXISTS (SELECT FROM regions_outline o WHERE o.territory_id = n.territory_id)
        ORDER BY n.territory_id
        """,
    )


def _outline_values(loading: Loading, outlines: files.Outlines) -> Iterable[Sequence[Any]]:
    for kind, code, geometry in outlines.geojson():
        territory = loading.ids.get((kind, code))
        if territory is None:
            raise GeographyFileError(f"an outline for {kind}:{code}, which is not a territory")
        yield territory, geometry
