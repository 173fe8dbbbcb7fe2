"""Words of Home Assistant's entities that take no commands."""

def words(kind: int) -> bytearray:
    """What _blox_hass needs to know of an enum blox_hass_kind."""
