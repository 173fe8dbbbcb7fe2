"""Judges boots that did not end in order, and watches a set on trial."""

class Trial:
    """The health gate of a set on trial."""

    def __init__(self, timeout_ms: int) -> None:
        """timeout_ms: how long user_main must live."""
    def tick(self, ticks_ms: int, online: bool) -> bool | None:
        """None while it runs, True once it is passed, False when it is too
        late for that. Call it every second or so."""

def changed() -> str | None:
    """The path of a file of the set on trial that is not what the update
    wrote. Such a file then stays until the list changes."""

def judge(causes: str) -> tuple[int, str]:
    """Seconds to stay in safe mode, or 0; causes without what is past."""
