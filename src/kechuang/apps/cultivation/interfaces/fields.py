"""Form fields of this app."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.directory.models import Organisation


class OrganisationField(forms.ModelChoiceField):
    """An organisation typed by its code or full name: a list of thousands to choose from helps nobody."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", Organisation.objects.all())
        kwargs.setdefault("label", gettext_lazy("organisation"))
        kwargs.setdefault("help_text", gettext_lazy("the 18-character code or the full registered name"))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Organisation):
            return value.uscc
        if isinstance(value, int):
            return self._rows().filter(pk=value).values_list("uscc", flat=True).first() or ""
        return value

    def _rows(self) -> QuerySet[Organisation]:
        assert self.queryset is not None  # noqa: S101 -- given when the field is made
        return self.queryset

    def to_python(self, value: Any) -> Organisation | None:
        if isinstance(value, Organisation):
            return value
        text = str(value or "").strip()
        if not text:
            return None
        rows = self._rows()
        if text.isdecimal() and len(text) < 16:
            found = rows.filter(pk=int(text)).first()
        else:
            found = rows.filter(uscc=text.upper()).first() or rows.filter(name=text).first()
        if found is None:
            message = _("“%(text)s” is not in the directory of your region. Check the code, or register it first.")
            raise ValidationError(message % {"text": text})
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        was = initial.pk if isinstance(initial, Organisation) else initial
        try:
            now = self.to_python(data)
        except ValidationError:
            return True
        return was != (now.pk if now else None)
