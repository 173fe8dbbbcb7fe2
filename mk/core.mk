# SPDX-License-Identifier: MIT
# core/ as host libraries and its cmocka tests, once per compiler:
#   tests/core/<layer>/test_<file>.c  ->  build/host/<cc>/tests/core/...
# Every test file is a program of its own, linked with all of core/.

CORE_SRC := $(wildcard core/*/*.c) bind/verify/p256.c
CORE_TESTS := $(wildcard tests/core/*/test_*.c)
# Helpers shared by tests: every other .c file beside them.
CORE_TEST_LIB := $(filter-out $(CORE_TESTS),$(wildcard tests/core/*.c tests/core/*/*.c))
SIM_SRC := $(wildcard sim/*.c)

HOST_WARN := -Wall -Wextra -Werror -Wshadow -Wpointer-arith \
  -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
HOST_CFLAGS := -std=c11 -g -O1 $(HOST_WARN) -I$(TOP) -isystem $(UZLIB) \
  $(BEARSSL_INC) \
  -D_GNU_SOURCE -fno-omit-frame-pointer
HOST_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_LDLIBS := -lcmocka -lcrypto -lz -lm

# The files of MicroPython's tree that core/codec fronts.
HOST_UZLIB := tinflate adler32 crc32

# $(1): compiler
define HOST_RULES
HOST_OBJ_$(1) := $$(patsubst %.c,$$(BUILD)/host/$(1)/%.o,$$(CORE_SRC) $$(SIM_SRC) $$(CORE_TEST_LIB)) \
  $$(patsubst %,$$(BUILD)/host/$(1)/uzlib/%.o,$$(HOST_UZLIB))
HOST_BIN_$(1) := $$(patsubst %.c,$$(BUILD)/host/$(1)/%,$$(CORE_TESTS))
HOST_CHOSEN_$(1) := $$(if $$(T),$$(foreach b,$$(HOST_BIN_$(1)),$$(if $$(findstring $$(T),$$(b)),$$(b))),$$(HOST_BIN_$(1)))

$$(BUILD)/host/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	@$(1) $$(HOST_CFLAGS) $$(HOST_SAN) -MMD -MP -c $$< -o $$@

$$(BUILD)/host/$(1)/uzlib/%.o: $$(UZLIB)/%.c
	@mkdir -p $$(@D)
	@$(1) -std=c11 -g -O1 -w -I$$(UZLIB) $$(HOST_SAN) -fno-sanitize=undefined -c $$< -o $$@

$$(BUILD)/host/$(1)/tests/%: $$(BUILD)/host/$(1)/tests/%.o $$(HOST_OBJ_$(1))
	@$(1) $$(HOST_SAN) $$^ $$(HOST_LDLIBS) -o $$@

# make unit-gcc T=mqtt runs the tests whose path holds "mqtt"
.PHONY: unit-$(1)
unit-$(1): $$(HOST_CHOSEN_$(1))
	$$(if $$(strip $$(HOST_CHOSEN_$(1))),,$$(error no test in tests/core has T=$$(T) in its path))
	@for test in $$(HOST_CHOSEN_$(1)); do \
	  CMOCKA_MESSAGE_OUTPUT=stdout $$$$test || exit 1; done

-include $$(shell find $$(BUILD)/host/$(1) -name '*.d' 2>/dev/null)
.SECONDARY: $$(HOST_OBJ_$(1)) $$(addsuffix .o,$$(HOST_BIN_$(1)))
endef
$(eval $(call HOST_RULES,gcc))
$(eval $(call HOST_RULES,clang))

.PHONY: unit
unit: unit-gcc unit-clang ## unit tests of core/ under ASan and UBSan, gcc and clang
