"""The amount of a rule in a form: fixed, a share of a figure, steps, or a calculation as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.indicators.domain.fact_values import read_value, typed
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.interfaces.conditions import Condition, posted, shown, text_from, typed_text
from kechuang.apps.policy.interfaces.figures import Figures
from kechuang.apps.policy.models import AmountIs
from kechuang.engines.rules.amounts import AmountForm, Fixed, Rate, Tiers, read_amount, sql_of
from kechuang.engines.rules.expression import RuleError
from kechuang.kit.errors import DomainError

FORMS: Mapping[str, Any] = {
    "none": gettext_lazy("no sum"),
    "fixed": gettext_lazy("a fixed sum"),
    "rate": gettext_lazy("a share of a figure"),
    "tiers": gettext_lazy("in steps"),
    "text": gettext_lazy("a calculation"),
}
MEANINGS = tuple((value, label) for value, label in AmountIs.choices if value != AmountIs.UNSTATED)
_MONEY = FactKind(code="amount", kind=FactKind.Kind.MONEY, unit="元", low=Decimal(0))
_SHARE = FactKind(code="rate", kind=FactKind.Kind.RATIO, low=Decimal(0), high=Decimal(1000))


@dataclass(slots=True)
class Step:
    """One step: a condition and the sum for those who meet it and none above."""

    condition: Condition
    amount: str = ""
    error: str = ""


@dataclass(slots=True)
class Amount:
    """The fields of the amount. Money is typed in 万元, shares in percent; ``errors`` by field."""

    form: str = "none"
    fixed: str = ""
    meaning: str = AmountIs.EXACT.value
    begins: str = ""
    rate: str = ""
    of: str = ""
    cap: str = ""
    floor: str = ""
    steps: list[Step] = field(default_factory=list)
    otherwise: str = ""
    text: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def posted_amount(data: QueryDict, figures: Figures) -> Amount:
    """The amount of a form."""

    def text(name: str) -> str:
        return typed_text(data.get(f"a.{name}", ""))

    form = text("form")
    steps = [Step(made, typed_text(data.get(f"{made.name}.amount", ""))) for made in posted(data, "s", figures)]
    return Amount(
        form if form in FORMS else "none", text("fixed"), text("meaning") or AmountIs.EXACT.value, text("begins"),
        text("rate"), text("of"), text("cap"), text("floor"), steps, text("otherwise"), text("text"),
    )  # fmt: skip


def shown_amount(definition: Mapping[str, Any], figures: Figures) -> Amount:
    """The amount of a definition as fields; as text where fields would lose something."""
    content = definition.get("amount")
    begins = definition.get("amount_from")
    made = Amount(
        meaning=definition.get("amount_is") or AmountIs.EXACT.value, begins="" if begins is None else wan(begins)
    )
    if content is None:
        return made
    form = read_amount(content, "rule")
    try:
        _fill(made, form, figures)
    except _Lost:
        return Amount("text", meaning=made.meaning, begins=made.begins, text=sql_of(form))
    back = _entry(made, figures)
    if made.errors or back is None or not _same(back, form):
        return Amount("text", meaning=made.meaning, begins=made.begins, text=sql_of(form))
    return made


class _Lost(Exception):
    """The fields cannot show a form without losing something."""


def _same(content: Any, form: AmountForm) -> bool:
    return _plain(read_amount(content, "rule")) == _plain(form)


def _plain(form: Any) -> Any:
    """A form with its numbers as numbers, so that 0.10 is 0.1."""
    match form:
        case None:
            return None
        case str():
            return _number(form) if _number(form) is not None else form
        case Fixed(text):
            return ("fixed", _plain(text))
        case Rate(rate, of, cap, floor):
            return ("rate", _plain(rate), of, _plain(cap), _plain(floor))
        case Tiers(tiers, otherwise, cap, floor):
            steps = tuple((tier.when, _plain(tier.amount)) for tier in tiers)
            return ("tiers", steps, _plain(otherwise), _plain(cap), _plain(floor))
    raise TypeError(form)


def _fill(made: Amount, form: AmountForm, figures: Figures) -> None:
    match form:
        case Fixed(text):
            made.form, made.fixed = "fixed", wan(text)
            return
        case Rate(rate, of):
            figure, share = figures.by_code.get(of), _number(rate)
            if figure is None or share is None:
                raise _Lost
            made.form, made.rate, made.of = "rate", typed(_SHARE, share), figure.name
        case Tiers(tiers, otherwise):
            made.form = "tiers"
            for number, tier in enumerate(tiers, 1):
                if not isinstance(tier.amount, Fixed):
                    raise _Lost
                made.steps.append(Step(shown(f"s.{number}", tier.when, figures), wan(tier.amount.text)))
            if otherwise is not None:
                if not isinstance(otherwise, Fixed):
                    raise _Lost
                made.otherwise = wan(otherwise.text)
    made.cap = wan(form.cap) if form.cap is not None else ""
    made.floor = wan(form.floor) if form.floor is not None else ""


def amount_entry(made: Amount, figures: Figures, before: Any) -> Any:
    """``amount`` of a definition, None without one; ``before`` itself where it says the same.

    What is wrong is noted in ``errors``; the amount is then not to be relied on.
    """
    content = _entry(made, figures)
    if content is None or before is None or made.errors:
        return content
    try:
        return before if _same(content, read_amount(before, "rule")) or _written(before) == content else content
    except RuleError:
        return content


def _written(before: Any) -> str | None:
    return sql_of(read_amount(before, "rule"))


def _entry(made: Amount, figures: Figures) -> Any:
    match made.form:
        case "fixed":
            return _read(made, "fixed", required=True)
        case "rate":
            figure = figures.find(made.of)
            if figure is None:
                made.errors["of"] = _("Choose the figure that the rate is taken of.")
            entry = {"rate": _read(made, "rate", _SHARE, required=True), "of": figure.code if figure else ""}
            return entry | _bounds(made)
        case "tiers":
            return _steps(made, figures)
        case "text":
            if not made.text:
                made.errors["text"] = _("Write the calculation, such as 500000 * patents.")
            return made.text
    return None


def _steps(made: Amount, figures: Figures) -> dict[str, Any]:
    rows = []
    for step in made.steps:
        try:
            when = text_from(step.condition, figures)
        except DomainError as error:
            step.condition.error, step.condition.wrong = error.message, error.field or ""
            made.errors.setdefault("steps", _("Look at the steps below."))
            when = ""
        try:
            rows.append({"when": when, "amount": _yuan(step.amount, required=True)})
        except DomainError as error:
            step.error = error.message
            made.errors.setdefault("steps", _("Look at the steps below."))
    if not made.steps:
        made.errors["steps"] = _("Add at least one step.")
    entry: dict[str, Any] = {"tiers": rows}
    otherwise = _read(made, "otherwise")
    return entry | ({"otherwise": otherwise} if otherwise is not None else {}) | _bounds(made)


def _bounds(made: Amount) -> dict[str, str]:
    found = {name: _read(made, name) for name in ("cap", "floor")}
    return {name: value for name, value in found.items() if value is not None}


def meaning_entry(made: Amount) -> dict[str, Any]:
    """``amount_is`` and ``amount_from`` of a definition."""
    if made.form == "none" or made.meaning not in dict(MEANINGS):
        return {}
    if made.meaning != AmountIs.RANGE:
        return {"amount_is": made.meaning}
    begins = _read(made, "begins", required=True)
    return {"amount_is": made.meaning, "amount_from": int(Decimal(begins or 0))}


def _read(made: Amount, name: str, kind: FactKind = _MONEY, *, required: bool = False) -> str | None:
    try:
        return _yuan(getattr(made, name), kind, required=required)
    except DomainError as error:
        made.errors[name] = error.message
        return None


def _yuan(text: str, kind: FactKind = _MONEY, *, required: bool = False) -> str | None:
    """A sum (typed in 万元) in yuan, or a share (typed in percent), as the definition keeps it."""
    value = read_value(kind, text, typed=True)
    if value is None:
        if required:
            raise DomainError(_("Fill in the value."))
        return None
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def wan(yuan: Any) -> str:
    """A sum of yuan as it is typed."""
    number = _number(yuan)
    if number is None:
        raise _Lost
    return typed(_MONEY, number)


def _number(text: Any) -> Decimal | None:
    try:
        found = Decimal(str(text))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
