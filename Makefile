# Everything a newcomer needs: `make demo` and `make test`. Both install what is missing first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check lock wheel install

demo: install
	$(BIN)/virkning demo

test: check
	$(BIN)/pytest -n auto --dist loadscope --no-loadscope-reorder --ignore tests/house

check: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/house

install: .venv/installed registry/static/built

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

registry/static/built: package-lock.json $(wildcard templates/assets/*) | .venv/installed
	$(BIN)/python -m registry.kit.assets
	touch $@

# Renews the pinned, hashed versions of Python and browser packages; both files name no address.
lock: .venv/installed
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --upgrade \
	  --group dev pyproject.toml --output-file requirements.lock
	npm update --package-lock-only

wheel: install
	$(BIN)/python -m hatchling build -t wheel
