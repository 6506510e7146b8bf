"""Loading the geography: all or nothing, nothing twice, nothing lost."""

import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from regions.geography import files, load
from regions.geography.load import STEPS
from regions.models import Containment, Kind, Outline, PlaceName, Territory, Vintage
from tests.regions.vintages import commune, former, in_pays, outlines, write

pytestmark = pytest.mark.django_db

ALPHA = commune("01001", "Alpha-le-Vieux", postcodes=["01100"], former_names=["Alfa"])
BETA = commune("01002", "Bêta")
GAMMA = commune("01003", "Gamma", epci="e2")
CHIEF = former("01001", "Alpha-Bourg", successor="01001")

TABLES = [Territory, Containment, Outline, PlaceName, Vintage]


def get(kind: Kind, code: str) -> Territory:
    return Territory.objects.get(kind=kind, code=code)


def versions() -> dict[str, list[Any]]:
    """Which row versions each table holds: writing a row, even as it was, gives it another."""
    found = {}
    with connection.cursor() as cursor:
        for model in TABLES:
            table = model._meta.db_table
            cursor.execute(f"SELECT ctid::text, {table}::text FROM {table} ORDER BY ctid")
            found[table] = cursor.fetchall()
    return found


def members(territory: Territory, on: datetime.date) -> set[str]:
    return set(Territory.objects.within(territory, on).values_list("code", flat=True))


def day(year: int) -> datetime.date:
    return datetime.date(year, 6, 1)


def test_every_commune_is_in_itself_its_enclosing_territories_and_the_country(
    tmp_path: Path,
) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, BETA, GAMMA]))
    enclosing = Territory.objects.enclosing(get(Kind.COMMUNE, "01003"), day(2026))
    assert [territory.key for territory in enclosing] == [
        "commune:01003",
        "epci:e2",
        "departement:01",
        "region:84",
        "country:france",
    ]
    country = get(Kind.COUNTRY, "france")
    assert (country.commune_count, country.population) == (3, 300)
    assert get(Kind.COMMUNE, "01001").commune_count == 1


def test_the_same_vintage_again_is_skipped_and_compared_when_forced_without_writing_a_row(
    tmp_path: Path,
) -> None:
    pays = {"p1": [in_pays("p1", "epci:e1", until(2020)), in_pays("p1", "commune:01003")]}
    directory = write(tmp_path, 2026, [ALPHA, BETA, GAMMA, CHIEF], pays=pays)
    assert not load.load(directory).skipped
    before = versions()
    assert load.load(directory).skipped
    report = load.load(directory, force=True)
    assert not report.skipped
    assert report.changes == {}
    assert versions() == before


def until(year: int) -> datetime.date:
    return datetime.date(year, 1, 1)


def test_a_merged_commune_keeps_its_row_and_leads_to_its_successor(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, BETA, GAMMA]))
    beta = get(Kind.COMMUNE, "01002")
    merged = commune("01001", "Alpha-Bêta", population="200", former_names=["Alpha-le-Vieux"])
    load.load(write(tmp_path, 2027, [merged, GAMMA, former("01002", "Bêta", successor="01001")]))

    after = Territory.objects.get(pk=beta.pk)
    assert (after.kind, after.code, after.name) == (Kind.FORMER, "01002", "Bêta")
    assert after.successor == get(Kind.COMMUNE, "01001")
    assert after.commune_count == 0
    assert Outline.objects.filter(territory=beta).exists()
    assert {name.label for name in PlaceName.objects.filter(commune__code="01001")} == {
        "Alpha-Bêta",
        "Alpha-le-Vieux",
        "Bêta",
    }


def test_what_enclosed_a_merged_commune_is_closed_on_the_day_of_the_vintage(
    tmp_path: Path,
) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, BETA, GAMMA]))
    e1 = get(Kind.EPCI, "e1")
    load.load(write(tmp_path, 2027, [ALPHA, GAMMA, former("01002", "Bêta", successor="01001")]))
    assert members(e1, day(2026)) == {"01001", "01002"}
    assert members(e1, datetime.date(2026, 12, 31)) == {"01001", "01002"}
    assert members(e1, datetime.date(2027, 1, 1)) == {"01001"}
    assert Territory.objects.get(pk=e1.pk).commune_count == 1


def test_a_commune_that_changes_epci_is_in_each_at_its_time(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, BETA, GAMMA]))
    moved = commune("01002", "Bêta", epci="e2")
    load.load(write(tmp_path, 2027, [ALPHA, moved, GAMMA]))
    load.load(write(tmp_path, 2028, [ALPHA, BETA, GAMMA]))
    e1, e2 = get(Kind.EPCI, "e1"), get(Kind.EPCI, "e2")
    assert [members(e1, day(year)) for year in (2026, 2027, 2028)] == [
        {"01001", "01002"},
        {"01001"},
        {"01001", "01002"},
    ]
    assert [members(e2, day(year)) for year in (2026, 2027, 2028)] == [
        {"01003"},
        {"01002", "01003"},
        {"01003"},
    ]


def test_a_new_commune_and_a_new_epci_begin_with_their_vintage(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2026, [ALPHA]))
    new = commune("01009", "Nouvelle", epci="e3")
    load.load(write(tmp_path, 2027, [ALPHA, new], epci=("e1", "e2", "e3")))
    begun = Containment.objects.get(commune__code="01009", territory__kind="epci")
    assert (begun.valid_from, begun.valid_until) == (datetime.date(2027, 1, 1), None)
    old = Containment.objects.get(commune__code="01001", territory__kind="epci")
    assert old.valid_from is None


def test_an_epci_that_vanishes_stays_without_members(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, GAMMA]))
    moved = commune("01003", "Gamma", epci="e1")
    load.load(write(tmp_path, 2027, [ALPHA, moved], epci=("e1",)))
    e2 = get(Kind.EPCI, "e2")
    assert e2.commune_count == 0
    assert members(e2, day(2026)) == {"01003"}
    assert members(e2, day(2027)) == set()


def test_a_re_established_commune_takes_its_former_row_back(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, former("01002", "Bêta", successor="01001")]))
    row = get(Kind.FORMER, "01002")
    load.load(write(tmp_path, 2027, [ALPHA, BETA]))
    after = Territory.objects.get(pk=row.pk)
    assert (after.kind, after.successor, after.commune_count) == (Kind.COMMUNE, None, 1)
    assert members(get(Kind.EPCI, "e1"), day(2027)) == {"01001", "01002"}


def test_a_commune_merges_although_its_delegated_commune_has_its_code(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, GAMMA, CHIEF]))
    alpha, chief = get(Kind.COMMUNE, "01001"), get(Kind.FORMER, "01001")
    rows = [GAMMA, former("01001", "Alpha-le-Vieux", successor="01003")]
    load.load(write(tmp_path, 2027, rows))
    after = Territory.objects.get(pk=alpha.pk)
    assert (after.kind, after.code, after.successor) == (
        Kind.FORMER,
        "01001",
        get(Kind.COMMUNE, "01003"),
    )
    # The other row is still there for whoever refers to it, and leads on to the same commune.
    assert Territory.objects.get(pk=chief.pk).successor == get(Kind.COMMUNE, "01003")


def test_a_commune_without_known_successor_stays_as_it_is_with_a_warning(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, BETA]))
    report = load.load(write(tmp_path, 2027, [ALPHA]))
    [warning] = report.warnings
    assert "01002" in warning
    assert "Bêta" in warning
    assert get(Kind.COMMUNE, "01002").commune_count == 1
    assert members(get(Kind.EPCI, "e1"), day(2027)) == {"01001", "01002"}
    assert PlaceName.objects.filter(commune__code="01002").exists()


def test_a_pays_is_dated_and_follows_the_communes_of_its_epci(tmp_path: Path) -> None:
    change = datetime.date(2023, 9, 21)
    pays = {
        "p1": [in_pays("p1", "epci:e1", None, change), in_pays("p1", "commune:01003")],
        "p2": [in_pays("p2", "epci:e1", change)],
        "p3": [],
    }
    load.load(write(tmp_path, 2026, [ALPHA, BETA, GAMMA], pays=pays))
    p1, p2, p3 = (get(Kind.PAYS, code) for code in ("p1", "p2", "p3"))
    assert members(p1, change - datetime.timedelta(days=1)) == {"01001", "01002", "01003"}
    assert members(p1, change) == {"01003"}
    assert members(p2, change - datetime.timedelta(days=1)) == set()
    assert members(p2, change) == {"01001", "01002"}
    assert [pays.commune_count for pays in (p1, p2, p3)] == [1, 2, 0]

    moved = commune("01002", "Bêta", epci="e2")
    load.load(write(tmp_path, 2027, [ALPHA, moved, GAMMA], pays=pays))
    assert members(p2, day(2026)) == {"01001", "01002"}
    assert members(p2, day(2027)) == {"01001"}
    assert members(p1, day(2020)) == {"01001", "01002", "01003"}


def test_a_pays_entered_by_hand_is_left_alone(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, BETA]))
    by_hand = Territory.objects.create(kind=Kind.PAYS, code="p9", name="Pays à la main")
    Containment.objects.create(commune=get(Kind.COMMUNE, "01001"), territory=by_hand)
    load.load(write(tmp_path, 2027, [ALPHA, BETA]))
    assert members(by_hand, day(2027)) == {"01001"}


def test_a_pays_that_names_an_unknown_epci_is_loaded_without_it_and_warned_about(
    tmp_path: Path,
) -> None:
    pays = {"p1": [in_pays("p1", "epci:gone"), in_pays("p1", "commune:01001")]}
    report = load.load(write(tmp_path, 2026, [ALPHA], pays=pays))
    assert len(report.warnings) == 1
    assert "epci:gone" in report.warnings[0]
    assert members(get(Kind.PAYS, "p1"), day(2026)) == {"01001"}


def test_an_older_vintage_is_refused(tmp_path: Path) -> None:
    load.load(write(tmp_path, 2027, [ALPHA]))
    before = versions()
    with pytest.raises(load.OlderVintageError, match="2027"):
        load.load(write(tmp_path, 2026, [ALPHA, BETA]))
    assert versions() == before


@pytest.mark.parametrize("fatal", STEPS)
def test_a_load_that_is_stopped_at_any_step_leaves_everything_as_it_was(
    tmp_path: Path, fatal: str
) -> None:
    load.load(write(tmp_path, 2026, [ALPHA, BETA, GAMMA]))
    before = versions()

    def step(label: str) -> None:
        if label == fatal:
            raise KeyboardInterrupt

    newer = write(tmp_path, 2027, [ALPHA, former("01002", "Bêta", successor="01001")])
    with pytest.raises(KeyboardInterrupt):
        load.load(newer, step=step)
    assert versions() == before
    load.load(newer)
    assert get(Kind.FORMER, "01002").successor is not None


def test_an_outline_of_nowhere_undoes_the_whole_load(tmp_path: Path) -> None:
    directory = write(tmp_path, 2026, [ALPHA])
    outlines(directory, ["commune:01001", "commune:99999"])
    with pytest.raises(files.GeographyFileError, match="commune:99999"):
        load.load(directory)
    assert not Territory.objects.exists()


@pytest.mark.parametrize("name", files.ALL_FILES)
def test_a_missing_or_damaged_file_is_named_and_nothing_is_loaded(
    tmp_path: Path, name: str
) -> None:
    directory = write(tmp_path, 2026, [ALPHA])
    (directory / name).unlink()
    with pytest.raises(CommandError, match=name):
        call_command("load_territories", directory=directory)
    assert not Territory.objects.exists()
    if name.endswith((".xz", ".json")):
        (directory / name).write_bytes(b"\xfd7zXZ\0 cut short")
        with pytest.raises(CommandError, match=name):
            call_command("load_territories", directory=directory)
        assert not Territory.objects.exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([ALPHA, ALPHA], "twice"),
        ([former("01002", "Bêta", successor="01999")], "commune:01999"),
        ([commune("01001", "Alpha", epci="gone")], "epci:gone"),
    ],
)
def test_files_that_contradict_themselves_are_refused(
    tmp_path: Path, rows: list[files.TerritoryRow], said: str
) -> None:
    with pytest.raises(files.GeographyFileError, match=said):
        load.load(write(tmp_path, 2026, rows))
    assert not Territory.objects.exists()


def test_the_command_says_what_it_did_and_then_that_there_was_nothing_to_do(
    tmp_path: Path,
) -> None:
    directory = write(tmp_path, 2026, [ALPHA, BETA])
    said = io.StringIO()
    call_command("load_territories", directory=directory, stdout=said)
    assert "7 territoires ajoutés" in said.getvalue()
    said = io.StringIO()
    call_command("load_territories", directory=directory, stdout=said)
    assert "déjà chargée" in said.getvalue()
    said = io.StringIO()
    call_command("load_territories", directory=directory, force=True, stdout=said)
    assert "rien à changer" in said.getvalue()
