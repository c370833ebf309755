"""Addresses of the rule editor: drafts, examples, publication, versions, formulas."""

from django.urls import path

from kechuang.apps.policy.views import rule_drafts, rule_editor, rule_examples

RULE_URLS = [
    path("rules/new/", rule_editor.new, name="rule-new"),
    path("rules/drafts/", rule_drafts.index, name="rule-drafts"),
    path("rule/<int:pk>/edit/", rule_editor.edit, name="rule-edit"),
    path("rule/<int:pk>/versions/", rule_drafts.versions, name="rule-versions"),
    path("rule/<int:pk>/draft/", rule_drafts.draft, name="rule-draft"),
    path("rule/<int:pk>/draft/publish/", rule_drafts.publish, name="rule-publish"),
    path("rule/<int:pk>/draft/discard/", rule_drafts.discard, name="rule-discard"),
    path("rule/<int:pk>/draft/try/", rule_drafts.trial, name="rule-trial"),
    path("rule/<int:pk>/draft/example/", rule_examples.example, name="rule-example"),
    path("rule/<int:pk>/draft/example/drop/", rule_examples.drop, name="rule-example-drop"),
]
