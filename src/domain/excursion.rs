//! An excursion from open to decided. While it is not decided, the bottles of its journey are
//! set aside (refusal 8).

use super::words::words;

words! {
    /// How far an excursion has come.
    ExcursionState {
        /// Nobody has taken notice.
        Open = "open",
        /// Somebody has taken notice; the milk stays set aside.
        Acknowledged = "acknowledged",
        /// Decided; it is over.
        Dispositioned = "dispositioned",
    }

    /// What was decided for the bottles.
    Disposition {
        /// They are safe and go into stock.
        Accept = "accept",
        /// They are thrown away.
        Discard = "discard",
    }
}
