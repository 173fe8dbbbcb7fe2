# SPDX-License-Identifier: MIT
# What comes from outside: MicroPython's tree and its cross compiler, BearSSL.

MPY_CROSS := $(BUILD)/mpy-cross/mpy-cross
UZLIB := $(MPY_DIR)/lib/uzlib
# BearSSL's tree, for bind/verify: yours, or the one bootstrap fetched.
BEARSSL_DIR ?= $(EXT)/bearssl
BEARSSL_INC := $(foreach d,. src inc,-isystem $(BEARSSL_DIR)/$(d))

# The targets that do without MicroPython's tree, and without BearSSL's.
NO_TREE := help clean format format-check layers uninstall deploy-app \
  deploy-user provision unprovision purge-lib purge-app repl mounted-repl
NO_BEARSSL := $(NO_TREE) cli install
MPY_HERE := $(wildcard $(MPY_DIR)/py/mpconfig.h)
ifeq ($(MPY_HERE),)
ifneq ($(filter-out $(NO_TREE),$(MAKECMDGOALS)),)
$(error no MicroPython tree in $(MPY_DIR); run ./bootstrap $(MAKECMDGOALS), \
  or name your tree with MPY_DIR=)
endif
endif

ifeq ($(wildcard $(BEARSSL_DIR)/inc/bearssl.h),)
ifneq ($(filter-out $(NO_BEARSSL),$(MAKECMDGOALS)),)
$(error no BearSSL tree in $(BEARSSL_DIR); run ./bootstrap $(MAKECMDGOALS), \
  or name your tree with BEARSSL_DIR=)
endif
endif

$(shell mkdir -p $(BUILD))
# What was built from another tree is of no use with this one.
MPY_BUILT := $(shell cat $(BUILD)/mpy-dir 2>/dev/null)
ifneq ($(MPY_HERE),)
ifneq ($(MPY_BUILT),$(abspath $(MPY_DIR)))
$(shell cd $(BUILD) && rm -rf natmod mpy-cross board board-static dist && \
  echo $(abspath $(MPY_DIR)) > mpy-dir)
endif
endif

$(MPY_CROSS):
	@echo "  MPY-CROSS"
	@$(MAKE) -s -C $(MPY_DIR)/mpy-cross BUILD=$(@D) PROG=mpy-cross \
	  PYTHON=$(PYTHON) > $(BUILD)/mpy-cross.log 2>&1 || \
	  { tail -20 $(BUILD)/mpy-cross.log; exit 1; }
