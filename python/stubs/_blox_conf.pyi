"""Checks /settings.json and /provision.json."""

def check_settings(
    text: bytes | str,
) -> list[tuple[str, str, str | None, bool]]:
    """Every fault as (sentence, key, member or None, drop).

    A value that cannot be used is to be dropped. Raises ValueError with line
    and column when the text is not one JSON object.
    """

def check_provision(text: bytes | str) -> None:
    """Raises ValueError with one sentence when the text is not what
    provision.json may hold."""
