"""The calls as an Atom feed to subscribe to, the last changed first."""

import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from directory.calls.describe import title_of
from directory.calls.search import CallSearch
from directory.calls.words import envelope_label, names_in_french, status_sentence
from directory.models import CallStatus, FundingKind
from directory.models.call_status import CLOSING_DAYS

#: Entries of one feed.
MOST: Final = 100
#: What identifies an entry: never changes, whatever the host that serves it (RFC 4151).
TAG: Final = "tag:parcours-ess,2026:appel:"

_PARIS: Final = ZoneInfo(settings.TIME_ZONE)


def last_news(edition: Any, on: datetime.date) -> datetime.datetime:
    """When there was last something to tell: a change, its opening, or that it closes soon."""
    news = [edition.updated_at]
    if edition.opens_on and edition.opens_on.is_exact:
        news.append(_midnight(edition.opens_on.first_day))
    if edition.closes_on and edition.closes_on.is_exact:
        soon = edition.closes_on.last_day - datetime.timedelta(days=CLOSING_DAYS)
        news.append(_midnight(soon))
    begun = _midnight(on + datetime.timedelta(days=1))
    return max(moment for moment in news if moment < begun or moment == edition.updated_at)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), _PARIS)


class CallsFeed(Feed):
    """The feed of a search."""

    feed_type = Atom1Feed
    language = "fr"
    author_name = "Parcours ESS"

    def __init__(self, search: CallSearch) -> None:
        self.search = search

    def title(self) -> str:
        return title_of(self.search)

    def subtitle(self) -> str:
        return "Ce qui s’ouvre, ce qui ferme bientôt, ce qui a changé. Chaque appel a sa source."

    def link(self) -> str:
        return self.search.url()

    def feed_url(self) -> str:
        return self.search.url("calls_feed")

    def feed_guid(self) -> str:
        return f"tag:parcours-ess,2026:appels:{self.search.query_string}"

    def items(self) -> list[Any]:
        editions = self.search.editions(self.search.ordered)
        news = {edition.pk: last_news(edition, self.search.on) for edition in editions}
        return sorted(editions, key=lambda one: (news[one.pk], one.pk), reverse=True)[:MOST]

    def item_guid(self, item: Any) -> str:
        return TAG + item.key

    def item_title(self, item: Any) -> str:
        return str(item.title)

    def item_updateddate(self, item: Any) -> datetime.datetime:
        return last_news(item, self.search.on)

    def item_categories(self, item: Any) -> list[str]:
        return [str(FundingKind(item.scheme.kind).label)]

    def item_description(self, item: Any) -> str:
        status = CallStatus(item.status_on_day)
        funders, money = names_in_french(item.funder_names), envelope_label(item)
        parts = [
            status_sentence(item, status, self.search.on),
            f"Financé par {funders}" if funders else "",
            f"Enveloppe\N{NO-BREAK SPACE}: {money}" if money else "",
            item.note.rstrip("."),
        ]
        return escape(". ".join(part for part in parts if part) + ".")
