# `make` lists what there is. Everything runs in .venv, which is made on first use.
# PYTHON chooses the interpreter (3.11 or later):  make report PYTHON=python3.12
# STUDY and OUT choose another study folder and another place to build:  make report STUDY=/data/new OUT=/data/report
# JUPYTER=1 installs JupyterLab, too, and SPARK=1 Apache Spark:  make venv JUPYTER=1
# Where `wheels/` is, as in the archive of `make bundle`, packages come from there and no index is asked.
# WORKERS is how many tests run at a time; one needs about 1 GB:  make test WORKERS=4

PYTHON ?= python3
STUDY ?= data/sfj
OUT ?= _build
WORKERS ?= 2
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
STAMP := $(INSTALLED)$(if $(JUPYTER),-jupyter)$(if $(SPARK),-spark)
LOCKS := requirements.txt $(if $(JUPYTER),requirements-jupyter.txt) $(if $(SPARK),requirements-spark.txt)
PIP := -m pip install --quiet --disable-pip-version-check $(if $(wildcard wheels),--no-index --find-links wheels)
# Quoted for the shell, whatever the path holds. Cleaning needs no packages, so it does not wait for .venv.
quoted = '$(subst ','\'',$(1))'
ANY_PYTHON = $(or $(wildcard $(RUN)),$(call quoted,$(PYTHON)))

.DEFAULT_GOAL := help
.PHONY: help venv data data-check check report pdf notebooks test test-quick lint lock bundle bench simulate clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP)  ## set up .venv with the pinned packages (JUPYTER=1 with JupyterLab, SPARK=1 with Apache Spark)

$(STAMP): $(LOCKS) pyproject.toml
	@$(call quoted,$(PYTHON)) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; say which one: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(RUN) || $(call quoted,$(PYTHON)) -m venv $(VENV) \
	  || { echo "The venv module is missing; on Debian: apt install python3-venv" >&2; exit 1; }
	@$(RUN) -m pip --version >/dev/null 2>&1 || $(RUN) -m ensurepip >/dev/null
	$(RUN) $(PIP) --require-hashes $(addprefix -r ,$(LOCKS))
	$(RUN) $(PIP) --no-deps --no-build-isolation -e .
	@touch $(INSTALLED) $@

data: $(STAMP)  ## generate the bundled synthetic trial anew
	$(RUN) -m analysis.synthesis.sfj

data-check: $(STAMP)  ## generate it aside and compare it with the stored one, byte for byte
	$(RUN) -m analysis.synthesis.sfj --check

check: $(STAMP)  ## check the files of a study (STUDY=folder)
	$(RUN) -m analysis check $(call quoted,$(STUDY))

report: $(STAMP)  ## build the report (STUDY=folder, OUT=folder) and print its path
	@$(RUN) -m analysis report --study $(call quoted,$(STUDY)) --out $(call quoted,$(OUT))

pdf: report  ## make one document for paper of the report (CODE=1 keeps the code) and print its path
	@$(RUN) -m analysis pdf $(call quoted,$(OUT)) $(if $(CODE),--code)

notebooks: $(STAMP)  ## run all notebooks again and store their outputs
	$(RUN) -m analysis.book.stored

test: $(STAMP)  ## run all tests (WORKERS=number); installs Chromium if it may
	@bash tests/browser/install.sh
	PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-quick: $(STAMP)  ## run, for a minute, the tests that what changed since the last commit can have touched
	$(RUN) -m tests.quick

lint: $(STAMP)  ## check the style of the code
	$(RUN) -m ruff check .

lock: $(STAMP)  ## resolve requirements*.in into requirements*.txt (needs uv)
	uv pip compile --universal --python-version 3.11.7 --generate-hashes requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11.7 --generate-hashes requirements-jupyter.in -o requirements-jupyter.txt
	uv pip compile --universal --python-version 3.11.7 --generate-hashes requirements-spark.in -o requirements-spark.txt

bundle: $(STAMP)  ## write an archive with all packages for a machine without a network into dist/
	@$(RUN) -m analysis.book.bundle

bench: $(STAMP)  ## measure the report, then registers up to PEOPLE (1000000) and drawing anew; writes benchmarks/scale.csv
	$(RUN) benchmarks/report.py
	$(RUN) -m benchmarks.scale $(or $(PEOPLE),1000000)

simulate: $(STAMP)  ## coverage and type I error of the methods, in 2,000 simulated trials of each kind
	$(RUN) -m benchmarks.simulate

clean:  ## remove what builds have made (OUT=folder), and nothing else
	@$(ANY_PYTHON) -m analysis clean --out $(call quoted,$(OUT))
	@rm -rf .pytest_cache .ruff_cache
