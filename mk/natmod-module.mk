# SPDX-License-Identifier: MIT
# One native module for one architecture; called by mk/natmod.mk with ARCH,
# NAME, BUILD (a relative path), OUT, MPY_DIR, BEARSSL_DIR and PYTHON.

BIND_BASE := bind/common/object.c bind/common/natlibc.c \
  core/base/error.c core/base/span.c core/base/text.c
ifeq ($(ARCH),rv32imc)
BIND_BASE += bind/common/save_restore.S
CFLAGS_EXTRA += -msave-restore
endif
ifeq ($(ARCH),xtensawin)
BIND_BASE += bind/common/xtensa_multiply.c
endif
ifeq ($(ARCH)-$(CROSS),xtensawin-xtensa-lx106-elf-)
# Debian's compiler, told an ESP32's core (mk/xtensa.mk). Its C library serves
# with headers alone, its libgcc is of the other calling convention.
BIND_BASE += bind/common/xtensa_divide.S
CFLAGS_EXTRA += -mabi=windowed -mlongcalls \
  -isystem $(PICOLIBC_XTENSA)/include
endif
BIND_STORAGE := bind/common/storage.c
BIND_SHA256 := bind/common/sha256.c
BIND_AES := bind/common/aes.c
BIND_CRC32 := crc32.c

MOD := _blox_$(NAME)
include bind/$(NAME)/module.mk
vpath %.c $(MPY_DIR)/lib/uzlib

CFLAGS_EXTRA += -std=c11 -ffunction-sections -fdata-sections -I$(MPY_DIR)/lib/uzlib \
  -I$(BEARSSL_DIR) -I$(BEARSSL_DIR)/src -I$(BEARSSL_DIR)/inc \
  -Wno-unused-function

include $(MPY_DIR)/py/dynruntime.mk

# dynruntime.mk knows nothing of headers.
$(SRC_O): $(shell find core bind -name '*.h') mk/natmod-module.mk targets/xtensa/module.ld

LD_FLAGS_rv32imc := -m elf32lriscv
LD_FLAGS_xtensawin := --no-relax -T targets/xtensa/module.ld

# gcc writes a call as two instructions and leaves it to the linker to make
# one of them; mpy_ld does not. A module is far smaller than the 1 MiB that one
# instruction reaches. (The same pattern and prerequisites as dynruntime.mk's
# rule, so this one counts.)
ifeq ($(ARCH),rv32imc)
$(BUILD)/%.o: %.c $(CONFIG_H) Makefile
	@echo "CC $<"
	@$(CROSS)gcc $(CFLAGS) -S -o $(@:.o=.s) $<
	@sed -i -E -e 's/^\tcall\tt0,/\tjal\tt0,/' \
	  -e 's/^\tcall\t([A-Za-z0-9_.]+)(@plt)?$$/\tjal\tra,\1/' \
	  -e 's/^\ttail\t([A-Za-z0-9_.]+)(@plt)?$$/\tj\t\1/' $(@:.o=.s)
	@$(CROSS)gcc $(CFLAGS_ARCH) -c -o $@ $(@:.o=.s)
endif

# One object with what mpy_init reaches and nothing else: mpy_ld links
# everything it is given.
$(BUILD)/$(MOD).o: $(SRC_O)
	@$(CROSS)ld -r --gc-sections -e mpy_init $(LD_FLAGS_$(ARCH)) \
	  -o $@ $^

# The name given to mpy_ld is kept in RAM where the module is loaded: the
# module's own is there already.
$(OUT): $(BUILD)/$(MOD).o
	@cd $(BUILD) && $(MPY_LD) --arch $(ARCH) \
	  --qstrs $(abspath $(CONFIG_H)) $(MPY_LD_FLAGS) -o $(MOD) $(<F)
	@mv $(BUILD)/$(MOD) $@
