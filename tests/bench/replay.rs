//! Thirty days of a region through the demo: how long it takes, and how much memory the hub holds afterwards.

use crate::place::Place;
use crate::table::Row;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    let (seconds, resident_mb) = replay("hongkong");
    rows.push(row("30 days of Hong Kong", format!("{seconds:.1} s"), "≤ 30 s"));
    rows.push(row("resident memory after it", format!("{resident_mb:.0} MB"), "≤ 80 MB"));
    let (seconds, resident_mb) = replay("france");
    rows.push(row("30 days of France", format!("{seconds:.1} s"), "≤ 5 min"));
    rows.push(row("resident memory after it", format!("{resident_mb:.0} MB"), ""));
    rows
}

fn row(what: &str, measured: String, asked: &'static str) -> Row {
    Row { what: what.to_owned(), measured, compared_with: String::new(), ratio: None, asked }
}

/// Seconds until the report was written, and megabytes that the process then holds.
fn replay(region: &str) -> (f64, f64) {
    let place = Place::sqlite(region);
    let report = place.folder().join("report.json");
    let began = Instant::now();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_milkbridge"))
        .args(["demo", "--region", region, "--days", "30", "--listen", "127.0.0.1:0"])
        .arg("--report")
        .arg(&report)
        .arg("--data")
        .arg(place.folder().join("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(&report, &mut demo);
    let seconds = began.elapsed().as_secs_f64();
    let resident_mb = resident_mb(demo.id());
    demo.kill().unwrap();
    demo.wait().unwrap();
    println!("replay {region}: {seconds:.1} s, {resident_mb:.0} MB");
    (seconds, resident_mb)
}

fn wait_for(report: &Path, demo: &mut Child) {
    let whole = || std::fs::read_to_string(report).is_ok_and(|text| text.trim_end().ends_with('}'));
    while !whole() {
        assert!(demo.try_wait().unwrap().is_none(), "the demo ended without a report");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn resident_mb(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
