# SPDX-License-Identifier: MIT
SRC := bind/seal/seal.c core/conf/hmac.c core/conf/seal.c \
  $(BIND_BASE) $(BIND_SHA256) $(BIND_AES)
