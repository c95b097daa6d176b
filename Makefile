# The two commands are `make run` and `make test`; both set everything up first. `make help` lists the rest.

SHELL := bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/build/deps/node/node_modules/node/bin:$(PATH)
PRESET ?= release
BUILD := build/$(PRESET)
SIM_SEEDS ?= 1000
SIM_FIRST_SEED ?= 1

.PHONY: help bootstrap wasm web native build run test check format bench fuzz sim clean

help:     ## list the targets
	@grep -hE '^[a-z]+: .*##|^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## */\t/' | expand -t 12

bootstrap: ## install what is missing (Debian packages, Node, npm packages)
	@tools/bootstrap

wasm: bootstrap ## the client core for the browser
	@cmake --preset wasm --no-warn-unused-cli >/dev/null && cmake --build --preset wasm

web: wasm ## the web client, into web/dist
	@cd web && npm run --silent build

native: web ## kithd (with the web client inside), kith, and all tests
	@cmake --preset $(PRESET) >/dev/null && cmake --build --preset $(PRESET)

build: native ## everything

run: bootstrap web ## build, then start kithd on http://127.0.0.1:8470
	@cmake --preset $(PRESET) >/dev/null && cmake --build --preset $(PRESET) --target kithd kith
	@exec $(BUILD)/src/server/kithd

test: build ## build, then run all tests; the last line counts them
	@tools/run-tests $(BUILD)

check: bootstrap ## format, include rule, lint
	@tools/check-format
	@tools/check-includes
	@tools/check-tree
	@tools/check-lint

format: bootstrap ## format the C++ sources
	@tools/check-format --write

bench: build ## measure; see docs/performance.md
	@bench/run

fuzz: bootstrap ## search for crashes, FUZZ_SECONDS (600) for each target
	@tools/run-fuzz

sim: bootstrap ## simulate SIM_SEEDS (1000) seeds in each profile, from SIM_FIRST_SEED (1); failed ones come last
	@cmake --preset $(PRESET) >/dev/null && cmake --build --preset $(PRESET) --target kith-sim
	@$(BUILD)/tests/simulation/kith-sim --profile all --crypto mixed --jobs $$(nproc) --quiet \
	  --seed $(SIM_FIRST_SEED) --seeds $(SIM_SEEDS)

clean: ## forget what was built
	rm -rf build/release build/dev build/asan build/tsan build/fuzz build/wasm web/dist
