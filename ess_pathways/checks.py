"""System checks of the configuration: `manage.py check` reports, a server refuses to start.

E001 a variable that cannot be read · E002 no host allowed outside DEBUG ·
W001 (--deploy) a site on the embedded database
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.core.exceptions import ImproperlyConfigured

AppConfigs = Sequence[AppConfig] | None


@register(Tags.security)
def environment(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """Every environment variable could be read."""
    return [
        checks.Error(
            problem.message, hint=problem.hint, obj=problem.variable, id="ess_pathways.E001"
        )
        for problem in settings.ENVIRONMENT.problems
    ]


@register(Tags.security)
def hosts(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """Outside DEBUG, the site's own host names are known."""
    refused = any(p.variable == "ALLOWED_HOSTS" for p in settings.ENVIRONMENT.problems)
    if settings.DEBUG or settings.ALLOWED_HOSTS or refused:
        return []
    return [
        checks.Error(
            "ALLOWED_HOSTS is empty: every page would answer 400.",
            hint="Write the site's host names, separated by commas: ess.example.org",
            obj="ALLOWED_HOSTS",
            id="ess_pathways.E002",
        )
    ]


@register(Tags.security, deploy=True)
def real_database(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """A site that others use runs on a PostgreSQL server with backups."""
    if not settings.EMBEDDED_DATABASE:
        return []
    return [
        checks.Warning(
            "DATABASE_URL is not set: the embedded database is for development and the demo.",
            hint="Write DATABASE_URL=postgresql://user:password@host:5432/database",
            obj="DATABASE_URL",
            id="ess_pathways.W001",
        )
    ]


def refuse_wrong_configuration() -> None:
    """For servers, which run no checks of their own.

    Raises ImproperlyConfigured with all that is wrong, rather than serve with defaults that
    nobody asked for.
    """
    problems = [*environment(None), *hosts(None)]
    if problems:
        raise ImproperlyConfigured("\n".join(str(problem) for problem in problems))
