"""The pages of imports: every state has its page, what was sent is kept, nothing is a 5xx."""

import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from directory.calls.carry_over import AlreadyThereError, carry_over
from directory.importing import imports, running
from directory.importing.rights import Agent
from directory.models import CallEdition, CallImport, Coverage, FundingScheme, ImportState
from tests.directory.importing.conftest import call, edition, load, preview, table
from tests.factories import (
    CallEditionFactory,
    FundingFactory,
    LaureateFactory,
    SmallFrance,
    StageFactory,
    covers,
)


@pytest.fixture
def agent(client: Client, world: SmallFrance, admin: Agent) -> Client:
    client.force_login(admin.user)
    return client


def send(client: Client, content: bytes, name: str = "appels.csv") -> Any:
    return client.post(
        "/agents/imports/", {"fichier": SimpleUploadedFile(name, content)}, follow=True
    )


def text(response: Any) -> str:
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def the_import() -> CallImport:
    return CallImport.objects.get()


def test_from_the_upload_to_the_call_and_back(agent: Client) -> None:
    content = table(call(), call("autre-2026", Clôture="31/02/2026"))
    page = text(send(agent, content))
    assert "Ce qui changerait" in page
    assert "n’existe pas : ce mois-là a 28 jours" in page
    assert 'name="cellule-3-closes_on"' in page
    where = f"/agents/imports/{the_import().pk}/"
    page = text(agent.post(f"{where}corriger/", {"cellule-3-closes_on": "mars 2026"}, follow=True))
    assert "2 nouveaux appels" in page
    page = text(agent.post(f"{where}charger/", {"apercu": the_import().digest}, follow=True))
    assert "Import chargé" in page
    assert edition("autre-2026").closes_on == "2026-03"
    assert "Annuler cet import ?" in text(agent.get(f"{where}annuler/"))
    assert "tout est comme avant" in text(agent.post(f"{where}annuler/", follow=True))
    assert not CallEdition.objects.exists()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "Choisissez un fichier."),
        ({"fichier": "pas un fichier"}, "Choisissez un fichier."),
        ({"fichier": SimpleUploadedFile("x.csv", b"")}, "Ce fichier est vide."),
    ],
)
def test_what_is_not_a_file_is_told(agent: Client, files: dict[str, Any], says: str) -> None:
    response = agent.post("/agents/imports/", files, follow=True)
    assert response.status_code in (200, 400)
    assert says in text(response)


def test_a_form_of_100_mb_is_refused_without_being_read(agent: Client) -> None:
    class Unread(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("the body was read")

    response = agent.generic(
        "POST",
        "/agents/imports/",
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(100 * 1024 * 1024),
        **{"wsgi.input": Unread()},
    )
    assert response.status_code == 413
    assert "dépasse 10 Mo" in text(response)
    assert not CallImport.objects.exists()


def test_a_file_over_the_limit_is_told(agent: Client) -> None:
    response = send(agent, b"x" * (10 * 1024 * 1024 + 1))
    assert response.status_code == 400
    assert "dépasse 10 Mo" in text(response)


def test_an_undo_that_cannot_be_says_which_rows_and_why(agent: Client, admin: Agent) -> None:
    done = load(admin, table(call()))
    CallEdition.objects.update(title="Corrigé")
    response = agent.post(f"/agents/imports/{done.pk}/annuler/")
    assert response.status_code == 409
    assert "« Fonds R1 2026 » : il a été modifié à la main depuis" in text(response)


def test_confirming_with_errors_says_what_to_do(agent: Client, admin: Agent) -> None:
    shown = preview(admin, table(call(), call("b", Clôture="jamais")))
    form = {"apercu": shown.digest}
    page = text(agent.post(f"/agents/imports/{shown.pk}/charger/", form, follow=True))
    assert "Des lignes sont en erreur" in page
    form["lignes_bonnes"] = "on"
    assert "Import chargé" in text(
        agent.post(f"/agents/imports/{shown.pk}/charger/", form, follow=True)
    )


def test_corrections_are_shown_and_overwritten_on_request(agent: Client, admin: Agent) -> None:
    load(admin, table(call(Titre="A")))
    CallEdition.objects.update(title="Corrigé")
    shown = preview(admin, table(call(Titre="A")))
    page = text(agent.get(f"/agents/imports/{shown.pk}/"))
    assert "Titre : le site dit « Corrigé », le fichier « A »" in page
    form = {"apercu": shown.digest, "ecraser": "on"}
    agent.post(f"/agents/imports/{shown.pk}/charger/", form)
    assert edition().title == "A"


@pytest.mark.parametrize(
    "query",
    ["effet=x", "page=x", "page=0", "page=99999999999", "effet=%00", "effet=laisser&page=7"],
)
def test_any_filter_is_answered(agent: Client, admin: Agent, query: str) -> None:
    shown = preview(admin, table(call()))
    assert agent.get(f"/agents/imports/{shown.pk}/?{query}").status_code in (200, 400)


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("charger", {}),
        ("charger", {"apercu": "x" * 1000}),
        ("charger", {"apercu": "\x00"}),
        ("corriger", {"cellule-99999999-closes_on": "x", "cellule-2-inconnue": "y"}),
        ("corriger", {"cellule-2-title": "\x00"}),
        ("corriger", {"cellule-2-title": "x" * 100_000}),
        ("corriger", {f"cellule-{n}-title": "x" for n in range(600)}),
        ("relancer", {}),
        ("abandonner", {}),
    ],
)
def test_any_form_is_answered(
    agent: Client, admin: Agent, action: str, form: dict[str, str]
) -> None:
    shown = preview(admin, table(call()))
    response = agent.post(f"/agents/imports/{shown.pk}/{action}/", form, follow=True)
    assert response.status_code in (200, 400)
    assert not CallEdition.objects.exists()


def test_a_text_of_the_file_is_never_markup(agent: Client, admin: Agent) -> None:
    hostile = "<script>alert(1)</script>"
    shown = preview(admin, table(call(Titre=hostile, Étapes=hostile)))
    for effect in ("erreur", "creer"):
        page = agent.get(f"/agents/imports/{shown.pk}/?effet={effect}").content
        assert b"<script>alert" not in page


@pytest.mark.parametrize("rows", [1, 50])
def test_a_page_costs_the_same_whatever_the_number_of_rows(
    agent: Client, admin: Agent, rows: int
) -> None:
    shown = preview(admin, table(*(call(f"k-{n}") for n in range(rows))))
    for address, most in (
        (f"/agents/imports/{shown.pk}/", 8),
        ("/agents/imports/", 6),
        ("/agents/appels/", 6),
    ):
        with CaptureQueriesContext(connection) as queries:
            agent.get(address)
        assert len(queries) <= most, [query["sql"] for query in queries]


class TestWorkThatDied:
    def test_it_is_said_and_can_be_taken_up(self, agent: Client, admin: Agent) -> None:
        received = imports.receive(admin, "appels.csv", table(call()))
        where = f"/agents/imports/{received.pk}/"
        assert "On lit votre fichier" in text(agent.get(where))
        assert "Relancer" not in text(agent.get(where))
        old = timezone.now() - datetime.timedelta(minutes=1)
        CallImport.objects.update(asked_at=old)
        assert "Le travail s’est interrompu" in text(agent.get(where))
        assert "Ce qui changerait" in text(agent.post(f"{where}relancer/", follow=True))

    def test_an_error_of_ours_is_told_and_nothing_is_written(
        self, agent: Client, admin: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = preview(admin, table(call()))
        monkeypatch.setattr(imports, "apply_plan", lambda *args, **options: 1 / 0)
        form = {"apercu": shown.digest}
        page = text(agent.post(f"/agents/imports/{shown.pk}/charger/", form, follow=True))
        assert "Une erreur de notre côté" in page
        assert the_import().state == ImportState.READY
        assert not CallEdition.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_long_file_is_read_and_loaded_beside_the_request_with_its_progress(
    client: Client, world: SmallFrance, admin: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[Any] = []
    thread = running.threading.Thread

    def remembered(*args: Any, **options: Any) -> Any:
        threads.append(thread(*args, **options))
        return threads[-1]

    monkeypatch.setattr(running.threading, "Thread", remembered)
    client.force_login(admin.user)
    rows = [call(f"fonds-{n}", Titre="Un titre assez long " * 10) for n in range(1000)]
    send(client, table(*rows))
    threads[0].join()
    assert (the_import().state, the_import().done, the_import().created) == ("pret", 1000, 1000)
    where = f"/agents/imports/{the_import().pk}/"
    client.post(f"{where}charger/", {"apercu": the_import().digest})
    threads[1].join()
    assert the_import().state == ImportState.DONE
    assert CallEdition.objects.count() == 1000


class TestCarryOver:
    @pytest.fixture
    def last(self, world: SmallFrance) -> CallEdition:
        made = CallEditionFactory(
            scheme=FundingScheme.objects.get(slug="fonds-r1"),
            key="fonds-r1-2025",
            title="Fonds R1 2025",
            year=2025,
            opens_on="2025-01",
            closes_on="2025-03-01",
            results_on="2025-06",
            envelope=100,
            envelope_nature="vote",
            applicants=12,
            selected=3,
            caveat="Chiffres de 2025",
            source_date="2025",
            contact="Service",
            link="https://exemple.fr/fonds",
            entry_modes=["projet"],
        )
        made.stages.add(StageFactory(slug="creation"))
        FundingFactory(edition=made, funder__slug="etat", amount=5, nature="vote")
        FundingFactory(edition=made, funder=made.fundings.get().funder, amount=6, nature="verse")
        covers(made, world.d1)
        covers(made, world.a, valid_until=datetime.date(2024, 1, 1))
        LaureateFactory(edition=made)
        return made

    def test_the_draft_has_what_lasts_and_nothing_of_the_year(self, last: CallEdition) -> None:
        draft = carry_over(last, 2026)
        draft.refresh_from_db()
        assert (draft.key, draft.title, draft.year) == ("fonds-r1-2026", "Fonds R1 2026", 2026)
        assert draft.publication == "brouillon"
        assert (draft.contact, draft.link, draft.entry_modes) == (
            "Service",
            "https://exemple.fr/fonds",
            ["projet"],
        )
        of_the_year = ("opens_on", "closes_on", "results_on", "envelope", "applicants", "selected")
        assert [getattr(draft, name) for name in of_the_year] == [None] * 6
        assert (draft.envelope_nature, draft.caveat, draft.source_date) == ("", "", None)
        assert list(draft.stages.values_list("slug", flat=True)) == ["creation"]
        assert list(draft.fundings.values_list("funder__slug", "amount")) == [("etat", None)]
        assert list(draft.own_coverage.values_list("territory__code", flat=True)) == ["d1"]
        assert not draft.laureates.exists()
        last.refresh_from_db()
        assert (last.title, last.laureates.count(), last.fundings.count()) == (
            "Fonds R1 2025",
            1,
            2,
        )

    def test_a_year_that_is_there_is_refused(self, last: CallEdition) -> None:
        carry_over(last, 2026)
        with pytest.raises(AlreadyThereError, match="déjà une édition 2026"):
            carry_over(last, 2026)

    def test_by_the_button_of_the_space(self, agent: Client, last: CallEdition) -> None:
        year = timezone.localdate().year
        assert f"Reprendre en {year}" in text(agent.get("/agents/appels/"))
        where = f"/agents/appels/{last.key}/reprendre/"
        assert "en brouillon" in text(agent.post(where, {"annee": year}, follow=True))
        assert "a déjà une édition" in text(agent.post(where, {"annee": year}, follow=True))
        assert "Choisissez cette année" in text(agent.post(where, {"annee": "1"}, follow=True))
        assert CallEdition.objects.count() == 2

    def test_by_the_action_of_the_administration(self, agent: Client, last: CallEdition) -> None:
        form = {"action": "carry_over", "_selected_action": [last.pk]}
        page = agent.post(reverse("admin:directory_calledition_changelist"), form, follow=True)
        assert "est en brouillon" in text(page)
        assert CallEdition.objects.get(year=2026).publication == "brouillon"

    def test_a_draft_given_its_dates_by_a_file_is_published(
        self, admin: Agent, last: CallEdition
    ) -> None:
        draft = carry_over(last, 2026)
        load(admin, table(call(draft.key, Ouverture="02/01/2026", Publication="publié")))
        assert (edition().publication, edition().opens_on) == ("publie", "2026-01-02")


class TestAdministration:
    def test_the_list_leads_to_imports_and_exports(self, agent: Client, admin: Agent) -> None:
        load(admin, table(call()))
        address = reverse("admin:directory_calledition_changelist")
        page = text(agent.get(address))
        assert reverse("call_imports") in page
        for action in ("export_csv", "export_xlsx"):
            form = {"action": action, "_selected_action": [edition().pk]}
            response = agent.post(address, form)
            assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
            shown = preview(admin, response.content)
            assert (shown.left, shown.total) == (1, 1)

    def test_an_import_is_read_and_never_changed_there(self, agent: Client, admin: Agent) -> None:
        done = load(admin, table(call()))
        address = reverse("admin:directory_callimport_change", args=[done.pk])
        assert f"/agents/imports/{done.pk}/" in text(agent.get(address))
        assert agent.post(address, {"state": "pret"}).status_code == 403
        delete = reverse("admin:directory_callimport_delete", args=[done.pk])
        assert agent.post(delete, {"post": "yes"}).status_code == 403


class TestCommand:
    @pytest.fixture
    def file(self, tmp_path: Path, world: SmallFrance) -> Path:
        path = tmp_path / "appels.csv"
        path.write_bytes(table(call(Contact="Service")))
        return path

    def run(self, *arguments: Any, **options: Any) -> str:
        out = io.StringIO()
        call_command("import_calls", *arguments, stdout=out, **options)
        return out.getvalue().replace("\xa0", " ")

    def test_by_default_it_shows_and_leaves_no_trace(self, file: Path) -> None:
        said = self.run(file)
        assert "1 à créer" in said
        assert "rien n’est écrit" in said
        assert not CallImport.objects.exists()
        assert not CallEdition.objects.exists()

    def test_it_loads_lists_and_undoes(self, file: Path) -> None:
        assert "Chargé : 1 créé(s)" in self.run(file, load=True)
        assert "Rien à changer" in self.run(file, load=True)
        number = the_import().pk
        assert f"n° {number}" in self.run(list=True)
        assert "ligne de commande" in self.run(list=True)
        assert "est annulé" in self.run(undo=number)
        assert not CallEdition.objects.exists()
        with pytest.raises(CommandError, match="annulé"):
            self.run(undo=number)

    def test_it_shows_each_cell_and_keeps_corrections_unless_told(self, file: Path) -> None:
        self.run(file, load=True)
        CallEdition.objects.update(contact="Corrigé")
        said = self.run(file, load=True)
        assert "corrigé sur le site (« Corrigé »), gardé" in said
        assert edition().contact == "Corrigé"
        self.run(file, load=True, overwrite_corrections=True)
        assert edition().contact == "Service"

    def test_errors_are_spelt_out_and_fail(self, file: Path) -> None:
        file.write_bytes(table(call(), call("b", Clôture="jamais")))
        with pytest.raises(CommandError, match="en erreur"):
            self.run(file, load=True)
        assert not CallEdition.objects.exists()
        assert not CallImport.objects.exists()
        assert "n’est pas une date" in self.run(file, load_good_rows=True)
        assert CallEdition.objects.count() == 1

    def test_it_has_the_rights_of_the_region_it_is_given(self, file: Path) -> None:
        file.write_bytes(table({**call(), "Série": "fonds-r2"}))
        with pytest.raises(CommandError, match="en erreur"):
            self.run(file, region="r1")
        assert "1 à créer" in self.run(file, region="r2")

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({}, "Donnez un fichier"),
            ({"user": "personne"}, "n’existe pas"),
            ({"region": "zz"}, "aucune région"),
            ({"undo": 99}, "Il n’y a pas d’import"),
        ],
    )
    def test_what_cannot_be_is_told(
        self, world: SmallFrance, options: dict[str, Any], says: str
    ) -> None:
        with pytest.raises(CommandError) as refused:
            self.run(**options)
        assert says in str(refused.value).replace("\xa0", " ")

    def test_a_hostile_or_missing_file_is_told(self, tmp_path: Path, world: SmallFrance) -> None:
        with pytest.raises(CommandError, match="ne se lit pas"):
            self.run(tmp_path / "absent.csv")
        path = tmp_path / "x.pdf"
        path.write_bytes(b"%PDF-1.7")
        with pytest.raises(CommandError, match="est un PDF"):
            self.run(path)
        path.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
        with pytest.raises(CommandError, match="10"):
            self.run(path)
        assert not CallImport.objects.exists()

    def test_it_purges(self, world: SmallFrance, admin: Agent) -> None:
        preview(admin, table(call()))
        CallImport.objects.update(created_at=timezone.now() - datetime.timedelta(days=8))
        assert "1 aperçu(s)" in self.run(purge=7)


def test_coverage_of_old_communes_survives_a_change(world: SmallFrance, admin: Agent) -> None:
    from regions.models import Kind, Territory

    old = Territory.objects.create(
        kind=Kind.FORMER, code="01099", name="Vieille", successor=world.a
    )
    made = CallEditionFactory(key="k", scheme=FundingScheme.objects.get(slug="fonds-r1"))
    covers(made, old)
    load(admin, table(call("k", Territoires="ancienne:01099 ; r1")))
    assert Coverage.objects.filter(edition=made, territory=old).exists()
