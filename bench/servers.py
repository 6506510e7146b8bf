"""What is measured, running on free ports of loopback: the site, and Datasette beside it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench import client, databases
from bench.results import Process
from ess_pathways.serve import THREADS, WORKERS

PROJECT: Final = Path(__file__).resolve().parent.parent
#: Seconds that a server is given to become idle.
PATIENCE: Final = 120
MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Served:
    """A server: the ports it answers on, and its processes' ancestors."""

    ports: list[int]
    started: list[psutil.Process]

    @property
    def processes(self) -> list[psutil.Process]:
        """All that work for it."""
        return [*self.started, *(one for own in self.started for one in own.children(True))]

    def settle(self) -> None:
        """Wait until it has answered what an earlier load left in its queues.

        A worker that waits for the database uses no processor, so both are looked at.
        """
        before = self._used()
        for _ in range(PATIENCE * 5):
            time.sleep(0.2)
            now = self._used()
            if now - before < 0.02 and not databases.is_busy():
                return
            before = now

    def _used(self) -> float:
        return sum(sum(one.cpu_times()[:2]) for one in self.processes)

    def memory(self) -> list[Process]:
        """Of the main process, then of its workers, which are forked from it and hold the site."""
        workers = [one for own in self.started for one in own.children(recursive=True)]
        processes = [*self.started, *sorted(workers, key=lambda one: one.pid)]
        found = [one.memory_full_info() for one in processes]
        return [
            Process(one.rss / MEGABYTE, getattr(one, "pss", one.uss) / MEGABYTE) for one in found
        ]


@contextlib.contextmanager
def site(database: str) -> Iterator[Served]:
    """The site on that database, as the demo serves it; stopped at the end."""
    port = free_port()
    command = [sys.executable, "-m", "ess_pathways.serve", "--host", client.HOST, "--quiet"]
    command += ["--port", str(port), "--workers", str(WORKERS), "--threads", str(THREADS)]
    with _running([(port, command)], {"BENCH_DATABASE": database}) as served:
        yield served


@contextlib.contextmanager
def peer(command: Callable[[int], list[str]], processes: int) -> Iterator[Served]:
    """That command in so many processes, each on a port it is given; stopped at the end."""
    ports = [free_port() for _ in range(processes)]
    with _running([(port, command(port)) for port in ports], {}) as served:
        yield served


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((client.HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _running(
    commands: Sequence[tuple[int, list[str]]], environment: dict[str, str]
) -> Iterator[Served]:
    with contextlib.ExitStack() as stack:
        processes = []
        for _, command in commands:
            process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**os.environ, **environment},
                stdout=subprocess.DEVNULL,
                stderr=None if "ess_pathways.serve" in command else subprocess.DEVNULL,
            )
            stack.callback(_stop, process)
            processes.append(process)
        for (port, _), process in zip(commands, processes, strict=True):
            _wait_for(port, process)
        yield Served([port for port, _ in commands], [psutil.Process(one.pid) for one in processes])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            client.Connection(port).close()
            return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def collect_static() -> None:
    """Hashed names, as in production; again only when a static file changed."""
    from django.conf import settings
    from django.core.management import call_command

    from ess_pathways.demo import STATIC, digest_of

    seen = Path(settings.STATIC_ROOT) / "digest.txt"
    digest = digest_of(*STATIC)
    if not seen.exists() or seen.read_text() != digest:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        seen.write_text(digest)
