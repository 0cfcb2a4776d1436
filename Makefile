# Two commands do everything on a fresh machine: `make demo` and `make test`. Python 3.11+, pip and make are enough.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help install demo test long deep soak lint features bench completions docs lock clean

help:
	@echo "make demo         sign in, choose calendars, sync and look, on a local Google (no account needed)"
	@echo "make test         lint, types, import rules and tests"
	@echo "make long         what make test leaves out and CI runs: every kill point, larger models, other people's programs"
	@echo "make deep         the long proofs: thousands of steps of the model, fifty thousand events"
	@echo "make soak         20 minutes of daemon with faults, restarts and clock steps; SECONDS=120 is what CI runs"
	@echo "make lint         ruff, mypy, import-linter, stale completions and docs"
	@echo "make features     which rows of docs/features.md are proven, and by how many tests"
	@echo "make bench        measures in ratios; never fails"
	@echo "make completions  write completions/ anew        make docs   write the generated tables in docs/ anew"

install: $(INSTALLED)

# --without-pip: works on machines whose Python came without ensurepip (Debian without python3-venv).
$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "calsyncctl needs Python 3.11 or newer, and none is on the PATH."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	@echo "Installing into $(VENV) …"
	@$(PYTHON) -m pip --python $(BIN)/python install -qq --disable-pip-version-check --no-input \
	  --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: install
	@$(BIN)/python scripts/demo.py

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/completions.py --check
	$(BIN)/python scripts/docs.py --check

test: lint
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

long: install
	$(BIN)/pytest -m "long and not deep" -n 3 --dist loadfile --no-loadscope-reorder

deep: install
	CALSYNC_DEEP=1 $(BIN)/pytest -m deep

SECONDS := 1200

soak: install
	@$(BIN)/python -m tests.soak $(SECONDS) $(SEED)

features: install
	@CALSYNC_COLD=1 $(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m feature --features-file .features.json >/dev/null; $(BIN)/python scripts/features.py .features.json

bench: install
	@$(BIN)/python bench/run.py

completions: install
	$(BIN)/python scripts/completions.py

docs: install
	$(BIN)/python scripts/docs.py

lock: install
	$(BIN)/python scripts/lock.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .features.json dist build
