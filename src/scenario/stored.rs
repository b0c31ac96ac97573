//! The four regions that come with the program, each with a stream of 30 days and what the reference policy
//! did with it. `data/README.md` says where they come from.

use super::event_stream::StreamSource;
use serde::Deserialize;

/// A region that comes with the program.
#[derive(Debug, Clone, Copy)]
pub struct StoredRegion {
    /// Name on the command line.
    pub name: &'static str,
    /// Text of the region file.
    pub region: &'static str,
    /// What the world does to the hub, gzip JSONL.
    events: &'static [u8],
    /// What the reference policy did, gzip JSONL.
    reference: &'static [u8],
    /// The generator's own totals of the same run.
    totals: &'static str,
}

macro_rules! stored {
    ($name:literal) => {
        StoredRegion {
            name: $name,
            region: include_str!(concat!("data/regions/", $name, ".json")),
            events: include_bytes!(concat!("data/streams/", $name, ".events.jsonl.gz")),
            reference: include_bytes!(concat!("data/streams/", $name, ".reference.jsonl.gz")),
            totals: include_str!(concat!("data/streams/", $name, ".totals.json")),
        }
    };
}

/// The regions that come with the program.
pub const STORED_REGIONS: [StoredRegion; 4] =
    [stored!("xian"), stored!("hongkong"), stored!("vietnam-laos"), stored!("france")];

/// The seed of the generator behind the stored streams.
pub const STORED_STREAM_SEED: u64 = 7;

/// Totals that the generator printed for a stored stream.
#[derive(Debug, Clone, Deserialize)]
pub struct GeneratorTotals {
    /// Days of the stream.
    pub days: i64,
    /// Seed of the generator.
    pub seed: String,
    /// Sums in mL, km or numbers.
    pub other: std::collections::BTreeMap<String, f64>,
    /// Events and outcomes.
    pub counts: std::collections::BTreeMap<String, i64>,
}

impl StoredRegion {
    /// The region of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        STORED_REGIONS.into_iter().find(|region| region.name == name)
    }

    /// The stream of events.
    #[must_use]
    pub fn events(&self) -> StreamSource {
        StreamSource::Stored { name: self.name, gzip: self.events }
    }

    /// The lines of the reference policy.
    #[must_use]
    pub fn reference(&self) -> StreamSource {
        StreamSource::Stored { name: self.name, gzip: self.reference }
    }

    /// The generator's totals.
    ///
    /// # Errors
    /// The stored text is not what it should be; a test rules that out.
    pub fn totals(&self) -> Result<GeneratorTotals, serde_json::Error> {
        serde_json::from_str(self.totals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::event_check::check_stream;
    use crate::scenario::region_check::read_region;

    #[test]
    fn every_stored_region_and_stream_is_without_fault() {
        for stored in STORED_REGIONS {
            let region = read_region(stored.name, stored.region).unwrap();
            let summary = check_stream(&region, &stored.events()).unwrap();
            let totals = stored.totals().unwrap();
            let exogenous: i64 = totals
                .counts
                .iter()
                .filter(|(kind, _)| {
                    [
                        "stock.",
                        "lot.",
                        "surplus.",
                        "infant.",
                        "request.raised",
                        "courier.",
                        "site.",
                        "route.",
                        "recall.",
                    ]
                    .iter()
                    .any(|start| kind.starts_with(start))
                        && *kind != "stock.expired"
                })
                .map(|(_, count)| count)
                .sum();
            assert_eq!(i64::try_from(summary.exogenous).unwrap(), exogenous, "{}", stored.name);
            assert_eq!(summary.reference, 0);
            assert_eq!(totals.days, 30);
            assert_eq!(totals.seed, STORED_STREAM_SEED.to_string());
        }
    }
}
