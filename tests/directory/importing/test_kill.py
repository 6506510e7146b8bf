"""SIGKILL in the middle of a load, of the process then of PostgreSQL: counts are as before."""

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from urllib.parse import urlencode

import psutil
import psycopg
import pytest
from django.conf import settings

from ess_pathways import embedded_postgres
from ess_pathways.embedded_postgres import DATABASE, PORT, SUPERUSER, Cluster
from tests.directory.importing.killed import ROWS

WATCHED = [
    "directory_calledition",
    "directory_calledition_stages",
    "directory_coverage",
    "directory_funding",
    "directory_fundingscheme",
    "directory_callimport",
    "directory_callimportrow",
    "directory_revision",
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of its own, as safe as a real one: it is killed."""
    folder = embedded_postgres.home(settings.BASE_DIR) / f"spare-{uuid.uuid4().hex[:8]}"
    cluster = Cluster(folder)
    cluster.acquire()
    assert run(cluster, "prepare").wait() == 0
    yield cluster
    cluster.acquire()
    cluster.release()
    shutil.rmtree(folder)


def run(cluster: Cluster, mode: str) -> "subprocess.Popen[str]":
    query = urlencode({"host": str(cluster.socket_folder), "port": PORT})
    return subprocess.Popen(
        [sys.executable, "-m", "tests.directory.importing.killed", mode],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://{SUPERUSER}@/{DATABASE}?{query}",
            "DEBUG": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if mode == "import" else None,
        text=True,
    )


def contents(cluster: Cluster) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables that a load writes, as they are for everybody."""
    with psycopg.connect(
        host=str(cluster.socket_folder), port=PORT, user=SUPERUSER, dbname=DATABASE
    ) as connection:
        return {
            table: connection.execute(f"SELECT {table}::text FROM {table} ORDER BY 1").fetchall()
            for table in WATCHED
        }


def in_the_middle(cluster: Cluster) -> "subprocess.Popen[str]":
    loading = run(cluster, "import")
    assert loading.stdout is not None
    assert loading.stdout.readline() == "written, not committed\n"
    return loading


def without_progress(found: dict[str, list[tuple[object, ...]]]) -> dict[str, object]:
    """The progress bar of an import moves on its own: it is no call."""
    return {table: rows for table, rows in found.items() if table != "directory_callimport"}


def test_killed_in_the_middle_nothing_is_half_there_and_the_work_can_be_taken_up(
    cluster: Cluster,
) -> None:
    before = contents(cluster)
    assert len(before["directory_calledition"]) == 1

    loading = in_the_middle(cluster)
    loading.send_signal(signal.SIGKILL)
    loading.communicate()
    assert without_progress(contents(cluster)) == without_progress(before)

    loading = in_the_middle(cluster)
    server = psutil.Process(int((cluster.data / "postmaster.pid").read_text().split()[0]))
    children = server.children(recursive=True)
    server.kill()
    psutil.wait_procs([server, *children], timeout=60)
    loading.communicate("\n")
    cluster._socket().unlink()  # what a machine that restarts does
    cluster.acquire()  # the next command starts the server again, and it recovers
    assert without_progress(contents(cluster)) == without_progress(before)

    resumed = run(cluster, "resume")
    assert resumed.communicate()[0] == "charge\n"
    after = contents(cluster)
    assert len(after["directory_calledition"]) == ROWS + 1
    assert len(after["directory_coverage"]) == ROWS + 1
