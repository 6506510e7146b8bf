"""Nobody reads or changes anything of another Région: every address, field, button and file."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from directory.importing import imports
from directory.importing.rights import Agent, rights_of
from directory.models import CallEdition, CallImport, Coverage, FundingScheme, ImportState, Officer
from tests.directory.importing.conftest import call, errors, load, preview, table
from tests.factories import (
    CallEditionFactory,
    FundingFactory,
    FundingSchemeFactory,
    SmallFrance,
    covers,
)

SECRET = "Secret de R2"


@pytest.fixture
def elsewhere(world: SmallFrance, admin: Agent) -> dict[str, Any]:
    """Région r2's draft call and series, and its officer's import in each state."""
    user = User.objects.create_user("agent-r2", password="agent-r2")
    Officer.objects.create(user=user, region=world.r2)
    other = Agent(user, world.r2)
    scheme = FundingScheme.objects.get(slug="fonds-r2")
    draft = CallEditionFactory(
        key="secret-2026", scheme=scheme, title=SECRET, publication="brouillon", year=2026
    )
    hidden = FundingSchemeFactory(
        slug="serie-secrete", name="Série secrète", publication="brouillon"
    )
    covers(hidden, world.r2)
    return {
        "agent": other,
        "draft": draft,
        "hidden": hidden,
        "ready": preview(other, table({**call("r2-2026"), "Série": "fonds-r2", "Titre": SECRET})),
        "done": load(other, table({**call("r2-2027"), "Série": "fonds-r2", "Titre": SECRET})),
    }


def addresses() -> dict[str, URLPattern]:
    """All the addresses of the space of agents, by name."""
    found = {}
    for pattern in get_resolver().url_patterns:
        for one in getattr(pattern, "url_patterns", []):
            if str(one.pattern).startswith("agents/"):
                found[one.name] = one
    return found


OPEN = {"agent_sign_in", "agent_sign_out"}


def address(pattern: URLPattern, call_import: CallImport, edition: CallEdition) -> str:
    known = {"pk": call_import.pk, "key": edition.key, "extension": "csv"}
    return reverse(
        str(pattern.name), kwargs={name: known[name] for name in pattern.pattern.converters}
    )


def test_the_walk_knows_every_address() -> None:
    assert len(addresses()) >= 17
    assert set(addresses()) > OPEN


def asked(client: Client, call_import: CallImport, edition: CallEdition) -> Iterator[Any]:
    """(name, pattern, answer) of every address, by GET and by POST."""
    form = {"annee": "2027", "apercu": call_import.digest, "lignes_bonnes": "on"}
    for name, pattern in sorted(addresses().items()):
        if name not in OPEN:
            where = address(pattern, call_import, edition)
            yield f"GET {name}", pattern, client.get(where)
            yield f"POST {name}", pattern, client.post(where, form)


def test_every_address_asks_a_visitor_to_sign_in(client: Client, elsewhere: dict[str, Any]) -> None:
    for name, _, answer in asked(client, elsewhere["ready"], elsewhere["draft"]):
        assert answer.status_code in (302, 405), name
        if answer.status_code == 302:
            assert answer["Location"].startswith("/agents/connexion/"), name
        assert answer["Cache-Control"] == "private, no-store", name


@pytest.mark.parametrize("kind", ["nobody", "staff", "superuser without staff"])
def test_every_address_refuses_an_account_without_a_region(
    client: Client, elsewhere: dict[str, Any], kind: str
) -> None:
    user = User.objects.create_user(
        "x", is_staff=kind == "staff", is_superuser=kind.startswith("superuser")
    )
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    for name, _, answer in asked(client, elsewhere["ready"], elsewhere["draft"]):
        assert answer.status_code in (403, 405), name
        assert answer["Cache-Control"] == "private, no-store", name


@pytest.mark.parametrize("state", ["ready", "done"])
def test_every_address_shows_and_gives_an_officer_nothing_of_another_region(
    client: Client, officer: Agent, elsewhere: dict[str, Any], state: str
) -> None:
    before = everything_of(elsewhere)
    client.force_login(officer.user)
    for name, pattern, answer in asked(client, elsewhere[state], elsewhere["draft"]):
        if {"pk", "key"} & pattern.pattern.converters.keys():
            assert answer.status_code in (404, 405), name
        content = answer.content.decode("utf-8-sig")
        for said in (SECRET, "secret-2026", "r2-2026", "r2-2027", "agent-r2", "Série secrète"):
            assert said not in content, name
        assert answer["Cache-Control"] == "private, no-store", name
        assert everything_of(elsewhere) == before, name


def everything_of(elsewhere: dict[str, Any]) -> Any:
    """All that Région r2 has, as it stands."""
    imports_ = CallImport.objects.filter(region=elsewhere["agent"].region).order_by("pk")
    return (
        list(imports_.values_list("pk", "state", "digest", "corrections")),
        list(CallEdition.objects.order_by("pk").values()),
        list(FundingScheme.objects.order_by("pk").values()),
        list(Coverage.objects.order_by("pk").values()),
    )


FILES: dict[str, tuple[dict[str, str], str]] = {
    "its draft, by key": (
        {"Clé": "secret-2026", "Série": "fonds-r2", "Titre": "Pris"},
        "qui n’est pas propre à votre région",
    ),
    "its draft, by key and our series": (
        {"Clé": "secret-2026"},
        "qui n’est pas propre à votre région",
    ),
    "its series": ({"Série": "fonds-r2"}, "La série « Fonds R2 » n’est pas propre à votre région"),
    "a national series": ({"Série": "National"}, "n’est pas propre à votre région"),
    "its territory": ({"Territoires": "region:r2"}, "n’est pas tout entier dans votre région"),
    "the country": ({"Territoires": "France entière"}, "n’est pas tout entier dans votre région"),
    "an EPCI over both": ({"Territoires": "epci:e2"}, "n’est pas tout entier dans votre région"),
    "its commune": ({"Territoires": "commune:01004"}, "n’est pas tout entier dans votre région"),
    "its territory, excluded": (
        {"Territoires": "region:r1", "Territoires exclus": "departement:d2"},
        "n’est pas tout entier dans votre région",
    ),
    "its money": ({"Financeurs": "Région R2"}, "ne peut pas engager une autre Région"),
    "a new series of nowhere": (
        {"Série": "Neuve", "Type": "ami", "Territoires": ""},
        "dites sur quels territoires",
    ),
    "a new series of everywhere": (
        {"Série": "Neuve", "Type": "ami", "Territoires": "country:france"},
        "n’est pas tout entier dans votre région",
    ),
}


@pytest.mark.parametrize(("cells", "says"), FILES.values(), ids=FILES)
def test_no_file_of_an_officer_touches_another_region(
    officer: Agent, elsewhere: dict[str, Any], cells: dict[str, str], says: str
) -> None:
    before = everything_of(elsewhere)
    shown = preview(officer, table({**call(), **cells}))
    assert shown.created + shown.changed == 0
    said = " ".join(message for _, _, message in errors(shown)).replace("\xa0", " ")
    assert says in said
    assert SECRET not in said
    assert everything_of(elsewhere) == before


def test_a_draft_series_of_elsewhere_is_as_if_it_were_not(
    officer: Agent, elsewhere: dict[str, Any]
) -> None:
    row = {**call("neuf-2026", Type="ami", Territoires="r1"), "Série": "Série secrète"}
    shown = load(officer, table(row))
    made = CallEdition.objects.get(key="neuf-2026").scheme
    assert (made.slug, made.pk == elsewhere["hidden"].pk) == ("serie-secrete-2", False)
    assert "ressemble" not in str(shown.rows.get().notes)


def test_an_officer_does_all_of_it_in_their_own_region(
    client: Client, officer: Agent, world: SmallFrance
) -> None:
    rows = [
        call(Territoires="departement:d1", Financeurs="Région R1 : 5 voté"),
        {**call("neuf-2026", Type="ami", Territoires="commune:01001"), "Série": "Neuve"},
    ]
    done = load(officer, table(*rows))
    assert (done.created, done.region) == (2, world.r1)
    again = load(officer, table({**call("neuf-2026", Titre="Autre"), "Série": "Neuve"}))
    assert again.changed == 1
    assert imports.undo(again, officer) == []
    assert imports.undo(done, officer) == []


def test_an_officer_sees_the_calls_of_their_own_region_drafts_included(
    client: Client, officer: Agent, elsewhere: dict[str, Any]
) -> None:
    scheme = FundingScheme.objects.get(slug="fonds-r1")
    CallEditionFactory(scheme=scheme, key="ici-2026", publication="brouillon", year=2025)
    client.force_login(officer.user)
    assert "ici-2026" in client.get("/agents/imports/appels.csv").content.decode()
    assert "ici-2026" in client.get("/agents/appels/").content.decode()


@pytest.mark.parametrize(
    "give",
    [
        lambda world, scheme, edition: covers(scheme, world.r2),
        lambda world, scheme, edition: covers(scheme, world.france),
        lambda world, scheme, edition: covers(edition, world.e2),
        lambda world, scheme, edition: covers(scheme, world.d2, excluded=True),
        lambda world, scheme, edition: Coverage.objects.all().delete(),
    ],
    ids=["another region", "the country", "an EPCI over both", "excluded elsewhere", "no zone"],
)
def test_a_series_is_of_a_region_only_when_all_its_zones_are(
    world: SmallFrance, give: Callable[..., Any]
) -> None:
    scheme = FundingScheme.objects.get(slug="fonds-r1")
    edition = CallEditionFactory(scheme=scheme, publication="brouillon")
    assert rights_of(world.r1).schemes == {"fonds-r1"}
    give(world, scheme, edition)
    assert "fonds-r1" not in rights_of(world.r1).schemes


def test_being_a_funder_does_not_make_a_series_ones_own(world: SmallFrance) -> None:
    edition = CallEditionFactory(scheme=FundingScheme.objects.get(slug="national"))
    FundingFactory(edition=edition, funder__slug="r1", funder__territory=world.r1)
    assert rights_of(world.r1).schemes == {"fonds-r1"}


def test_rights_are_those_of_the_confirmation_not_of_the_preview(
    world: SmallFrance, officer: Agent
) -> None:
    shown = preview(officer, table(call()))
    covers(FundingScheme.objects.get(slug="fonds-r1"), world.r2)
    imports.ask_to_load(shown, digest=shown.digest, good_rows_only=False, overwrite=False)
    assert imports.work(shown.pk, "x").state == ImportState.READY
    assert not CallEdition.objects.exists()


def test_an_undo_is_refused_once_the_series_is_no_longer_ones_own(
    world: SmallFrance, officer: Agent
) -> None:
    done = load(officer, table(call()))
    covers(FundingScheme.objects.get(slug="fonds-r1"), world.r2)
    [obstacle] = imports.undo(done, officer)
    assert "propre à votre région" in obstacle.reason.replace("\xa0", " ")


def test_an_officer_who_changed_region_sees_only_the_new_ones(
    client: Client, world: SmallFrance, officer: Agent
) -> None:
    done = load(officer, table(call()))
    Officer.objects.update(region=world.r2)
    client.force_login(officer.user)
    assert client.get(f"/agents/imports/{done.pk}/").status_code == 404


def test_a_disabled_account_is_out(client: Client, officer: Agent) -> None:
    client.force_login(officer.user)
    User.objects.filter(pk=officer.user.pk).update(is_active=False)
    assert client.get("/agents/imports/").status_code == 302


def test_officers_have_no_way_into_the_administration(client: Client, officer: Agent) -> None:
    client.force_login(officer.user)
    for name in ("index", "directory_calledition_changelist", "directory_callimport_changelist"):
        assert client.get(reverse(f"admin:{name}")).status_code == 302


def test_signing_in_and_out(client: Client, officer: Agent) -> None:
    page = client.get("/agents/imports/?page=1")
    assert page["Location"] == "/agents/connexion/?next=/agents/imports/%3Fpage%3D1"
    wrong = client.post("/agents/connexion/", {"username": "agente", "password": "non"})
    assert "Le nom du compte ou le mot de passe ne convient pas" in wrong.content.decode()
    assert {"private", "no-store"} <= set(wrong["Cache-Control"].split(", "))
    form = {"username": "agente", "password": "agente", "next": "https://ailleurs.exemple/"}
    assert client.post("/agents/connexion/", form)["Location"] == "/agents/imports/"
    assert client.get("/agents/deconnexion/").status_code == 405
    assert client.post("/agents/deconnexion/")["Location"] == "/"
    assert client.get("/agents/imports/").status_code == 302


def test_every_form_without_its_token_is_refused(officer: Agent, world: SmallFrance) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer.user)
    shown = preview(officer, table(call()))
    edition = CallEditionFactory(scheme=FundingScheme.objects.get(slug="fonds-r1"))
    for name, _, answer in asked(client, shown, edition):
        assert not name.startswith("POST") or answer.status_code in (403, 405), name
    shown.refresh_from_db()
    assert shown.state == ImportState.READY
    assert CallEdition.objects.count() == 1


def test_the_progress_says_no_more_than_numbers(
    client: Client, officer: Agent, world: SmallFrance
) -> None:
    client.force_login(officer.user)
    shown = preview(officer, table(call()))
    response = client.get(f"/agents/imports/{shown.pk}/avancement.json")
    assert json.loads(response.content) == {"enCours": False, "faites": 1, "lignes": 1}


def test_a_file_is_sent_back_as_it_came_and_never_shown(
    client: Client, officer: Agent, world: SmallFrance
) -> None:
    client.force_login(officer.user)
    content = b"<script>alert(1)</script>"
    file = SimpleUploadedFile("../../x\r\n.HTML", content, "text/html")
    page = client.post("/agents/imports/", {"fichier": file}, follow=True)
    assert "est une page web" in page.content.decode().replace("\xa0", " ")
    sent = client.get(f"/agents/imports/{CallImport.objects.get().pk}/fichier/")
    assert sent.content == content
    assert sent["Content-Type"] == "application/octet-stream"
    assert sent["Content-Disposition"] == 'attachment; filename="appels.x"'
