//! Mean kinetic temperature, as pharmacies show it (USP <1079.2>). It is shown beside a trace and never clears
//! milk: no rule takes it (refusal 8).

use crate::domain::logger::LoggerLog;
use crate::domain::quantity::Celsius;

/// Activation energy over the gas constant, kelvin: 83.144 kJ/mol by 8.3144 J/(mol·K).
const ENERGY_KELVIN: f64 = 10_000.0;
const FREEZING_KELVIN: f64 = 273.15;

/// The mean kinetic temperature of a file's readings; none without readings.
#[must_use]
pub fn mean_kinetic(log: &LoggerLog) -> Option<Celsius> {
    let rates: Vec<f64> = log
        .readings
        .iter()
        .filter_map(|row| i32::try_from(row.reading.temperature.hundredths()).ok())
        .map(|hundredths| f64::from(hundredths) / 100.0 + FREEZING_KELVIN)
        .filter(|kelvin| *kelvin > 1.0)
        .map(|kelvin| (-ENERGY_KELVIN / kelvin).exp())
        .collect();
    let count = f64::from(u32::try_from(rates.len()).ok().filter(|count| *count > 0)?);
    let mean = rates.iter().sum::<f64>() / count;
    let degrees = -ENERGY_KELVIN / mean.ln() - FREEZING_KELVIN;
    // Through text, as no cast between floats and integers is taken here.
    format!("{:.0}", degrees * 100.0).parse().ok().map(Celsius::from_hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logger::{FileReading, LoggerFormat};
    use crate::domain::temperature::Reading;
    use crate::domain::time::Instant;

    fn log(degrees: &[i64]) -> LoggerLog {
        let reading = |degrees: &i64| {
            let reading =
                Reading { measured_at: Instant::from_micros(0), temperature: Celsius::from_degrees(*degrees) };
            FileReading { row: 1, reading }
        };
        LoggerLog {
            format: LoggerFormat::LogTagCsv,
            logger_ref: None,
            rows_read: 0,
            readings: degrees.iter().map(reading).collect(),
            intervals: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn warm_hours_weigh_more_than_cold_ones() {
        assert_eq!(mean_kinetic(&log(&[-20, -20])), Some(Celsius::from_degrees(-20)));
        let mean = mean_kinetic(&log(&[-30, -10])).unwrap();
        assert!(mean > Celsius::from_degrees(-20) && mean < Celsius::from_degrees(-10), "{mean}");
        assert_eq!(mean_kinetic(&log(&[])), None);
    }
}
