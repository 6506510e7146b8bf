"""The site's settings as in production, except HTTPS, on a database of the benchmark's own.

`BENCH_DATABASE` names the database. Without DATABASE_URL it is in an embedded cluster apart from
the demo's and the tests'.
"""

import os
import secrets

os.environ.update(DEBUG="0", HTTPS="0", ALLOWED_HOSTS="127.0.0.1", TRUSTED_PROXY="0")
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(60))

from ess_pathways.settings import *  # noqa: F403
from ess_pathways.settings import BASE_DIR, DATABASES, EMBEDDED_DATABASE, VAR_DIR

if EMBEDDED_DATABASE:
    from ess_pathways import embedded_postgres  # not on systems that it does not support

    DATABASES["default"].update(embedded_postgres.database_settings(BASE_DIR, "bench"))
DATABASES["default"]["NAME"] = os.environ.get("BENCH_DATABASE", "postgres")
STATIC_ROOT = VAR_DIR / "bench" / "static"
ROOT_URLCONF = "bench.urls"
