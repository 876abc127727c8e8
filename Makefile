# `make help` lists the targets; the two that matter first are `make demo` and `make validate`.
SHELL := /bin/bash
PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
VENV := .venv
KIT := $(VENV)/bin/kit
STAMP := $(VENV)/.installed
export UV_PYTHON_DOWNLOADS = never
export UV_SYSTEM_CERTS = 1
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help setup lock
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: $(STAMP) ## Create .venv from the hash-pinned lock (no-op when nothing changed)

$(STAMP): requirements.lock pyproject.toml
	@test -x "$(UV)" || { echo "setup: installing uv beside the project"; \
		$(PYTHON) -m pip install -q --disable-pip-version-check --root-user-action ignore --target .tools uv==0.13.8; }
	@echo "setup: installing the locked packages into $(VENV)"
	@test -x $(VENV)/bin/python || "$(UV)" venv -q --python "$(PYTHON)" $(VENV)
	@"$(UV)" pip sync -q --python $(VENV)/bin/python --require-hashes --compile-bytecode requirements.lock
	@"$(UV)" pip install -q --python $(VENV)/bin/python --no-deps --no-build-isolation -e .
	@touch $@

lock: ## Resolve pyproject.toml again into requirements.lock
	@"$(UV)" pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
		--python-version 3.11 --extra kit --extra mysql --extra redis --extra telemetry --group dev pyproject.toml -o requirements.lock $(LOCK_ARGS)

.PHONY: bench bench-kit demo dev test test-all-databases sequences test-shuffled validate format migrate feature rules shipped clean
demo: setup ## The whole story on embedded SQLite: scaffold, migrate, prove, break, mend, serve
	@$(VENV)/bin/python -m demo

validate: setup ## Run every gate, tests included
	@$(KIT) gates $(ARGS)

test: setup ## Run the tests only
	@$(KIT) gates --only tests --only tests-postgresql --only tests-mysql --only kit-tests --only kit-tests-features --only kit-tests-adapters \
		--only kit-tests-operations --only kit-tests-sequences --only kit-tests-shipped $(ARGS)

test-all-databases: setup ## Run the service's tests and the migrations on SQLite, PostgreSQL and MySQL
	@$(KIT) gates --only tests --only migrations --only drift --only tests-postgresql --only migrations-postgresql \
		--only tests-mysql --only migrations-mysql $(ARGS)

sequences: setup ## Draw and run many sequences of changes: make sequences ARGS="--count 2000"
	@PYTHONPATH=. $(VENV)/bin/python -m tests.mcp_server.sequences $(ARGS)

test-shuffled: setup ## Run the tests of the service in random order (the seed is printed)
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(VENV)/bin/python -m pytest -p pytest_asyncio.plugin -p pytest_randomly tests/app $(ARGS)

format: setup ## Format the code and mend what the linter can
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

feature: setup ## Create a feature: make feature ARGS="supplier name:string(2..100) 'rating:int >=1'"
	@$(KIT) feature add $(ARGS)

migrate: setup ## Plan the pending migrations and apply them to the database of the settings
	@$(KIT) migrate apply $(ARGS)

rules: setup ## Publish rules/*.md for every coding tool
	@$(KIT) rules sync

shipped: setup ## Make the shipped features again, after a change of the templates or of their specs
	@$(VENV)/bin/python -m tests.mcp_server.shipped.regenerate

dev: setup migrate ## Run the service with reload on the database of the settings, migrated and seeded
	@$(KIT) db seed
	@echo "docs         http://127.0.0.1:8000/docs"
	@$(VENV)/bin/uvicorn --factory app.main:create_app --reload --host 127.0.0.1 --port 8000

bench: setup ## Measure the service beside a hand-written floor, on a local PostgreSQL
	@$(VENV)/bin/python -m benchmarks.app $(ARGS)

bench-kit: setup ## Measure the kit over MCP: create, extend, a workspace with 200 features
	@$(VENV)/bin/python -m benchmarks.kit $(ARGS)

clean: ## Remove the environment and every cache
	@rm -rf .venv .tools .kit/scratch .kit/history .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage app.db*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
