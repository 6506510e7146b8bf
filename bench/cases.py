"""What is asked for: the addresses of each measured path, drawn from the geography with a seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from typing import Any, Final
from urllib.parse import urlencode

from bench import datasette
from bench.client import Connection, Headers
from bench.searches import Draw, Place, Search, apart, places

SEED: Final = 2
#: The page that stands for all those somebody asked for before.
KNOWN: Final = "25388"
BROWSER: Final = {"Accept-Encoding": "br"}
#: The servers: ours, Datasette as it is published, Datasette tuned.
SITE, PUBLISHED, TUNED = "site", "published", "tuned"
#: How what is asked of Datasette is named: its page and its JSON as published, its JSON when tuned.
ITS_PAGE, ITS_JSON = "Datasette, its page", "Datasette, its JSON"
TUNED_JSON = "Datasette, tuned JSON"


@dataclass
class Case:
    """One measured path. Without `repeats`, no address is asked for twice in a run.

    `after_edit`: each answer is the first one after a write to the directory.
    """

    name: str
    addresses: Iterator[str]
    repeats: bool = False
    expected: int = 200
    headers: Headers = field(default_factory=dict)
    is_conditional: bool = False
    after_edit: bool = False
    server: str = SITE

    def take(self, count: int) -> list[str]:
        """The next addresses. Raises ValueError when there are not so many left."""
        taken = list(islice(self.addresses, count))
        if len(taken) < count:
            raise ValueError(f"no address left for {self.name}: fewer rounds, or fewer seconds")
        return taken

    def prepare(self, connection: Connection) -> None:
        """Ask for the page once to know its ETag, if that is what is measured."""
        if self.is_conditional:
            self.headers = {"If-None-Match": connection.get(self.take(1)[0]).header("ETag")}


def cases() -> list[Case]:
    """All measured paths of the site; "hello" first, which the others are compared to."""
    from regions.models import Territory

    rng = random.Random(SEED)
    communes = list(
        Territory.objects.communes()
        .order_by("code")
        .values_list("code", "slug", "name", "postcodes", "population")
    )
    rng.shuffle(communes)
    page = {code: f"/parcours/{code}-{slug}/" for code, slug, *_ in communes}
    return [
        Case("hello", cycle(["/hello/"]), repeats=True),
        *_pathways(page),
        *_searches(communes, rng),
        *_lists(),
        *_territories(rng),
    ]


def _pathways(page: dict[str, str]) -> Iterator[Case]:
    known = page.get(KNOWN) or next(iter(page.values()))
    narrow = "?profil=idee&thematique=insertion"
    yield Case("pathway page, uncached", iter(page.values()))
    yield Case("pathway page, uncached, Brotli", reversed(page.values()), headers=BROWSER)
    yield Case(
        "pathway page, uncached, narrowed", (f"{address}{narrow}" for address in page.values())
    )
    yield Case("pathway page, cached", cycle([known]), repeats=True)
    yield Case("pathway page, 304", cycle([known]), repeats=True, expected=304, is_conditional=True)
    yield Case("pathway page, first after an edit", cycle([known]), repeats=True, after_edit=True)
    yield Case("pathway JSON", cycle(f"/api/v1/parcours/{code}" for code in page))


def _searches(communes: list[Any], rng: random.Random) -> Iterator[Case]:
    """What people type: populous communes more often, a beginning, a postcode, a slip."""
    weights = [commune[4] or 1 for commune in communes]

    def typed(change: Callable[[Any], str]) -> Iterator[str]:
        while True:
            for commune in rng.choices(communes, weights, k=1000):
                yield urlencode({"q": change(commune)})

    def postcode(commune: Any) -> str:
        return rng.choice(commune[3] or ["51300"])

    kinds = {
        "prefix": lambda one: beginning(one[2], rng),
        "postcode": postcode,
        "typo": lambda one: slip(one[2], rng),
    }
    for name, change in kinds.items():
        queries = typed(change)
        yield Case(f"commune search JSON, {name}", (f"/api/v1/communes?{q}" for q in queries))
    mixed = zip(*(typed(change) for change in kinds.values()), strict=True)
    yield Case(
        "commune search page, uncached", apart(f"/communes/?{q}" for row in mixed for q in row)
    )


def words() -> dict[str, list[str]]:
    """The slugs of the vocabulary."""
    from directory.models import OperatorKind, Stage, Theme

    return {
        "stages": list(Stage.objects.order_by("slug").values_list("slug", flat=True)),
        "kinds": list(OperatorKind.objects.order_by("slug").values_list("slug", flat=True)),
        "themes": list(Theme.objects.order_by("slug").values_list("slug", flat=True)),
    }


def _draws() -> Callable[[str], Draw]:
    """Draws of searches by their name: the same name, the same searches."""
    known_places, slugs = places(), words()
    return lambda name: Draw(known_places, slugs, f"{SEED} {name}")


def _lists() -> Iterator[Case]:
    """The list, the map and the downloads of the same searches."""
    draw = _draws()

    def found(view: str, name: str) -> Iterator[str]:
        return apart(f"{view}?{search.query}" for search in draw(name).searches())

    def with_words(name: str) -> Iterator[str]:
        return apart(f"/operateurs/?{search.query}" for search in draw(name).texts())

    everything, known = "/operateurs/", next(found("/operateurs/", "known"))
    yield Case("list of all operators, uncached", apart(f"{everything}?page=1" for _ in cycle([0])))
    yield Case("list of all operators, cached", cycle([everything]), repeats=True)
    yield Case("list with facets, uncached", found("/operateurs/", "facets"))
    yield Case(
        "list with facets, uncached, Brotli", found("/operateurs/", "browser"), headers=BROWSER
    )
    yield Case("list with text, uncached", with_words("text"))
    common = draw("common").common_words()
    yield Case(
        "list with a common word, uncached",
        apart(f"{everything}?{search.query}" for search in common),
    )
    yield Case("list with facets, cached", cycle([known]), repeats=True)
    yield Case("list with text, cached", cycle([next(with_words("known"))]), repeats=True)
    word = next(draw("common").common_words())
    yield Case(
        "list with a common word, cached", cycle([f"{everything}?{word.query}"]), repeats=True
    )
    yield Case("list, first after an edit", cycle([known]), repeats=True, after_edit=True)
    yield Case("map page, uncached", found("/carte/", "map"))
    points = "/carte/points.json"
    yield Case(
        "map payload, uncached",
        (f"{points}?tous={number}" for number in count(1)),
        headers=BROWSER,
    )
    yield Case("map payload, cached", cycle([points]), repeats=True, headers=BROWSER)
    yield Case(
        "map payload, first after an edit",
        cycle([points]),
        repeats=True,
        headers=BROWSER,
        after_edit=True,
    )
    wide = draw("csv").searches(["departement", "region"])
    yield Case(
        "CSV of a département or a Région, uncached",
        apart(f"/operateurs.csv?{search.query}" for search in wide),
    )


def _territories(rng: random.Random) -> Iterator[Case]:
    """Territories and operators. There are few Régions, and every one must be made anew."""
    from directory.models import Operator
    from regions.models import Kind, Territory

    def around(kinds: list[Kind], address: str) -> Iterator[str]:
        drawn = list(Territory.objects.filter(kind__in=kinds).order_by("kind", "code"))
        rng.shuffle(drawn)
        return apart(
            address.format(kind=one.kind, code=one.code, slug=one.slug) for one in cycle(drawn)
        )

    page = "/territoires/{kind}/{code}-{slug}/"
    yield Case("gap report of a Région, uncached", around([Kind.REGION], page))
    yield Case(
        "gap map of a Région, uncached",
        around([Kind.REGION], "/territoires/{kind}/{code}/communes.geojson"),
    )
    narrower = [Kind.DEPARTEMENT, Kind.EPCI, Kind.PAYS, Kind.COMMUNE]
    yield Case("territory page, uncached", around(narrower, page))
    slugs = list(Operator.objects.public().order_by("pk").values_list("slug", flat=True))
    rng.shuffle(slugs)
    yield Case("operator page, uncached", apart(f"/operateurs/{slug}/" for slug in cycle(slugs)))


def datasette_cases() -> list[Case]:
    """The same questions, asked of Datasette in its own way; see `bench.datasette`."""
    return [*_published_cases(), *_tuned_cases()]


def _published_cases() -> Iterator[Case]:
    """As published: its pages; its JSON where ours is JSON too."""

    def pages(name: str, addresses: Iterator[str]) -> Case:
        return Case(f"{ITS_PAGE}: {name}", addresses, server=PUBLISHED)

    def told(name: str, addresses: Iterator[str]) -> Case:
        return Case(f"{ITS_JSON}: {name}", addresses, server=PUBLISHED)

    draw = _draws()

    def at_a_stage() -> Iterator[Search]:
        return (Search("commune", place, stage) for place, stage in _places_and_stages(draw))

    yield pages("place and stage, filters", map(datasette.page, at_a_stage()))
    yield told("place and stage, filters", (datasette.page(one, ".json") for one in at_a_stage()))
    yield pages("list of all operators", cycle([datasette.PAGE]))
    yield pages("list with facets", map(datasette.page, draw("facets").searches()))
    yield pages("list with text", map(datasette.page, draw("text").texts()))
    yield pages("list with a common word", map(datasette.page, draw("common").common_words()))
    yield told("all points", cycle([datasette.POINTS]))
    yield pages("commune search, prefix", map(datasette.communes, _beginnings(draw)))
    yield told(
        "commune search, prefix",
        (datasette.communes(typed, ".json") for typed in _beginnings(draw)),
    )


def _tuned_cases() -> Iterator[Case]:
    """Tuned: JSON of no more than what is needed."""

    def told(name: str, addresses: Iterator[str]) -> Case:
        return Case(f"{TUNED_JSON}: {name}", addresses, server=TUNED)

    draw = _draws()
    pairs = [_places_and_stages(draw), _places_and_stages(draw)]
    yield told("place and stage, SQL", (datasette.offers_for(*pair) for pair in pairs[0]))
    yield told("place and stage, filters", (datasette.at_a_stage(*pair) for pair in pairs[1]))
    yield told("list of all operators", cycle([datasette.EVERYTHING]))
    yield told("list with facets", map(datasette.listed, draw("facets").searches()))
    yield told("list with text", map(datasette.listed, draw("text").texts()))
    yield told("list with a common word", map(datasette.listed, draw("common").common_words()))
    yield told("all points", cycle([datasette.POINTS]))
    yield told("commune search, prefix", map(datasette.ten_communes, _beginnings(draw)))


def _places_and_stages(draw: Callable[[str], Draw]) -> Iterator[tuple[Place, str]]:
    drawn = draw("stages")
    return ((drawn.place(), drawn.rng.choice(drawn.words["stages"])) for _ in cycle([0]))


def _beginnings(draw: Callable[[str], Draw]) -> Iterator[str]:
    """Beginnings of names of communes, the populous more often."""
    drawn, rng = draw("names"), random.Random(SEED)
    return (beginning(drawn.place().around["commune"][1], rng) for _ in cycle([0]))


def beginning(name: str, rng: random.Random) -> str:
    """The first letters of a name, three at least."""
    return name[: rng.randint(3, max(3, len(name) - 1))]


def slip(name: str, rng: random.Random) -> str:
    """The name with one letter missing, doubled, changed or exchanged with the next."""
    at = rng.randrange(1, max(2, len(name) - 1))
    before, letter, after = name[:at], name[at : at + 1], name[at + 1 :]
    return rng.choice(
        [
            before + after,
            before + letter * 2 + after,
            before + rng.choice("aeinorst") + after,
            before + after[:1] + letter + after[1:],
        ]
    )
