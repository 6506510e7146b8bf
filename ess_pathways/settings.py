"""All settings, driven by the environment. docs/deployment.md lists the variables.

Without DATABASE_URL this is somebody's own machine: the embedded PostgreSQL serves, and DEBUG is on
unless it says otherwise. With DATABASE_URL, or with DEBUG=0, nothing secret has a default.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from ess_pathways.env import Environment

# Lets annotations such as ModelForm[Operator] run: Django's classes are generic in its stubs only.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
ENVIRONMENT = Environment(os.environ)

# --- Where it runs ----------------------------------------------------------------------------

EMBEDDED_DATABASE = not ENVIRONMENT.text("DATABASE_URL")
DEBUG = ENVIRONMENT.flag("DEBUG", default=EMBEDDED_DATABASE)
SECRET_KEY = ENVIRONMENT.secret(
    "SECRET_KEY",
    default="for development only, never for a site that others can reach" if DEBUG else "",
    minimum_length=50,
)
ALLOWED_HOSTS = ENVIRONMENT.hosts(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else []
)
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.origins("CSRF_TRUSTED_ORIGINS")

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "ess_pathways.apps.EssPathwaysConfig",
    "directory",
    "regions",
    "csp",
    "django_filters",
    "django_htmx",
    "leaflet",
    "ninja",
    "ess_pathways.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "ess_pathways.static_files.StaticFiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ess_pathways.middleware.permissions_policy",
    "csp.middleware.CSPMiddleware",
    "ess_pathways.middleware.refuse_nonsense",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "ess_pathways.urls"
WSGI_APPLICATION = "ess_pathways.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database ---------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    if EMBEDDED_DATABASE:
        from ess_pathways import embedded_postgres  # not on systems that it does not support

        database = embedded_postgres.database_settings(BASE_DIR)
    else:
        # A refused address leads nowhere rather than to another database: checks.py reports it.
        database = ENVIRONMENT.database("DATABASE_URL") or {
            "ENGINE": "django.db.backends.postgresql"
        }
    size = ENVIRONMENT.integer("DATABASE_POOL_SIZE", default=10, minimum=1, maximum=1000)
    database.setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": size, "timeout": 5}
    database["CONN_HEALTH_CHECKS"] = True  # a restarted server costs nobody an error
    return database


DATABASES = {"default": _database()}

# --- Accounts ---------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LOGIN_URL = "agent_sign_in"
LOGIN_REDIRECT_URL = "call_imports"
LOGOUT_REDIRECT_URL = "home"

# --- Language and time ------------------------------------------------------------------------

# Pages in the memory of each worker: compressed, about 12 kB each; and some that are not, about
# 100 kB each.
CACHES = {
    "default": {
        "BACKEND": "ess_pathways.bounded_cache.BoundedCache",
        "OPTIONS": {"MAX_BYTES": 8_000_000},  # some 600 pages, compressed
    },
    "plain": {
        "BACKEND": "ess_pathways.bounded_cache.BoundedCache",
        "LOCATION": "plain",
        "OPTIONS": {"MAX_BYTES": 2_000_000},
    },
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# --- Static files: hashed names, compressed once, served by the process itself ------------------


def _packaged(package: str, folder: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed")
    return Path(spec.origin).parent / folder


STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [
    BASE_DIR / "static",
    ("leaflet-markercluster", _packaged("xstatic.pkg.leaflet_markercluster", "data")),
]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "ess_pathways.fonts.FontFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "ess_pathways.static_files.HashedStaticFiles"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- Maps: our own outlines, and tiles below them only where a provider is named -----------------

TILE_URL = ENVIRONMENT.tiles("TILE_URL")
TILE_ATTRIBUTION = ENVIRONMENT.credit("TILE_ATTRIBUTION", needed=bool(TILE_URL))
TILE_HOST = urlsplit(TILE_URL).netloc

LEAFLET_CONFIG = {
    "TILES": [],
    "SPATIAL_EXTENT": (-5.6, 41.2, 9.8, 51.2),  # metropolitan France: west, south, east, north
    "ATTRIBUTION_PREFIX": False,
    "RESET_VIEW": False,
    "NO_GLOBALS": True,
}

# --- Security ---------------------------------------------------------------------------------

HTTPS = ENVIRONMENT.flag("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]  # probes come from inside, without TLS
SECURE_HSTS_SECONDS = (
    ENVIRONMENT.integer("HSTS_SECONDS", default=31_536_000, minimum=0, maximum=63_072_000)
    if HTTPS
    else 0
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if ENVIRONMENT.flag("TRUSTED_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "ess_pathways.errors.csrf_failure"
# The visitor's position, for “Autour de moi”, on our own pages and on request; nothing else.
PERMISSIONS_POLICY = (
    "geolocation=(self), accelerometer=(), browsing-topics=(), camera=(), display-capture=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", *([f"https://{TILE_HOST}"] if TILE_HOST else [])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": HTTPS,
    }
}

# --- API --------------------------------------------------------------------------------------

NINJA_PAGINATION_MAX_LIMIT = 100

# --- Logging: plain lines on stderr; addresses without their query, which may hold a position -----

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        **{name: {"level": "INFO"} for name in ("ess_pathways", "directory", "regions")},
    },
}
