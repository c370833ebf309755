"""A change of a rule as the sentence that a document would say. Documents are in Chinese, so is the sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import translation

from kechuang.engines.rules.parameters import Parameter
from kechuang.engines.rules.scenarios import Changes, Comparison
from kechuang.kit.numbers import money_text, number_text

if TYPE_CHECKING:
    from kechuang.apps.policy.domain.sandbox import Case


def clause_of(case: Case, changes: Changes, outcome: Comparison) -> str:
    """“将《…》中…由…调整为…。” with what it is expected to do."""
    with translation.override("zh-hans"):
        known = {number.path: number for number in case.numbers}
        parts = []
        for path, value in changes.values.items():
            number = known.get(path)
            if number is not None and number.value != value:
                was, will = (figure(each, number.unit, path) for each in (number.value, value))
                parts.append(f"{place_text(number)}由{was}调整为{will}")
        for position, text in sorted(changes.criteria.items()):
            criterion = case.family.own.criteria[position - 1]
            parts.append(f"第{position}项条件“{criterion.label or criterion.text}”修改为“{text}”")
        if not parts:
            return ""
        rule = case.version.rule
        source = f"（{rule.document.doc_number or rule.document.title}{rule.article}）" if rule.document else ""
        base, new = outcome.base, outcome.new
        effect = (
            f"按现有数据测算，符合条件的单位由{base.yes}家变为{new.yes}家（新增{outcome.entering}家、"
            f"退出{outcome.leaving}家），应付金额由{money(base.payable)}变为{money(new.payable)}，"
            f"{difference(base.payable, new.payable)}。"
        )
        return f"将“{rule.title}”{source}的{'；'.join(parts)}。{effect}"


def place_text(number: Parameter) -> str:
    """Where the number stands, as a Chinese reader says it."""
    head, _dot, rest = number.path.partition(".")
    if head == "when":
        return f"第{rest.partition('#')[0]}项条件“{number.label}”中的标准"
    if head == "limits":
        return "每年最高限额" if rest.startswith("per_year") else "累计最高限额"
    if head == "indicators":
        return f"指标“{number.label}”中的数值"
    last = rest.rpartition(".")[2].partition("#")[0] if rest else ""
    words = {
        "rate": "奖补比例",
        "cap": "最高限额",
        "floor": "最低标准",
        "when": "分档标准",
        "otherwise": "其余情形的标准",
    }
    return words.get(last, "奖补标准")


def figure(value: Decimal, unit: str | None, path: str) -> str:
    """A number with its unit; rates as percent."""
    if unit == "元":
        return money_text(value)
    if ".rate#" in path or (unit is None and 0 < value < 1):
        return f"{number_text(value * 100)}%"
    return f"{number_text(value)}{unit or ''}"


def money(fen: int) -> str:
    return money_text(Decimal(fen) / 100)


def difference(before: int, after: int) -> str:
    if after == before:
        return "总额不变"
    return f"{'增加' if after > before else '减少'}{money(abs(after - before))}"
