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
        certificates += _certificates(organisation, facts, number, today, random)
        entry = _entry(organisation, facts, today, random)
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
    if facts.get("tech_sme_valid") is True:
        issued = date(today.year, 1, 1) + timedelta(days=random.randrange(min(240, max(1, today.timetuple().tm_yday))))
        found.append(_made(organisation, TECH_SME, f"{today.year}41{number:08d}", issued))
    tier = str(facts.get("tier") or "")
    if step_of(tier) > step_of(HNTE):
        issued = date(today.year - random.randrange(1, 3), 12, 1)
        found.append(_made(organisation, tier, "", issued))
    return found


def _hnte(organisation: Organisation, facts: Known, number: int, today: date, random: Random) -> list[Certification]:
    """The recognitions of the stated number, three years apart, the last one in force today."""
    times = max(1, int(facts.get("hnte_times") or 1))
    until = facts.get("hnte_until")
    if not isinstance(until, date) or until < today or until > today + timedelta(days=1095):
        until = today + timedelta(days=random.randrange(15, 1080))
    latest = until.replace(year=until.year - 3, day=min(until.day, 28)) + timedelta(days=1)
    found = []
    for back in range(min(times, 3)):
        issued = latest.replace(year=latest.year - 3 * back, day=min(latest.day, 28))
        certificate = _made(organisation, HNTE, f"GR{issued.year}41{number:06d}", issued, times - back)
        certificate.valid_until = until if back == 0 else usual_end(HNTE, issued)
        found.append(certificate)
    return found


def _made(organisation: Organisation, tier: str, number: str, issued: date, times: int | None = None) -> Certification:
    return Certification(
        organisation=organisation, tier=tier, number=number, issued_on=issued, valid_until=usual_end(tier, issued),
        times=times, source=Certification.Source.LIST, source_note=NOTE, synthetic=True,
    )  # fmt: skip


def _entry(organisation: Organisation, facts: Known, today: date, random: Random) -> ReserveEntry | None:
    """Some of those that do research without a certificate, entered within two years; a few have left."""
    if facts.get("hnte_valid") is not False or facts.get("field_national") is not True or random.random() > 0.28:
        return None
    entered = today - timedelta(days=random.randrange(5, 700))
    entry = ReserveEntry(
        organisation=organisation, tier=HNTE, entered_on=entered, reason=REASON,
        synthetic=True,
    )  # fmt: skip
    if (today - entered).days > 400 and random.random() < 0.4:
        entry.left_on = entered + timedelta(days=random.randrange(200, 390))
        entry.exit_reason = ReserveEntry.Exit.UNQUALIFIED.value
        entry.exit_note = NOTE
    return entry
