"""The whole site for the browser: production settings, granian, the real geography and facts.

It runs in processes of its own, over a database of its own that no test flushes: the pages read
what `load_territories` and `load_directory` made of the fixtures, as on a real site. The database
stays for the next run as long as its migrations, loaders and fixtures are the same.
"""

import os
import secrets
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from psycopg import sql

from ess_pathways.demo import digest_of

HOST = "127.0.0.1"
#: What decides the content of the database.
DECIDES = ("fixtures", "regions", "directory", "ess_pathways/settings.py")
#: Attempts to reach a server that starts; each waits for an answer or a refusal.
ATTEMPTS = 300


def environment(database: str, static_root: Path) -> dict[str, str]:
    """The variables of a real site (docs/deployment.md), without TLS."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.browser.site_settings",
        "DATABASE_URL": database_url(database),
        "DEBUG": "0",
        "HTTPS": "0",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": HOST,
        "SITE_STATIC_ROOT": str(static_root),
    }


def database_url(name: str) -> str:
    """The address of a database on the server of the tests."""
    server = settings.DATABASES["default"]
    where = {"host": server["HOST"], "port": server["PORT"]}
    query = urlencode({key: value for key, value in where.items() if value})
    login = quote(server["USER"])
    if server.get("PASSWORD"):
        login += ":" + quote(server["PASSWORD"], safe="")
    return f"postgresql://{login}@/{name}?{query}"


def build(database: str, variables: dict[str, str]) -> None:
    """Fill the database, unless it is as it should be already, and collect the static files.

    Only the first worker of a run does: the others find the static files, which come last.
    """
    with connection._nodb_cursor() as cursor:  # starts the embedded server for this process
        if Path(variables["SITE_STATIC_ROOT"]).exists():
            return
        digest = digest_of(*DECIDES)
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [database],
        )
        row = cursor.fetchone()
        if row is None or row[0] != digest:
            name = sql.Identifier(database)
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))
            for command in ("migrate", "load_territories", "load_directory"):
                manage(command, variables)
            comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
            cursor.execute(comment.format(name, sql.Literal(digest)))
    manage("collectstatic", variables, "--no-input")


def manage(command: str, variables: dict[str, str], *options: str) -> None:
    """Run a command of manage.py; RuntimeError, with what it said, when it fails."""
    arguments = [sys.executable, "manage.py", command, "--verbosity", "0", *options]
    result = subprocess.run(
        arguments,
        cwd=settings.BASE_DIR,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"manage.py {command} failed:\n{result.stdout[-4000:]}")


@contextmanager
def serve(variables: dict[str, str], log: Path) -> Iterator[str]:
    """Serve the site; gives its address."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port = listener.getsockname()[1]
    arguments = ["--host", HOST, "--port", str(port), "--workers", "1", "--quiet"]
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "ess_pathways.serve", *arguments],
            cwd=settings.BASE_DIR,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://{HOST}:{port}"
            wait_for(address, server, log)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(address: str, server: "subprocess.Popen[Any]", log: Path) -> None:
    """Return once the site is ready; RuntimeError, with its log, when it never is."""
    for _ in range(ATTEMPTS):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/sante/", timeout=10):
                return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"The site is not ready: {error.read().decode()}") from error
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=0.1)
    raise RuntimeError(f"The site does not start:\n{log.read_text()[-4000:]}")
