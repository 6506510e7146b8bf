"""The benchmark's databases: one with the geography, and a copy of it for each number of operators.

They are kept from one run to the next, and made again when what decides their content changes.
"""

import os
import time
from pathlib import Path
from typing import Final

TEMPLATE: Final = "bench_geography"
#: Files that decide what the databases hold.
GEOGRAPHY: Final = ("fixtures/geography", "regions/geography", "regions/migrations")
VOCABULARY: Final = ("stages", "kinds", "themes", "audiences", "networks", "synonyms")
DIRECTORY: Final = (
    "directory/migrations",
    "bench/generate.py",
    *(f"fixtures/directory/{name}.csv" for name in VOCABULARY),
)
FLATTENED: Final = ("bench/datasette.py",)


def setup() -> None:
    """Make Django ready, on no database in particular."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()


def use(name: str) -> None:
    """Let this process's connection lead to that database."""
    from django.db import connection

    from directory.models.reader import close_readers
    from directory.paging import forget_pages

    close_readers()
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name
    forget_pages()


def is_busy() -> bool:
    """Whether another connection is at work on the current database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid())"
        )
        busy: bool = cursor.fetchone()[0]
    return busy


def build(operators: int) -> str:
    """The name of the database with that many operators, made unless it is there."""
    from ess_pathways.demo import digest_of

    geography = digest_of(*GEOGRAPHY, *DIRECTORY[:1])
    _make(TEMPLATE, geography, "template0", _load_geography)
    name = f"bench_{operators}"
    _make(name, digest_of(*GEOGRAPHY, *DIRECTORY), TEMPLATE, lambda: _load_directory(operators))
    return name


def build_for_datasette(operators: int) -> Path:
    """The SQLite file with the same operators, made unless it is there; see `bench.datasette`."""
    from django.conf import settings
    from django.utils import timezone

    from bench import datasette
    from ess_pathways.demo import digest_of

    use(build(operators))
    folder = settings.VAR_DIR / "bench" / "datasette" / str(operators)
    digest = digest_of(*GEOGRAPHY, *DIRECTORY, *FLATTENED)
    return datasette.build(folder, digest, timezone.localdate())


def _make(name: str, digest: str, template: str, fill: object) -> None:
    from django.db import connection

    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        if cursor.fetchone() == (digest,):
            return
        print(f"Making {name}…", flush=True)
        started = time.monotonic()
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    use(name)
    fill()  # type: ignore[operator]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # what the server's own upkeep does in time
    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{digest}'")
    print(f"  {time.monotonic() - started:.0f} s", flush=True)


def _load_geography() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_territories")


def _load_directory(operators: int) -> None:
    from bench.generate import generate

    generate(operators)
