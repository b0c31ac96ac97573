//! Identifiers: one type per kind of thing, so that a lot can never be passed where a bottle is meant.
//! They are UUIDv7 made by the edges; the domain only parses and prints them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The text given for an identifier was not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidId;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that the caller made or read.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self { Self(uuid) }
            /// The UUID itself.
            #[must_use]
            pub const fn uuid(self) -> Uuid { self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.as_hyphenated().fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_not_a_uuid| InvalidId)
            }
        }
    )+};
}

id! {
    /// A hospital site: bank, depot or recipient unit.
    SiteId,
    /// An agreement under which sites may exchange.
    AgreementId,
    /// One version of a policy set.
    PolicySetId,
    /// A person who signs in.
    UserId,
    /// A machine client.
    ClientId,
    /// A lot: the stock-keeping and recall unit.
    LotId,
    /// One bottle of a lot.
    BottleId,
    /// Published surplus of one site.
    SurplusId,
    /// One lot and bottle size within a surplus: a line of the board.
    SurplusLineId,
    /// A request for milk.
    RequestId,
    /// One run of the matching.
    MatchRunId,
    /// A timed proposal to the holding site.
    OfferId,
    /// Milk promised to a request by an accepted offer.
    AllocationId,
    /// A journey of bottles between two sites.
    TransferId,
    /// A step of custody during a transfer.
    CustodyEventId,
    /// A hold on a lot or a bottle.
    HoldId,
    /// A closed site or road.
    ClosureId,
    /// A carrier that may move milk.
    CourierId,
    /// A temperature excursion.
    ExcursionId,
    /// A recall.
    RecallId,
    /// An exception to a refusal that allows one.
    ExceptionId,
    /// An event of the feed.
    EventId,
}
