"""What documents state, as the engine compares it."""

from __future__ import annotations

from dataclasses import dataclass

from kechuang.apps.policy.models import Document


@dataclass(frozen=True, slots=True)
class Clash:
    """Two findings that state the same fact differently; ``first`` stands in the earlier document."""

    first_id: int
    second_id: int
    grade: str
    reason: str


def clashes_with(document: Document) -> list[Clash]:
    """Every clash of this document's published findings with those of the others in force in its region."""
    return []
