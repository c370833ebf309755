"""The directory's part of the demonstration: accounts, and organisations in every county."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.domain.accounts import create_role_accounts, synthetic_uscc
from kechuang.apps.directory.domain.organisations import add_organisation
from kechuang.apps.directory.models import Organisation, Region
from kechuang.kit.loading import demo_step
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor

TRADES = (
    ("C38", "防爆电机", "智能输配电", "电驱动系统"),
    ("C39", "光学元件", "激光器件", "显示模组"),
    ("C27", "中药制剂", "艾草健康", "生物制药"),
    ("C35", "智慧养殖装备", "石油机械", "食品机械"),
    ("C36", "汽车零部件", "减振器", "轻量化底盘"),
    ("C26", "超硬材料", "功能薄膜", "绿色印刷材料"),
    ("A01", "月季种业", "猕猴桃种植", "智慧农业"),
    ("I65", "工业软件", "数据服务", "物联网平台"),
)
SYLLABLES = "宛淅博恒瑞启明远诚新创信达华益德泰科立中"
PER_COUNTY = 6


@demo_step(order=10, label=_("Accounts and organisations"))
def directory_demo(pack: Pack, actor: Actor, random: Random) -> None:
    """One account per role, and six invented organisations in each county, most of them verified."""
    create_role_accounts(pack, actor)
    counties = Region.objects.filter(parent__code=pack.region).order_by("order")
    for county in counties:
        for number in range(2, PER_COUNTY + 2):
            _add_one(actor, county, number, random)


def _add_one(actor: Actor, county: Region, number: int, random: Random) -> None:
    industry, *products = random.choice(TRADES)
    name = "".join(random.sample(SYLLABLES, 2)) + random.choice(products)
    suffix = {2: "研究院", 3: "科技服务有限公司"}.get(number, "科技有限公司")
    kind = {2: Organisation.Kind.INSTITUTE, 3: Organisation.Kind.SERVICE}.get(number, Organisation.Kind.ENTERPRISE)
    founded_on = date(2008, 1, 1) + timedelta(days=random.randrange(5500))
    uscc = synthetic_uscc(_numeric(county), number + 100 * county.order)
    if Organisation.objects.filter(uscc=uscc).exists():
        return
    add_organisation(
        actor,
        verified=random.random() > 0.15,
        uscc=uscc,
        name=f"{county.short_name}{name}{suffix}（示例）",
        kind=kind,
        region=county,
        industry=industry,
        founded_on=founded_on,
        synthetic=True,
    )


def _numeric(county: Region) -> str:
    """The six digits of a division; a zone borrows those of its city."""
    return county.code[:6]
