"""Finding a commune: by name or postcode, or near a point.

A name is looked for as people type it, the later ways only when the earlier ones did not fill the
answer: the whole name, its beginning, words of it in any order. Only when none of that gives
anything are slips of one letter tried, then look-alikes. All but the last are in memory
(`regions.atlas`).
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import Final, NamedTuple

from django.db import connection
from pyroaring import BitMap

from regions import names
from regions.atlas import Atlas, Commune
from regions.distance import kilometres
from regions.models import Kind
from regions.names_index import Answers

#: Look-alikes share at least this part of their trigrams with what was typed…
ALIKE: Final = 0.4
#: …and at least this part of what the best of them shares.
ALIKE_TO_BEST: Final = 0.75
#: Rows read per commune shown: one commune can answer to several names.
NAMES_PER_COMMUNE: Final = 3
LONGEST_SHOWN: Final = 60
#: Half-side of the square first looked at around a point; nobody in France is farther from five
#: town halls than this, except on the smallest islands.
FIRST_LOOK_KM: Final = 30.0
KM_PER_DEGREE: Final = 111.195

HINT_EMPTY: Final = "Saisissez le nom de votre commune ou son code postal."
HINT_NAME: Final = (
    "Aucune commune ne porte ce nom. Vérifiez l’orthographe, essayez le début du nom, ou le code "
    "postal. Les anciennes communes mènent à la commune actuelle."
)
HINT_ONE_DIGIT: Final = "Saisissez au moins les deux premiers chiffres du code postal."
HINT_CODE: Final = (
    "«\u00a0{code}\u00a0» n’est pas un code postal\u00a0: c’est le code Insee de {name}. "
    "Si vous l’avez lu devant CEDEX, saisissez plutôt le nom de la commune."
)
HINT_POSTCODE: Final = (
    "«\u00a0{code}\u00a0» n’est le code postal d’aucune commune. Les codes suivis de CEDEX "
    "sont réservés à certains destinataires\u00a0: saisissez le nom de la commune, ou le début "
    "de son code postal ({start})."
)

_CODE: Final = re.compile(r"\d{5}|2[ab]\d{3}", re.IGNORECASE)
_POSTCODE_START: Final = re.compile(r"\d{1,4}")
_DEPARTEMENT_CODE: Final = re.compile(r"\d{2}|2[ab]|9[78]\d")
_CEDEX: Final = re.compile(r"\bcedex(?: \d{1,2})?$")


class CommuneHit(NamedTuple):
    """A commune that answers, and by what.

    `matched_name` is the former name or the arrondissement that was recognised, None when it is
    the commune's own name; `matched_kind` is its `Kind` (`commune` for its own name), and
    `postcode` the postcode that was typed.
    """

    commune: Commune
    departement_code: str
    departement_name: str
    matched_name: str | None = None
    matched_kind: str = Kind.COMMUNE.value
    postcode: str | None = None

    @property
    def url(self) -> str:
        return self.commune.get_absolute_url()


@dataclass
class CommuneSearch:
    """The answer to one search: the first communes, best first, and what to do if there are none.

    `kind` says what the query was taken for: "empty", "postcode", "postcode_start", "code" or
    "name". `hint` is a sentence in French, empty when there is nothing to say.
    """

    query: str
    kind: str
    hits: list[CommuneHit] = field(default_factory=list)
    hint: str = ""
    more: bool = False
    _count: Callable[[], int] | None = None

    @cached_property
    def total(self) -> int:
        """How many communes answer, not all of which are in `hits`."""
        if not self.more or self._count is None:
            return len(self.hits)
        return max(len(self.hits), self._count())


@dataclass(frozen=True, slots=True)
class NearHit:
    """A commune and how far its centre point is, in kilometres."""

    commune: Commune
    distance_km: float
    departement_name: str


def search_communes(places: Atlas, q: str, limit: int = 20) -> CommuneSearch:
    """The communes that answer to a name, a postcode, the start of one, or an Insee code.

    Takes any text. The `limit` does not apply to a full postcode: whoever types one is shown every
    commune that shares it. Order: whole name, beginning, words; the present names before the former
    ones; then the more populous first, then the code. What has a slip, and look-alikes, answer when
    nothing else does. Only look-alikes and Insee codes ask the database.
    """
    shown = " ".join(q[:LONGEST_SHOWN].replace("\0", " ").split())
    words = names.words(q)
    if not words:
        return CommuneSearch(shown, "empty", hint=HINT_NAME if shown else HINT_EMPTY)
    if len(words) == 1 and _CODE.fullmatch(words[0]):
        return _by_code(places, shown, words[0].upper())
    if len(words) == 1 and _POSTCODE_START.fullmatch(words[0]):
        return _by_postcode_start(places, shown, words[0], limit)
    code = next((word for word in words if len(word) == 5 and word.isdigit()), None)
    rest = " ".join(word for word in words if word != code)
    if "cedex" in rest:
        rest = _CEDEX.sub("", rest).strip()
    if code is None:
        return _by_name(places, shown, rest or " ".join(words), limit)
    there = _by_code(places, shown, code)
    named = [hit for hit in there.hits if _is_named(hit, rest)]
    if named or not rest:
        there.hits = named or there.hits
        return there
    return _by_name(places, shown, rest, limit)


def nearest_communes(
    places: Atlas, latitude: float, longitude: float, limit: int = 5
) -> list[NearHit]:
    """The communes whose centre is nearest to a point in degrees, nearest first.

    Distances are along a great circle. Raises ValueError when the point is not on Earth.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"not a point on Earth: {latitude}, {longitude}")
    near = _nearest(places, latitude, longitude, limit, within_km=FIRST_LOOK_KM)
    # Outside the square, something could be nearer than what is found in its corners.
    if len(near) < limit or near[-1].distance_km > FIRST_LOOK_KM:
        near = _nearest(places, latitude, longitude, limit, within_km=None)
    return near


def _nearest(
    places: Atlas, latitude: float, longitude: float, limit: int, within_km: float | None
) -> list[NearHit]:
    degrees = 360.0 if within_km is None else within_km / KM_PER_DEGREE
    near = (
        (kilometres(latitude, longitude, there_latitude, there_longitude), pk)
        for pk, there_latitude, there_longitude in places.communes.points()
        if abs(there_latitude - latitude) <= degrees
        and abs(there_longitude - longitude) <= 2 * degrees
    )

    def order(found: tuple[float, int]) -> tuple[float, str]:
        return found[0], places.communes.code(found[1])

    found = heapq.nsmallest(limit, near, key=order)
    communes = [(places.communes[pk], distance) for distance, pk in found]
    return [
        NearHit(commune, distance, places.departement_of(commune.code)[1])
        for commune, distance in communes
    ]


# -- by name -------------------------------------------------------------------------------------

# Beyond one slip, searches are rare and cost thirty times as much: the database's trigrams answer.
_ALIKE: Final = f"""
    SELECT commune_id, label, kind, likeness FROM (
        SELECT DISTINCT ON (commune_id) * FROM (
            SELECT commune_id, label, kind, code, weight, similarity(key, %(key)s) AS likeness
            FROM regions_placename
            WHERE key %% %(key)s AND similarity(key, %(key)s) >= {ALIKE}
                AND code LIKE %(departement)s
            ORDER BY likeness DESC, (kind <> 'commune'), weight DESC, code, key LIMIT %(rows)s
        ) found
        ORDER BY commune_id, likeness DESC, (kind <> 'commune'), code
    ) once
    ORDER BY likeness DESC, (kind <> 'commune'), weight DESC, code
    LIMIT %(limit)s
"""


def _by_name(places: Atlas, shown: str, full: str, limit: int) -> CommuneSearch:
    index = places.names
    if found := _ranked(places, shown, [index.named(full)], limit):
        return found
    # "Saint-Denis 93", "saint denis la réunion": what ends in a département is looked for there.
    name, departement = _split_departement(places, full)
    if departement:
        for answers in ([index.named(name)], index.with_slips(name)):
            there = [index.within(one, departement) for one in answers]
            if found := _ranked(places, shown, there, limit):
                return found
    if found := _ranked(places, shown, index.with_slips(full), limit):
        return found
    alike = _alike(places, shown, name, limit, departement)
    if not alike.hits and departement:
        alike = _alike(places, shown, full, limit)
    if not alike.hits:
        alike.hint = HINT_NAME
    return alike


def _ranked(
    places: Atlas, shown: str, answers: Sequence[Answers], limit: int
) -> CommuneSearch | None:
    """The communes of these names, each by the best of them; None when there are none.

    The order is that of the ways, then of the answers, then of the positions of the index.
    """
    index = places.names
    answers = [one for one in answers if one.words]
    if not answers:
        return None
    ways = (
        *(one.whole & index.present for one in answers),
        *(one.whole | one.beginning for one in answers),
        *(one.words for one in answers),
    )
    best: dict[int, int] = {}  # number of the commune -> the first of its names that answers
    for position in chain.from_iterable(ways):
        best.setdefault(index.numbers[position], position)
        if len(best) > limit:
            break
    found = []
    for number, position in islice(best.items(), limit):
        commune = places.communes.numbered(number)
        if position in index.present:
            found.append(_hit(places, commune))
        else:
            name = index.name(position)
            found.append(_hit(places, commune, name.label, name.kind))
    return CommuneSearch(
        shown,
        "name",
        found,
        more=len(best) > limit,
        _count=lambda: index.count_communes(BitMap.union(*(one.words for one in answers))),
    )


def _alike(
    places: Atlas, shown: str, full: str, limit: int, departement: str = ""
) -> CommuneSearch:
    parameters: dict[str, str | int] = {
        "key": names.search_key(full),
        "departement": departement + "%",
        "limit": limit + 1,
        "rows": (limit + 1) * NAMES_PER_COMMUNE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, parameters)
        rows = cursor.fetchall()
    rows = [row for row in rows if row[3] >= rows[0][3] * ALIKE_TO_BEST]
    hits = [_hit(places, places.communes[row[0]], *row[1:3]) for row in rows[:limit]]
    return CommuneSearch(shown, "name", hits, more=len(rows) > limit)


def _hit(
    places: Atlas,
    commune: Commune,
    label: str = "",
    kind: str = Kind.COMMUNE.value,
    postcode: str | None = None,
) -> CommuneHit:
    code, name = places.departement_of(commune.code)
    matched = None if kind == Kind.COMMUNE else label
    return CommuneHit(commune, code, name, matched, kind, postcode)


def _split_departement(places: Atlas, full: str) -> tuple[str, str]:
    """("saint denis", "93") of "saint denis 93"; (full, "") when it does not end in one."""
    name, _, last = full.rpartition(" ")
    if name and _DEPARTEMENT_CODE.fullmatch(last):
        return name, last.upper()
    if not name:
        return full, ""
    words = full.split()
    # From the longest ending on: "la reunion" before "reunion".
    for cut in range(1, len(words)):
        if code := places.departement_endings.get(" ".join(words[cut:])):
            return " ".join(words[:cut]), code
    return full, ""


def _is_named(hit: CommuneHit, rest: str) -> bool:
    """Whether the name of the hit holds the words, the last one perhaps cut short."""
    own = names.words(hit.commune.name)
    *whole_words, last = rest.split() or [""]
    return set(whole_words) <= set(own) and any(word.startswith(last) for word in own)


# -- by code -------------------------------------------------------------------------------------

_INSEE: Final = """
    SELECT coalesce(successor_id, id), name, kind FROM regions_territory
    WHERE kind IN ('commune', 'arrondissement', 'ancienne') AND code = %(code)s
    ORDER BY kind <> 'commune', id
"""


def _by_code(places: Atlas, shown: str, code: str) -> CommuneSearch:
    """A full postcode, else an Insee code. The former goes first: it is what people know."""
    if communes := places.communes.with_postcode(code):
        hits = [_by_postcode(places, commune, code) for commune in communes]
        return CommuneSearch(shown, "postcode", hits)
    with connection.cursor() as cursor:
        cursor.execute(_INSEE, {"code": code})
        rows = [row for row in cursor.fetchall() if row[0] in places.communes]
    if not rows:
        hint = HINT_POSTCODE.format(code=code, start=code[:3])
        return CommuneSearch(shown, "postcode", hint=hint)
    first: dict[int, CommuneHit] = {}
    for row in rows:
        first.setdefault(row[0], _hit(places, places.communes[row[0]], *row[1:]))
    hits = list(first.values())
    # Nobody mistakes 2A004 for a postcode.
    name = hits[0].matched_name or hits[0].commune.name
    hint = HINT_CODE.format(code=code, name=name) if code.isdigit() else ""
    return CommuneSearch(shown, "code", hits, hint)


def _by_postcode(places: Atlas, commune: Commune, postcode: str) -> CommuneHit:
    """The commune, by the arrondissement that has this postcode if there is one."""
    for one in places.arrondissements:
        if one.commune == commune.pk and postcode in one.postcodes:
            return _hit(places, commune, one.name, Kind.ARRONDISSEMENT.value, postcode)
    return _hit(places, commune, postcode=postcode)


def _by_postcode_start(places: Atlas, shown: str, start: str, limit: int) -> CommuneSearch:
    if len(start) == 1:
        return CommuneSearch(shown, "postcode_start", hint=HINT_ONE_DIGIT)
    communes = places.communes.with_postcode_start(start)
    hits = [_hit(places, places.communes[commune]) for commune in communes[:limit]]
    return CommuneSearch(
        shown,
        "postcode_start",
        hits,
        hint="" if communes else HINT_POSTCODE.format(code=start, start=start[:2]),
        more=len(communes) > limit,
        _count=lambda: len(communes),
    )
