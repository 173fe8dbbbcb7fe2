# SPDX-License-Identifier: MIT
"""Scenario files, and the devices that most tests connect."""

import json

CLIMATE = {"type": "htu21d", "scl": 22, "sda": 21, "temperature": 24.7}
DUST = {"type": "sds011", "txd": 16, "rxd": 17, "pm2_5": 12.3, "pm10": 45.6}
VOLTS = {
    "type": "mcp3202",
    "clk": 14,
    "din": 13,
    "dout": 12,
    "cs": 15,
    "ch0": 1.65,
    "ch1": 0.825,
}
LAMPS = {
    "type": "sn74hc595",
    "ser": 23,
    "srclk": 18,
    "rclk": 5,
    "oe": 4,
    "srclr": 2,
    "chips": 2,
}
SPEAKER = {"type": "i2s", "sck": 14, "ws": 13, "sd": 12}


def options(folder, devices, fast=True):
    """Writes a scenario; returns the words for a board's command line."""
    path = folder / "scenario.json"
    path.write_text(json.dumps({"devices": devices}, indent=2))
    return ["--scenario", str(path)] + (["--fast"] if fast else [])
