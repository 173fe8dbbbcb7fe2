# SPDX-License-Identifier: MIT
# _blox_mcp3202: the MCP3202 A/D converter.
SRC := bind/mcp3202/mcp3202.c core/sense/mcp3202.c $(BIND_BASE)
