//! Codes of labels in photographs that people take of them. What is too large is refused before it is unpacked; nothing
//! of a photograph is kept.

use image::{DynamicImage, ImageReader, Limits, imageops};
use rxing::{BarcodeFormat, DecodeHints};
use std::collections::HashSet;
use std::io::Cursor;

/// The most bytes of a photograph.
pub const MOST_BYTES: usize = 12 * 1024 * 1024;
/// The most pixels of a photograph: unpacked, each takes four bytes.
const MOST_PIXELS: u64 = 26_000_000;
/// The most bytes that unpacking may take.
const MOST_UNPACKED: u64 = 160 * 1024 * 1024;
/// Longest sides at which codes are looked for, in pixels: most are found in a small picture, which is quick.
const SIDES: [u32; 3] = [1_000, 1_800, 3_200];
/// The codes on labels: ours, those of ISBT 128, and those of boxes.
const FORMATS: [BarcodeFormat; 3] = [BarcodeFormat::DATA_MATRIX, BarcodeFormat::CODE_128, BarcodeFormat::QR_CODE];

/// Why a photograph tells nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhotoFault {
    /// It is neither JPEG, PNG nor WebP, or it is damaged.
    #[error("this is no picture")]
    NotAPicture,
    /// It has too many bytes or pixels.
    #[error("this picture is too large")]
    TooLarge,
    /// No code was found in it.
    #[error("there is no code in this picture")]
    NoCode,
}

/// The codes in a photograph, each once. Takes up to a second of one core: call it where waiting is allowed.
///
/// # Errors
/// [`PhotoFault`].
pub fn read_codes(bytes: &[u8]) -> Result<Vec<String>, PhotoFault> {
    let picture = unpacked(bytes)?.into_luma8();
    let longest = picture.width().max(picture.height());
    for side in SIDES {
        let found = if longest > side {
            let part = |length: u32| {
                let smaller = u64::from(length) * u64::from(side) / u64::from(longest);
                u32::try_from(smaller).unwrap_or(side).max(1)
            };
            codes(imageops::thumbnail(&picture, part(picture.width()), part(picture.height())))
        } else {
            codes(picture.clone())
        };
        if !found.is_empty() {
            return Ok(found);
        }
        if longest <= side {
            break;
        }
    }
    Err(PhotoFault::NoCode)
}

/// The media type of a picture by its first bytes: JPEG, PNG or WebP; none for anything else.
#[must_use]
pub fn media_type_of(bytes: &[u8]) -> Option<&'static str> {
    match image::guess_format(bytes).ok()? {
        image::ImageFormat::Jpeg => Some("image/jpeg"),
        image::ImageFormat::Png => Some("image/png"),
        image::ImageFormat::WebP => Some("image/webp"),
        _ => None,
    }
}

fn unpacked(bytes: &[u8]) -> Result<DynamicImage, PhotoFault> {
    if bytes.len() > MOST_BYTES {
        return Err(PhotoFault::TooLarge);
    }
    let reader = || {
        let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
        reader.map_err(|_unreadable| PhotoFault::NotAPicture)
    };
    let (width, height) = reader()?.into_dimensions().map_err(|_no_header| PhotoFault::NotAPicture)?;
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(PhotoFault::TooLarge);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_UNPACKED);
    let mut reader = reader()?;
    reader.limits(limits);
    reader.decode().map_err(|_damaged| PhotoFault::NotAPicture)
}

fn codes(picture: image::GrayImage) -> Vec<String> {
    let (width, height) = picture.dimensions();
    let mut hints =
        DecodeHints { PossibleFormats: Some(HashSet::from(FORMATS)), TryHarder: Some(true), ..DecodeHints::default() };
    let found = rxing::helpers::detect_multiple_in_luma_with_hints(picture.into_raw(), width, height, &mut hints);
    let mut texts: Vec<String> = Vec::new();
    for result in found.unwrap_or_default() {
        let text = result.getText().trim();
        if !text.is_empty() && !texts.iter().any(|known| known == text) {
            texts.push(text.to_owned());
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, ImageFormat, Luma};

    /// A Data Matrix as a photograph of so many pixels a module.
    fn photo(text: &str, module: u32, format: ImageFormat) -> Vec<u8> {
        let code = datamatrix::DataMatrix::encode(text.as_bytes(), datamatrix::SymbolList::default()).unwrap();
        let bits = code.bitmap();
        let side = u32::try_from(bits.width()).unwrap() * module + 80;
        let mut picture = GrayImage::from_pixel(side, side, Luma([235]));
        for (column, row) in bits.pixels() {
            let at = |place: usize| u32::try_from(place).unwrap() * module + 40;
            for y in at(row)..at(row) + module {
                for x in at(column)..at(column) + module {
                    picture.put_pixel(x, y, Luma([25]));
                }
            }
        }
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_code_is_read_in_every_format_and_size() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            for module in [4, 12, 60] {
                let read = read_codes(&photo("https://hub.example/u/L-1-003", module, format));
                assert_eq!(read, Ok(vec!["https://hub.example/u/L-1-003".to_owned()]), "{format:?} {module}");
            }
        }
    }

    #[test]
    fn what_tells_nothing_says_why() {
        assert_eq!(read_codes(b"not a picture at all"), Err(PhotoFault::NotAPicture));
        let sound = photo("L-1-003", 4, ImageFormat::Png);
        assert_eq!(read_codes(&sound[..sound.len() / 2]), Err(PhotoFault::NotAPicture));
        assert_eq!(read_codes(&vec![0; MOST_BYTES + 1]), Err(PhotoFault::TooLarge));
        let mut blank = Cursor::new(Vec::new());
        GrayImage::from_pixel(300, 200, Luma([200])).write_to(&mut blank, ImageFormat::Png).unwrap();
        assert_eq!(read_codes(&blank.into_inner()), Err(PhotoFault::NoCode));
    }

    #[test]
    fn a_small_file_that_unpacks_to_too_much_is_refused_unpacked() {
        let mut bytes = Cursor::new(Vec::new());
        GrayImage::from_pixel(6_000, 5_000, Luma([255])).write_to(&mut bytes, ImageFormat::Png).unwrap();
        let bytes = bytes.into_inner();
        assert!(bytes.len() < 1024 * 1024, "{}", bytes.len());
        assert_eq!(read_codes(&bytes), Err(PhotoFault::TooLarge));
    }
}
