# SPDX-License-Identifier: MIT
# What comes from outside: MicroPython's tree and its cross compiler.

MPY_CROSS := $(BUILD)/mpy-cross/mpy-cross
UZLIB := $(MPY_DIR)/lib/uzlib

$(MPY_CROSS):
	@echo "  MPY-CROSS"
	@$(MAKE) -s -C $(MPY_DIR)/mpy-cross BUILD=$(@D) PROG=mpy-cross \
	  PYTHON=$(PYTHON) > $(BUILD)/mpy-cross.log 2>&1 || \
	  { tail -20 $(BUILD)/mpy-cross.log; exit 1; }

$(shell mkdir -p $(BUILD))
