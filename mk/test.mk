# SPDX-License-Identifier: MIT
# Tests and checks. `test` is what the README names; `check` is what CI runs.

C_FILES = $(shell find core sim bind board cli targets tests bench \
  -name '*.[ch]' 2>/dev/null)

# clang-format's taste changes between versions: ours is that of version 14.
.PHONY: format-check
format-check: ## C files as clang-format 14 lays them out
	@case "$$(clang-format --version)" in \
	*' version 14.'*) clang-format --dry-run -Werror $(C_FILES); \
	  echo "format: $(words $(C_FILES)) C files" ;; \
	*) echo "format: not checked, it takes clang-format 14 and this is" \
	  "$$(clang-format --version)" ;; \
	esac

.PHONY: format
format: ## lay the C files out with clang-format
	@clang-format -i $(C_FILES)

.PHONY: layers
layers: ## who may include whom
	@$(PYTHON) tools/check_layers.py

.PHONY: natmod-check
natmod-check: natmod ## no native module holds data that cannot be linked
	@$(PYTHON) tools/check_natmod_objects.py $(NATMOD_ARCHS:%=build/natmod/%)

# gcc's warnings stop every build; these are clang's, for what it does not build.
.PHONY: warnings
warnings:
	@clang $(CLI_CFLAGS) -fsyntax-only $(CLI_SRC)

.PHONY: size
size: natmod ## what the native modules weigh; writes build/size.json
	@$(PYTHON) tools/size.py $(NATMOD_ARCHS:%=build/natmod/%)

# What tests/system/test_mqtt_broker_faults.py runs.
BROKER_FAULTS := $(BUILD)/host/gcc/broker_faults
$(BROKER_FAULTS): $(BUILD)/host/gcc/tests/system/broker_faults.o $(HOST_OBJ_gcc)
	@gcc $(HOST_SAN) $^ $(HOST_LDLIBS) -o $@

# One run, one closing line. PYTEST_ARGS="-k deploy" chooses. Most tests wait
# for a board or a broker, so several files run side by side.
PYTESTS := $(wildcard tests/tools tests/cli tests/system)
PYTEST_JOBS ?= 3
.PHONY: pytest
pytest: board-bin cli cli-asan natmod-x64 $(BUILD)/host/gcc/journal_verdict $(BROKER_FAULTS)
	@$(MAKE) -s board-bin STATIC=1
	@$(PYTHON) -m pytest -q -p no:cacheprovider --import-mode=importlib \
	  -n $(PYTEST_JOBS) --dist loadfile $(PYTESTS) $(PYTEST_ARGS)

.PHONY: test
test: unit-gcc pytest ## all tests; the README's command

.PHONY: check
check: layers format-check warnings natmod-check unit-clang fuzz-replay-clang test cli-valgrind power-sample size ## everything CI runs

# A test that passes once may yet be one of chance.
.PHONY: long
long: check next fuzz-replay riscv rest targets bench fuzz-long power ## what takes longer: RISC-V, benchmarks, fuzzing, tests thrice
	@for i in 1 2 3; do RESCUE_MUTATIONS=20000 BLOX_FAULT_STEP=1 POWER_RUNS=10 \
	  BLOX_RESTARTS=200 BLOX_MIGRATION_CUTS=200 BLOX_CUTS=500 BLOX_BROKER_FAULTS=0 $(MAKE) -s unit-gcc pytest; done
	@$(MAKE) -s bench-mqtt BENCH_ARGS="--soak 1000000"
