# Every line here calls swift or a script; what they do is told there.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
# PSPARTY_PROGRAMS names a folder with other programs than those that make builds, to install, pack or test.
PROGRAMS := $(or $(PSPARTY_PROGRAMS),.build/release)
BUILT := $(if $(PSPARTY_PROGRAMS),,build)

FORMAT := --parallel --recursive --configuration scripts/swift-format.json Sources Tests Examples Package.swift
SHELL_SCRIPTS = $(shell grep -lsE '^\#!.*bash' .ci/run scripts/*)

# The C++ library, which Swift's runtime needs, is linked statically: loading it would cost each start 0.6 ms. The linker is
# given a folder that has no other form of it. No search for libraries beside the program: that is 16 failed opens.
# The programs are position independent with full RELRO and immediate binding, and their C parts have stack protectors:
# they handle tokens and what others send. Packed relocations (glibc 2.36) keep that from costing a megabyte.
LINKER = -Xlinker -z -Xlinker $(1)

# What `psparty --version -v` names; empty outside of a clone. It is an object file of its own, so that another commit only
# links anew.
PSPARTY_COMMIT ?= $(shell git describe --always --exclude '*' --abbrev=12 --dirty=-modified 2>/dev/null)
COMMIT_OBJECT := $(if $(PSPARTY_COMMIT),.build/commit/$(PSPARTY_COMMIT).o)

RELEASE := -c release --static-swift-stdlib --disable-local-rpath -Xswiftc -use-ld=lld \
	-Xswiftc -L -Xswiftc .build/static-runtime -Xswiftc -Xclang-linker -Xswiftc -static-libgcc \
	-Xswiftc -Xfrontend -Xswiftc -function-sections \
	-Xcc -fstack-protector-strong $(call LINKER,relro) $(call LINKER,now) $(call LINKER,pack-relative-relocs) \
	$(COMMIT_OBJECT:%=-Xlinker %)

.PHONY: build test test-release test-library test-docs test-completion test-man man docs test-voice soak demo picture bench lint format install \
	uninstall deb dist test-install clean help bootstrap bootstrap-dev bootstrap-stacks bootstrap-package

build: bootstrap $(COMMIT_OBJECT) ## build the release programs, .build/release/psparty and psparty-sim (the default)
	mkdir -p .build/static-runtime
	ln -sf "$$(gcc -print-file-name=libstdc++.a)" .build/static-runtime/
	$(SWIFT) build $(RELEASE) --product psparty
	$(SWIFT) build $(RELEASE) --product psparty-sim

$(COMMIT_OBJECT):
	mkdir -p $(@D)
	printf 'const char party_commit[] = "%s";\n' '$(PSPARTY_COMMIT)' | gcc -x c -c -o $@ -

# One part after the other: what measures times needs the machine for itself. The canary test and those of extreme values do
# not, they only compute; nor does the engine's, which mostly waits. They run together. With the voice engine installed, its test
# may not be left out.
test: bootstrap-dev ## run all tests
	$(SWIFT) test --filter '^PartyCoreTests'
	scripts/public-symbols
	$(SWIFT) test --skip-build --filter '^PartyLiveTests'
	$(SWIFT) test --skip-build --filter '^PartySimulatorTests'
	$(SWIFT) test --skip-build --filter '^pspartyTests' --skip 'CanaryTests|ExtremeTests'
	$(if $(PSPARTY_WITHOUT_ENGINE),,.build-voice/bin/python scripts/engines/test-webrtc-engine.py >.build/engine-test.log 2>&1 & engine=$$!;) \
		$(SWIFT) test --skip-build --filter '^pspartyTests.*(CanaryTests|ExtremeTests)' \
		$(if $(PSPARTY_WITHOUT_ENGINE),,&& { wait $$engine; status=$$?; cat .build/engine-test.log; exit $$status; })
	PSPARTY_ENGINE_TEST=$(if $(PSPARTY_WITHOUT_ENGINE),no,yes) $(SWIFT) test --skip-build --filter '^EndToEndTests'

# What the optimizer makes of the programs is another thing to test.
test-release: bootstrap-dev build ## run the end-to-end tests on the release programs
	PSPARTY_PROGRAMS=$(CURDIR)/.build/release PSPARTY_ENGINE_TEST=$(if $(PSPARTY_WITHOUT_ENGINE),no,yes) \
		$(SWIFT) test --filter '^EndToEndTests'

# PARTS names some of stacks, mesh, engines, kills.
test-voice: bootstrap-stacks ## let voice runs meet other WebRTC stacks, a full party, engines that misbehave, and kills
	$(if $(PSPARTY_PROGRAMS),,$(SWIFT) build --product psparty)
	$(if $(PSPARTY_PROGRAMS),,$(SWIFT) build --product psparty-sim)
	scripts/test-voice.py $(PARTS)

# It is a package of its own, as another program's would be, so it compiles the library once more.
test-library: bootstrap-dev ## build the tutorial's bot on the library and run it against the simulator
	$(SWIFT) build --product psparty
	$(SWIFT) build --product psparty-sim
	scripts/test-library

test-docs: bootstrap-dev ## run every command line of README.md and docs/*.md against the simulator
	$(if $(PSPARTY_PROGRAMS),,$(SWIFT) build --product psparty)
	$(if $(PSPARTY_PROGRAMS),,$(SWIFT) build --product psparty-sim)
	scripts/test-docs

# PSPARTY_PROGRAMS names a folder with other programs to test, as for test-docs and test-man.
test-completion: bootstrap-dev ## press Tab in bash, zsh and fish, each with an empty home
	$(if $(PSPARTY_PROGRAMS),,$(SWIFT) build --product psparty)
	$(if $(PSPARTY_PROGRAMS),,$(SWIFT) build --product psparty-sim)
	scripts/test-completion

man: $(BUILT) ## write the man pages, .build/man
	rm -rf .build/man
	scripts/man-pages $(PROGRAMS)/psparty $(PROGRAMS)/psparty-sim .build/man

test-man: bootstrap-dev man ## check the man pages with mandoc, and that what they refer to exists
	scripts/test-man .build/man

docs: bootstrap ## build the library's documentation, .build/docs
	$(SWIFT) build --target PartyLive
	scripts/library-docs

soak: bootstrap-dev build ## let the stream live ten minutes with a fault every second, then run the random tests for long
	scripts/soak.py
	PSPARTY_SCRIPTS=10000 $(SWIFT) test --filter StreamPropertyTests

demo: bootstrap ## run psparty against the simulator on this machine: no account, no network
	$(SWIFT) build --product psparty
	$(SWIFT) build --product psparty-sim
	scripts/demo

picture: bootstrap ## draw the pictures of watch, docs/watch-light.svg and docs/watch-dark.svg, from a real run
	$(SWIFT) build --product psparty
	$(SWIFT) build --product psparty-sim
	scripts/picture

bench: bootstrap-dev build ## compare the release programs with curl and other stream clients, as ratios; signals a second
	$(SWIFT) build -c release --static-swift-stdlib --product CodecBench
	.build/release/CodecBench
	scripts/bench.py
	scripts/bench-voice.py
	scripts/bench-stream.py

lint: bootstrap-dev ## check format, shell scripts, layers and forbidden words
	$(SWIFT) format lint --strict $(FORMAT)
	shellcheck $(SHELL_SCRIPTS)
	scripts/check-layers --self-test
	scripts/check-layers
	scripts/check-imports --self-test
	scripts/check-imports

format: ## rewrite the Swift files the way lint wants them
	$(SWIFT) format --in-place $(FORMAT)

# Under sudo there is no Swift on the path: `make man && sudo make install` installs what was built.
install: $(if $(and $(SUDO_USER),$(wildcard $(PROGRAMS)/psparty-sim)),,man) ## install all below PREFIX (/usr/local); DESTDIR stages
	scripts/install $(PROGRAMS) "$(DESTDIR)" "$(PREFIX)"

uninstall: ## remove what make install installed, with the same PREFIX and DESTDIR
	scripts/uninstall "$(DESTDIR)" "$(PREFIX)"

deb: bootstrap-package man ## make a Debian package of both programs for the release of this machine, in .build
	scripts/deb $(PROGRAMS)

dist: man ## make an archive of both programs with its checksum, in .build
	scripts/dist $(PROGRAMS)

# It needs root, by sudo; FRESH=1 makes a new clean root.
test-install: test-man deb dist ## install, use and remove psparty in a clean root without Swift
	scripts/test-install $(PROGRAMS) .build/psparty_*.deb .build/psparty-*.tar.gz

clean: ## remove what was built
	$(SWIFT) package clean

help: ## show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1	\2/p' Makefile

bootstrap:
	@scripts/bootstrap --ask

bootstrap-dev:
	@scripts/bootstrap --ask --dev

bootstrap-stacks:
	@scripts/bootstrap --ask --stacks

bootstrap-package:
	@scripts/bootstrap --ask --package
