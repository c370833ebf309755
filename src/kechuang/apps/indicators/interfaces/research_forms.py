"""Forms of the research account."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kechuang.apps.indicators.interfaces.research import Category, read_amount
from kechuang.apps.indicators.models import RdProject
from kechuang.kit.errors import DomainError
from kechuang.kit.numbers import number_text


class ProjectForm(forms.ModelForm):
    class Meta:
        model = RdProject
        fields = ("code", "name", "started_on", "ended_on")
        widgets = {name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in fields[2:]}


class AmountField(forms.CharField):
    """Yuan, written as books write them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=40, show_hidden_initial=True, **kwargs)
        self.widget.attrs["inputmode"] = "decimal"
        self.widget.suffix = "元"

    def clean(self, value: Any) -> Decimal:
        """Empty is nothing spent."""
        try:
            return read_amount(super().clean(value)) or Decimal(0)
        except DomainError as error:
            raise forms.ValidationError(error.message) from None


class MonthForm(forms.Form):
    """What a project cost in a month, one field for each class.

    Only what the person changed is kept, so that two people at different classes do not undo each other.
    """

    def __init__(self, *args: Any, known: Mapping[str, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Category:
            shown = number_text(known[kind], 2) if kind in known else ""
            self.fields[kind.value] = AmountField(label=kind.label, help_text=HELP[kind], initial=shown)

    @property
    def changed(self) -> dict[str, Decimal]:
        """Class → yuan of the fields that were changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class TableForm(forms.Form):
    """Rows copied from a spreadsheet, or the file itself."""

    table = forms.CharField(
        label=_("rows of your table"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "wrap": "off", "spellcheck": "false"}),
        help_text=_("Copy them in Excel, with the row of headings, and paste them here."),
    )  # fmt: skip
    file = forms.FileField(label=_("or a filled-in workbook"), required=False, help_text=_("Excel or CSV"))


HELP: dict[str, Any] = {
    Category.STAFF: _("wages, social insurance and housing fund of the people at the project, and labour hired for it"),
    Category.DIRECT: _("material, fuel and power, moulds, trial production, upkeep and rent of instruments"),
    Category.DEPRECIATION: _("of instruments and equipment used for research"),
    Category.AMORTISATION: _("of software, patents and know-how used for research"),
    Category.DESIGN: _("design of new products and processes, clinical trials, field trials of exploration"),
    Category.OTHER: _("books, translation, experts, insurance, search and application of property, travel, meetings"),
    Category.COMMISSIONED: _("the whole amount paid; the rules count 80 % of it"),
    Category.ABROAD: _("the whole amount paid to bodies abroad, not to persons; the rules count 80 % up to a limit"),
}
