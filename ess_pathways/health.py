"""`/sante/`: is the process alive, and can it serve the pages?"""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from directory.paging import read_only
from regions.models import Territory


@never_cache
@read_only
def health(request: HttpRequest) -> JsonResponse:
    """200 when the site can serve, 503 when it is alive but cannot; `checks` says what misses.

    {"alive": true, "ready": bool, "checks": {"database": bool, "migrations": bool,
    "geography": bool}}. A check that could not be made is false.
    """
    checks = {"database": False, "migrations": False, "geography": False}
    try:
        connection.ensure_connection()
        checks["database"] = True
        executor = MigrationExecutor(connection)
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        if checks["migrations"]:
            checks["geography"] = Territory.objects.exists()
    except DatabaseError:
        pass  # the answer says which check failed; the address of the database stays private
    ready = all(checks.values())
    return JsonResponse(
        {"alive": True, "ready": ready, "checks": checks}, status=200 if ready else 503
    )
