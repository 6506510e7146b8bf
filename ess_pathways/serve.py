"""Serves the site: `python -m ess_pathways.serve --port 8001 --workers 2 --threads 8`.

The main process brings in the program and the geography, then its workers are forked from it: what
none of them writes to is in memory once for all of them. It answers no request itself, and a worker
that fails is forked again. Ends at SIGINT or SIGTERM, its workers with it.
"""

import argparse
import gc
import logging
import os
from importlib import import_module
from typing import Any, Final

from ess_pathways.memory import give_back, share_one_heap

APPLICATION: Final = "ess_pathways.wsgi:application"
HOST, PORT, WORKERS, THREADS = "127.0.0.1", 8001, 2, 4

_LOG: Final = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m ess_pathways.serve", description=__doc__)
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes")
    parser.add_argument("--threads", type=int, default=THREADS, help="threads of each process")
    parser.add_argument("--quiet", action="store_true", help="say nothing but warnings")
    serve(**vars(parser.parse_args(arguments)))


def serve(host: str, port: int, workers: int, threads: int, *, quiet: bool = False) -> None:
    """Serve until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    bring_in()
    Granian(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_level=LogLevels.warning if quiet else LogLevels.info,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve(target_loader=application_of_worker)


def bring_in() -> None:
    """What workers share: the code that answers, and the geography, which changes once a year."""
    share_one_heap()  # before there is any thread
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ess_pathways.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import DatabaseError, connections

    from directory.models.reader import close_readers
    from directory.places import geography
    from regions.search import search_communes

    import_module(settings.ROOT_URLCONF)
    try:
        search_communes(geography(), "montbelliard")  # a slip: all that a search reads is read
    except DatabaseError as error:  # the workers will ask again, and /sante/ says it
        _LOG.warning("The geography could not be read: %s", error)
    # Two processes on one connection would read each other's answers.
    close_readers()
    connections.close_all()
    for connection in connections.all():
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    give_back()
    gc.freeze()  # looking for garbage among it would write to it


def application_of_worker(target: str) -> Any:
    """The WSGI application, in a worker that a terminal's Ctrl-C does not reach.

    The main process passes it on; a worker that gets both signals at once may never end.
    """
    os.setpgid(0, 0)
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


if __name__ == "__main__":
    main()
