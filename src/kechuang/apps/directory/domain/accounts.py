"""One demonstration account per role, so that a visitor of the trial can look with everyone's eyes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from kechuang.apps.directory.domain.memberships import grant
from kechuang.apps.directory.models import Organisation, Region, Unit, User
from kechuang.apps.directory.roles import Role
from kechuang.apps.directory.uscc import check_character
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor, authorise

DEMO_PASSWORD = "kechuang-demo"  # noqa: S105 — printed at every start of the trial


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A person of the trial: how to sign in, which role, and what the person is called."""

    role: Role
    username: str
    display_name: str


DEMO_ACCOUNTS = (
    DemoAccount(Role.PLATFORM_ADMIN, "admin", "平台管理员"),
    DemoAccount(Role.BUREAU_OFFICER, "officer", "林晓云（科技局经办）"),
    DemoAccount(Role.BUREAU_LEADER, "leader", "周启明（科技局领导）"),
    DemoAccount(Role.RESPONSIBLE_UNIT, "unit", "郑立群（责任单位）"),
    DemoAccount(Role.COUNTY_WORKSTATION, "county", "韩梅（县区工作站）"),
    DemoAccount(Role.ORGANISATION_ADMIN, "company", "孙亦凡（企业管理员）"),
    DemoAccount(Role.ORGANISATION_MEMBER, "member", "许小禾（企业成员）"),
    DemoAccount(Role.EXPERT, "expert", "陈一鸣（专家）"),
    DemoAccount(Role.AUDITOR, "auditor", "何审（审计）"),
)


@transaction.atomic
def create_role_accounts(pack: Pack, actor: Actor, *, password: str = DEMO_PASSWORD) -> dict[str, User]:
    """One synthetic account per role in the pack's city, by role; those that exist are left as they are."""
    authorise(actor, "add", User)
    city = Region.objects.get(code=pack.region)
    county = Region.objects.filter(parent=city, level=Region.Level.COUNTY).order_by("order").first()
    unit = Unit.objects.filter(region=city, full_name__contains="财政局").first()
    if county is None or unit is None:
        raise LookupError(f"the pack {pack.name} names no county or no finance bureau to give to the demo accounts")
    scopes: dict[Role, dict[str, Region | Unit | Organisation]] = {
        Role.PLATFORM_ADMIN: {},
        Role.BUREAU_OFFICER: {"region": city},
        Role.BUREAU_LEADER: {"region": city},
        Role.RESPONSIBLE_UNIT: {"unit": unit},
        Role.COUNTY_WORKSTATION: {"region": county},
        Role.EXPERT: {},
        Role.AUDITOR: {"region": city},
    }
    company = _demo_company(county)
    people: dict[str, User] = {}
    for account in DEMO_ACCOUNTS:
        user = User.objects.filter(username=account.username).first()
        if user is None:
            user = User(username=account.username, display_name=account.display_name, synthetic=True)
            user.email = f"{account.username}@demo.invalid"
            user.set_password(password)
            user.save()
        grant(actor, user=user, role=account.role, **scopes.get(account.role, {"organisation": company}))  # type: ignore[arg-type]
        people[account.role.value] = user
    return people


def synthetic_uscc(region_code: str, number: int) -> str:
    """A well-formed code that no registry issues: ``91``, the region, a serial in ``MA9`` and the check character."""
    first17 = f"91{region_code[:6]}MA9{number:06d}"
    return first17 + check_character(first17)


def _demo_company(county: Region) -> Organisation:
    """The enterprise of the demo accounts, verified, and marked as synthetic."""
    company, _created = Organisation.objects.get_or_create(
        uscc=synthetic_uscc(county.code, 1),
        defaults={
            "name": "示例防爆电机有限公司",
            "kind": Organisation.Kind.ENTERPRISE,
            "region": county,
            "industry": "C38",
            "state": Organisation.State.VERIFIED,
            "synthetic": True,
        },
    )
    return company
