//! Benchmarks of the whole program: `tests/bench/run [accept] [board] [coldchain] [matched] [portal] [start] [replay]`. Each prints rows of one
//! table; what is compared is measured in one run, turn by turn, and medians are taken.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement stops on a broken assumption"
)]

mod accept;
mod board;
mod coldchain;
mod dataset;
mod load;
mod matched;
mod pgbench;
mod place;
mod portal;
mod replay;
mod start;
mod table;

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../it/hub/process.rs"]
mod process;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../it/hub/region.rs"]
mod region;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../browser/session.rs"]
mod session;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../it/hub/wire.rs"]
mod wire;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut rows = Vec::new();
    if wants("start") {
        rows.extend(runtime.block_on(start::measure()));
    }
    if wants("board") {
        rows.extend(runtime.block_on(board::measure()));
    }
    if wants("accept") {
        rows.extend(runtime.block_on(accept::measure()));
    }
    if wants("coldchain") {
        rows.extend(runtime.block_on(coldchain::measure()));
    }
    if wants("matched") {
        rows.extend(runtime.block_on(matched::measure()));
    }
    if wants("portal") {
        rows.extend(runtime.block_on(portal::measure()));
    }
    if wants("replay") {
        rows.extend(replay::measure());
    }
    table::print(&rows);
}
