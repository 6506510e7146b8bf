"""How a fact says where it comes from, and how old that is."""

import datetime
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from directory.models.facts import Sourced

#: From this age, in years, a source is shown as old.
OLD_AFTER_YEARS = 3

_URL = re.compile(r"https?://[^\s;,]+[^\s;,.]")


@dataclass(frozen=True)
class Source:
    """A source ready to show. `url` is None for a document without address."""

    label: str
    url: str | None
    date_label: str
    is_old: bool
    age_label: str


def source_of(fact: Sourced, on: datetime.date) -> Source:
    """The source of a fact as seen on that day."""
    return make_source(fact.source, fact.source_date, on)


def make_source(text: str, date: object, on: datetime.date) -> Source:
    """`text` is an address or a reference; `date` a `PartialDate` or None."""
    found = _URL.search(text)
    url = found.group() if found else None
    if url is None and text.startswith("github:"):
        url = "https://github.com/" + text.removeprefix("github:").split(" ", 1)[0]
    label = urlsplit(url).netloc.removeprefix("www.") if url else text[:80]
    if not date:
        return Source(label, url, "", False, "Source non datée")
    is_old = on.year - date.year >= OLD_AFTER_YEARS  # type: ignore[attr-defined]
    date_label = date.label  # type: ignore[attr-defined]
    if is_old:
        return Source(label, url, date_label, True, f"Source de {date.year}, à vérifier")  # type: ignore[attr-defined]
    return Source(label, url, date_label, False, "")
