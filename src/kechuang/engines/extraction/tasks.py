"""Tasks of the body: the innermost headings of the sections that tell somebody to do something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kechuang.engines.extraction.model import Task
from kechuang.engines.extraction.periods import PERIOD, find_deadline, labelled_deadline
from kechuang.engines.extraction.structure import ENUMERATED, FACET, RUN_IN, Node
from kechuang.engines.extraction.units import Duty, duty_in_sentence, find_duties
from kechuang.engines.extraction.view import View

# Sections that describe, aim or define, and so hold no task.
_NO_TASK = re.compile(
    r"现实基础|回顾|主要成效|总体要求|总体思路|总体目标|工作思路|指导思想|基本原则|工作原则|(?:发展|主要|"
    r"工作|总体|年度|建设|行动|阶段|预期)目标|^目标(?:任务)?$|现状|发展基础|面临形势|"
    r"形势|重要意义|重大意义"
    r"|适用(?:范围|对象)|附则|名词解释|总则|^背景|申报(?:条件|程序|材料|流程)|工作要点解读"
)
_NOT_A_MEASURE = re.compile(
    r"^本(?:政策|措施|办法|意见|方案|细则|规定|通知|若干)|(?:施行|实施)之日起|有效期|"
    r"由.{2,20}负责解释|制定本|^同一(?:项目|事项|企业|单位|主体|年度|内容)|弄虚作假|骗取|就高不重复|从高不重复"
)
_SUPPORT = re.compile(r"保障|组织实施|组织领导|支撑措施")
_STRONG_SUPPORT = re.compile(r"(?:保障措施|组织实施|组织保障|保障机制|工作保障|实施保障|工作要求)$")
_GRANTS = re.compile(r"，.*(?:给予|奖励|补助|补贴|资助|\d)")


@dataclass(slots=True)
class _Draft:
    node: Node
    duty: Duty | None = None


def find_tasks(view: View, nodes: Sequence[Node]) -> list[Task]:
    """The tasks of the body, in order, each with the units of the line that covers it."""
    divided = {id(node.parent) for node in nodes if not FACET.search(node.title)}
    drafts = [_Draft(node) for node in nodes if _is_task(view.text, node, id(node) not in divided)]
    _assign(view.text, drafts)
    return [_task(view, draft) for draft in drafts]


def _is_task(text: str, node: Node, only_facets: bool) -> bool:
    if node.rank == 0 or FACET.search(node.title) or (node.has_children and not only_facets):
        return False
    chain = [*node.ancestors(), node]
    if any(_NO_TASK.search(part.title) or part.rank == 0 for part in chain):
        return False
    if _NOT_A_MEASURE.search(node.title) or not _title(text, node):
        return False
    # A heading on its own line with nothing under it is a line of a list or of a table of contents.
    return not node.own_line or node.stop - node.end > 12


def _title(text: str, node: Node) -> str:
    """A heading's own words; where the item has no heading, its first clause."""
    title = node.title
    if not node.own_line and (len(title) > 40 or _GRANTS.search(title)):
        clauses = [clause for clause in title.split("，") if clause and not PERIOD.fullmatch(clause)]
        title = clauses[0] if clauses else title
    return title.strip("，、 ")


def _assign(text: str, drafts: list[_Draft]) -> None:
    """A statement of duty covers the items since the last one that share its innermost heading's parent."""
    if not drafts:
        return
    position = -1
    pending: list[_Draft] = []
    queue = list(drafts)
    for duty in find_duties(text):
        while queue and queue[0].node.start <= duty.start:
            pending.append(queue.pop(0))
        if not pending:
            continue
        last = pending[-1]
        if duty.start >= _outer_stop(last.node):
            pending.clear()
            continue
        for draft in pending:
            if draft is last or _shares(draft.node, last.node):
                draft.duty = duty
        pending.clear()
        position = duty.end
    if position >= 0:
        _share_single_duty(drafts)


def _outer_stop(node: Node) -> int:
    """How far a statement may stand from its item: to the end of the section the item belongs to."""
    return node.parent.stop if node.parent is not None else node.stop


def _shares(earlier: Node, last: Node) -> bool:
    return last.rank in (ENUMERATED, RUN_IN) and earlier.rank == last.rank and earlier.parent is last.parent


def _share_single_duty(drafts: list[_Draft]) -> None:
    """Where only the last item of several numbered ones is followed by a statement, it is the section's."""
    groups: dict[int, list[_Draft]] = {}
    for draft in drafts:
        if draft.node.parent is not None:
            groups.setdefault(id(draft.node.parent), []).append(draft)
    for group in groups.values():
        holders = [draft for draft in group if draft.duty is not None]
        if len(group) > 1 and len(holders) == 1 and holders[0] is group[-1]:
            for draft in group:
                draft.duty = holders[0].duty


def _task(view: View, draft: _Draft) -> Task:
    node, duty = draft.node, draft.duty
    stop = node.stop
    if duty is None:
        duty = duty_in_sentence(view.text, node.end, stop)
    if draft.duty is not None and duty is not None and node.start <= duty.start < stop:
        stop = duty.start
    soft = any(_STRONG_SUPPORT.search(part.title) for part in node.ancestors()) or (
        not node.ancestors() and _SUPPORT.search(node.title) is not None
    )
    number = node.number if node.rank != RUN_IN else None
    return Task(
        where="body",
        path=node.parent_path,
        number=number,
        title=_title(view.text, node),
        lead=duty.lead if duty else (),
        units=duty.units if duty else (),
        deadline=labelled_deadline(view.text, node.end, node.stop) or find_deadline(view.text, node.end, stop),
        measures=view.text[node.end : stop].strip("。：\n（〔"),
        section_type="保障" if soft else None,
        **view.quote(node.start, node.end),  # type: ignore[arg-type]
    )
