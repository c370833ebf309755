"""What a rule says beside its conditions and its amount, as a form; and the definition that a form makes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.fact_values import read_value, typed
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain.queries.rules import library_document
from kechuang.apps.policy.domain.rules import find_quote
from kechuang.apps.policy.interfaces.figures import joined, places_of, split
from kechuang.apps.policy.interfaces.forms import DateInput
from kechuang.apps.policy.interfaces.rule_words import PAYERS, PER
from kechuang.apps.policy.models import Document, Rule, RuleForm, RuleKind, RuleSubject
from kechuang.kit.errors import DomainError
from kechuang.kit.packs.installed import industry_names, installed_pack

_MONEY = FactKind(code="money", kind=FactKind.Kind.MONEY, unit="元", low=Decimal(0))
Definition = Mapping[str, Any]


class MoneyField(forms.CharField):
    """A sum typed in 万元; its value is whole yuan or None."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        widget.suffix = "万元"  # type: ignore[attr-defined]
        super().__init__(required=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return typed(_MONEY, value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        try:
            found = read_value(_MONEY, value, typed=True)
        except DomainError as error:
            raise forms.ValidationError(error.message) from None
        return None if found is None else int(Decimal(str(found)))


class CodesField(forms.CharField):
    """Codes chosen by their names, several separated by 、; its value is a list of codes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}), **kwargs)
        self.names: Mapping[str, str] = {}

    def prepare_value(self, value: Any) -> Any:
        return joined(self.names.get(code, code) for code in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        codes = {name: code for code, name in reversed(list(self.names.items()))}
        found = []
        for word in split(value or ""):
            if word not in codes and word not in self.names:
                raise forms.ValidationError(_("“%(text)s” is in no list: choose from the list.") % {"text": word})
            found.append(codes.get(word, word))
        return found


def _tiers() -> list[tuple[str, str]]:
    english = (get_language() or "").startswith("en")
    found = [
        (tier.code, tier.name_en if english else tier.name)
        for ladder in installed_pack().ladders
        for tier in ladder.tiers
    ]
    return [("", _("none")), *found]


class RuleEntryForm(forms.Form):
    """The scalar parts of a rule. ``region`` and ``code`` are asked for a new rule only; ``home`` is its region."""

    title = forms.CharField(label=gettext_lazy("title"), max_length=200)
    region = forms.ModelChoiceField(Region.objects.none(), label=gettext_lazy("region"), empty_label=None)
    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=RuleKind.choices, initial=RuleKind.BENEFIT)
    subject = forms.ChoiceField(label=gettext_lazy("for"), choices=RuleSubject.choices)
    form = forms.ChoiceField(label=gettext_lazy("form"), choices=RuleForm.choices)
    tier = forms.ChoiceField(
        label=gettext_lazy("rung of the ladder"),
        required=False,
        help_text=gettext_lazy("only for a rung of the ladder"),
    )
    name_en = forms.CharField(label=gettext_lazy("English title"), max_length=300, required=False)
    code = forms.RegexField(
        r"^[A-Za-z0-9_-]{1,80}$", label=gettext_lazy("code"), required=False,
        help_text=gettext_lazy("letters, digits, - and _; left empty, the platform chooses one"),
    )  # fmt: skip

    payer = forms.ChoiceField(label=gettext_lazy("paid by"), choices=list(PAYERS.items()), initial="city")
    per = forms.ChoiceField(
        label=gettext_lazy("how often"), choices=[*PER.items(), ("unstated", gettext_lazy("not stated"))]
    )
    once = forms.BooleanField(label=gettext_lazy("paid once only, whatever happens later"), required=False)
    per_year = MoneyField(label=gettext_lazy("at most a year"))
    total = MoneyField(label=gettext_lazy("at most in all"))
    group = forms.CharField(
        label=gettext_lazy("highest, not both"), max_length=80, required=False,
        help_text=gettext_lazy("Of the rules with the same group word only the highest is paid."),
    )  # fmt: skip

    valid_from = forms.DateField(label=gettext_lazy("valid from"), required=False, widget=DateInput())
    valid_to = forms.DateField(label=gettext_lazy("valid until"), required=False, widget=DateInput())
    places = CodesField(
        label=gettext_lazy("only in these places"),
        help_text=gettext_lazy("Names separated by 、. Who does not say where they are is asked, never left out."),
    )
    trades = CodesField(
        label=gettext_lazy("only in these industries"), help_text=gettext_lazy("Names or codes separated by 、.")
    )

    document = forms.CharField(
        label=gettext_lazy("source document"), max_length=200, help_text=gettext_lazy("its number or its title")
    )
    article = forms.CharField(label=gettext_lazy("article"), max_length=120, required=False)
    quote = forms.CharField(
        label=gettext_lazy("what the document says"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The very words, copied from the document: enterprises see them beside the answer."),
    )  # fmt: skip
    next_zh = forms.CharField(
        label=gettext_lazy("next step"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What the enterprise does now, and where."),
    )  # fmt: skip
    next_en = forms.CharField(
        label=gettext_lazy("next step in English"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    without_application = forms.BooleanField(label=gettext_lazy("paid without application (免申即享)"), required=False)
    check_again = forms.CharField(
        label=gettext_lazy("to be verified"), max_length=500, required=False,
        help_text=gettext_lazy("What the document leaves open; everybody who reads the rule sees it."),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("note for the publisher"), max_length=500, required=False,
        help_text=gettext_lazy("What changes, and why."),
    )  # fmt: skip

    def __init__(self, *args: Any, regions: Any, rule: Rule | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        self.fields["tier"].choices = _tiers()  # type: ignore[attr-defined]
        if rule is not None:
            for name in ("region", "code"):
                del self.fields[name]
            self.home: Region = rule.region
        else:
            self.fields["region"].queryset = regions  # type: ignore[attr-defined]
            self.home = self._chosen(regions)
            self.initial.setdefault("region", self.home.pk)
        self.fields["places"].names = places_of(self.home)  # type: ignore[attr-defined]
        self.fields["trades"].names = industry_names()  # type: ignore[attr-defined]

    def _chosen(self, regions: Any) -> Region:
        key = str(self.data.get("region", ""))
        chosen = regions.filter(pk=int(key)).first() if key.isdecimal() else None
        return chosen or regions.filter(level=Region.Level.PREFECTURE).first() or regions[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("valid_from"), data.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", _("It ends before it begins."))
        if data.get("kind") == RuleKind.TIER and not data.get("tier"):
            self.add_error("tier", _("Choose the rung that this rule describes."))
        self._clean_quote(data)
        return data

    def _clean_quote(self, data: dict[str, Any]) -> None:
        document = self.document_of(data)
        quote = data.get("quote") or ""
        if document is None or not quote or self._restated:
            return
        if find_quote(document.text, quote) is None:
            message = _("These words do not stand in %(document)s. Copy them from its page.")
            self.add_error("quote", message % {"document": document.doc_number or f"《{document.title}》"})

    @property
    def _restated(self) -> bool:
        """The source is told in our own words, as a pack may do."""
        current = self.rule.current if self.rule else None
        return bool(current and "restatement" in (current.definition.get("source") or {}))

    def document_of(self, data: Mapping[str, Any]) -> Document | None:
        """The document of the library that is named."""
        name = str(data.get("document") or "")
        if self.rule is not None and self.rule.document is not None and name == self.rule.stated_in:
            return self.rule.document
        found = library_document(self.home, name)
        return Document.objects.get(pk=found.pk) if found is not None else None

    def definition(self, before: Definition) -> dict[str, Any]:
        """``before`` with what the form says; keys that the form does not show stay as they are."""
        data = self.cleaned_data
        entry = {**before, **{name: data[name] for name in ("title", "kind", "subject", "form", "payer", "per")}}
        entry["without_application"] = data["without_application"]
        _set(entry, "name_en", data["name_en"])
        _set(entry, "group", data["group"])
        _set(entry, "check", data["check_again"])
        _set(entry, "tier", data["tier"] if data["kind"] == RuleKind.TIER else "")
        days = [day.isoformat() if day else None for day in (data["valid_from"], data["valid_to"])]
        if any(days) or "valid" in entry:
            entry["valid"] = days
        limits = {"once": True} if data["once"] else {}
        _set(entry, "limits", limits | {name: data[name] for name in ("per_year", "total") if data[name] is not None})
        scope = {k: v for k, v in (before.get("scope") or {}).items() if k not in ("region", "industry")}
        scope |= {key: data[name] for key, name in (("region", "places"), ("industry", "trades")) if data[name]}
        _set(entry, "scope", scope)
        _set(entry, "next", {k: v for k, v in (("zh-hans", data["next_zh"]), ("en", data["next_en"])) if v})
        entry["source"] = self._source(before.get("source") or {})
        return entry

    def _source(self, before: Mapping[str, Any]) -> dict[str, Any]:
        data = self.cleaned_data
        source = dict(before)
        named = self.rule is not None and data["document"] == self.rule.stated_in
        source["document"] = self.rule.source if self.rule is not None and named else data["document"]
        _set(source, "article", data["article"])
        _set(source, "restatement" if "restatement" in before else "quote", data["quote"])
        return source


def _set(entry: dict[str, Any], name: str, value: Any) -> None:
    """Keep a key only where it says something."""
    if value:
        entry[name] = value
    else:
        entry.pop(name, None)


def initial_of(definition: Definition, rule: Rule | None) -> dict[str, Any]:
    """What the fields show of a definition."""
    names = ("title", "name_en", "kind", "subject", "form", "tier", "payer", "per", "group", "without_application")
    found = {name: definition[name] for name in names if name in definition}
    limits, scope, source = (definition.get(name) or {} for name in ("limits", "scope", "source"))
    document = str(source.get("document") or "")
    if rule is not None and document[:200] == rule.source:
        document = rule.stated_in
    valid, following = definition.get("valid") or [None, None], definition.get("next") or {}
    return found | {
        "once": bool(limits.get("once")),
        "per_year": limits.get("per_year"),
        "total": limits.get("total"),
        "valid_from": valid[0],
        "valid_to": valid[1],
        "places": _list(scope.get("region")),
        "trades": _list(scope.get("industry")),
        "document": document,
        "article": source.get("article", ""),
        "quote": source.get("quote") or source.get("restatement") or "",
        "next_zh": following.get("zh-hans", ""),
        "next_en": following.get("en", ""),
        "check_again": definition.get("check", ""),
    }


def _list(codes: Any) -> list[str]:
    return [str(code) for code in (codes if isinstance(codes, list) else [codes] if codes else [])]
