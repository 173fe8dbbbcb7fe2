# SPDX-License-Identifier: MIT
# One native module for one architecture; called by mk/natmod.mk with ARCH,
# NAME, BUILD (a relative path), OUT, MPY_DIR, BEARSSL_DIR and PYTHON.

BIND_BASE := bind/common/object.c \
  core/base/error.c core/base/span.c core/base/text.c
ifneq ($(ARCH),rv32imc)
BIND_BASE += bind/common/natlibc.c
else
BIND_BASE += bind/common/table.c
CFLAGS_EXTRA += -msave-restore
SMALL_ARCH := -mtune=size -malign-data=natural -fno-expensive-optimizations \
  -fno-shrink-wrap
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

CFLAGS_EXTRA += -std=c11 -fdata-sections -I$(MPY_DIR)/lib/uzlib \
  -I$(BEARSSL_DIR) -I$(BEARSSL_DIR)/src -I$(BEARSSL_DIR)/inc \
  -Wno-unused-function

# These make code smaller; measured on all modules and architectures.
SMALL := -fno-jump-tables -fno-inline-small-functions \
  -fno-move-loop-invariants -fno-caller-saves $(SMALL_ARCH)
CFLAGS_EXTRA += $(SMALL)

include $(MPY_DIR)/py/dynruntime.mk

# Where the names are that tables hold (bind/common/module.h).
NAMES_H := $(BUILD)/names.h
$(NAMES_H): $(CONFIG_H) mk/natmod-module.mk
	@awk '/^#define MP_QSTR_/ { at = $$3; gsub(/[^0-9]/, "", at); \
	  print "#define BLOX_NUMBER_" $$2, at * 2 + ($$3 !~ /table/) }' $< > $@
$(SRC_O): CFLAGS += -include $(NAMES_H)

# dynruntime.mk knows nothing of headers.
$(SRC_O): $(NAMES_H) $(shell find core bind -name '*.h') mk/natmod-module.mk targets/xtensa/module.ld

LD_FLAGS_rv32imc := -m elf32lriscv
LD_FLAGS_xtensawin := --no-relax -T targets/xtensa/module.ld
comma := ,

# All C of a module is compiled as one program: what is called once has no
# prologue, what is not called is not there. Not so what compilers call on
# their own, which they think of last.
APART := bind/common/natlibc.o bind/common/xtensa_multiply.o
APART_O := $(filter $(APART:%=$(BUILD)/%),$(SRC_O)) \
  $(patsubst %.S,$(BUILD)/%.o,$(filter %.S,$(SRC)))
WHOLE_O := $(filter-out $(APART_O),$(SRC_O))
$(WHOLE_O): CFLAGS += -flto
WHOLE_FLAGS := -Os -fwhole-program $(SMALL)

ifeq ($(ARCH),rv32imc)
# Of bind/common/natlibc.c what is called.
ADDED := bind/common/save_restore.S $(BUILD)/natlibc.s
$(BUILD)/natlibc.s: bind/common/natlibc.c $(NAMES_H)
	@$(CROSS)gcc $(CFLAGS) -S -o $@ $<

$(BUILD)/whole.o: $(WHOLE_O) $(ADDED) tools/short_calls.py
	@$$($(CROSS)gcc -print-prog-name=lto1) -quiet $(WHOLE_FLAGS) \
	  $(filter -f% -m%,$(CFLAGS_ARCH)) -msave-restore -o $(@:.o=.long.s) \
	  $(WHOLE_O)
	@$(PYTHON) tools/short_calls.py $(@:.o=.long.s) $(ADDED) $(@:.o=.s)
	@$(CROSS)gcc $(CFLAGS_ARCH) -c -o $@ $(@:.o=.s)
else
$(BUILD)/whole.o: $(WHOLE_O)
	@$(CROSS)gcc $(CFLAGS) $(WHOLE_FLAGS) -nostdlib -r \
	  -fno-use-linker-plugin -flto-partition=none \
	  $(addprefix -Wl$(comma),$(LD_FLAGS_$(ARCH))) -o $@ $^
endif

# One object with what mpy_init reaches and nothing else: mpy_ld links
# everything it is given.
$(BUILD)/$(MOD).o: $(BUILD)/whole.o $(APART_O)
	@$(CROSS)ld -r --gc-sections -e mpy_init $(LD_FLAGS_$(ARCH)) \
	  -o $@ $^

# The name given to mpy_ld is kept in RAM where the module is loaded: the
# module's own is there already.
$(OUT): $(BUILD)/$(MOD).o
	@cd $(BUILD) && $(MPY_LD) --arch $(ARCH) \
	  --qstrs $(abspath $(CONFIG_H)) $(MPY_LD_FLAGS) -o $(MOD) $(<F)
	@mv $(BUILD)/$(MOD) $@
