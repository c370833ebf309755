"""The demonstration's certifications and reserve library, made to fit the invented enterprises' facts."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.cultivation.domain.certifications import add_many, usual_end
from kechuang.apps.cultivation.ladder import HNTE, TECH_SME, step_of
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.models import Fact
from kechuang.kit.loading import demo_step
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor

CODES = ("hnte_valid", "hnte_until", "hnte_times", "tech_sme_valid", "tier", "field_national", "rd_expense")
NOTE = "示例数据"
REASON = f"有研发投入，技术属于国家重点支持领域（{NOTE}）"
Known = dict[str, Any]


@demo_step(order=45, label=_("Certifications and reserve library"))
@transaction.atomic
def cultivation_demo(pack: Pack, actor: Actor, random: Random) -> None:
    """Certificates for the enterprises that state one, and a library with this and last year's entries."""
    if Certification.objects.filter(synthetic=True).exists():
        return
    today = timezone.localdate()
    rows = Organisation.objects.filter(
        synthetic=True, kind=Organisation.Kind.ENTERPRISE, state=Organisation.State.VERIFIED
    ).order_by("pk")
    known = _facts(list(rows.values_list("pk", flat=True)))
    certificates: list[Certification] = []
    reserve: list[ReserveEntry] = []
    for number, organisation in enumerate(rows.iterator(chunk_size=5000)):
        facts = known.get(organisation.pk, {})
        own = _certificates(organisation, facts, number, today, random)
        certificates += own
        entry = _entry(organisation, facts, own, today, random)
        if entry is not None:
            reserve.append(entry)
    add_many(certificates)
    ReserveEntry.objects.bulk_create(reserve, ignore_conflicts=True, batch_size=2000)


def _facts(keys: list[int]) -> dict[int, Known]:
    found: dict[int, Known] = defaultdict(dict)
    rows = Fact.objects.filter(organisation__in=keys, state=Fact.State.IN_FORCE, kind__code__in=CODES)
    for fact in rows.select_related("kind").iterator(chunk_size=10_000):
        found[fact.organisation_id][fact.kind.code] = fact.value
    return found


def _certificates(
    organisation: Organisation, facts: Known, number: int, today: date, random: Random
) -> list[Certification]:
    found = []
    if facts.get("hnte_valid") is True:
        found += _hnte(organisation, facts, number, today, random)
    elif facts.get("rd_expense") and random.random() < 0.04:
        found.append(
            _made(organisation, HNTE, f"GR{today.year - 3}41{number:06d}", _this_year(today, random, back=3), 1)
        )
    if facts.get("tech_sme_valid") is True:
        for year in (today.year - 1, today.year) if random.random() < 0.6 else (today.year,):
            issued = _this_year(today, random).replace(year=year)
            found.append(_made(organisation, TECH_SME, f"{year}41{number:08d}", issued))
    tier = str(facts.get("tier") or "")
    if step_of(tier) > step_of(HNTE):
        issued = date(today.year - random.randrange(1, 3), 12, 1)
        found.append(_made(organisation, tier, "", issued))
    return found


def _hnte(organisation: Organisation, facts: Known, number: int, today: date, random: Random) -> list[Certification]:
    """The recognitions of the stated number, three years apart, the last one in force today; some of this year."""
    times = max(1, int(facts.get("hnte_times") or 1))
    until = facts.get("hnte_until")
    if random.random() < 0.2:
        latest = _this_year(today, random)
    elif isinstance(until, date) and today <= until <= today + timedelta(days=1095):
        latest = until.replace(year=until.year - 3, day=min(until.day, 28)) + timedelta(days=1)
    else:
        latest = today - timedelta(days=random.randrange(15, 1080))
    found = []
    for back in range(min(times, 3)):
        issued = latest.replace(year=latest.year - 3 * back, day=min(latest.day, 28))
        found.append(_made(organisation, HNTE, f"GR{issued.year}41{number:06d}", issued, times - back))
    return found


def _this_year(today: date, random: Random, back: int = 0) -> date:
    """A day of this year before today, or the same day so many years earlier; the 28th at the latest."""
    day = date(today.year, 1, 1) + timedelta(days=random.randrange(max(1, today.timetuple().tm_yday - 1)))
    return day.replace(year=day.year - back, day=min(day.day, 28))


def _made(organisation: Organisation, tier: str, number: str, issued: date, times: int | None = None) -> Certification:
    return Certification(
        organisation=organisation, tier=tier, number=number, issued_on=issued, valid_until=usual_end(tier, issued),
        times=times, source=Certification.Source.LIST, source_note=NOTE, synthetic=True,
    )  # fmt: skip


def _entry(
    organisation: Organisation, facts: Known, certificates: list[Certification], today: date, random: Random
) -> ReserveEntry | None:
    """Who was recognised for the first time this year was in the library before; so are some of those that do research
    without a certificate, entered within two years, of whom a few have left."""
    new = next((row for row in certificates if row.tier == HNTE and row.times == 1), None)
    if new is not None and new.issued_on.year == today.year:
        entry = _entered(organisation, new.issued_on - timedelta(days=random.randrange(90, 500)))
        entry.left_on, entry.exit_reason = new.issued_on, ReserveEntry.Exit.RECOGNISED.value
        return entry
    if facts.get("hnte_valid") is not False or facts.get("field_national") is not True or random.random() > 0.28:
        return None
    entry = _entered(organisation, today - timedelta(days=random.randrange(5, 700)))
    if (today - entry.entered_on).days > 400 and random.random() < 0.4:
        entry.left_on = entry.entered_on + timedelta(days=random.randrange(200, 390))
        entry.exit_reason = ReserveEntry.Exit.UNQUALIFIED.value
        entry.exit_note = NOTE
    return entry


def _entered(organisation: Organisation, day: date) -> ReserveEntry:
    return ReserveEntry(organisation=organisation, tier=HNTE, entered_on=day, reason=REASON, synthetic=True)
