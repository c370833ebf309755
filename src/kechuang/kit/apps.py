from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KitConfig(AppConfig):
    name = "kechuang.kit"
    label = "kit"
    verbose_name = _("Building blocks")

    def ready(self) -> None:
        import_module(f"{self.name}.policies")
