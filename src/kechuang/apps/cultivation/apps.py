from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CultivationConfig(AppConfig):
    name = "kechuang.apps.cultivation"
    label = "cultivation"
    verbose_name = _("Cultivation")

    def ready(self) -> None:
        for module in ("permissions", "domain.providers", "domain.demo", "interfaces.panels"):
            import_module(f"{self.name}.{module}")
