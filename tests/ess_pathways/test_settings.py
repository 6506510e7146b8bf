"""The settings as a whole, read by a process of their own."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

SECRET = "0123456789" * 6
SITE = {
    "DATABASE_URL": "postgresql://ess:pw@localhost/ess",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "ess.example.org",
    "TRUSTED_PROXY": "1",
}


def run(arguments: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {key: os.environ[key] for key in ("HOME", "PATH") if key in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**environment, "DJANGO_SETTINGS_MODULE": "ess_pathways.settings", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def read(names: list[str], variables: dict[str, str]) -> dict[str, object]:
    program = (
        "import json; from django.conf import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}, default=str))"
    )
    return json.loads(run(["-c", program], variables).stdout)


def test_the_checks_for_a_site_find_nothing_in_its_settings() -> None:
    result = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], SITE)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("variables", [{"DEBUG": "0"}, {"DATABASE_URL": SITE["DATABASE_URL"]}])
def test_outside_debug_the_secret_key_has_no_default(variables: dict[str, str]) -> None:
    result = run(["manage.py", "check"], variables)
    assert result.returncode == 1
    assert "SECRET_KEY: (ess_pathways.E001)" in result.stderr
    assert "Traceback" not in result.stderr


def test_debug_is_off_as_soon_as_a_database_is_named() -> None:
    assert read(["DEBUG", "HTTPS"], SITE) == {"DEBUG": False, "HTTPS": True}
    assert read(["DEBUG", "HTTPS"], {}) == {"DEBUG": True, "HTTPS": False}


def test_everything_wrong_is_reported_at_once() -> None:
    result = run(["manage.py", "check"], {"DEBUG": "maybe", "DATABASE_URL": "mysql://x/y"})
    for variable in ("DEBUG", "DATABASE_URL", "SECRET_KEY"):
        assert f"{variable}: (ess_pathways.E001)" in result.stderr


def test_a_refused_database_address_does_not_fall_back_on_the_embedded_one() -> None:
    databases = read(["DATABASES"], {**SITE, "DATABASE_URL": "mysql://x/y"})["DATABASES"]
    assert databases["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert "HOST" not in databases["default"]


def test_the_application_server_refuses_a_wrong_configuration() -> None:
    result = run(["-c", "import ess_pathways.wsgi"], {**SITE, "HTTPS": "perhaps"})
    assert result.returncode == 1
    assert "HTTPS is neither yes nor no" in result.stderr


def test_the_policy_lets_in_images_of_the_tile_provider_alone() -> None:
    policy = ["CONTENT_SECURITY_POLICY"]
    without = read(policy, SITE)["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    tiles = {
        "TILE_URL": "https://tiles.example.org/{z}/{x}/{y}.png",
        "TILE_ATTRIBUTION": "© Tuiles",
    }
    with_tiles = read(policy, {**SITE, **tiles})["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert without["img-src"] == ["'self'", "data:"]
    assert with_tiles.pop("img-src") == ["'self'", "data:", "https://tiles.example.org"]
    assert with_tiles == {name: value for name, value in without.items() if name != "img-src"}


def test_tiles_without_their_credit_are_refused() -> None:
    result = run(["manage.py", "check"], {**SITE, "TILE_URL": "https://a.org/{z}/{x}/{y}.png"})
    assert "TILE_ATTRIBUTION: (ess_pathways.E001)" in result.stderr


def test_a_proxy_is_trusted_only_when_said() -> None:
    header = ["SECURE_PROXY_SSL_HEADER"]
    assert read(header, SITE)["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert read(header, {**SITE, "TRUSTED_PROXY": "0"})["SECURE_PROXY_SSL_HEADER"] is None
