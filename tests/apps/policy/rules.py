"""A few rules to test with, and the facts that they read."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.fact_kinds import keep_fact_kinds
from kechuang.apps.indicators.domain.facts import declare_facts
from kechuang.apps.policy.domain.rules import keep_formula, keep_rule
from kechuang.apps.policy.models import RuleVersion
from kechuang.kit.permissions import SYSTEM

KINDS = [
    {"code": "region", "name": "注册地", "kind": "region", "period": "moment", "question": "贵单位注册在哪个县？"},
    {"code": "hnte_valid", "name": "高新技术企业", "kind": "boolean", "period": "moment", "question": "是否为高企？"},
    {"code": "hnte_times", "name": "认定次数", "kind": "count", "unit": "次", "period": "moment",
     "question": "认定过几次？"},
    {"code": "revenue", "name": "销售收入", "kind": "money", "unit": "元", "period": "yearly",
     "question": "收入多少？"},
    {"code": "rd_expense", "name": "研发费用", "kind": "money", "unit": "元", "period": "yearly",
     "question": "研发费用多少？"},
    {"code": "staff_count", "name": "职工总数", "kind": "count", "unit": "人", "period": "yearly",
     "question": "多少职工？"},
]  # fmt: skip


def definition(code: str, when: list[str], **more: Any) -> dict[str, Any]:
    """An entry of a rule file."""
    labels = more.pop("labels", {})
    return {
        "id": code,
        "title": more.pop("title", f"规则{code}"),
        "name_en": f"Rule {code}",
        "kind": "benefit",
        "subject": "enterprise",
        "payer": "city",
        "per": "once",
        "form": "award",
        "source": {"document": "x", "quote": "首次认定的高新技术企业奖励10万元"},
        "valid": [None, None],
        "when": [{"sql": sql, "label": labels.get(sql, sql), "label_en": sql} for sql in when],
        "next": {"zh-hans": "向县科技局申报。", "en": "Apply at the county."},
        "without_application": False,
        **more,
    }


HNTE = definition("hnte", ["hnte_valid", "hnte_times = 1"], amount=100000, group="hnte")
HNTE_SMALL = definition("hnte-small", ["hnte_valid"], amount=50000, group="hnte")
INTENSE = definition("intense", ["rd_intensity >= 0.05"], amount={"rate": "0.1", "of": "rd_expense", "cap": "200000"})
HERE = definition("here", ["within(region, '410400')"], amount=1)
COUNTY = definition("county", ["staff_count > 1"], subject="county", amount=1)
FIRST = [{"name": "首次认定", "given": {"hnte_valid": True, "hnte_times": 1}, "expect": "yes"}]
"""An example that :data:`HNTE` meets whatever it pays."""
ALL = (HNTE, HNTE_SMALL, INTENSE, HERE, COUNTY)


def make_rules(region: Region, *definitions: dict[str, Any]) -> list[RuleVersion]:
    """The catalogue, one formula and these rules, published as from a pack."""
    keep_fact_kinds(SYSTEM, kinds=KINDS)
    words = {"name": "研发强度", "name_en": "R&D intensity", "unit": "比例", "order": 1}
    keep_formula(SYSTEM, region=region, code="rd_intensity", expression="rd_expense / revenue", **words)
    return [keep_rule(SYSTEM, region=region, definition=each) for each in definitions or ALL]


def tell(organisation: Organisation, **values: Any) -> None:
    """What the organisation says of the last year that is over."""
    declare_facts(SYSTEM, organisation=organisation, year=timezone.localdate().year - 1, values=values)
