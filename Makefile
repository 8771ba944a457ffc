# The front door. Needs python3 (3.11 or newer) and make; everything else is set up in .venv.
PYTHON ?= python3
BIN := .venv/bin
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv
INSTALL := $(UV) pip install --quiet --python $(BIN)/python
PORT ?= 8765
HARBOUR := out/harbour

# Where Python may not keep what it compiled, every program that is started compiles all its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench serve lock strings clean

demo: .venv/runtime ## build the example observatory, from its inputs to edition, site and report
	@mkdir -p out && cp -R examples/harbour out/
	@$(BIN)/cop build $(HARBOUR)
	@echo
	@echo "Look at it:  make serve   and open http://127.0.0.1:$(PORT)/"

serve: ## serve what `make demo` built
	@test -f $(HARBOUR)/site/index.html || $(MAKE) demo
	@$(BIN)/cop serve $(HARBOUR) --port $(PORT)

test: .venv/dev ## all tests
	@$(BIN)/pytest -n 2 --dist loadfile

check: .venv/dev ## lint, types, import contracts, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/mypy
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=cop.config.settings $(BIN)/django-admin makemigrations --check --dry-run

bench: .venv/dev ## the figures behind every claim of quality or speed
	@for b in benchmarks/*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

lock: .venv/uv ## resolve pyproject.toml anew into the two lock files
	$(UV) pip compile pyproject.toml --upgrade --python $(BIN)/python --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -q -o requirements.lock
	$(UV) pip compile pyproject.toml --upgrade --group dev -c requirements.lock --python $(BIN)/python --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -q -o requirements-dev.lock

clean: ## remove what the demo made
	rm -rf out

.venv/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	@echo "Setting up .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"
	@touch $@

.venv/runtime: .venv/uv requirements.lock pyproject.toml
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps -e .
	@touch $@

.venv/dev: .venv/uv requirements-dev.lock pyproject.toml
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(INSTALL) --no-deps -e .
	@touch $@ .venv/runtime
