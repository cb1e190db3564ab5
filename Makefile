# Every task of the course. `make help` lists them.
# PYTHON=/path/to/python3.12 and TORCH_ARGS="arguments of pip for PyTorch" reach tools/setup.sh.
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
EXTRAS := --extra cpu --extra data --extra book --extra dev --extra engine --extra cluster

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help environment system book test expected lint lab exercises long bench bench-devices grading-report messages bench-grading look map icon lock clean

help:  ## list all tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

environment:  ## install what everything below needs, into .venv
	@sh tools/setup.sh environment

system:  ## install what the tests need of the system (Debian, Ubuntu)
	@sh tools/setup.sh system

book: environment  ## run every chapter that changed and build the book
	@$(BIN)/python -m tools.book.build

test: system environment  ## run everything that CI runs (FAST=1: what a change needs)
	@$(BIN)/python -m tools.check $(if $(FAST),--fast)

expected: environment  ## write the expected outputs of the chapters' tagged cells
	@$(BIN)/python -m tools.book.expect

lint: environment  ## run the fast checks of style, types and spelling
	@$(BIN)/python -m tools.check lint

lab: environment  ## open the chapters and exercises in JupyterLab (TEACHER=1: with the formgrader)
	@$(BIN)/python -m tools.lab $(if $(TEACHER),--teacher)

exercises: environment  ## make exercises/ from solutions/
	@$(BIN)/python -m tools.exercises

long: environment  ## run the trainings too long for a page; writes lstm_course/results/
	@$(BIN)/python -m studies

bench: environment  ## time the NumPy LSTM against torch.nn.LSTM
	@$(BIN)/python -m tools.bench.cells

bench-devices: environment  ## time layers on this machine's devices; writes lstm_course/results/gpu_execution.json
	@$(BIN)/python -m tools.bench.devices

grading-report: environment  ## grade banks, mutants and seeds (ASSIGNMENT=name: of one); writes lstm_course/results/grading_report.json
	@$(BIN)/python -m tools.grading_report $(ASSIGNMENT)

messages: environment  ## say what the visible tests say of known mistakes (ASSIGNMENT=name: of one)
	@$(BIN)/python -m tools.messages $(ASSIGNMENT)

bench-grading: environment  ## time grading against stock nbgrader; writes lstm_course/results/grading_speed.json
	@$(BIN)/python -m tools.bench.grading

look: environment  ## photograph every page: light, dark, phone (into build/look)
	@$(BIN)/python -m tools.book.look

map: environment  ## make the map, facts and routes of intro.md from the chapters' front matter
	@$(BIN)/python -m tools.book.course_map

icon: environment  ## render favicon.svg to icon.png
	@$(BIN)/python -m tools.book.icon

lock: environment  ## make requirements.lock from pyproject.toml (UPGRADE=--upgrade for new versions)
	@$(BIN)/pip-compile --quiet $(UPGRADE) --allow-unsafe --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		$(EXTRAS) --output-file requirements.lock pyproject.toml grader/pyproject.toml
	@sed -i 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements.lock

clean:  ## delete everything that is made, but not .venv
	rm -rf _build build .pytest_cache .mypy_cache .ruff_cache
