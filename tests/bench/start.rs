//! From the start of the process to its first answer, with a new data folder and with one that is there already.

use crate::place::Place;
use crate::process::{HubProcess, Start};
use crate::table::{Row, median};

const ROUNDS: usize = 7;

pub async fn measure() -> Vec<Row> {
    let (mut fresh, mut again) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let place = Place::sqlite("start");
        for times in [&mut fresh, &mut again] {
            let hub = HubProcess::start(&Start::simulated(place.folder())).await;
            times.push(hub.first_answer_after.as_secs_f64() * 1000.0);
        }
    }
    let row = |what: &str, times: Vec<f64>| Row {
        what: format!("start to first answer, {what}"),
        measured: format!("{:.0} ms", median(times)),
        compared_with: String::new(),
        ratio: None,
        asked: "≤ 300 ms",
    };
    vec![row("a new data folder", fresh), row("a data folder in use", again)]
}
