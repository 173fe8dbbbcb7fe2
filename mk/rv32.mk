# SPDX-License-Identifier: MIT
# Native modules where they are judged: MicroPython's qemu port, rv32imc.

RV32 := $(BUILD)/rv32
# Scripts of tests/device/ that need native modules alone.
RV32_TESTS := tests/device/test_mqtt_session.py \
  tests/device/test_mqtt_starving.py \
  tests/device/test_mqtt_extra.py tests/device/test_pkg_native.py \
  tests/device/test_sense_native.py tests/device/test_link_native.py \
  tests/device/test_verify_native.py

$(RV32)/firmware.elf: | $(MPY_CROSS)
	@command -v qemu-system-riscv32 > /dev/null || { echo "riscv: needs" \
	  "qemu-system-riscv32; install Debian's qemu-system-misc" >&2; exit 1; }
	@echo "  FIRMWARE   build/rv32/firmware.elf"
	@mkdir -p $(RV32)/no-lib && touch $(RV32)/no-lib/README.md
	+@MICROPY_GIT_TAG=v1.25.0 MICROPY_GIT_HASH=v1.25.0 \
	  $(MAKE) -C $(MPY_DIR)/ports/qemu BOARD=VIRT_RV32 BUILD=$(RV32) \
	  RV32_ARCH=rv32imac CC="riscv64-unknown-elf-gcc -misa-spec=2.2" \
	  AS="riscv64-unknown-elf-as -misa-spec=2.2" FROZEN_MANIFEST= \
	  MPY_LIB_DIR=$(RV32)/no-lib PYTHON=$(PYTHON) \
	  MICROPY_MPYCROSS=$(MPY_CROSS) MICROPY_MPYCROSS_DEPENDENCY=$(MPY_CROSS) \
	  > $(RV32).log 2>&1 || { tail -20 $(RV32).log; exit 1; }

.PHONY: riscv
riscv: natmod-rv32imc $(RV32)/firmware.elf ## native modules on an emulated RISC-V
	@MPY_DIR=$(MPY_DIR) $(PYTHON) tests/rv32/run.py $(RV32)/firmware.elf \
	  $(BUILD)/natmod/rv32imc $(RV32_TESTS)
