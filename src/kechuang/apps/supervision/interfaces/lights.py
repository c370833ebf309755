"""How the states and lights of this app are drawn."""

from __future__ import annotations

from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.models import ExtensionState, TaskState
from kechuang.kit import lights

ICONS = {
    TaskState.PLANNED: ("circle-dashed", "unknown"),
    TaskState.IN_PROGRESS: ("progress-check", "good"),
    TaskState.STOPPED: ("ban", "unknown"),
    ExtensionState.REQUESTED: ("hourglass", "soon"),
    ExtensionState.GRANTED: ("circle-check", "good"),
}

lights.register_light(Light.NO_DEADLINE.value, Light.NO_DEADLINE.label, "help-circle", "unknown")
for _state, (_icon, _tone) in ICONS.items():
    lights.register_light(_state.value, _state.label, _icon, _tone)


def drawn(key: str) -> lights.Light:
    """A task's light in this app's word for it."""
    return lights.light(key, Light(key).label)
