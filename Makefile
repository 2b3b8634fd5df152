# What a newcomer runs. Each target makes the virtual environment first, once.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

# Real data that lies beside the checkout is loaded by the demo too.
DATA := $(wildcard ../shared/data)

.PHONY: demo test check conformance bench score pages
.DELETE_ON_ERROR:

demo: $(READY) pages
	$(BIN)/havre demo $(if $(DATA),--data $(DATA)) --report build/demo.json $(if $(ONCE),--once)

test: $(READY) pages
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What the pages of services stand in, from npm packages; made once.
pages: $(READY)
	@PYTHONPATH=src $(BIN)/python -m havre_ui.build

# The Dataspace Protocol's own judge (Java 17, Maven), on a node with SQLite, then on one with PostgreSQL.
conformance: $(READY)
	$(BIN)/python -m tests.conformance.kit
	$(BIN)/python -m tests.conformance.kit --postgresql

# How good the answers are, against the truth of the scenario and against real records: build/score.json.
score: $(READY)
	PYTHONPATH=src $(BIN)/python -m benchmarks.score

bench: $(READY) pages
	$(BIN)/python -m benchmarks

$(READY): requirements.lock Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Havre needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "Python's venv module is missing. Install it with: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@# the package itself is used from src, so that a change needs no installation
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "havre.pth").write_text(str(pathlib.Path("src").resolve()) + "\n")'
	@printf '#!/bin/sh\nexec "%s/$(BIN)/python" -P -m havre "$$@"\n' "$$PWD" > $(BIN)/havre && chmod +x $(BIN)/havre
	@touch $(READY)

# For who changes a table: writes the revision that brings a database of the release before to this one.
.PHONY: migration baseline
WHY ?= change
VERSIONS := src/havre/migrations/versions

migration: $(READY)
	mkdir -p build && rm -f build/migration.db
	$(BIN)/alembic upgrade head
	$(BIN)/alembic revision --autogenerate -m "$(WHY)" --rev-id "$$(printf %04d $$(($$(ls $(VERSIONS)/[0-9]*.py 2>/dev/null | wc -l) + 1)))"
	$(BIN)/ruff format --quiet $(VERSIONS) && $(BIN)/ruff check --quiet --fix $(VERSIONS)

# As long as nothing was released there is one revision, and it is written anew.
baseline: $(READY)
	rm -f $(VERSIONS)/[0-9]*.py
	$(MAKE) migration WHY="the tables of the first release"
