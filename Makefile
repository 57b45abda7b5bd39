# Veche. Python 3.11 or newer and make are enough: the rest goes into .venv and client/node_modules.
# Setting up writes to stderr, so that the last line of `make journey` and `make bench` is theirs.

PYTHON ?= python3
DATABASE ?= sqlite
T ?=
# Tests wait more than they compute: one worker more than the two cores of the smallest machine.
WORKERS ?= 3
# Of the tests, the same everywhere: what passes here passes there. ORDER=2, 3, ... are other orders; pytest by itself takes any.
ORDER ?= 1

BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DATABASE

CLIENT_SOURCES := $(shell find client/src client/public client/build -type f 2>/dev/null) \
                  $(wildcard client/*.html client/*.json client/*.ts)
# The web client joins each target as soon as it is there.
CLIENT := $(wildcard client/package.json)
SITE := $(if $(CLIENT),client/dist/index.html)
MODULES := $(if $(CLIENT),client/node_modules/.installed)
# What may not be committed: paths of one machine, addresses of package registries.
PRIVATE := (^|[^A-Za-z0-9_.-])/(work|root)/|"resolved": "|registry[.]npmjs|files[.]pythonhosted|pypi[.]org

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: demo journey test lint bench bench-large load torture ha attacks unlinkability fuzz sbom clean lock packages

# A poll with a browser: prints where to click; stops on Ctrl-C.
demo: .venv/.installed $(SITE)
	@$(BIN)/python -m tests.programs.demo

# The same without a browser; the last line is one JSON object. REVOTE=1: votes may be changed. SEALED=1: trustees open the polls.
# ISSUERS=4 THRESHOLD=3: several issuers, one of them down for a while. HSM=1: token keys in SoftHSM.
journey: .venv/.installed $(SITE)
	@$(BIN)/python -m tests.programs.journey

# All tests, or a part: make test T='-m vectors'. DATABASE=postgresql: all of them on PostgreSQL instead of SQLite.
test: .venv/.installed $(SITE) packages
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --randomly-seed=$(ORDER) $(T)
ifeq ($(strip $(T)),)
	@$(if $(CLIENT),cd client && npm test --silent)
endif

lint: .venv/.installed $(MODULES)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(if $(CLIENT),cd client && npm run --silent lint)
	@! git grep -nE '$(PRIVATE)' -- . ':!Makefile'

# Signing, GOST, casting over HTTP, a vote and an audit in Chromium, the audit of 100,000 ballots (QUICK=1: 5,000) against `openssl speed`, as ratios,
# also in bench/results.json; the last line is the goals met and missed. The ballots are made once, under var/.
bench: .venv/.installed $(SITE) packages
	@$(BIN)/python -m bench

# An audit of a million ballots; making them takes an hour of one core, once.
bench-large: .venv/.installed
	@$(BIN)/python -m bench.audit 1000000

# A wave of RESIDENTS (10000), RATE (16) a second, from the sign-in to the receipt. The last line is a JSON object.
load: .venv/.installed $(SITE)
	@$(BIN)/python -m bench.wave

# Faults, and every property with twenty times the examples; then RUNS lives (500) of a ballot box, each ended by SIGKILL
# at an instrumented point or at random. The last line is a JSON object.
torture: .venv/.installed $(SITE)
	@HYPOTHESIS_PROFILE=torture $(BIN)/pytest -m 'faults or hypothesis' $(T) >&2
	@$(BIN)/python -m tests.torture

# What stands against each row of docs/attacks.md; the last line is a JSON object of counts and of the rows that fail.
attacks: .venv/.installed $(SITE) packages
	@$(BIN)/python -m tests.attacks -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(T)

# How well persons are linked to ballots, by what an adversary sees, for a SEED; the last line is a JSON object.
unlinkability: .venv/.installed
	@$(BIN)/python -m tests.unlinkability

# FUZZ_RUNS (10 million) hostile inputs over all decoders, from SEED; where Atheris has a wheel for this Python it goes on by
# coverage, GUIDED_RUNS for each. The last line is a JSON object.
fuzz: .venv/.installed
	@$(BIN)/pip install -qq --disable-pip-version-check --only-binary :all: atheris==3.0.0 >&2 || echo "without Atheris" >&2
	@$(BIN)/python -m tests.fuzz

# What the programs stand on, by name, version and hash: var/sbom.json (CycloneDX).
sbom: .venv/.installed
	@mkdir -p var
	@$(BIN)/python -m tests.programs.sbom > var/sbom.json

# A region on loopback: three database nodes under patroni, two issuers, two boxes. Under load the leader is killed, a box, an
# issuer, and the next leader frozen. MINUTES=2 BALLOTS=200 TOKENS=50 (a second). The last line is a JSON object.
ha: .venv/.installed build/patroni/.installed
	@$(BIN)/python -m tests.ha

clean:
	@rm -rf .venv client/node_modules client/dist build var bench/results.json *.egg-info
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Pin anew what pyproject.toml asks for, as new as it allows.
lock: .venv/.installed
	@$(BIN)/pip install -qq --disable-pip-version-check uv >&2
	@$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --upgrade --all-extras --no-strip-extras --generate-hashes --no-header --no-emit-index-url \
		--output-file requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --upgrade --generate-hashes --no-header --no-emit-index-url \
		--output-file deploy/patroni/requirements.lock deploy/patroni/requirements.in

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Veche needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": make PYTHON=python3.11")'
	@echo "Installing what requirements.lock names into .venv" >&2
	@$(PYTHON) -m venv .venv >&2
	@$(BIN)/pip install -qq --disable-pip-version-check --progress-bar off --require-hashes -r requirements.lock >&2
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation \
		--config-settings editable_mode=compat -e . >&2
	@touch $@

build/patroni/.installed: deploy/patroni/requirements.lock | .venv/.installed
	@rm -rf build/patroni
	@$(BIN)/pip install -qq --disable-pip-version-check --progress-bar off --require-hashes --target build/patroni -r deploy/patroni/requirements.lock >&2
	@touch $@

client/node_modules/.installed: client/package-lock.json | .venv/.installed
	@echo "Installing what client/package-lock.json names into client/node_modules" >&2
	@cd client && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	@touch $@

client/dist/index.html: client/node_modules/.installed $(CLIENT_SOURCES)
	@cd client && npm run --silent build >&2

# What tests need of the system, where it can be installed.
packages: .venv/.installed
	@$(BIN)/python -m tests.e2e.chromium >&2
	@$(BIN)/python -m tests.programs.softhsm >&2
	@$(BIN)/python -m tests.programs.proxies >&2
	@$(BIN)/python -m tests.postgresql >&2
