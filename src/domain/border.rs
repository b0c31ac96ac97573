//! Borders between countries, and the minutes that customs and papers take at them. A time is somebody's statement
//! with its source; where none is noted, none is added.

use super::geography::Country;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Minutes that a border may be said to take at most: seven days.
pub const MOST_BORDER_MINUTES: i64 = 10_080;

/// The border of two countries, whichever way it is crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Border(Country, Country);

/// The text names no border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a border is two different countries of ISO 3166-1, such as LA-VN")]
pub struct NoBorder;

super::text::as_text!(Border);

impl Border {
    /// The border that lies between two countries; none within one.
    #[must_use]
    pub fn between(one: Country, other: Country) -> Option<Self> {
        (one != other).then(|| Self(one.min(other), one.max(other)))
    }
}

impl FromStr for Border {
    type Err = NoBorder;
    fn from_str(text: &str) -> Result<Self, NoBorder> {
        let (one, other) = text.split_once('-').ok_or(NoBorder)?;
        let country = |text: &str| text.parse::<Country>().map_err(|_no_country| NoBorder);
        Self::between(country(one)?, country(other)?).ok_or(NoBorder)
    }
}

impl fmt::Display for Border {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

/// Minutes at each border where somebody noted them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BorderTimes(pub BTreeMap<Border, i64>);

impl BorderTimes {
    /// Minutes that a leg between these countries takes beside its road.
    #[must_use]
    pub fn minutes(&self, from: Country, to: Country) -> i64 {
        Border::between(from, to).and_then(|border| self.0.get(&border).copied()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_border_is_the_same_from_both_sides() {
        let border: Border = "VN-LA".parse().unwrap();
        assert_eq!(border.to_string(), "LA-VN");
        assert_eq!(border, "LA-VN".parse().unwrap());
        for text in ["", "LA", "LA-LA", "la-VN", "LA-VN-TH", "LA VN"] {
            assert!(text.parse::<Border>().is_err(), "{text}");
        }
        let [laos, vietnam, france]: [Country; 3] = ["LA", "VN", "FR"].map(|code| code.parse().unwrap());
        let times = BorderTimes([(border, 45)].into());
        assert_eq!((times.minutes(laos, vietnam), times.minutes(vietnam, laos)), (45, 45));
        assert_eq!((times.minutes(laos, laos), times.minutes(laos, france)), (0, 0));
    }
}
