#!/usr/bin/env python
"""Django's command line, on the project's settings."""

import os
import signal
import sys


def main() -> None:
    # A command that is asked to stop ends in order: the embedded database is stopped with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ess_pathways.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed here: run `make install`, then `.venv/bin/python manage.py`."
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
