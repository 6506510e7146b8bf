"""The embedded server: shared by processes, outliving none of them, disturbing nobody's files."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings

from ess_pathways import embedded_postgres
from ess_pathways.embedded_postgres import FAST_AND_UNSAFE, Cluster, EmbeddedPostgresError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")

USER = """
import sys
from pathlib import Path
from ess_pathways.embedded_postgres import Cluster
cluster = Cluster(Path(sys.argv[1]), {"fsync": "off"})
cluster.acquire()
print("up", flush=True)
sys.stdin.readline()
"""
FORKING_USER = """
import os, sys
from pathlib import Path
from ess_pathways.embedded_postgres import Cluster
cluster = Cluster(Path(sys.argv[1]), {"fsync": "off"})
cluster.acquire()
if os.fork():
    cluster.release()
    print("up", flush=True)
    os._exit(0)
sys.stdin.readline()
os._exit(0)
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A cluster's folder, where the account that runs the server can reach it."""
    folder = embedded_postgres.home(settings.BASE_DIR) / f"spare-{uuid.uuid4().hex[:8]}"
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster that nobody uses at first, nor at the end."""
    cluster = Cluster(folder, FAST_AND_UNSAFE)
    yield cluster
    cluster.acquire()
    cluster.release()
    assert not cluster.is_running()


@pytest.fixture
def start_user(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts another process that uses the cluster until it is told to leave."""
    users: list[subprocess.Popen[str]] = []

    def start(program: str = USER) -> subprocess.Popen[str]:
        user = subprocess.Popen(
            [sys.executable, "-c", program, str(folder)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        users.append(user)
        return user

    yield start
    for user in users:
        user.communicate()


def wait_until_up(user: subprocess.Popen[str]) -> None:
    assert user.stdout is not None
    assert user.stdout.readline() == "up\n"


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate("\n")


def test_the_server_runs_while_it_is_used(cluster: Cluster) -> None:
    cluster.acquire()
    assert cluster.is_running()
    cluster.release()
    assert not cluster.is_running()


def test_acquiring_again_changes_nothing(cluster: Cluster) -> None:
    cluster.acquire()
    cluster.acquire()
    cluster.release()
    assert not cluster.is_running()


def test_a_process_that_never_used_the_server_does_not_stop_it(
    cluster: Cluster, start_user
) -> None:
    user = start_user()
    wait_until_up(user)
    cluster.release()
    assert cluster.is_running()


def test_two_commands_at_once_share_the_server_and_the_last_stops_it(
    cluster: Cluster, start_user
) -> None:
    first, second = start_user(), start_user()  # both find no server
    wait_until_up(first)
    wait_until_up(second)
    leave(first)
    assert cluster.is_running()
    leave(second)
    assert not cluster.is_running()


def test_the_server_survives_a_killed_command_and_the_next_takes_it_up(
    cluster: Cluster, start_user
) -> None:
    user = start_user()
    wait_until_up(user)
    server = int((cluster.data / "postmaster.pid").read_text().split()[0])
    user.send_signal(signal.SIGKILL)
    user.wait()
    assert cluster.is_running()
    cluster.acquire()
    assert int((cluster.data / "postmaster.pid").read_text().split()[0]) == server
    cluster.release()
    assert not cluster.is_running()


def test_a_fork_keeps_the_server_of_its_parent(cluster: Cluster, start_user) -> None:
    parent = start_user(FORKING_USER)
    wait_until_up(parent)
    parent.wait()
    assert cluster.is_running()


def test_the_data_outlives_the_server(cluster: Cluster) -> None:
    def run(query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(
            host=str(cluster.socket_folder),
            user=embedded_postgres.SUPERUSER,
            dbname=embedded_postgres.DATABASE,
        ) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    cluster.acquire()
    run("CREATE TABLE kept AS SELECT 42 AS number")
    cluster.release()
    cluster.acquire()
    assert run("SELECT number FROM kept") == [(42,)]
    run("DROP TABLE kept")
    cluster.release()


def test_a_process_number_that_now_is_someone_else_does_not_block_the_start(
    cluster: Cluster,
) -> None:
    cluster.acquire()
    pid_file = cluster.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    cluster.release()
    # As after a crash of the machine: the file is there, and its process is another program.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    shutil.chown(pid_file, cluster.data.stat().st_uid)
    cluster.acquire()
    assert cluster.is_running()
    cluster.release()


def test_a_creation_that_was_killed_is_started_over(folder: Path) -> None:
    cluster = Cluster(folder / "half")
    (cluster.folder / "data.unfinished" / "base").mkdir(parents=True)
    cluster.acquire()
    assert cluster.is_running()
    cluster.release()
    assert not (cluster.folder / "data.unfinished").exists()


def test_data_of_another_major_version_is_refused_with_a_way_out(folder: Path) -> None:
    cluster = Cluster(folder / "old")
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("13\n")
    with pytest.raises(EmbeddedPostgresError, match=r"written by PostgreSQL 13(?s:.*)DATABASE_URL"):
        cluster.acquire()
    cluster.release()


def test_a_server_that_cannot_start_says_why_and_names_the_way_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "_binaries", lambda: tmp_path)
    cluster = Cluster(folder / "none")
    with pytest.raises(EmbeddedPostgresError, match=r"initdb(?s:.*)DATABASE_URL"):
        cluster.acquire()
    cluster.release()


def test_a_command_tells_the_way_out_without_a_traceback() -> None:
    program = (
        "import manage, sys; from pathlib import Path; from ess_pathways import embedded_postgres;"
        "embedded_postgres._binaries = lambda: Path('/nowhere');"
        "embedded_postgres.home = lambda project: Path(sys.argv.pop());"
        "manage.main()"
    )
    nowhere = embedded_postgres.home(settings.BASE_DIR) / f"spare-{uuid.uuid4().hex[:8]}"
    result = subprocess.run(
        [sys.executable, "-c", program, "showmigrations", str(nowhere)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree(nowhere)
    assert result.returncode == 1
    assert "DATABASE_URL" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_log_is_quoted_when_the_server_refuses_its_settings(folder: Path) -> None:
    cluster = Cluster(folder, {"no_such_setting": "on"})
    with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        cluster.acquire()
    cluster.release()


def test_a_path_too_long_for_a_socket_gets_a_short_one() -> None:
    long = Cluster(Path("/") / ("long" * 30))
    assert len(str(long.socket_folder)) < 100
    assert long.socket_folder != Cluster(Path("/") / ("other" * 30)).socket_folder


def test_the_server_opens_no_port_and_its_socket_is_in_a_private_folder(cluster: Cluster) -> None:
    cluster.acquire()
    server = psutil.Process(int((cluster.data / "postmaster.pid").read_text().split()[0]))
    assert [c for c in server.net_connections() if c.status == psutil.CONN_LISTEN and c.raddr] == []
    assert not server.net_connections(kind="inet")
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    cluster.release()


def _modes(paths: list[Path]) -> dict[Path, tuple[int, int, int]]:
    found = {}
    for path in paths:
        status = path.lstat()
        found[path] = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    return found


@as_root
def test_as_root_nothing_outside_our_own_folder_changes_hands_or_modes(cluster: Cluster) -> None:
    package = embedded_postgres._packaged_binaries()
    project = Path(settings.BASE_DIR)
    watched = [project, *project.parents, *package.parents, package, *package.rglob("*")]
    before = _modes(watched)
    private = project / "var" / "nobody-enters"
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    cluster.acquire()
    assert _modes(watched) == before
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    cluster.release()
    private.rmdir()


@as_root
def test_as_root_the_server_runs_as_nobody_from_a_folder_only_it_can_read(cluster: Cluster) -> None:
    cluster.acquire()
    server = psutil.Process(int((cluster.data / "postmaster.pid").read_text().split()[0]))
    assert 0 not in server.uids()
    assert 0 not in server.gids()
    assert server.username() == embedded_postgres.UNPRIVILEGED
    assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
    assert cluster.data.stat().st_uid == server.uids().real
    assert cluster.folder.is_relative_to(embedded_postgres.ROOT_STATE)
    cluster.release()


@as_root
def test_a_shared_folder_that_someone_else_made_is_refused(tmp_path: Path) -> None:
    theirs = tmp_path / "socket"
    theirs.mkdir()
    with pytest.raises(EmbeddedPostgresError, match="belongs to someone else"):
        embedded_postgres._make_folder(theirs, private=True)


ASKED_TO_STOP = """
import sys
from pathlib import Path
from ess_pathways.embedded_postgres import Cluster
cluster = Cluster(Path(sys.argv.pop()), {"fsync": "off"})
def wait(argv):
    cluster.acquire()
    print("up", flush=True)
    sys.stdin.readline()
import django.core.management
django.core.management.execute_from_command_line = wait
import manage
manage.main()
"""


def test_a_command_asked_to_stop_stops_the_server(cluster: Cluster, start_user) -> None:
    user = start_user(ASKED_TO_STOP)
    wait_until_up(user)
    user.terminate()
    assert user.wait() == 128 + signal.SIGTERM
    assert not cluster.is_running()


NO_SERVER = """
import sys
from ess_pathways.embedded_postgres import Cluster
def refuse(self): raise AssertionError("a server was started")
Cluster.acquire = refuse
sys.argv = ["manage.py", *sys.argv[1:]]
import manage
manage.main()
"""


@pytest.mark.parametrize(
    "command",
    [["--help"], ["check"], ["collectstatic", "--dry-run", "--no-input"], ["diffsettings"]],
)
def test_commands_without_data_start_no_server(command: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-c", NO_SERVER, *command],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
