# The commands of the project. The work is done by scripts/, CMakePresets.json and models/fetch.
# MODEL=name picks another model of models/manifest.json, ARGS="..." goes to the assistant.
ASSISTANT := build/release/examples/metaverse_assistant/metaverse_assistant

help: ## Show this list
	@sed -n 's/^\([a-z]*\): ## /\1\t/p' Makefile | expand -t 10

chat: ## Talk to a real model: installs, builds and fetches what is missing, then starts the assistant
	@scripts/bootstrap
	@scripts/build release
	@models/fetch $(MODEL) >/dev/null
	@$(ASSISTANT) $(if $(MODEL),--model $(MODEL)) $(ARGS)

test: ## Set the machine up in the same way and run every test
	@scripts/bootstrap --tests
	@scripts/test

build: ## Build the library, the examples and the program build/release/eigenformer
	@scripts/bootstrap
	@scripts/build release

check: ## Run what is slow: clang 16, clang-tidy 16, ThreadSanitizer, damaged files, fuzzing, 64-bit ARM, Windows
	@scripts/bootstrap --tests --check
	@scripts/check

bench: ## Measure the kernels
	@scripts/bootstrap --bench
	@scripts/bench

format: ## Format the C++ files with clang-format 16
	@scripts/bootstrap --tests
	@scripts/format

.PHONY: help chat test build check bench format
