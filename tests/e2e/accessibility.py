"""axe-core on a page: what keeps people with a screen reader, a keyboard or weak sight from using it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = {"serious", "critical"}
RUN = """(standards) => axe.run(document, {runOnly: {type: "tag", values: standards}, resultTypes: ["violations"]})"""


@cache
def _script() -> str:
    installed = Path("node_modules/axe-core/axe.min.js")
    path = installed if installed.exists() else Path(str(files("axe_core_python"))) / "axe.min.js"
    return path.read_text(encoding="utf-8")


def grave_violations(page: Page) -> list[str]:
    """Every serious or critical violation, with the elements that it is about."""
    page.evaluate(_script())
    result: dict[str, Any] = page.evaluate(RUN, STANDARDS)
    return [
        f"{each['id']} ({each['impact']}): {each['help']}\n      "
        + "\n      ".join(f"{' '.join(map(str, node['target']))}: {_reason(node)}" for node in each["nodes"][:4])
        for each in result["violations"]
        if each["impact"] in GRAVE
    ]


def _reason(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]][:2])
