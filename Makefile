# `make help` lists what there is. The environment is built from requirements.lock on first use, and
# again when the lock changes.
PYTHON ?= python3
QUICK ?= .quick
BIN := .venv/bin
ENVIRONMENT := .venv/requirements.lock

# This PATH is for what the commands start: digitpairs in a job, sshd in a test. Make does not
# always search it (3.81, which macOS has, does not), so each command is called by its path.
export PATH := $(abspath $(BIN)):$(PATH):/usr/sbin
export VIRTUAL_ENV := $(CURDIR)/.venv

# Nothing is fetched without its hash. What has no wheel is built by the lock's own setuptools:
# antlr4-python3-runtime (dvc needs it) and connection-pool (snakemake). On Python 3.14 immutables
# (snakemake) has none either: it is C, and takes a compiler and Python's headers.
LOCKED := --quiet --compile-bytecode --require-hashes --no-build-isolation

.PHONY: run help environment report quick test check cluster test-cluster lock readme clean
.PHONY: bench bench-stack bench-start bench-workflow bench-fidelity
.PHONY: bench-processors bench-scale bench-gpu bench-cluster bench-beyond

run: $(ENVIRONMENT)            ## the whole paper
	$(BIN)/snakemake --cores all

help:                          ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-18s%s\n", $$1, $$2 }' Makefile

environment: $(ENVIRONMENT)    ## .venv, as requirements.lock says

report: $(ENVIRONMENT)         ## the whole paper, then all of it in one page: reports/report.html
	$(BIN)/snakemake --cores all
	$(BIN)/snakemake reported --report reports/report.html \
		--report-stylesheet workflow/report/style.css

quick: $(ENVIRONMENT)          ## the same graph, tiny, in a scratch directory
	mkdir -p $(QUICK)
	$(BIN)/snakemake --cores all --directory $(QUICK) --configfile params.quick.yaml

test: check                    ## style, types and all tests but those that start a cluster
	$(BIN)/pytest --numprocesses 2 --dist worksteal

cluster: $(ENVIRONMENT)        ## Snakemake's plugins for Slurm and GridEngine, into .venv
	$(BIN)/uv pip install $(LOCKED) -r requirements.cluster.lock

test-cluster: cluster          ## the profiles on a real Slurm and GridEngine: root, Debian's packages
	$(BIN)/pytest -m cluster -rs --numprocesses 6 tests/cluster

check: $(ENVIRONMENT)          ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow

bench: $(ENVIRONMENT)          ## what training costs, in docs/performance.md: five minutes
	$(BIN)/python -m benchmarks training

bench-stack: $(ENVIRONMENT)    ## what a ConvStack with augmentation costs: two minutes
	$(BIN)/python -m benchmarks stack

bench-start: $(ENVIRONMENT)    ## what the start of a job costs: two minutes
	$(BIN)/python -m benchmarks start

bench-workflow: $(ENVIRONMENT) ## what the workflow costs: the whole paper and more, in a scratch clone
	$(BIN)/python -m benchmarks workflow

bench-fidelity: $(ENVIRONMENT) ## the committed results beside those of plain modules
	$(BIN)/python -m benchmarks fidelity

bench-processors: $(ENVIRONMENT) ## the committed results beside those of other processors
	$(BIN)/python -m benchmarks processors

bench-beyond: $(ENVIRONMENT)   ## what runs of ladders cost, from their records
	$(BIN)/python -m benchmarks beyond

bench-scale: $(ENVIRONMENT)    ## what collecting and showing 10,000 runs costs: two minutes
	$(BIN)/python -m benchmarks scale

bench-gpu: $(ENVIRONMENT)      ## all that only a GPU can tell: its checks, what training costs there
	$(BIN)/python -m benchmarks gpu

bench-cluster: cluster         ## what Slurm adds, in docs/clusters.md: root, Debian's packages
	$(BIN)/python -m benchmarks cluster

readme: $(ENVIRONMENT)         ## put tables of reports/ into README.md and docs/results.md
	$(BIN)/digitpairs readme

lock: $(ENVIRONMENT)           ## resolve pyproject.toml anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev \
		--no-annotate --no-header --upgrade pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group cluster \
		--no-annotate --no-header --constraint requirements.lock --output-file requirements.cluster.lock

clean:                         ## forget the environment and the quick run
	rm -rf .venv $(QUICK)

# pip installs uv and setuptools from the lock, and uv does the rest. It compiles all modules: where
# Python may not (PYTHONDONTWRITEBYTECODE, an environment that jobs can only read), each command
# would compile its imports anew, a second or two.
$(ENVIRONMENT): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15) and "digitpairs needs Python 3.11 to 3.14: make PYTHON=python3.12 ...")'
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	sed -En '/^(uv|setuptools)==/,/[^\\]$$/p' requirements.lock > .venv/first.lock
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r .venv/first.lock
	$(BIN)/uv pip sync $(LOCKED) requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	cp requirements.lock $@
