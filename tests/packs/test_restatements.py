"""The restatements say what the documents say, in other sentences.

The documents themselves and their hand-made labels are not part of the repository; the tests that compare with them run
where both lie beside it.
"""

import json
import re
import unicodedata
from pathlib import Path

import pytest

from kechuang.engines.extraction import extract
from kechuang.kit.packs import fold, load_pack

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
DOCUMENTS = {document.slug: document for name in ("nanyang", "pingdingshan") for document in load_pack(name).documents}
SEEDS = {
    "nanyang-industry-upgrading": "000_485e9d249fa31b02.txt",
    "kechuang-nanyang-2023-2025": "001_d4a98930e5bde5bd.txt",
    "nanyang-innovation-action": "002_fd34b09a82c15831.txt",
    "pingdingshan-innovation-drive": "003_387d14b45788bf5b.txt",
    "nanyang-science-plan-2024": "004_c94f626b4579726e.txt",
}
LABELLED = [slug for slug, seed in SEEDS.items() if seed[:3] in ("000", "002", "003")]

# Names, which a restatement may repeat: headings and task titles with their number, lists of units, titles of annexes.
NAME = re.compile(
    r"([一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+\.|[一二三]是|（?(责任|牵头)单位：|附件：)"
)
UNITS = re.compile(r"((市|各县)[^、，]{1,24}[、，]?)+")
TITLES = {"南阳市创新创业行动实施方案重点任务分工台账", "“科创南阳”三年行动计划（2023—2025年）"}

# What a reader counts in each: body tasks, ledger rows, targets with a number, benefits with an amount, funds with one.
EXPECTED = {
    "nanyang-industry-upgrading": (25, 0, 24, 15, 3),
    "kechuang-nanyang-2023-2025": (18, 0, 1, 0, 0),
    "nanyang-innovation-action": (26, 22, 46, 10, 3),
    "pingdingshan-innovation-drive": (35, 0, 10, 0, 0),
    "nanyang-science-plan-2024": (17, 0, 16, 2, 3),
}


def shared(folder: str, name: str) -> str:
    path = SHARED / folder / name
    if not path.exists():
        pytest.skip(f"the original documents and their labels are not beside the repository: no {path}")
    return path.read_text("utf-8")


def squeezed(text: str) -> str:
    """The text as it is compared: no blanks, no marks of emphasis, one form of brackets and dashes."""
    return re.sub(r"[\s*]", "", unicodedata.normalize("NFKC", text)).replace("—", "-")


def sentences(text: str) -> list[str]:
    """The sentences of a restatement below its head, without what is a name."""
    body = text.partition("】")[2]
    pieces = (piece.strip() for piece in re.split(r"[。；！？\n\t]", body))
    return [piece for piece in pieces if piece not in TITLES and not NAME.match(piece) and not UNITS.fullmatch(piece)]


@pytest.mark.parametrize("slug", SEEDS)
def test_no_sentence_is_the_originals(slug):
    original = squeezed(shared("seeds", SEEDS[slug]))
    ours = [sentence for sentence in sentences(DOCUMENTS[slug].read_text()) if len(squeezed(sentence)) >= 20]
    assert len(ours) > 20
    assert [sentence for sentence in ours if squeezed(sentence) in original] == []


@pytest.mark.parametrize("slug", SEEDS)
def test_restatement_is_shorter_and_says_that_it_is_one(slug):
    document = DOCUMENTS[slug]
    text = document.read_text()
    number = f"原文文号：{document.doc_number}" if document.doc_number else "原文无文号"
    assert f"【本文为改写稿，非原文；{number}" in text
    assert len(text) < 0.85 * len(shared("seeds", SEEDS[slug]))


def by_task(text: str, titles: list[str], figures: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Each figure with the count of task titles before it; ``text`` is squeezed, so are titles and figures."""
    starts, at = [], 0
    for title in titles:
        at = text.index(title, at)
        starts.append(at)
        at += len(title)
    return [(sum(start <= place for start in starts), figure) for place, figure in figures]


@pytest.mark.parametrize("slug", LABELLED)
def test_every_labelled_figure_stands_in_the_same_task(slug):
    """A figure is placed by the task title before it, in the original as in the restatement."""
    original = shared("seeds", SEEDS[slug])
    labels = [json.loads(line) for line in shared("gold", SEEDS[slug] + ".jsonl").splitlines()]
    titles = [squeezed(label["title"]) for label in sorted(_tasks(labels), key=lambda label: label["start"])]
    figures = [
        (len(squeezed(original[: label["start"]])), squeezed(label["raw"]))
        for label in labels
        if label["kind"] in ("target", "benefit", "fund") and label.get("raw")
    ]
    expected = by_task(squeezed(original), titles, figures)
    ours = squeezed(DOCUMENTS[slug].read_text())
    found = set(
        by_task(
            ours, titles, [(each.start(), raw) for _, raw in expected for each in re.finditer(re.escape(raw), ours)]
        )
    )
    assert len(expected) > 8
    assert [each for each in expected if each not in found] == []


def _tasks(labels: list[dict]) -> list[dict]:
    return [label for label in labels if label["kind"] == "task"]


@pytest.mark.parametrize("slug", SEEDS)
def test_extraction_finds_what_the_restatement_says(slug):
    found = extract(DOCUMENTS[slug].read_text())
    counts = (
        sum(task.where == "body" for task in found.tasks),
        sum(task.where == "ledger" for task in found.tasks),
        sum(target.value is not None for target in found.targets),
        sum(benefit.amount is not None for benefit in found.benefits),
        sum(fund.amount is not None for fund in found.funds),
    )
    assert counts == EXPECTED[slug]


@pytest.mark.parametrize("slug", SEEDS)
def test_extraction_finds_number_title_and_date(slug):
    document = DOCUMENTS[slug]
    meta = extract(document.read_text()).meta
    assert meta.doc_number == document.doc_number
    assert meta.title is not None
    assert squeezed(document.title) in squeezed(meta.title)
    assert meta.date == (document.date.isoformat() if document.date else None)


@pytest.mark.parametrize("slug", SEEDS)
def test_every_responsible_unit_is_a_unit_of_the_pack(slug):
    pack = load_pack("pingdingshan" if slug.startswith("pingdingshan") else "nanyang")
    known = {fold(name) for unit in pack.units for name in unit.names}
    tasks = extract(DOCUMENTS[slug].read_text()).tasks
    named = {unit for task in tasks for unit in (*task.lead, *task.units)}
    assert sorted(unit for unit in named if fold(unit) not in known) == []


@pytest.mark.parametrize("slug", SEEDS)
def test_every_target_has_its_indicator_in_the_catalogue(slug):
    pack = load_pack("pingdingshan" if slug.startswith("pingdingshan") else "nanyang")
    known = {fold(name) for indicator in pack.indicators for name in indicator.names}
    targets = extract(DOCUMENTS[slug].read_text()).targets
    assert sorted({target.indicator for target in targets if fold(target.indicator) not in known}) == []


@pytest.mark.parametrize("slug", LABELLED)
def test_same_tasks_for_the_same_units_as_the_labels(slug):
    labels = [json.loads(line) for line in shared("gold", SEEDS[slug] + ".jsonl").splitlines()]
    tasks = extract(DOCUMENTS[slug].read_text()).tasks

    def told(title: str, people: list[str]) -> tuple[str, list[str]]:
        return squeezed(title), sorted(squeezed(unit) for unit in people)

    ours = [told(task.title, [*task.lead, *task.units]) for task in tasks]
    expected = [told(label["title"], label["lead"] + label["units"]) for label in _tasks(labels)]
    assert sorted(ours) == sorted(expected)


@pytest.mark.parametrize("slug", LABELLED)
def test_targets_and_benefits_mean_what_the_labels_say(slug):
    """Value, comparator and period of every target, amount, comparator, payer and recurrence of every benefit."""
    labels = [json.loads(line) for line in shared("gold", SEEDS[slug] + ".jsonl").splitlines()]
    found = extract(DOCUMENTS[slug].read_text())
    spare: list[tuple[object, ...]] = [
        *((each.value, each.value_max, each.comparator, each.period) for each in found.targets),
        *(
            (each.amount, each.amount_max, each.comparator, each.payer, each.per)
            for each in found.benefits
            if each.amount is not None
        ),
    ]
    for label in labels:
        if label["kind"] == "target" and label["value"] is not None and not label.get("optional"):
            comparators = [label["op"], *label.get("op_alt", [])]
            wanted = [(label["value"], label["value_max"], each, label["period"]) for each in comparators]
        elif label["kind"] == "benefit" and label["amount"] is not None:
            wanted = [(label["amount"], label["amount_max"], label["op"], label["payer"], label["per"])]
        else:
            continue
        match = next((each for each in wanted if each in spare), None)
        assert match is not None, label
        spare.remove(match)
    assert spare == []
