"""Chinese city policy text in; tasks, targets, benefits, funds and facilities out, each with its exact span."""

from kechuang.engines.extraction.engine import extract
from kechuang.engines.extraction.model import (
    Benefit,
    Extraction,
    Facility,
    Fund,
    Heading,
    Item,
    Meta,
    Passage,
    Reference,
    Target,
    Task,
)

__all__ = [
    "Benefit",
    "Extraction",
    "Facility",
    "Fund",
    "Heading",
    "Item",
    "Meta",
    "Passage",
    "Reference",
    "Target",
    "Task",
    "extract",
]
