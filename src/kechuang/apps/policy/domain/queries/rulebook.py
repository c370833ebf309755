"""The rules that hold in a region on a day, ready to be asked: compiled once per set of published versions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.models import PUBLIC_VERSIONS, Document, DocumentState, Formula, RuleVersion
from kechuang.engines.rules.explain import Explainer
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.program import prepare
from kechuang.engines.rules.ruleset import RuleSet, load_rules
from kechuang.kit.packs.rights import ENGINE_KINDS

KEPT = 12
_compiled: OrderedDict[tuple[Any, ...], Explainer] = OrderedDict()
_lock = Lock()
ENDED = (DocumentState.REPEALED.value, DocumentState.SUPERSEDED.value)


@dataclass(frozen=True)
class RuleBook:
    """``versions`` and ``formulas`` by code, in the order in which the engine runs them; ``kinds``: the catalogue of
    facts by code."""

    day: date
    explainer: Explainer
    versions: Mapping[str, RuleVersion]
    formulas: Mapping[str, Formula]
    kinds: Mapping[str, FactKind]

    def known_as(self, code: str) -> FactKind | Formula | None:
        """The entry of the catalogue, or the formula, behind a code of a rule."""
        return self.kinds.get(code) or self.formulas.get(code)


def program_for(region: Region, day: date) -> RuleBook:
    """The rules of a region and of those above it as they hold on ``day``; an own entry replaces one from above.

    Raises :class:`RuleError` where the published rules do not go together, which publishing prevents.
    """
    kinds = {kind.code: kind for kind in FactKind.objects.filter(active=True, formula="").select_related("base")}
    versions = versions_for(region, day)
    formulas = formulas_for(region, day)
    ends = {code: end_of(version.rule.document) for code, version in versions.items()}
    declared = {code: ENGINE_KINDS[kind.kind] for code, kind in kinds.items() if code not in formulas}
    key = (
        day,
        tuple((version.pk, ends[code]) for code, version in versions.items()),
        tuple(formula.pk for formula in formulas.values()),
        tuple(declared.items()),
    )
    with _lock:
        explainer = _compiled.get(key)
        if explainer is not None:
            _compiled.move_to_end(key)
    if explainer is None:
        entries = [definition_until(version, ends[code]) for code, version in versions.items()]
        explainer = compile_rules(entries, formulas.values(), declared, day)
        with _lock:
            _compiled[key] = explainer
            while len(_compiled) > KEPT:
                _compiled.popitem(last=False)
    return RuleBook(day, explainer, versions, formulas, kinds)


def compile_rules(
    entries: Sequence[Mapping[str, Any]], formulas: Iterable[Formula], declared: Mapping[str, Kind], day: date
) -> Explainer:
    """Definitions and formulas made ready for a day. Raises :class:`RuleError` naming rule and condition."""
    return Explainer(prepare(ruleset_of(entries, formulas), today=day, declared=declared))


def ruleset_of(entries: Sequence[Mapping[str, Any]], formulas: Iterable[Formula]) -> RuleSet:
    """Definitions and formulas as the engine's rule set."""
    if not entries:
        return RuleSet({}, ())
    derived = {formula.code: formula.expression for formula in formulas}
    return load_rules({"indicators": derived, "rules": [dict(entry) for entry in entries]})


def versions_for(region: Region, day: date) -> dict[str, RuleVersion]:
    """The version of every rule that holds on ``day``: the newest that has begun, else the first to begin."""
    rows = public_versions().filter(rule__region__code__in=codes_above(region))
    found: dict[int, RuleVersion] = {}
    for version in rows.order_by("rule__region__path", "rule__code", "rule", "number"):
        if version.rule_id not in found or version.valid_from is None or version.valid_from <= day:
            found[version.rule_id] = version
    return {version.rule.code: version for version in found.values()}


def public_versions() -> QuerySet[RuleVersion]:
    """Versions that were published, with their rule and its document at hand."""
    rows = RuleVersion.objects.filter(state__in=PUBLIC_VERSIONS)
    return rows.select_related("rule__region", "rule__document").defer(
        "rule__document__text", "rule__document__bigrams"
    )


def formulas_for(region: Region, day: date) -> dict[str, Formula]:
    """The formulas that hold on ``day``, each below those that it uses."""
    rows = Formula.objects.filter(state__in=PUBLIC_VERSIONS, region__code__in=codes_above(region))
    found: dict[str, Formula] = {}
    seen: dict[tuple[int, str], Formula] = {}
    for formula in rows.order_by("region__path", "code", "number"):
        key = (formula.region_id, formula.code)
        if key not in seen or formula.valid_from is None or formula.valid_from <= day:
            seen[key] = found[formula.code] = formula
    return {formula.code: formula for formula in sorted(found.values(), key=lambda each: (each.order, each.code))}


def codes_above(region: Region) -> list[str]:
    """The region's own code and those of the regions that it lies in."""
    return [code for code in region.path.split("/") if code]


def end_of(document: Document | None) -> date | None:
    """The last day of what rests on a document that was repealed or replaced; None while it is in force."""
    if document is None or document.state not in ENDED:
        return None
    return (document.state_date or document.updated_at.date()) - timedelta(days=1)


def definition_until(version: RuleVersion, end: date | None) -> dict[str, Any]:
    """The definition, ending with its document at the latest."""
    entry = dict(version.definition)
    if end is None:
        return entry
    start, own = entry.get("valid") or (None, None)
    last = min(end, date.fromisoformat(own)) if own else end
    entry["valid"] = [start if start and date.fromisoformat(start) <= last else None, last.isoformat()]
    return entry
