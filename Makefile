# Building needs only Go. CI runs the same scripts.

.PHONY: build demo quick test check load bench faults cluster-faults screenshots container clean help

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

build: ## build bin/clientele
	CGO_ENABLED=0 go build -trimpath -o bin/clientele ./cmd/clientele

demo: build ## run a demo with sample customers at http://127.0.0.1:8080
	./bin/clientele demo

quick: ## run the tests without a browser and without the race detector
	go test -short ./...

test: ## run all tests, with the race detector and a real browser
	./scripts/test

check: ## run everything that CI runs: linters, then all tests
	./scripts/check

load: ## load the callback and the app for three minutes (ARGS="-sizes 1000000 -each 5s")
	./scripts/bench -only load -sizes 100000 $(ARGS)

bench: ## run the benchmarks; databases stay in .cache
	./scripts/bench $(ARGS)

faults: ## kill, fill, damage and starve the program, and check what it promises
	./scripts/faults $(ARGS)

cluster-faults: ## the same for the cluster of packaging/ha: needs Debian's patroni, etcd-server, haproxy and pgbouncer
	./scripts/faults -only cluster $(ARGS)

screenshots: ## regenerate docs/images from the demo
	./scripts/screenshots

container: ## build the container image, with podman or docker
	$$(command -v podman || command -v docker) build -t clientele -f packaging/Containerfile .

clean: ## delete bin and .cache
	rm -rf bin .cache
