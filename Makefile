# Everything the project can do. `make` alone says so.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
WITHOUT_PIP_NOISE := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
# Settings as on a real site; `check --deploy` opens no connection.
PRODUCTION := DATABASE_URL=postgresql://check@localhost/check ALLOWED_HOSTS=ess.example.org \
  SECRET_KEY=0123456789-only-for-the-check-abcdefghijklmnopqrstuvwxyz DEBUG=0 HTTPS=1 TRUSTED_PROXY=1

.PHONY: help demo install test quality bench format lock clean

help: ## Print this
	@echo "Parcours ESS"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-9s %s\n", $$1, $$2 }'
	@echo "  Variables: PORT and HOST for the demo, CHROMIUM_PATH for the tests, PYTHON for the install."

demo: $(VENV)/.base ## The whole site on your machine: http://127.0.0.1:8000 (HOST, PORT)
	@exec $(RUN)/python -m ess_pathways.demo

install: $(VENV)/.dev ## The virtual environment with all that development needs

test: install ## Everything that continuous integration runs, a real browser included
	@$(MAKE) --no-print-directory quality
	CHROMIUM_PATH="$$($(RUN)/python -m tests.chromium)" $(RUN)/pytest -n 2

quality: install ## Format, lint, types, import rules, migrations, settings
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/djlint templates --lint --quiet
	$(RUN)/lint-imports
	$(RUN)/mypy regions directory ess_pathways
	$(RUN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(RUN)/python manage.py check --deploy --fail-level WARNING

bench: install $(VENV)/.bench ## The measurements of bench/ beside Datasette (BENCH="--sizes 1000 --rounds 1 --seconds 1")
	$(RUN)/python -m bench.run $(BENCH)

format: install ## Put the code in order
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

# The lock names no package host: whoever installs chooses their own index. uv resolves for all
# platforms and supported versions of Python at once; pip installs.
LOCK = $(RUN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --no-header pyproject.toml
lock: install ## Resolve the dependencies of pyproject.toml anew
	$(LOCK) --upgrade --output-file requirements/base.txt
	$(LOCK) --upgrade --extra dev --constraint requirements/base.txt --output-file requirements/dev.txt
	$(LOCK) --upgrade --extra geo --constraint requirements/base.txt --output-file requirements/geo.txt
	$(LOCK) --upgrade --extra bench --constraint requirements/dev.txt --output-file requirements/bench.txt

clean: ## Remove what the other commands made; the data of a root's database stays where it is
	rm -rf $(VENV) var .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "The venv module is missing: on Debian, apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.base $(VENV)/.dev $(VENV)/.bench: $(VENV)/.%: requirements/%.txt | $(VENV)/bin/python
	@echo "Installing the dependencies of $<…"
	@$(WITHOUT_PIP_NOISE) $(RUN)/python -m pip install --quiet --quiet --require-hashes --requirement $<
	@touch $@
