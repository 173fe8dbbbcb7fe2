"""Home Assistant's documents and states (core/hass/entity.h)."""

from typing import Any, overload

_Device = tuple[
    str, str, str, str, str, str | None, str | None
]
# 18 spans, words, brightness_scale, flags: mpy_blox/mqtt/hass/documents.py
_Entity = list[Any]

class Text:
    """A text that is written again and again at one place: the next call
    changes what the one before gave."""

    @overload
    def __call__(
        self,
        words: bytes | str,
        key: str | None,
        value: bool | float | str | None,
        brightness: int | None,
    ) -> bytearray | None:
        """The payload that states value, in a sensor's state under key; None
        if the kind has no such value. brightness: of what is dimmed."""

    @overload
    def __call__(
        self, device: _Device, entity: _Entity | None, alone: bool
    ) -> bytearray:
        """With alone the discovery document of one entity. Else a piece of
        the device's, (id, name, model, version, firmware, suggested area,
        availability topic): without entity its beginning, or an entity, with
        the comma before it; '}}' ends it. Entities without words are gone:
        only unique_id and component are of use."""

def sensor() -> bytearray:
    """The words of a sensor."""
