# Every line here calls swift or a script; what they do is told there.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=

FORMAT := --parallel --recursive --configuration scripts/swift-format.json Sources Tests Package.swift
SHELL_SCRIPTS = .ci/run $(filter-out %.json %.py scripts/engines,$(wildcard scripts/*))

.PHONY: build test soak demo bench lint format install clean help bootstrap bootstrap-dev

build: bootstrap ## build the release programs, .build/release/psparty and psparty-sim (the default)
	$(SWIFT) build -c release --static-swift-stdlib --product psparty
	$(SWIFT) build -c release --static-swift-stdlib --product psparty-sim

# With the voice engine installed, its test may not be left out.
test: bootstrap-dev ## run all tests
	PSPARTY_ENGINE_TEST=$(if $(PSPARTY_WITHOUT_ENGINE),no,yes) $(SWIFT) test

soak: bootstrap-dev ## run the random tests for long
	PSPARTY_SCRIPTS=10000 $(SWIFT) test --filter StreamPropertyTests

demo: bootstrap ## run psparty against the simulator on this machine: no account, no network
	$(SWIFT) build --product psparty
	$(SWIFT) build --product psparty-sim
	scripts/demo

bench: build ## compare the release programs' speed with curl's, as ratios
	scripts/bench.py

lint: bootstrap-dev ## check format, shell scripts, layers and forbidden words
	$(SWIFT) format lint --strict $(FORMAT)
	shellcheck $(SHELL_SCRIPTS)
	scripts/check-layers --self-test
	scripts/check-layers
	scripts/check-imports --self-test
	scripts/check-imports

format: ## rewrite the Swift files the way lint wants them
	$(SWIFT) format --in-place $(FORMAT)

install: build ## install both programs below PREFIX (/usr/local); DESTDIR stages
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 .build/release/psparty .build/release/psparty-sim "$(DESTDIR)$(PREFIX)/bin"

clean: ## remove what was built
	$(SWIFT) package clean

help: ## show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/\1	\2/p' Makefile

bootstrap:
	@scripts/bootstrap

bootstrap-dev:
	@scripts/bootstrap --dev
