# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Where pip finds CPU builds of torch. Empty: the default index. Example: https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
TORCH := $(shell sed -n 's/^torch==/torch==/p' .ci/constraints.txt)
QUESTION := who said the factions would attack?

.PHONY: install run test lint benchmarks clean

install: $(STAMP)

$(STAMP): pyproject.toml .ci/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "onrecord needs Python 3.11 or later; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Creating $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing $(TORCH) (the largest part, about 200 MB) ..." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) \
		-c .ci/constraints.txt "$(TORCH)"
	@echo "Installing onrecord and what it needs, at the versions in .ci/constraints.txt ..." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e ".[dev]"
	@touch $@
	@echo "Installed. The command is $(BIN)/onrecord" >&2

# With a terminal: the chat. Without one (a pipe, CI): the example question, answered and printed.
run: install
	@$(BIN)/onrecord --archive .onrecord add seeds
	@if [ -t 0 ] && [ -t 1 ] && [ -t 2 ]; then $(BIN)/onrecord --archive .onrecord; \
	else $(BIN)/onrecord --archive .onrecord ask "$(QUESTION)"; fi

test: install
	@$(BIN)/python -m pytest

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Minutes each; what lacks its data in ../shared says so by name. The page docs/benchmarks.md is made of the results.
# TEXTACY=PYTHON: the Python of an environment with textacy, see benchmarks/quotations.py; without it that part is skipped.
benchmarks: install
	@for name in retrieval encoding startup reading confidence facts speakers who_said; do \
		echo "== $$name" >&2; $(BIN)/python -m benchmarks.$$name || exit 1; done
	@echo "== quotations" >&2; $(BIN)/python -m benchmarks.quotations $(if $(TEXTACY),--textacy $(TEXTACY))
	@$(BIN)/python benchmarks/segmentation.py
	@$(BIN)/python -m benchmarks.render

clean:
	@rm -rf $(VENV) .onrecord
