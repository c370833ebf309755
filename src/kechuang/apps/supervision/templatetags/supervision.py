"""Template tags of the ledger: ``{% load supervision %}``."""

from __future__ import annotations

from typing import Any

from django import template

from kechuang.apps.supervision.domain.lights import Reading, light_of
from kechuang.apps.supervision.interfaces.lights import drawn
from kechuang.apps.supervision.models import Task
from kechuang.kit import lights

register = template.Library()


@register.filter
def task_light(reading: Reading) -> lights.Light:
    """The light of a reading, to be drawn by ``badge``."""
    return drawn(reading.light)


@register.simple_tag
def reading_of(task: Task) -> Any:
    """The light of a task with its reason."""
    return light_of(task)
