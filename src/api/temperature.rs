//! Degrees on the wire and hundredths inside: decimal text in, decimal number out, nothing rounded twice.

use crate::domain::quantity::Celsius;
use serde::{Deserialize, Deserializer};

/// Degrees for an answer.
pub(super) fn degrees(temperature: Celsius) -> f64 {
    i32::try_from(temperature.hundredths()).map_or(f64::NAN, |hundredths| f64::from(hundredths) / 100.0)
}

/// A temperature as it is sent: a decimal number of degrees Celsius. More than two decimals are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Degrees(pub(super) Celsius);

impl<'de> Deserialize<'de> for Degrees {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        read(&number.to_string()).map(Self).ok_or_else(|| serde::de::Error::custom("not a temperature in degrees"))
    }
}

/// Reads plain decimal text; none for exponents and for what no instrument shows.
fn read(text: &str) -> Option<Celsius> {
    let (negative, size) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths = whole.parse::<i64>().ok()? * 1_000 + thousandths.parse::<i64>().ok()?;
    let hundredths = (thousandths + 5) / 10;
    Some(Celsius::from_hundredths(if negative { -hundredths } else { hundredths }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_hundredths() {
        let hundredths = |json: &str| serde_json::from_str::<Degrees>(json).map(|read| read.0.hundredths()).ok();
        assert_eq!(hundredths("-18.5"), Some(-1850));
        assert_eq!(hundredths("-0.05"), Some(-5));
        assert_eq!(hundredths("4"), Some(400));
        assert_eq!(hundredths("-18.126"), Some(-1813));
        assert_eq!(hundredths("1e300"), None);
        assert_eq!(hundredths("\"-18\""), None);
        assert!((degrees(Celsius::from_hundredths(-1850)) + 18.5).abs() < f64::EPSILON);
    }
}
