"""The errors a domain function may raise; only views turn them into HTTP.

Every message is translated, says what to do next, and names the field or the row where there is one.
"""

from __future__ import annotations


class DomainError(Exception):
    """A request that the rules of the domain do not allow; the message is for the person who asked.

    ``field`` is the name of the form field at fault, None where the fault is of the whole request.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field


class Refused(DomainError):
    """The actor may not do this; the message says why and who may."""


class Stale(DomainError):
    """Someone else changed the record since it was read; nothing was written."""
