# SPDX-License-Identifier: MIT
# The same against another MicroPython, in a copy of the tree, so that nothing
# is built anew here: native and static boards, the tests of tests/device/ and
# some of tests/system/.
#   make next NEXT=~/micropython     your own tree

NEXT ?= $(EXT)/micropython-1.26.1
NEXT_DIR := $(BUILD)/next
NEXT_TESTS := test_device.py test_at_rest.py test_app_update.py \
  test_config.py test_mqtt_connection.py test_hass.py test_deploy.py

.PHONY: next
next: ## device tests and some system tests with MicroPython 1.26.1
	@test -f $(NEXT)/py/mpconfig.h || { echo "next: no MicroPython tree in" \
	  "$(NEXT); run ./bootstrap next" >&2; exit 1; }
	@mkdir -p $(NEXT_DIR)
	@git ls-files | tar -cf - -T - | tar -xf - -C $(NEXT_DIR)
	@ln -sfn $(EXT) $(NEXT_DIR)/ext
	@$(MAKE) -s -C $(NEXT_DIR) MPY_DIR=$(NEXT) board-bin cli cli-asan natmod
	@$(MAKE) -s -C $(NEXT_DIR) MPY_DIR=$(NEXT) board-bin STATIC=1
	@cd $(NEXT_DIR) && MPY_DIR=$(NEXT) $(PYTHON) -m pytest -q \
	  -p no:cacheprovider --import-mode=importlib \
	  $(NEXT_TESTS:%=tests/system/%) $(PYTEST_ARGS)
