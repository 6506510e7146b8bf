"""Finding a commune: by name or postcode, or near a point.

A name is looked for as people type it, in one statement whose later parts only run when the
earlier ones did not fill the answer: the whole name, its beginning, words of it in any order.
Only when none of that gives anything are look-alikes tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db import connection

from regions import names
from regions.models import Kind, Territory

#: Look-alikes share at least this part of their trigrams with what was typed…
ALIKE: Final = 0.4
#: …and at least this part of what the best of them shares.
ALIKE_TO_BEST: Final = 0.75
#: Rows read per commune shown: one commune can answer to several names.
NAMES_PER_COMMUNE: Final = 3
LONGEST_SHOWN: Final = 60
EARTH_RADIUS_KM: Final = 6371.0
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


@dataclass(frozen=True, slots=True)
class CommuneHit:
    """A commune that answers, and by what.

    `matched_name` is the former name or the arrondissement that was recognised, None when it is
    the commune's own name; `matched_kind` is its `Kind` (`commune` for its own name), and
    `postcode` the postcode that was typed.
    """

    commune: Territory
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
    _count: tuple[str, dict[str, Any]] | None = None

    @cached_property
    def total(self) -> int:
        """How many communes answer; one more statement when not all of them are in `hits`."""
        if not self.more or self._count is None:
            return len(self.hits)
        with connection.cursor() as cursor:
            cursor.execute(*self._count)
            return max(len(self.hits), cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class NearHit:
    """A commune and how far its centre point is, in kilometres."""

    commune: Territory
    distance_km: float


def search_communes(q: str, limit: int = 20) -> CommuneSearch:
    """The communes that answer to a name, a postcode, the start of one, or an Insee code.

    Takes any text. The `limit` does not apply to a full postcode: whoever types one is shown every
    commune that shares it. Order: whole name, beginning, words, look-alikes; the present names
    before the former ones; then the more populous first, then the code. At most three statements.
    """
    shown = " ".join(q[:LONGEST_SHOWN].replace("\0", " ").split())
    words = names.words(q)
    if not words:
        return CommuneSearch(shown, "empty", hint=HINT_NAME if shown else HINT_EMPTY)
    if len(words) == 1 and _CODE.fullmatch(words[0]):
        return _by_code(shown, words[0].upper())
    if len(words) == 1 and _POSTCODE_START.fullmatch(words[0]):
        return _by_postcode_start(shown, words[0], limit)
    code = next((word for word in words if re.fullmatch(r"\d{5}", word)), None)
    rest = _CEDEX.sub("", " ".join(word for word in words if word != code)).strip()
    if code is None:
        return _by_name(shown, rest or " ".join(words), limit)
    there = _by_code(shown, code)
    named = [hit for hit in there.hits if _is_named(hit, rest)]
    if named or not rest:
        there.hits = named or there.hits
        return there
    return _by_name(shown, rest, limit)


def nearest_communes(latitude: float, longitude: float, limit: int = 5) -> list[NearHit]:
    """The communes whose centre is nearest to a point in degrees, nearest first.

    Distances are along a great circle. Raises ValueError when the point is not on Earth.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"not a point on Earth: {latitude}, {longitude}")
    near = _nearest(latitude, longitude, limit, within_km=FIRST_LOOK_KM)
    # Outside the square, something could be nearer than what is found in its corners.
    if len(near) < limit or near[-1].distance_km > FIRST_LOOK_KM:
        near = _nearest(latitude, longitude, limit, within_km=None)
    return near


# -- by name -------------------------------------------------------------------------------------

_FOUND: Final = "commune_id, label, kind, code, weight"
_ORDER: Final = "(kind <> 'commune'), weight DESC, code, key"

_STRICT: Final = f"""
    SELECT * FROM (
        (SELECT {_FOUND}, (kind <> 'commune')::int AS rank, 0::real AS likeness
         FROM regions_placename
         WHERE key = %(full)s {{within}} ORDER BY {_ORDER} LIMIT %(rows)s)
        UNION ALL
        (SELECT {_FOUND}, 1, 0 FROM regions_placename
         WHERE key LIKE %(beginning)s AND key <> %(full)s {{within}}
         ORDER BY {_ORDER} LIMIT %(rows)s)
        UNION ALL
        (SELECT {_FOUND}, 2, 0 FROM regions_placename
         WHERE to_tsvector('simple'::regconfig, coalesce(key, ''))
             @@ to_tsquery('simple', %(words)s) {{within}}
         ORDER BY {_ORDER} LIMIT %(rows)s)
    ) parts LIMIT %(rows)s
"""
# Look-alikes cost ten times as much: only read when nothing else was found.
_OR_ALIKE: Final = f"""
    UNION ALL
    (SELECT {_FOUND}, 3, similarity(key, %(key)s) FROM regions_placename
     WHERE NOT EXISTS (SELECT FROM strict)
         AND key %% %(key)s AND similarity(key, %(key)s) >= {ALIKE} {{within}}
     ORDER BY similarity(key, %(key)s) DESC, {_ORDER} LIMIT %(rows)s)
"""

_PLACE: Final = (
    "t.id, t.kind, t.code, t.name, t.slug, t.population, t.latitude, t.longitude, t.postcodes"
)
_PLACE_FIELDS: Final = [column.strip().removeprefix("t.") for column in _PLACE.split(",")]
# The code of a commune begins with that of its département or overseas collectivity.
_DEPARTEMENT: Final = """
    LEFT JOIN regions_territory d ON d.kind IN ('departement', 'collectivite')
        AND d.code = left(t.code, CASE WHEN left(t.code, 2) IN ('97', '98') THEN 3 ELSE 2 END)"""

_NAMES: Final = f"""
    WITH strict AS MATERIALIZED ({{strict}})
    SELECT {_PLACE}, d.code, d.name, f.label, f.kind, f.likeness, f.rank
    FROM (
        SELECT * FROM (
            SELECT DISTINCT ON (commune_id) *
            FROM (SELECT * FROM strict {{or_alike}}) found
            ORDER BY commune_id, rank, likeness DESC, (kind <> 'commune'), code
        ) once
        ORDER BY rank, likeness DESC, (kind <> 'commune'), weight DESC, code
        LIMIT %(limit)s + 1
    ) f
    JOIN regions_territory t ON t.id = f.commune_id
    {_DEPARTEMENT}
    ORDER BY f.rank, f.likeness DESC, (f.kind <> 'commune'), f.weight DESC, f.code
"""
_COUNT: Final = """
    SELECT count(DISTINCT commune_id) FROM regions_placename
    WHERE (key LIKE %(beginning)s
        OR to_tsvector('simple'::regconfig, coalesce(key, '')) @@ to_tsquery('simple', %(words)s))
    {within}
"""


def _by_name(shown: str, full: str, limit: int) -> CommuneSearch:
    found = _named(shown, full, limit)
    if found.hits:
        return found
    # "Saint-Denis 93", "saint denis la réunion": what ends in a département is looked for there.
    name, departement = _split_departement(full)
    found = _named(shown, name, limit, departement=departement, alike=True)
    if not found.hits and departement:
        found = _named(shown, full, limit, alike=True)
    if not found.hits:
        found.hint = HINT_NAME
    return found


def _named(
    shown: str, full: str, limit: int, *, departement: str = "", alike: bool = False
) -> CommuneSearch:
    key = names.search_key(full)
    *whole_words, last = key.split()
    parameters: dict[str, Any] = {
        "full": full,
        "key": key,
        "beginning": full + "%",
        "words": " & ".join([*whole_words, f"{last}:*"]),
        "departement": departement + "%",
        "limit": limit,
        "rows": (limit + 1) * NAMES_PER_COMMUNE,
    }
    within = "AND code LIKE %(departement)s" if departement else ""
    sql = _NAMES.format(
        strict=_STRICT.format(within=within),
        or_alike=_OR_ALIKE.format(within=within) if alike else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    likeness = rows[0][-2] if rows else 0.0
    if likeness:
        rows = [row for row in rows if row[-2] >= likeness * ALIKE_TO_BEST]
    width = len(_PLACE_FIELDS)
    return CommuneSearch(
        shown,
        "name",
        hits=[
            CommuneHit(
                commune=_territory(row, row[width + 1]),
                departement_code=row[width] or "",
                departement_name=row[width + 1] or "",
                matched_name=None if row[width + 3] == Kind.COMMUNE else row[width + 2],
                matched_kind=row[width + 3],
            )
            for row in rows[:limit]
        ],
        more=len(rows) > limit,
        _count=None if likeness else (_COUNT.format(within=within), parameters),
    )


def _split_departement(full: str) -> tuple[str, str]:
    """("saint denis", "93") of "saint denis 93"; (full, "") when it does not end in one."""
    name, _, last = full.rpartition(" ")
    if name and _DEPARTEMENT_CODE.fullmatch(last):
        return name, last.upper()
    if not name:
        return full, ""
    departements = Territory.objects.filter(
        kind__in=[Kind.DEPARTEMENT, Kind.COLLECTIVITY]
    ).values_list("code", "name")
    endings = {key: code for code, name in departements for key in names.search_keys(name)}
    words = full.split()
    # From the longest ending on: "la reunion" before "reunion".
    for cut in range(1, len(words)):
        if code := endings.get(" ".join(words[cut:])):
            return " ".join(words[:cut]), code
    return full, ""


def _is_named(hit: CommuneHit, rest: str) -> bool:
    """Whether the name of the hit holds the words, the last one perhaps cut short."""
    own = names.words(hit.commune.name)
    *whole_words, last = rest.split() or [""]
    return set(whole_words) <= set(own) and any(word.startswith(last) for word in own)


# -- by code -------------------------------------------------------------------------------------

_POSTCODE: Final = f"""
    SELECT {_PLACE}, d.code, d.name, a.name, a.kind
    FROM regions_territory t
    {_DEPARTEMENT}
    LEFT JOIN regions_territory a ON a.kind = 'arrondissement' AND a.successor_id = t.id
        AND a.postcodes && %(codes)s::varchar[]
    WHERE t.kind = 'commune' AND t.postcodes && %(codes)s::varchar[]
    ORDER BY t.population DESC NULLS LAST, t.code, a.code
"""
_POSTCODE_LIMITED: Final = f"""
    SELECT {_PLACE}, d.code, d.name, NULL, 'commune'
    FROM (
        SELECT * FROM regions_territory
        WHERE kind = 'commune' AND {{begins}}
        ORDER BY population DESC NULLS LAST, code LIMIT %(limit)s + 1
    ) t
    {_DEPARTEMENT}
    ORDER BY t.population DESC NULLS LAST, t.code
"""
_POSTCODE_COUNT: Final = """
    SELECT count(*) FROM regions_territory WHERE kind = 'commune' AND {begins}
"""
# The index holds whole codes: worth asking for ten or a hundred of them, not for a thousand.
_BEGINS_INDEXED: Final = "postcodes && %(codes)s::varchar[]"
_BEGINS: Final = "EXISTS (SELECT FROM unnest(postcodes) code WHERE code LIKE %(beginning)s)"
_INSEE: Final = f"""
    SELECT {_PLACE}, d.code, d.name, n.name, n.kind
    FROM regions_territory n
    JOIN regions_territory t ON t.kind = 'commune' AND t.id = coalesce(n.successor_id, n.id)
    {_DEPARTEMENT}
    WHERE n.kind IN ('commune', 'arrondissement', 'ancienne') AND n.code = %(code)s
    ORDER BY n.kind <> 'commune', t.code
"""


def _by_code(shown: str, code: str) -> CommuneSearch:
    """A full postcode, else an Insee code. The former goes first: it is what people know."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTCODE, {"codes": [code]})
        rows = cursor.fetchall()
        if rows:
            return CommuneSearch(shown, "postcode", hits=_coded(rows, postcode=code))
        cursor.execute(_INSEE, {"code": code})
        rows = cursor.fetchall()
    if rows:
        hits = _coded(rows)
        # Nobody mistakes 2A004 for a postcode.
        name = hits[0].matched_name or hits[0].commune.name
        hint = HINT_CODE.format(code=code, name=name) if code.isdigit() else ""
        return CommuneSearch(shown, "code", hits=hits, hint=hint)
    hint = HINT_POSTCODE.format(code=code, start=code[:3])
    return CommuneSearch(shown, "postcode", hint=hint)


def _by_postcode_start(shown: str, start: str, limit: int) -> CommuneSearch:
    if len(start) == 1:
        return CommuneSearch(shown, "postcode_start", hint=HINT_ONE_DIGIT)
    missing = 5 - len(start)
    begins = _BEGINS_INDEXED if missing < 3 else _BEGINS
    parameters: dict[str, Any] = {
        "beginning": start + "%",
        "codes": [f"{start}{end:0{missing}}" for end in range(10**missing if missing < 3 else 0)],
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_POSTCODE_LIMITED.format(begins=begins), parameters)
        rows = cursor.fetchall()
    return CommuneSearch(
        shown,
        "postcode_start",
        hits=_coded(rows)[:limit],
        hint="" if rows else HINT_POSTCODE.format(code=start, start=start[:2]),
        more=len(rows) > limit,
        _count=(_POSTCODE_COUNT.format(begins=begins), parameters),
    )


def _coded(rows: Iterable[tuple[Any, ...]], postcode: str | None = None) -> list[CommuneHit]:
    """One hit per commune, from rows of a commune, its département, and what led to it."""
    width = len(_PLACE_FIELDS)
    hits: dict[int, CommuneHit] = {}
    for row in rows:
        kind = row[width + 3] or Kind.COMMUNE.value
        hits.setdefault(
            row[0],
            CommuneHit(
                commune=_territory(row, row[width + 1]),
                departement_code=row[width] or "",
                departement_name=row[width + 1] or "",
                matched_name=None if kind == Kind.COMMUNE else row[width + 2],
                matched_kind=kind,
                postcode=postcode,
            ),
        )
    return list(hits.values())


def _territory(row: tuple[Any, ...], departement_name: str | None) -> Territory:
    """A commune from the first columns of a row; `departement_name` stands on it for display."""
    territory = Territory.from_db(connection.alias, _PLACE_FIELDS, row[: len(_PLACE_FIELDS)])
    territory.departement_name = departement_name or ""  # type: ignore[attr-defined]
    return territory


# -- near a point --------------------------------------------------------------------------------


def _nearest(
    latitude: float, longitude: float, limit: int, within_km: float | None
) -> list[NearHit]:
    # Haversine; least() because rounding can take the root just above 1.
    distance = f"""
        2 * {EARTH_RADIUS_KM} * asin(least(1, sqrt(
            power(sin(radians(latitude - %(latitude)s) / 2), 2)
            + cos(radians(latitude)) * cos(radians(%(latitude)s))
                * power(sin(radians(longitude - %(longitude)s) / 2), 2)
        )))"""
    box = ""
    if within_km is not None:
        box = """
            AND latitude BETWEEN %(latitude)s - %(degrees)s AND %(latitude)s + %(degrees)s
            AND longitude BETWEEN %(longitude)s - 2 * %(degrees)s
                AND %(longitude)s + 2 * %(degrees)s"""
    sql = f"""
        SELECT {_PLACE}, d.name, t.distance
        FROM (
            SELECT *, {distance} AS distance FROM regions_territory
            WHERE kind = 'commune' AND latitude IS NOT NULL {box}
            ORDER BY distance, code LIMIT %(limit)s
        ) t
        {_DEPARTEMENT}
        ORDER BY t.distance, t.code
    """
    degrees = None if within_km is None else within_km / KM_PER_DEGREE
    parameters = {
        "latitude": latitude,
        "longitude": longitude,
        "degrees": degrees,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [
            NearHit(_territory(row, row[len(_PLACE_FIELDS)]), float(row[-1]))
            for row in cursor.fetchall()
        ]
