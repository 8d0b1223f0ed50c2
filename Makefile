# Every target does its own set-up in .venv; `make ask Q="…"` is the place to begin.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
SHARED ?= ../shared
Q ?= 海外人才居住证（B证）的有效期最长几年？

.PHONY: ask serve test check eval bench train
export PYTHONUTF8 := 1
export Q # so that quotes and dollars in a question reach the program as they are

ask: .venv/run.stamp
	@$(BIN)/tiaowen ask "$$Q"

serve: .venv/run.stamp
	@$(BIN)/tiaowen serve

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: check chromium
	$(BIN)/python -m pytest --cov --cov-report=term --cov-fail-under=90

eval: .venv/run.stamp
	$(BIN)/python -m evals run

bench: .venv/run.stamp
	$(BIN)/python -m evals bench

train: .venv/dev.stamp
	$(BIN)/python -m index.training --shared $(SHARED) --out index/model

.PHONY: chromium
chromium: # the pages are tested in the system's Chromium, and behind its nginx
	@{ command -v chromium || command -v google-chrome; } >/dev/null \
	  && PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || { \
	  $$(test "$$(id -u)" = 0 || echo sudo) sh -c 'apt-get update -q && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk nginx-light' >/dev/null \
	  || { echo 'make test needs Chromium and nginx: please install them (Debian: apt install chromium nginx-light)'; exit 1; }; }

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: pyproject.toml constraints.txt | .venv/bin/python
	@echo 'Installing into .venv (once, about a minute) …' >&2
	@$(PIP) --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	@$(PIP) --editable '.[dev,train]'
	@touch $@
