# SPDX-License-Identifier: MIT
# Building blocks for ESP32 devices that run MicroPython. Importing this
# imports no block.
