"""Calendars and feeds of calls, read back by the libraries that readers use."""

import datetime
from typing import Any

import feedparser
import icalendar
import pytest
from django.test import Client
from django.utils import timezone

from directory.calls.feed import last_news
from directory.models import CallEdition
from tests.factories import (
    TODAY,
    CallEditionFactory,
    FundingFactory,
    SmallFrance,
    covers,
)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    made = Clock()
    monkeypatch.setattr(timezone, "now", lambda: made.now)
    return made


class Clock:
    """The time of the tests; it only moves when told to."""

    def __init__(self) -> None:
        self.now = datetime.datetime.combine(TODAY, datetime.time(11), datetime.UTC)


@pytest.fixture
def calls(france: SmallFrance) -> SmallFrance:
    first = CallEditionFactory(
        key="exact",
        title="Jardins & cantines <2026>; tout, compris",
        scheme__slug="jardins",
        year=2026,
        opens_on="2026-10-01",
        closes_on="2026-12-15",
        envelope=1000,
        envelope_nature="vote",
        note="Ligne une.\nLigne deux.",
    )
    FundingFactory(edition=first, funder__name="Région R")
    covers(first, france.r1)
    second = CallEditionFactory(key="mois", title="Au mois", opens_on="2027-02", year=2027)
    covers(second, france.r2)
    CallEditionFactory(key="annee", title="À l’année", closes_on="2027", year=2027)
    CallEditionFactory(key="rien", title="Sans date", year=None)
    return france


def calendar(client: Client, query: str = "") -> Any:
    response = client.get(f"/appels/calendrier.ics{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(response.content)


def events(client: Client, query: str = "") -> dict[str, Any]:
    return {str(event["UID"]): event for event in calendar(client, query).walk("VEVENT")}


def feed(client: Client, query: str = "") -> Any:
    response = client.get(f"/appels/flux.atom{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(response.content)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return read


# --- The calendar ----------------------------------------------------------------------------


def test_openings_and_closings_are_whole_days(calls: SmallFrance, client: Client) -> None:
    found = events(client)
    closing = found["exact-cloture@parcours-ess"]
    assert closing["DTSTART"].dt == datetime.date(2026, 12, 15)
    assert closing["DTSTART"].params["VALUE"] == "DATE"
    assert closing["DTEND"].dt == datetime.date(2026, 12, 16)
    assert str(closing["SUMMARY"]) == ("Clôture\u00a0: Jardins & cantines <2026>; tout, compris")
    assert "Financé par Région R." in closing["DESCRIPTION"]
    assert "Enveloppe\u00a0: 1\u202f000\u00a0€ (votée)." in closing["DESCRIPTION"]
    assert "Ligne une.\nLigne deux." in closing["DESCRIPTION"]
    assert str(closing["URL"]) == "http://testserver/appels/jardins/2026/"
    assert found["exact-ouverture@parcours-ess"]["DTSTART"].dt == datetime.date(2026, 10, 1)


def test_a_date_known_to_the_month_is_on_its_first_day_and_says_so(
    calls: SmallFrance, client: Client
) -> None:
    event = events(client)["mois-ouverture@parcours-ess"]
    assert event["DTSTART"].dt == datetime.date(2027, 2, 1)
    assert str(event["SUMMARY"]) == "Ouverture en février 2027, jour non connu\u00a0: Au mois"
    assert str(event["STATUS"]) == "TENTATIVE"


def test_what_has_no_month_is_left_out_and_the_page_says_how_many(
    calls: SmallFrance, client: Client
) -> None:
    assert set(events(client)) == {
        "exact-ouverture@parcours-ess",
        "exact-cloture@parcours-ess",
        "mois-ouverture@parcours-ess",
    }
    page = client.get("/appels/").content.decode()
    assert "2 appels de cette recherche n’y figurent pas" in page
    assert "n’est pas dans l’agenda" in str(calendar(client)["X-WR-CALDESC"])


def test_the_calendar_has_the_name_of_its_search(calls: SmallFrance, client: Client) -> None:
    made = calendar(client, "?territoire=region:r1&annee=2026&statut=ouvert")
    assert str(made["X-WR-CALNAME"]) == "Appels et aides dans la région r1, ouverts, de 2026"
    assert made["REFRESH-INTERVAL"] == "P1D"
    assert made["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert str(made["VERSION"]) == "2.0"
    assert str(made["X-WR-TIMEZONE"]) == "Europe/Paris"


def test_an_empty_calendar_is_a_valid_one(calls: SmallFrance, client: Client) -> None:
    made = calendar(client, "?annee=2012")
    assert list(made.walk("VEVENT")) == []
    assert [str(zone["TZID"]) for zone in made.walk("VTIMEZONE")] == ["Europe/Paris"]


def test_a_change_replaces_the_event(calls: SmallFrance, client: Client, clock: Clock) -> None:
    before = events(client)["exact-cloture@parcours-ess"]
    clock.now += datetime.timedelta(hours=3)
    edition = CallEdition.objects.get(key="exact")
    edition.closes_on = "2026-12-20"
    edition.save()
    after = events(client)["exact-cloture@parcours-ess"]
    assert after["DTSTART"].dt == datetime.date(2026, 12, 20)
    assert after["SEQUENCE"] == before["SEQUENCE"] + 180
    for stamp in ("LAST-MODIFIED", "DTSTAMP"):
        assert after[stamp].dt - before[stamp].dt == datetime.timedelta(hours=3)
    untouched = events(client)["mois-ouverture@parcours-ess"]
    assert untouched["SEQUENCE"] == before["SEQUENCE"]


def test_lines_are_folded_and_end_as_they_should(calls: SmallFrance, client: Client) -> None:
    content = client.get("/appels/calendrier.ics").content
    lines = content.split(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75


def test_the_calendar_follows_the_search(calls: SmallFrance, client: Client) -> None:
    for query in ("?annee=2027", "?territoire=region:r1", "?q=jardins"):
        listed = client.get(f"/api/v1/appels{query}").json()["appels"]
        keys = {call["key"] for call in listed}
        found = {
            uid.split("@")[0].removesuffix("-ouverture").removesuffix("-cloture")
            for uid in events(client, query)
        }
        assert found == keys & {"exact", "mois"}


# --- The feed --------------------------------------------------------------------------------


def test_the_feed_is_read_back(calls: SmallFrance, client: Client) -> None:
    read = feed(client)
    assert read.feed.title == "Appels et aides"
    assert read.feed.author == "Parcours ESS"
    assert {entry.id for entry in read.entries} == {
        f"tag:parcours-ess,2026:appel:{key}" for key in ("exact", "mois", "annee", "rien")
    }
    entry = next(one for one in read.entries if one.id.endswith(":exact"))
    assert entry.link == "http://testserver/appels/jardins/2026/"
    assert entry.title == "Jardins & cantines <2026>; tout, compris"
    assert "Ouvert jusqu’au 15 décembre 2026" in entry.summary
    assert "Financé par Région R" in entry.summary


def test_markup_in_a_text_stays_a_text(france: SmallFrance, client: Client) -> None:
    CallEditionFactory(note="<script>alert(1)</script> & co", year=2026)
    (entry,) = feed(client).entries
    assert "&lt;script&gt;" in entry.summary


def test_the_feed_follows_the_search_and_says_it(calls: SmallFrance, client: Client) -> None:
    read = feed(client, "?annee=2027")
    assert read.feed.title == "Appels et aides, de 2027"
    assert {entry.id.rsplit(":", 1)[1] for entry in read.entries} == {"mois", "annee"}
    assert {link.href for link in read.feed.links} == {
        "http://testserver/appels/?annee=2027",
        "http://testserver/appels/flux.atom?annee=2027",
    }
    assert feed(client, "?annee=2012").entries == []


def test_what_changed_last_comes_first_with_the_same_identifier(
    calls: SmallFrance, client: Client, clock: Clock
) -> None:
    before = {entry.id: entry.updated_parsed for entry in feed(client).entries}
    clock.now += datetime.timedelta(minutes=5)
    edition = CallEdition.objects.get(key="rien")
    edition.note = "Précision"
    edition.save()
    entries = feed(client).entries
    assert entries[0].id == "tag:parcours-ess,2026:appel:rien"
    assert entries[0].updated_parsed > before[entries[0].id]
    assert {entry.id for entry in entries} == set(before)


@pytest.mark.parametrize(
    ("opens", "closes", "news"),
    [
        (None, None, "2026-01-05T10:00+00:00"),
        ("2026-03-01", None, "2026-03-01T00:00+01:00"),
        ("2026-07-01", None, "2026-07-01T00:00+02:00"),
        ("2027-03-01", None, "2026-01-05T10:00+00:00"),
        ("2026-03", "2026-12", "2026-01-05T10:00+00:00"),
        ("2026-03-01", "2026-12-10", "2026-11-10T00:00+01:00"),
        ("2026-03-01", "2027-02-10", "2026-03-01T00:00+01:00"),
        (None, "2026-12-23", "2026-11-23T00:00+01:00"),
    ],
)
def test_a_call_is_news_when_it_opens_and_when_it_closes_soon(
    db: None, clock: Clock, opens: str | None, closes: str | None, news: str
) -> None:
    now = clock.now
    clock.now = datetime.datetime(2026, 1, 5, 10, tzinfo=datetime.UTC)
    made = CallEditionFactory(opens_on=opens, closes_on=closes)
    clock.now = now
    found = last_news(CallEdition.objects.get(pk=made.pk), TODAY)
    assert found == datetime.datetime.fromisoformat(news)


# --- Both ------------------------------------------------------------------------------------


def test_subscriptions_are_kept_like_pages(calls: SmallFrance, client: Client) -> None:
    for address in ("/appels/calendrier.ics", "/appels/flux.atom"):
        first = client.get(f"{address}?annee=2026")
        again = client.get(f"{address}?annee=2026", headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304, address
        kept = client.get(f"{address}?annee=2026")
        assert (kept.content, kept["Content-Type"]) == (first.content, first["Content-Type"])


def test_two_hosts_are_two_calendars(calls: SmallFrance, client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["un.fr", "deux.fr"]
    for host in ("un.fr", "deux.fr"):
        made = client.get("/appels/calendrier.ics", headers={"host": host}).content.decode()
        assert f"http://{host}/appels/" in made
        assert (
            f"webcal://{host}/appels/calendrier.ics"
            in client.get("/appels/", headers={"host": host}).content.decode()
        )


def test_the_page_gives_the_addresses_of_its_search(calls: SmallFrance, client: Client) -> None:
    page = client.get("/appels/?annee=2026&territoire=region:r1").content.decode()
    query = "territoire=region:r1&amp;annee=2026"
    assert f"webcal://testserver/appels/calendrier.ics?{query}" in page
    assert f"http://testserver/appels/calendrier.ics?{query}" in page
    assert f'href="/appels/flux.atom?{query}"' in page
