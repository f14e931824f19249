# `make run` and `make test` need Rust, Node.js 20 or newer and make, nothing before them. What else they need from
# the distribution (PostgreSQL, Chromium, a C compiler) they install when they may, and name when they may not.
# The build folder follows CARGO_TARGET_DIR; nothing here names it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help run test check assure sbom bench openapi screenshots clean-demo \
	prepare frontend frontend-packages unit lint types fmt fmt-check clippy doc deny advisories

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The dev profile on purpose: first start after 2 minutes of compiling instead of 5, and password hashing, the one
# thing that is too slow unoptimised, is optimised in every profile. Speed is what `make bench` and the images show.
# The data has a folder of its own, so that `make clean-demo` can never remove an installation's.
run: prepare frontend ## build all, fill a demonstration and serve it on one port
	@mkdir -p data/demo
	TACHAWOR_DATABASE_URL=sqlite://data/demo/tachawor.db TACHAWOR_MAIL=file:data/demo/mail \
		TACHAWOR_STATIC_DIR=frontend/build cargo run --bin tachawor -- demo

test: prepare ## Rust tests on both engines, frontend tests, journeys in a browser
	@scripts/with-postgres.sh scripts/test.sh

check: ## all that CI does: test, format, lint, docs, licences, generated files
	@scripts/check.sh

assure: prepare ## faults on purpose in their long size, and the API against its description; half an hour
	@scripts/with-postgres.sh scripts/assure.sh $(ARGS)

sbom: ## print what the program and the pages are made of (CycloneDX)
	@node scripts/sbom.mjs

bench: prepare ## measure on both engines, next to the limit; ARGS="..." goes to the bench
	@scripts/with-postgres.sh cargo bench --package tachawor --bench load -- $(ARGS)

openapi: prepare frontend-packages ## write openapi.json and the types the frontend makes from it
	@scripts/api-in-step.sh write

screenshots: prepare ## picture every page into screenshots/: Arabic and French, phone and desk
	@scripts/e2e.sh sqlite npm run screenshots

clean-demo: ## forget the demonstration's data
	rm -rf data/demo

advisories: prepare ## ask the RustSec database about our dependencies (needs the network)
	@scripts/cargo-deny.sh check advisories

# --- the steps of `check`, each to be had alone ------------------------------------------------------------------

prepare:
	@scripts/prepare.sh

fmt: frontend-packages ## format everything
	cargo fmt --all
	cd frontend && npm run --silent format

fmt-check:
	cargo fmt --all --check

clippy:
	cargo clippy --workspace --all-targets -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

deny:
	@scripts/cargo-deny.sh check bans licenses sources

unit: frontend-packages
	cd frontend && npm test

lint: frontend-packages
	cd frontend && npm run --silent lint

types: frontend-packages
	cd frontend && npm run --silent check

# npm writes this file last, so it is older than the lockfile exactly when the packages are
frontend-packages: frontend/node_modules/.package-lock.json
frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

# Not as prerequisites: make reads meaning into names such as routes/[slug]. The stamp lies in what it vouches for, so
# that removing the build removes it.
frontend: frontend-packages
	@if [ ! -e frontend/build/.stamp ] || [ -n "$$(find frontend -mindepth 1 $(not_sources) -prune \
			-o -newer frontend/build/.stamp -print -quit)" ]; then \
		cd frontend && npm run --silent build && touch build/.stamp; fi

not_sources := \( -name node_modules -o -name build -o -name .svelte-kit -o -name e2e \
	-o -name test-results -o -name playwright-report -o -name coverage \)
