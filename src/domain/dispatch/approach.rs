//! How far a vehicle still has to go to its next stop, from where it is: the share of the road that lies before it,
//! at the pace that the road is known to have.

use crate::domain::courier::road_m;

/// Stops that lie closer than this together give no share to measure by.
const CLOSE_M: i64 = 500;
/// A vehicle that drives away from its stop counts as at most so many times the whole road away.
const MOST_ROADS: i64 = 3;
/// A time of arrival that moved by less than so many minutes is not told.
pub const MATERIAL_MINUTES: i64 = 2;
/// A position is believed for so many minutes.
pub const FRESH_MINUTES: i64 = 10;

/// Seconds to the next stop. `road_s` is what the whole road takes from the stop before, which lies `whole_m` away from
/// it as the crow flies; the vehicle lies `left_m` away. `speed_kmh` serves where the two stops lie together.
#[must_use]
pub fn seconds_left(road_s: i64, whole_m: i64, left_m: i64, speed_kmh: i64) -> i64 {
    if whole_m < CLOSE_M || road_s <= 0 {
        let metres_an_hour = speed_kmh.max(1).saturating_mul(1_000);
        return road_m(left_m).saturating_mul(3_600) / metres_an_hour;
    }
    let share = left_m.clamp(0, whole_m.saturating_mul(MOST_ROADS));
    road_s.saturating_mul(share) / whole_m
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_road_takes_half_its_time_at_the_pace_of_that_road() {
        assert_eq!(seconds_left(3_600, 20_000, 10_000, 40), 1_800);
        assert_eq!(seconds_left(3_600, 20_000, 0, 40), 0);
        assert_eq!(seconds_left(3_600, 20_000, 25_000, 40), 4_500, "it came back past the stop before");
        assert_eq!(seconds_left(3_600, 20_000, 9_000_000, 40), 10_800, "a position far off is no arrival next month");
    }

    #[test]
    fn stops_at_one_place_are_reached_at_the_speed_of_the_vehicle() {
        let there = seconds_left(30, 100, 2_000, 40);
        assert_eq!(there, road_m(2_000) * 3_600 / 40_000);
    }
}
