# Almanac. `make` or `make help` lists what there is to do. Only Go is needed,
# except for `e2e` (Python with boto3 and the AWS CLI, PostgreSQL, MinIO) and
# for the parts of `bench` that say so.

GO        ?= go
NICE      ?=
COMMIT    := $(shell git rev-parse --short=12 HEAD 2>/dev/null)$(shell git diff --quiet HEAD 2>/dev/null || echo +)
VERSION   := $(shell git describe --tags --match 'v[0-9]*' --abbrev=0 2>/dev/null || echo v0.1.0-dev)
LDFLAGS   := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
PACKAGES  ?= ./...
FUZZTIME  ?= 30s
LINT       = $(NICE) $(GO) tool -modfile=tools/lint/go.mod golangci-lint
GENERATED  = git ls-files -z '*_gen.go' '*/dbsqlc/*.go' | xargs -0 --no-run-if-empty sha256sum

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9\/_-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/almanac, static and stripped
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/almanac ./cmd/almanac

.PHONY: demo
demo: ## Import, train, forecast and export a sample on a server that stays up (ARGS='--data FILE')
	@$(GO) run -ldflags '$(LDFLAGS)' ./cmd/almanac demo $(ARGS)

.PHONY: test
test: ## Run the tests (PACKAGES=./forecast/...)
	$(NICE) $(GO) test $(PACKAGES)

.PHONY: test/race
test/race: ## Run the tests with the race detector
	$(NICE) $(GO) test -race $(PACKAGES)

.PHONY: check
check: lint vet verify imports tidy ## Everything about the code that is checked before it lands, but the tests

.PHONY: lint
lint: ## Formatting and linters
	$(LINT) config verify
	$(LINT) fmt --diff
	$(LINT) run

.PHONY: vet
vet: ## go vet, for the main module, the assembly of other processors and the tools
	$(NICE) $(GO) vet ./...
	GOARCH=arm64 $(NICE) $(GO) vet ./forecast/internal/f32
	$(NICE) $(GO) vet -tags purego ./forecast/internal/f32
	cd tools && $(NICE) $(GO) vet ./apigen/...

.PHONY: imports
imports: ## The import rules of docs/architecture.md
	$(GO) test -count=1 ./internal/archtest

.PHONY: tidy
tidy: ## go.mod and go.sum hold what is used, no more and no less
	$(GO) mod tidy -diff

.PHONY: fmt
fmt: ## Format everything
	$(LINT) fmt

.PHONY: generate
generate: ## Write the generated code again
	CGO_ENABLED=0 $(NICE) $(GO) generate ./...

.PHONY: verify
verify: ## Generated code is what the generators write
	@before="$$($(GENERATED))" && $(MAKE) --no-print-directory generate && after="$$($(GENERATED))" && \
	if [ "$$before" != "$$after" ]; then echo "generated code was out of date; commit what 'make generate' has just written:"; git diff --stat; exit 1; fi

.PHONY: bench
bench: ## Run the benchmarks of docs/benchmarks.md and print its table (BENCH='start query')
	$(MAKE) --no-print-directory build
	$(NICE) $(GO) run ./bench $(BENCH)

.PHONY: bench-accuracy
bench-accuracy: ## Run all models on the public cases and write the table of docs/benchmarks.md (ALMANAC_BENCH_DATA)
	$(NICE) $(GO) run ./bench/accuracy -table docs/benchmarks.md $(ARGS)

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME
	@$(GO) list -f '{{$$d := .ImportPath}}{{range .TestGoFiles}}{{$$d}} {{$$.Dir}}/{{.}}{{"\n"}}{{end}}{{range .XTestGoFiles}}{{$$d}} {{$$.Dir}}/{{.}}{{"\n"}}{{end}}' ./... | \
	while read -r pkg file; do [ -n "$$file" ] || continue; sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file" | \
	while read -r name; do echo "== $$pkg $$name"; $(NICE) $(GO) test "$$pkg" -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) </dev/null || exit 1; done || exit 1; done

.PHONY: e2e
e2e: ## boto3 and the AWS CLI against the built binary, on SQLite + folder and on PostgreSQL + MinIO
	$(MAKE) --no-print-directory build
	python3 e2e/run.py
