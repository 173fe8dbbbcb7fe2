# SPDX-License-Identifier: MIT
# The virtual ESP32: MicroPython's unix port with board/ as its variant.
#   make board-bin            build/board/board
#   make board-bin STATIC=1   build/board-static/board: a firmware with the
#                             library in it, bind/ linked in, python/ frozen

BOARD_NAME := $(if $(STATIC),board-static,board)
BOARD_DIR := $(BUILD)/$(BOARD_NAME)
BOARD := $(BOARD_DIR)/board

# MicroPython's makefile knows its own dependencies; it is asked whenever one
# of ours changed, by one make at a time. It would ask git for its version and
# find this repository's: it is told the one in its own header.
BOARD_TAG = v$(shell sed -nE 's/^.define MICROPY_VERSION_M[A-Z]+ ([0-9]+)$$/\1/p' \
  $(MPY_DIR)/py/mpconfig.h | paste -sd.)
BOARD_SRC := $(wildcard board/* board/modules/* sim/*) \
  $(if $(STATIC),$(shell find bind core -name '*.[ch]' -o -name '*.mk') \
    $(shell find python -name '*.py'))
BOARD_MAKE := $(MAKE) -C $(MPY_DIR)/ports/unix VARIANT_DIR=$(TOP)/board \
  BUILD=$(BOARD_DIR) BLOX_TOP=$(TOP) PYTHON=$(PYTHON) \
  MPY_LIB_DIR=$(BOARD_DIR)/no-lib MICROPY_MPYCROSS=$(MPY_CROSS) \
  MICROPY_MPYCROSS_DEPENDENCY=$(MPY_CROSS) \
  $(if $(STATIC),USER_C_MODULES=$(TOP) \
    FROZEN_MANIFEST=$(TOP)/board/manifest_static.py)

# MicroPython's makefile does not notice other flags: a changed makefile of
# ours builds anew.
$(BOARD_DIR)/flags: board/mpconfigvariant.mk mk/board.mk
	@rm -rf $(BOARD_DIR) && mkdir -p $(BOARD_DIR) && touch $@

$(BOARD): $(BOARD_SRC) $(BOARD_DIR)/flags | $(MPY_CROSS)
	@echo "  BOARD      $(patsubst $(TOP)/%,%,$@)"
	@rm -rf $(BOARD_DIR)/frozen* # what is frozen is not always made anew
	@mkdir -p $(BOARD_DIR)/no-lib && touch $(BOARD_DIR)/no-lib/README.md
	+@flock $(BOARD_DIR).lock env MICROPY_GIT_TAG=$(BOARD_TAG) \
	  MICROPY_GIT_HASH=$(BOARD_TAG) $(BOARD_MAKE) > $(BOARD_DIR).log 2>&1 || \
	  { tail -30 $(BOARD_DIR).log; exit 1; }
	@touch $@

.PHONY: board-bin
board-bin: $(BOARD) ## build the virtual ESP32 (STATIC=1: with the library in it)
