//! Offers: a timed proposal to the site that holds the milk. It is answered once, or its time runs out.

use super::words::words;

words! {
    /// Where an offer stands.
    OfferState {
        /// It waits for an answer.
        Proposed = "proposed",
        /// The holding site agreed.
        Accepted = "accepted",
        /// The holding site declined, with a reason.
        Declined = "declined",
        /// Nobody answered in time.
        Lapsed = "lapsed",
        /// The hub or the requester took it back.
        Withdrawn = "withdrawn",
    }

    /// Where an allocation stands.
    AllocationState {
        /// It waits to be collected, and lapses if nobody comes.
        Held = "held",
        /// It is on a transfer.
        InTransfer = "in_transfer",
        /// It arrived, or was kept at its own site.
        Delivered = "delivered",
        /// It lapsed or was given back.
        Released = "released",
    }

    /// Why a holding site declines.
    DeclineReason {
        /// The milk is needed for the site's own infants.
        NeededHere = "needed_here",
        /// The bottles are no longer there.
        AlreadyUsed = "already_used",
        /// Something about the milk is in doubt.
        QualityDoubt = "quality_doubt",
        /// Nobody can pack in time.
        CannotPackInTime = "cannot_pack_in_time",
        /// No carrier can come in time.
        NoCarrier = "no_carrier",
        /// The way or a site is closed.
        RouteClosed = "route_closed",
        /// The receiver is not accepted.
        ReceiverNotAccepted = "receiver_not_accepted",
        /// Another reason, given in the note.
        Other = "other",
    }
}

/// The offer was answered or ended before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an offer that is {from} cannot become {to}")]
pub struct IllegalOfferStep {
    /// The state it is in.
    pub from: OfferState,
    /// The state that was asked for.
    pub to: OfferState,
}

impl OfferState {
    /// The state after an answer or an end: only a proposed offer has one.
    ///
    /// # Errors
    /// The offer is not open, or `to` is not an answer.
    pub const fn become_state(self, to: Self) -> Result<Self, IllegalOfferStep> {
        match (self, to) {
            (Self::Proposed, Self::Accepted | Self::Declined | Self::Lapsed | Self::Withdrawn) => Ok(to),
            (from, to) => Err(IllegalOfferStep { from, to }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_answered_once() {
        assert_eq!(OfferState::Proposed.become_state(OfferState::Accepted), Ok(OfferState::Accepted));
        for from in OfferState::ALL.iter().filter(|state| **state != OfferState::Proposed) {
            for to in OfferState::ALL {
                assert!(from.become_state(*to).is_err(), "{from} to {to}");
            }
        }
    }
}
