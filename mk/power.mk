# SPDX-License-Identifier: MIT
# The proof that power cuts in the middle of an update harm nothing:
# docs/power.md. tests/power/ is a variant of MicroPython's unix port, the
# virtual board with another main().
#   make power                     all scenarios; docs/power.md says how long
#   make power CUT=src:1:120.3     one cut again, with what the device prints
#   make power-sample              some cuts of each, half a minute, with a
#                                  seed of its own; part of `make check`

POWER_DIR := $(BUILD)/power/vm
POWER := $(POWER_DIR)/power
POWER_SRC := $(wildcard tests/power/*.[ch] tests/power/*.mk \
  tests/power/manifest.py tests/power/modules/* board/* board/modules/* sim/*) \
  $(shell find bind core -name '*.[ch]' -o -name '*.mk')
POWER_MAKE := $(MAKE) -C $(MPY_DIR)/ports/unix VARIANT_DIR=$(TOP)/tests/power \
  BUILD=$(POWER_DIR) BLOX_TOP=$(TOP) PYTHON=$(PYTHON) \
  MPY_LIB_DIR=$(POWER_DIR)/no-lib MICROPY_MPYCROSS=$(MPY_CROSS) \
  MICROPY_MPYCROSS_DEPENDENCY=$(MPY_CROSS) USER_C_MODULES=$(TOP) STRIP=

$(POWER_DIR)/flags: tests/power/mpconfigvariant.mk board/mpconfigvariant.mk \
    mk/power.mk
	@rm -rf $(POWER_DIR) && mkdir -p $(POWER_DIR) && touch $@

$(POWER): $(POWER_SRC) $(POWER_DIR)/flags | $(MPY_CROSS)
	@echo "  POWER      $(patsubst $(TOP)/%,%,$@)"
	@mkdir -p $(POWER_DIR)/no-lib && touch $(POWER_DIR)/no-lib/README.md
	+@flock $(POWER_DIR).lock env MICROPY_GIT_TAG=$(BOARD_TAG) \
	  MICROPY_GIT_HASH=$(BOARD_TAG) $(POWER_MAKE) > $(POWER_DIR).log 2>&1 || \
	  { tail -30 $(POWER_DIR).log; exit 1; }
	@touch $@

.PHONY: power-bin
power-bin: $(POWER) $(DIST_MPY)

.PHONY: power
power: power-bin ## cut the power at every flash operation of updates; writes build/power.json (CUT=<id>: one again)
	@nice -n 10 $(PYTHON) tests/power/run.py $(if $(CUT),--cut=$(CUT)) $(POWER_ARGS)

.PHONY: power-sample
power-sample: power-bin ## a sample of `make power`: cuts all over each scenario; part of `make check`
	@$(PYTHON) tests/power/run.py --sample $(POWER_ARGS)
