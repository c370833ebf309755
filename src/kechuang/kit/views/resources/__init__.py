"""The pages of a resource."""

from __future__ import annotations

from django.urls import URLPattern, path

from kechuang.kit.resources.resource import Resource
from kechuang.kit.views.resources import bulk, detail, editing, exporting, importing, listing

PAGES = (
    ("", "list", listing.list_page),
    ("export.<str:kind>", "export", exporting.export),
    ("add/", "add", editing.add),
    ("bulk/", "bulk", bulk.bulk),
    ("import/", "import", importing.upload),
    ("import/template.xlsx", "import-template", importing.template),
    ("import/<str:token>/", "import-check", importing.check),
    ("<int:pk>/", "detail", detail.detail),
    ("<int:pk>/preview/", "preview", detail.preview),
    ("<int:pk>/history/", "history", detail.history),
    ("<int:pk>/edit/", "edit", editing.edit),
    ("<int:pk>/delete/", "delete", editing.delete),
    ("<int:pk>/do/<str:name>/", "step", detail.step),
)
NEEDS = {"add": "add", "edit": "change", "delete": "delete", "bulk": "bulk_actions"}


def patterns(resource: Resource) -> list[URLPattern]:
    """The address patterns of the pages that the resource declares something for."""
    found = []
    for route, page, view in PAGES:
        if page.startswith("import") and resource.importer is None:
            continue
        if page in NEEDS and not getattr(type(resource), NEEDS[page]):
            continue
        name = f"{resource.slug}-{page}"
        found.append(path(f"{resource.slug}/{route}", view, {"resource": resource}, name=name))
    return found
