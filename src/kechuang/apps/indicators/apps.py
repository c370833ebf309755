from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "kechuang.apps.indicators"
    label = "indicators"
    verbose_name = _("Indicators")

    def ready(self) -> None:
        for module in (
            "permissions",
            "workflows",
            "domain.receiving",
            "domain.packs",
            "domain.providers",
            "domain.demo",
            "domain.facts_demo",
            "interfaces.lights",
            "interfaces.registrations",
        ):
            import_module(f"{self.name}.{module}")
