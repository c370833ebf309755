"""A rule on the author's desk: its form, its conditions, its amount; read from a definition or from what was posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kechuang.apps.policy.domain.rule_check import Fault, Surroundings, faults_of
from kechuang.apps.policy.domain.rules import free_code
from kechuang.apps.policy.interfaces import amounts
from kechuang.apps.policy.interfaces.amounts import Amount, Step
from kechuang.apps.policy.interfaces.conditions import (
    Condition,
    as_row,
    as_text,
    entries,
    posted,
    shown,
    text_from,
    words_of,
)
from kechuang.apps.policy.interfaces.figures import Figures
from kechuang.apps.policy.interfaces.rule_form import RuleEntryForm, initial_of
from kechuang.apps.policy.models import Rule
from kechuang.kit.errors import DomainError

Definition = Mapping[str, Any]
_FIELD_OF = {"valid": "valid_to", "scope": "places", "limits": "total"}


class Editor:
    """``before``: the definition that the author began with; what the page does not show stays as it is there."""

    def __init__(
        self, form: RuleEntryForm, figures: Figures, before: Definition, conditions: list[Condition], amount: Amount
    ) -> None:
        self.form = form
        self.figures = figures
        self.before = before
        self.conditions = conditions
        self.amount = amount

    @classmethod
    def opened(
        cls, definition: Definition, regions: Any, rule: Rule | None, before: Definition, note: str = ""
    ) -> Editor:
        """With the fields filled from a definition."""
        form = RuleEntryForm(initial=initial_of(definition, rule) | {"note": note}, regions=regions, rule=rule)
        figures = Figures(Surroundings.of(form.home))
        conditions = []
        for number, each in enumerate(_listed(definition.get("when")), 1):
            given = each if isinstance(each, Mapping) else {"sql": each}
            text = str(given.get("sql", ""))
            text = text.lower() if isinstance(given.get("sql"), bool) else text
            words = (str(given.get("label") or ""), str(given.get("label_en") or ""))
            conditions.append(shown(f"c.{number}", text, figures, *words))
        if not conditions:
            conditions.append(Condition("c.1"))
        return cls(form, figures, before, conditions, amounts.shown_amount(definition, figures))

    @classmethod
    def posted(cls, data: QueryDict, regions: Any, rule: Rule | None, before: Definition) -> Editor:
        """With what was typed."""
        form = RuleEntryForm(data, regions=regions, rule=rule)
        figures = Figures(Surroundings.of(form.home))
        return cls(form, figures, before, posted(data, "c", figures), amounts.posted_amount(data, figures))

    def act(self, what: str) -> None:
        """Change the shape of the page: ``add``, ``drop:c.2``, ``text:c.2``, ``row:c.2``, ``step``; else nothing."""
        verb, _colon, name = what.partition(":")
        if verb == "add":
            self.conditions.append(Condition(_next("c", (each.name for each in self.conditions))))
        elif verb == "step":
            self.amount.steps.append(Step(Condition(_next("s", (step.condition.name for step in self.amount.steps)))))
        elif verb == "drop":
            self.conditions = [each for each in self.conditions if each.name != name]
            self.amount.steps = [step for step in self.amount.steps if step.condition.name != name]
        for made in (*self.conditions, *(step.condition for step in self.amount.steps)):
            if made.name == name and verb == "text":
                as_text(made, self.figures)
            elif made.name == name and verb == "row":
                as_row(made, self.figures)
        if self.amount.form == "tiers" and not self.amount.steps:
            self.amount.steps.append(Step(Condition("s.1")))

    def definition(self) -> dict[str, Any] | None:
        """What the page says, checked; None where something is wrong, which then stands beside its field."""
        valid = self.form.is_valid()
        entry = self.form.definition(self.before) if valid else dict(self.before)
        entry["id"] = self._code()
        self._add_rules(entry)
        if not self.conditions:
            self.form.add_error(None, _("A rule needs at least one condition."))
        self._place(faults_of(self.form.home, entry))
        return entry if self.form.is_valid() and not self.faulty else None

    def look(self) -> None:
        """Check conditions and amount alone, while the author is still at it."""
        entry: dict[str, Any] = {"id": self._code()}
        self._add_rules(entry)
        self._place([fault for fault in faults_of(self.form.home, entry) if fault.place])

    def _code(self) -> str:
        rule = self.form.rule
        return rule.code if rule is not None else self.form.data.get("code") or free_code(self.form.home)

    def _add_rules(self, entry: dict[str, Any]) -> None:
        entry["when"] = entries(self.conditions, self.figures)
        amount = amounts.amount_entry(self.amount, self.figures, self.before.get("amount"))
        meaning = amounts.meaning_entry(self.amount)
        for name, value in (("amount", amount), *((key, meaning.get(key)) for key in ("amount_is", "amount_from"))):
            entry.pop(name, None)
            if value is not None:
                entry[name] = value
        if entry.get("amount_is") == "exact" and "amount_is" not in self.before:
            del entry["amount_is"]
        if self.amount.errors:
            entry.pop("amount", None)

    def _place(self, faults: Iterable[Fault]) -> None:
        """Put each fault beside what it concerns."""
        for fault in faults:
            number = fault.place.removeprefix("when.")
            if number.isdecimal() and int(number) <= len(self.conditions):
                made = self.conditions[int(number) - 1]
                made.error = made.error or fault.message
            elif fault.place == "amount":
                self.amount.errors.setdefault("whole", fault.message)
            else:
                name = _FIELD_OF.get(fault.place, fault.place)
                self.form.add_error(name if name in self.form.fields else None, fault.message)

    def preview(self) -> None:
        """Note beside each row what it says in words and as SQL, as far as it is written."""
        language = get_language() or "zh-hans"
        for made in (*self.conditions, *(step.condition for step in self.amount.steps)):
            try:
                made.text = text_from(made, self.figures)
            except DomainError:
                made.text = ""
            made.words = words_of(made.text, self.figures, language)

    @property
    def faulty(self) -> bool:
        return any(made.error for made in self.conditions) or bool(self.amount.errors)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id on the page, what is wrong) of conditions and amount, for the summary."""
        found = [
            (made.ident, _("Condition %(number)s: %(message)s") % {"number": number, "message": made.error})
            for number, made in enumerate(self.conditions, 1)
            if made.error
        ]
        return [
            *found,
            *(("amount", _("Amount: %(message)s") % {"message": text}) for text in self.amount.errors.values()),
        ]


def _listed(when: Any) -> list[Any]:
    return list(when) if isinstance(when, list) else [] if when is None else [when]


def _next(prefix: str, names: Iterable[str]) -> str:
    numbers = [int(last) for name in names if (last := name.partition(".")[2]).isdecimal()]
    return f"{prefix}.{max(numbers, default=0) + 1}"
