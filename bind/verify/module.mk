# SPDX-License-Identifier: MIT
# _blox_verify: checks signatures of lists, on devices that have a key.
SRC := bind/verify/verify.c bind/verify/p256.c core/ota/signature.c \
  core/codec/base64.c $(BIND_BASE) $(BIND_SHA256)
