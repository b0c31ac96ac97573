//! `pgbench` with a script of ours: what the database alone can do with the same statements.

use crate::place::Place;
use std::process::Command;

/// Transactions in a second.
pub fn rate(place: &Place, script: &str, clients: usize, limit: &[&str]) -> f64 {
    let path = place.folder().join("pgbench.sql");
    std::fs::write(&path, script).unwrap();
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", &format!("--client={clients}")])
        .args(limit)
        .arg(format!("--file={}", path.display()))
        .arg(place.database_url().unwrap())
        .output()
        .expect("pgbench is installed with PostgreSQL");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let line = text.lines().find(|line| line.starts_with("tps = ")).expect("a rate");
    line.trim_start_matches("tps = ").split(' ').next().unwrap().parse().unwrap()
}
