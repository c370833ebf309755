"""The forms of the policy pages, built from what payloads and documents consist of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.payloads import SPECS, Field
from kechuang.apps.policy.domain.queries.vocabulary import beneficiary_classes
from kechuang.apps.policy.models import Conflict, Document, DocumentKind, DocumentState
from kechuang.kit.packs.installed import industry_names
from kechuang.kit.permissions import Actor, visible


class PayloadForm(forms.Form):
    """Correct or add a finding: one field for each part of its payload. The domain checks what was entered."""

    def __init__(self, *args: Any, kind: str, payload: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.kind = kind
        kwargs.setdefault("initial", _initial(kind, payload or {}))
        super().__init__(*args, **kwargs)
        for field in SPECS[kind]:
            self.fields[field.name] = _form_field(field)

    @property
    def payload(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


def _initial(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        field.name: "、".join(payload.get(field.name) or ()) if field.form == "names" else payload.get(field.name)
        for field in SPECS[kind]
    }


def _form_field(field: Field) -> forms.Field:
    common: dict[str, Any] = {"label": field.label, "required": field.required, "help_text": field.help}
    if field.form == "choice":
        choices = field.choices if field.required else (("", "—"), *field.choices)
        return forms.ChoiceField(choices=choices, **common)
    if field.form == "flag":
        return forms.BooleanField(**{**common, "required": False})
    if field.form == "hidden":
        return forms.CharField(widget=forms.HiddenInput, **common)
    if field.form in ("long", "names"):
        rows = 4 if field.name == "measures" else 2
        return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **common)
    attrs: dict[str, Any] = {"inputmode": "decimal"} if field.form in ("money", "number", "percent") else {}
    suffix = {"money": _("yuan"), "percent": "%"}.get(field.form)
    if suffix:
        attrs["data-suffix"] = suffix
    return forms.CharField(widget=forms.TextInput(attrs=attrs), **common)


class NamesField(forms.CharField):
    """A list written with 、 between its parts."""

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        parts = text.replace("，", "、").replace(",", "、").split("、")
        return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class MetadataForm(forms.ModelForm):
    """What the document says of itself and how it is filed."""

    issuers = NamesField(
        label=gettext_lazy("Issued by"), required=False, help_text=gettext_lazy("several separated by 、")
    )
    keywords = NamesField(
        label=gettext_lazy("Keywords"), required=False, help_text=gettext_lazy("several separated by 、")
    )
    no_number = forms.BooleanField(label=gettext_lazy("The document has no number"), required=False)
    no_date = forms.BooleanField(label=gettext_lazy("The document states no date"), required=False)
    industries = forms.MultipleChoiceField(
        label=gettext_lazy("Industries"),
        required=False,
        help_text=gettext_lazy("GB/T 4754-2017; none chosen means all"),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    beneficiaries = forms.MultipleChoiceField(
        label=gettext_lazy("Whom it concerns"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Document
        fields = (
            "title",
            "doc_number",
            "no_number",
            "issuers",
            "issued_on",
            "no_date",
            "kind",
            "effective_from",
            "effective_until",
            "supersedes",
            "beneficiaries",
            "industries",
            "keywords",
        )
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2}),
            "issued_on": DateInput(),
            "effective_from": DateInput(),
            "effective_until": DateInput(),
        }
        help_texts = {"supersedes": gettext_lazy("an older version that ends when this one is published")}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = self.instance
        _offer(self, "industries", [(code, f"{code} {name}") for code, name in industry_names().items()])
        _offer(self, "beneficiaries", beneficiary_classes().items())
        self.fields["title"].required = True
        self.fields["no_number"].initial = "doc_number" in document.absent
        self.fields["no_date"].initial = "issued_on" in document.absent
        older = visible(actor, Document).filter(region=document.region, state=DocumentState.PUBLISHED)
        replaced = Document.objects.filter(pk=document.supersedes_id or 0)
        field = cast("forms.ModelChoiceField[Document]", self.fields["supersedes"])
        field.queryset = older.exclude(pk=document.pk) | replaced
        field.empty_label = _("none")

    @property
    def changes(self) -> dict[str, Any]:
        """What goes to the domain."""
        data = dict(self.cleaned_data)
        absent = {"doc_number": data.pop("no_number"), "issued_on": data.pop("no_date")}
        return {**data, "absent": [name for name, chosen in absent.items() if chosen]}

    def _post_clean(self) -> None:
        """The domain writes; this form leaves the instance alone."""


class UploadForm(forms.Form):
    region = forms.ModelChoiceField(queryset=Region.objects.none(), label=gettext_lazy("Region"), empty_label=None)

    def __init__(self, *args: Any, regions: QuerySet[Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        field.queryset, field.initial = regions, regions.first()


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        help_text=gettext_lazy("readers of the history will see it"),
    )


class RepealForm(ReasonForm):
    on = forms.DateField(label=gettext_lazy("Repealed as of"), widget=DateInput())


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("What holds"), choices=Conflict.Decision.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        error_messages={"required": gettext_lazy("Write down why: whoever asks later will read it.")},
    )


class LibraryForm(forms.Form):
    """The filters of the library; every one is optional and stands in the address."""

    q = forms.CharField(required=False, max_length=100)
    what = forms.ChoiceField(required=False, choices=())
    issuer = forms.ChoiceField(label=gettext_lazy("Issued by"), required=False)
    year = forms.ChoiceField(label=gettext_lazy("Year"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)
    industry = forms.ChoiceField(label=gettext_lazy("Industry"), required=False)
    beneficiary = forms.ChoiceField(label=gettext_lazy("Whom it concerns"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of document"), required=False)
    amount_min = forms.DecimalField(
        label=gettext_lazy("Amount from (10,000 yuan)"), required=False, min_value=0, max_digits=12, decimal_places=4
    )
    amount_max = forms.DecimalField(
        label=gettext_lazy("Amount to (10,000 yuan)"), required=False, min_value=0, max_digits=12, decimal_places=4
    )
    in_force = forms.BooleanField(label=gettext_lazy("only what is in force"), required=False)

    def __init__(self, data: Any, *, facets: Any, kinds: Any) -> None:
        super().__init__(data)
        every = [("", _("all"))]
        _offer(self, "what", kinds)
        _offer(self, "issuer", [*every, *((name, name) for name in facets.issuers)])
        _offer(self, "year", [*every, *((str(year), str(year)) for year in facets.years)])
        _offer(self, "region", [*every, *((region.code, region.name) for region in facets.regions)])
        _offer(self, "industry", [*every, *facets.industries])
        _offer(self, "beneficiary", [*every, *beneficiary_classes().items()])
        _offer(self, "kind", [*every, *DocumentKind.choices])


def _offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Set the choices of a field that are known only when the form is made."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)
