"""The administration of everything: each list, form and search opens."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from directory.models import Need, Relay, Stage
from regions.models import PlaceName
from tests.directory.conftest import make_offer
from tests.factories import CallEditionFactory, SmallFrance, covers

MODELS = [
    model for model in admin.site._registry if model._meta.app_label in ("directory", "regions")
]


@pytest.fixture
def administrator(client: Client, france: SmallFrance) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    made = make_offer(france.d1, operator__name="Fabrique")
    edition = CallEditionFactory()
    covers(edition, france.d1)
    stage = Stage.objects.get(slug="creation")
    Relay.objects.create(
        from_operator=made.operator, to_label="Suite", from_stage=stage, to_stage=stage, source="s"
    )
    Need.objects.create(commune=france.a, message="Rien ici")
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_list_search_and_form_open(administrator: Client, model: type) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    registered = admin.site._registry[model]
    assert administrator.get(reverse(f"{name}_changelist")).status_code == 200
    if registered.search_fields:
        assert administrator.get(reverse(f"{name}_changelist"), {"q": "fab"}).status_code == 200
    first = model.objects.first()
    if first:
        assert administrator.get(reverse(f"{name}_change", args=[first.pk])).status_code == 200


def test_a_broken_constraint_is_a_sentence_not_a_crash(
    administrator: Client, france: SmallFrance
) -> None:
    coverage = {"territory": france.a.pk, "valid_from": "2024-01-02", "valid_until": "2024-01-01"}
    response = administrator.post(reverse("admin:directory_coverage_add"), coverage)
    page = response.content.decode()
    assert response.status_code == 200
    assert "La date de fin doit être postérieure à la date de début." in page
    assert "Une zone porte sur un seul opérateur, offre, dispositif ou édition d’appel." in page


def test_publishing_without_source_is_refused_with_a_reason(
    administrator: Client, france: SmallFrance
) -> None:
    response = administrator.post(
        reverse("admin:directory_operator_add"),
        {"name": "X", "slug": "x", "publication": "publie", "state": "active"},
    )
    assert "Indiquez la source avant de publier la fiche." in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("D1", "d1 (département, d1)"),
        ("departement:d1", "d1 (département, d1)"),
        ("commune a", "Commune a (commune, 01001)"),
        ("01002", "Commune b (commune, 01002)"),
        ("region:d1", None),
    ],
)
def test_a_territory_is_told_from_its_namesakes(
    administrator: Client, france: SmallFrance, typed: str, first: str | None
) -> None:
    for commune in france.communes.values():
        PlaceName.objects.create(
            commune=commune, label=commune.name, key=commune.name.lower(), code=commune.code
        )
    query = {
        "term": typed,
        "app_label": "directory",
        "model_name": "coverage",
        "field_name": "territory",
    }
    results = administrator.get(reverse("admin:autocomplete"), query).json()["results"]
    assert (results[0]["text"] if results else None) == first


def test_geography_is_not_typed_by_hand(administrator: Client, france: SmallFrance) -> None:
    assert administrator.get(reverse("admin:regions_territory_add")).status_code == 403
