"""The directory: who helps, where, at which stage, and who hands over to whom."""

from directory.models.calls import CallEdition, FundingKind, FundingScheme, Laureate
from directory.models.coverage import Coverage, EffectiveCoverage
from directory.models.facts import Indicator, RegionFile
from directory.models.loading import LoadedRow
from directory.models.needs import Need
from directory.models.operators import (
    Alias,
    EntryMode,
    Host,
    Membership,
    Offer,
    Operator,
    OperatorState,
    Publication,
    Reference,
    Service,
)
from directory.models.relays import Relay
from directory.models.revision import Revision, Stamp
from directory.models.search import SEARCH_CONFIG, SearchDocument, Synonym
from directory.models.vocabulary import Audience, Network, OperatorKind, Stage, Theme

__all__ = [
    "SEARCH_CONFIG",
    "Alias",
    "Audience",
    "CallEdition",
    "Coverage",
    "EffectiveCoverage",
    "EntryMode",
    "FundingKind",
    "FundingScheme",
    "Host",
    "Indicator",
    "Laureate",
    "LoadedRow",
    "Membership",
    "Need",
    "Network",
    "Offer",
    "Operator",
    "OperatorKind",
    "OperatorState",
    "Publication",
    "Reference",
    "RegionFile",
    "Relay",
    "Revision",
    "SearchDocument",
    "Service",
    "Stage",
    "Stamp",
    "Synonym",
    "Theme",
]
