from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    name = "kechuang.apps.policy"
    label = "policy"
    verbose_name = _("Policy")

    def ready(self) -> None:
        for module in (
            "permissions",
            "permissions_awards",
            "workflows",
            "workflows_awards",
            "domain.providers",
            "interfaces.registrations",
            "interfaces.award_registrations",
            "interfaces.loading",
            "interfaces.demo",
        ):
            import_module(f"{self.name}.{module}")
