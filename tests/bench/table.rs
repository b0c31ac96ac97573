//! The table that a run prints, in the shape that `README.md` keeps.

/// One measured figure and what it should be.
pub struct Row {
    pub what: String,
    pub measured: String,
    pub compared_with: String,
    pub ratio: Option<f64>,
    pub asked: &'static str,
}

/// Prints the rows as a table.
pub fn print(rows: &[Row]) {
    println!("\n| what | measured | compared with | ratio | asked |\n|---|---|---|---|---|");
    for Row { what, measured, compared_with, ratio, asked } in rows {
        let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        println!("| {what} | {measured} | {compared_with} | {ratio} | {asked} |");
    }
}

/// The middle one; of an even number, the upper middle.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The range beside a median.
pub fn spread(figures: &[f64]) -> String {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(0.0, f64::max);
    format!("{least:.0}–{most:.0}")
}

/// A count as a number to divide with.
pub fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a small count"))
}
