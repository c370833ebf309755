"""Tasks of an annexed ledger (任务分工台账): rows of tab-separated cells under a header that names the columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kechuang.engines.extraction.model import Task
from kechuang.engines.extraction.structure import Outline
from kechuang.engines.extraction.units import split_units
from kechuang.engines.extraction.view import View

_COLUMNS = {
    "number": re.compile(r"^(?:序号|编号|序)$"),
    "lead": re.compile(r"牵头(?!领导|人)(?:责任)?(?:单位|部门|科室)|^(?:总?牵头|主办)(?!领导|人)"),
    "units": re.compile(
        r"责任(?:单位|部门|主体|科室)|(?:配合|协办|协同)(?:单位|部门)|责任分工|参与单位|实施(?:单位|"
        r"主体)|落实单位|承办单位"
    ),
    "deadline": re.compile(r"时限|完成时间|时间节点|完成期限|时间安排|时间要求|进度安排"),
    "person": re.compile(r"领导|责任人|联系人|负责人|分管"),
    "measures": re.compile(
        r"(?:目标|成果|成效|指标)(?:任务|要求|值|内容)?$|措施|举措|工作内容|主要内容|具体(?:任务|内容|要求)|任务内容|建设内容"
    ),
    "title": re.compile(r"任务|事项|工作|项目|内容|目标|措施|举措|名称"),
}
_NUMBER = re.compile(r"[\d一二三四五六七八九十]{1,3}")


def find_rows(view: View, lookup: Outline) -> list[Task]:
    """Every row of every ledger in the text, numbered as printed."""
    columns: dict[str, list[int]] = {}
    last_end = -1
    rows: list[Task] = []
    for start, end in tabbed_lines(view.text):
        cells = list(cells_of(view.text, start, end))
        header = _columns([view.text[start:end] for start, end in cells])
        if header:
            columns = header
        elif columns and start - last_end < 400:
            row = _row(view, lookup, columns, cells)
            if row is not None:
                rows.append(row)
        else:
            columns = {}
        last_end = end
    return rows


def tabbed_lines(text: str) -> Iterator[tuple[int, int]]:
    """The extents of the lines that are rows of a table."""
    position = 0
    while (tab := text.find("\t", position)) >= 0:
        start, end = text.rfind("\n", position, tab) + 1 or position, text.find("\n", tab)
        position = len(text) if end < 0 else end
        yield start, position


def cells_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The extents of the cells of one row."""
    while True:
        border = text.find("\t", start, end)
        yield start, end if border < 0 else border
        if border < 0:
            return
        start = border + 1


def _columns(cells: Sequence[str]) -> dict[str, list[int]]:
    """Which columns hold what, if this row is the header of a ledger; otherwise nothing."""
    if len(cells) < 3 or any(len(cell) > 14 for cell in cells):
        return {}
    found: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        kind = next((name for name, pattern in _COLUMNS.items() if pattern.search(cell)), None)
        if kind is not None:
            found.setdefault(kind, []).append(index)
    if "title" not in found and len(found.get("measures", ())) >= 1:
        found["title"] = [found["measures"].pop(0)]
    return found if "title" in found and ("units" in found or "lead" in found) else {}


def _row(view: View, lookup: Outline, columns: dict[str, list[int]], cells: Sequence[tuple[int, int]]) -> Task | None:
    def cell(kind: str) -> str:
        texts = [view.text[slice(*cells[index])] for index in columns.get(kind, ()) if index < len(cells)]
        return "、".join(text for text in texts if text)

    number = cell("number")
    start, end = cells[columns["title"][-1]] if columns["title"][-1] < len(cells) else (0, 0)
    title = view.text[start:end].strip("。；")
    if not title or (number and not _NUMBER.fullmatch(number)):
        return None
    first = cells[columns["number"][0]][0] if number and columns["number"][0] < len(cells) else start
    lead, units = split_units(cell("lead")), split_units(cell("units"))
    node = lookup.at(start)
    return Task(
        where="ledger",
        path=node.path if node is not None and node.rank == 0 else "",
        number=number or None,
        title=title,
        lead=lead,
        units=tuple(unit for unit in units if unit not in lead),
        deadline=re.sub("[“”]", "", cell("deadline")) or None,
        measures=cell("measures"),
        **view.quote(min(first, start), end),  # type: ignore[arg-type]
    )
