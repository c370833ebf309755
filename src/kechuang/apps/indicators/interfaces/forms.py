"""Forms of indicators, targets and figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.observations import check_observation, period_of_observation
from kechuang.apps.indicators.domain.periods import parse_period
from kechuang.apps.indicators.domain.queries.reporting import reporting_regions
from kechuang.apps.indicators.domain.units import plain_text, read_number
from kechuang.apps.indicators.models import Indicator, Observation, Target
from kechuang.kit.errors import DomainError
from kechuang.kit.files import store
from kechuang.kit.permissions import Actor, visible

EVIDENCE = ("pdf", "docx", "xlsx", "png", "jpg")


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class IndicatorForm(forms.ModelForm):
    """An entry of the catalogue with all its names."""

    aliases = forms.CharField(
        label=_("Other names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line. A document that uses one of them means this indicator."),
    )

    class Meta:
        model = Indicator
        fields = (
            "name",
            "aliases",
            "name_en",
            "code",
            "unit",
            "display_unit",
            "direction",
            "kind",
            "frequency",
            "aggregation",
            "weight",
            "responsible_unit",
            "definition",
            "standard",
        )
        widgets = {"definition": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            names = [row.name for row in self.instance.names.all() if row.name != self.instance.name]
            self.fields["aliases"].initial = "\n".join(names)

    def clean_aliases(self) -> list[str]:
        text = self.cleaned_data["aliases"].replace("、", "\n") if "\n" not in self.cleaned_data["aliases"] else ""
        lines = (text or self.cleaned_data["aliases"]).splitlines()
        return [line.strip() for line in lines if line.strip()]


class MergeForm(forms.Form):
    """Which indicator this one is another name of."""

    keep = forms.ModelChoiceField(
        label=_("The indicator that stays"),
        queryset=Indicator.objects.none(),
        help_text=_("All names, targets and figures become those of this one. This cannot be undone."),
    )

    def __init__(self, *args: Any, merge: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Indicator.objects.filter(state=Indicator.State.CONFIRMED).exclude(pk=merge.pk)
        same = others.filter(unit__in=["", merge.unit]) if merge.unit else others
        self.fields["keep"].queryset = same.order_by("name")  # type: ignore[attr-defined]


class TargetForm(forms.ModelForm):
    """A target as an officer sets or corrects it. Values are typed in the unit that people read."""

    value = forms.CharField(
        label=_("Target value"), required=False, help_text=_("In the unit of the indicator; 40亿元")
    )
    value_max = forms.CharField(label=_("Upper end of the range"), required=False)
    baseline = forms.CharField(
        label=_("Baseline"), required=False, help_text=_("The figure from which the way to the target is measured.")
    )

    class Meta:
        model = Target
        fields = (
            "indicator",
            "region",
            "title",
            "comparator",
            "value",
            "value_max",
            "change",
            "period",
            "period_start",
            "period_end",
            "recurrence",
            "path",
            "baseline",
            "baseline_on",
            "baseline_source",
        )
        widgets = {"period_start": _day(), "period_end": _day(), "baseline_on": _day()}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        indicators = visible(actor, Indicator).exclude(state=Indicator.State.MERGED)
        self.fields["indicator"].queryset = indicators  # type: ignore[attr-defined]
        self.fields["region"].queryset = reporting_regions(actor)  # type: ignore[attr-defined]
        if self.instance.pk:
            for name in ("value", "value_max", "baseline"):
                self.initial[name] = plain_text(getattr(self.instance, name), self.instance.indicator)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        indicator = cleaned.get("indicator")
        for name in ("value", "value_max", "baseline"):
            text = str(cleaned.get(name) or "").strip()
            cleaned[name] = self._number(name, text, indicator) if text and indicator else None
        return cleaned

    def _number(self, name: str, text: str, indicator: Indicator) -> Decimal | None:
        try:
            return read_number(text, indicator, name)
        except DomainError as error:
            self.add_error(name, error.message)
            return None

    def _post_clean(self) -> None:
        """The domain checks and writes; the instance on the page stays as it was."""


class ObservationForm(forms.ModelForm):
    """One figure: entered by hand, or a row of a spreadsheet."""

    period = forms.CharField(
        label=_("Period"), max_length=20, help_text=_("2025-03 for a month, 2025-Q1 for a quarter, 2025 for a year")
    )
    value = forms.CharField(label=_("Value"), max_length=40, help_text=_("In the unit that the catalogue shows"))
    source = forms.CharField(
        label=_("Source"), max_length=200, required=False, help_text=_("the record the figure comes from")
    )
    reason = forms.CharField(
        label=_("Reason of the revision"),
        max_length=300,
        required=False,
        help_text=_("Needed where an approved figure changes or the month is closed"),
    )
    file = forms.FileField(label=_("Evidence file"), required=False, help_text=_("PDF, Word, Excel or a picture"))

    class Meta:
        model = Observation
        fields = ("indicator", "region", "period", "value", "source", "reason", "file")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        indicators = visible(actor, Indicator).exclude(state=Indicator.State.MERGED)
        self.fields["indicator"].queryset = indicators.select_related("responsible_unit")  # type: ignore[attr-defined]
        self.fields["region"].queryset = reporting_regions(actor)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["period"] = period_of_observation(self.instance).key
            self.initial["value"] = plain_text(self.instance.value, self.instance.indicator)
            self.initial["reason"] = self.instance.revision_reason
            for name in ("indicator", "region", "period"):
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """Everything that the domain will ask, so that a spreadsheet's mistakes show before anything is written."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            cleaned["period"] = parse_period(cleaned["period"])
            cleaned["value"] = read_number(cleaned["value"], cleaned["indicator"])
            upload = cleaned.pop("file", None)
            if self._says_the_same(cleaned) and not upload:
                return cleaned
            check_observation(
                self.actor,
                indicator=cleaned["indicator"],
                region=cleaned["region"],
                period=cleaned["period"],
                value=cleaned["value"],
                reason=cleaned.get("reason", ""),
            )
            if upload:
                cleaned["evidence"] = store(upload, actor=self.actor, allowed=EVIDENCE)
        except DomainError as error:
            self.add_error(error.field if error.field in self.fields else None, error.message)
        return cleaned

    def _says_the_same(self, cleaned: dict[str, Any]) -> bool:
        """A row of a spreadsheet that repeats what is there needs no reason and no right to change it."""
        stored = self.instance
        return bool(stored.pk) and (cleaned["value"], cleaned.get("source", "")) == (stored.value, stored.source)

    def _post_clean(self) -> None:
        """The domain checks and writes; the instance on the page stays as it was."""


class ReasonForm(forms.Form):
    """Why something is sent back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever entered the figures reads it. Say what to correct."),
    )


class RevisionForm(forms.Form):
    """A new value of an approved figure."""

    value = forms.CharField(label=_("New value"), max_length=40)
    source = forms.CharField(label=_("Source"), max_length=200, required=False)
    reason = forms.CharField(
        label=_("Reason of the revision"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands in the revision log for good."),
    )

    def __init__(self, *args: Any, observation: Observation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.observation = observation
        self.fields["value"].help_text = _("In %(unit)s") % {"unit": observation.indicator.shown_unit}

    def clean_value(self) -> Decimal:
        try:
            return read_number(self.cleaned_data["value"], self.observation.indicator)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error


class LockForm(forms.Form):
    """Which month to close, for which region."""

    month = forms.DateField()
    region = forms.ModelChoiceField(queryset=Region.objects.all())
