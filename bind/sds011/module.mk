# SPDX-License-Identifier: MIT
# _blox_sds011: the SDS011 sensor of particles in air.
SRC := bind/sds011/sds011.c core/sense/sds011.c $(BIND_BASE)
