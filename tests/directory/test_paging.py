"""Whole pages kept against the revision, compressed once."""

import gzip

import brotli
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from directory.paging import cached_page, encoding_for
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
