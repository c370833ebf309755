"""From a policy document's text to its items."""

from __future__ import annotations

from kechuang.engines.extraction.benefits import BenefitParser
from kechuang.engines.extraction.facilities import find_facilities
from kechuang.engines.extraction.funds import find_funds, find_unquantified_funds
from kechuang.engines.extraction.indicator_tables import find_table_targets
from kechuang.engines.extraction.ledger import find_rows
from kechuang.engines.extraction.meta import find_references, read_meta
from kechuang.engines.extraction.model import Benefit, Extraction, Fund, Meta, Target
from kechuang.engines.extraction.sentences import numbered_sentences
from kechuang.engines.extraction.structure import Outline, headings, outline, passages
from kechuang.engines.extraction.targets import TargetParser
from kechuang.engines.extraction.tasks import find_tasks
from kechuang.engines.extraction.unquantified import find_unquantified
from kechuang.engines.extraction.view import View, read


def extract(text: str) -> Extraction:
    """Read one Chinese policy document; any text is accepted, an empty one gives an empty extraction."""
    view = read(text)
    nodes = outline(view)
    lookup = Outline(nodes)
    meta = read_meta(view, nodes)
    targets, benefits, funds = _numbers(view, lookup, meta)
    return Extraction(
        meta=meta,
        tasks=(*find_tasks(view, nodes), *find_rows(view, lookup)),
        targets=tuple(targets),
        benefits=tuple(benefits),
        funds=tuple(funds),
        facilities=tuple(find_facilities(view, nodes[0].start if nodes else 0)),
        references=tuple(find_references(view)),
        headings=headings(view, nodes),
        passages=passages(view, lookup),
    )


def _numbers(view: View, lookup: Outline, meta: Meta) -> tuple[list[Target], list[Benefit], list[Fund]]:
    """Everything that is read from a number: each number belongs to one fund, benefit or target at most."""
    targets: list[Target] = []
    benefits: list[Benefit] = []
    funds: list[Fund] = []
    grants = BenefitParser(view, lookup)
    aims = TargetParser(view, lookup, meta)
    for sentence in numbered_sentences(view.text):
        taken: set[int] = set()
        for quantity, fund in find_funds(view, sentence):
            funds.append(fund)
            taken.add(quantity.start)
        granted, used = grants.parse(sentence, taken)
        benefits.extend(granted)
        targets.extend(aims.parse(sentence, taken | used))
    targets.extend(find_table_targets(view, aims.scope))
    targets.sort(key=lambda target: target.start)
    benefits.extend(find_unquantified(view, benefits))
    benefits.sort(key=lambda benefit: benefit.start)
    funds.extend(find_unquantified_funds(view, {fund.start for fund in funds}))
    funds.sort(key=lambda fund: fund.start)
    return targets, benefits, funds
