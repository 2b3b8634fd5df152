# What a newcomer runs. Each target makes the virtual environment first, once.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

# Real data that lies beside the checkout is loaded by the demo too.
DATA := $(wildcard ../shared/data)

.PHONY: demo test check bench
.DELETE_ON_ERROR:

demo: $(READY)
	$(BIN)/havre demo $(if $(DATA),--data $(DATA)) --report build/demo.json $(if $(ONCE),--once)

test: $(READY)
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
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
