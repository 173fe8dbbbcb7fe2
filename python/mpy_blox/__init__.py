# SPDX-License-Identifier: MIT
# Building blocks for ESP32 devices that run MicroPython. Importing this
# imports no block. It stays empty: after a power cut rescue() may run while
# this file is not in its place.
