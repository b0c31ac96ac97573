//! Quantities with their unit in the type: whole millilitres, hundredths of a degree, micro-degrees.
//! No float lives here, so sums are exact and conservation can be checked to the millilitre.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// A volume of milk in whole millilitres; differences may be negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Volume(i64);

impl Volume {
    /// No milk.
    pub const ZERO: Self = Self(0);

    /// Wraps millilitres.
    #[must_use]
    pub const fn from_ml(ml: i64) -> Self {
        Self(ml)
    }

    /// The volume in millilitres.
    #[must_use]
    pub const fn ml(self) -> i64 {
        self.0
    }

    /// `count` bottles of this size.
    #[must_use]
    pub const fn times(self, count: i64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// True for more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl From<i64> for Volume {
    fn from(ml: i64) -> Self {
        Self(ml)
    }
}
impl AsRef<i64> for Volume {
    fn as_ref(&self) -> &i64 {
        &self.0
    }
}
impl Add for Volume {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl AddAssign for Volume {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl Sub for Volume {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl SubAssign for Volume {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
impl Sum for Volume {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}
impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} mL", self.0)
    }
}

/// A temperature in hundredths of a degree Celsius.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Celsius(i64);

impl Celsius {
    /// Wraps hundredths of a degree.
    #[must_use]
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// Whole degrees.
    #[must_use]
    pub const fn from_degrees(degrees: i64) -> Self {
        Self(degrees.saturating_mul(100))
    }

    /// Hundredths of a degree.
    #[must_use]
    pub const fn hundredths(self) -> i64 {
        self.0
    }
}

impl From<i64> for Celsius {
    fn from(hundredths: i64) -> Self {
        Self(hundredths)
    }
}
impl AsRef<i64> for Celsius {
    fn as_ref(&self) -> &i64 {
        &self.0
    }
}

impl fmt::Display for Celsius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02} °C", size / 100, size % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn celsius_prints_its_sign_also_below_one_degree() {
        assert_eq!(Celsius::from_hundredths(-50).to_string(), "-0.50 °C");
        assert_eq!(Celsius::from_degrees(-20).to_string(), "-20.00 °C");
        assert_eq!(Celsius::from_hundredths(6250).to_string(), "62.50 °C");
    }

    #[test]
    fn volumes_add_up() {
        let bottles = [Volume::from_ml(50).times(3), Volume::from_ml(100)];
        assert_eq!(bottles.into_iter().sum::<Volume>(), Volume::from_ml(250));
    }
}
