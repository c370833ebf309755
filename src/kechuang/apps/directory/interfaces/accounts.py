"""How accounts sign up and in."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts as the platform wants them: open sign-up, the person's own name shown everywhere."""
