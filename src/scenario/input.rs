//! What a replay plays: a region, a stream and the reference policy's lines, read and checked as a whole
//! before the first call to the hub.

use super::event_check::{StreamError, StreamSummary, check_stream};
use super::event_stream::StreamSource;
use super::finding::Findings;
use super::region::Region;
use super::region_check::read_region;
use super::stored::{STORED_REGIONS, StoredRegion};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Checked input.
#[derive(Debug, Clone)]
pub struct ReplayInput {
    /// The region.
    pub region: Region,
    /// Its policy profiles as they stand in the file, for the hub to read.
    pub profiles: BTreeMap<String, Value>,
    /// The stream.
    pub events: StreamSource,
    /// Streams that hold what the reference policy did; the hub's stream first.
    pub reference: Vec<StreamSource>,
    /// What the check found in the stream.
    pub summary: StreamSummary,
}

/// Why input was refused.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Neither a stored region nor a file.
    #[error("{name} is neither a stored region ({known}) nor a readable file: {source}")]
    UnknownRegion {
        /// What was asked for.
        name: String,
        /// The names that are stored.
        known: String,
        /// Why the file could not be read.
        source: std::io::Error,
    },
    /// A region file of one's own needs a stream of one's own.
    #[error("{0} is a file, so its events must be given too (--events FILE)")]
    EventsMissing(String),
    /// The region has faults.
    #[error("{0}")]
    Region(Findings),
    /// The stream has faults.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

/// Reads and checks a region by stored name or path, with its stored stream or one from a path.
///
/// # Errors
/// Every fault of the files, with line and field.
pub fn load(region: &str, events: Option<&Path>) -> Result<ReplayInput, InputError> {
    let stored = StoredRegion::find(region);
    let text = match stored {
        Some(stored) => stored.region.to_owned(),
        None => std::fs::read_to_string(region).map_err(|source| InputError::UnknownRegion {
            name: region.to_owned(),
            known: STORED_REGIONS.map(|stored| stored.name).join(", "),
            source,
        })?,
    };
    let parsed = read_region(region, &text).map_err(InputError::Region)?;
    let (events, reference) = match (events, stored) {
        (Some(path), _) => {
            let source = StreamSource::File(PathBuf::from(path));
            (source.clone(), vec![source])
        }
        (None, Some(stored)) => (stored.events(), vec![stored.events(), stored.reference()]),
        (None, None) => return Err(InputError::EventsMissing(region.to_owned())),
    };
    let summary = check_stream(&parsed, &events)?;
    Ok(ReplayInput { region: parsed, profiles: raw_profiles(&text), events, reference, summary })
}

fn raw_profiles(text: &str) -> BTreeMap<String, Value> {
    let whole: Value = serde_json::from_str(text).unwrap_or_default();
    let profiles = whole.get("policy_profiles").and_then(Value::as_object);
    profiles.map(|map| map.iter().map(|(id, value)| (id.clone(), value.clone())).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_region_loads_with_its_stream() {
        let input = load("xian", None).unwrap();
        assert_eq!(input.profiles.keys().collect::<Vec<_>>(), ["cn-consensus"]);
        assert_eq!(input.reference.len(), 2);
    }

    #[test]
    fn an_unknown_region_says_which_are_known() {
        let message = load("atlantis", None).unwrap_err().to_string();
        assert!(message.contains("xian, hongkong, vietnam-laos, france"), "{message}");
    }
}
