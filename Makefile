# daogou: `make run` starts the shop, `make test` proves it. PYTHON chooses the interpreter (3.11 or newer).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Where the shop lives; empty: the user's data folder (or DAOGOU_DATA).
DATA   ?=
HOST   ?= localhost
PORT   ?= 8501
MODEL  ?= local
RUNS   ?= 1
# Processes that share the tests.
JOBS   ?= 2
AT     := $(if $(DATA),--data "$(DATA)")

.PHONY: help venv run test test-live local-llm lint fix bench bench-store bench-load fuzz clean
.DEFAULT_GOAL := help

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The stamp makes a second start immediate: nothing is asked of pip until one of these two files changes.
$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

venv: $(STAMP)  ## make .venv with daogou and its tools

run: $(STAMP)  ## load the demo shop where there is none, then serve the chat
	@$(BIN)/daogou demo --if-empty $(AT)
	@$(BIN)/daogou serve $(AT) --host $(HOST) --port $(PORT)

test: $(STAMP)  ## run every test (no network); JOBS=8 on a larger machine
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

local-llm: $(STAMP)  ## install llama.cpp and fetch a small LLM that runs on this machine (1.1 GB; DAOGOU_LOCAL_MODEL chooses the file)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[local]'
	$(BIN)/python -m agent.local.fetch

test-live: $(STAMP)  ## run the dialog scripts on a real model: MODEL=local or provider:model, RUNS=4
	@mkdir -p out
	$(BIN)/daogou test tests/dialogs --model $(MODEL) --runs $(RUNS) --junit out/live.xml --report out/live.html $(AT) $(ARGS)

lint: $(STAMP)  ## style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(STAMP)  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## measure the figures of the README (ARGS="--quick" for a short run)
	$(BIN)/python tests/bench/run.py $(ARGS)
	$(BIN)/python tests/bench/eyes.py
	$(BIN)/python -m tests.bench.boards $(if $(DATA),--data "$(DATA)")
	$(if $(DATA),$(BIN)/python -m tests.bench.page $(DATA))
	$(if $(DATA),$(BIN)/python -m tests.bench.widget $(DATA))
	$(if $(DATA),$(BIN)/python -m tests.bench.looks $(DATA) --products 0)
	$(if $(DATA),$(BIN)/python -m tests.bench.look_wishes $(DATA))

bench-store: $(STAMP)  ## measure search in shops of 1 k to 100 k products and importing (DATA a demo shop; half an hour; ARGS="--sizes 1000"; PHOTOS real ones; MILLION=1)
	$(BIN)/python -m tests.bench.store $(if $(DATA),$(DATA),$(error DATA names a demo shop: make bench-store DATA=/tmp/shop)) $(ARGS)
	$(BIN)/python -m tests.bench.looks $(DATA)
	$(BIN)/python -m tests.bench.imports $(DATA)
	$(if $(PHOTOS),$(BIN)/python -m tests.bench.photos $(PHOTOS))
	$(if $(MILLION),$(BIN)/python -m tests.bench.million $(DATA))

bench-load: $(STAMP)  ## fifty shoppers at once for three minutes, a worker that dies, turns a second (DATA a demo shop; eight minutes; ARGS="--parts paced")
	$(BIN)/python -m tests.bench.load $(if $(DATA),$(DATA),$(error DATA names a demo shop: make bench-load DATA=/tmp/shop)) $(ARGS)

fuzz: $(STAMP)  ## ask a served shop whatever its description allows, and what it does not (DATA a demo shop; ARGS="-n 100")
	$(BIN)/python -m tests.fuzz $(if $(DATA),$(DATA),$(error DATA names a demo shop: make fuzz DATA=/tmp/shop)) $(ARGS)

clean:  ## remove what was built
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
