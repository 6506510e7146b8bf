"""What every page owes its readers: headers, refusals, no cookie."""

import re

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC_PAGE = "/mentions-legales/"
#: A form that anybody may send: its token is in a cookie.
SIGN_IN = "/agents/connexion/"


def addresses(resolver: URLResolver, prefix: str = "") -> dict[str, URLPattern]:
    """Every address of the site but the admin's, as its pattern."""
    found: dict[str, URLPattern] = {}
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if pattern.name != "api-root":  # django-ninja's, for reversing only: always 404
                found[route] = pattern
        elif pattern.namespace != "admin":
            found.update(addresses(pattern, route))
    return found


def example_of(route: str) -> str:
    """An address of that pattern, whether or not something is there."""
    values = {"int": "2026", "slug": "montbeliard"}
    route = re.sub(r"<(?:(\w+):)?\w+>", lambda part: values.get(part[1], "25388"), route)
    return "/" + re.sub(r"[\^$\\]|\(\?.*?\)", "", route)


ADDRESSES = sorted(map(example_of, addresses(get_resolver())))


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (part.split() for part in policy.split(";")) if words}


@pytest.mark.django_db
def test_the_content_policy_lets_in_only_what_is_ours(client: Client) -> None:
    response = client.get(PUBLIC_PAGE)
    policy = directives(response["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    for sources in policy.values():
        for source in sources:
            assert source in {"'none'", "'self'", "data:"} or source.startswith("'nonce-")
    assert policy["img-src"] == ["'self'", "data:"]
    for directive in ("base-uri", "frame-ancestors"):
        assert policy[directive] == ["'none'"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", [PUBLIC_PAGE, "/no-such-page/", "/?q=%00", "/sante/"])
def test_every_answer_carries_the_security_headers(client: Client, address: str) -> None:
    response = client.get(address)
    assert "Content-Security-Policy" in response
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=(self)" in response["Permissions-Policy"]
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.django_db
def test_over_https_the_browser_is_told_to_stay_there(client: Client, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    response = Client().get(PUBLIC_PAGE)
    assert (response.status_code, response["Location"][:8]) == (301, "https://")
    assert "max-age=31536000" in Client().get(PUBLIC_PAGE, secure=True)["Strict-Transport-Security"]
    assert Client().get("/sante/").status_code != 301


@pytest.mark.django_db
@pytest.mark.parametrize("address", [one for one in ADDRESSES if one != SIGN_IN])
def test_a_reader_without_an_account_gets_no_cookie(client: Client, address: str) -> None:
    client.get(address)
    assert not client.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_method_that_an_address_does_not_declare_is_refused(address: str, method: str) -> None:
    response = Client(enforce_csrf_checks=True).generic(method, address)
    assert response.status_code == 405
    assert response["Allow"]
    assert method not in response["Allow"].split(", ")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/?q=a%00b", "/communes/?q=%00", "/nul%00/", "/admin/?x=%00"])
def test_a_nul_character_is_a_bad_request_in_french(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert '<html lang="fr"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"), [("/api/v1/communes?q=%00", 400), ("/api/v1/nope", 404)]
)
def test_the_api_refuses_in_json(client: Client, address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.json()["erreurs"]["adresse"]


@pytest.mark.django_db
def test_a_page_that_is_not_there_says_so_in_french(client: Client) -> None:
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert '<html lang="fr"' in response.content.decode()


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused_in_french() -> None:
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})
    assert response.status_code == 403
    assert '<html lang="fr"' in response.content.decode()


def test_a_failure_of_ours_is_told_in_french_without_anything_to_count_on(rf) -> None:
    from django.views.defaults import server_error

    response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert '<html lang="fr"' in response.content.decode()


@pytest.mark.django_db
def test_an_unknown_host_is_a_bad_request(client: Client) -> None:
    assert client.get(PUBLIC_PAGE, headers={"host": "evil.example"}).status_code == 400


@pytest.mark.django_db
def test_health_without_geography_is_alive_but_not_ready(client: Client) -> None:
    response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json() == {
        "alive": True,
        "ready": False,
        "checks": {"database": True, "migrations": True, "geography": False},
    }


@pytest.mark.django_db
def test_health_with_all_that_pages_need_is_ready(client: Client) -> None:
    from regions.models import Territory

    Territory.objects.create(kind="country", code="france", name="France", slug="france")
    response = client.get("/sante/")
    assert response.status_code == 200
    assert response.json()["ready"] is True


@pytest.mark.django_db
def test_health_counts_a_migration_that_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'regions'")
    response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json()["checks"] == {
        "database": True,
        "migrations": False,
        "geography": False,
    }


@pytest.mark.django_db
def test_health_without_a_database_tells_nothing_about_it(client: Client, monkeypatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] is False
    assert "10.0.0.7" not in response.content.decode()
