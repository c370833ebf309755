from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    name = "kechuang.apps.directory"
    label = "directory"
    verbose_name = _("Directory")

    def ready(self) -> None:
        from kechuang.apps.directory.domain.actors import actor_for
        from kechuang.kit.permissions import set_actor_source

        set_actor_source(actor_for)
        for module in ("permissions", "workflows", "domain.packs", "domain.demo", "interfaces.panels"):
            import_module(f"{self.name}.{module}")
