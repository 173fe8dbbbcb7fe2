# SPDX-License-Identifier: MIT
# libFuzzer over what reads bytes from outside (docs/fuzzing.md). What it
# finds is printed and kept; a file given again is run again:
#   build/fuzz/fuzz_wheel build/fuzz/crash-...
#   FUZZ_SECONDS=60      of each target
#   FUZZ_RUNS=50000000   or so many inputs, when that is sooner
#   T=wheel              only the targets whose name holds "wheel"

FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
FUZZ_RUNS ?= 50000000
FUZZ_CORPUS := tests/fuzz/corpus
FUZZ_HELPERS := tests/fuzz/flat.c tests/fuzz/fuzz.c
FUZZ_MODELS := tests/fuzz/session_model.c
FUZZ_FLAGS := -std=c11 -g -O2 -D_GNU_SOURCE -I$(TOP) -isystem $(UZLIB) \
  $(BEARSSL_INC) \
  -fsanitize=address,undefined -fno-sanitize-recover=undefined
# Longest inputs: a wheel is a few members, the others are a few lines.
FUZZ_LEN_wheel := 1000
FUZZ_LEN_mqtt := 2000
FUZZ_LEN_signed := 600
FUZZ_LEN_session := 128
# Comparisons are watched, for their values lead the mutator to new branches.
# Once the corpus has all branches that costs two thirds of the time.
FUZZ_COVERAGE = -fsanitize=fuzzer-no-link \
  $(if $(FUZZ_LONG),-fno-sanitize-coverage=trace-cmp)
FUZZ_CHOSEN = $(if $(T),$(foreach f,$(FUZZERS),$(if $(findstring $(T),$(f)),$(f))),$(FUZZERS))
FUZZ_CHECK = $(if $(strip $(FUZZ_CHOSEN)),,$(error no target has T=$(T) in its name; there are: $(FUZZERS)))
fuzz_len = $(or $(FUZZ_LEN_$(1)),400)

# An archive, so that a target brings along only what it calls.
FUZZ_OBJ := $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(CORE_SRC) $(FUZZ_HELPERS) $(FUZZ_MODELS)) \
  $(BUILD)/fuzz/obj/crc32.o

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	@clang $(FUZZ_FLAGS) $(FUZZ_COVERAGE) -MMD -MP -c $< -o $@

# The curve is slow, and its branches lead nowhere: none is looked for there.
$(BUILD)/fuzz/obj/bind/verify/p256.o: bind/verify/p256.c
	@mkdir -p $(@D)
	@clang $(FUZZ_FLAGS) -MMD -MP -c $< -o $@

# The helpers hold nothing to find. What they copy is looked at all the same,
# for memcpy is ASan's.
$(FUZZ_HELPERS:%.c=$(BUILD)/fuzz/obj/%.o): $(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	@clang -std=c11 -g -O2 -I$(TOP) -MMD -MP -c $< -o $@

$(BUILD)/fuzz/obj/crc32.o: $(UZLIB)/crc32.c
	@mkdir -p $(@D)
	@clang -std=c11 -g -O2 -w -I$(UZLIB) -c $< -o $@

$(BUILD)/fuzz/libcore.a: $(FUZZ_OBJ)
	@ar rcs $@ $^

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.o $(BUILD)/fuzz/libcore.a
	@clang $(FUZZ_FLAGS) -fsanitize=fuzzer $^ -o $@

.SECONDARY: $(FUZZ_OBJ) $(FUZZERS:%=$(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.o)
-include $(shell find $(BUILD)/fuzz -name '*.d' 2>/dev/null)

.PHONY: fuzz
fuzz: $(FUZZ_CHOSEN:%=$(BUILD)/fuzz/fuzz_%) ## fuzz what reads bytes from outside, FUZZ_SECONDS=60 each
	$(FUZZ_CHECK)
	@$(PYTHON) tests/fuzz/make_seeds.py $(BUILD)/fuzz/seeds
	@$(foreach f,$(FUZZ_CHOSEN),$(PYTHON) tests/fuzz/run.py $(f) \
	  --len $(call fuzz_len,$(f)) --seconds $(FUZZ_SECONDS) \
	  --runs $(FUZZ_RUNS) &&) true

.PHONY: fuzz-long
fuzz-long: ## the same: 50 million inputs of each target, or two hours
	@$(MAKE) -s fuzz FUZZ_SECONDS=60
	@rm -rf $(BUILD)/fuzz/obj $(BUILD)/fuzz/libcore.a
	@$(MAKE) -s fuzz FUZZ_SECONDS=7200 FUZZ_LONG=1
	@rm -rf $(BUILD)/fuzz/obj $(BUILD)/fuzz/libcore.a

# Replayed without libFuzzer, by the compilers of the unit tests.
# $(1): compiler
define FUZZ_REPLAY_RULES
$$(BUILD)/host/$(1)/fuzz_%: $$(BUILD)/host/$(1)/tests/fuzz/fuzz_%.o \
    $$(patsubst %.c,$$(BUILD)/host/$(1)/%.o,$$(FUZZ_HELPERS) $$(FUZZ_MODELS) tests/fuzz/replay.c) $$(HOST_OBJ_$(1))
	@$(1) $$(HOST_SAN) $$^ $$(HOST_LDLIBS) -o $$@

.SECONDARY: $$(patsubst %.c,$$(BUILD)/host/$(1)/%.o,$$(wildcard tests/fuzz/*.c))

.PHONY: fuzz-replay-$(1)
fuzz-replay-$(1): $$(FUZZERS:%=$$(BUILD)/host/$(1)/fuzz_%)
	@for name in $$(FUZZERS); do \
	  $$(BUILD)/host/$(1)/fuzz_$$$$name $$(FUZZ_CORPUS)/$$$$name || exit 1; done
endef
$(eval $(call FUZZ_REPLAY_RULES,gcc))
$(eval $(call FUZZ_REPLAY_RULES,clang))

# What tests/system/test_rescue_mutations.py asks.
JOURNAL_VERDICT := $(BUILD)/host/gcc/journal_verdict
$(JOURNAL_VERDICT): $(BUILD)/host/gcc/tests/fuzz/journal_verdict.o \
    $(FUZZ_HELPERS:%.c=$(BUILD)/host/gcc/%.o) $(HOST_OBJ_gcc)
	@gcc $(HOST_SAN) $^ $(HOST_LDLIBS) -o $@

.PHONY: fuzz-replay
fuzz-replay: fuzz-replay-gcc fuzz-replay-clang ## the corpora once; make check does it with clang

# What is worth keeping of what `make fuzz` found: few inputs that together
# reach all that was reached. Commit the result.
.PHONY: fuzz-corpus
fuzz-corpus: $(FUZZ_CHOSEN:%=$(BUILD)/fuzz/fuzz_%) ## make the committed corpora anew
	$(FUZZ_CHECK)
	@$(PYTHON) tests/fuzz/make_seeds.py $(BUILD)/fuzz/seeds
	@for name in $(FUZZ_CHOSEN); do \
	  mkdir -p $(BUILD)/fuzz/$$name $(BUILD)/fuzz/seeds/$$name $(FUZZ_CORPUS)/$$name; \
	  rm -rf $(BUILD)/fuzz/merged; mkdir -p $(BUILD)/fuzz/merged; \
	  $(BUILD)/fuzz/fuzz_$$name -set_cover_merge=1 -verbosity=0 -use_counters=0 \
	    $(BUILD)/fuzz/merged $(FUZZ_CORPUS)/$$name $(BUILD)/fuzz/$$name \
	    $(BUILD)/fuzz/seeds/$$name 2>/dev/null; \
	  find $(FUZZ_CORPUS)/$$name -type f ! -name 'finding-*' -delete; \
	  cp $(BUILD)/fuzz/merged/* $(FUZZ_CORPUS)/$$name/; \
	  echo "$$name: $$(ls $(FUZZ_CORPUS)/$$name | wc -l) inputs," \
	    "$$(cat $(FUZZ_CORPUS)/$$name/* | wc -c) bytes"; \
	done
