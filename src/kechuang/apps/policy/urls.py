from django.urls import path

from kechuang.apps.policy.interfaces.resources import DocumentResource, ItemResource
from kechuang.apps.policy.interfaces.rule_resources import RuleResource
from kechuang.apps.policy.urls_awards import AWARD_URLS
from kechuang.apps.policy.urls_rules import RULE_URLS
from kechuang.apps.policy.views import calculator, conflicts, items, mine, office, portal, rules

app_name = "policy"
urlpatterns = [
    path("", portal.index, name="library"),
    path("<int:pk>/", portal.document, name="document"),
    path("<int:pk>/report/", office.replacement_report, name="report"),
    path("upload/", office.upload, name="upload"),
    path("<int:pk>/review/", office.review, name="review"),
    path("<int:pk>/read/", office.read_again, name="read"),
    path("<int:pk>/metadata/", office.metadata, name="metadata"),
    path("<int:pk>/publish/", office.publish, name="publish"),
    path("<int:pk>/reopen/", office.reopen, name="reopen"),
    path("<int:pk>/repeal/", office.repeal, name="repeal"),
    path("<int:pk>/discard/", office.discard, name="discard"),
    path("<int:pk>/items/add/", items.add, name="item-add"),
    path("<int:pk>/items/accept/", items.accept_all, name="items-accept"),
    path("items/<int:pk>/", items.card, name="item"),
    path("items/<int:pk>/accept/", items.accept, name="item-accept"),
    path("items/<int:pk>/edit/", items.edit, name="item-edit"),
    path("items/<int:pk>/reject/", items.reject, name="item-reject"),
    path("items/<int:pk>/reconsider/", items.reconsider, name="item-reconsider"),
    path("conflicts/", conflicts.index, name="conflicts"),
    path("conflicts/<int:pk>/", conflicts.decide, name="conflict"),
    path("conflicts/<int:pk>/reopen/", conflicts.reopen, name="conflict-reopen"),
    path("my/", mine.mine, name="mine"),
    path("my/<int:pk>/", mine.my_policies, name="my-policies"),
    path("calculator/", calculator.calculator, name="calculator"),
    path("rule/<int:pk>/", rules.rule, name="rule"),
    *RULE_URLS,
    *RuleResource.urls(),
    *AWARD_URLS,
    *DocumentResource.urls(),
    *ItemResource.urls(),
]
