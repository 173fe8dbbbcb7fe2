"""Home Assistant's documents and states (core/hass/entity.h).

An entity is an object of mpy_blox.mqtt.hass.disco; a device is the tuple (id,
name, model, version, firmware, suggested area, availability topic), with None
for what there is not.
"""

from typing import Any

_Device = tuple[
    str, str, str, str, str, str | None, str | None
]

class State:
    """A payload that is written again and again at one place."""

    size: int
    def __init__(self, size: int) -> None: ...
    def __call__(
        self, entity: Any, value: Any, brightness: int
    ) -> bytearray | None:
        """The payload that states value: None, a bool, a number, a str, or
        bytes with JSON. The next call changes it. None: too small."""

def config(entity: Any, device: _Device) -> bytes:
    """The discovery document of one entity."""

def device_config(
    device: _Device, entities: list[Any], removed: list[tuple[str, str]]
) -> bytes:
    """The discovery document of a device. `removed`: (unique_id, component)
    of entities that are gone."""

def topic(entity: Any, last: str | None) -> str | None:
    """prefix/component/id/last; with None where its states go."""

def describe(entity: Any) -> tuple[str, bool, bool]:
    """(component, its states are retained, it takes commands)."""
