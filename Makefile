# Every command a person needs. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The first that really runs: a version manager may have names on PATH that do not.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
LAYERS := $(shell sed "/^\#/d" docbeam/layers.txt)
CODE := $(LAYERS) tests benchmarks setup.py workbench
# Locks add to one another: run time, then development, then training.
LOCKS := -r requirements.lock -r requirements-dev.lock
INSTALL = $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --no-deps
# Children may not write: what only they import would be compiled again by each of them, which doubles the time they start in.
unexport PYTHONDONTWRITEBYTECODE
COMPILE = $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --no-header --generate-hashes

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# uv installs in seconds what pip takes minutes for; it lives in the environment, nothing is installed outside.
$(STAMP): requirements.lock requirements-dev.lock setup.py workbench/setup.py docbeam/VERSION docbeam/extras.txt
	@test -n "$(PYTHON)" || { echo "docbeam needs Python 3.11, 3.12 or 3.13; set PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-devstack.in
	$(INSTALL) --require-hashes $(LOCKS)
	$(INSTALL) --no-build-isolation --editable . --editable workbench
	@$(BIN)/python -m compileall -q $(LAYERS) && $(BIN)/python -c 'import analysis.operations'
	$(BIN)/docbeam model verify > $(VENV)/models.txt || { cat $(VENV)/models.txt >&2; exit 1; }
	@touch $@

.PHONY: setup
setup: $(STAMP) ## Make the virtual environment .venv with everything in it

.PHONY: run
run: $(STAMP) ## Stream the sample documents through the real parts, and show the results
	@$(BIN)/docbeam demo

.PHONY: stop
stop: $(STAMP) ## Stop the parts that `make run` left running
	@$(BIN)/docbeam dev down

.PHONY: test
test: $(STAMP) ## Everything CI runs: checks, then all tests against the real parts
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: test-python
test-python: $(STAMP) ## The quick tests on every Python docbeam promises, as far as this machine has them
	$(BIN)/python -m tests.on_every_python

.PHONY: mutate
mutate: $(STAMP) ## Change the code of PATHS="..." and tell what TESTS="..." did not notice; hours for a layer
	$(BIN)/python -m tests.mutate $(PATHS) $(if $(TESTS),--tests $(TESTS))

SECONDS := 600
.PHONY: fuzz
fuzz: $(STAMP) ## Give every step values nobody should send, for SECONDS=600 in all; NAMES="..." picks properties
	$(BIN)/python -m tests.fuzz $(NAMES) --seconds $(SECONDS)

.PHONY: check
check: $(STAMP) ## Format, lint, types, layers, drift of generated files; writes nothing
	$(BIN)/ruff format --check --quiet $(CODE)
	$(BIN)/ruff check --quiet $(CODE)
	$(BIN)/mypy $(addprefix -p ,$(LAYERS))
	$(BIN)/python -m tests.check_layers
	$(BIN)/docbeam schemas check

.PHONY: fix
fix: $(STAMP) ## Format, fix what lint can, generate schemas and their pages
	$(BIN)/ruff format --quiet $(CODE)
	$(BIN)/ruff check --fix --quiet $(CODE)
	$(BIN)/docbeam schemas generate

.PHONY: bench
bench: $(STAMP) ## CPU per page of the job against a plain loop over the same models, and of a known form against full OCR
	$(BIN)/python -m benchmarks.job_overhead
	$(BIN)/python -m benchmarks.known_form

.PHONY: burst
burst: $(STAMP) ## How steadily the results of 100 mixed requests come that are sent at once
	$(BIN)/python -m benchmarks.burst

.PHONY: test-flink
test-flink: $(STAMP) ## The job on a real Flink, half an hour: kills, savepoints, outages, poison; see docs/flink.md
	$(BIN)/python -m tests.runners.flink_acceptance

.PHONY: setup-train
setup-train: $(STAMP) ## Add what training needs (torch, 5 GB), see docs/training.md
	$(INSTALL) --require-hashes -r requirements-training.lock

.PHONY: lock
lock: $(STAMP) ## Resolve requirements*.in into their locks, which agree with each other
	$(COMPILE) requirements.in -o requirements.lock
	$(COMPILE) -c requirements.lock requirements-{devstack,evaluation,gateway,dev}.in -o requirements-dev.lock
	$(COMPILE) -c requirements.lock -c requirements-dev.lock requirements-training.in -o requirements-training.lock

.PHONY: clean
clean: ## Remove what was made here: environment, state, caches
	rm -rf $(VENV) .docbeam build dist *.egg-info workbench/build workbench/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis
