//! Where sites lie and how far apart. The only floats of the domain are in here; they come in as degrees and
//! leave as whole metres.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Mean radius of the Earth in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A position in millionths of a degree, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    latitude_e6: i32,
    longitude_e6: i32,
}

/// The numbers are no place on Earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("latitude must lie in -90 to 90 and longitude in -180 to 180 degrees")]
pub struct NowhereOnEarth;

impl Position {
    /// From millionths of a degree.
    ///
    /// # Errors
    /// When latitude or longitude is out of range.
    pub fn from_micro_degrees(latitude_e6: i64, longitude_e6: i64) -> Result<Self, NowhereOnEarth> {
        if latitude_e6.abs() > 90_000_000 || longitude_e6.abs() > 180_000_000 {
            return Err(NowhereOnEarth);
        }
        match (i32::try_from(latitude_e6), i32::try_from(longitude_e6)) {
            (Ok(latitude_e6), Ok(longitude_e6)) => Ok(Self { latitude_e6, longitude_e6 }),
            _ => Err(NowhereOnEarth),
        }
    }

    /// From degrees; digits past the sixth are rounded away.
    ///
    /// # Errors
    /// When latitude or longitude is out of range or no number.
    pub fn from_degrees(latitude: f64, longitude: f64) -> Result<Self, NowhereOnEarth> {
        if !latitude.is_finite() || !longitude.is_finite() || latitude.abs() > 90.0 || longitude.abs() > 180.0 {
            return Err(NowhereOnEarth);
        }
        Self::from_micro_degrees(rounded(latitude * 1e6), rounded(longitude * 1e6))
    }

    /// Latitude in millionths of a degree.
    #[must_use]
    pub fn latitude_e6(self) -> i64 {
        i64::from(self.latitude_e6)
    }

    /// Longitude in millionths of a degree.
    #[must_use]
    pub fn longitude_e6(self) -> i64 {
        i64::from(self.longitude_e6)
    }

    /// Latitude and longitude in degrees, for the wire and maps.
    #[must_use]
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.latitude_e6) / 1e6, f64::from(self.longitude_e6) / 1e6)
    }

    /// Metres along the great circle to another position.
    #[must_use]
    pub fn distance_m(self, other: Self) -> i64 {
        let radians = |e6: i32| (f64::from(e6) / 1e6).to_radians();
        let (from, to) = (radians(self.latitude_e6), radians(other.latitude_e6));
        let half_north = ((to - from) / 2.0).sin();
        let half_east = ((radians(other.longitude_e6) - radians(self.longitude_e6)) / 2.0).sin();
        let haversine = half_north * half_north + from.cos() * to.cos() * half_east * half_east;
        rounded(2.0 * EARTH_RADIUS_M * haversine.clamp(0.0, 1.0).sqrt().asin())
    }
}

/// A finite number of a size that fits by far, to the nearest whole.
#[expect(clippy::as_conversions, reason = "the standard library has no other way from float to integer")]
const fn rounded(value: f64) -> i64 {
    value.round() as i64
}

/// A country by its ISO 3166-1 alpha-2 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The text is no country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is two capital letters of ISO 3166-1, such as FR")]
pub struct NoCountry;

super::text::as_text!(Country);

impl Country {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Two ASCII letters are always text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = NoCountry;
    fn from_str(text: &str) -> Result<Self, NoCountry> {
        match <[u8; 2]>::try_from(text.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_uppercase) => Ok(Self(letters)),
            _ => Err(NoCountry),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::from_degrees(latitude, longitude).unwrap()
    }

    #[test]
    fn one_degree_of_latitude_is_111_km() {
        assert_eq!(at(0.0, 0.0).distance_m(at(1.0, 0.0)), 111_195);
        assert_eq!(at(0.0, 0.0).distance_m(at(0.0, 0.0)), 0);
    }

    #[test]
    fn distance_is_the_same_both_ways_and_across_the_date_line() {
        let (paris, xian) = (at(48.8454, 2.3152), at(34.1974, 109.0065));
        assert_eq!(paris.distance_m(xian), xian.distance_m(paris));
        assert_eq!(at(0.0, 179.5).distance_m(at(0.0, -179.5)), at(0.0, 0.0).distance_m(at(0.0, 1.0)));
    }

    #[test]
    fn degrees_survive_the_round_trip() {
        let place = at(-12.7822, 45.2281);
        assert_eq!((place.latitude_e6(), place.longitude_e6()), (-12_782_200, 45_228_100));
        assert_eq!(place.degrees(), (-12.7822, 45.2281));
    }

    #[test]
    fn nowhere_is_refused() {
        assert_eq!(Position::from_degrees(90.1, 0.0), Err(NowhereOnEarth));
        assert_eq!(Position::from_degrees(f64::NAN, 0.0), Err(NowhereOnEarth));
        assert_eq!(Position::from_micro_degrees(0, 180_000_001), Err(NowhereOnEarth));
    }

    #[test]
    fn a_country_is_two_capital_letters() {
        assert_eq!("HK".parse::<Country>().unwrap().to_string(), "HK");
        assert!(["hk", "H", "HKG", "", "港島"].iter().all(|text| text.parse::<Country>().is_err()));
    }
}
