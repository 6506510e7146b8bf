"""The directory: who helps, where, at which stage, and who hands over to whom."""

from directory.models.call_details import Claim, EditionDocument, Laureate
from directory.models.call_status import CallStatus
from directory.models.calls import CallEdition, FundingKind, FundingScheme
from directory.models.coverage import Coverage, EffectiveCoverage
from directory.models.facts import Indicator, IndicatorSubject, RegionFile
from directory.models.funding import (
    EffectiveFunder,
    Funder,
    FunderKind,
    Funding,
    FundingNature,
)
from directory.models.importing import (
    CallImport,
    CallImportRow,
    ImportState,
    Officer,
    RowAction,
)
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
from directory.models.policy import (
    Agreement,
    BornProject,
    MethodStep,
    Milestone,
    Resource,
    ResourceKind,
)
from directory.models.relays import Relay
from directory.models.revision import Revision, Stamp
from directory.models.search import SEARCH_CONFIG, SearchDocument, Synonym
from directory.models.vocabulary import Audience, Network, OperatorKind, Stage, Theme

__all__ = [
    "SEARCH_CONFIG",
    "Agreement",
    "Alias",
    "Audience",
    "BornProject",
    "CallEdition",
    "CallImport",
    "CallImportRow",
    "CallStatus",
    "Claim",
    "Coverage",
    "EditionDocument",
    "EffectiveCoverage",
    "EffectiveFunder",
    "EntryMode",
    "Funder",
    "FunderKind",
    "Funding",
    "FundingKind",
    "FundingNature",
    "FundingScheme",
    "Host",
    "ImportState",
    "Indicator",
    "IndicatorSubject",
    "Laureate",
    "LoadedRow",
    "Membership",
    "MethodStep",
    "Milestone",
    "Need",
    "Network",
    "Offer",
    "Officer",
    "Operator",
    "OperatorKind",
    "OperatorState",
    "Publication",
    "Reference",
    "RegionFile",
    "Relay",
    "Resource",
    "ResourceKind",
    "Revision",
    "RowAction",
    "SearchDocument",
    "Service",
    "Stage",
    "Stamp",
    "Synonym",
    "Theme",
]
