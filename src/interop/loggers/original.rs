//! The original bytes of a file: their hash, the compressed text they are kept as, and the hash of what was read.

use crate::domain::logger::{LoggerLog, MOST_BYTES};
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::{Read, Write as _};

/// SHA-256 of the bytes as they came, in hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _written = write!(hex, "{byte:02x}").is_ok();
        hex
    })
}

/// SHA-256 of what was read of a file: the same bytes in another zone or by another mapping say something else.
#[must_use]
pub fn read_hash(log: &LoggerLog) -> String {
    let mut bytes = Vec::with_capacity(log.readings.len().saturating_mul(16));
    let mut add = |number: i64| bytes.extend_from_slice(&number.to_be_bytes());
    for row in &log.readings {
        add(row.reading.measured_at.micros());
        add(row.reading.temperature.hundredths());
    }
    for day in &log.intervals {
        add(day.from.micros());
        add(day.until.micros());
        add(day.lowest.hundredths());
        add(day.highest.hundredths());
        add(day.above.map_or(-1, |(_, minutes)| minutes));
    }
    sha256_hex(&bytes)
}

/// The bytes as they are kept.
///
/// # Errors
/// The compressor failed, which only a full memory brings about.
pub fn pack(bytes: &[u8]) -> std::io::Result<String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    Ok(STANDARD.encode(encoder.finish()?))
}

/// The bytes as they came; none when what is kept is not what was packed.
#[must_use]
pub fn unpack(kept: &str) -> Option<Vec<u8>> {
    let packed = STANDARD.decode(kept).ok()?;
    let most = u64::try_from(MOST_BYTES).ok()?;
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice()).take(most.saturating_add(1)).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= MOST_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_came() {
        let bytes = b"1,2026-09-01,07:00:00,-22.4\r\n".repeat(2_000);
        let kept = pack(&bytes).unwrap();
        assert!(kept.len() < bytes.len() / 10);
        assert_eq!(unpack(&kept).unwrap(), bytes);
        assert_eq!(unpack("no"), None);
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
