//! Reads an event stream line by line, plain or gzip, without holding it in memory. A line that is not an
//! event of a known type is refused with its line and field.

use super::event::{Event, Happening, ReferenceLine};
use super::event_lot::{Holding, OpeningLot};
use super::finding::Finding;
use super::region_check::without_position;
use crate::domain::time::Instant;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

/// Longest line that is read, bytes; a real event has a few kilobytes.
const LONGEST_LINE_BYTES: u64 = 4_000_000;

/// Where a stream comes from.
#[derive(Debug, Clone)]
pub enum StreamSource {
    /// Stored in the program, gzip.
    Stored {
        /// Name shown in findings.
        name: &'static str,
        /// The gzip bytes.
        gzip: &'static [u8],
    },
    /// A file, plain or gzip.
    File(PathBuf),
}

impl StreamSource {
    /// The name shown in findings.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Stored { name, .. } => (*name).to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Opens the stream at its beginning.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn open(&self) -> io::Result<EventStream> {
        let text: Box<dyn BufRead + Send> = match self {
            Self::Stored { gzip, .. } => Box::new(BufReader::new(MultiGzDecoder::new(*gzip))),
            Self::File(path) => {
                let mut file = BufReader::new(File::open(path)?);
                if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
                    Box::new(BufReader::new(MultiGzDecoder::new(file)))
                } else {
                    Box::new(file)
                }
            }
        };
        Ok(EventStream { file: self.name(), text, line: 0 })
    }
}

/// The events of a stream in their order.
pub struct EventStream {
    file: String,
    text: Box<dyn BufRead + Send>,
    line: usize,
}

/// A line and the region that it says it belongs to.
#[derive(Debug, Clone)]
pub struct Line {
    /// The event.
    pub event: Event,
    /// Its region.
    pub region_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    seq: u64,
    at: Instant,
    #[serde(rename = "type")]
    kind: String,
    origin: String,
    region_id: String,
    site_id: Option<String>,
    data: Value,
}

impl Iterator for EventStream {
    type Item = Result<Line, Finding>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.line += 1;
            let mut bytes = Vec::new();
            let read = self.text.by_ref().take(LONGEST_LINE_BYTES).read_until(b'\n', &mut bytes);
            match read {
                Ok(0) => return None,
                Ok(_) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => return Some(self.parse(&bytes)),
                Err(error) => return Some(Err(self.finding("", format!("cannot be read: {error}")))),
            }
        }
    }
}

impl EventStream {
    fn finding(&self, field: &str, detail: impl Into<String>) -> Finding {
        Finding { file: self.file.clone(), line: self.line, field: field.to_owned(), detail: detail.into() }
    }

    fn parse(&self, bytes: &[u8]) -> Result<Line, Finding> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let envelope: Envelope = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let field = match error.path().to_string() {
                path if path == "." || path == "?" => String::new(),
                path => path,
            };
            self.finding(&field, without_position(&error.into_inner().to_string()))
        })?;
        reader.end().map_err(|_trailing| self.finding("", "more text after the event"))?;
        let what = self.happening(&envelope.kind, &envelope.origin, envelope.data)?;
        let event = Event { line: self.line, seq: envelope.seq, at: envelope.at, site_id: envelope.site_id, what };
        Ok(Line { event, region_id: envelope.region_id })
    }

    fn happening(&self, kind: &str, origin: &str, data: Value) -> Result<Happening, Finding> {
        let expected = if is_reference(kind) { "reference_policy" } else { "exogenous" };
        let what = match kind {
            "stock.opening" => Happening::StockOpening(Box::new(self.opening(data)?)),
            "lot.released" => Happening::LotReleased(Box::new(self.data(data)?)),
            "lot.rejected" => Happening::LotRejected(Box::new(self.data(data)?)),
            "surplus.published" => Happening::SurplusPublished(self.data(data)?),
            "infant.donor_milk_started" | "infant.donor_milk_ongoing" => Happening::Infant(Box::new(self.data(data)?)),
            "request.raised" => Happening::RequestRaised(Box::new(self.data(data)?)),
            "courier.availability" => Happening::CourierAvailability(self.data(data)?),
            "site.outage.started" => Happening::OutageStarted(self.data(data)?),
            "site.outage.ended" => Happening::OutageEnded(self.data(data)?),
            "stock.loss" => Happening::StockLoss(self.data(data)?),
            "route.closure.forecast" => Happening::ClosureForecast(self.data(data)?),
            "route.closure.started" => Happening::ClosureStarted(self.data(data)?),
            "route.closure.ended" => Happening::ClosureEnded(self.data(data)?),
            "recall.issued" => Happening::RecallIssued(self.data(data)?),
            "transfer.dispatched" => Happening::Reference(ReferenceLine::Dispatched(self.data(data)?)),
            "transfer.received" => Happening::Reference(ReferenceLine::Received(self.data(data)?)),
            "consumption.recorded" => Happening::Reference(ReferenceLine::Consumed(self.data(data)?)),
            "feeding.shortfall" => Happening::Reference(ReferenceLine::Shortfall(self.data(data)?)),
            "stock.expired" => Happening::Reference(ReferenceLine::Expired(self.data(data)?)),
            "request.closed" => Happening::Reference(ReferenceLine::RequestClosed(self.data(data)?)),
            "quarantine.confirmed" => Happening::Reference(ReferenceLine::Quarantined(self.data(data)?)),
            "transfer.logger_reading" | "inventory.reported" => Happening::Reference(ReferenceLine::Other),
            _ => return Err(self.finding("type", "is not a known event type")),
        };
        if origin != expected {
            return Err(self.finding("origin", format!("must be {expected} for this type")));
        }
        Ok(what)
    }

    fn data<T: DeserializeOwned>(&self, data: Value) -> Result<T, Finding> {
        serde_path_to_error::deserialize(data).map_err(|error| {
            let field = match error.path().to_string() {
                path if path == "." => "data".to_owned(),
                path => format!("data.{path}"),
            };
            self.finding(&field, without_position(&error.into_inner().to_string()))
        })
    }

    fn opening(&self, mut data: Value) -> Result<OpeningLot, Finding> {
        let holdings = data.as_object_mut().and_then(|object| object.remove("holdings"));
        let holdings = holdings.ok_or_else(|| self.finding("data", "missing field `holdings`"))?;
        let holdings: Vec<Holding> = serde_path_to_error::deserialize(holdings).map_err(|error| {
            let field = format!("data.holdings{}", error.path());
            self.finding(&field, error.into_inner().to_string())
        })?;
        Ok(OpeningLot { lot: self.data(data)?, holdings })
    }
}

fn is_reference(kind: &str) -> bool {
    matches!(
        kind,
        "transfer.dispatched"
            | "transfer.logger_reading"
            | "transfer.received"
            | "consumption.recorded"
            | "feeding.shortfall"
            | "inventory.reported"
            | "stock.expired"
            | "request.closed"
            | "quarantine.confirmed"
    )
}
