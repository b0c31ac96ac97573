//! The weather that a demonstration expects: mean daily highs by month of a place that stands for a country, from
//! memory and unverified, so that the packings of the regions have a day's temperature to be judged by.

/// Where the figures come from, as every page shows it.
pub const SOURCE: &str = "demonstration: mean daily highs by month from memory, unverified";

/// Mean daily highs, °C, January first; none for a country that no stored region has.
#[must_use]
pub fn monthly_highs(country: &str) -> Option<[i64; 12]> {
    match country {
        "CN" => Some([5, 9, 15, 22, 27, 32, 32, 30, 26, 20, 12, 6]),
        "HK" => Some([19, 19, 22, 26, 29, 31, 32, 31, 31, 28, 25, 20]),
        "VN" => Some([32, 33, 34, 35, 34, 33, 33, 33, 32, 32, 31, 31]),
        "LA" => Some([28, 31, 33, 34, 33, 32, 31, 31, 31, 31, 30, 28]),
        "FR" => Some([8, 9, 13, 17, 20, 24, 27, 27, 23, 18, 12, 8]),
        _ => None,
    }
}
