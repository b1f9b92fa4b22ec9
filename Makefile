# The commands of the README. They make virtual environments here; a second call reuses them.
PYTHON ?= python3
RUN = .venv/bin
TEST = .venv-test/bin
SOURCES = pyproject.toml constraints.txt $(shell find textprep plugins -name "*.py" -o -name pyproject.toml)
PLUGINS = $(patsubst %/pyproject.toml,./%,$(wildcard plugins/*/pyproject.toml))

.PHONY: train test check bench docs clean

train: .venv/ready
	$(RUN)/textprep train movie-reviews $(ARGS)

test: .venv-test/ready
	OMP_NUM_THREADS=1 $(TEST)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: .venv-test/ready
	$(TEST)/ruff check .
	$(TEST)/ruff format --check .
	$(TEST)/mypy
	$(TEST)/lint-imports

bench: .venv-test/ready
	$(TEST)/python -m tests.benchmarks $(ARGS)

docs: .venv-test/ready
	$(TEST)/python -m textprep.report.steps > steps.md.new
	mv steps.md.new textprep/steps/README.md
	$(TEST)/python -m textprep.config.reference > configuration.md.new
	mv configuration.md.new docs/configuration.md

.venv/ready: $(SOURCES)
	$(PYTHON) -m venv .venv
	rm -rf build plugins/*/build
	$(RUN)/pip install -c constraints.txt . ./plugins/textprep-movie-reviews
	touch $@

.venv-test/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-test
	$(TEST)/pip install -c constraints.txt -e ".[dev]" $(addprefix -e ,$(PLUGINS))
	touch $@

clean:
	rm -rf .venv .venv-test build dist *.egg-info
