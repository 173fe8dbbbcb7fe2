# SPDX-License-Identifier: MIT
# The host tool: build/cli/blox, and the same under ASan and UBSan for tests.

CLI_SRC := $(wildcard cli/*.c) $(wildcard core/base/*.c) \
  $(wildcard core/pkg/*.c) $(wildcard core/codec/*.c) \
  $(addprefix core/ota/,files.c list.c list_file.c plan.c signature.c todo.c)
CLI_CFLAGS := -std=c11 -g -O2 $(HOST_WARN) -I$(TOP) -isystem $(UZLIB) \
  -D_GNU_SOURCE -DBLOX_VERSION='"$(VERSION)"'
CLI_LDLIBS := -lmosquitto -lcjson -lcrypto -lz

# $(1): folder in build/, $(2): further flags of compiler and linker
define CLI_RULES
CLI_OBJ_$(1) := $$(patsubst %.c,$$(BUILD)/$(1)/obj/%.o,$$(CLI_SRC)) \
  $$(patsubst %,$$(BUILD)/$(1)/obj/uzlib/%.o,$$(HOST_UZLIB))

$$(BUILD)/$(1)/obj/%.o: %.c VERSION
	@mkdir -p $$(@D)
	@$$(CC) $$(CLI_CFLAGS) $(2) -MMD -MP -MT $$@ -c $$< -o $$@

$$(BUILD)/$(1)/obj/uzlib/%.o: $$(UZLIB)/%.c
	@mkdir -p $$(@D)
	@$$(CC) -std=c11 -g -O2 -w -I$$(UZLIB) $(2) \
	  -fno-sanitize=undefined -c $$< -o $$@

$$(BUILD)/$(1)/blox: $$(CLI_OBJ_$(1))
	@echo "  LINK $$@"
	@$$(CC) $(2) $$^ $$(CLI_LDLIBS) -o $$@

-include $$(shell find $$(BUILD)/$(1) -name '*.d' 2>/dev/null)
endef
$(eval $(call CLI_RULES,cli,-D_FORTIFY_SOURCE=2 -fstack-protector-strong))
$(eval $(call CLI_RULES,cli-asan,$(HOST_SAN)))

.PHONY: cli cli-asan
cli: $(BUILD)/cli/blox ## the host tool, build/cli/blox
cli-asan: $(BUILD)/cli-asan/blox

# What goes beside the tool. PREFIX and DESTDIR as everywhere.
PREFIX ?= /usr/local
CLI_DATA := $(BUILD)/cli/blox.1 $(BUILD)/cli/blox.bash $(BUILD)/cli/_blox

$(BUILD)/cli/blox.1: $(BUILD)/cli/blox
	@$< help --man >$@
$(BUILD)/cli/blox.bash: $(BUILD)/cli/blox
	@$< completion bash >$@
$(BUILD)/cli/_blox: $(BUILD)/cli/blox
	@$< completion zsh >$@

.PHONY: install uninstall
install: $(BUILD)/cli/blox $(CLI_DATA) ## blox, its man page and completion; DESTDIR=, PREFIX=/usr/local
	@install -D $(BUILD)/cli/blox $(DESTDIR)$(PREFIX)/bin/blox
	@install -D -m 644 $(BUILD)/cli/blox.1 \
	  $(DESTDIR)$(PREFIX)/share/man/man1/blox.1
	@install -D -m 644 $(BUILD)/cli/blox.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/blox
	@install -D -m 644 $(BUILD)/cli/_blox \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_blox

uninstall: ## takes away what install brought
	@rm -f $(DESTDIR)$(PREFIX)/bin/blox \
	  $(DESTDIR)$(PREFIX)/share/man/man1/blox.1 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/blox \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_blox

# valgrind sees what ASan does not: memory that nobody has written.
$(BUILD)/cli/blox-valgrind: mk/cli.mk
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nexec valgrind -q --error-exitcode=99 %s "$$@"\n' \
	  '--leak-check=full --errors-for-leak-kinds=definite $(BUILD)/cli/blox' >$@
	@chmod +x $@

.PHONY: cli-valgrind
cli-valgrind: cli $(BUILD)/cli/blox-valgrind ## the transcripts of blox with a fleet, under valgrind
	@BLOX=$(BUILD)/cli/blox-valgrind $(PYTHON) -m pytest -q tests/cli/test_golden.py \
	  -k with_a_fleet

.PHONY: test-cli
test-cli: cli-asan ## the host tool, under ASan and UBSan, against real brokers
	@$(PYTHON) -m pytest -q tests/cli
