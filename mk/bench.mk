# SPDX-License-Identifier: MIT
# Speed and memory, as ratios against a peer or a limit in the same run.

$(BUILD)/bench/copy: bench/copy.c
	@mkdir -p $(@D)
	@gcc -std=c11 -D_GNU_SOURCE -O2 $(HOST_WARN) $< -o $@

$(BUILD)/bench/mosquitto_peer: bench/mosquitto_peer.c
	@mkdir -p $(@D)
	@gcc -std=c11 -D_GNU_SOURCE -O2 $(HOST_WARN) $< -lmosquitto -o $@

.PHONY: bench
bench: board-bin cli natmod-x64 $(BUILD)/bench/copy bench-mqtt ## speed and memory of updates and MQTT; writes build/bench.json
	@$(PYTHON) bench/ota.py
	@$(PYTHON) bench/hass.py
	@$(MAKE) -s bench-cli
	@$(MAKE) -s bench-sense

.PHONY: bench-sense
bench-sense: natmod-rv32imc $(BUILD)/rv32/firmware.elf ## what importing one sensor costs
	@$(MAKE) -s board-bin STATIC=1
	@$(PYTHON) bench/sense.py

.PHONY: bench-cli
bench-cli: cli ## how long a person waits for `blox nodes`
	@$(PYTHON) bench/cli.py

.PHONY: bench-mqtt
bench-mqtt: board-bin natmod-x64 $(BUILD)/bench/mosquitto_peer ## of MQTT alone; BENCH_ARGS="--soak 1000000"
	@$(PYTHON) bench/mqtt.py $(BENCH_ARGS)
