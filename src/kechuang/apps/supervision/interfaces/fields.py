"""Form fields that know the ledger's habits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kechuang.apps.directory.domain.names import split_names
from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.domain.units import UnitNames


class UnitsField(forms.CharField):
    """Units by their names, as one copies them from a document: 市科技局、市财政局. Other known names will do too."""

    def __init__(self, *, single: bool = False, **options: Any) -> None:
        self.single = single
        options.setdefault("required", False)
        super().__init__(**options)

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else "、".join(unit.name for unit in _units(value))

    def clean(self, value: Any) -> Any:
        names = split_names(super().clean(value) or "")
        known = UnitNames()
        units = {name: known.find(name) for name in names}
        unknown = [name for name, unit in units.items() if unit is None]
        if unknown:
            raise ValidationError(
                _("No unit is known by the name %(names)s. Check the spelling, or add it to the directory first.")
                % {"names": "、".join(unknown)}
            )
        found = list(dict.fromkeys(unit for unit in units.values() if unit is not None))
        if not self.single:
            return found
        if len(found) > 1:
            raise ValidationError(_("Name one unit only."))
        return found[0] if found else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = [unit.pk for unit in _units(initial)]
        try:
            after = [unit.pk for unit in _units(self.clean(data))]
        except ValidationError:
            return True
        return before != after


def _units(value: Any) -> Iterable[Unit]:
    if value is None or isinstance(value, str):
        return []
    return [value] if isinstance(value, Unit) else value
