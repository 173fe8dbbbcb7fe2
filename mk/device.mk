# SPDX-License-Identifier: MIT
# A board on a serial line: library, application, secrets, REPL.
#   DEVICE=/dev/ttyUSB0   which board; else the first that mpremote finds
#   APP=.                 folder of your settings.json, provision.json,
#                         main.py and user_main.py
#   MPREMOTE=mpremote     your own tool instead of the one bootstrap fetched

DEVICE ?=
APP ?= .
MPREMOTE_DIR := $(EXT)/mpremote/usr/lib/python3/dist-packages
ifneq ($(findstring WSL2,$(shell uname -r)),)
MPREMOTE ?= mpremote.exe
else
MPREMOTE ?= env PYTHONPATH=$(MPREMOTE_DIR) $(PYTHON) -m mpremote
endif

MPREMOTE_CHECK = $(if $(findstring $(MPREMOTE_DIR),$(MPREMOTE)),$(if \
  $(wildcard $(MPREMOTE_DIR)/mpremote),,$(error no mpremote in $(EXT); run \
  ./bootstrap $@, or name yours with MPREMOTE=)))
DEVICE_TOOL = $(MPREMOTE_CHECK)$(PYTHON) tools/device.py $@ --mpremote "$(MPREMOTE)" \
  $(if $(DEVICE),--device "$(DEVICE)") --app "$(APP)"
MPREMOTE_HERE = $(MPREMOTE_CHECK)$(MPREMOTE) connect $(if $(DEVICE),"$(DEVICE)",auto)

# There is one serial line: -j is not for these.
DEVICE_VERBS := deploy-lib deploy-app deploy-user provision unprovision \
  purge-lib purge-app repl mounted-repl selftest
ifneq ($(filter $(DEVICE_VERBS),$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

.PHONY: deploy-lib
deploy-lib: ## build the library for the board DEVICE= and install it
	@$(DEVICE_TOOL)

.PHONY: deploy-app
deploy-app: ## settings.json, provision.json and main.py onto the board
	@$(DEVICE_TOOL)

.PHONY: deploy-user
deploy-user: ## user_main.py onto the board
	@$(DEVICE_TOOL)

.PHONY: provision
provision: ## provision.json onto the board, which takes it in
	@$(DEVICE_TOOL)

.PHONY: unprovision
unprovision: ## make the board forget its secrets
	@$(DEVICE_TOOL)

.PHONY: purge-lib
purge-lib: ## remove /lib from the board
	@$(DEVICE_TOOL)

.PHONY: purge-app
purge-app: ## remove main.py, user_main.py and settings from the board
	@$(DEVICE_TOOL)

.PHONY: repl
repl: ## a REPL on the board
	@$(MPREMOTE_HERE) repl

.PHONY: mounted-repl
mounted-repl: ## a REPL with python/ of this tree mounted
	@$(MPREMOTE_HERE) mount python repl

.PHONY: selftest
selftest: ## run tests/device/ on the board DEVICE=, which stays as it is (T=: some)
	@$(MPREMOTE_CHECK)$(PYTHON) tools/selftest.py --mpremote "$(MPREMOTE)" \
	  $(if $(DEVICE),--device "$(DEVICE)") \
	  $(if $(T),$(or $(wildcard tests/device/test_*$(T)*.py),$(error no \
	  script in tests/device has T=$(T) in its name)))
