# SPDX-License-Identifier: MIT
# The main job to watch, and a board to play with.

FLASH ?= 16M

.PHONY: demo
demo: board-bin cli natmod-x64 ## the main job with real parts: set up, boot, update
	@$(PYTHON) tools/demo.py

.PHONY: kitchen
kitchen: board-bin natmod-x64 ## a day of sensors in a simulated kitchen (docs/board.md)
	@$(PYTHON) tools/kitchen.py

.PHONY: board
board: board-bin cli natmod-x64 ## a broker and a board to play with; FLASH=2M: a stock ESP32's
	@$(PYTHON) tools/demo.py --board --flash $(FLASH)
