# SPDX-License-Identifier: MIT
# What an app-managed device at rest holds in RAM, on an emulated RISC-V:
# bench/rest/ makes a board of MicroPython's qemu port.

REST_SRC := $(wildcard bench/rest/* bench/rest/modules/*)

# $(1): folder in build/, $(2): manifest, $(3): folders of C modules
define REST_RULES
$(BUILD)/$(1)/firmware.elf: $(REST_SRC) $(if $(filter bind,$(3)),$$(DIST_PY:%=python/%) \
    $$(shell find bind core -name '*.[ch]' -o -name '*.mk')) | $(MPY_CROSS)
	@command -v qemu-system-riscv32 > /dev/null || { echo "rest: needs" \
	  "qemu-system-riscv32; install Debian's qemu-system-misc" >&2; exit 1; }
	@echo "  FIRMWARE   build/$(1)/firmware.elf"
	@rm -rf $(BUILD)/$(1) # what is frozen is not always made anew
	@mkdir -p $(BUILD)/$(1)/no-lib $(BUILD)/$(1)/modules
	@touch $(BUILD)/$(1)/no-lib/README.md
	@ln -s $(3:%=$(TOP)/%) $(BUILD)/$(1)/modules
	+@MICROPY_GIT_TAG=$$(BOARD_TAG) MICROPY_GIT_HASH=$$(BOARD_TAG) \
	  $(MAKE) -C $(MPY_DIR)/ports/qemu BOARD=VIRT_RV32 \
	  BUILD=$(BUILD)/$(1) RV32_ARCH=rv32imac \
	  CC="riscv64-unknown-elf-gcc -misa-spec=2.2" \
	  AS="riscv64-unknown-elf-as -misa-spec=2.2" \
	  CFLAGS_EXTRA="-I$(TOP) -I$(MPY_DIR) \
	    -DMP_CONFIGFILE='\"bench/rest/mpconfigport.h\"'" \
	  MICROPY_VFS_LFS2=1 MICROPY_HEAP_SIZE=1048576 \
	  FROZEN_MANIFEST=$(TOP)/bench/rest/$(2) \
	  MPY_LIB_DIR=$(BUILD)/$(1)/no-lib PYTHON=$(PYTHON) \
	  MICROPY_MPYCROSS=$(MPY_CROSS) MICROPY_MPYCROSS_DEPENDENCY=$(MPY_CROSS) \
	  BLOX_TOP=$(TOP) USER_C_MODULES=$(BUILD)/$(1)/modules \
	  > $(BUILD)/$(1).log 2>&1 || { tail -20 $(BUILD)/$(1).log; exit 1; }
	@touch $$@
endef
$(eval $(call REST_RULES,rest,manifest.py,bench/rest))
$(eval $(call REST_RULES,rest-static,manifest_static.py,bench/rest bind))

.PHONY: rest
rest: natmod-rv32imc $(DIST_MPY) $(BUILD)/rest/firmware.elf $(BUILD)/rest-static/firmware.elf ## RAM of a device at rest, on an emulated RISC-V; writes build/rest.json
	@MPY_DIR=$(MPY_DIR) $(PYTHON) bench/rest.py
