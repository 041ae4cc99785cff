# `make run` shows the product, `make test` proves it; both install what they need first.
PYTHON := .venv/bin/python
WORKERS ?= 3
BIND ?= 127.0.0.1:8000

.PHONY: run test lint format soak bench shots catalogues

run:
	@.ci/setup run
	@$(PYTHON) -m mediation demo --serve --bind $(BIND)

test:
	@.ci/setup test
	@$(PYTHON) -m pytest -q -n $(WORKERS) --dist worksteal --databases sqlite,postgresql $(ARGS)

lint:
	@.ci/setup test
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-cache --no-logo

format:
	@.ci/setup test
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

# The long rounds of races, kills and fuzzing, one after the other, so that they do not disturb each other.
soak:
	@.ci/setup test
	@$(PYTHON) -m pytest -q -m "soak or hypothesis" --soak --timeout 7200 --databases sqlite,postgresql $(ARGS)

bench:
	@.ci/setup test
	@$(PYTHON) -m tests.bench $(ARGS)

shots:
	@.ci/setup test
	@$(PYTHON) -m tests.shots $(ARGS)

# Prints each sentence that has no Chinese yet, as an entry ready to be translated.
catalogues:
	@.ci/setup test
	@$(PYTHON) -m tests.catalogues
