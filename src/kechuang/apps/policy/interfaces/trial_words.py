"""A try on real enterprises as columns: the version in force, the draft, the difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.policy.domain.rule_trial import Trial
from kechuang.apps.policy.models.award import yuan
from kechuang.engines.rules.scenarios import Figures


@dataclass(frozen=True, slots=True)
class Column:
    """How many, and how much (yuan)."""

    title: str
    yes: int
    no: int
    unknown: int
    amount: Any
    payable: Any


def columns(trial: Trial) -> list[Column]:
    """The version in force where there is one, then the draft."""
    found = [] if trial.before is None else [_column(_("in force"), trial.before, trial.subjects)]
    return [*found, _column(_("draft"), trial.draft, trial.subjects)]


def _column(title: str, figures: Figures, subjects: int) -> Column:
    no = subjects - figures.yes - figures.unknown
    return Column(title, figures.yes, no, figures.unknown, yuan(figures.amount), yuan(figures.payable))
