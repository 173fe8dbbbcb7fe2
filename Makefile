# SPDX-License-Identifier: MIT
# `make help` lists every target. The rules live in mk/, one file a part of
# the project; this file holds what they share.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

TOP := $(CURDIR)
BUILD := $(TOP)/build
EXT := $(TOP)/ext
VERSION := $(shell cat VERSION)

# Debian's own Python: it has the packages bootstrap installs.
PYTHON ?= /usr/bin/python3
# The MicroPython tree to build against: yours, or the one bootstrap fetched.
MPY_DIR ?= $(EXT)/micropython

include mk/ext.mk
include mk/core.mk
include mk/xtensa.mk
include mk/natmod.mk
include mk/board.mk
include mk/cli.mk
include mk/dist.mk
include mk/device.mk
include mk/test.mk
include mk/demo.mk
include mk/bench.mk
include mk/fuzz.mk
include mk/power.mk
include mk/rv32.mk
include mk/rest.mk
include mk/targets.mk
include mk/next.mk

.PHONY: help
help: ## list the targets
	@echo "mpy-blox $(VERSION): building blocks for ESP32 devices that run MicroPython"
	@echo
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | \
	  sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | sort | \
	  awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

.PHONY: clean
clean: ## remove what was built (ext/, the download cache, stays)
	@rm -rf $(BUILD) dist
