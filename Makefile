# The thin front: each target is a few commands that you could type yourself. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
JOBS ?= $(shell nproc)
# One more test than there are cores: many wait for a server, a deadline or a disk.
TEST_JOBS ?= $(shell echo $$(($(JOBS) + 1)))
PREFIX ?= /usr/local
NODE := tests/api/node_modules/node/bin/node
CMAKE_FLAGS := $(if $(shell command -v ccache),-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
# Where the kernel lays memory out at random over more bits than it knows, TSan does not start.
FIXED := $(shell setarch -R true 2>/dev/null && echo setarch -R)
# Objects of one commit are the same in every clone, wherever it lies.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

.PHONY: help deps build run test asan tsan fuzz soak bench bench-sync race bench-kernels bench-load golden golden-check fmt fmt-check lint install clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

deps: ## install what is missing, by apt and npm
	@packaging/deps.sh

build: deps ## the release binary, build/release/auk
	@cmake --preset release $(CMAKE_FLAGS) >/dev/null
	@cmake --build build/release -j $(JOBS) --target auk manual auk-generate
	@ln -sf server/cli/auk build/release/auk

run: build ## a server with about 60,000 documents, in the foreground; data in ./auk-data
	@packaging/run.sh

test: deps $(NODE) fmt-check ## everything that CI runs: unit and API tests, plain and under ASan and UBSan; races under TSan
	@cmake --preset dev $(CMAKE_FLAGS) >/dev/null
	@cmake --build build/dev -j $(JOBS)
	@cmake --preset asan $(CMAKE_FLAGS) >/dev/null
	@cmake --build build/asan -j $(JOBS)
	@mkdir -p build/all
	@echo 'subdirs("$(CURDIR)/build/dev" "$(CURDIR)/build/asan")' >build/all/CTestTestfile.cmake
	@ctest --test-dir build/all -j $(TEST_JOBS) --output-on-failure
	@cmake --preset tsan $(CMAKE_FLAGS) >/dev/null
	@cmake --build build/tsan -j $(JOBS) --target races
	@$(FIXED) ctest --test-dir build/tsan -j $(JOBS) --output-on-failure -L races

asan: deps $(NODE) ## unit and API tests under ASan and UBSan
	@cmake --preset asan $(CMAKE_FLAGS) >/dev/null
	@cmake --build build/asan -j $(JOBS)
	@ctest --test-dir build/asan -j $(TEST_JOBS) --output-on-failure

tsan: deps ## the threaded unit tests under TSan
	@cmake --preset tsan $(CMAKE_FLAGS) >/dev/null
	@cmake --build build/tsan -j $(JOBS)
	@$(FIXED) ctest --test-dir build/tsan -j $(JOBS) --output-on-failure -L unit

SECONDS_EACH ?= $(or $(SECONDS),60)
fuzz: deps ## every fuzz target for so many seconds: make fuzz SECONDS=600 (default 60)
	@cmake --preset fuzz >/dev/null
	@cmake --build build/fuzz -j $(JOBS)
	@tests/fuzz/run.sh build/fuzz $(SECONDS_EACH)

soak: deps $(NODE) ## the long runs: unit tests under TSan, kill and model tests with many rounds, fuzzing
	@$(MAKE) tsan
	@AUK_SOAK_ROUNDS=200 ctest --test-dir build/dev --output-on-failure -L "unit|fault" --timeout 7200
	@for test in memory edge_load; do AUK_BINARY=build/dev/server/cli/auk AUK_BENCH_LOAD=build/dev/tests/bench/bench_load \
		AUK_TEST_MEMORY_SECONDS=3600 AUK_TEST_IDLE=10000 $(NODE) --test tests/api/$$test.test.mjs; done
	@AUK_SOAK_ROUNDS=300 AUK_BINARY=build/dev/server/cli/auk $(NODE) --test tests/api/rebuild_model.test.mjs
	@AUK_SOAK_ROUNDS=100 AUK_BINARY=build/dev/server/cli/auk $(NODE) --test tests/sync/model.test.mjs
	@$(MAKE) fuzz SECONDS_EACH=300

bench: build $(NODE) ## the figures, printed with the machine's name
	@cmake --build build/release -j $(JOBS) --target bench_analysis
	@$(NODE) tests/bench/bench.mjs
	@$(NODE) tests/bench/analysis.mjs
	@$(NODE) tests/bench/rebuild.mjs

bench-kernels: ## inner loops of the engine beside their targets: decoding, bitsets, scores, look-ups, selection
	@cmake --preset release $(CMAKE_FLAGS) >/dev/null
	@cmake --build build/release -j $(JOBS) --target bench_kernels
	@build/release/tests/bench/bench_kernels

bench-load: build $(NODE) ## mixed load from 1 to 2,000 connections, SECONDS=60 each; the loops beside a bare libevent
	@cmake --build build/release -j $(JOBS) --target bench_load bench_echo
	@$(NODE) tests/bench/load.mjs --seconds $(or $(if $(findstring command,$(origin SECONDS)),$(SECONDS)),60)

bench-sync: build $(NODE) ## following Postgres, beside pg_recvlogical on the same machine
	@cmake --build build/release -j $(JOBS) --target sync_null
	@$(NODE) tests/bench/sync.mjs
	@$(NODE) tests/bench/sync_index.mjs

race: build $(NODE) ## the engine beside Lucene, tantivy, OpenSearch and others: docs/BENCHMARKS.md (JDK, Maven, cargo; half an hour)
	@$(NODE) tests/bench/race/race.mjs $(RACE)

golden: ## write the golden tables of analysis anew, by Lucene (JDK 17 and Maven)
	@tests/golden/analysis/golden.sh

golden-check: ## do they still say what Lucene says? Nothing to do where there is no JDK or Maven
	@CHECK=1 tests/golden/analysis/golden.sh

fmt: deps ## format the sources
	@git ls-files '*.c' '*.h' '*.cc' | xargs clang-format-14 -i

fmt-check: deps
	@git ls-files '*.c' '*.h' '*.cc' | xargs clang-format-14 --dry-run --Werror --ferror-limit=5

lint: deps ## clang-tidy, cppcheck, and the doors to outside libraries
	@cmake --preset dev $(CMAKE_FLAGS) >/dev/null
	@packaging/lint.sh build/dev

install: build ## binary, man page and systemd unit under PREFIX (default /usr/local)
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" packaging/install.sh

clean: ## remove the build folders
	@rm -rf build

$(NODE): tests/api/package.json tests/api/package-lock.json
	@cd tests/api && npm ci --no-audit --no-fund --loglevel=error
	@touch $(NODE)
