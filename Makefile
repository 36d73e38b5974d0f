# Jingkuai (荆会). `make help` lists the targets; every command here also runs by itself, without make.
.DEFAULT_GOAL := help
.PHONY: run up down demo reset status test lint types format openapi policies codes bench lock deploy admin setup dev help

PYTHON ?= python3
PORT ?= 4566
export PYTHONDONTWRITEBYTECODE = 1

LOCAL := .local/stack-venv/bin/python -m tools.local --port $(PORT)
DEV := .venv/bin/python

run: setup ## set up, start, run the main job once, and stay until Ctrl-C
	@$(LOCAL) run

up: setup ## start the local stack in the background, ready when this returns
	@$(LOCAL) up

down: setup ## stop it, keeping its data
	@$(LOCAL) down

demo: setup ## the main job against the running stack
	@$(LOCAL) demo

reset: setup ## stop it and forget its data
	@$(LOCAL) reset

status: setup ## how the local stack stands
	@$(LOCAL) status

test: dev ## every check and every test, as CI runs them
	@$(DEV) -m tools.checks all

lint: dev ## format, style, import floors, the template for both partitions
	@$(DEV) -m tools.checks lint

types: dev ## mypy --strict
	@$(DEV) -m tools.checks types

format: dev ## put the code into shape
	@.venv/bin/ruff check --fix --quiet . && .venv/bin/ruff format .

openapi: dev ## write docs/openapi.json from the handlers
	@PYTHONPATH=layers/common/python:functions:. $(DEV) -m tools.openapi

policies: dev ## write the rule sets of infra/policies/ into template.yaml
	@$(DEV) -m tools.policies

codes: dev ## write docs/error-codes.md from the code
	@PYTHONPATH=layers/common/python:functions:. $(DEV) -m tools.error_codes

bench: dev ## the benchmarks (see benchmarks/)
	@$(DEV) -m benchmarks

lock: dev ## resolve the dependency groups of pyproject.toml anew
	@$(DEV) -m tools.lock

deploy: setup ## deploy to AWS: make deploy BUCKET=artefacts [STACK=jingkuai] [PARAMETERS="Name=value …"]
	@.local/stack-venv/bin/python -m tools.deploy --bucket "$(BUCKET)" --stack "$(or $(STACK),jingkuai)" $(PARAMETERS)

admin: setup ## the first admin of a new deployment: make admin USERNAME=… NAME=… PHONE=… [STACK=jingkuai], or RENEW=1
	@.local/stack-venv/bin/python -m tools.bootstrap_admin --stack "$(or $(STACK),jingkuai)" $(if $(RENEW),--renew,--username "$(USERNAME)" --name "$(NAME)" --phone "$(PHONE)")

setup:
	@$(PYTHON) tools/bootstrap.py stack

dev:
	@$(PYTHON) tools/bootstrap.py dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
