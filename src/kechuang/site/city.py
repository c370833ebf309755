"""The city that this installation serves."""

from __future__ import annotations

from django.conf import settings

from kechuang.apps.directory.models import Region
from kechuang.kit.packs import PackError, load_pack


def city() -> Region | None:
    """The region of the installed pack; None before a pack is loaded."""
    try:
        code = load_pack(settings.PACK).region
    except PackError:
        return None
    return Region.objects.filter(code=code).first()
