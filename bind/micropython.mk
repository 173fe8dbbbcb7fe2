# SPDX-License-Identifier: MIT
# bind/ as static modules of a firmware: build MicroPython with
# USER_C_MODULES=<this repository>. Same sources as the native modules, but
# for what a firmware brings itself (libc, uzlib).

BLOX_TOP := $(USER_C_MODULES)
BIND_BASE := bind/common/object.c \
  core/base/error.c core/base/span.c core/base/text.c
BIND_STORAGE := bind/common/storage.c
BIND_SHA256 := bind/common/sha256.c
BIND_AES := bind/common/aes.c
BIND_CRC32 :=

BLOX_SRC :=
define BLOX_MODULE
SRC :=
include $(1)
BLOX_SRC += $$(SRC)
SRC :=
endef
$(foreach mk,$(wildcard $(BLOX_TOP)/bind/*/module.mk),$(eval $(call BLOX_MODULE,$(mk))))

SRC_USERMOD_C += $(addprefix $(BLOX_TOP)/,$(sort $(BLOX_SRC)))
BEARSSL_DIR ?= $(BLOX_TOP)/ext/bearssl
CFLAGS_USERMOD += -I$(BLOX_TOP) -I$(TOP)/lib/uzlib \
  -I$(BEARSSL_DIR) -I$(BEARSSL_DIR)/src -I$(BEARSSL_DIR)/inc
