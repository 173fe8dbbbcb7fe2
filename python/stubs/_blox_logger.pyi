"""Loggers whose calls never raise, and their records (bind/logger). What
`logging` is made of."""

from collections.abc import Callable
from typing import Any

def start(
    new_handler: Callable[[], Any],
    time_ns: Callable[[], int],
    ticks_ms: Callable[[], int],
    print_exception: Callable[..., None],
    stderr: Any,
    epoch: int,
) -> Any:
    """The root logger. `new_handler` makes the handler that records go to when
    there is none; `epoch`: seconds since 1970 of the clock's 0."""
