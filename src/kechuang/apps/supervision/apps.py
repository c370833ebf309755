from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupervisionConfig(AppConfig):
    name = "kechuang.apps.supervision"
    label = "supervision"
    verbose_name = _("Supervision")

    def ready(self) -> None:
        for module in (
            "permissions",
            "workflows",
            "domain.publication",
            "domain.demo",
            "interfaces.lights",
            "interfaces.panels",
        ):
            import_module(f"{self.name}.{module}")
