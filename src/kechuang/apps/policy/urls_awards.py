"""Addresses of assessments, awards and the sandbox."""

from django.urls import path

from kechuang.apps.policy.views import awards, sandbox

AWARD_URLS = [
    path("assessments/", awards.runs, name="runs"),
    path("assessments/<int:pk>/", awards.run, name="run"),
    path("assessments/<int:pk>/recompute/", awards.recompute, name="recompute"),
    path("assessments/<int:pk>/<slug:code>/", awards.entitled, name="entitled"),
    path("assessments/<int:pk>/<slug:code>/confirm/", awards.confirm, name="confirm"),
    path("assessments/<int:pk>/<slug:code>/<int:organisation>/", awards.why, name="why"),
    path("awards/", awards.index, name="awards"),
    path("awards/step/", awards.step, name="awards-step"),
    path("awards/notice/", awards.notice, name="notice"),
    path("awards/export/", awards.export, name="awards-export"),
    path("awards/<int:pk>/", awards.award, name="award"),
    path("sandbox/", sandbox.index, name="sandbox"),
    path("sandbox/<int:snapshot>/<int:rule>/", sandbox.bench, name="sandbox-rule"),
    path("sandbox/<int:snapshot>/<int:rule>/try/", sandbox.answer, name="sandbox-try"),
    path("sandbox/<int:snapshot>/<int:rule>/moves/", sandbox.moves, name="sandbox-moves"),
    path("sandbox/<int:snapshot>/<int:rule>/save/", sandbox.save, name="sandbox-save"),
    path("sandbox/scenarios/<int:pk>/", sandbox.scenario, name="scenario"),
    path("sandbox/scenarios/<int:pk>/share/", sandbox.share, name="scenario-share"),
]
