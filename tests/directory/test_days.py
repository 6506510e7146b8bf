"""`?au=`: what a past day shows, what it hides, and how a bad day is refused."""

import datetime
import json
import re
from typing import Any

import pytest
from django.db.models import Q
from django.http import QueryDict
from django.test import Client

from directory.days import FIRST_DAY, Day, DayForm, on_day
from directory.models import CallEdition, Indicator, Membership, Operator, Reference, Relay, Stage
from directory.models.facts import known_on
from directory.policy.lookup import region_url
from directory.snapshot import kept, snapshot
from directory.snapshot.snapshot import Snapshot
from directory.territory.lookup import territory_url
from tests.directory.conftest import fresh, make_offer
from tests.factories import (
    TODAY,
    CallEditionFactory,
    OperatorFactory,
    SmallFrance,
    compose,
    covers,
    territory,
)

DAY = datetime.date(2017, 12, 19)
AU = "?au=2017-12-19"


@pytest.fixture
def today() -> datetime.date:
    return TODAY


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


class TestForm:
    @pytest.mark.parametrize(
        ("typed", "on"),
        [
            ("", None),
            ("  ", None),
            ("2017-12-19", DAY),
            (" 2017-12-19 ", DAY),
            ("2016-01-01", FIRST_DAY),
            ("2026-11-23", datetime.date(2026, 11, 23)),
        ],
    )
    def test_a_day_between_the_first_and_today(
        self, today: datetime.date, typed: str, on: datetime.date | None
    ) -> None:
        form = DayForm({"au": typed})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["au"] == on

    @pytest.mark.parametrize(
        ("typed", "says"),
        [
            ("2017-13-19", "« 2017-13-19 » n’est pas une date"),
            ("2017-02-29", "n’est pas une date"),
            ("hier", "n’est pas une date"),
            ("2017", "n’est pas une date"),
            ("19/12/2017", "n’est pas une date"),
            ("２０１７-12-19", "n’est pas une date"),
            ("2026-11-24", "Le 24 novembre 2026 n’est pas encore venu"),
            ("9999-12-31", "n’est pas encore venu"),
            ("2015-12-31", "trop loin"),
            ("0001-01-01", "Le 1er janvier 1 est trop loin"),
            ("x" * 500, "40"),
            ("2017-12-19\x00", "caractère"),
        ],
    )
    def test_any_other_is_refused_with_the_reason(
        self, today: datetime.date, typed: str, says: str
    ) -> None:
        form = DayForm({"au": typed})
        assert not form.is_valid()
        assert says in form.errors["au"][0].replace("\u00a0", " ")

    def test_today_is_not_a_past_day(self, today: datetime.date) -> None:
        day = Day("/x/", QueryDict("au=2026-11-23"))
        assert (day.on, day.is_past) == (today, False)

    def test_a_bad_day_shows_today(self, today: datetime.date) -> None:
        day = Day("/x/", QueryDict("au=hier&profil=idee"))
        assert (day.on, day.is_past, day.is_valid) == (today, False, False)

    def test_the_rest_of_the_address_is_kept(self, today: datetime.date) -> None:
        day = Day("/x/", QueryDict("au=2017-12-19&profil=idee"))
        assert (day.kept, day.today_url) == ([("profil", "idee")], "/x/?profil=idee")

    @pytest.mark.parametrize(
        ("address", "there"),
        [
            ("/x/", f"/x/{AU}"),
            ("/x/?a=1", "/x/?a=1&au=2017-12-19"),
            ("/x/#b", f"/x/{AU}#b"),
            ("", ""),
        ],
    )
    def test_an_address_stays_on_the_day(
        self, today: datetime.date, address: str, there: str
    ) -> None:
        assert on_day(address, DAY) == there
        assert on_day(address, today) == address


class TestKnown:
    """docs/decisions/0010: the source by then, or the fact itself by then, or no date at all."""

    @pytest.mark.parametrize(
        ("source_date", "about", "is_known"),
        [
            (None, None, True),
            ("2017", None, True),
            ("2017-12", None, True),
            ("2017-12-19", None, True),
            ("2017-12-20", None, False),
            ("2018", None, False),
            (None, "2017", True),
            (None, "2018", False),
            ("2021", "2009", True),  # told later, but it had happened
            ("2017-12-19", "2018", True),  # told then, of what was to come
            ("2021", "2018", False),
        ],
    )
    def test_the_truth_table(
        self,
        france: SmallFrance,
        today: datetime.date,
        source_date: str | None,
        about: str | None,
        is_known: bool,
    ) -> None:
        Indicator.objects.create(
            slug="x", label="X", value=1, territory=france.r1, source="s",
            source_date=source_date, as_of=about,
        )  # fmt: skip
        assert Indicator.objects.filter(known_on(DAY, "as_of")).exists() is is_known
        assert Indicator.objects.filter(known_on(today, "as_of")).exists()

    def test_today_the_condition_is_empty(self, today: datetime.date) -> None:
        assert known_on(today, "as_of") == Q()

    @pytest.mark.parametrize(
        ("fields", "reference", "is_there"),
        [
            ({}, None, True),
            ({"source_date": "2016"}, None, True),
            ({"source_date": "2021"}, None, False),
            ({"source_date": "2021", "opened_on": "2009"}, None, True),
            ({"source_date": "2021"}, "2017-12-19", True),
            ({"source_date": "2021"}, "2018", False),
            ({"source_date": "2016", "opened_on": "2018"}, "2016", False),
            ({"state": "closed", "closed_on": "2018"}, None, True),
            ({"state": "closed", "closed_on": "2017"}, None, False),
        ],
    )
    def test_an_operator(
        self,
        france: SmallFrance,
        today: datetime.date,
        fields: dict[str, str],
        reference: str | None,
        is_there: bool,
    ) -> None:
        operator = OperatorFactory(**fields)
        if reference:
            Reference.objects.create(operator=operator, source="s", source_date=reference)
        assert Operator.objects.at_work(DAY).exists() is is_there

    @pytest.mark.parametrize(
        ("fields", "is_known"),
        [
            ({}, True),
            ({"year": 2017}, True),
            ({"year": 2018}, False),
            ({"year": 2018, "source_date": "2017-12-19"}, True),
            ({"year": 2017, "source_date": "2021"}, True),
            ({"year": 2018, "opens_on": "2017-11", "source_date": "2018"}, True),
            ({"year": 2017, "opens_on": "2018-01", "source_date": "2018"}, False),
            ({"source_date": "2018"}, False),
        ],
    )
    def test_a_call(
        self,
        france: SmallFrance,
        today: datetime.date,
        fields: dict[str, Any],
        is_known: bool,
    ) -> None:
        CallEditionFactory(**fields)
        assert CallEdition.objects.known_on(DAY).exists() is is_known
        assert CallEdition.objects.known_on(today).exists()


class TestPages:
    @pytest.fixture
    def changed(self, documented: SmallFrance, today: datetime.date) -> SmallFrance:
        """Before: Ancien, until 2020. After: Nouveau, from 2020."""
        make_offer(
            documented.r1,
            operator__name="Ancien",
            operator__state="closed",
            operator__opened_on="2010",
            operator__closed_on="2020",
        )
        make_offer(documented.r1, operator__name="Nouveau", operator__opened_on="2020")
        return documented

    @pytest.fixture
    def addresses(self, changed: SmallFrance) -> list[str]:
        return [
            changed.a.get_absolute_url(),
            territory_url(changed.e1),
            territory_url(changed.r1),
            region_url(changed.r1),
        ]

    def test_each_shows_who_was_at_work(self, addresses: list[str], client: Client) -> None:
        for address in addresses:
            now, then = text_of(client, address), text_of(client, address + AU)
            assert ("Nouveau" in now, "Ancien</a>" in now) == (True, False), address
            assert ("Nouveau" in then, "Ancien" in then) == (False, True), address

    def test_each_says_so_and_leads_back(self, addresses: list[str], client: Client) -> None:
        for address in addresses:
            then = text_of(client, address + AU)
            assert "au 19 décembre 2017</p>" in then
            assert f'href="{address}">Revenir à aujourd’hui</a>' in then
            assert 'name="robots" content="noindex"' in then
            now = text_of(client, address)
            assert "Revenir à aujourd’hui" not in now
            assert "noindex" not in now
            assert "Voir à une autre date" in now

    @pytest.mark.parametrize("typed", ["2017-13-01", "demain", "2100-01-01", "1999-01-01"])
    def test_each_refuses_a_bad_day_and_keeps_what_was_typed(
        self, addresses: list[str], client: Client, typed: str
    ) -> None:
        for address in addresses:
            page = text_of(client, f"{address}?au={typed}", status=400)
            assert f'value="{typed}"' in page
            assert "Cette date ne peut pas être montrée" in page
            assert "Nouveau" in page

    def test_no_typed_day_is_printed_as_it_is(self, addresses: list[str], client: Client) -> None:
        for address in addresses:
            response = client.get(address, {"au": "<script>alert(1)</script>"})
            assert response.status_code == 400
            assert b"<script>alert(1)" not in response.content

    def test_links_to_dated_pages_stay_on_the_day(
        self, addresses: list[str], changed: SmallFrance, client: Client
    ) -> None:
        dated = re.compile(r'href="(/(?:parcours|territoires/[a-z]+|regions)/[^"]+)"')
        for address in addresses:
            then = text_of(client, address + AU)
            links = [
                link
                for link in dated.findall(then)
                if link not in (address, "/territoires/comparer/") and "/comparer/" not in link
            ]
            assert links, address
            assert [link for link in links if "au=2017-12-19" not in link] == [], address

    def test_the_forms_of_a_page_keep_the_day(self, changed: SmallFrance, client: Client) -> None:
        then = text_of(client, changed.a.get_absolute_url() + AU + "&profil=idee")
        assert 'type="hidden" name="profil" value="idee"' in then
        back, *doors = re.findall(r'href="([^"]*profil=[^"]*)"', then)
        assert "au=" not in back  # to today, the door kept
        assert doors and all("au=2017-12-19" in door for door in doors)

    def test_no_gap_is_claimed_before_the_directory_was_filled(
        self, changed: SmallFrance, client: Client
    ) -> None:
        now = text_of(client, changed.a.get_absolute_url())
        then = text_of(client, changed.a.get_absolute_url() + AU)
        assert "Personne ne couvre l’étape" in now
        assert "Personne ne couvre l’étape" not in then
        assert "Pas rempli à cette date" in then

    def test_a_pays_is_made_of_what_it_was(
        self, documented: SmallFrance, today: datetime.date, client: Client
    ) -> None:
        """Commune c was in p1 until 21 September 2023."""
        address = documented.c.get_absolute_url()
        assert "/territoires/pays/p1-p1/" not in text_of(client, address)
        assert f"/territoires/pays/p1-p1/{AU}" in text_of(client, address + AU)
        pays = territory_url(documented.p1)
        assert "2 communes" in text_of(client, pays)
        assert "3 communes" in text_of(client, pays + AU)

    def test_an_offer_for_a_pays_follows_its_composition(
        self, documented: SmallFrance, today: datetime.date, client: Client
    ) -> None:
        make_offer(documented.p1, operator__name="Pôle du Pays")
        address = documented.c.get_absolute_url()
        assert "Pôle du Pays" not in text_of(client, address)
        assert "Pôle du Pays" in text_of(client, address + AU)
        assert "Pôle du Pays" not in text_of(client, address + "?au=2023-09-21")
        assert "Pôle du Pays" in text_of(client, address + "?au=2023-09-20")

    def test_a_call_stands_where_it_stood(
        self, documented: SmallFrance, today: datetime.date, client: Client
    ) -> None:
        call = CallEditionFactory(
            title="Appel d’alors", opens_on="2017-12-01", closes_on="2018-01-15", year=2017
        )
        covers(call.scheme, documented.r1)
        later = CallEditionFactory(title="Appel d’après", year=2020)
        covers(later.scheme, documented.r1)
        for address in (documented.a.get_absolute_url(), territory_url(documented.e1)):
            then = text_of(client, address + AU)
            assert "Ferme dans 27 jours" in then
            assert "Appel d’après" not in then

    def test_a_relay_first_told_later_is_not_there(
        self, documented: SmallFrance, today: datetime.date, client: Client
    ) -> None:
        offer = make_offer(documented.r1, operator__opened_on="2010")
        stage = Stage.objects.get(slug="creation")
        Relay.objects.create(
            from_operator=offer.operator, to_label="Un relais", from_stage=offer.stage,
            to_stage=stage, source="s", source_date="2018-12-04",
        )  # fmt: skip
        address = documented.a.get_absolute_url()
        assert "Un relais" in text_of(client, address)
        assert "Un relais" not in text_of(client, address + AU)

    def test_a_member_is_there_for_its_time(
        self, documented: SmallFrance, today: datetime.date, client: Client
    ) -> None:
        collective = OperatorFactory(region=documented.r1, opened_on="2016")
        for name, begins, ends in [
            ("Alors", None, "2018-01-01"),
            ("Depuis", "2018-01-01", None),
        ]:
            Membership.objects.create(
                collective=collective, name=name, valid_from=begins, valid_until=ends, source="s"
            )
        address = region_url(documented.r1)
        then, now = text_of(client, address + AU), text_of(client, address)
        assert ("<li>Alors" in then, "<li>Depuis" in then) == (True, False)
        assert ("<li>Alors" in now, "<li>Depuis" in now) == (False, True)

    def test_the_map_and_the_file_of_a_territory_follow(
        self, changed: SmallFrance, client: Client
    ) -> None:
        page = client.get(territory_url(changed.e1) + AU)
        data = page.context["map_data"]
        assert data["cells"].endswith(f"communes.geojson{AU}")
        cells = json.loads(client.get(data["cells"]).content)
        urls = [one["properties"]["url"] for one in cells["features"]]
        assert all(url.endswith(AU) for url in urls)
        csv = client.get(page.context["page"].all_csv_url)
        assert csv.status_code == 200
        for address in (data["cells"], page.context["page"].all_csv_url):
            bad = client.get(address.replace("2017-12-19", "demain"))
            assert bad.status_code == 400
            assert "n’est pas une date" in bad.content.decode()

    def test_a_page_of_a_past_day_is_kept_like_any_other(
        self, addresses: list[str], client: Client
    ) -> None:
        for address in addresses:
            first = client.get(address + AU)
            again = client.get(address + AU, headers={"if-none-match": first["ETag"]})
            assert again.status_code == 304


def test_walking_through_past_days_never_evicts_the_present(
    documented: SmallFrance, today: datetime.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_SNAPSHOTS", {})
    monkeypatch.setattr(kept, "_PAST", {})
    stamp = fresh().stamp
    present = snapshot(stamp, today)
    for number in range(10):
        snapshot(stamp, DAY - datetime.timedelta(days=number))
    assert snapshot(stamp, today) is present
    assert len(kept._PAST) == kept.KEPT_PAST


def test_two_days_of_one_state_differ_only_by_the_day(
    documented: SmallFrance, today: datetime.date
) -> None:
    compose(territory("epci", "e9"), [documented.f], valid_from=datetime.date(2020, 1, 1))
    then, now = Snapshot(fresh().stamp, DAY), Snapshot(fresh().stamp, today)
    names = [
        {place.code for place in one.place(documented.f.pk).territories} for one in (then, now)
    ]
    assert ("e9" in names[0], "e9" in names[1]) == (False, True)
