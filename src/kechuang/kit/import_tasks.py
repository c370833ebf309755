"""Importing big spreadsheets in the background: check one, write one."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth import get_user_model
from procrastinate.contrib.django import app

from kechuang.kit import import_store as store
from kechuang.kit import jobs
from kechuang.kit.importing import Importer
from kechuang.kit.permissions import actor_of, authorise
from kechuang.kit.resources.registry import resource_at


@app.task(name="kit.check_import")
def check_import(job_id: int, resource: str, path: str, user_id: int, page: str) -> None:
    """Check every row and keep the report for the page that asks whether to write."""
    with jobs.progress(job_id) as tracker:
        sheet = store.sheet_at(path)
        tracker.total(len(sheet.rows))
        report = _importer(resource, user_id).check(sheet, progress=tracker.advance)
        store.keep_summary(path, store.summary_of(report))
        tracker.result(page)


@app.task(name="kit.write_import")
def write_import(job_id: int, resource: str, path: str, user_id: int, page: str) -> None:
    """Write the good rows in one transaction. A second run finds the sheet gone and has nothing to do."""
    with jobs.progress(job_id) as tracker:
        importer = _importer(resource, user_id)
        importer.write(importer.check(store.sheet_at(path)).good)
        store.forget(path)
        tracker.result(page)


def _importer(key: str, user_id: int) -> Importer:
    """The importer of a resource for a person, who must still be allowed to import."""
    import_module(settings.ROOT_URLCONF)  # where the apps' resources are registered
    resource = resource_at(key)
    actor = actor_of(SimpleNamespace(user=get_user_model()._default_manager.get(pk=user_id)))
    authorise(actor, "import", resource.model)
    if resource.importer is None:
        raise LookupError(f"{key} declares no importer")
    return resource.importer(resource, actor)
