"""The load of the directory: repeatable, all or nothing, clear when a file is wrong."""

import csv
import datetime
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from directory.loading import DirectoryFileError, load_directory
from directory.loading.files import DEFAULT_DIRECTORY
from directory.loading.tables import TABLES
from directory.models import (
    Agreement,
    BornProject,
    CallEdition,
    Coverage,
    Funder,
    FundingScheme,
    Indicator,
    Laureate,
    LoadedRow,
    MethodStep,
    Offer,
    Operator,
    Reference,
    RegionFile,
    Relay,
    Revision,
)
from directory.models.coverage import EffectiveCoverage
from regions.models import Territory
from tests.directory.fixture_files import read, territories_named

#: What the files hold; change it with them.
ROWS = {
    Operator: 179,
    Offer: 355,
    Laureate: 78,
    Relay: 41,
    Reference: 62,
    FundingScheme: 95,
    Funder: 83,
    CallEdition: 151,
    Agreement: 2,
    MethodStep: 3,
    BornProject: 3,
    RegionFile: 18,
}


@pytest.fixture
def places(db: None) -> None:
    """Every territory the fixtures name, and nothing more."""
    Territory.objects.bulk_create(
        Territory(kind=kind, code=code, name=code, slug=code.lower())
        for kind, code in sorted(territories_named(DEFAULT_DIRECTORY))
    )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the fixtures that a test may spoil."""
    return Path(shutil.copytree(DEFAULT_DIRECTORY, tmp_path / "directory"))


@pytest.fixture
def small(files: Path) -> Path:
    """The copy with its vocabulary, one operator and its two offers; the rest is emptied."""
    for table in TABLES:
        rows = read(files, table.file)
        if table.file in ("operators.csv", "offers.csv"):
            slug = "slug" if table.file == "operators.csv" else "operator"
            rows = [row for row in rows if row[slug] == "dla-doubs"]
        elif table.file not in ("stages.csv", "kinds.csv", "audiences.csv", "networks.csv"):
            rows = []
        write(files, table.file, rows)
    return files


def write(directory: Path, file: str, rows: list[dict[str, str]]) -> None:
    columns = next(csv.reader((directory / file).read_text().splitlines()))
    with (directory / file).open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def change(directory: Path, file: str, number: int, **cells: str) -> None:
    rows = read(directory, file)
    rows[number].update(cells)
    write(directory, file, rows)


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that the load fills, primary keys and times included."""
    tables = [table.model._meta.db_table for table in TABLES]
    tables += [
        through._meta.db_table
        for table in TABLES
        for many in table.model._meta.local_many_to_many
        if (through := many.remote_field.through)
    ]
    rows = {}
    with connection.cursor() as cursor:
        for name in [*tables, LoadedRow._meta.db_table]:
            cursor.execute(f"SELECT * FROM {name} ORDER BY id")
            rows[name] = cursor.fetchall()
    return rows


def test_every_researched_row_is_loaded(places: None) -> None:
    load_directory()
    assert {model: model._default_manager.count() for model in ROWS} == ROWS
    assert Operator.objects.filter(is_example=True).count() == 0
    assert Operator.objects.exclude(verified_on=None).count() == 0
    assert Operator.objects.public().count() == Operator.objects.count()


def test_a_second_load_writes_nothing(places: None) -> None:
    load_directory()
    before, revision = snapshot(), Revision.current()
    report = load_directory()
    assert report.changed == 0
    assert snapshot() == before
    assert Revision.current() == revision


def test_a_load_stopped_half_way_leaves_nothing(places: None) -> None:
    def stop(label: str) -> None:
        if label == "zones d’intervention":
            raise KeyboardInterrupt

    revision = Revision.current()
    with pytest.raises(KeyboardInterrupt):
        load_directory(step=stop)
    assert not any(snapshot().values())
    assert Revision.current() == revision


def test_a_wrong_file_leaves_the_loaded_directory_as_it_was(places: None, files: Path) -> None:
    load_directory(files)
    before = snapshot()
    change(files, "operators.csv", 0, name="Un autre nom")
    change(files, "regions.csv", 0, fallback="nobody")
    with pytest.raises(DirectoryFileError):
        load_directory(files)
    assert snapshot() == before


def test_a_changed_cell_updates_its_row_and_keeps_its_identity(places: None, small: Path) -> None:
    load_directory(small)
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    Operator.objects.filter(slug="dla-doubs").update(updated_at=long_ago)
    before = Operator.objects.get(slug="dla-doubs")
    change(small, "operators.csv", 0, phone="03 81 00 00 00", networks="dla;cress")
    report = load_directory(small)
    after = Operator.objects.get(slug="dla-doubs")
    assert (after.pk, after.phone) == (before.pk, "03 81 00 00 00")
    assert set(after.networks.values_list("slug", flat=True)) == {"dla", "cress"}
    assert after.updated_at > before.updated_at
    assert report.updated == {"opérateurs": 1}


def test_what_was_corrected_by_hand_is_kept_and_said(places: None, small: Path) -> None:
    load_directory(small)
    Operator.objects.filter(slug="dla-doubs").update(phone="03 81 11 11 11")
    change(small, "operators.csv", 0, phone="03 81 00 00 00")
    report = load_directory(small)
    assert Operator.objects.get(slug="dla-doubs").phone == "03 81 11 11 11"
    assert report.kept == [
        "operators.csv, ligne 2 : dla-doubs (modifiée à la main depuis le dernier chargement)"
    ]


def test_a_field_the_files_do_not_hold_is_left_alone(places: None, small: Path) -> None:
    load_directory(small)
    Operator.objects.filter(slug="dla-doubs").update(verified_on=datetime.date(2026, 11, 1))
    change(small, "operators.csv", 0, phone="03 81 00 00 00")
    report = load_directory(small)
    operator = Operator.objects.get(slug="dla-doubs")
    assert report.kept == []
    assert (operator.phone, operator.verified_on) == (
        "03 81 00 00 00",
        datetime.date(2026, 11, 1),
    )


def test_a_row_removed_by_hand_does_not_come_back_with_what_hung_on_it(
    places: None, small: Path
) -> None:
    load_directory(small)
    Operator.objects.get(slug="dla-doubs").delete()
    report = load_directory(small)
    assert (Operator.objects.count(), Offer.objects.count()) == (0, 0)
    assert any("supprimée à la main" in line for line in report.kept)


def test_force_lets_the_files_win(places: None, small: Path) -> None:
    load_directory(small)
    name = Operator.objects.get(slug="dla-doubs").name
    Operator.objects.filter(slug="dla-doubs").update(name="Corrigé")
    Offer.objects.first().delete()  # type: ignore[union-attr]
    report = load_directory(small, force=True)
    assert Operator.objects.get(slug="dla-doubs").name == name
    assert Offer.objects.count() == 2
    assert report.kept == []


def test_a_row_no_longer_in_the_files_is_said_then_pruned_on_demand(
    places: None, small: Path
) -> None:
    load_directory(small)
    write(small, "offers.csv", read(small, "offers.csv")[:1])
    report = load_directory(small)
    assert Offer.objects.count() == 2
    assert len(report.stale) == 1
    report = load_directory(small, prune=True)
    assert (Offer.objects.count(), report.removed, report.stale) == (1, 1, [])
    assert load_directory(small, prune=True).changed == 0


def test_pruning_spares_what_was_added_by_hand(places: None, small: Path) -> None:
    load_directory(small)
    operator = Operator.objects.get(slug="dla-doubs")
    operator.pk, operator.slug = None, "ajout"
    operator.save()
    report = load_directory(small, prune=True)
    assert report.removed == 0
    assert report.by_hand == {"opérateurs": 1}


def test_a_row_whose_columns_changed_since_takes_what_the_file_says(places: None) -> None:
    load_directory()
    FundingScheme.objects.filter(slug="ptce").update(description="Ancienne forme")
    LoadedRow.objects.filter(file="schemes.csv").update(digest="")
    report = load_directory()
    assert (report.kept, report.updated) == ([], {"dispositifs de financement": 1})
    assert load_directory().changed == 0


def test_an_exclusion_is_loaded_as_such(places: None) -> None:
    load_directory()
    rows = Coverage.objects.filter(operator__slug="dla-haute-garonne-historique")
    assert {(row.territory.key, row.excluded) for row in rows} == {
        ("departement:31", False),
        ("epci:243100518", True),
    }


def test_a_call_without_territory_stays_unknown(places: None) -> None:
    load_directory()
    edition = CallEdition.objects.get(key="digi-seii-2025")
    assert not EffectiveCoverage.objects.filter(edition=edition).exists()


def test_contradicting_figures_stand_side_by_side(places: None) -> None:
    load_directory()
    counts = Indicator.objects.filter(slug="poles-ess-bretagne").values_list("as_of", "value")
    assert {(as_of, int(value)) for as_of, value in counts} == {
        ("2016-10-27", 15),
        ("2017-06-15", 19),
        ("2020-04", 21),
        ("2021-04-30", 19),
    }


BAD: list[tuple[str, Callable[[Path], None], str]] = [
    (
        "unknown territory",
        lambda files: write(
            files, "coverage.csv", [{"operator": "dla-doubs", "territory": "departement:99"}]
        ),
        (
            "coverage.csv, ligne 2, colonne « territory » : "
            "« departement:99 » n’est le code d’aucun territoire connu."
        ),
    ),
    (
        "territory without its kind",
        lambda files: write(files, "coverage.csv", [{"operator": "dla-doubs", "territory": "25"}]),
        (
            "coverage.csv, ligne 2, colonne « territory » : « 25 » ne désigne pas un "
            "territoire. Écrivez son niveau et son code, par exemple departement:25."
        ),
    ),
    (
        "missing territory",
        lambda files: write(files, "coverage.csv", [{"operator": "dla-doubs"}]),
        "coverage.csv, ligne 2, colonne « territory » : cette cellule ne peut pas être vide.",
    ),
    (
        "unknown operator",
        lambda files: change(files, "offers.csv", 1, operator="dla-doub"),
        (
            "offers.csv, ligne 3, colonne « operator » : "
            "« dla-doub » n’existe pas dans operators.csv."
        ),
    ),
    (
        "unknown commune",
        lambda files: change(files, "operators.csv", 0, commune="25999"),
        (
            "operators.csv, ligne 2, colonne « commune » : "
            "« 25999 » n’est pas le code Insee d’une commune actuelle."
        ),
    ),
    (
        "région that is a département",
        lambda files: change(files, "operators.csv", 0, region="departement:25"),
        (
            "operators.csv, ligne 2, colonne « region » : "
            "« departement:25 » n’est pas une région. Écrivez par exemple region:27."
        ),
    ),
    (
        "bad date",
        lambda files: change(files, "operators.csv", 0, source_date="12/03/2026"),
        (
            "operators.csv, ligne 2, colonne « source_date » : « 12/03/2026 » "
            "n’est pas une date. Écrivez 2026-09-15, 2026-09 ou 2026."
        ),
    ),
    (
        "day that does not exist",
        lambda files: change(files, "operators.csv", 0, opened_on="2026-02-30"),
        (
            "operators.csv, ligne 2, colonne « opened_on » : « 2026-02-30 » "
            "n’est pas une date. Écrivez 2026-09-15, 2026-09 ou 2026."
        ),
    ),
    (
        "bad e-mail",
        lambda files: change(files, "operators.csv", 0, email="contact chez dla"),
        "operators.csv, ligne 2, colonne « email » : « contact chez dla » : ",
    ),
    (
        "unknown state",
        lambda files: change(files, "operators.csv", 0, state="ouvert"),
        "operators.csv, ligne 2, colonne « state » : « ouvert » : ",
    ),
    (
        "unknown entry mode",
        lambda files: change(files, "offers.csv", 0, entry_modes="projet;envie"),
        "offers.csv, ligne 2, colonne « entry_modes » : ",
    ),
    (
        "too long",
        lambda files: change(files, "offers.csv", 0, summary="x" * 401),
        "offers.csv, ligne 2, colonne « summary » : ",
    ),
    (
        "closed before it opened",
        lambda files: change(files, "operators.csv", 0, opened_on="2020", closed_on="2018"),
        "operators.csv, ligne 2 : La fermeture ne peut pas précéder l’ouverture.",
    ),
    (
        "published without a source",
        lambda files: change(files, "operators.csv", 0, source=""),
        "operators.csv, ligne 2 : Indiquez la source avant de publier la fiche.",
    ),
    (
        "the same row twice",
        lambda files: write(files, "operators.csv", read(files, "operators.csv") * 2),
        (
            "operators.csv, ligne 3 : la même ligne figure déjà ligne 2 (dla-doubs). "
            "Ce qui la distingue : slug."
        ),
    ),
    (
        "figure that is not a number",
        lambda files: write(
            files, "indicators.csv", [{"slug": "x", "label": "X", "value": "2,8 M€", "source": "s"}]
        ),
        (
            "indicators.csv, ligne 2, colonne « value » : « 2,8 M€ » "
            "n’est pas un nombre. Écrivez 2800000 ou 13.7, sans espace ni unité."
        ),
    ),
    (
        "missing column",
        lambda files: _write_text(files / "themes.csv", "slug,name\n"),
        "themes.csv, ligne 1 : colonnes absentes : description.",
    ),
    (
        "too many cells",
        lambda files: _write_text(files / "themes.csv", "slug,name,description\na,b,c,d\n"),
        "themes.csv, ligne 2 : 4 cellules au lieu de 3.",
    ),
    (
        "open quote",
        lambda files: _write_text(files / "themes.csv", 'slug,name,description\na,"b,c\n'),
        "themes.csv, ligne 2 : ce n’est pas du CSV lisible",
    ),
    (
        "not UTF-8",
        lambda files: (files / "themes.csv").write_bytes(b"slug,name,description\na,\xe9,c\n"),  # type: ignore[func-returns-value]
        "themes.csv : le fichier n’est pas encodé en UTF-8.",
    ),
    (
        "null byte",
        lambda files: _write_text(files / "themes.csv", "slug,name,description\na,b\x00,c\n"),
        "themes.csv : le fichier contient un caractère nul.",
    ),
    (
        "missing file",
        lambda files: (files / "themes.csv").unlink(),
        "themes.csv : fichier introuvable ou illisible",
    ),
]


def _write_text(path: Path, text: str) -> None:
    path.write_text(text)


@pytest.mark.parametrize(("spoil", "sentence"), [case[1:] for case in BAD], ids=[c[0] for c in BAD])
def test_a_wrong_file_is_refused_with_its_place_and_reason(
    places: None, small: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    spoil(small)
    with pytest.raises(DirectoryFileError) as refused:
        load_directory(small)
    assert str(refused.value).startswith(sentence)


def test_without_geography_the_load_says_what_to_do_first(db: None) -> None:
    with pytest.raises(DirectoryFileError, match="load_territories"):
        load_directory()


def test_the_command_says_what_it_did(places: None, small: Path) -> None:
    out = StringIO()
    call_command("load_directory", directory=small, stdout=out)
    assert "1 opérateurs en plus" in out.getvalue()
    out = StringIO()
    call_command("load_directory", directory=small, stdout=out)
    assert "rien à changer" in out.getvalue()


def test_the_command_refuses_a_wrong_file_without_a_trace(places: None, small: Path) -> None:
    change(small, "operators.csv", 0, kind="guichet")
    with pytest.raises(CommandError, match="Rien n’a été chargé"):
        call_command("load_directory", directory=small)
    assert Reference.objects.count() == Operator.objects.count() == 0
