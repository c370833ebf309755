"""Forms about facts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kechuang.apps.indicators.domain.fact_values import unit_of
from kechuang.apps.indicators.models import FactKind


class ContestForm(forms.Form):
    """Why a known value is not right, and which one is."""

    value = forms.CharField(
        label=_("what it should be"), required=False, max_length=300,
        help_text=_("leave it empty if you do not know it either"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("why it is not right"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("name the record that says so, such as the audit report"),
    )  # fmt: skip
    evidence = forms.FileField(label=_("evidence file"), required=False, help_text=_("PDF, picture or Excel"))

    def __init__(self, *args: Any, kind: FactKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].widget.suffix = unit_of(kind)
