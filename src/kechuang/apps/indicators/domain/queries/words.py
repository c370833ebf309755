"""How a target stands, in the words of a clerk."""

from __future__ import annotations

from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.indicators.domain.queries.standing import Light, Standing, adds_to_baseline
from kechuang.apps.indicators.domain.units import text_of
from kechuang.apps.indicators.models import Indicator, Target

SIGNS = {">=": "≥ ", ">": "> ", "<=": "≤ ", "<": "< ", "=": "", "~": "≈ "}


def demand(target: Target) -> str:
    """What is demanded, short: ``≥ 500家``, ``新增 10–15家``, ``每年 ≥ 40亿元``."""
    if target.value is None:
        return _("no number named")
    number = text_of(target.value, target.indicator)
    if target.value_max is not None:
        number = f"{text_of(target.value, target.indicator)}–{text_of(target.value_max, target.indicator)}"
    change = target.change if adds_to_baseline(target) or target.indicator.is_flow else ""
    text = f"{change} {SIGNS[target.comparator]}{number}".strip()
    return _("%(demand)s every year") % {"demand": text} if target.recurrence == Target.Recurrence.YEARLY else text


def period(target: Target) -> str:
    """The period as the document names it."""
    return _("every year") if target.period == "annual" else target.period


def current(target: Target) -> str:
    """The current value as last reckoned; of a demand on each county, how many meet it."""
    if target.is_umbrella and target.current is not None:
        return ngettext("%(n)s county", "%(n)s counties", int(target.current)) % {"n": int(target.current)}
    return text_of(target.current, target.indicator)


def reason(standing: Standing) -> str:
    """Why the light is what it is."""
    return _REASONS[standing.why](standing) if standing.why in _REASONS else ""


def outlook(standing: Standing) -> str:
    """Where the present pace leads."""
    found = standing.forecast
    if found is None or standing.goal is None or standing.light == Light.ATTAINED:
        return ""
    if found.value is None:
        return ngettext(
            "Only %(count)s figure so far: too few to see a pace.",
            "Only %(count)s figures so far: too few to see a pace.",
            found.points,
        ) % {"count": found.points}
    indicator = standing.target.indicator
    values = {"value": text_of(rounded(found.value, indicator), indicator), "day": _day(standing.end)}
    short = standing.goal.value - found.value if standing.goal.direction == "up" else found.value - standing.goal.value
    if short <= 0:
        return _("At the present pace: %(value)s on %(day)s, the target is met.") % values
    values["short"] = text_of(rounded(short, indicator), indicator)
    return _("At the present pace: %(value)s on %(day)s, %(short)s short of the target.") % values


def baseline_note(standing: Standing) -> str:
    """Where the baseline comes from."""
    if standing.baseline is None:
        return _("to be supplied")
    if standing.baseline_is == "zero":
        return _("counted from the beginning of the period")
    if standing.baseline_is == "declared":
        return standing.target.baseline_source or _("no source given")
    return _("taken from the figure of %(day)s, as none is declared") % {"day": _day(standing.baseline.on)}


def coverage(standing: Standing) -> str:
    """Where a figure is a sum of counties: how many of them it holds."""
    latest = standing.latest
    if latest is None or not latest.is_sum:
        return ""
    if latest.reported < latest.expected:
        return _("sum of the counties; %(reported)s of %(expected)s have reported this period") % {
            "reported": latest.reported,
            "expected": latest.expected,
        }
    return _("sum of %(expected)s counties") % {"expected": latest.expected}


def _values(standing: Standing) -> dict[str, object]:
    """Everything that a reason may name."""
    indicator = standing.target.indicator
    current, goal, required = standing.current, standing.goal, standing.required
    whole = None if required is None else rounded(required, indicator)
    gap = abs(whole - current.value) if whole is not None and current else None
    left = abs(goal.value - current.value) if goal and current else None
    return {
        "day": _day(current.on) if current else "",
        "current": text_of(rounded(current.value, indicator), indicator) if current else "",
        "goal": text_of(rounded(goal.value, indicator), indicator) if goal else "",
        "required": text_of(rounded(required, indicator), indicator) if required is not None else "",
        "gap": text_of(rounded(gap, indicator), indicator) if gap is not None else "",
        "left": text_of(rounded(left, indicator), indicator) if left is not None else "",
        "end": _day(standing.end),
        "days": (standing.end - standing.as_of).days if standing.end else "",
    }


def _each(standing: Standing) -> str:
    counts = standing.counts
    values = {"met": counts[Light.ATTAINED], "all": len(standing.parts)}
    text = _("%(met)s of %(all)s counties meet it") % values
    if counts[Light.BEHIND]:
        text += _("; %(count)s behind") % {"count": counts[Light.BEHIND]}
    if counts[Light.UNKNOWN]:
        text += _("; %(count)s without a figure") % {"count": counts[Light.UNKNOWN]}
    return text


def _missed(standing: Standing) -> str:
    if standing.goal and standing.current and standing.goal.value == standing.current.value:
        return _("The period ended on %(end)s at exactly %(current)s; the target lies beyond.")
    return _("The period ended on %(end)s at %(current)s, %(left)s short of the target.")


_REASONS = {
    "attained": lambda s: _("%(current)s on %(day)s: the target of %(goal)s is met.") % _values(s),
    "on-track": lambda s: _("%(current)s on %(day)s; the line asks for %(required)s by then.") % _values(s),
    "due-soon": lambda s: _("On the line, but %(left)s are still missing and only %(days)s days left.") % _values(s),
    "behind": lambda s: (
        _("%(current)s on %(day)s; the line asks for %(required)s by then: %(gap)s short.") % _values(s)
    ),
    "missed": lambda s: _missed(s) % _values(s),
    "no-number": lambda s: _("The document names no number."),
    "no-figure": lambda s: _("No figure has been reported yet."),
    "no-baseline": lambda s: _("The baseline is missing, so the line to the target cannot be drawn."),
    "no-period": lambda s: _("The document does not say until when."),
    "final-figure-missing": lambda s: _("The period ended on %(end)s; its last figure is still missing.") % _values(s),
    "stale": lambda s: _("The latest figure is of %(day)s: later ones are overdue.") % _values(s),
    "each": _each,
}


def rounded(value: Decimal, indicator: Indicator) -> Decimal:
    """Computed values without digits that nobody measured: things are counted whole, shares to two decimals."""
    if indicator.unit == "%":
        return value.quantize(Decimal("0.01"))
    return value.quantize(Decimal(1)) if abs(value) >= 1 else value.quantize(Decimal("0.1"))


def _day(day: object) -> str:
    return formats.date_format(day, "DATE_FORMAT") if day else _("an unknown day")  # type: ignore[arg-type]
