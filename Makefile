# A short index of verbs. `make run` and `make test` prepare a fresh Debian 12 by
# themselves, as root; what they raise they put back.

SETUP    := internal/lab/setup/setup.sh
PAGES    := 512
DEMO     := 256
FUZZTIME ?= 30s
SOAK     ?= 20

LINTV := $(shell awk '$$1=="github.com/golangci/golangci-lint/v2"{print $$2}' tools/go.mod)
LINT  := bin/golangci-lint-$(LINTV)
# A cache of each checkout's own: what is cached holds paths.
export GOLANGCI_LINT_CACHE := $(CURDIR)/bin/lint-cache

.PHONY: run test build lint generate bench fuzz soak clean

run: ## a demonstration host until Ctrl-C; CHECK=1 checks it and ends
	@$(SETUP) root "to start a switch on hugepages in a network namespace: sudo make run"
	@$(SETUP) packages
	@$(MAKE) --no-print-directory build
	@$(SETUP) run --sweep bin/sluice-perf $(DEMO) bin/sluice-perf demo $(if $(CHECK),--check)

test: ## all tests; without root the unit tests, and what was skipped
	@internal/lab/setup/test.sh $(PAGES)

build: ## the binaries, into bin/
	@mkdir -p bin
	go build -trimpath -buildvcs=auto -o bin/ ./cmd/...

lint: $(LINT)
	$(LINT) config verify
	$(LINT) run ./...
	cd configs/grafana/boards && ../../../$(LINT) run --config ../../../.golangci.yml ./...

$(LINT): tools/go.mod tools/go.sum
	@mkdir -p bin
	go build -C tools -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

generate: ## what is made from the sources: schema, pages, goldens of them
	go generate ./...
	go generate -C configs/grafana/boards ./...

bench: build ## every scenario side by side with the other way of doing it
	@$(SETUP) packages
	@$(SETUP) run --sweep bin/sluice-perf 1024 bin/sluice-perf run $(or $(RUN),--all)

fuzz: ## every fuzz target for FUZZTIME
	@internal/lab/setup/fuzz.sh $(FUZZTIME)

soak: ## the system tests, SOAK times over, 50,000 probes of compiled tables, all mutants of the compiler
	go test -count=1 -timeout 60m ./flows/simulate/difftest -probes 50000 -seed $$(date +%s) -faults -mutations -1
	for i in $$(seq $(SOAK)); do $(SETUP) run $(PAGES) go test -count=1 -timeout 30m ./internal/agent/... ./internal/lab ./internal/ovs/... || exit 1; done

clean:
	rm -rf bin bench-results
