# The environment is built from requirements.lock on first use, and again when the lock changes.
PYTHON ?= python3
QUICK ?= .quick
ENVIRONMENT := .venv/requirements.lock
export PATH := $(CURDIR)/.venv/bin:$(PATH):/usr/sbin
export VIRTUAL_ENV := $(CURDIR)/.venv

.PHONY: run environment quick test check cluster test-cluster bench bench-workflow bench-fidelity bench-gpu bench-cluster lock readme clean

run: $(ENVIRONMENT)            ## the whole paper
	snakemake --cores all

environment: $(ENVIRONMENT)    ## .venv, as requirements.lock says

quick: $(ENVIRONMENT)          ## the same graph, tiny, in a scratch directory
	mkdir -p $(QUICK)
	snakemake --cores all --directory $(QUICK) --configfile params.quick.yaml

test: check                    ## style, types and all tests but those that start a cluster
	pytest --numprocesses 2 --dist worksteal

cluster: $(ENVIRONMENT)        ## Snakemake's plugins for Slurm and GridEngine, into .venv
	uv pip install --quiet --compile-bytecode --require-hashes -r requirements.cluster.lock

test-cluster: cluster          ## the profiles on a real Slurm and GridEngine: root, Debian's packages
	pytest -m cluster -rs --numprocesses 6 tests/cluster

check: $(ENVIRONMENT)          ## style and types
	ruff check
	ruff format --check
	mypy
	snakefmt --check Snakefile workflow

bench: $(ENVIRONMENT)          ## what training costs, in docs/performance.md: five minutes
	python -m benchmarks training

bench-workflow: $(ENVIRONMENT) ## what the workflow costs: the whole paper and more, in a scratch clone
	python -m benchmarks workflow

bench-fidelity: $(ENVIRONMENT) ## the committed results beside those of plain modules
	python -m benchmarks fidelity

bench-gpu: $(ENVIRONMENT)      ## what training costs on a GPU
	python -m benchmarks gpu

bench-cluster: cluster         ## what Slurm adds, in docs/clusters.md: root, Debian's packages
	python -m benchmarks cluster

readme: $(ENVIRONMENT)         ## put the tables of reports/ into README.md
	digitpairs readme

lock: $(ENVIRONMENT)           ## resolve pyproject.toml anew
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev \
		--no-annotate --no-header --upgrade pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group cluster \
		--no-annotate --no-header --constraint requirements.lock --output-file requirements.cluster.lock

clean:                         ## forget the environment and the quick run
	rm -rf .venv $(QUICK)

# uv comes from the lock as well: pip installs it once, with its hashes, and it does the rest. It
# compiles all modules: where Python may not (PYTHONDONTWRITEBYTECODE, an environment that jobs can
# only read), each command would compile its imports anew, a second or two.
$(ENVIRONMENT): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "digitpairs needs Python 3.11 or later: make PYTHON=python3.12 ...")'
	test -x .venv/bin/uv || $(PYTHON) -m venv --clear .venv
	test -x .venv/bin/uv || sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet --require-hashes -r .venv/uv.lock
	.venv/bin/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
	cp requirements.lock $@
