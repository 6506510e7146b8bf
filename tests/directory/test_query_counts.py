"""A public page costs a constant number of queries, eight at most, whatever it shows.

The directory is in memory, as it is for every request but the first after an edit.
"""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.loading import load_directory
from directory.models import (
    Alias,
    CallEdition,
    Coverage,
    Indicator,
    Membership,
    Operator,
    Reference,
    Relay,
    Stage,
)
from directory.paging import forget_pages
from directory.policy.lookup import region_url
from regions.models import Kind, Territory
from tests.directory.conftest import make_offer
from tests.factories import OperatorFactory, SmallFrance

MOST = 8


def cost(client: Client, address: str) -> int:
    """Queries of a page that nobody keeps, the directory being in memory."""
    with timezone.override("Europe/Paris"):
        for _ in range(2):
            forget_pages()
            with CaptureQueriesContext(connection) as queries:
                response = client.get(address)
            assert response.status_code == 200, address
    return len(queries)


@pytest.fixture
def filled(whole_france: None) -> Iterator[None]:
    load_directory()
    yield
    forget_pages()


def public_addresses() -> list[str]:
    bretagne = Territory.objects.get(kind=Kind.REGION, code="53")
    edition = CallEdition.objects.public().exclude(year=None).order_by("pk")[0]
    brest = Territory.objects.get(kind=Kind.EPCI, code="242900314")
    addresses = [
        *("/", "/communes/?q=renn", "/communes/?q=montbelliard", "/regions/", "/territoires/"),
        *("/operateurs/", "/operateurs/?q=incubateur&territoire=region:53&etape=emergence"),
        *("/operateurs.csv?territoire=region:53", "/operateurs.geojson?territoire=region:53"),
        *("/carte/", "/carte/?territoire=region:53", "/carte/points.json"),
        *("/appels/", "/appels/?territoire=region:53&statut=clos", "/appels/flux.atom"),
        *("/appels/calendrier.ics", "/selection/", "/api/v1/parcours/29019"),
        *("/api/v1/communes?q=renn", edition.get_absolute_url()),
        *("/territoires/comparer/?t=region:53&t=region:44", region_url(bretagne)),
    ]
    dated = [
        *("/parcours/29019-brest/", region_url(bretagne)),
        *(
            f"/territoires/region/53-{bretagne.slug}/",
            f"/territoires/epci/{brest.code}-{brest.slug}/",
        ),
    ]
    addresses += [*dated, *(f"{address}?au=2017-12-19" for address in dated)]
    return [*addresses, *(one.get_absolute_url() for one in Operator.objects.public()[:30])]


def test_no_public_page_of_the_data_that_ships_costs_more(filled: None, client: Client) -> None:
    costs = {address: cost(client, address) for address in public_addresses()}
    assert {address: found for address, found in costs.items() if found > MOST} == {}


def test_an_operator_costs_the_same_whatever_is_known_of_it(
    france: SmallFrance, client: Client
) -> None:
    operator = make_offer(france.a).operator
    counts = []
    for number in (1, 50):
        for one in range(number):
            other = OperatorFactory(name=f"Autre {number} {one}")
            stage = Stage.objects.get(slug="creation")
            fact = {"source": "https://exemple.fr"}
            Alias.objects.create(operator=operator, name=f"Nom {number} {one}", **fact)
            Reference.objects.create(operator=operator, source=f"https://exemple.fr/{number}/{one}")
            Membership.objects.create(collective=operator, name=other.name, member=other, **fact)
            Membership.objects.create(collective=other, name="x", member=operator, **fact)
            ends = {"from_stage": stage, "to_stage": stage}
            Relay.objects.create(from_operator=operator, to_operator=other, **ends, **fact)
            Relay.objects.create(from_operator=other, to_operator=operator, **ends, **fact)
            Indicator.objects.create(
                operator=operator, slug=f"i{number}-{one}", label="Projets", value=one, **fact
            )
            make_offer(None, "emergence", operator__name=f"Encore {number} {one}")
        counts.append(cost(client, operator.get_absolute_url()))
    assert Coverage.objects.filter(operator=operator).exists()
    assert counts[0] == counts[1] <= MOST
