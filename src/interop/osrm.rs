//! Roads from an OSRM server, by its table service. Its answer is kept by the caller; when it is dead, slow or says
//! nonsense, the great circle serves instead.

use crate::actions::dispatch::roads::{RoadAnswer, RoadFault, RoadService, RoadTable};
use crate::domain::dispatch::Leg;
use crate::domain::geography::Position;
use serde::Deserialize;
use std::time::Duration;

/// An answer that takes longer comes too late.
const TIMEOUT: Duration = Duration::from_secs(5);
/// OSRM servers take so many places at a time unless they are told otherwise.
const MOST_PLACES: usize = 100;
/// Longer legs are nonsense, metres and seconds.
const MOST: f64 = 20_000_000.0;

/// An OSRM server.
pub struct Osrm {
    base: String,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct TableAnswer {
    code: String,
    #[serde(default)]
    durations: Vec<Vec<Option<f64>>>,
    #[serde(default)]
    distances: Vec<Vec<Option<f64>>>,
}

impl Osrm {
    /// A server by its base URL, such as `http://osrm:5000`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(base: &str) -> Result<Self, RoadFault> {
        let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build();
        let client = client.map_err(|error| RoadFault(error.to_string()))?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), client })
    }

    /// Roads from some places to some others, by their positions in one list.
    async fn part(&self, from: &[Position], to: &[Position]) -> Result<RoadTable, RoadFault> {
        let places: Vec<String> = from
            .iter()
            .chain(to)
            .map(|place| {
                let (latitude, longitude) = place.degrees();
                format!("{longitude:.6},{latitude:.6}")
            })
            .collect();
        let numbers = |range: std::ops::Range<usize>| range.map(|at| at.to_string()).collect::<Vec<_>>().join(";");
        let url = format!(
            "{}/table/v1/driving/{}?annotations=duration,distance&sources={}&destinations={}",
            self.base,
            places.join(";"),
            numbers(0..from.len()),
            numbers(from.len()..from.len() + to.len()),
        );
        let fault = |error: reqwest::Error| RoadFault(error.without_url().to_string());
        let answer = self.client.get(url).send().await.map_err(fault)?;
        let answer: TableAnswer = answer.error_for_status().map_err(fault)?.json().await.map_err(fault)?;
        read(&answer, from.len(), to.len())
    }
}

/// An answer as legs: of the right shape, and with figures that can be.
fn read(answer: &TableAnswer, from: usize, to: usize) -> Result<RoadTable, RoadFault> {
    if answer.code != "Ok" {
        return Err(RoadFault("it says that it found no table".to_owned()));
    }
    let right = |rows: &[Vec<Option<f64>>]| rows.len() == from && rows.iter().all(|row| row.len() == to);
    if !right(&answer.durations) || !right(&answer.distances) {
        return Err(RoadFault("its table has another shape".to_owned()));
    }
    let figure = |value: Option<f64>| value.filter(|value| (0.0..=MOST).contains(value)).map(whole);
    let rows = answer.durations.iter().zip(&answer.distances);
    Ok(rows
        .map(|(durations, distances)| {
            let legs = durations.iter().zip(distances);
            legs.map(|(seconds, metres)| Some(Leg { metres: figure(*metres)?, seconds: figure(*seconds)? })).collect()
        })
        .collect())
}

/// A figure within bounds, to the nearest whole.
#[expect(clippy::as_conversions, reason = "the standard library has no other way from float to integer")]
const fn whole(value: f64) -> i64 {
    value.round() as i64
}

impl RoadService for Osrm {
    fn table<'a>(&'a self, places: &'a [Position]) -> RoadAnswer<'a> {
        Box::pin(async move {
            let half = MOST_PLACES / 2;
            let mut whole: RoadTable = Vec::with_capacity(places.len());
            for from in places.chunks(half) {
                let mut rows: RoadTable = vec![Vec::with_capacity(places.len()); from.len()];
                for to in places.chunks(half) {
                    for (row, legs) in rows.iter_mut().zip(self.part(from, to).await?) {
                        row.extend(legs);
                    }
                }
                whole.extend(rows);
            }
            Ok(whole)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: &str, durations: &[&[Option<f64>]], distances: &[&[Option<f64>]]) -> TableAnswer {
        let rows = |rows: &[&[Option<f64>]]| rows.iter().map(|row| row.to_vec()).collect();
        TableAnswer { code: code.to_owned(), durations: rows(durations), distances: rows(distances) }
    }

    #[test]
    fn an_answer_is_read_leg_by_leg() {
        let table = read(&answer("Ok", &[&[Some(59.6), None]], &[&[Some(1_000.4), Some(5.0)]]), 1, 2).unwrap();
        assert_eq!(table, [[Some(Leg { metres: 1_000, seconds: 60 }), None]]);
    }

    #[test]
    fn nonsense_is_no_road() {
        assert!(read(&answer("NoTable", &[], &[]), 0, 0).is_err());
        assert!(read(&answer("Ok", &[&[Some(1.0)]], &[]), 1, 1).is_err());
        assert!(read(&answer("Ok", &[&[Some(1.0)]], &[&[Some(1.0), Some(1.0)]]), 1, 1).is_err());
        for wrong in [f64::NAN, -1.0, f64::INFINITY, 1e12] {
            let table = read(&answer("Ok", &[&[Some(wrong)]], &[&[Some(1.0)]]), 1, 1).unwrap();
            assert_eq!(table, [[None]], "{wrong}");
        }
    }
}
