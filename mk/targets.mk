# SPDX-License-Identifier: MIT
# Native modules on the instruction sets they ship for, in emulators
# (docs/targets.md).
#   make targets           all targets; writes build/targets.json
#   make target-rv32       one (rv32, xtensa, arm, rv32-static); T=pkg: only
#                          such tests
# rv32-static has all modules and the frozen library in its firmware.

TARGETS := rv32 xtensa arm
TARGET_ARCH_rv32 := rv32imc
TARGET_ARCH_xtensa := xtensawin
TARGET_ARCH_arm := armv7emsp
TARGETS_DIR := $(BUILD)/targets
TARGET_SRC := $(shell find targets -type f)
TARGET_ENV = env MICROPY_GIT_TAG=$(BOARD_TAG) MICROPY_GIT_HASH=$(BOARD_TAG)
TARGET_MAKE = BLOX_TOP=$(TOP) BEARSSL_DIR=$(BEARSSL_DIR) PYTHON=$(PYTHON) MPY_LIB_DIR=$(@D)/no-lib \
  MICROPY_MPYCROSS=$(MPY_CROSS) MICROPY_MPYCROSS_DEPENDENCY=$(MPY_CROSS) \
  USER_C_MODULES=$(TOP)/targets BUILD=$(@D) \
  FROZEN_MANIFEST=$(TOP)/targets/common/manifest.py
TARGET_QEMU = BOARD_DIR=$(TOP)/targets/$* MICROPY_VFS_LFS2=1 \
  CFLAGS_EXTRA='-I$(TOP) -DMP_CONFIGFILE="<targets/qemu/config.h>"'
TARGET_QEMU_rv32 := RV32_ARCH=rv32imac \
  CC="riscv64-unknown-elf-gcc -misa-spec=2.2" \
  AS="riscv64-unknown-elf-as -misa-spec=2.2"

$(TARGETS_DIR)/%/firmware.elf: $(TARGET_SRC) mk/targets.mk | $(MPY_CROSS)
	@echo "  FIRMWARE   build/targets/$*"
	@mkdir -p $(@D)/no-lib && touch $(@D)/no-lib/README.md
	+@$(TARGET_ENV) $(MAKE) -C $(MPY_DIR)/ports/qemu $(TARGET_MAKE) \
	  $(TARGET_QEMU) $(TARGET_QEMU_$*) > $(@D).log 2>&1 || \
	  { tail -20 $(@D).log; exit 1; }

# MicroPython takes one folder of modules.
$(TARGETS_DIR)/%-static/firmware.elf: $(TARGET_SRC) $(DIST_PY:%=python/%) \
    $(shell find bind core -name '*.[ch]' -o -name '*.mk') mk/targets.mk | $(MPY_CROSS)
	@echo "  FIRMWARE   build/targets/$*-static"
	@rm -rf $(@D) && mkdir -p $(@D)/no-lib $(@D)/modules
	@touch $(@D)/no-lib/README.md
	@ln -s $(TOP)/bind $(TOP)/targets/common $(@D)/modules
	+@$(TARGET_ENV) $(MAKE) -C $(MPY_DIR)/ports/qemu $(TARGET_MAKE) \
	  $(TARGET_QEMU) $(TARGET_QEMU_$*) USER_C_MODULES=$(@D)/modules \
	  FROZEN_MANIFEST=$(TOP)/targets/common/manifest_static.py \
	  > $(@D).log 2>&1 || { tail -20 $(@D).log; exit 1; }

$(TARGETS_DIR)/xtensa/firmware.elf: $(TARGET_SRC) $(XTENSA_CORE) mk/targets.mk | $(MPY_CROSS)
	@echo "  FIRMWARE   build/targets/xtensa"
	@mkdir -p $(@D)/no-lib && touch $(@D)/no-lib/README.md
	+@$(TARGET_ENV) $(MAKE) -C targets/xtensa MPY_DIR=$(MPY_DIR) \
	  XTENSA_CROSS=$(XTENSA_CROSS) $(TARGET_MAKE) > $(@D).log 2>&1 || \
	  { tail -20 $(@D).log; exit 1; }

# What each target needs of the machine, said in one sentence.
TARGET_QEMU_NAME_rv32 := qemu-system-riscv32
TARGET_QEMU_NAME_xtensa := qemu-xtensa
TARGET_QEMU_NAME_arm := qemu-system-arm
TARGET_PLATFORM_rv32 := esp32c3
TARGET_PLATFORM_xtensa := esp32
TARGET_PLATFORM_arm := armv7emsp

.PHONY: $(TARGETS:%=target-%)
$(TARGETS:%=target-%): target-%: $(TARGETS_DIR)/%/firmware.elf
	@$(MAKE) -s dist PLATFORM=$(TARGET_PLATFORM_$*)
	@command -v $(TARGET_QEMU_NAME_$*) > /dev/null || { echo "target-$*:" \
	  "needs $(TARGET_QEMU_NAME_$*); run ./bootstrap targets" >&2; exit 1; }
	@$(PYTHON) tests/targets/device_tests.py $* $(T)

.PHONY: target-rv32-static
target-rv32-static: $(TARGETS_DIR)/rv32-static/firmware.elf
	@$(PYTHON) tests/targets/device_tests.py rv32-static $(T)

# The plugin's interface has a version, QEMU's own tells which.
$(TARGETS_DIR)/count.so: targets/xtensa/count.c
	@mkdir -p $(@D)
	@gcc -shared -fPIC -O2 -DPLUGIN_VERSION=$$(qemu-xtensa --version | \
	  awk 'NR == 1 { print ($$3 + 0 < 9) ? 1 : 2 }') -o $@ $<

.PHONY: targets
targets: cli $(TARGETS:%=$(TARGETS_DIR)/%/firmware.elf) $(TARGETS_DIR)/rv32-static/firmware.elf $(TARGETS_DIR)/count.so ## the native modules on three emulated instruction sets; writes build/targets.json
	@for platform in $(foreach t,$(TARGETS),$(TARGET_PLATFORM_$(t))); do \
	  $(MAKE) -s dist PLATFORM=$$platform; done
	@qemu-xtensa $(TARGETS_DIR)/xtensa/spill
	@$(PYTHON) tests/targets/run.py $(TARGETS) rv32-static
