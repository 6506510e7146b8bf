"""Whole pages kept against the revision, compressed once."""

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brotli
import pytest
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from directory import paging
from directory.models import Revision, Stamp
from directory.paging import cached_page, encoding_for, stamp_of, stamped_page
from directory.release import release
from tests.directory.conftest import make_offer
from tests.factories import SmallFrance


@pytest.mark.parametrize(
    ("accepts", "expected"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", ""),
        ("", ""),
    ],
)
def test_the_smallest_encoding_the_reader_accepts(accepts: str, expected: str) -> None:
    request = RequestFactory().get("/", headers={"accept-encoding": accepts})
    assert encoding_for(request) == expected


def test_every_reader_gets_the_same_page(france: SmallFrance, client: Client) -> None:
    make_offer(france.a, operator__name="Opérateur connu")
    address = france.a.get_absolute_url()
    plain = client.get(address)
    assert "Opérateur connu" in plain.content.decode()
    for encoding, decompress in [("br", brotli.decompress), ("gzip", gzip.decompress)]:
        for _ in range(2):  # made, then kept
            packed = client.get(address, headers={"accept-encoding": encoding})
            assert packed["Content-Encoding"] == encoding
            assert packed["Vary"] == "Accept-Encoding"
            assert decompress(packed.content) == plain.content


@pytest.mark.django_db
def test_what_is_not_a_200_is_not_kept() -> None:
    answers = iter([HttpResponse("non", status=404), HttpResponse("oui")])

    @cached_page
    def view(request: HttpRequest) -> HttpResponse:
        return next(answers)

    request = RequestFactory().get("/une-adresse/")
    assert [view(request).content for _ in range(3)] == [b"non", b"oui", b"oui"]


@pytest.mark.django_db
def test_two_addresses_are_two_pages() -> None:
    @cached_page
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.get_full_path())

    for address in ("/a/", "/a/?q=1", "/a/?q=2", "/a/?x=1", "/a/?x=2"):
        assert view(RequestFactory().get(address)).content.decode() == address


@pytest.mark.django_db
def test_a_new_release_never_answers_for_the_pages_of_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([HttpResponse("avant"), HttpResponse("après")])

    @cached_page
    def view(request: HttpRequest) -> HttpResponse:
        return next(answers)

    first = view(RequestFactory().get("/une-adresse/"))
    monkeypatch.setattr(paging, "release", lambda: "another")
    again = RequestFactory().get("/une-adresse/", headers={"if-none-match": first["ETag"]})
    answer = view(again)
    assert (answer.status_code, answer.content) == (200, "après".encode())


def test_a_release_is_known_by_its_code_its_templates_and_what_pages_show(
    settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "templates").mkdir()
    page = tmp_path / "templates" / "page.html"
    settings.BASE_DIR = tmp_path
    known = []
    for text, tiles in (("un", ""), ("un", ""), ("deux", ""), ("deux", "https://tuiles.example")):
        page.write_text(text)
        settings.TILE_URL = tiles
        known.append(release.__wrapped__())
    assert known[0] == known[1]
    assert len(set(known)) == 3


@pytest.mark.django_db
def test_a_stamped_page_is_made_each_time_but_for_a_reader_who_has_it() -> None:
    answers = iter(["une", "deux", "trois"])

    @stamped_page
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(next(answers))

    first = view(RequestFactory().get("/une-adresse/"))
    assert (first.content, first["Cache-Control"]) == (b"une", "no-cache")
    packed = view(RequestFactory().get("/une-adresse/", headers={"accept-encoding": "br"}))
    assert (packed["Content-Encoding"], packed["Vary"]) == ("br", "Accept-Encoding")
    assert brotli.decompress(packed.content) == b"deux"
    assert packed["ETag"] != first["ETag"]
    known = RequestFactory().get("/une-adresse/", headers={"if-none-match": first["ETag"]})
    assert view(known).status_code == 304


def test_a_stamped_page_is_another_one_after_a_write(france: SmallFrance, client: Client) -> None:
    address = "/api/v1/communes?q=commune"
    before = client.get(address)
    known = {"if-none-match": before["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    make_offer(france.a)
    after = client.get(address, headers=known)
    assert (after.status_code, after.content) == (200, before.content)


class TestWhileTheStampIsAskedFor:
    """A page is made for the last stamp known; what it says counts only if that still holds."""

    @pytest.fixture
    def made_for(self, outside: None, monkeypatch: pytest.MonkeyPatch) -> list[Stamp]:
        """The stamps that `view` was called for. The directory of the present one is in memory."""
        self.known = Revision.current()
        self.memory = SimpleNamespace(stamp=self.known, is_whole=True)
        monkeypatch.setattr(paging, "latest", lambda: self.memory)
        return []

    def ask(self, made_for: list[Stamp], decorate: Any, refuse: Stamp | None = None) -> Any:
        @decorate
        def view(request: HttpRequest) -> HttpResponse:
            stamp = stamp_of(request)
            made_for.append(stamp)
            if stamp == refuse:
                raise Http404
            return HttpResponse(str(stamp))

        return view(RequestFactory().get("/une-adresse/"))

    def write(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE directory_revision SET number = number + 1")

    @pytest.mark.parametrize("decorate", [cached_page, stamped_page])
    def test_it_is_made_once_while_nothing_changes(
        self, made_for: list[Stamp], decorate: Any
    ) -> None:
        assert self.ask(made_for, decorate).content.decode() == str(self.known)
        assert made_for == [self.known]

    @pytest.mark.parametrize("decorate", [cached_page, stamped_page])
    def test_after_a_write_it_is_made_again(self, made_for: list[Stamp], decorate: Any) -> None:
        self.write()
        answer = self.ask(made_for, decorate)
        present = Revision.current()
        assert present != self.known
        assert answer.content.decode() == str(present)
        assert made_for == [self.known, present]

    @pytest.mark.parametrize("decorate", [cached_page, stamped_page])
    def test_a_refusal_of_the_past_is_not_believed(
        self, made_for: list[Stamp], decorate: Any
    ) -> None:
        self.write()
        assert self.ask(made_for, decorate, refuse=self.known).status_code == 200

    @pytest.mark.parametrize("decorate", [cached_page, stamped_page])
    def test_a_refusal_of_the_present_is(self, made_for: list[Stamp], decorate: Any) -> None:
        with pytest.raises(Http404):
            self.ask(made_for, decorate, refuse=self.known)
        assert made_for == [self.known]

    def test_a_directory_that_is_not_in_memory_is_not_read_for_nothing(
        self, made_for: list[Stamp]
    ) -> None:
        self.memory.is_whole = False
        self.write()
        self.ask(made_for, cached_page)
        assert made_for == [Revision.current()]


@pytest.mark.django_db
def test_a_refusal_is_not_stamped() -> None:
    refused = stamped_page(lambda request: HttpResponse("non", status=400))
    response = refused(RequestFactory().get("/une-adresse/", headers={"accept-encoding": "br"}))
    assert response.content == b"non"
    assert "ETag" not in response
