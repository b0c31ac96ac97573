//! Surplus: whole bottles of released lots that a site publishes to others. What is withdrawn, used up or
//! lapsed is published anew, never revived.

use super::words::words;

words! {
    /// Where published surplus stands.
    SurplusState {
        /// On the board.
        Published = "published",
        /// Taken back by the site.
        Withdrawn = "withdrawn",
        /// Nothing is left of it.
        Exhausted = "exhausted",
        /// Its time has passed.
        Lapsed = "lapsed",
    }
}

/// The surplus has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("surplus that is {from} cannot become {to}")]
pub struct IllegalSurplusStep {
    /// The state it is in.
    pub from: SurplusState,
    /// The state that was asked for.
    pub to: SurplusState,
}

impl SurplusState {
    /// The state after an end: only published surplus has one.
    ///
    /// # Errors
    /// The surplus has ended before, or `to` is not an end.
    pub const fn become_state(self, to: Self) -> Result<Self, IllegalSurplusStep> {
        match (self, to) {
            (Self::Published, Self::Withdrawn | Self::Exhausted | Self::Lapsed) => Ok(to),
            (from, to) => Err(IllegalSurplusStep { from, to }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_is_not_revived() {
        assert_eq!(SurplusState::Published.become_state(SurplusState::Lapsed), Ok(SurplusState::Lapsed));
        assert!(SurplusState::Lapsed.become_state(SurplusState::Published).is_err());
    }
}
