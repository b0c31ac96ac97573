//! What a site has given to others and received from them: a running balance that makes milk a little cheaper for
//! those who gave more than they got, and dearer from them. It chooses among equals; it never buys urgency.

use super::quantity::Volume;

/// A balance counts up to this much either way.
pub const MOST: Volume = Volume::from_ml(20_000);
/// Days over which it runs.
pub const DAYS: i64 = 180;

/// Milk of one site that others accepted, and milk of others that it accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// Given, mL.
    pub given: Volume,
    /// Received, mL.
    pub received: Volume,
}

impl Balance {
    /// What the network owes the site; negative for one that received more than it gave. At most [`MOST`].
    #[must_use]
    pub fn credit(self) -> Volume {
        (self.given - self.received).clamp(Volume::ZERO - MOST, MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_is_capped_both_ways() {
        let ml = Volume::from_ml;
        assert_eq!(Balance { given: ml(700), received: ml(300) }.credit(), ml(400));
        assert_eq!(Balance { given: ml(90_000), received: ml(300) }.credit(), MOST);
        assert_eq!(Balance { given: ml(0), received: ml(90_000) }.credit(), ml(-20_000));
    }
}
