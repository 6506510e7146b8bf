"""What cards show of operators and offers: read when first shown, then kept up to a bound.

Two plain statements by primary key, whatever the number of cards; none for what is kept.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.utils.safestring import SafeString

from directory.models.reader import read
from directory.moulds import fill, items, safe
from directory.partial_dates import PartialDate
from directory.provenance import Source, make_source
from directory.snapshot.entries import operator_url

#: Operators, and offers, kept with their content; about a kilobyte each.
KEPT: Final = 300

_OPERATORS: Final = """
    SELECT o.id, o.slug, o.name, k.name, k.expansion, o.is_example, o.description,
           o.address, o.postcode, coalesce(replace(c.name, '''', '’'), ''), o.phone, o.email,
           o.website, o.verified_on, o.caveat, o.source, o.source_date,
           coalesce(replace(r.name, '''', '’'), ''),
           ARRAY(SELECT h.name FROM directory_host h WHERE h.operator_id = o.id
                 AND (h.valid_from IS NULL OR h.valid_from <= %(on)s)
                 AND (h.valid_until IS NULL OR h.valid_until > %(on)s) ORDER BY h.name),
           ARRAY(SELECT a.name FROM directory_audience a WHERE a.id IN (
                     SELECT t.audience_id FROM directory_offer_audiences t
                     JOIN directory_offer f ON f.id = t.offer_id WHERE f.operator_id = o.id)
                 ORDER BY a.position, a.name, a.id)
      FROM directory_operator o
      JOIN directory_operatorkind k ON k.id = o.kind_id
      LEFT JOIN regions_territory c ON c.id = o.commune_id
      LEFT JOIN regions_territory r ON r.id = o.region_id
     WHERE o.id = ANY(%(keys)s)
"""
_OFFERS: Final = """
    SELECT f.id, f.title, f.summary, f.conditions, f.caveat, f.source, f.source_date,
           ARRAY(SELECT a.name FROM directory_offer_audiences t
                 JOIN directory_audience a ON a.id = t.audience_id
                 WHERE t.offer_id = f.id ORDER BY a.position, a.name, a.id),
           ARRAY(SELECT a.name FROM directory_offer_themes t
                 JOIN directory_theme a ON a.id = t.theme_id
                 WHERE t.offer_id = f.id ORDER BY a.name, a.id)
      FROM directory_offer f
     WHERE f.id = ANY(%(keys)s)
"""

Html = dict[str, SafeString]
Content = TypeVar("Content")


@dataclass
class OperatorContent:
    """An operator as a card shows it."""

    pk: int
    slug: str
    name: str
    kind_name: str
    kind_expansion: str
    is_example: bool
    description: str
    address: str
    postcode: str
    town: str
    phone: str
    email: str
    website: str
    verified_on: datetime.date | None
    caveat: str
    source: Source
    region: str
    hosts: list[str]
    audiences: list[str]

    def get_absolute_url(self) -> str:
        return operator_url(self.slug)

    @property
    def phone_link(self) -> str:
        return self.phone.replace(" ", "")

    @property
    def verified_label(self) -> str:
        return f"Vérifié le {self.verified_on:%d/%m/%Y}" if self.verified_on else ""

    @property
    def html(self) -> Html:
        """What the templates of its cards print, escaped."""
        values = escaped(
            {
                "operator.slug": self.slug,
                "operator.name": self.name,
                "operator.url": self.get_absolute_url(),
                "operator.kind": self.kind_name,
                "operator.expansion": self.kind_expansion,
                "operator.is_example": "oui" if self.is_example else "",
                "operator.audiences": ", ".join(self.audiences),
            }
        )
        values["contact"] = contact_html(self)
        values["verification"] = verification_html(self, self.source)
        return values


@dataclass
class OfferContent:
    """An offer as a card shows it. Its source is None when it has its operator's."""

    pk: int
    title: str
    summary: str
    conditions: str
    caveat: str
    source: Source | None
    audiences: list[str]
    themes: list[str]

    def html(self, operator: OperatorContent) -> Html:
        """What the template of its card prints beside its operator's."""
        values = escaped(
            {
                "conditions": self.conditions,
                "audiences": ", ".join(self.audiences),
                "hosts": ", ".join(operator.hosts),
                **items("themes", ({"name": name} for name in self.themes)),
            }
        )
        source = self.source or operator.source
        return {
            "offer.title": safe(self.title),
            "offer.summary": safe(self.summary),
            "details": fill("components/offer_details.html", values),
            "verification": verification_html(operator, source, self.caveat),
        }


def escaped(values: Mapping[str, str]) -> Html:
    return {name: safe(value) for name, value in values.items()}


def contact_html(operator: Any) -> SafeString:
    """How to reach an operator (`address`, `postcode`, `town`, `phone`, `email`, `website`)."""
    names = ("name", "address", "postcode", "town", "phone", "phone_link", "email", "website")
    values = {f"operator.{name}": getattr(operator, name) for name in names}
    return fill("components/contact.html", values)


def verification_html(operator: OperatorContent, source: Source, caveat: str = "") -> SafeString:
    """How we know: when it was verified, the source, and what to mind."""
    return fill(
        "components/verification.html",
        {
            "verified": operator.verified_label,
            "caveat": operator.caveat,
            "other_caveat": caveat,
            **source_values(source),
        },
    )


def source_values(source: Source, prefix: str = "source") -> dict[str, str]:
    """What components/source.html prints."""
    return {
        f"{prefix}.url": source.url or "",
        f"{prefix}.label": source.label,
        f"{prefix}.date_label": source.date_label,
        f"{prefix}.is_old": "oui" if source.is_old else "",
        f"{prefix}.age_label": source.age_label,
    }


class Contents:
    """Operators and offers with their content, as of a day."""

    def __init__(self, on: datetime.date) -> None:
        self.on = on
        self._operators: dict[int, OperatorContent] = {}
        self._offers: dict[int, OfferContent] = {}

    def operators(self, keys: Iterable[int]) -> dict[int, OperatorContent]:
        """Those that exist, by primary key; one statement if some are not kept."""
        return self._found(self._operators, keys, _OPERATORS, self._operator)

    def offers(self, keys: Iterable[int]) -> dict[int, OfferContent]:
        """Those that exist, by primary key; one statement if some are not kept."""
        return self._found(self._offers, keys, _OFFERS, self._offer)

    def _found(
        self, kept: dict[int, Content], keys: Iterable[int], sql: str, make: Any
    ) -> dict[int, Content]:
        found = {key: kept.get(key) for key in keys}
        missing = [key for key, content in found.items() if content is None]
        if missing:
            rows = read(sql, {"keys": missing, "on": self.on})
            if len(kept) > KEPT:
                kept.clear()
            for row in rows:
                found[row[0]] = kept[row[0]] = make(row)
        return {key: content for key, content in found.items() if content is not None}

    def _operator(self, row: tuple[Any, ...]) -> OperatorContent:
        values: Any
        *values, source, source_date, region, hosts, audiences = row
        known = self._source(source, source_date)
        return OperatorContent(*(*values, known, region, hosts, audiences))

    def _offer(self, row: tuple[Any, ...]) -> OfferContent:
        values: Any
        *values, source, source_date, audiences, themes = row
        known = self._source(source, source_date) if source else None
        return OfferContent(*(*values, known, audiences, themes))

    def _source(self, text: str, date: str | None) -> Source:
        return make_source(text, PartialDate(date) if date else None, self.on)
