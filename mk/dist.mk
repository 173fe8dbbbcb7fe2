# SPDX-License-Identifier: MIT
# The wheel of this library for one platform: python/ as bytecode, which runs
# anywhere, and the native modules of the platform's architecture.
#   make dist PLATFORM=esp32c3  ->  dist/mpy_blox-<version>-mpy6-bytecode-...

# platform:architecture. ESP32, S2 and S3 are esp32; C3 and C6 are esp32c3.
DIST_ARCHS := unix_x64:x64 esp32:xtensawin esp32c3:rv32imc armv7emsp:armv7emsp
DIST_PLATFORMS := $(foreach pair,$(DIST_ARCHS),$(firstword $(subst :, ,$(pair))))

PLATFORM ?= esp32
DIST_ARCH := $(patsubst $(PLATFORM):%,%,$(filter $(PLATFORM):%,$(DIST_ARCHS)))
DIST_TAG := mpy6-bytecode-$(PLATFORM)
DIST_CC_x64 := gcc
DIST_CC_xtensawin := $(or $(XTENSA_CROSS),xtensa-esp32-elf-)gcc
DIST_CC_rv32imc := riscv64-unknown-elf-gcc
DIST_CC_armv7emsp := arm-none-eabi-gcc

# main.py goes onto a board by deploy-app, as source.
DIST_PY := $(patsubst python/%,%,$(sort $(shell \
  find python/mpy_blox python/logging -name '*.py' 2>/dev/null)))
DIST_MPY := $(patsubst %.py,$(BUILD)/dist/bytecode/%.mpy,$(DIST_PY))
DIST_TREE = $(BUILD)/dist/$(PLATFORM)

# Modules that a device forgets as soon as they did their part.
DIST_FORGOTTEN := $(addprefix mpy_blox/,boot ending marks network platform sync \
  time trial trial_more util log_handlers/__init__ \
  $(addprefix config/,calls checks erase load sealed secure_nvs) \
  $(addprefix mqtt/,about again card client_more commands explain link more news \
  protocol/reason setup signed tls hass/documents \
  hass/entity))

# What is private has short names there; dist/...-names.json says which.
$(BUILD)/dist/short/.done: $(DIST_PY:%=python/%) tools/short_names.py tools/readers.py tools/scopes.py mk/dist.mk
	@$(PYTHON) tools/short_names.py python $(@D)
	@touch $@

$(DIST_PY:%=$(BUILD)/dist/short/%): $(BUILD)/dist/short/.done
	@:

# Line numbers would cost RAM on the device, and so would a name for the file:
# a traceback names module and function.
$(BUILD)/dist/bytecode/%.mpy: $(BUILD)/dist/short/%.py mk/dist.mk tools/mpy_texts.py | $(MPY_CROSS)
	@mkdir -p $(@D)
	@$(MPY_CROSS) -O3 -s $(subst /,.,$(patsubst %/__init__,%,$*)) -o $@ $<
	@$(if $(filter $*,$(DIST_FORGOTTEN)),$(PYTHON) tools/mpy_texts.py $< $@)

.PHONY: dist-arch
dist-arch:
	@test -n "$(DIST_ARCH)" || { echo "dist: PLATFORM=$(PLATFORM) is" \
	  "unknown; choose one of: $(DIST_PLATFORMS) (S2 and S3 are esp32, C6 is" \
	  "esp32c3)" >&2; exit 1; }
	@command -v $(DIST_CC_$(DIST_ARCH)) > /dev/null || { echo "dist:" \
	  "$(PLATFORM) needs $(DIST_CC_$(DIST_ARCH)) on the PATH; run" \
	  "./bootstrap dist PLATFORM=$(PLATFORM), or name another with" \
	  "PLATFORM= ($(DIST_PLATFORMS))" >&2; exit 1; }

# A folder for every wheel, made anew: what was renamed must not stay in it.
.PHONY: dist
dist: dist-arch $(DIST_MPY) $(BUILD)/cli/blox ## the library's wheel; PLATFORM=esp32 or another
	@$(MAKE) -s natmod-$(DIST_ARCH)
	@rm -rf $(DIST_TREE) && mkdir -p $(DIST_TREE)
	@cd $(BUILD)/dist/bytecode && cp --parents $(DIST_PY:.py=.mpy) $(DIST_TREE)
	@cp $(NATMOD_MODULES:%=$(BUILD)/natmod/$(DIST_ARCH)/_blox_%.mpy) \
	  $(DIST_TREE)
	@$(BUILD)/cli/blox wheel build $(DIST_TREE) --name mpy-blox \
	  --version $(VERSION) --platform $(PLATFORM) --out dist
	@cp $(BUILD)/dist/short/names.json dist/mpy_blox-$(VERSION)-names.json
	@ln -f dist/mpy_blox-$(VERSION)-$(DIST_TAG).whl \
	  dist/mpy_blox-latest-$(DIST_TAG).whl

# What devices that run the original take in first: docs/migration.md.
#   make dist-migrate PLATFORM=esp32 ORIGINAL=mpy_blox-0.6.0-...whl
STAGE_ONE_VERSION := $(VERSION).dev0
ORIGINAL ?=

.PHONY: dist-migrate
dist-migrate: $(MPY_CROSS) ## stage one of the way from the original; PLATFORM=, ORIGINAL=<its wheel>
	@test -n "$(DIST_ARCH)" || { echo "dist-migrate: PLATFORM=$(PLATFORM) is" \
	  "unknown; choose one of: $(DIST_PLATFORMS) (S2 and S3 are esp32, C6 is" \
	  "esp32c3)" >&2; exit 1; }
	@$(PYTHON) tools/stage_one.py --version $(STAGE_ONE_VERSION) \
	  --tag $(DIST_TAG) --mpy-cross $(MPY_CROSS) --out dist \
	  $(if $(ORIGINAL),--original "$(ORIGINAL)")
