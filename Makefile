# Everything is set up in .venv; no target needs anything but Python 3.11 and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test lint types unit bench docs clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(STAMP) ## Run the finished finger service of the tutorial, with all its protocols
	PYTHONPATH=docs/examples/demo $(BIN)/twistd --nodaemon --pidfile= finger --state .demo

test: $(STAMP) ## Run every check: style, types, tests
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/check.py

lint: $(STAMP) ## Style and types alone
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/check.py --lint

bench: $(STAMP) ## Measure against the peers, side by side; writes benchmarks/results
	$(BIN)/python -m benchmarks

docs: $(STAMP) ## Build the documentation into docs/_build
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

clean: ## Remove what was built, environments included
	rm -rf $(VENV) .venv-peers build dist docs/_build benchmarks/build _trial_temp* src/*.egg-info .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
