# SPDX-License-Identifier: MIT
# Speed and memory, as ratios against a peer or a limit in the same run.

$(BUILD)/bench/copy: bench/copy.c
	@mkdir -p $(@D)
	@gcc -std=c11 -D_GNU_SOURCE -O2 $(HOST_WARN) $< -o $@

.PHONY: bench
bench: board-bin cli natmod-x64 $(BUILD)/bench/copy ## speed and memory of updates; writes build/bench.json
	@$(PYTHON) bench/ota.py
	@$(PYTHON) bench/hass.py
