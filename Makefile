.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
RUNS := $(VENV)/.runs

help: ## show every target
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml requirements/dev.txt
	@$(PYTHON) requirements/install.py dev $(VENV)
	@touch $(RUNS) $(STAMP)

$(RUNS): pyproject.toml requirements/run.txt
	@$(PYTHON) requirements/install.py run $(VENV)
	@touch $(RUNS)

install: $(STAMP) ## make .venv and install everything into it

run: $(RUNS) ## install what running needs, ingest the sources of config/sources.toml, or the demo site, and say what came of it
	$(BIN)/newsmill run

test: $(STAMP) ## all tests but followers', two files at a time (most of them wait for servers)
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/followers

check: $(STAMP) ## ruff, mypy strict, fast tests
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/unit

format: $(STAMP) ## let ruff mend and format the code
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

UV := $(or $(shell command -v uv),$(BIN)/uv)
COMPILE := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c constraints.txt

requirements: $(STAMP) ## pin what is installed, after a change of pyproject.toml or constraints.txt
	@[ -x '$(UV)' ] || $(BIN)/python -m pip install -q uv
	$(COMPILE) --no-emit-index-url --extra local --extra web pyproject.toml -o requirements/run.txt
	$(COMPILE) --no-emit-index-url --extra all --extra dev pyproject.toml -o requirements/dev.txt

s3-server: $(STAMP) ## build the S3 server that some tests need (with Go, in some minutes, once)
	$(BIN)/python -m tests.system.s3.server

.PHONY: help install run test check format requirements s3-server

DATA ?= ../shared/wcxb-dev.jsonl.xz
NEWS ?= ../shared/news-dev.jsonl.xz

train: $(STAMP) ## retrain the extractor's nets and weights: make train DATA=wcxb-dev.jsonl.xz NEWS=news-dev.jsonl.xz
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[train]'
	$(BIN)/python -m training.arbiter $(DATA) $(NEWS)
	$(BIN)/python -m training.train $(DATA) $(NEWS)

quality: $(STAMP) ## extraction quality beside other extractors; fails below the pinned floors
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[quality]'
	$(BIN)/python -m training.quality $(DATA) $(NEWS)


search-quality: $(STAMP) ## how well search finds a known article; fails below the pinned floors
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[quality]'
	$(BIN)/python -m training.search_quality $(NEWS)

SECONDS ?= 600

fuzz: $(STAMP) ## broken input through all that reads foreign bytes, SECONDS=600 for each kind
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

growth: $(STAMP) ## how time grows with the length of what is read, for every pattern and reader
	$(BIN)/python -m pytest -q -rP tests/growth

.PHONY: train quality search-quality fuzz growth

SEED ?= 1
KILLS ?= 15

chaos: $(STAMP) ## kills and outages on a mill at work, judged from outside; SEED=1 KILLS=15; a row to tests/chaos/runs.tsv
	$(BIN)/python -u -m tests.chaos --seed $(SEED) --kills $(KILLS)

WALKS ?= 10000

walks: $(STAMP) ## seeded walks over the ledger beside a model of its promises, WALKS=10000 in about an hour
	$(BIN)/python -m tests.walks --walks $(WALKS)

walks-mistakes: $(STAMP) ## mistakes planted in the ledger's scripts, each to be found by the walks; five minutes
	$(BIN)/python -m tests.walks --mistakes

.PHONY: chaos walks walks-mistakes

followers: $(STAMP) ## subscribers of the change log through kills of workers and console; a minute or two
	$(BIN)/python -m pytest -q tests/followers

.PHONY: followers

PEERS ?= ../shared/bench
PEERS_PYTHON ?= $(BIN)/python
BENCH_PAGES ?= 600
PIN ?=

bench-micro: $(STAMP) ## what each step costs, in seconds: CPU beside a like work, and bytecodes; fails a tenth above the pinned ones
	$(BIN)/python -m bench.micro $(PIN)

bench: $(STAMP) ## the whole mill: by stage, and beside others where their folder is (PEERS=../shared/bench PEERS_PYTHON=python)
	$(BIN)/python -m bench.pipeline $(if $(wildcard $(DATA)),--data $(DATA)) --pages $(BENCH_PAGES)
	$(BIN)/python -m bench.beside --peers $(PEERS) --python $(PEERS_PYTHON) --pages $(BENCH_PAGES) --keep bench/results

.PHONY: bench bench-micro
