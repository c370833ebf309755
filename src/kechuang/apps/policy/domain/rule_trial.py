"""A draft on real enterprises: who would be entitled, what it would cost, beside the version in force."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.indicators.models import Snapshot
from kechuang.apps.policy.domain.batches import SUBJECT, frozen_program, ruleset_of, scan
from kechuang.apps.policy.domain.queries.rulebook import program_for
from kechuang.apps.policy.domain.rules import describe
from kechuang.apps.policy.domain.sandbox import base_for, case_of
from kechuang.apps.policy.models import RuleVersion
from kechuang.apps.policy.models.scenario import Scenario
from kechuang.engines.rules import scenarios
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.scenarios import Family, Figures
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise


@dataclass(frozen=True, slots=True)
class Trial:
    """The draft beside the version in force (``before`` None: a new rule). Money in fen. ``moves`` by
    :data:`scenarios.MOVES`."""

    subjects: int
    draft: Figures
    before: Figures | None
    moves: Mapping[str, int]


def try_draft(actor: Actor, *, version: RuleVersion, snapshot: Snapshot) -> Trial:
    """What a draft would do on a frozen snapshot; nothing is kept. Raises DomainError with what is at fault."""
    authorise(actor, "view", Scenario)
    authorise(actor, "view", snapshot)
    frame = scan(snapshot)
    family = _family(version)
    drafted = scenarios.base_of(frame, family, SUBJECT)
    counts = scenarios.figures(drafted.result, family)
    if version.rule.current_id is None:
        return Trial(drafted.result.height, counts, None, {})
    base = base_for(snapshot, frame, case_of(version.rule).family)
    moves = scenarios.moves(base, drafted.result)
    return Trial(drafted.result.height, counts, scenarios.figures(base.result, base.family), moves)


def _family(version: RuleVersion) -> Family:
    """The draft with the others of its group, in the place of the version in force."""
    book = program_for(version.rule.region, timezone.localdate())
    drafted, rule = copy.copy(version), copy.copy(version.rule)
    describe(rule, version.definition)
    drafted.rule = rule
    frozen: dict[str, Any] = frozen_program(replace(book, versions={**book.versions, rule.code: drafted}))
    declared = {name: Kind(kind) for name, kind in frozen["kinds"].items()}
    try:
        return scenarios.family_of(ruleset_of(frozen), rule.code, today=book.day, declared=declared)
    except RuleError:
        raise DomainError(_("This right concerns no organisations, so there is nothing to try out.")) from None
