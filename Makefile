# Everything is built with Go alone. The scripts are what CI calls too.

.PHONY: build demo quick test check bench screenshots container clean help

help: ## say what there is
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

build: ## build bin/clientele
	CGO_ENABLED=0 go build -trimpath -o bin/clientele ./cmd/clientele

demo: build ## try it: http://127.0.0.1:8080, invented customers, nothing kept
	./bin/clientele demo

quick: ## the tests without a browser and without the race detector
	go test -short ./...

test: ## every test, with the race detector and a real browser
	./scripts/test

check: ## the tests, and every rule that a machine can check
	./scripts/check

bench: ## measure; prints a table, keeps its databases in .cache
	./scripts/bench $(ARGS)

screenshots: ## make docs/images again, from the demo
	./scripts/screenshots

container: ## build the container image, with podman or docker
	$$(command -v podman || command -v docker) build -t clientele -f packaging/Containerfile .

clean: ## remove what was built, measured and fetched
	rm -rf bin .cache
