//! Requests for milk: who asks, for whom, how urgently, under which constraints, and how far a request has
//! come. A request the policy does not allow is refused with every reason.

mod checks;
mod infant;
mod wishes;

pub use checks::{RequestFacts, constraint_failures, disclosure_failures, feeding_failures, request_failures};
pub use infant::{Indication, InfantProfile};
pub use wishes::{Constraints, DonorFeedCounts, KinshipPathway, Preferences};

use super::words::words;

words! {
    /// What a request is for.
    RequestKind {
        /// One infant, by pseudonym.
        NamedInfant = "named_infant",
        /// A ward's stock.
        WardStock = "ward_stock",
    }

    /// How soon milk is needed.
    Urgency {
        /// Within hours.
        Emergency = "emergency",
        /// Within a day or so.
        Urgent = "urgent",
        /// In the ordinary rhythm.
        Routine = "routine",
    }

    /// How far a request has come.
    RequestState {
        /// Nothing is promised yet.
        Open = "open",
        /// Part of it is promised.
        PartlyAllocated = "partly_allocated",
        /// All of it is promised.
        Allocated = "allocated",
        /// All of it arrived.
        Fulfilled = "fulfilled",
        /// The site took it back.
        Cancelled = "cancelled",
        /// It ended without all its milk.
        ClosedUnmet = "closed_unmet",
    }
}

/// The step does not exist from this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a request that is {from} cannot become {to}")]
pub struct IllegalRequestStep {
    /// The state it is in.
    pub from: RequestState,
    /// The state that was asked for.
    pub to: RequestState,
}

impl RequestState {
    /// True while milk may still be promised to the request.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::PartlyAllocated | Self::Allocated)
    }

    /// The state after a change. Promises come and lapse, so live states lead to each other; ends do not.
    ///
    /// # Errors
    /// The request has ended.
    pub const fn become_state(self, to: Self) -> Result<Self, IllegalRequestStep> {
        match (self, to) {
            (Self::Open, Self::Fulfilled) => Err(IllegalRequestStep { from: self, to }),
            (from, to) if from.is_live() => Ok(to),
            (from, to) => Err(IllegalRequestStep { from, to }),
        }
    }

    /// The live state for an amount promised or delivered against the amount asked, in millilitres.
    #[must_use]
    pub const fn for_amounts(asked_ml: i64, allocated_ml: i64, delivered_ml: i64) -> Self {
        if delivered_ml >= asked_ml {
            Self::Fulfilled
        } else if allocated_ml >= asked_ml {
            Self::Allocated
        } else if allocated_ml > 0 || delivered_ml > 0 {
            Self::PartlyAllocated
        } else {
            Self::Open
        }
    }
}

#[cfg(test)]
mod tests;
