"""Home Assistant's documents and states (core/hass/entity.h)."""

from typing import Any, Iterator

_Device = tuple[
    str, str, str, str, str, str | None, str | None
]
# 18 spans, words, brightness_scale, flags: mpy_blox/mqtt/hass/documents.py
_Entity = list[Any]

class State:
    """A payload that is written again and again at one place."""

    def __call__(
        self,
        words: bytes | str,
        key: str | None,
        value: bool | float | str | None,
        brightness: int | None,
    ) -> bytearray:
        """The payload that states value, in a sensor's state under key. The
        next call changes it. brightness: of what is dimmed."""

def document(
    device: _Device, entities: Iterator[_Entity] | _Entity, alone: bool
) -> bytearray:
    """The discovery document of a device: (id, name, model, version, firmware,
    suggested area, availability topic). Entities without words are gone: only
    unique_id and component are of use. alone: that of one entity."""

def sensor() -> bytearray:
    """The words of a sensor."""
