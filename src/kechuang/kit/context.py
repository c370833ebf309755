"""What every page needs to draw its frame."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kechuang.kit.permissions import actor_of


def page(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor_of(request)}
