//! Index conversions in one place, so that no other line of the planner needs a cast.
//! Sizes are checked once, in `Problem::validate`; nothing here can lose a digit after that.

/// A stored 32-bit index as an array position.
#[expect(clippy::as_conversions, reason = "u32 always fits usize on the 32- and 64-bit targets we build for")]
#[inline]
pub(super) const fn at(index: u32) -> usize {
    index as usize
}

/// An array position as a stored 32-bit index; `validate` keeps every size below `u32::MAX`.
#[inline]
pub(super) fn id(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// A count as a signed number.
#[inline]
pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A non-negative amount as an array position; a negative one counts as zero.
#[inline]
pub(super) fn position(amount: i64) -> usize {
    usize::try_from(amount).unwrap_or(0)
}

/// Greatest common divisor of two non-negative numbers; `gcd(0, n) = n`.
pub(super) const fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
