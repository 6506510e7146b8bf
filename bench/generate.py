"""Seeded operators, as many as wanted, over the geography that is loaded.

    python -m bench.generate 10000      # makes the database bench_10000

The same N and seed over the same geography give the same rows. Every name says « Exemple »,
`is_example` is set, addresses and telephone numbers belong to nobody. bench/README.md states the
distribution and where it comes from. Everything is sent by COPY: 100,000 operators in seconds.
"""

import csv
import datetime
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

VOCABULARY: Final = Path(__file__).resolve().parent.parent / "fixtures" / "directory"
SEED: Final = 1
#: A day that every dated row is before, after or around; no clock is read.
TODAY: Final = datetime.date(2026, 11, 1)

#: Share of the operators by the territory they cover.
SCOPES: Final = {
    "country": 0.005,
    "region": 0.06,
    "departement": 0.25,
    "pays": 0.12,
    "epci": 0.40,
    "commune": 0.165,
}
#: From the kinds of the researched files and their numbers, rounded.
KINDS: Final = {
    "incubateur": 40,
    "dla": 35,
    "accompagnement": 22,
    "france-active": 21,
    "cress": 17,
    "pole-ess": 15,
    "fabrique": 15,
    "tag": 4,
    "reseau": 4,
    "ptce": 2,
    "couveuse": 2,
}
OFFERS: Final = {1: 30, 2: 40, 3: 15, 4: 15}  # how many offers, in how many operators of 100
EXCLUDING: Final = 0.02  # operators that leave one territory out
DATED: Final = 0.05  # coverage rows that begin at a date; as many again are over
OWN_ZONE: Final = 0.05  # offers with a zone of their own
UNPUBLISHED: Final = 0.04
CLOSED: Final = 0.03
PER_CALL: Final = 20  # operators for one edition of a call
PER_RELAY: Final = 4  # operators for one relay, as in the researched files
GENERIC_RELAYS: Final = 60  # "any operator of that kind hands over to the DLA": does not grow
SOURCE: Final = "https://exemple.example/fiche"


@dataclass
class Geography:
    """Territories by kind, and the communes of each, to draw from."""

    by_kind: dict[str, list[int]]
    names: dict[int, str]
    points: dict[int, tuple[float | None, float | None]]
    communes: dict[int, list[int]]  # territory -> its communes
    enclosing: dict[int, list[int]]  # commune -> the territories around it
    weights: dict[int, list[float]] = field(default_factory=dict)

    def draw(self, rng: random.Random, kind: str) -> int:
        """A territory of that kind, the populous ones more often."""
        ids = self.by_kind[kind]
        return rng.choices(ids, cum_weights=self.weights[-list(SCOPES).index(kind) - 1])[0]

    def seat(self, rng: random.Random, territory: int) -> int:
        """A commune of the territory, the populous ones more often."""
        return rng.choices(self.communes[territory], cum_weights=self.weights[territory])[0]


def generate(operators: int, seed: int = SEED) -> None:
    """Fill the directory of the current database, which must hold a geography and no directory.

    Raises ValueError when there is no geography, IntegrityError when there is a directory.
    """
    from django.db import transaction

    with transaction.atomic():
        words = _load_vocabulary()
        _Directory(operators, random.Random(seed), _geography(), words).write()


# -- what to draw from ---------------------------------------------------------------------------


def _geography() -> Geography:
    from regions.models import Containment, Territory

    places = Territory.objects.filter(commune_count__gt=0) | Territory.objects.communes()
    rows = places.order_by("kind", "code").values_list(
        "pk", "kind", "name", "population", "latitude", "longitude"
    )
    by_kind: dict[str, list[int]] = {kind: [] for kind in SCOPES}
    names, points, people = {}, {}, {}
    for pk, kind, name, population, latitude, longitude in rows:
        names[pk], points[pk], people[pk] = name, (latitude, longitude), population or 1
        by_kind.setdefault(kind, []).append(pk)
    if not by_kind["commune"] or not by_kind["country"]:
        raise ValueError("no geography: run load_territories first")
    communes: dict[int, list[int]] = {}
    enclosing: dict[int, list[int]] = {}
    memberships = Containment.objects.order_by("commune__code", "territory__code", "pk")
    for commune, territory in memberships.values_list("commune", "territory").iterator():
        communes.setdefault(territory, []).append(commune)
        enclosing.setdefault(commune, []).append(territory)
    # A Pays has no population of its own in the official files: that of its communes.
    weights = {
        territory: list(accumulate(people[commune] ** 0.5 for commune in inside))
        for territory, inside in communes.items()
    }
    for number, kind in enumerate(SCOPES):
        by_kind[kind] = [pk for pk in by_kind[kind] if pk in communes]
        size = (sum(people[commune] for commune in communes[pk]) for pk in by_kind[kind])
        weights[-number - 1] = list(accumulate(people**0.5 for people in size))
    return Geography(by_kind, names, points, communes, enclosing, weights)


def _load_vocabulary() -> dict[str, dict[str, int]]:
    """The real stages, kinds, themes, audiences and networks: {file: {slug: pk}}."""
    from directory.models import Audience, Network, OperatorKind, Stage, Theme

    models = {
        "stages": Stage,
        "kinds": OperatorKind,
        "themes": Theme,
        "audiences": Audience,
        "networks": Network,
    }
    found: dict[str, dict[str, int]] = {}
    for name, model in models.items():
        known = {column.name for column in model._meta.concrete_fields}
        with (VOCABULARY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                values: dict[str, Any] = {key: row[key] for key in row if key in known}
                if "is_desk" in values:
                    values["is_desk"] = values["is_desk"] == "oui"
                model._default_manager.update_or_create(slug=values.pop("slug"), defaults=values)
        found[name] = dict(model._default_manager.order_by("slug").values_list("slug", "pk"))
    _load_synonyms()
    return found


def _load_synonyms() -> None:
    """What a search by words also looks for: every word typed is compared to each of them."""
    from directory.models import Synonym

    with (VOCABULARY / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            Synonym.objects.update_or_create(
                term=row["term"], defaults={"equivalents": row["equivalents"].split(";")}
            )


# -- the rows ------------------------------------------------------------------------------------


class _Directory:
    """Draws all rows of one directory, table after table."""

    def __init__(
        self,
        size: int,
        rng: random.Random,
        places: Geography,
        words: dict[str, dict[str, int]],
    ) -> None:
        self.size, self.rng, self.places, self.words = size, rng, places, words
        self.stages = [words["stages"][slug] for slug in words["stages"]]
        self.themes = list(words["themes"].values())
        self.audiences = list(words["audiences"].values())
        self.networks = list(words["networks"].values())
        self.epci, self.regions = set(places.by_kind["epci"]), set(places.by_kind["region"])
        # A zone of its own is narrower than its operator's, as in the researched files.
        self._narrow = self.epci.union(*(places.by_kind[k] for k in ("commune", "departement")))
        self.tables: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in (
                "Operator",
                "Offer",
                "FundingScheme",
                "CallEdition",
                "Coverage",
                "Host",
                "Relay",
                "Offer.audiences",
                "Offer.themes",
                "Operator.networks",
                "CallEdition.stages",
                "Funder",
                "FundingScheme.funders",
            )
        }

    def write(self) -> None:
        for number in range(1, self.size + 1):
            self._operator(number)
        self._relays()
        for number in range(1, max(1, self.size // PER_CALL // 3) + 1):
            self._scheme(number)
        self._region_files()
        from directory import models

        for name, rows in self.tables.items():
            model_name, _, relation = name.partition(".")
            model: Any = getattr(models, model_name)
            copy_in(getattr(model, relation).through if relation else model, rows)

    def _add(self, table: str, **values: Any) -> int:
        """Note a row and give its primary key."""
        rows = self.tables[table]
        rows.append(values)
        return len(rows)

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _of(self, weights: dict[Any, Any]) -> Any:
        return self.rng.choices(list(weights), weights=list(weights.values()))[0]

    def _operator(self, number: int) -> None:
        rng, places = self.rng, self.places
        kind = self._of({slug: KINDS[slug] for slug in KINDS if slug in self.words["kinds"]})
        scope = self._of({scope: SCOPES[scope] for scope in SCOPES if places.by_kind[scope]})
        zone = places.draw(rng, scope)
        seat = places.seat(rng, zone)
        latitude, longitude = places.points[seat]
        has_point = latitude is not None and self._chance(0.5)
        closed = self._chance(CLOSED)
        pk = self._add(
            "Operator",
            slug=f"exemple-{number}",
            name=f"Exemple {number}, {kind} de {places.names[seat]}",
            kind=self.words["kinds"][kind],
            region=self._region_of(seat),
            description="Fiche d’exemple, qui ne décrit personne. " * rng.randint(1, 6),
            state="closed" if closed else "active",
            opened_on=str(rng.randint(1990, 2020)) if self._chance(0.3) else None,
            closed_on=str(rng.randint(2021, 2025)) if closed else None,
            publication="brouillon" if self._chance(UNPUBLISHED) else "publie",
            is_example=True,
            verified_on=TODAY - datetime.timedelta(rng.randint(0, 900))
            if self._chance(0.6)
            else None,
            address="1 rue de l’Exemple" if self._chance(0.7) else "",
            postcode="",
            commune=seat if self._chance(0.9) else None,
            latitude=latitude + rng.uniform(-0.02, 0.02) if has_point else None,  # type: ignore[operator]
            longitude=longitude + rng.uniform(-0.02, 0.02) if has_point else None,  # type: ignore[operator]
            website=f"https://exemple-{number}.example/" if self._chance(0.8) else "",
            email=f"contact@exemple-{number}.example" if self._chance(0.5) else "",
            # A number that the French regulator keeps for works of fiction.
            phone="01 99 00 00 00" if self._chance(0.6) else "",
            **self._source(number),
        )
        for territory in self._zone(zone, scope, seat):
            self._coverage(territory, operator=pk)
        if self._chance(EXCLUDING) and scope != "commune":
            self._coverage(seat, operator=pk, excluded=True)
        if self._chance(0.3):
            self._add("Host", operator=pk, name=f"Structure d’exemple {rng.randint(1, 999)}")
        for network in rng.sample(self.networks, min(self._of({0: 6, 1: 3, 2: 1}), 2)):
            self._add("Operator.networks", operator=pk, network=network)
        for stage in rng.sample(self.stages, min(self._of(OFFERS), len(self.stages))):
            self._offer(number, pk, stage, seat)

    def _zone(self, zone: int, scope: str, seat: int) -> Iterable[int]:
        """What an operator covers: one territory, or one to five communes of the same EPCI."""
        if scope != "commune":
            return [zone]
        epci = next((pk for pk in self.places.enclosing[seat] if pk in self.epci), None)
        if epci is None:
            return [seat]
        count = self.rng.randint(1, 5)
        return dict.fromkeys([seat, *(self.places.seat(self.rng, epci) for _ in range(count - 1))])

    def _region_of(self, commune: int) -> int | None:
        return next((pk for pk in self.places.enclosing[commune] if pk in self.regions), None)

    def _source(self, number: int) -> dict[str, Any]:
        dated = str(self.rng.randint(2017, 2026)) if self._chance(0.7) else None
        return {"source": f"{SOURCE}/{number}", "source_date": dated, "caveat": ""}

    def _coverage(self, territory: int, *, excluded: bool = False, **subject: int) -> None:
        begun = self.rng.randint(2018, 2025) if self._chance(DATED) else None
        over = self._chance(DATED)
        self._add(
            "Coverage",
            territory=territory,
            excluded=excluded,
            valid_from=datetime.date(begun, 1, 1) if begun else None,
            valid_until=datetime.date(2026, 1, 1) if over else None,
            source=SOURCE,
            **subject,
        )

    def _offer(self, number: int, operator: int, stage: int, seat: int) -> None:
        rng = self.rng
        pk = self._add(
            "Offer",
            operator=operator,
            stage=stage,
            title="",
            summary=f"Offre d’exemple {number} : elle reçoit, écoute et aide à passer à la suite.",
            conditions="Sur rendez-vous d’exemple." if self._chance(0.3) else "",
            entry_modes=rng.sample(["projet", "besoin", "structure"], self._of({0: 2, 1: 6, 2: 2})),
            services=rng.sample(
                ["orientation", "accompagnement", "financement", "hebergement"],
                self._of({0: 1, 1: 6, 2: 3}),
            ),
        )
        for audience in rng.sample(self.audiences, self._of({0: 5, 1: 4, 2: 1})):
            self._add("Offer.audiences", offer=pk, audience=audience)
        for theme in rng.sample(self.themes, self._of({0: 7, 1: 2, 2: 1})):
            self._add("Offer.themes", offer=pk, theme=theme)
        if self._chance(OWN_ZONE):
            narrow = [one for one in self.places.enclosing[seat] if one in self._narrow]
            self._coverage(rng.choice(narrow), offer=pk)

    def _relays(self) -> None:
        """Named ones follow the number of operators; generic ones, by kind and Région, do not."""
        rng = self.rng
        by_region: dict[Any, list[int]] = {}
        for pk, row in enumerate(self.tables["Operator"], start=1):
            by_region.setdefault(row["region"], []).append(pk)
        offers: dict[int, list[int]] = {}
        for row in self.tables["Offer"]:
            offers.setdefault(row["operator"], []).append(row["stage"])
        for _ in range(self.size // PER_RELAY):
            start = rng.randint(1, self.size)
            near = by_region[self.tables["Operator"][start - 1]["region"]]
            end = rng.choice(near)
            if end != start:
                self._relay(
                    from_operator=start,
                    to_operator=end,
                    from_stage=rng.choice(offers[start]),
                    to_stage=rng.choice(offers[end]),
                )
        kinds = list(self.words["kinds"].values())
        for number in range(GENERIC_RELAYS):
            regions = self.places.by_kind["region"]
            start, end = sorted(rng.sample(range(len(self.stages)), 2))
            self._relay(
                from_kind=rng.choice(kinds),
                to_kind=rng.choice(kinds),
                territory=regions[number % len(regions)],
                from_stage=self.stages[start],
                to_stage=self.stages[end],
            )

    def _relay(self, **ends: int) -> None:
        self._add("Relay", condition="Quand le projet d’exemple est prêt.", source=SOURCE, **ends)

    def _scheme(self, number: int) -> None:
        """A scheme with three editions, of which the last may be open."""
        rng = self.rng
        pk = self._add(
            "FundingScheme",
            slug=f"exemple-{number}",
            name=f"Appel d’exemple {number}",
            kind=self._of({"aap": 5, "ami": 2, "subvention": 2, "dispositif": 1}),
            publication="publie",
            is_example=True,
            source=SOURCE,
        )
        if not self.tables["Funder"]:
            self._add("Funder", slug="exemple", name="Financeur d’exemple", kind="region")
        self._add("FundingScheme.funders", fundingscheme=pk, funder=1)
        scope = self._of({"country": 10, "region": 50, "departement": 40})
        self._coverage(self.places.draw(rng, scope), scheme=pk)
        for year in (2024, 2025, 2026):
            edition = self._add(
                "CallEdition",
                scheme=pk,
                key=f"exemple-{number}-{year}",
                title=f"Appel d’exemple {number}, édition {year}",
                year=year,
                opens_on=f"{year}-01",
                closes_on=f"{year}-{rng.randint(3, 12):02}",
                publication="publie",
                entry_modes=[],
                source=SOURCE,
            )
            for stage in rng.sample(self.stages, min(rng.randint(1, 2), len(self.stages))):
                self._add("CallEdition.stages", calledition=edition, stage=stage)

    def _region_files(self) -> None:
        """Every Région is filled: what costs most, because only there are gaps looked for."""
        from directory.models import RegionFile

        RegionFile.objects.bulk_create(
            RegionFile(region_id=pk, documented_since=TODAY) for pk in self.places.by_kind["region"]
        )


def copy_in(model: Any, rows: list[dict[str, Any]]) -> None:
    """Send rows (values by name of field) to the empty table of a model, keys counted from 1."""
    from django.core.management.color import no_style
    from django.db import connection

    if not rows:
        return
    columns = model._meta.concrete_fields
    defaults = [TODAY if getattr(one, "auto_now", False) else one.get_default() for one in columns]
    names = [one.name for one in columns]
    quoted = ", ".join(connection.ops.quote_name(one.column) for one in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        # A trigger's plan made while the tables were empty reads them whole, for every operator.
        cursor.execute("DISCARD PLANS")
        with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
            for row in _values(rows, names, defaults):
                copy.write_row(row)
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def _values(
    rows: Iterable[dict[str, Any]], names: list[str], defaults: list[Any]
) -> Iterator[list[Any]]:
    for pk, row in enumerate(rows, start=1):
        yield [
            pk if name == "id" else row.get(name, default)
            for name, default in zip(names, defaults, strict=True)
        ]


def main(arguments: list[str]) -> None:
    from bench import databases

    if len(arguments) != 1 or not arguments[0].isdecimal():
        raise SystemExit("usage: python -m bench.generate NUMBER_OF_OPERATORS")
    databases.setup()
    print(databases.build(int(arguments[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
