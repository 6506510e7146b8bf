"""From a file to calls: preview, load, again, corrected by hand, undone."""

import datetime
from typing import Any

import pytest
from django.test import Client

from directory.importing import imports, output
from directory.importing.imports import NotNowError
from directory.importing.rights import Agent
from directory.importing.states import digest
from directory.importing.vocabulary import Vocabulary
from directory.models import (
    CallEdition,
    CallImport,
    Coverage,
    Funding,
    FundingScheme,
    ImportState,
)
from tests.directory.importing.conftest import (
    call,
    confirm,
    counts,
    edition,
    errors,
    load,
    preview,
    table,
)
from tests.factories import CallEditionFactory, FundingFactory, LaureateFactory, SmallFrance, covers

FULL = call(
    Année="2026",
    Ouverture="02/06/2026",
    Clôture="septembre 2026",
    Territoires="region:r1 ; departement:d1",
    Territoires_exclus="commune:01001",
    Étapes="Création ; emergence",
    Thématiques="numérique",
    On_répond_avec="une idée ou un projet",
    Enveloppe="250 000 €",
    Nature_de_l_enveloppe="Voté",
    Financeurs="Région R1 : 120 000,50 € voté ; region-r2",
    Dossiers_reçus="12",
    Page_de_l_appel="https://exemple.fr/fonds",
    Courriel="ess@exemple.fr",
    Date_de_la_source="15/05/2026",
)


def nothing_written() -> bool:
    return not CallEdition.objects.exists()


def test_a_preview_says_all_and_writes_no_call(world: SmallFrance, admin: Agent) -> None:
    shown = preview(admin, table(FULL))
    assert (shown.state, counts(shown)) == (ImportState.READY, (1, 0, 0, 0))
    said = {change["column"]: change["new"] for change in shown.rows.get().changes}
    assert said["Clôture"] == "09/2026"
    assert said["Territoires"] == "d1 (département) ; r1 (région)"
    assert said["Enveloppe (€)"] == "250\u202f000\xa0€"
    assert nothing_written()


def test_a_confirmed_file_fills_every_field_and_is_on_the_pathways_it_serves(
    client: Client, world: SmallFrance, admin: Agent
) -> None:
    assert load(admin, table(FULL)).state == ImportState.DONE
    made = edition()
    assert made.scheme.slug == "fonds-r1"
    assert (made.title, made.year, made.publication) == ("Fonds R1 2026", 2026, "publie")
    assert (made.opens_on, made.closes_on, made.results_on) == ("2026-06-02", "2026-09", None)
    assert (made.envelope, made.envelope_nature, made.applicants) == (250000, "vote", 12)
    assert set(made.stages.values_list("slug", flat=True)) == {"emergence", "creation"}
    assert list(made.themes.values_list("slug", flat=True)) == ["numerique"]
    assert made.entry_modes == ["projet"]
    assert set(made.fundings.values_list("funder__slug", "amount", "nature")) == {
        ("region-r1", 120000.5, "vote"),
        ("region-r2", None, ""),
    }
    assert set(made.own_coverage.values_list("territory__code", "excluded")) == {
        ("r1", False),
        ("d1", False),
        ("01001", True),
    }
    assert "Fonds R1 2026" in client.get(world.b.get_absolute_url()).content.decode()
    assert "Fonds R1 2026" not in client.get(world.a.get_absolute_url()).content.decode()


def test_the_same_file_again_changes_nothing(world: SmallFrance, admin: Agent) -> None:
    load(admin, table(FULL))
    again = preview(admin, table(FULL))
    assert counts(again) == (0, 0, 1, 0)
    with pytest.raises(NotNowError, match="rien à charger"):
        confirm(admin, again)


def test_a_changed_cell_is_shown_old_and_new_and_only_it_changes(
    world: SmallFrance, admin: Agent
) -> None:
    load(admin, table(FULL))
    funding = Funding.objects.get(funder__slug="region-r1")
    Funding.objects.filter(pk=funding.pk).update(note="par le fonds")
    zones = set(Coverage.objects.filter(edition=edition()).values_list("pk", flat=True))
    changed = load(admin, table(call(Clôture="01/10/2026", Financeurs="Région R1 : 130000 voté")))
    assert changed.rows.get().changes == [
        {
            "name": "closes_on",
            "column": "Clôture",
            "old": "09/2026",
            "new": "01/10/2026",
            "kept": False,
        },
        {
            "name": "fundings",
            "column": "Financeurs",
            "old": "Région R1\xa0: 120\u202f000,5\xa0€ voté ; Région R2",
            "new": "Région R1\xa0: 130\u202f000\xa0€ voté",
            "kept": False,
        },
    ]
    now = edition()
    assert (now.closes_on, now.opens_on, now.envelope) == ("2026-10-01", "2026-06-02", 250000)
    assert list(now.fundings.values_list("amount", "note")) == [(130000, "par le fonds")]
    assert set(now.own_coverage.values_list("pk", flat=True)) == zones


def test_what_changed_says_when_and_what_did_not_keeps_its_time(
    world: SmallFrance, admin: Agent
) -> None:
    load(admin, table(call(), call("autre-2026")))
    CallEdition.objects.update(updated_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    done = load(admin, table(call(Titre="Neuf"), call("autre-2026")))
    assert edition().updated_at.year > 2020
    assert edition("autre-2026").updated_at.year == 2020
    imports.undo(done, admin)
    assert (edition().title, edition().updated_at.year > 2020) == ("Fonds R1 2026", True)


def test_an_absent_column_leaves_and_an_empty_cell_empties(
    world: SmallFrance, admin: Agent
) -> None:
    load(admin, table(FULL))
    load(admin, table(call(Enveloppe="", Étapes="", Territoires="", Territoires_exclus="")))
    now = edition()
    assert (now.envelope, now.stages.count(), now.own_coverage.count()) == (None, 0, 0)
    assert now.closes_on == "2026-09"


def test_an_empty_publication_publishes_what_is_new_and_leaves_what_is_known(
    world: SmallFrance, admin: Agent
) -> None:
    CallEditionFactory(key="fonds-r1-2025", scheme__slug="x", publication="brouillon")
    draft = edition("fonds-r1-2025")
    rows = [call(Publication=""), {**call(draft.key, Publication=""), "Série": draft.scheme.slug}]
    load(admin, table(*rows))
    assert edition().publication == "publie"
    assert edition("fonds-r1-2025").publication == "brouillon"


def test_without_a_key_the_series_and_the_year_are_it(world: SmallFrance, admin: Agent) -> None:
    load(admin, table(call("", Année="2026")))
    assert edition("fonds-r1-2026").year == 2026


def test_an_unknown_series_is_created_once_and_the_preview_says_so(
    world: SmallFrance, admin: Agent
) -> None:
    rows = [
        {**call(f"coop-{year}", Type="concours", Année=str(year)), "Série": "Prix Coopération"}
        for year in (2025, 2026)
    ]
    shown = preview(admin, table(*rows))
    assert "Nouvelle série" in shown.rows.first().notes[0]
    confirm(admin, shown)
    made = FundingScheme.objects.get(slug="prix-cooperation")
    assert (made.name, made.kind, made.publication) == ("Prix Coopération", "concours", "publie")
    assert made.editions.count() == 2


def test_one_error_and_nothing_is_written_unless_the_good_rows_are_asked_for(
    world: SmallFrance, admin: Agent
) -> None:
    content = table(call(), call("autre-2026", Clôture="31/02/2026"))
    shown = preview(admin, content)
    assert counts(shown) == (1, 0, 0, 1)
    with pytest.raises(NotNowError, match="en erreur"):
        confirm(admin, shown)
    assert nothing_written()
    done = confirm(admin, shown, good_rows_only=True)
    assert (done.state, done.good_rows_only) == (ImportState.DONE, True)
    assert list(CallEdition.objects.values_list("key", flat=True)) == ["fonds-r1-2026"]


def test_a_cell_corrected_in_the_page_replaces_that_of_the_file(
    world: SmallFrance, admin: Agent
) -> None:
    shown = preview(admin, table(call(Clôture="31/02/2026")))
    imports.correct(shown, {"2": {"closes_on": "28/02/2026"}})
    shown = imports.work(shown.pk, "admin")
    assert counts(shown) == (1, 0, 0, 0)
    confirm(admin, shown)
    assert edition().closes_on == "2026-02-28"


def test_what_changed_since_the_preview_is_previewed_again(
    world: SmallFrance, admin: Agent
) -> None:
    load(admin, table(FULL))
    shown = preview(admin, table(call(Titre="Nouveau titre")))
    CallEdition.objects.update(title="Titre du site")
    after = confirm(admin, shown)
    assert after.state == ImportState.READY
    assert "ont changé depuis cet aperçu" in after.message
    assert edition().title == "Titre du site"


def test_an_older_preview_of_the_same_file_cannot_be_confirmed(
    world: SmallFrance, admin: Agent
) -> None:
    shown = preview(admin, table(call()))
    with pytest.raises(NotNowError, match="Un autre aperçu"):
        imports.ask_to_load(shown, digest="0" * 64, good_rows_only=False, overwrite=False)


@pytest.mark.parametrize("row", [FULL, call(), call(Publication="brouillon", Étapes="")])
def test_what_is_said_to_be_left_is_what_is_read_again(
    world: SmallFrance, admin: Agent, row: dict[str, str]
) -> None:
    done = load(admin, table(row))
    assert done.rows.get().after == digest(whole("fonds-r1-2026"))


class TestThreeWays:
    """(last import, base, file) -> what happens to the cell."""

    @pytest.mark.parametrize(
        ("by_hand", "in_file", "kept", "holds"),
        [
            (None, "A", 0, "A"),  # nobody touched it, the file says the same
            (None, "B", 0, "B"),  # the file changed
            ("C", "A", 1, "C"),  # corrected by hand, the file as before: the correction stays
            ("C", "B", 1, "C"),  # corrected by hand, the file changed too: the correction stays
            ("C", "C", 0, "C"),  # both say the same
        ],
    )
    def test_a_correction_is_kept(
        self,
        world: SmallFrance,
        admin: Agent,
        by_hand: str | None,
        in_file: str,
        kept: int,
        holds: str,
    ) -> None:
        load(admin, table(call(Titre="A")))
        if by_hand:
            CallEdition.objects.update(title=by_hand)
        shown = preview(admin, table(call(Titre=in_file, Contact="Service ESS")))
        assert shown.kept == kept
        confirm(admin, shown)
        assert (edition().title, edition().contact) == (holds, "Service ESS")

    def test_it_is_overwritten_on_request_and_alone_if_need_be(
        self, world: SmallFrance, admin: Agent
    ) -> None:
        load(admin, table(call(Titre="A")))
        CallEdition.objects.update(title="C")
        shown = preview(admin, table(call(Titre="A")))
        assert (counts(shown), shown.kept) == ((0, 0, 1, 0), 1)
        done = confirm(admin, shown, overwrite=True)
        assert edition().title == "A"
        assert (done.changed, done.left, done.kept, done.overwrote) == (1, 0, 0, True)

    def test_it_is_still_a_correction_after_an_import_that_kept_it(
        self, world: SmallFrance, admin: Agent
    ) -> None:
        load(admin, table(call(Titre="A")))
        CallEdition.objects.update(title="C")
        load(admin, table(call(Titre="A", Contact="Service")))
        assert preview(admin, table(call(Titre="A"))).kept == 1

    def test_terms_zones_and_amounts_are_corrections_too(
        self, world: SmallFrance, admin: Agent
    ) -> None:
        load(admin, table(FULL))
        made = edition()
        made.stages.clear()
        Funding.objects.filter(funder__slug="region-r1").update(amount=5)
        made.own_coverage.filter(excluded=True).delete()
        kept = {change["column"] for change in preview(admin, table(FULL)).rows.get().corrections}
        assert kept == {"Étapes", "Financeurs", "Territoires exclus"}

    def test_an_undone_import_counts_no_more(self, world: SmallFrance, admin: Agent) -> None:
        CallEditionFactory(key="k", scheme=FundingScheme.objects.get(slug="fonds-r1"), title="A")
        done = load(admin, table(call("k", Titre="B")))
        assert imports.undo(done, admin) == []
        shown = preview(admin, table(call("k", Titre="B")))
        assert (shown.changed, shown.kept) == (1, 0)


class TestUndo:
    def test_created_and_changed_calls_are_as_before(
        self, world: SmallFrance, admin: Agent
    ) -> None:
        scheme = FundingScheme.objects.get(slug="fonds-r1")
        old = CallEditionFactory(
            key="ancien", scheme=scheme, title="A", envelope=10, closes_on="2025", year=2025
        )
        FundingFactory(edition=old, funder__slug="etat", amount=7, note="note", source="s")
        covers(old, world.e1, valid_from=datetime.date(2024, 1, 1), source="z")
        before = whole("ancien")
        rows = [
            call("ancien", Titre="B", Financeurs="region-r1", Territoires="r1", Étapes="creation"),
            {**call("neuf-2026", Type="ami"), "Série": "Série neuve"},
        ]
        done = load(admin, table(*rows))
        assert whole("ancien") != before
        assert imports.undo(done, admin) == []
        assert whole("ancien") == before
        assert not CallEdition.objects.filter(key="neuf-2026").exists()
        assert not FundingScheme.objects.filter(name="Série neuve").exists()
        done.refresh_from_db()
        assert (done.state, done.undone_by) == (ImportState.UNDONE, "admin")

    @pytest.mark.parametrize(
        ("touch", "says"),
        [
            (lambda: CallEdition.objects.update(title="Autre"), "modifié à la main depuis"),
            (lambda: edition().stages.clear(), "modifié à la main depuis"),
            (lambda: Funding.objects.update(note="x"), "modifié à la main depuis"),
            (lambda: edition().own_coverage.all().delete(), "modifié à la main depuis"),
            (lambda: edition().delete(), "supprimé depuis"),
            (lambda: LaureateFactory(edition=edition()), "ajouté depuis des lauréats"),
        ],
    )
    def test_nothing_is_undone_once_a_row_was_touched(
        self, world: SmallFrance, admin: Agent, touch: Any, says: str
    ) -> None:
        done = load(admin, table(FULL, call("autre-2026")))
        touch()
        obstacles = imports.undo(done, admin)
        assert says in obstacles[0].reason
        assert obstacles[0].line == 2
        assert CallEdition.objects.filter(key="autre-2026").exists()
        done.refresh_from_db()
        assert done.state == ImportState.DONE

    def test_a_later_import_stands_in_the_way_until_it_is_undone(
        self, world: SmallFrance, admin: Agent
    ) -> None:
        first = load(admin, table(call(Titre="A")))
        second = load(admin, table(call(Titre="B")))
        [obstacle] = imports.undo(first, admin)
        assert f"n° {second.pk}" in obstacle.reason.replace("\xa0", " ")
        assert imports.undo(second, admin) == []
        assert edition().title == "A"
        assert imports.undo(first, admin) == []
        assert nothing_written()

    def test_a_series_completed_since_stays(self, world: SmallFrance, admin: Agent) -> None:
        row = {**call("neuf-2026", Type="ami"), "Série": "Série neuve"}
        done = load(admin, table(row))
        FundingScheme.objects.filter(name="Série neuve").update(description="Complétée")
        assert "complétée depuis" in imports.undo(done, admin)[0].reason

    def test_only_what_is_loaded_can_be_undone(self, world: SmallFrance, admin: Agent) -> None:
        with pytest.raises(NotNowError):
            imports.undo(preview(admin, table(call())), admin)


def whole(key: str) -> Any:
    from directory.importing.states import states_of

    return states_of([key])[key].whole


class TestExport:
    @pytest.mark.parametrize("extension", ["csv", "xlsx"])
    def test_what_is_exported_comes_back_as_nothing_to_change(
        self, world: SmallFrance, admin: Agent, extension: str
    ) -> None:
        load(admin, table(FULL))
        hostile = CallEditionFactory(
            scheme=FundingScheme.objects.get(slug="national"),
            key="hostile",
            title='=1+1;"l’autre",\nligne',
            note="+33 1",
            contact="-x",
            contact_phone="+33 2 99",
            caveat="'déjà",
            publication="brouillon",
            envelope="1234.50",
            entry_modes=["besoin", "projet"],
        )
        covers(hostile, world.e2, excluded=True)
        covers(hostile, world.france)
        vocabulary = Vocabulary()
        dataset = output.calls_dataset(CallEdition.objects.order_by("pk"), vocabulary)
        content = (
            output.as_csv(dataset) if extension == "csv" else output.as_xlsx(dataset, vocabulary)
        )
        shown = preview(admin, content)
        assert errors(shown) == []
        assert [row.changes for row in shown.rows.all()] == [[], []]
        assert counts(shown) == (0, 0, 2, 0)

    @pytest.mark.parametrize("extension", ["csv", "xlsx"])
    def test_the_template_is_read_and_its_example_says_what_it_lacks(
        self, world: SmallFrance, admin: Agent, extension: str
    ) -> None:
        dataset = output.template_dataset()
        content = (
            output.as_csv(dataset) if extension == "csv" else output.as_xlsx(dataset, Vocabulary())
        )
        shown = preview(admin, content)
        assert shown.state == ImportState.READY
        assert shown.ignored_headings == []
        assert {column for _, column, _ in errors(shown)} == {"Territoires", "Financeurs"}


def test_old_and_numerous_previews_are_purged_and_loads_are_kept(
    world: SmallFrance, admin: Agent
) -> None:
    done = load(admin, table(call()))
    for _ in range(imports.MOST_PENDING + 2):
        preview(admin, table(call(Titre="X")))
    assert CallImport.objects.filter(state=ImportState.READY).count() == imports.MOST_PENDING
    CallImport.objects.update(created_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert imports.purge() == imports.MOST_PENDING
    assert list(CallImport.objects.all()) == [done]
