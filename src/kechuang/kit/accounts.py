"""Sign-in and sign-up forms in our words: labels instead of placeholders."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("User name or e-mail"),
    "password": _("Password"),
    "remember": _("Stay signed in on this computer"),
    "username": _("User name"),
    "email": _("E-mail"),
    "password1": _("Password"),
    "password2": _("Password, once more"),
}


def plain(form: Any) -> None:
    """Give the fields our labels and take the placeholders, which repeat them, away."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = LABELS.get(name, field.label)


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)


class SignupForm(forms.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
