"""Forms drawn with our own components."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Form templates come from the apps' own template folders."""
