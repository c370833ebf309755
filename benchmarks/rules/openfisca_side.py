"""The same thirty rules in openfisca-core, in its own vectorised way. Runs in the benchmark's throw-away venv.

Every indicator and every rule is a Variable with a companion ``_known``. Two ways of writing it are measured. In the
``plain`` one each Variable has its formula, as openfisca means it. In the ``tuned`` one a value's formula puts what is
known of it into its companion's cache behind the library's back, so that no comparison is made twice. Codes are
numbers here, which is quicker than its texts and its Enums.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable
from spec import CODES, DAYS, DERIVED, FLAGS, INDICATORS, NUMBERS, RULES

PERIOD = "2025"
TODAY = np.datetime64("2025-06-30")
Enterprise = build_entity(key="enterprise", plural="enterprises", label="Enterprise", is_person=True)
OPERATORS = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less, "=": np.equal}
Pair = tuple[Any, Any]


def both(pairs: list[Pair]) -> Pair:
    """Kleene's AND: false as soon as one is false, whatever the others are."""
    (value, known), *rest = pairs
    for other, other_known in rest:
        known = (known & other_known) | (known & ~value) | (other_known & ~other)
        value = value & other
    return value, known


def either(pairs: list[Pair]) -> Pair:
    (value, known), *rest = pairs
    for other, other_known in rest:
        known = (known & other_known) | (known & value) | (other_known & other)
        value = value | other
    return value & known, known


def read(enterprise: Any, period: Any, name: str) -> Pair:
    # The value first: in the tuned way it is what fills the companion.
    return enterprise(name, period), enterprise(f"{name}_known", period)


def criterion(enterprise: Any, period: Any, form: tuple[Any, ...]) -> Pair:
    kind, name, *rest = form
    if kind in ("or", "all"):
        return (either if kind == "or" else both)([criterion(enterprise, period, part) for part in form[1:]])
    value, known = read(enterprise, period, name)
    if kind == "is":
        return value, known
    if kind == "not":
        return ~value, known
    if kind == "under":
        return under(value, rest[0]), known
    if kind == "older":
        day = TODAY.astype(object)
        latest = np.datetime64(day.replace(year=day.year - rest[0]))
        return value <= latest, known
    return OPERATORS[kind](value, rest[0]), known


def under(value: Any, code: int | str) -> Any:
    """Regions are six digits; of an industry the benchmark's files hold the number of letter and division."""
    if isinstance(code, str):
        return value // 100 == industry_number(code)
    return value // 100 == code // 100 if code % 100 == 0 else value == code


def industry_number(code: str) -> int:
    return (ord(code[0]) - 64) * 100 + int(code[1:3])


def amount(enterprise: Any, period: Any, form: tuple[Any, ...]) -> Pair:
    if form[0] == "fixed":
        ones = np.ones(enterprise.count, dtype=bool)
        return np.full(enterprise.count, form[1], dtype=np.float32), ones
    value, known = read(enterprise, period, form[1])
    if form[0] == "rate":
        return np.minimum(value * form[2], form[3]), known
    tiers, otherwise = form[2], form[3]
    return np.select([value >= low for low, _ in tiers], [given for _, given in tiers], otherwise), known


def cached(enterprise: Any, period: Any, name: str, values: Any) -> None:
    enterprise.simulation.get_holder(name).put_in_cache(values, period)


def variable(name: str, value_type: type, formula: Any = None) -> type[Variable]:
    body: dict[str, Any] = {"value_type": value_type, "entity": Enterprise, "definition_period": DateUnit.YEAR}
    if formula:
        body["formula"] = formula
    return type(name, (Variable,), body)


def derived(name: str, form: tuple[Any, ...]) -> Any:
    def pair(enterprise: Any, period: Any) -> Pair:
        pairs = [read(enterprise, period, part) for part in form[1:]]
        known = np.logical_and.reduce([known for _, known in pairs])
        if form[0] == "+":
            return sum(part for part, _ in pairs), known
        (top, _), (bottom, _) = pairs
        known &= bottom != 0
        return np.divide(top, bottom, out=np.zeros_like(top), where=known), known

    return pair


def answer(rule: dict[str, Any]) -> Any:
    def pair(enterprise: Any, period: Any) -> Pair:
        value, known = both([criterion(enterprise, period, form) for form in rule["when"]])
        return value & known, known

    return pair


def granted(rule: dict[str, Any]) -> Any:
    def pair(enterprise: Any, period: Any) -> Pair:
        entitled = enterprise(rule["id"], period)
        value, known = amount(enterprise, period, rule["amount"])
        return np.where(entitled & known, value, 0), entitled & known

    return pair


def added(built: TaxBenefitSystem, name: str, value_type: type, pair: Any, *, tuned: bool) -> None:
    """The two Variables of a pair."""

    def value(enterprise: Any, period: Any) -> Any:
        found, known = pair(enterprise, period)
        if tuned:
            cached(enterprise, period, f"{name}_known", known)
        return found

    def is_known(enterprise: Any, period: Any) -> Any:
        return pair(enterprise, period)[1]

    built.add_variable(variable(name, value_type, value))
    built.add_variable(variable(f"{name}_known", bool, None if tuned else is_known))


def system(*, tuned: bool) -> TaxBenefitSystem:
    built = TaxBenefitSystem([Enterprise])
    types = {**dict.fromkeys(NUMBERS, float), **dict.fromkeys(FLAGS, bool), **dict.fromkeys(CODES, int)}
    types |= dict.fromkeys(DAYS, date)
    for name in INDICATORS:
        built.add_variable(variable(name, types[name]))
        built.add_variable(variable(f"{name}_known", bool))
    for name, form in DERIVED.items():
        added(built, name, float, derived(name, form), tuned=tuned)
    for rule in RULES:
        added(built, rule["id"], bool, answer(rule), tuned=tuned)
        if rule["amount"] is not None:
            added(built, f"{rule['id']}_amount", float, granted(rule), tuned=tuned)
    return built


def main(folder: str, times: int, way: str) -> None:
    arrays = {name: np.load(f"{folder}/{name}.npy") for part in INDICATORS for name in (part, f"{part}_known")}
    built, seconds, used, told = system(tuned=way == "tuned"), [], [], {}
    for _ in range(times):
        simulation = SimulationBuilder().build_default_simulation(built, count=len(arrays["revenue"]))
        for name, values in arrays.items():
            simulation.set_input(name, PERIOD, values)
        started, cpu = time.perf_counter(), time.process_time()
        for rule in RULES:
            yes = simulation.calculate(rule["id"], PERIOD)
            known = simulation.calculate(f"{rule['id']}_known", PERIOD)
            money = None
            if rule["amount"] is not None:
                money = simulation.calculate(f"{rule['id']}_amount", PERIOD)
                simulation.calculate(f"{rule['id']}_amount_known", PERIOD)
            told[rule["id"]] = (yes, known, money)
        seconds.append(time.perf_counter() - started)
        used.append(time.process_time() - cpu)
    rules = {
        name: [int(yes.sum()), int((~known).sum()), 0.0 if money is None else float(money.sum(dtype=np.float64))]
        for name, (yes, known, money) in told.items()
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"seconds": seconds, "cpu": used, "peak_gib": peak, "rules": rules}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
