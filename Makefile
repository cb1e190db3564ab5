# Every task of the course. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
EXTRAS := --extra cpu --extra data --extra book --extra grading --extra dev

.DEFAULT_GOAL := help
.PHONY: help book test lint lab exercises long bench bench-devices grading-report bench-grading look map icon lock clean

help:  ## list all tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

.venv/installed: requirements.lock pyproject.toml grader/pyproject.toml
	@echo "installing into .venv (a few minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check -r requirements.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --editable . --editable grader
	@touch $@

book: .venv/installed  ## install, run every chapter that changed and build the book
	@$(BIN)/python -m tools.book.build

test: .venv/installed  ## run everything that CI runs
	@$(BIN)/python -m tools.check

lint: .venv/installed  ## run the fast checks of style, types and spelling
	@$(BIN)/python -m tools.check lint

lab: .venv/installed  ## open the chapters and exercises in JupyterLab
	@$(BIN)/jupyter lab

exercises: .venv/installed  ## make exercises/ from solutions/
	@$(BIN)/python -m tools.exercises

long: .venv/installed  ## run the trainings too long for a page; writes results/
	@$(BIN)/python -m studies

bench: .venv/installed  ## time the NumPy LSTM against torch.nn.LSTM
	@$(BIN)/python -m tools.bench.cells

bench-devices: .venv/installed  ## time layers on this machine's devices; writes results/gpu_execution.json
	@$(BIN)/python -m tools.bench.devices

grading-report: .venv/installed  ## grade banks, mutants and seeds (ASSIGNMENT=name: of one); writes results/grading_report.json
	@$(BIN)/python -m tools.grading_report $(ASSIGNMENT)

bench-grading: .venv/installed  ## time grading against stock nbgrader; writes results/grading_speed.json
	@$(BIN)/python -m tools.bench.grading

look: .venv/installed  ## photograph every page: light, dark, phone (into build/look)
	@$(BIN)/python -m tools.book.look

map: .venv/installed  ## make the map and the tables of intro.md from the chapters' front matter
	@$(BIN)/python -m tools.book.course_map

icon: .venv/installed  ## render favicon.svg to icon.png
	@$(BIN)/python -m tools.book.icon

lock: .venv/installed  ## make requirements.lock from pyproject.toml (UPGRADE=--upgrade for new versions)
	@$(BIN)/pip-compile --quiet $(UPGRADE) --allow-unsafe --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		$(EXTRAS) --output-file requirements.lock pyproject.toml
	@sed -i 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements.lock

clean:  ## delete everything that is made, but not .venv
	rm -rf _build build .pytest_cache .mypy_cache .ruff_cache
