"""The demonstration's facts: returns of the invented organisations, one contested figure, a research account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Membership, Organisation, Region
from kechuang.apps.directory.roles import Role
from kechuang.apps.indicators.domain.enterprises import generate_enterprises, invented_facts, is_choice
from kechuang.apps.indicators.domain.facts import declare_facts, verify_fact
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.domain.research import Booking, add_project, book_expenses, declare_year
from kechuang.apps.indicators.domain.snapshots import freeze_snapshot
from kechuang.apps.indicators.models import Fact, FactKind, RdExpense, Snapshot
from kechuang.kit.loading import demo_step
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor

COMPANY = {
    "staff_count": 86, "rd_staff_count": 14, "revenue": 46_800_000, "revenue_y1": 41_200_000, "revenue_y2": 37_500_000,
    "rd_expense_y1": 1_980_000, "rd_expense_y2": 1_650_000, "hitech_revenue": 31_200_000, "total_assets": 52_000_000,
    "net_assets": 24_600_000, "net_assets_y1": 22_100_000, "net_assets_y2": 20_300_000,
    "costs_and_expenses": 41_900_000, "ip_class1": 2, "ip_class2": 7, "ip_owned_core": True, "field_national": True,
    "results_per_year": 4, "tech_sme_valid": True, "hnte_valid": False, "designated_size": True,
    "major_offence": False, "research_dishonesty": False, "abnormal_listing": False, "resident_enterprise": True,
}  # fmt: skip
"""The enterprise of the demonstration's accounts: a technology SME one step from the high-tech certificate."""


@demo_step(order=27, label=_("Facts of organisations"))
@transaction.atomic
def facts_demo(pack: Pack, actor: Actor, random: Random) -> None:
    """Returns of the demonstration's organisations through the verbs, and as many more enterprises as are asked for."""
    city = Region.objects.get(code=pack.region)
    year = return_year()
    kinds = {kind.code: kind for kind in FactKind.objects.filter(active=True, formula="")}
    if not kinds:
        return
    _returns(city, kinds, year, random)
    _company(kinds, year)
    generate_enterprises(actor, city=city, count=settings.KECHUANG_DEMO_ENTERPRISES, seed=random.randrange(10**6))
    if not Snapshot.objects.filter(synthetic=True).exists():
        freeze_snapshot(actor, year=year, title=f"{year}年度事实快照（示例）", synthetic=True)


def _returns(city: Region, kinds: dict[str, FactKind], year: int, random: Random) -> None:
    """What the invented enterprises of the counties say, each by its own account."""
    rows = Organisation.objects.filter(
        synthetic=True, kind=Organisation.Kind.ENTERPRISE, state=Organisation.State.VERIFIED,
        region__path__startswith=city.path, facts=None, memberships=None,
    )  # fmt: skip
    clerk = Actor(is_system=True)
    for organisation in rows.select_related("region").order_by("pk"):
        by_year: dict[int, dict[str, object]] = {}
        for (code, period), value in invented_facts(random, organisation, year).items():
            if code in kinds and is_choice(kinds[code], value):
                by_year.setdefault(period or year, {})[code] = value
        for period, values in by_year.items():
            declare_facts(
                clerk, organisation=organisation, year=period, values=values, source=Fact.Source.DECLARED,
                source_note="示例数据", synthetic=True,
            )  # fmt: skip


def _company(kinds: dict[str, FactKind], year: int) -> None:
    """The enterprise of the accounts: its return, a verified figure that it contests, its research account."""
    membership = (
        Membership.objects.filter(role=Role.ORGANISATION_ADMIN, user__synthetic=True, organisation__synthetic=True)
        .select_related("organisation__region")
        .order_by("pk")
        .first()
    )
    if membership is None or membership.organisation is None or membership.organisation.facts.exists():
        return
    company = membership.organisation
    clerk = Actor(user_id=membership.user_id, is_system=True)
    values = {code: value for code, value in COMPANY.items() if code in kinds}
    declared = declare_facts(
        clerk, organisation=company, year=year, values=values, source=Fact.Source.DECLARED, source_note="年报",
        synthetic=True,
    )  # fmt: skip
    checker = Membership.objects.filter(role=Role.COUNTY_WORKSTATION, user__synthetic=True).order_by("pk").first()
    official = Actor(user_id=checker.user_id if checker else None, is_system=True)
    for fact in declared.facts:
        if fact.kind.code in ("staff_count", "total_assets"):
            verify_fact(official, fact=fact, source_note="审计报告（示例）")
    declare_facts(
        clerk, organisation=company, year=year, values={"staff_count": 88}, source=Fact.Source.DECLARED, synthetic=True
    )
    _account(clerk, company, year)


def _account(clerk: Actor, company: Organisation, year: int) -> None:
    category = RdExpense.Category
    monthly = {
        category.STAFF: 78_000, category.DIRECT: 41_000, category.DEPRECIATION: 9_500, category.DESIGN: 6_000,
        category.OTHER: 17_000, category.COMMISSIONED: 12_000,
    }  # fmt: skip
    bookings = []
    for number, name in ((1, "高效防爆电机关键技术研发"), (2, "电机智能运维系统")):
        project = add_project(
            clerk, organisation=company, code=f"RD{year}-{number:02d}", name=name, started_on=date(year, 1, 1),
            ended_on=date(year, 12, 31), synthetic=True,
        )  # fmt: skip
        for month in range(1, 13):
            factor = Decimal(80 + (month * 7 + number * 13) % 40) / 100 / number
            bookings += [
                Booking(project.code, date(year, month, 1), kind, (amount * factor).quantize(Decimal("0.01")))
                for kind, amount in monthly.items()
            ]
    book_expenses(clerk, organisation=company, bookings=bookings, synthetic=True)
    declare_year(clerk, organisation=company, year=year, complete=True, synthetic=True)
