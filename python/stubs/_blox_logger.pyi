"""Loggers whose calls never raise, and their records (bind/logger). What
`logging` is made of."""

from typing import Any

def start() -> Any:
    """The root logger."""

def getattr(name: str) -> Any:
    """What `logging` does not keep itself: a level, or an attribute of
    `logging.handler`, which is loaded for it."""
