"""What a page to read costs: so many queries at most, whatever the number of rows.

All SQL of one request is counted, the statement that reads the stamp included: within a test, the
reader of `directory.models.reader` asks on the same connection. The page is made, not taken from
the cache of pages, and the snapshot is warm: the first request after an edit makes it again in a
dozen queries, for all the pages that follow.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, resolve

from directory.documentation import REGIONAL_KINDS
from directory.models import (
    Audience,
    CallEdition,
    Indicator,
    Network,
    Operator,
    Relay,
    Stage,
    Theme,
)
from regions.models import Territory
from tests.directory.conftest import STAGES, make_offer
from tests.factories import (
    CallEditionFactory,
    LaureateFactory,
    OfferFactory,
    OperatorFactory,
    SmallFrance,
    covers,
)

#: Addresses that are no page to read: one takes a position, another has nothing to say, the last is
#: described by the API but answered by an address of its own.
NO_PAGES = {"nearest_communes", "api:api-root", "api:communes"}

#: Every page to read at least once, those that can be narrowed or dated in that way too.
PAGES = """
/  /?profil=idee  /communes/?q=montbe  /communes/?q=25200  /api/v1/communes?q=montbe
/parcours/25388/  /parcours/25388-montbeliard/  /parcours/25388-montbeliard/?profil=idee
/parcours/25388-montbeliard/?tous=emergence  /parcours/25388-montbeliard/?tous=appels
/parcours/75056-paris/  /parcours/97105-basse-terre/  /parcours/25388-montbeliard/?au=2017-12-19
/api/v1/parcours/25388  /api/v1/parcours/25388?au=2017-12-19  /operateurs/  /operateurs/?page=2
/operateurs/?q=incubateur  /operateurs/?q=incubtaeur
/operateurs/?territoire=region:44&etape=creation  /operateurs/?lieu=montbe  /operateurs.csv
/operateurs.geojson  /operateurs.csv?q=incubateur  /carte/  /carte/?q=incubateur
/carte/?territoire=region:44  /carte/points.json  /carte/points.json?q=incubateur
/carte/noms.json?o=1,2
/carte/contours/25.json  /contours/departement/25.geojson  /appels/  /appels/?q=projet
/appels/?annee=2017  /appels/?territoire=commune:25388  /appels/?financeur=region-grand-est
/appels.csv  /appels/calendrier.ics  /appels/flux.atom  /appels/flux.atom?q=projet
/api/v1/appels  /api/v1/appels?q=projet  /territoires/  /territoires/?q=doubs
/api/v1/territoires?q=doubs  /territoires/comparer/
/territoires/comparer/?t=region:44&t=region:27  /territoires/regions.geojson
/territoires/region/44/  /territoires/region/44-grand-est/
/territoires/region/44-grand-est/?au=2017-12-19  /territoires/departement/25-doubs/
/territoires/pays/BZH-04-pays-de-brest/  /territoires/commune/25388-montbeliard/
/territoires/region/44/communes.geojson  /territoires/region/44-grand-est/zones-blanches.csv
/regions/  /regions/44/  /api/v1/regions/44  /api/v1/regions/44?au=2017-12-19  /selection/
/besoins/signaler/  /besoins/signaler/?commune=25388&etape=creation  /besoins/merci/  /sources/
/accessibilite/  /mentions-legales/  /sante/  /api/v1/docs  /api/v1/openapi.json
"""

#: Operators of which most is known, and one of which little is.
OPERATORS = ("generateur-bfc", "liess", "le-transfo", "grais", "adess-pays-de-morlaix")

#: The contract: queries of a page to read, uncached.
MOST = 8


def queries(client: Client, address: str) -> list[str]:
    """The statements of the page, made afresh on a warm snapshot."""
    afresh = f"{address}{'&' if '?' in address else '?'}rien=1"  # such a page is never kept
    client.get(afresh)
    with CaptureQueriesContext(connection) as found:
        response = client.get(afresh)
    assert response.status_code in (200, 301), address
    return [query["sql"] for query in found]


def test_an_operator_costs_the_same_whatever_is_known_of_it(
    france: SmallFrance, client: Client
) -> None:
    operator = make_offer(france.r1, operator__slug="un", operator__region=france.r1).operator
    audiences, themes = (
        [model.objects.create(slug=f"n{number:02}", name=f"n{number:02}") for number in range(50)]
        for model in (Audience, Theme)
    )

    def fill(numbers: range) -> None:
        for number in numbers:
            name, stage = f"n{number:02}", Stage.objects.get(slug=STAGES[number % 4])
            other = OperatorFactory()
            offer = OfferFactory(operator=operator, stage=stage, title=name)
            offer.audiences.add(audiences[number])
            offer.themes.add(themes[number])
            covers(offer, france.everywhere[number % 15])
            operator.aliases.create(name=name)
            operator.networks.add(Network.objects.create(slug=name, name=name))
            operator.references.create(source=name)
            operator.hosts.create(name=name, structure=other)
            operator.memberships.create(name=name, member=other)
            other.memberships.create(name="un", member=operator)
            Relay.objects.create(
                from_operator=operator, to_operator=other, from_stage=stage, to_stage=stage,
                source="s", condition=name,
            )  # fmt: skip
            Relay.objects.create(
                from_operator=other, to_kind=operator.kind, from_stage=stage, to_stage=stage,
                source="s", condition=name,
            )  # fmt: skip
            Indicator.objects.create(operator=operator, slug=name, label=name, value=1, source="s")
            LaureateFactory(operator=operator, edition=CallEditionFactory(title=name, year=2020))

    fill(range(1))
    few = len(queries(client, "/operateurs/un/"))
    fill(range(1, 50))
    page = client.get("/operateurs/un/").content.decode()
    many = queries(client, "/operateurs/un/")
    assert len(many) == few <= MOST, many
    assert page.count("n49") >= 13  # each of the last of its rows, its audience and theme too


def pages() -> Iterator[str]:
    """`PAGES`, and every address of the things that have a page of their own."""
    yield from PAGES.split()
    for region in Territory.objects.filter(kind__in=REGIONAL_KINDS):
        yield f"/regions/{region.code}-{region.slug}/"
        yield f"/regions/{region.code}-{region.slug}/?au=2017-12-19"
    for operator in Operator.objects.public().filter(slug__in=OPERATORS):
        yield operator.get_absolute_url()
        yield f"/carte/operateurs/{operator.slug}.json"
        yield f"/carte/points/{operator.pk}.json"
    editions = CallEdition.objects.public().select_related("scheme")
    for edition in editions.filter(year=2017):
        yield edition.get_absolute_url()
        yield edition.scheme.get_absolute_url()
    yield "/api/v1/appels/la-france-s-engage"
    yield "/api/v1/appels/la-france-s-engage/2025"
    slugs = Operator.objects.public().values_list("slug", flat=True)[:30]
    yield f"/selection/?o={','.join(slugs)}&a={','.join(one.key for one in editions[:30])}"


def public_names(resolver: Any, prefix: str = "", space: str = "") -> Iterator[str]:
    """Names of all addresses that are neither an officer's nor an administrator's."""
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if re.match(r"\^?(agents|admin)/|__", address):
            continue
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from public_names(pattern, address, inner)
        elif pattern.name:
            yield space + pattern.name


def test_no_public_page_costs_more_than_the_contract(filled: None, client: Client) -> None:
    """Over the researched facts and the whole geography. A new address has to be listed here."""
    addresses = list(dict.fromkeys(pages()))
    walked = {resolve(address.partition("?")[0]).view_name for address in addresses}
    # The style guide is there in DEBUG only, which other tests turn on.
    assert set(public_names(get_resolver())) - walked - {"style"} == NO_PAGES
    assert {slug for slug in OPERATORS if f"/operateurs/{slug}/" in addresses} == set(OPERATORS)
    costs = {address: len(queries(client, address)) for address in addresses}
    assert {address: cost for address, cost in costs.items() if cost > MOST} == {}
