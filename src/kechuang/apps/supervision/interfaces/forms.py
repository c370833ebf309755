"""Forms of the ledger, of reports and of requests for more time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.interfaces.fields import UnitsField
from kechuang.apps.supervision.models import Plan, ProgressReport, Task, TaskUnit
from kechuang.apps.supervision.rules import rules
from kechuang.kit.permissions import Actor, visible


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%d", **options)


class RegionChoice(forms.ModelChoiceField):
    """Regions by name, in their order, the city first."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Region.objects.order_by("path"), **options)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class PlanForm(forms.ModelForm):
    """Whether the public sees the plan; its title and number come from the document."""

    class Meta:
        model = Plan
        fields = ("is_public",)
        help_texts = {
            "is_public": _("The public then sees each task with its units, deadline and light; never a report.")
        }


class NewPlanForm(forms.ModelForm):
    """A ledger that has no document on the platform."""

    class Meta:
        model = Plan
        fields = ("title", "doc_number", "region", "issued_on", "is_public")
        widgets = {"issued_on": DayInput()}


class TaskForm(forms.ModelForm):
    """A line of the ledger."""

    lead = UnitsField(
        single=True, label=_("lead unit"), help_text=_("The unit in charge, where the document names one.")
    )
    units = UnitsField(
        label=_("responsible units"),
        help_text=_("Divided by 、 as in the document. The first one is in charge where no lead unit is named."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Task
        fields = ("title", "number", "section", "measures", "lead", "units", "deadline_label", "due_on", "weight")
        widgets = {"due_on": DayInput(), "measures": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "deadline_label": _("As the document writes it, e.g. 十四五期间 or 2025年底."),
            "due_on": _("Left empty, it is worked out from the words above."),
            "weight": _("How much it counts among the parts of a task, 1 to 100."),
        }

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        if instance is not None and instance.pk:
            kwargs["initial"] = {**_units_of(instance), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["weight"].required = False

    def clean_weight(self) -> int:
        return self.cleaned_data.get("weight") or 1


class NewTaskForm(TaskForm):
    """A new line: also in which plan it stands."""

    class Meta(TaskForm.Meta):
        fields = ("plan", *TaskForm.Meta.fields)  # type: ignore[assignment]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["plan"].queryset = visible(actor, Plan)  # type: ignore[attr-defined]


def _units_of(task: Task) -> dict[str, Any]:
    rows = [row for row in task.task_units.select_related("unit") if row.unit]
    lead = next((row.unit for row in rows if row.role == TaskUnit.Role.LEAD), None)
    return {"lead": lead, "units": [row.unit for row in rows if row.unit != lead]}


class PartForm(forms.Form):
    """A part of a task."""

    title = forms.CharField(label=_("title"), max_length=300)
    region = RegionChoice(
        label=_("region"), help_text=_("The county that it is handed to, or the region of the whole.")
    )
    lead = UnitsField(single=True, label=_("lead unit"))
    units = UnitsField(
        label=_("responsible units"), help_text=_("Divided by 、"), widget=forms.Textarea(attrs={"rows": 2})
    )
    due_on = forms.DateField(
        label=_("due on"), required=False, widget=DayInput(), help_text=_("Left empty, that of the whole.")
    )
    weight = forms.IntegerField(label=_("weight"), min_value=1, max_value=100, initial=1)
    measures = forms.CharField(label=_("measures"), required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(path__startswith=task.region.path)  # type: ignore[attr-defined]
        self.fields["region"].initial = task.region


class ReportForm(forms.Form):
    """What a unit says about its progress: made for a phone as well as for a desk. A draft need not be complete."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("reporting unit"), empty_label=None)
    percent = forms.IntegerField(label=_("progress (%)"), min_value=0, max_value=100)
    narrative = forms.CharField(
        label=_("What was done in this period"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Facts and figures, in a few sentences."),
    )
    problems = forms.CharField(
        label=_("What stands in the way"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What blocks the work, and whose help is needed. Empty where nothing does."),
    )
    next_steps = forms.CharField(label=_("Next steps"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self,
        *args: Any,
        units: list[Unit],
        report: ProgressReport | None,
        task: Task,
        complete: bool = True,
        **kwargs: Any,
    ) -> None:
        source = report or ProgressReport(percent=task.percent)
        initial = {name: getattr(source, name) for name in ("percent", "narrative", "problems", "next_steps")}
        initial["unit"] = report.unit_id if report else units[0].pk
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units])  # type: ignore[attr-defined]
        if len(units) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
        self.fields["narrative"].required = complete


class ReturnForm(forms.Form):
    """Why a report goes back."""

    reason = forms.CharField(
        label=_("What is missing"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The unit reads it word for word. Say what to add or correct."),
    )


class ExtensionForm(forms.Form):
    """How much more time, and why."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("the unit"), empty_label=None)
    requested_due = forms.DateField(label=_("New deadline"), widget=DayInput())
    reason = forms.CharField(
        label=_("Why more time is needed"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What has been done, what is missing, and by when it will be there."),
    )

    def __init__(self, *args: Any, units: list[Unit], task: Task, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units])  # type: ignore[attr-defined]
        self.fields["unit"].initial = units[0].pk
        if len(units) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
        earliest = max(task.due_on or timezone.localdate(), timezone.localdate()) + timedelta(days=1)
        self.fields["requested_due"].widget.attrs["min"] = earliest.isoformat()


class RemindForm(forms.Form):
    """A word to go with a reminder."""

    note = forms.CharField(
        label=_("A word to go with it"),
        required=False,
        max_length=200,
        help_text=_("E.g. by when you want the report."),
    )


class DeadlineForm(forms.Form):
    """A deadline for several tasks at once."""

    due_on = forms.DateField(label=_("due on"), required=False, widget=DayInput())
    label = forms.CharField(
        label=_("or in words"), required=False, max_length=60, help_text=_("Such as 2026年底 or 十五五末.")
    )


class AssignForm(forms.Form):
    """Units for several tasks at once."""

    lead = UnitsField(single=True, label=_("lead unit"))
    units = UnitsField(
        label=_("responsible units"), help_text=_("Divided by 、"), widget=forms.Textarea(attrs={"rows": 2})
    )
    keep = forms.BooleanField(label=_("Keep the units that the tasks have already"), required=False, initial=True)


class NameForm(forms.Form):
    """Which unit a name in the documents means."""

    raw_name = forms.CharField(widget=forms.HiddenInput())
    unit = UnitsField(single=True, required=True, label=_("the unit"))


class BulletinForm(forms.Form):
    """A new issue of the bulletin."""

    region = RegionChoice(label=_("region"), empty_label=None)

    def __init__(self, *args: Any, regions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]


def reporting_rhythm() -> str:
    """How often units report, as the pack states it."""
    words = {"monthly": _("every month"), "quarterly": _("every quarter"), "yearly": _("every year")}
    return str(words[rules().report_frequency])
