# SPDX-License-Identifier: MIT
# A compiler for the ESP32, ESP32-S2 and S3 (MicroPython's xtensawin):
# Espressif's when it is on the PATH, else Debian's for the ESP8266, which is
# told another core (targets/xtensa/core.c; sources by ./bootstrap).

XTENSA_EXT := $(EXT)/xtensa
XTENSA_FOUND = $(if $(shell command -v $(1)gcc 2>/dev/null),$(1))
XTENSA_CROSS := $(or $(call XTENSA_FOUND,xtensa-esp32-elf-),\
  $(if $(wildcard $(XTENSA_EXT)/include),$(call XTENSA_FOUND,xtensa-lx106-elf-)))
export PICOLIBC_XTENSA := /usr/lib/xtensa-lx106-elf

ifeq ($(XTENSA_CROSS),xtensa-lx106-elf-)
XTENSA_CORE := $(BUILD)/xtensa/core.so
export XTENSA_GNU_CONFIG := $(XTENSA_CORE)
endif

$(BUILD)/xtensa/core.so: targets/xtensa/core.c
	@mkdir -p $(@D)
	@gcc -shared -fPIC -O1 -w -I$(XTENSA_EXT)/include -o $@ $< \
	  $(XTENSA_EXT)/bfd/xtensa-modules.c
