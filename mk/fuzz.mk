# SPDX-License-Identifier: MIT
# libFuzzer over what reads bytes from outside. What it finds is kept in
# build/fuzz/<name>/ and printed; a file given again is run again:
#   build/fuzz/fuzz_wheel build/fuzz/crash-...

FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
FUZZ_SRC := $(wildcard core/base/*.c core/codec/*.c core/pkg/*.c \
  core/mqtt/*.c) \
  tests/core/storage_ram.c $(UZLIB)/crc32.c
FUZZ_FLAGS := -std=c11 -g -O1 -D_GNU_SOURCE -I$(TOP) -isystem $(UZLIB) \
  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_SRC) \
    $(wildcard core/base/*.h core/codec/*.h core/pkg/*.h core/mqtt/*.h)
	@mkdir -p $(@D)
	@clang $(FUZZ_FLAGS) $< $(FUZZ_SRC) -o $@

.PHONY: fuzz
fuzz: $(FUZZERS:%=$(BUILD)/fuzz/fuzz_%) ## fuzz what reads wheels, JSON and MQTT, FUZZ_SECONDS=60 each
	@$(PYTHON) tests/fuzz/make_seeds.py $(BUILD)/fuzz/seeds
	@for name in $(FUZZERS); do \
	  mkdir -p $(BUILD)/fuzz/$$name; \
	  $(BUILD)/fuzz/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) \
	    -max_len=4000 -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/$$name \
	    $(BUILD)/fuzz/seeds/$$name 2>&1 | \
	    sed -n "s/^stat::number_of_executed_units: */fuzz: $$name: inputs tried: /p; /ERROR\|SUMMARY\|crash-/p"; \
	done
