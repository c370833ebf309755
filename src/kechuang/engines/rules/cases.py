"""Rule cases: what an officer expects of the rules for an enterprise that can be imagined, in YAML, run as a test.

    - name: 首次认定，营业收入未知
      on: 2025-06-30                     # the day that is asked about; without it, the day of the run
      given: {hnte_valid: yes, hnte_times: 1}
      expect:
        hnte-first: yes                  # yes, no or unknown
        rd-grant: {answer: unknown, missing: [revenue]}
        bonus: {answer: yes, amount: 100000, payable: 0}     # yuan; amount: unknown where it cannot be told

Facts that are not given are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path

import yaml

from kechuang.engines.rules.explain import Explainer, Explanation
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.facts import LIMIT, NO, UNKNOWN, YES
from kechuang.engines.rules.interpreter import Value
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.program import prepare
from kechuang.engines.rules.ruleset import RuleSet

_KEYS = {"name", "on", "given", "expect"}
_EXPECTED = {"answer", "amount", "payable", "missing"}
_ANSWERS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Expectation:
    """``answer``: True, False or None for unknown. What is not ``told`` of amount, payable (yuan; None: unknown) and
    missing is not held against the rule."""

    answer: bool | None
    told: frozenset[str] = frozenset()
    amount: Decimal | None = None
    payable: Decimal | None = None
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """``given`` as written; what it means is settled by the rules' use of each fact."""

    name: str
    given: Mapping[str, object] = field(default_factory=dict)
    expect: Mapping[str, Expectation] = field(default_factory=dict)
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """``sentence`` says what was expected and what came; ``rule`` is None where the case itself is at fault."""

    case: str
    rule: str | None
    sentence: str

    def __str__(self) -> str:
        return f"“{self.case}”{f', rule {self.rule}' if self.rule else ''}: {self.sentence}"


def read_cases(path: Path) -> tuple[Case, ...]:
    """A file of cases. Raises :class:`RuleError` naming the place in it, OSError where it cannot be opened."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise RuleError(f"{path.name} is not a text in UTF-8") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else path.name
        raise RuleError(str(getattr(error, "problem", None) or error or "this is not YAML"), place=where) from None
    return load_cases(content)


def load_cases(content: object) -> tuple[Case, ...]:
    """Cases from parsed YAML. Raises :class:`RuleError` on the first part that is not in order."""
    if not isinstance(content, list):
        raise RuleError("a file of cases is a list", mend="Begin each case with “- name: …”", code="form")
    cases = tuple(_case(entry, f"case {number}") for number, entry in enumerate(content, 1))
    seen: set[str] = set()
    for case in cases:
        if case.name in seen:
            raise RuleError(f"the name “{case.name}” stands twice", mend="Give each case its own name", code="form")
        seen.add(case.name)
    return cases


def _case(entry: object, place: str) -> Case:
    if not isinstance(entry, Mapping) or not entry.get("name"):
        raise RuleError("a case has a name", place=place, mend="Begin with “- name: …”", code="form")
    name = str(entry["name"])
    place = f"case “{name}”"
    # YAML reads a bare “on” as yes.
    keys = {"on" if key is True else str(key): value for key, value in entry.items()}
    extra = sorted(set(keys) - _KEYS)
    if extra:
        raise RuleError(
            f"“{extra[0]}” is no part of a case", place=place, mend="Parts: name, on, given, expect", code="form"
        )
    given, expect = keys.get("given") or {}, keys.get("expect")
    if not isinstance(given, Mapping):
        raise RuleError("“given” is a list of “fact: value”", place=place, code="form")
    if not isinstance(expect, Mapping) or not expect:
        raise RuleError("“expect” names at least one rule", place=place, mend="Write RULE_ID: yes", code="form")
    return Case(
        name,
        {str(code): value for code, value in given.items()},
        {str(rule): _expectation(value, f"{place}, rule {rule}") for rule, value in expect.items()},
        _on(keys.get("on"), place),
    )


def _on(value: object, place: str) -> date | None:
    if value is None:
        return None
    try:
        return _day(value)
    except ValueError:
        raise RuleError(f"“{value}” is not a day", place=place, mend="Write on: 2025-06-30", code="form") from None


def _day(value: object) -> date:
    """Raises ValueError where it is no day."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())


def _expectation(value: object, place: str) -> Expectation:
    if not isinstance(value, Mapping):
        return Expectation(_answer(value, place))
    extra = sorted(set(map(str, value)) - _EXPECTED)
    if extra or "answer" not in value:
        said = f"“{extra[0]}” cannot be expected" if extra else "the answer is missing"
        raise RuleError(said, place=place, mend="Parts: answer, amount, payable, missing", code="form")
    missing = value.get("missing")
    if missing is not None and not isinstance(missing, list):
        raise RuleError("“missing” is a list of facts", place=place, mend="Write missing: [revenue]", code="form")
    return Expectation(
        _answer(value["answer"], place),
        frozenset(str(key) for key in value if key != "answer"),
        _yuan(value.get("amount"), place),
        _yuan(value.get("payable"), place),
        frozenset(str(code) for code in missing or ()),
    )


def _answer(value: object, place: str) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    for words, answer in ((YES, True), (NO, False), (("unknown", "未知", "null", "none"), None)):
        if word in words:
            return answer
    raise RuleError(f"“{value}” is no answer", place=place, mend="Write yes, no or unknown", code="form")


def _yuan(value: object, place: str) -> Decimal | None:
    if value is None or str(value).strip().lower() in ("unknown", "未知"):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite():
        raise RuleError(f"“{value}” is not a sum in yuan", place=place, mend="Write amount: 100000", code="form")
    return amount


def run_cases(
    ruleset: RuleSet,
    cases: Iterable[Case],
    *,
    today: date | None = None,
    declared: Mapping[str, Kind] | None = None,
) -> tuple[Failure, ...]:
    """What came out otherwise than expected, in the order of the cases; nothing where all is well.

    ``declared``: kinds by the catalogue; a fact that is declared may be given although no rule asks for it.
    Raises :class:`RuleError` where the rules themselves are not in order.
    """
    by_day: dict[date, list[Case]] = {}
    listed = list(cases)
    for case in listed:
        by_day.setdefault(case.on or today or date.today(), []).append(case)
    failures: dict[str, list[Failure]] = {}
    for day, same_day in by_day.items():
        explainer = Explainer(prepare(ruleset, today=day, declared=declared))
        for case in same_day:
            failures[case.name] = _run(case, explainer)
    return tuple(failure for case in listed for failure in failures[case.name])


def _run(case: Case, explainer: Explainer) -> list[Failure]:
    rules = [ready.rule.id for ready in explainer.program.rules]
    strangers = [name for name in case.expect if name not in rules]
    found = [Failure(case.name, name, f"there is no such rule{_near(name, rules)}") for name in strangers]
    facts, faults = _facts(case, explainer)
    found += [Failure(case.name, None, fault) for fault in faults]
    if faults:
        return found
    wanted = [name for name in case.expect if name in rules]
    for explanation in explainer.explain(facts, wanted):
        expected = case.expect[explanation.rule]
        found += [Failure(case.name, explanation.rule, said) for said in _differences(expected, explanation)]
    return found


def _facts(case: Case, explainer: Explainer) -> tuple[dict[str, Value], list[str]]:
    """What is given, in the kinds that the rules use, and what of it cannot be used."""
    program = explainer.program
    received = {column for columns in program.limited.values() for column in columns}
    facts: dict[str, Value] = {}
    faults = []
    for code, value in case.given.items():
        kind = Kind.NUMBER if code in received else program.kinds.get(code)
        if kind is None or (code in program.ruleset.derived):
            said = "is computed, give the facts it is computed from" if kind or code in program.ruleset.derived else ""
            faults.append(f"“{code}” {said or 'is asked for by no rule' + _near(code, program.facts)}")
            continue
        try:
            facts[code] = _value(value, kind)
        except (ValueError, ArithmeticError):
            faults.append(f"{code}: “{value}” is not {_WORDS[kind]}")
    return facts, faults


_WORDS = {
    Kind.NUMBER: "a number (below 10¹⁵, without separators)",
    Kind.BOOLEAN: "yes or no",
    Kind.DATE: "a day such as 2025-12-31",
    Kind.TEXT: "a text; put codes in quotes",
}


def _value(value: object, kind: Kind) -> Value:
    """Raises ValueError or ArithmeticError where it is not of the kind."""
    word = str(value).strip()
    if value is None or (isinstance(value, str) and word.lower() in UNKNOWN):
        return None
    match kind:
        case Kind.NUMBER:
            number = Decimal(word)
            if isinstance(value, bool) or not number.is_finite() or abs(number) > LIMIT:
                raise ValueError
            return float(number)
        case Kind.BOOLEAN:
            if isinstance(value, bool):
                return value
            if word.lower() not in (*YES, *NO):
                raise ValueError
            return word.lower() in YES
        case Kind.DATE:
            return _day(value)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValueError
    return word


def _near(name: str, names: Sequence[str]) -> str:
    found = get_close_matches(name, names, n=1)
    return f"; did you mean {found[0]}?" if found else ""


def _differences(expected: Expectation, found: Explanation) -> Iterable[str]:
    if found.answer is not expected.answer:
        yield f"expected {_ANSWERS[expected.answer]}, the answer is {_ANSWERS[found.answer]}{_why(found)}"
        return
    for name, wanted, came in (
        ("amount", expected.amount, found.amount),
        ("payable amount", expected.payable, found.payable),
    ):
        if name.split()[0] in expected.told and (None if wanted is None else round(wanted * 100)) != came:
            yield f"expected the {name} {_money(wanted)}, it is {_money(None if came is None else Decimal(came) / 100)}"
    if "missing" in expected.told and set(found.missing) != expected.missing:
        wanted_names, came_names = ", ".join(sorted(expected.missing)), ", ".join(sorted(found.missing))
        yield f"expected to miss {wanted_names or 'nothing'}, it misses {came_names or 'nothing'}"


def _why(found: Explanation) -> str:
    if not found.in_force:
        return ": it is not in force on that day"
    if found.answer is None:
        return f": {', '.join(found.missing)} unknown"
    failed = [criterion.label or criterion.text for criterion in found.criteria if criterion.answer is False]
    return f": {'; '.join(failed)} not met" if failed else ": all conditions are met"


def _money(yuan: Decimal | None) -> str:
    return "unknown" if yuan is None else f"{yuan:,.2f}".removesuffix(".00") + " yuan"
