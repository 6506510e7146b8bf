"""Django's PostgreSQL backend, over a server that is started at the first connection.

Importing the settings, `--help`, `collectstatic` or mypy open no connection: they start no server.
"""

import atexit
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Final

from django.db.backends.postgresql import base, client
from psycopg_pool import ConnectionPool

from ess_pathways.embedded_postgres import Cluster

_CLUSTERS: Final[dict[str, Cluster]] = {}


def _start(settings_dict: dict[str, Any]) -> None:
    folder = settings_dict["EMBEDDED_CLUSTER"]
    if folder not in _CLUSTERS:
        _CLUSTERS[folder] = Cluster(Path(folder), settings_dict["EMBEDDED_OPTIONS"])
    _CLUSTERS[folder].acquire()
    # Called at exit before the cluster's own release: the pool's threads see no server vanish.
    atexit.unregister(_close_pools)
    atexit.register(_close_pools)


def _close_pools() -> None:
    for pool in DatabaseWrapper._connection_pools.values():
        pool.close()


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`, with the server started first."""

    def runshell(self, parameters: Iterable[str]) -> None:
        _start(self.connection.settings_dict)
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that makes sure that its server runs."""

    client_class = DatabaseClient
    _connection_pools: ClassVar[dict[str, ConnectionPool]]  # Django's, absent from its stubs

    def get_connection_params(self) -> dict[str, Any]:
        _start(self.settings_dict)
        return super().get_connection_params()
