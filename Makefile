# ijbtools. On Windows use the plain lines in README.md, which do the same.
PYTHON ?= python3
RUN = .venv/bin
TEST = .venv-test/bin

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

briefing: .venv/ready  ## the main job: the briefings of the sample plans, in site/
	$(RUN)/ijb publish params/plans/scotland.yaml params/plans/invented.yaml

test: .venv-test/ready  ## every check: style, types, tests
	$(TEST)/ruff check .
	$(TEST)/ruff format --check .
	$(TEST)/mypy
	$(TEST)/pytest -m "not slow"

test-long: .venv-test/ready  ## the slow tests as well
	$(TEST)/pytest

lab: .venv-lab/ready  ## JupyterLab on the notebooks
	.venv-lab/bin/ijb lab

lock:  ## pin the newest versions that pyproject.toml allows; needs uv
	uv pip compile pyproject.toml requirements/build.in --universal --generate-hashes --no-header --no-annotate --upgrade -o requirements/core.lock
	uv pip compile pyproject.toml requirements/build.in --extra test -c requirements/core.lock --universal --generate-hashes --no-header --no-annotate --upgrade -o requirements/test.lock
	uv pip compile pyproject.toml requirements/build.in --extra lab -c requirements/core.lock --universal --generate-hashes --no-header --no-annotate --upgrade -o requirements/lab.lock
	uv pip compile pyproject.toml requirements/build.in --extra dask -c requirements/core.lock --universal --generate-hashes --no-header --no-annotate --upgrade -o requirements/dask.lock
	uv pip compile pyproject.toml requirements/build.in --extra scale -c requirements/core.lock --universal --generate-hashes --no-header --no-annotate --upgrade -o requirements/scale.lock

.venv/ready: requirements/core.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(RUN)/python -m pip install --quiet --require-hashes -r requirements/core.lock
	$(RUN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv-test/ready: requirements/test.lock pyproject.toml
	$(PYTHON) -m venv .venv-test
	$(TEST)/python -m pip install --quiet --require-hashes -r requirements/test.lock
	$(TEST)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv-lab/ready: requirements/lab.lock pyproject.toml
	$(PYTHON) -m venv .venv-lab
	.venv-lab/bin/python -m pip install --quiet --require-hashes -r requirements/lab.lock
	.venv-lab/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: help briefing test test-long lab lock
.DEFAULT_GOAL := help
