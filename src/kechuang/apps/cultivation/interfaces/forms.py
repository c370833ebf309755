"""Forms of certifications and of the reserve library."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kechuang.apps.cultivation.domain.queries.scope import enterprises
from kechuang.apps.cultivation.interfaces.fields import OrganisationField
from kechuang.apps.cultivation.ladder import tier_choices
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.directory.models import Organisation
from kechuang.kit.permissions import Actor, visible


class TierField(forms.ChoiceField):
    """A rung of the pack's ladder."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("tier"))
        super().__init__(choices=tier_choices, **kwargs)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class CertificationForm(forms.ModelForm):
    organisation = OrganisationField()
    tier = TierField()

    class Meta:
        model = Certification
        fields = ("organisation", "tier", "number", "issued_on", "valid_until", "times", "source", "source_note")
        widgets = {"issued_on": DateInput(), "valid_until": DateInput()}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, OrganisationField)  # noqa: S101 -- declared above
        field.queryset = visible(actor, Organisation)


class ReserveEntryForm(forms.ModelForm):
    organisation = OrganisationField()
    tier = TierField(label=_("tier aimed at"))

    class Meta:
        model = ReserveEntry
        fields = ("organisation", "tier", "entered_on", "reason")
        widgets = {"entered_on": DateInput()}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, OrganisationField)  # noqa: S101 -- declared above
        field.queryset = enterprises(actor)


class RevokeForm(forms.Form):
    """Why the authority took a recognition back."""

    reason = forms.CharField(label=_("reason"), max_length=300, help_text=_("the enterprise reads it"))


class LeaveForm(forms.Form):
    """Why an enterprise leaves the library."""

    exit_reason = forms.ChoiceField(label=_("why it leaves"), choices=ReserveEntry.Exit.choices)
    exit_note = forms.CharField(label=_("note"), max_length=300, required=False)
