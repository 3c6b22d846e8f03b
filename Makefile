# Everything here needs Python 3.11 or later and make. The targets make `.venv/` and install into it what they need:
# the project (editable) with its tools, in the versions of constraints.txt. pip's own settings are left as they are.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
unexport PYTHONHOME PYTHONPATH

# The Python that makes .venv/: `make PYTHON=/path/to/python test`. The first of these that is 3.11 or later.
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14 python; do \
    if $$python -c '$(IS_NEW_ENOUGH)' >/dev/null 2>&1; then echo $$python; break; fi; done)

BIN := .venv/bin
INSTALLED := .venv/.installed
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest

.PHONY: help
help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/make \1|\2/p' Makefile | while IFS='|' read -r name text; do \
	    printf '%-16s %s\n' "$$name" "$$text"; done

# PIP_CONSTRAINT and not `-c`, so that what builds a package is pinned too.
$(INSTALLED): pyproject.toml constraints.txt
	@'$(PYTHON)' -c '$(IS_NEW_ENOUGH)' 2>/dev/null || { echo "proactive_notify needs Python 3.11 or later, but \
	$(or $(PYTHON),none on this machine) is not. Install it, or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments; \
	on Debian and Ubuntu the package python3-venv is missing." >&2; exit 1; }
	'$(PYTHON)' -m venv --clear .venv
	PIP_CONSTRAINT="$$PIP_CONSTRAINT constraints.txt" $(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

.PHONY: demo
demo: $(INSTALLED) ## replay the order that went silent, and write the mails the customer would have received
	$(BIN)/proactive-notify replay examples/jonathan_adler.jsonl --out build/demo --mail \
		--shop "Jonathan Adler" --reply-to care@shop.example
	@echo "Look into build/demo: report.html to read, mail/*.eml to open with a mail program, messages.jsonl for the rest."

.PHONY: check
check: $(INSTALLED) ## style, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src $(wildcard tests/typing)
	$(BIN)/lint-imports --no-logo

.PHONY: test
test: check ## check, and all tests but the long ones
	$(PYTEST) -n $(JOBS) --ignore=tests/acceptance

.PHONY: acceptance
acceptance: $(INSTALLED) ## the long tests: the wheel in an empty environment, processes, real servers
	$(PYTEST) tests/acceptance --durations=10

.PHONY: bench
bench: $(INSTALLED) ## every benchmark, its numbers into benchmarks/results/<name>.json
	@mkdir -p benchmarks/results build/bench
	@set -e; for file in benchmarks/[!_]*.py; do \
	    name=$$(basename "$$file" .py); echo "benchmarks/$$name.py"; \
	    $(BIN)/python "$$file" --json >"build/bench/$$name.txt"; \
	    tail -n 1 "build/bench/$$name.txt" >"build/bench/$$name.json"; \
	    $(BIN)/python -m json.tool "build/bench/$$name.json" "benchmarks/results/$$name.json"; \
	    cat "benchmarks/results/$$name.json"; done

.PHONY: docs
docs: $(INSTALLED) ## the pages that are written from the code
	$(BIN)/python docs/notices.py
	$(BIN)/python docs/why.py

CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: gallery
gallery: $(INSTALLED) ## pictures of every mail and page, into build/gallery; needs Chromium
	@test -n '$(CHROMIUM)' || { echo "There is no Chromium here. Install it (on Debian and Ubuntu the package \
	chromium), or name one: make CHROMIUM=/path/to/chromium gallery" >&2; exit 1; }
	$(BIN)/proactive-notify preview --app docs.gallery:notifier --out build/gallery/mails >/dev/null
	$(BIN)/proactive-notify replay examples/jonathan_adler.jsonl --out build/gallery/replay \
		--shop "Jonathan Adler" --reply-to care@shop.example >/dev/null
	$(BIN)/python docs/gallery.py build/gallery "$(CHROMIUM)"
	@echo "Look into build/gallery/index.html."

.PHONY: format
format: $(INSTALLED) ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: clean
clean: ## remove all that these targets made, .venv/ too; the benchmarks' results stay
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests examples benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
