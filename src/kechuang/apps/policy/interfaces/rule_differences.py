"""Two versions of a rule side by side: condition by condition, the amount, and whatever else was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.queries.vocabulary import figure_names
from kechuang.apps.policy.interfaces.figures import joined
from kechuang.apps.policy.interfaces.rule_words import PAYERS, PER
from kechuang.apps.policy.models import AmountIs, RuleForm, RuleKind, RuleSubject, in_english
from kechuang.engines.rules.amounts import Fixed, Rate, Tiers, read_amount
from kechuang.engines.rules.expression import RuleError
from kechuang.kit.numbers import money_text, number_text
from kechuang.kit.packs.installed import industry_names

Definition = Mapping[str, Any]
SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"


@dataclass(frozen=True, slots=True)
class Said:
    """A condition in words and as SQL."""

    words: str
    sql: str


@dataclass(frozen=True, slots=True)
class Change:
    """One condition before and after. ``stale``: the condition changed, its words did not."""

    state: str
    before: Said | None
    after: Said | None

    @property
    def stale(self) -> bool:
        both = self.before is not None and self.after is not None
        return bool(self.state == CHANGED and both and self.before.words == self.after.words)  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class Differences:
    """``conditions`` in the order of the new version, removed ones last; ``parts`` as (label, before, after)."""

    conditions: Sequence[Change]
    parts: Sequence[tuple[str, str, str]]

    def __bool__(self) -> bool:
        return bool(self.parts) or any(change.state != SAME for change in self.conditions)


def differences(before: Definition | None, after: Definition) -> Differences:
    """What the later definition says otherwise; everything is new where there is none before."""
    old, new = parts_of(before or {}), parts_of(after)
    changed = [(label, old.get(label, ""), new.get(label, "")) for label in dict.fromkeys([*new, *old])]
    return Differences(list(_conditions(said(before or {}), said(after))), [row for row in changed if row[1] != row[2]])


def said(definition: Definition) -> list[Said]:
    """The conditions of a definition in the reader's language."""
    when = definition.get("when") or []
    found = []
    for each in when if isinstance(when, list) else [when]:
        given = each if isinstance(each, Mapping) else {"sql": each}
        sql = str(given.get("sql") or "")
        english = str(given.get("label_en") or "") if in_english() else ""
        found.append(Said(english or str(given.get("label") or "") or sql, sql))
    return found


def _conditions(old: list[Said], new: list[Said]) -> Iterator[Change]:
    left = list(old)
    pairs: dict[int, Said] = {}
    for same in (_same_text, _same_words, _same_figure):
        for place, each in enumerate(new):
            match = next((one for one in left if place not in pairs and same(one, each)), None)
            if match is not None:
                left.remove(match)
                pairs[place] = match
    for place, each in enumerate(new):
        partner = pairs.get(place)
        state = ADDED if partner is None else SAME if partner == each else CHANGED
        yield Change(state, partner, each)
    yield from (Change(REMOVED, each, None) for each in left)


def _same_text(one: Said, other: Said) -> bool:
    return one.sql.split() == other.sql.split()


def _same_words(one: Said, other: Said) -> bool:
    return one.words == other.words


def _same_figure(one: Said, other: Said) -> bool:
    return one.sql.split()[:1] == other.sql.split()[:1]


def parts_of(definition: Definition) -> dict[str, str]:
    """Everything but the conditions as label and text; what it does not say is left out."""
    limits, source = definition.get("limits") or {}, definition.get("source") or {}
    valid, scope = definition.get("valid") or [None, None], definition.get("scope") or {}
    following = definition.get("next") or {}
    rows = {
        _("Amount"): "\n".join(amount_lines(definition)),
        _("Title"): str(definition.get("title") or ""),
        _("English title"): str(definition.get("name_en") or ""),
        _("Kind"): _choice(RuleKind, definition.get("kind")),
        _("For"): _choice(RuleSubject, definition.get("subject")),
        _("Form"): _choice(RuleForm, definition.get("form")),
        _("Paid by"): str(PAYERS.get(str(definition.get("payer")), definition.get("payer") or "")),
        _("How often"): str(PER.get(str(definition.get("per")), "")),
        _("In force"): " – ".join(str(day or "…") for day in valid) if any(valid) else "",
        _("Once only"): _("yes") if limits.get("once") else "",
        _("At most a year"): _money(limits.get("per_year")),
        _("At most in all"): _money(limits.get("total")),
        _("Highest, not both"): str(definition.get("group") or ""),
        _("Only in"): _places(scope.get("region")),
        _("Only in the industries"): _trades(scope.get("industry")),
        _("Source document"): str(source.get("document") or ""),
        _("Article"): str(source.get("article") or ""),
        _("What the source says"): str(source.get("quote") or source.get("restatement") or ""),
        _("Next step"): str(following.get("en" if in_english() else "zh-hans") or ""),
        _("Without application"): _("yes") if definition.get("without_application") else "",
        _("To be verified"): str(definition.get("check") or ""),
    }
    return {label: text for label, text in rows.items() if text}


def _choice(choices: Any, value: Any) -> str:
    return str(choices(value).label) if value in choices.values else str(value or "")


def _money(value: Any) -> str:
    return "" if value is None else money_text(value)


def _codes(content: Any) -> list[str]:
    return [str(code) for code in (content if isinstance(content, list) else [content] if content else [])]


def _places(content: Any) -> str:
    codes = _codes(content)
    names = dict(Region.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return joined(names.get(code, code) for code in codes)


def _trades(content: Any) -> str:
    return joined(industry_names().get(code, code) for code in _codes(content))


def amount_lines(definition: Definition) -> list[str]:
    """The amount, line by line; empty without one."""
    if definition.get("amount") is None:
        return []
    try:
        lines = list(_lines(read_amount(definition["amount"], "rule")))
    except RuleError:
        return [str(definition["amount"])]
    meaning = definition.get("amount_is") or AmountIs.EXACT.value
    if meaning == AmountIs.RANGE and definition.get("amount_from") is not None:
        return [_("from {amount}").format(amount=money_text(definition["amount_from"])), *lines]
    return lines if meaning == AmountIs.EXACT else [f"{_choice(AmountIs, meaning)} {lines[0]}", *lines[1:]]


def _lines(form: Any) -> Iterator[str]:
    match form:
        case Fixed(text):
            yield _sum(text)
            return
        case Rate(rate, of):
            share = f"{number_text(float(rate) * 100, 4)}%" if _is_number(rate) else rate
            yield _("{rate} of {base}").format(rate=share, base=figure_names().get(of, of))
        case Tiers(tiers, otherwise):
            for tier in tiers:
                yield f"{tier.when} → {'; '.join(_lines(tier.amount))}"
            if otherwise is not None:
                yield _("otherwise {amount}").format(amount="; ".join(_lines(otherwise)))
    if form.cap is not None:
        yield _("at most {amount}").format(amount=_sum(form.cap))
    if form.floor is not None:
        yield _("at least {amount}").format(amount=_sum(form.floor))


def _sum(text: str) -> str:
    return money_text(text) if _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
