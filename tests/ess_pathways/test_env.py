"""Environment variables: what is read, what is refused, and that refusing is a named check."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from ess_pathways import checks
from ess_pathways.env import Environment


@pytest.mark.parametrize(
    ("written", "read"),
    [("1", True), ("TRUE", True), ("yes", True), (" on ", True), ("0", False), ("No", False)],
)
def test_a_flag_reads_yes_and_no(written: str, read: bool) -> None:
    environment = Environment({"DEBUG": written})
    assert environment.flag("DEBUG", default=not read) is read
    assert environment.problems == []


@pytest.mark.parametrize("nonsense", ["flase", "2", "oui", "None"])
def test_a_flag_that_is_neither_is_refused_and_stays_off(nonsense: str) -> None:
    environment = Environment({"DEBUG": nonsense})
    assert environment.flag("DEBUG", default=True) is False
    assert [problem.variable for problem in environment.problems] == ["DEBUG"]


@pytest.mark.parametrize("nonsense", ["", "   "])
def test_an_empty_variable_counts_as_unset(nonsense: str) -> None:
    environment = Environment({"DEBUG": nonsense})
    assert environment.flag("DEBUG", default=True) is True
    assert environment.problems == []


@pytest.mark.parametrize("nonsense", ["0", "65536", "-1", "80.0", "8e3", "²", "9" * 400, "http"])
def test_a_number_out_of_its_range_is_refused(nonsense: str) -> None:
    environment = Environment({"PORT": nonsense})
    assert environment.integer("PORT", default=8000, minimum=1, maximum=65535) == 8000
    assert len(environment.problems) == 1


@pytest.mark.parametrize("bound", [1, 65535])
def test_a_number_at_its_bounds_is_read(bound: int) -> None:
    environment = Environment({"PORT": str(bound)})
    assert environment.integer("PORT", default=8000, minimum=1, maximum=65535) == bound


def test_a_secret_without_a_default_must_be_given() -> None:
    environment = Environment({})
    assert environment.secret("SECRET_KEY", default="", minimum_length=50) == ""
    assert "not set" in environment.problems[0].message


def test_a_short_secret_is_refused_and_not_repeated() -> None:
    environment = Environment({"SECRET_KEY": "hunter2"})
    assert environment.secret("SECRET_KEY", default="for development", minimum_length=50) == ""
    assert "hunter2" not in environment.problems[0].message + environment.problems[0].hint


def test_hosts_are_separated_by_commas() -> None:
    environment = Environment({"ALLOWED_HOSTS": "ess.example.org, .example.net,[::1]"})
    hosts = environment.hosts("ALLOWED_HOSTS", default=[])
    assert hosts == ["ess.example.org", ".example.net", "[::1]"]
    assert environment.problems == []


@pytest.mark.parametrize("nonsense", ["https://a.org", "a.org/", "a.org b.org", "a.org,,b.org"])
def test_a_host_that_is_none_is_refused(nonsense: str) -> None:
    environment = Environment({"ALLOWED_HOSTS": nonsense})
    assert environment.hosts("ALLOWED_HOSTS", default=[]) == []
    assert len(environment.problems) == 1


@pytest.mark.parametrize("nonsense", ["example.org", "https://", "ftp://a.org", "https://a.org/x"])
def test_an_origin_that_is_none_is_refused(nonsense: str) -> None:
    environment = Environment({"CSRF_TRUSTED_ORIGINS": nonsense})
    assert environment.origins("CSRF_TRUSTED_ORIGINS") == []
    assert len(environment.problems) == 1


IGN = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png"
    "&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)


@pytest.mark.parametrize(
    "address", [IGN, "https://tiles.example.org:8443/a/{z}/{x}/{y}{r}.png", "HTTPS://A/{z}{x}{y}"]
)
def test_tiles_have_one_host_and_say_where_their_numbers_go(address: str) -> None:
    environment = Environment({"TILE_URL": address})
    assert environment.tiles("TILE_URL") == address
    assert environment.problems == []


@pytest.mark.parametrize(
    "nonsense",
    [
        "http://tiles.example.org/{z}/{x}/{y}.png",
        "tiles.example.org/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png",
        "https://{s}.example.org/{z}/{x}/{y}.png",
        "https://*.example.org/{z}/{x}/{y}.png",
        "https://user:s3cret@example.org/{z}/{x}/{y}.png",
        "https://a.org;script-src/{z}/{x}/{y}.png",
        "https://a.org *{z}/{x}/{y}.png",
        "https://a.org/{z}/{x}/{y}.png https://b.org",
        "https://a.org/{z}/{x}/{y}.png#{z}",
        "https://a.org/tuiles/é/{z}/{x}/{y}.png",
        "https://a.org/{z}/{x}.png",
        "https://a.org/{z}/{x}/{y}/{y}.png",
        "https://a.org/{z}/{x}/{y}/{apikey}.png",
        "https://a.org/{z}/{x}/{y}{.png",
        "https://a.org/",
    ],
)
def test_tiles_that_are_none_are_refused(nonsense: str) -> None:
    environment = Environment({"TILE_URL": nonsense})
    assert environment.tiles("TILE_URL") == ""
    (problem,) = environment.problems
    assert "s3cret" not in problem.message + problem.hint


@pytest.mark.parametrize("nonsense", ["<b>IGN</b>", "A & B", "x" * 201, "deux\nlignes"])
def test_a_credit_is_one_line_of_plain_text(nonsense: str) -> None:
    environment = Environment({"TILE_ATTRIBUTION": nonsense})
    assert environment.credit("TILE_ATTRIBUTION", needed=False) == ""
    assert len(environment.problems) == 1


def test_a_credit_is_asked_for_only_when_needed() -> None:
    environment = Environment({"A": "© IGN"})
    assert environment.credit("A", needed=True) == "© IGN"
    assert environment.credit("B", needed=False) == ""
    assert environment.problems == []
    assert environment.credit("B", needed=True) == ""
    assert "not set" in environment.problems[0].message


def test_a_database_address_is_read_as_libpq_reads_it() -> None:
    address = "postgresql://ess:p%40ss@db.example.org:5433/pathways?sslmode=verify-full"
    environment = Environment({"DATABASE_URL": address})
    assert environment.database("DATABASE_URL") == {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "db.example.org",
        "PORT": "5433",
        "USER": "ess",
        "PASSWORD": "p@ss",
        "NAME": "pathways",
        "OPTIONS": {"sslmode": "verify-full"},
    }
    assert environment.problems == []


@pytest.mark.parametrize(
    "nonsense",
    [
        "mysql://ess:s3cret@host/pathways",
        "sqlite:///pathways.db",
        "host=db password=s3cret",
        "postgresql://ess:s3cret@host:port/pathways?sslmode",
        "postgresql://ess:s3cret@host/pathways?nosuchoption=1",
        "postgresql://ess:s3cret@host",
    ],
)
def test_a_database_address_that_is_none_is_refused_without_telling_its_password(
    nonsense: str,
) -> None:
    environment = Environment({"DATABASE_URL": nonsense})
    assert environment.database("DATABASE_URL") is None
    (problem,) = environment.problems
    assert "s3cret" not in problem.message


def test_each_refused_variable_is_a_check_with_an_id_and_a_hint(settings) -> None:
    settings.ENVIRONMENT = Environment({"DEBUG": "perhaps"})
    settings.ENVIRONMENT.flag("DEBUG", default=False)
    (error,) = checks.environment(None)
    assert (error.id, error.obj, bool(error.hint)) == ("ess_pathways.E001", "DEBUG", True)


def test_a_site_without_host_names_is_an_error(settings) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = False, []
    settings.ENVIRONMENT = Environment({})
    (error,) = checks.hosts(None)
    assert error.id == "ess_pathways.E002"


def test_hosts_that_could_not_be_read_are_reported_once(settings) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = False, []
    settings.ENVIRONMENT = Environment({"ALLOWED_HOSTS": "http://a.org"})
    settings.ENVIRONMENT.hosts("ALLOWED_HOSTS", default=[])
    assert checks.hosts(None) == []


def test_the_embedded_database_is_not_for_a_site(settings) -> None:
    settings.EMBEDDED_DATABASE = True
    (warning,) = checks.real_database(None)
    assert warning.id == "ess_pathways.W001"
    settings.EMBEDDED_DATABASE = False
    assert checks.real_database(None) == []


def test_a_server_refuses_to_start_on_a_wrong_configuration(settings) -> None:
    settings.ENVIRONMENT = Environment({"DEBUG": "perhaps"})
    settings.ENVIRONMENT.flag("DEBUG", default=False)
    with pytest.raises(ImproperlyConfigured, match="neither yes nor no"):
        checks.refuse_wrong_configuration()
