# SPDX-License-Identifier: MIT
# bind/ as native modules: build/natmod/<arch>/_blox_<module>.mpy. A module is
# a folder bind/<module>/ with a module.mk that sets SRC (paths from the top).

NATMOD_MODULES := $(patsubst bind/%/module.mk,%,$(wildcard bind/*/module.mk))
NATMOD_ARCHS := x64 rv32imc armv7emsp $(if $(XTENSA_CROSS),xtensawin)
NATMOD_DEPS := $(shell find core bind -name '*.[ch]') \
  $(wildcard bind/*/module.mk) mk/natmod.mk mk/natmod-module.mk \
  bind/common/save_restore.S tools/short_calls.py

NATMOD_NEED_xtensawin := $(XTENSA_CORE)
NATMOD_MAKE_xtensawin := $(if $(XTENSA_CROSS),CROSS=$(XTENSA_CROSS))

# $(1): architecture as MicroPython spells it
define NATMOD_RULES
.PHONY: natmod-$(1)
natmod-$(1): $$(patsubst %,$$(BUILD)/natmod/$(1)/_blox_%.mpy,$$(NATMOD_MODULES))

$$(BUILD)/natmod/$(1)/_blox_%.mpy: $$(NATMOD_DEPS) $$(NATMOD_NEED_$(1))
	@mkdir -p $$(BUILD)/natmod/$(1)/$$*
	@echo "  NATMOD $(1) _blox_$$*"
	@$$(MAKE) -s -f mk/natmod-module.mk ARCH=$(1) NAME=$$* \
	  BUILD=build/natmod/$(1)/$$* MPY_DIR=$$(MPY_DIR) PYTHON=$$(PYTHON) \
	  BEARSSL_DIR=$$(BEARSSL_DIR) $$(NATMOD_MAKE_$(1)) \
	  OUT=$$@ $$@ > $$(BUILD)/natmod/$(1)/$$*/log 2>&1 || \
	  { cat $$(BUILD)/natmod/$(1)/$$*/log; exit 1; }
endef
$(foreach arch,$(sort $(NATMOD_ARCHS) xtensawin),$(eval $(call NATMOD_RULES,$(arch))))

.PHONY: natmod
natmod: $(addprefix natmod-,$(NATMOD_ARCHS)) ## native modules for every architecture whose compiler is here
