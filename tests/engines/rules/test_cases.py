"""Cases that officers write."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from kechuang.engines.rules.cases import Case, Failure, load_cases, read_cases, run_cases
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.ruleset import load_rules

RULES = load_rules(
    yaml.safe_load("""
indicators: {intensity: rd_expense / revenue}
rules:
  - {id: first, when: [hnte_valid, hnte_times = 1], amount: 100000, group: hnte, valid: [2022-08-26, null]}
  - {id: again, when: [hnte_valid, "hnte_times > 1"], amount: 50000, group: hnte}
  - {id: bonus, when: [{sql: hnte_valid, label: 高企证书有效}], amount: 70000, group: hnte}
  - id: rd
    when: ["intensity >= 0.03", "hnte_until >= CURRENT_DATE"]
    amount: {rate: 0.1, of: rd_expense, cap: 5000.5}
  - {id: place, when: ["within(region, '411300')"], amount: {rate: 0.1, of: rd_expense}}
  - {id: once, when: hnte_valid, amount: 5, limits: {once: true}}
""")
)


def run(text: str, **options: object) -> tuple[Failure, ...]:
    return run_cases(RULES, load_cases(yaml.safe_load(text)), today=date(2025, 6, 30), **options)  # type: ignore[arg-type]


def test_cases_that_hold() -> None:
    assert (
        run("""
- name: 首次认定
  on: 2025-06-30
  given: {hnte_valid: yes, hnte_times: 1}
  expect:
    first: {answer: yes, amount: 100000, payable: 100000}
    again: no
    bonus: {answer: yes, amount: 70000, payable: 0}
    rd: {answer: unknown, missing: [rd_expense, revenue, hnte_until]}
- name: 早于政策
  on: 2020-01-01
  given: {hnte_valid: 是, hnte_times: 1}
  expect: {first: 否, bonus: 是}
- name: 封顶
  given: {rd_expense: 1e6, revenue: "2000000", hnte_until: 2025-06-30}
  expect: {rd: {answer: yes, amount: 5000.50}}
- name: 金额未知
  given: {region: 411302, rd_expense: 待补充}
  expect: {place: {answer: yes, amount: unknown, missing: [rd_expense]}}
- name: 已享受
  given: {hnte_valid: yes, once.received: 5}
  expect: {once: {answer: yes, amount: 5, payable: 0}}
""")
        == ()
    )


@pytest.mark.parametrize(
    ("given", "expect", "sentence"),
    [
        ("{hnte_valid: no}", "{bonus: yes}", "expected yes, the answer is no: 高企证书有效 not met"),
        ("{}", "{bonus: yes}", "expected yes, the answer is unknown: hnte_valid unknown"),
        ("{hnte_valid: yes}", "{bonus: no}", "expected no, the answer is yes: all conditions are met"),
        ("{hnte_valid: yes}", "{bonus: {answer: yes, amount: 1}}", "expected the amount 1 yuan, it is 70,000 yuan"),
        ("{}", "{bonus: {answer: unknown, missing: []}}", "expected to miss nothing, it misses hnte_valid"),
        ("{}", "{bonu: yes}", "there is no such rule; did you mean bonus?"),
        ("{hnte_vlid: yes}", "{bonus: yes}", "“hnte_vlid” is asked for by no rule; did you mean hnte_valid?"),
        ("{intensity: 1}", "{rd: yes}", "“intensity” is computed, give the facts it is computed from"),
        ("{revenue: much}", "{rd: yes}", "revenue: “much” is not a number (below 10¹⁵, without separators)"),
        ("{hnte_until: '2025-13-01'}", "{rd: yes}", "hnte_until: “2025-13-01” is not a day such as 2025-12-31"),
    ],
)
def test_a_failure_is_a_sentence(given: str, expect: str, sentence: str) -> None:
    (failure,) = run(f"- {{name: 例, given: {given}, expect: {expect}}}")
    assert failure.sentence == sentence
    assert "“例”" in str(failure)


def test_a_rule_out_of_force_says_so() -> None:
    (failure,) = run("- {name: x, on: 2020-01-01, given: {hnte_valid: yes, hnte_times: 1}, expect: {first: yes}}")
    assert failure.sentence.endswith("it is not in force on that day")


def test_a_declared_fact_may_be_given_although_no_rule_asks_for_it() -> None:
    text = "- {name: x, given: {staff_count: 5, hnte_valid: yes}, expect: {bonus: yes}}"
    assert len(run(text)) == 1
    assert run(text, declared={"staff_count": Kind.NUMBER}) == ()


@pytest.mark.parametrize(
    "text",
    [
        "name: x",
        "- {given: {}}",
        "- {name: x}",
        "- {name: x, expect: {}}",
        "- {name: x, given: 5, expect: {a: yes}}",
        "- {name: x, expect: {a: maybe}}",
        "- {name: x, expect: {a: {amount: 5}}}",
        "- {name: x, expect: {a: {answer: yes, sum: 5}}}",
        "- {name: x, expect: {a: {answer: yes, amount: lots}}}",
        "- {name: x, expect: {a: {answer: yes, missing: b}}}",
        "- {name: x, on: soon, expect: {a: yes}}",
        "- {name: x, nonsense: 1, expect: {a: yes}}",
        "[{name: x, expect: {a: yes}}, {name: x, expect: {a: yes}}]",
    ],
)
def test_what_is_no_case_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(RuleError):
        load_cases(yaml.safe_load(text))


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("- {name: 一, expect: {bonus: unknown}}", encoding="utf-8")
    (case,) = read_cases(path)
    assert isinstance(case, Case)
    assert run_cases(RULES, [case]) == ()
    for broken in (b"- {name: [", b"\xff\xfe\x00", b"- {name: x, on: 2025-13-45, expect: {a: yes}}"):
        path.write_bytes(broken)
        with pytest.raises(RuleError):
            read_cases(path)
