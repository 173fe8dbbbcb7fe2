# SPDX-License-Identifier: MIT
SRC := bind/conf/conf.c core/codec/json_walk.c core/conf/settings.c \
  core/codec/json_check.c core/codec/utf8.c $(BIND_BASE)
