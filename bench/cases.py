"""What is asked for: the addresses of each measured path, drawn from the geography with a seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any, Final
from urllib.parse import urlencode

from bench.client import Connection, Headers

SEED: Final = 2
#: The page that stands for all those somebody asked for before.
KNOWN: Final = "25388"


@dataclass
class Case:
    """One measured path. Without `repeats`, no address is asked for twice in a run."""

    name: str
    addresses: Iterator[str]
    repeats: bool = False
    expected: int = 200
    headers: Headers = field(default_factory=dict)
    is_conditional: bool = False

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
    """All measured paths; "hello" first, which the others are compared to."""
    from regions.models import Territory

    rng = random.Random(SEED)
    communes = list(
        Territory.objects.communes()
        .order_by("code")
        .values_list("code", "slug", "name", "postcodes", "population")
    )
    rng.shuffle(communes)
    page = {code: f"/parcours/{code}-{slug}/" for code, slug, *_ in communes}
    known = page.get(KNOWN) or next(iter(page.values()))
    narrow = "?profil=idee&thematique=insertion"
    return [
        Case("hello", cycle(["/hello/"]), repeats=True),
        Case("pathway page, uncached", iter(page.values())),
        Case(
            "pathway page, uncached, narrowed", (f"{address}{narrow}" for address in page.values())
        ),
        Case("pathway page, cached", cycle([known]), repeats=True),
        Case(
            "pathway page, 304",
            cycle([known]),
            repeats=True,
            expected=304,
            is_conditional=True,
        ),
        Case("pathway JSON", cycle(f"/api/v1/parcours/{code}" for code in page)),
        *_searches(communes, rng),
    ]


def _searches(communes: list[Any], rng: random.Random) -> Iterator[Case]:
    """What people type: populous communes more often, a beginning, a postcode, a slip."""
    weights = [commune[4] or 1 for commune in communes]

    def typed(change: Callable[[Any], str]) -> Iterator[str]:
        while True:
            for commune in rng.choices(communes, weights, k=1000):
                yield urlencode({"q": change(commune)})

    def beginning(commune: Any) -> str:
        name: str = commune[2]
        return name[: rng.randint(3, max(3, len(name) - 1))]

    def postcode(commune: Any) -> str:
        return rng.choice(commune[3] or ["51300"])

    kinds = {"prefix": beginning, "postcode": postcode, "typo": lambda one: slip(one[2], rng)}
    for name, change in kinds.items():
        queries = typed(change)
        yield Case(f"commune search JSON, {name}", (f"/api/v1/communes?{q}" for q in queries))
    mixed = zip(*(typed(change) for change in kinds.values()), strict=True)
    numbered = ((number, q) for number, row in enumerate(mixed) for q in row)
    # The number keeps two people's same question apart: the page is not yet in the cache.
    yield Case(
        "commune search page, uncached",
        (f"/communes/?{q}&numero={number}" for number, q in numbered),
    )


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
