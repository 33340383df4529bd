# The tasks are in make.py; this file only lets them be called as `make book`. Another Python: make book PYTHON=python3.12
PYTHON ?= python3

.PHONY: help book pdf quick test notebooks scoreboard bench lab clean
help:
	@$(PYTHON) make.py
book pdf quick test notebooks scoreboard bench lab clean:
	@$(PYTHON) make.py $@
