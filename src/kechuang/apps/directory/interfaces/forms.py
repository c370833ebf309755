"""Forms of the directory."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Membership, Organisation, Region, Unit, User
from kechuang.apps.directory.roles import ORGANISATION_ROLES, Role
from kechuang.apps.directory.uscc import clean_uscc, validate_uscc

ORGANISATION_FIELDS: tuple[str, ...] = (
    "name",
    "kind",
    "region",
    "industry",
    "founded_on",
    "address",
    "contact_name",
    "contact_phone",
)


class UsccField(forms.CharField):
    """A unified social credit code as people paste it: blanks, hyphens, lower case and full-width forms are folded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[validate_uscc], max_length=40, **options)

    def to_python(self, value: Any) -> str:
        return clean_uscc(super().to_python(value) or "")


class OrganisationForm(forms.ModelForm):
    """The record of an organisation as an official or its administrator edits it."""

    class Meta:
        model = Organisation
        fields = ORGANISATION_FIELDS
        widgets = {"founded_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = counties()  # type: ignore[attr-defined]
        self.fields["region"].label_from_instance = lambda region: region.name  # type: ignore[attr-defined]


class NewOrganisationForm(OrganisationForm):
    """A new record: everything above, and the code that names the organisation for good."""

    uscc = UsccField(
        label=_("Unified social credit code"),
        help_text=_("18 characters, as on the business licence. Blanks do not matter."),
    )

    class Meta(OrganisationForm.Meta):
        fields: tuple[str, ...] = ("uscc", *ORGANISATION_FIELDS)


class LicenceField(forms.FileField):
    """A scan or photo of the business licence."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Business licence"),
            required=False,
            help_text=_("A photo or scan (PDF, JPG or PNG). With it the workstation can usually verify the same day."),
            widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        )


class OwnOrganisationForm(OrganisationForm):
    """One's own organisation's record; the licence can be added or replaced."""

    licence = LicenceField()


class RegistrationForm(NewOrganisationForm):
    """What a person who registers the own organisation is asked: the least that its county needs to verify it."""

    licence = LicenceField()

    class Meta(NewOrganisationForm.Meta):
        fields = ("uscc", "name", "kind", "region", "address", "contact_name", "contact_phone")
        help_texts = {
            "region": _("The county or zone of your registered address. Its workstation verifies your registration."),
            "contact_phone": _("So that the workstation can ask back."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("contact_name", "contact_phone"):
            self.fields[name].required = True


class MemberForm(forms.Form):
    """Bring a person with an account into one's organisation."""

    account = forms.CharField(
        label=_("User name or e-mail"),
        help_text=_("The person needs an account first: anyone can sign up."),
        max_length=150,
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[(role.value, role.label) for role in Role if role in ORGANISATION_ROLES]
    )

    def clean_account(self) -> User:
        name = self.cleaned_data["account"].strip()
        user = User.objects.filter(username=name).first() or User.objects.filter(email__iexact=name).first()
        if user is None:
            raise forms.ValidationError(
                _("There is no account with this user name or e-mail. Please check the spelling.")
            )
        return user


class MembershipForm(forms.ModelForm):
    """Grant a role: which scope it needs depends on the role."""

    class Meta:
        model = Membership
        fields = ("user", "role", "region", "unit", "organisation", "valid_from", "valid_until")
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("valid_from", "valid_until")
        }
        help_texts = {
            "region": _("For officials: the role holds in this region and everything below it."),
            "unit": _("For responsible units."),
            "organisation": _("For organisations' people."),
        }


class UnitForm(forms.ModelForm):
    """A unit of government; several other names are divided by 、 or commas."""

    class Meta:
        model = Unit
        fields = ("name", "full_name", "aliases", "kind", "region", "active")
        help_texts = {"aliases": _("Other names under which documents speak of it, divided by commas.")}


class ReasonForm(forms.Form):
    """Why something goes back, or ends."""

    reason = forms.CharField(
        label=_("Reason"), help_text=_("The other side reads it. Say what to correct."), widget=forms.Textarea
    )


class PersonForm(forms.ModelForm):
    """What a person says of themselves."""

    class Meta:
        model = User
        fields = ("display_name", "email", "phone")


def counties() -> Any:
    """Counties and functional zones, in the order of the pack."""
    levels = (Region.Level.COUNTY, Region.Level.ZONE)
    return Region.objects.filter(level__in=levels).select_related("parent").order_by("parent__order", "order")
