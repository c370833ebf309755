"""Units of government as officials keep them beside what the pack brings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Unit
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise


@transaction.atomic
def add_unit(actor: Actor, **values: Any) -> Unit:
    """Enter a unit that the pack does not know. Its code is made from its region and a number."""
    authorise(actor, "add", Unit)
    unit = Unit(**values)
    last = Unit.objects.select_for_update().filter(region=unit.region).order_by("-order").first()
    unit.order = last.order + 1 if last else 0
    unit.code = f"{unit.region.code}/{unit.order}"
    return _saved(unit)


@transaction.atomic
def change_unit(actor: Actor, *, unit: Unit, **values: Any) -> Unit:
    """Correct a unit: a new name is how documents will be read from now on, the old one belongs among the aliases."""
    locked = Unit.objects.select_for_update().get(pk=unit.pk)
    authorise(actor, "change", locked)
    for name, value in values.items():
        setattr(locked, name, value)
    return _saved(locked)


def _saved(unit: Unit) -> Unit:
    taken = Unit.objects.filter(region=unit.region, name=unit.name).exclude(pk=unit.pk).first()
    if taken:
        raise DomainError(_("%(name)s is in the directory already.") % {"name": unit.name}, field="name")
    try:
        unit.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field=field) from None
    unit.save()
    return unit
