# SPDX-License-Identifier: MIT
# _blox_ema: an exponential moving average of integers.
SRC := bind/ema/ema.c core/dsp/ema.c $(BIND_BASE)
