from kechuang.apps.policy.models.award import Award, AwardState, EligibilityRun
from kechuang.apps.policy.models.document import (
    IN_FORCE_STATES,
    MAY_BE_ABSENT,
    PUBLIC_STATES,
    REVIEW_STATES,
    Document,
    DocumentKind,
    DocumentState,
    Passage,
    Revision,
    public_documents,
)
from kechuang.apps.policy.models.item import CONFIRMED, Item, ItemKind, ItemState
from kechuang.apps.policy.models.relation import Conflict, DocumentLink, Relation
from kechuang.apps.policy.models.rule import (
    PUBLIC_VERSIONS,
    AmountIs,
    Formula,
    Rule,
    RuleForm,
    RuleKind,
    RuleSubject,
    RuleVersion,
    VersionState,
    in_english,
)
from kechuang.apps.policy.models.scenario import Scenario
from kechuang.apps.policy.models.told import ToldAnswers

__all__ = [
    "CONFIRMED",
    "IN_FORCE_STATES",
    "MAY_BE_ABSENT",
    "PUBLIC_STATES",
    "PUBLIC_VERSIONS",
    "REVIEW_STATES",
    "AmountIs",
    "Award",
    "AwardState",
    "Conflict",
    "Document",
    "DocumentKind",
    "DocumentLink",
    "DocumentState",
    "EligibilityRun",
    "Formula",
    "Item",
    "ItemKind",
    "ItemState",
    "Passage",
    "Relation",
    "Revision",
    "Rule",
    "RuleForm",
    "RuleKind",
    "RuleSubject",
    "RuleVersion",
    "Scenario",
    "ToldAnswers",
    "VersionState",
    "in_english",
    "public_documents",
]
