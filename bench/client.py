"""Asking a server on this machine for pages, and timing the answers, at as little cost as we can.

Latency: one connection, one request at a time, over a bare socket: http.client would add a tenth
of a millisecond of its own to each answer, and so make the slow pages look closer to "hello".
Throughput: wrk where it is installed (on Debian: apt-get install wrk), else threads over the same
bare sockets, which take more of the processor that the server needs. The report says which.
"""

import contextlib
import math
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
CONNECTIONS: Final = 8
#: Seconds that an answer may take.
SLOWEST: Final = 120
Headers = dict[str, str]


class UnexpectedAnswerError(RuntimeError):
    """The server answered something else than what is being measured."""


@dataclass(frozen=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, empty without it."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.lower().encode():
                return value.strip().decode("latin-1")
        return ""


class Connection:
    """A keep-alive connection. Answers carry a Content-Length, or come in chunks."""

    def __init__(self, port: int) -> None:
        self.host = f"{HOST}:{port}"  # as wrk and browsers say it
        self.socket = socket.create_connection((HOST, port), timeout=SLOWEST)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str, headers: Headers | None = None) -> Answer:
        """Ask, and wait for the whole answer. Raises OSError, or UnexpectedAnswerError."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        answer = Answer(int(head[9:12]), head, body)
        if answer.header("transfer-encoding") == "chunked":
            return Answer(answer.status, head, self._chunks(bytearray(body)))
        length = int(answer.header("content-length") or 0)
        parts, missing = [body], length - len(body)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return Answer(answer.status, head, b"".join(parts))

    def _chunks(self, received: bytearray) -> bytes:
        """The body, of which the first bytes are there already."""
        body, at = bytearray(), 0
        while True:
            while (end := received.find(b"\r\n", at)) < 0:
                received += self._more()
            size = int(received[at:end].split(b";")[0], 16)
            at = end + 2
            while len(received) < at + size + 2:
                received += self._more()
            if not size:
                return bytes(body)
            body += received[at : at + size]
            at += size + 2

    def _more(self) -> bytes:
        data = self.socket.recv(262_144)
        if not data:
            raise UnexpectedAnswerError("the server closed the connection")
        return data

    def close(self) -> None:
        self.socket.close()


@dataclass(frozen=True)
class Throughput:
    """`per_second` answers, and the share of one core that the client took for itself."""

    per_second: float
    client_share: float


def latencies(
    connection: Connection,
    paths: Sequence[str],
    expected: int,
    headers: Headers | None = None,
    budget: float = math.inf,
) -> list[float]:
    """Milliseconds to each answer, one request at a time; at least one, in so many seconds."""
    found: list[float] = []
    for path in paths:
        if sum(found) > budget * 1000:
            break
        begun = time.perf_counter()
        answer = connection.get(path, headers)
        found.append((time.perf_counter() - begun) * 1000)
        if answer.status != expected:
            raise UnexpectedAnswerError(f"{path} answered {answer.status}, not {expected}")
    return found


def throughput(
    ports: Sequence[int],
    paths: Sequence[str],
    seconds: float,
    expected: int,
    headers: Headers | None = None,
) -> Throughput:
    """Answers a second over eight keep-alive connections, shared out between the ports.

    Raises UnexpectedAnswerError.
    """
    measure = _with_wrk if shutil.which("wrk") else _with_threads
    return measure(ports, paths, seconds, expected, headers or {})


def name_of_load_client() -> str:
    return "wrk" if shutil.which("wrk") else "Python threads"


def _with_wrk(
    ports: Sequence[int], paths: Sequence[str], seconds: float, expected: int, headers: Headers
) -> Throughput:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with contextlib.ExitStack() as stack:
        running = []
        for number, port in enumerate(ports):
            file = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".txt"))
            file.write("\n".join(paths[number :: len(ports)] or paths))
            file.flush()
            command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS // len(ports))]
            command += ["--duration", f"{max(1, round(seconds))}s", "--timeout", f"{SLOWEST}s"]
            command += ["--script", str(Path(__file__).with_name("paths.lua"))]
            command += [f"http://{HOST}:{port}", "--", file.name, str(expected)]
            command += [part for header in headers.items() for part in header]
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        outputs = [one.communicate()[0] for one in running]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = [_told_by_wrk(output, paths[0], expected) for output in outputs]
    longest = max(microseconds for _, microseconds in found)
    per_second = sum(answers / microseconds for answers, microseconds in found) * 1e6
    return Throughput(per_second, used / longest * 1e6)


def _told_by_wrk(output: str, path: str, expected: int) -> tuple[int, int]:
    """Answers, and in how many microseconds."""
    line = next((line for line in output.splitlines() if line.startswith("RESULT")), "")
    if not line:
        raise UnexpectedAnswerError(f"wrk said: {output}")
    answers, microseconds, wrong = (int(part) for part in line.split()[1:])
    if wrong:
        raise UnexpectedAnswerError(f"{wrong} of {answers} answers to {path}… were not {expected}")
    return answers, microseconds


def _with_threads(
    ports: Sequence[int], paths: Sequence[str], seconds: float, expected: int, headers: Headers
) -> Throughput:
    source, lock = cycle(paths), threading.Lock()
    counts: list[int] = []
    problems: list[Exception] = []
    until = time.perf_counter() + seconds

    def ask(port: int) -> None:
        connection, count = Connection(port), 0
        try:
            while time.perf_counter() < until:
                with lock:
                    path = next(source)
                latencies(connection, [path], expected, headers)
                count += 1
        except (OSError, UnexpectedAnswerError) as error:
            problems.append(error)
        finally:
            connection.close()
            counts.append(count)

    begun, used = time.perf_counter(), time.process_time()
    threads = [
        threading.Thread(target=ask, args=[ports[number % len(ports)]])
        for number in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    elapsed = time.perf_counter() - begun
    return Throughput(sum(counts) / elapsed, (time.process_time() - used) / elapsed)
