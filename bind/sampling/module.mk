# SPDX-License-Identifier: MIT
# _blox_sampling: samples at a timer's rate, through a ring.
SRC := bind/sampling/sampling.c bind/sampling/ring.c core/base/ring.c \
  core/dsp/pace.c $(BIND_BASE)
