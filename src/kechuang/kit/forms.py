"""Forms drawn with our own field template: label, help, error, input, in that order, for every form of the platform."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting

_PLAIN = {"checkbox", "radio", "hidden"}
_GROUPS = (
    "/radio.html",
    "/checkbox_select.html",
    "/multiple_input.html",
    "/multiwidget.html",
    "/date_range.html",
    "_option.html",
)


class Renderer(TemplatesSetting):
    """Form templates come from the apps' own template folders; inputs get the classes of the design."""

    form_template_name = "kit/forms/form.html"
    field_template_name = "kit/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        widget = context.get("widget")
        if isinstance(widget, dict) and "attrs" in widget:
            widget["attrs"] = _with_class(widget)
        return super().render(template_name, context, request)


def _with_class(widget: dict[str, Any]) -> dict[str, Any]:
    template = str(widget.get("template_name", ""))
    if (widget.get("type") or "") in _PLAIN or template.endswith(_GROUPS):
        return dict(widget["attrs"])
    base = "form-select" if template.endswith("/select.html") else "form-control"
    classes = widget["attrs"].get("class", "")
    return {**widget["attrs"], "class": classes if base in classes else f"{base} {classes}".strip()}
