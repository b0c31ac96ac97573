//! What a scanner reads: ISBT 128 structures alone or in a compound message, GS1 element strings, our own codes.
//! Anything malformed refuses the whole scan; structures about patients are refused and never kept (refusal 11).

use super::isbt128::{Din, InvalidDin, ProductCode};
use super::words::words;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

words! {
    /// Why a scan was not taken.
    ScanFault {
        /// It tells about a patient; the hub keeps no such thing.
        PatientStructure = "patient_structure",
        /// It holds a structure that is not known here.
        UnknownStructure = "unknown_structure",
        /// A structure is too short, too long or has a character that does not belong.
        Malformed = "malformed",
        /// It is a product of human origin, and not milk.
        NotMilk = "not_milk",
        /// The check character or digit does not fit.
        CheckCharacter = "check_character",
        /// It holds another number of structures than it says.
        CountMismatch = "count_mismatch",
        /// There is no such date.
        ImpossibleDate = "impossible_date",
        /// It is no code that is known here.
        UnknownCode = "unknown_code",
    }
}

/// One thing that a scan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanPart {
    /// Data structure 001: a donation or a pool, and its flag.
    Din(Din, String),
    /// Data structure 003: what it is, and which bottle of it.
    Product(ProductCode, u16),
    /// Data structures 004 and 005: good until, by the label's local time.
    ExpiresAt(DateTime),
    /// Data structures 006 to 009: collected or produced.
    MadeAt(DateTime),
    /// Data structure 038: the Single European Code.
    Sec(Sec),
    /// A structure that is taken as it stands, by its data identifier.
    Other(String, String),
    /// A GS1 element: application identifier and value.
    Gs1(&'static str, String),
    /// A code of this hub.
    Hub(String),
}

/// The Single European Code, 40 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sec {
    /// Country of the establishment.
    pub country: String,
    /// The establishment.
    pub establishment: String,
    /// The donation.
    pub donation: String,
    /// Coding system and product, eight characters.
    pub product: String,
    /// Which split of it.
    pub split: String,
    /// Good until.
    pub expires_on: Date,
}

/// Data identifiers with the length of their content; the donation number is told by its own letter.
const STRUCTURES: [(&str, usize); 17] = [
    ("&,1", 18),
    ("&,2", 18),
    ("&,4", 40),
    ("=<", 8),
    ("=>", 6),
    ("&>", 10),
    ("=*", 6),
    ("&*", 10),
    ("=}", 6),
    ("&}", 10),
    ("=;", 21),
    ("=$", 16),
    ("=,", 6),
    ("=/", 16),
    ("=+", 5),
    ("=%", 4),
    ("=]", 6),
];

/// Reads a scan, or what a person keyed, which needs its check character.
///
/// # Errors
/// The first thing that is wrong with it; nothing of it is then taken.
pub fn read_scan(text: &str, keyed: bool) -> Result<Vec<ScanPart>, ScanFault> {
    let text = text.trim_end_matches(['\r', '\n']);
    let (aim, body) = aim_of(text);
    if text.len() > 1_000 || !text.is_ascii() {
        return Err(ScanFault::Malformed);
    }
    if keyed && !body.starts_with(['=', '&']) {
        return match Din::parse_keyed(body) {
            Ok(din) => Ok(vec![ScanPart::Din(din, "00".to_owned())]),
            Err(InvalidDin::CheckCharacter) => Err(ScanFault::CheckCharacter),
            Err(_) => Err(ScanFault::Malformed),
        };
    }
    if body.starts_with(['=', '&']) {
        return read_isbt(body);
    }
    if matches!(aim, Some("]C1" | "]d2" | "]Q3" | "]e0")) || body.starts_with(['\u{1d}', '(']) || looks_gs1(body) {
        return read_gs1(body);
    }
    if let Some(code) = body.strip_prefix("https://").and_then(|rest| rest.split_once("/u/")).map(|(_, code)| code) {
        let plain = (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        return if plain { Ok(vec![ScanPart::Hub(code.to_owned())]) } else { Err(ScanFault::Malformed) };
    }
    Err(ScanFault::UnknownCode)
}

/// The prefix by which scanners tell what kind of bars they saw.
fn aim_of(text: &str) -> (Option<&str>, &str) {
    match text.split_at_checked(3) {
        Some((aim, rest)) if aim.starts_with(']') => (Some(aim), rest),
        _ => (None, text),
    }
}

fn read_isbt(text: &str) -> Result<Vec<ScanPart>, ScanFault> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut announced: Option<usize> = None;
    while !rest.is_empty() {
        if rest.starts_with("=#") || rest.starts_with("&#") {
            return Err(ScanFault::PatientStructure);
        }
        let (identifier, length) = structure_of(rest)?;
        let (whole, after) = rest.split_at_checked(identifier.len() + length).ok_or(ScanFault::Malformed)?;
        let content = whole.get(identifier.len()..).unwrap_or_default();
        if identifier == "=+" {
            if announced.is_some() || !parts.is_empty() || !all_digits(content) {
                return Err(ScanFault::Malformed);
            }
            announced = content.get(..2).and_then(|count| count.parse().ok());
        } else {
            parts.push(part_of(identifier, content, whole)?);
        }
        rest = after;
    }
    match announced {
        Some(count) if count != parts.len() => Err(ScanFault::CountMismatch),
        None if parts.len() > 1 => Err(ScanFault::Malformed),
        _ if parts.is_empty() => Err(ScanFault::Malformed),
        _ => Ok(parts),
    }
}

fn structure_of(rest: &str) -> Result<(&str, usize), ScanFault> {
    if let Some((known, length)) = STRUCTURES.iter().find(|(identifier, _)| rest.starts_with(identifier)) {
        let identifier = rest.get(..known.len()).ok_or(ScanFault::Malformed)?;
        return Ok((identifier, *length));
    }
    // The second character of the donation number's identifier is its own first one.
    let second = rest.as_bytes().get(1).copied().ok_or(ScanFault::Malformed)?;
    if rest.starts_with('=') && second.is_ascii_alphanumeric() {
        return Ok((rest.get(..1).unwrap_or_default(), 15));
    }
    Err(ScanFault::UnknownStructure)
}

fn part_of(identifier: &str, content: &str, whole: &str) -> Result<ScanPart, ScanFault> {
    Ok(match identifier {
        "=" => match Din::parse_scanned(whole) {
            Ok(din) => ScanPart::Din(din, content.get(13..).unwrap_or_default().to_owned()),
            Err(InvalidDin::CheckCharacter) => return Err(ScanFault::CheckCharacter),
            Err(_) => return Err(ScanFault::Malformed),
        },
        "=<" => {
            let (code, division) =
                ProductCode::parse_with_division(content).map_err(|_no_milk_code| not_milk(content))?;
            ScanPart::Product(code, division)
        }
        "=>" | "&>" => ScanPart::ExpiresAt(moment_of(content)?),
        "=*" | "&*" | "=}" | "&}" => ScanPart::MadeAt(moment_of(content)?),
        "&,4" => ScanPart::Sec(read_sec(content)?),
        other => ScanPart::Other(other.to_owned(), content.to_owned()),
    })
}

/// A well-formed product code of blood, tissue or cells tells what was scanned; anything else is a broken code.
fn not_milk(content: &str) -> ScanFault {
    let mut letters = content.bytes();
    let category = letters.next().is_some_and(|letter| letter.is_ascii_uppercase());
    let number = letters.by_ref().take(4).all(|letter| letter.is_ascii_digit());
    let rest = letters.all(|letter| letter.is_ascii_alphanumeric());
    if category && number && rest && !content.starts_with('M') { ScanFault::NotMilk } else { ScanFault::Malformed }
}

/// `cyyjjj` or `cyyjjjhhmm`: century, year, day of the year, time; no time means the end of the day.
fn moment_of(content: &str) -> Result<DateTime, ScanFault> {
    if !all_digits(content) {
        return Err(ScanFault::Malformed);
    }
    let number = |from: usize, to: usize| -> Result<i16, ScanFault> {
        content.get(from..to).and_then(|digits| digits.parse().ok()).ok_or(ScanFault::Malformed)
    };
    let (year, day) = (2_000 + 100 * number(0, 1)? + number(1, 3)?, number(3, 6)?);
    let first = Date::new(year, 1, 1).map_err(|_no_year| ScanFault::ImpossibleDate)?;
    if !(1..=first.days_in_year()).contains(&day) {
        return Err(ScanFault::ImpossibleDate);
    }
    let date = first.checked_add((i64::from(day) - 1).days()).map_err(|_no_day| ScanFault::ImpossibleDate)?;
    let (hour, minute) = if content.len() == 10 { (number(6, 8)?, number(8, 10)?) } else { (23, 59) };
    let clock = |part: i16| i8::try_from(part).map_err(|_no_clock| ScanFault::ImpossibleDate);
    let time = jiff::civil::Time::new(clock(hour)?, clock(minute)?, 0, 0);
    Ok(date.to_datetime(time.map_err(|_no_time| ScanFault::ImpossibleDate)?))
}

/// Reads the forty characters of a Single European Code.
///
/// # Errors
/// Another length, a character that does not belong, or no such day.
pub fn read_sec(text: &str) -> Result<Sec, ScanFault> {
    let fits = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !fits {
        return Err(ScanFault::Malformed);
    }
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    if !part(0, 2).bytes().all(|byte| byte.is_ascii_uppercase())
        || !matches!(text.as_bytes().get(21), Some(b'A' | b'B' | b'E'))
    {
        return Err(ScanFault::Malformed);
    }
    let day = part(32, 40);
    let number = |from: usize, to: usize| day.get(from..to).and_then(|digits| digits.parse::<i16>().ok());
    let (Some(year), Some(month), Some(date)) = (number(0, 4), number(4, 6), number(6, 8)) else {
        return Err(ScanFault::Malformed);
    };
    let small = |part: i16| i8::try_from(part).unwrap_or(0);
    let expires_on = Date::new(year, small(month), small(date)).map_err(|_no_day| ScanFault::ImpossibleDate)?;
    Ok(Sec {
        country: part(0, 2),
        establishment: part(2, 8),
        donation: part(8, 21),
        product: part(21, 29),
        split: part(29, 32),
        expires_on,
    })
}

/// Application identifiers with the length of their value; nought is up to twenty characters, ended by FNC1.
const ELEMENTS: [(&str, usize); 7] =
    [("00", 18), ("01", 14), ("17", 6), ("410", 13), ("414", 13), ("10", 0), ("21", 0)];

fn read_gs1(text: &str) -> Result<Vec<ScanPart>, ScanFault> {
    // Printed brackets are for people; what follows a closing one is the value.
    let plain: String =
        text.chars().filter(|letter| *letter != ')').map(|c| if c == '(' { '\u{1d}' } else { c }).collect();
    let mut parts = Vec::new();
    let mut rest = plain.trim_start_matches('\u{1d}');
    while !rest.is_empty() {
        if rest.starts_with("8018") {
            return Err(ScanFault::PatientStructure);
        }
        let (identifier, length) =
            ELEMENTS.iter().find(|(identifier, _)| rest.starts_with(identifier)).ok_or(ScanFault::UnknownStructure)?;
        let value = rest.get(identifier.len()..).unwrap_or_default();
        let (value, after) = if *length == 0 {
            value.split_once('\u{1d}').unwrap_or((value, ""))
        } else {
            value.split_at_checked(*length).ok_or(ScanFault::Malformed)?
        };
        let fits = if *length == 0 { (1..=20).contains(&value.len()) } else { all_digits(value) };
        if !fits {
            return Err(ScanFault::Malformed);
        }
        if matches!(*identifier, "00" | "01" | "410" | "414") && !check_digit_fits(value) {
            return Err(ScanFault::CheckCharacter);
        }
        parts.push(ScanPart::Gs1(identifier, value.to_owned()));
        rest = after.trim_start_matches('\u{1d}');
    }
    if parts.is_empty() { Err(ScanFault::Malformed) } else { Ok(parts) }
}

/// A scanner that types like a keyboard may leave out the sign by which GS1 data is told: a trade item number with its
/// check digit and something behind it, or a whole shipping code, is nothing else.
fn looks_gs1(text: &str) -> bool {
    let keyed = |identifier: &str, length: usize| {
        let key = text.strip_prefix(identifier).and_then(|rest| rest.get(..length));
        key.is_some_and(|key| all_digits(key) && check_digit_fits(key))
    };
    (keyed("01", 14) && text.len() > 16) || (keyed("00", 18) && text.len() == 20)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last digit of a GS1 key: weights 3 and 1 from the right, a multiple of ten in all.
fn check_digit_fits(key: &str) -> bool {
    let sum: u32 = key
        .bytes()
        .rev()
        .zip([1_u32, 3].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit.saturating_sub(b'0')) * weight)
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compound_message_is_read_exactly() {
        let parts = read_scan("]C0=+03000=A99991500000125=<M0001013&>0160012359", false).unwrap();
        let din = Din::parse("A999915000001").unwrap();
        let expires = "2016-01-01T23:59:00".parse().unwrap();
        let product = ScanPart::Product("M0001".parse().unwrap(), 13);
        assert_eq!(parts, [ScanPart::Din(din, "25".to_owned()), product, ScanPart::ExpiresAt(expires)]);
    }

    #[test]
    fn refusal_11_a_compound_message_that_does_not_fit_is_refused_whole() {
        let fault = |text| read_scan(text, false).unwrap_err();
        assert_eq!(fault("=+02000=A99991500000125=<M0001013&>0160012359"), ScanFault::CountMismatch);
        assert_eq!(fault("=+02000=A99991500000125=?M0001013"), ScanFault::UnknownStructure);
        assert_eq!(fault("=A99991500000125=<M0001013"), ScanFault::Malformed);
        assert_eq!(fault("=<M000101X"), ScanFault::Malformed);
        assert_eq!(fault("=<t0416003"), ScanFault::Malformed);
        assert_eq!(fault("=A999915000001"), ScanFault::Malformed);
        assert_eq!(fault("=G12341765432171"), ScanFault::CheckCharacter);
        assert_eq!(fault("hello"), ScanFault::UnknownCode);
        assert_eq!(read_scan("A999915000001X", true), Err(ScanFault::CheckCharacter));
        assert_eq!(read_scan("A9999 15 000001 M", true).unwrap().len(), 1);
    }

    #[test]
    fn a_published_message_about_other_tissue_is_told_as_no_milk() {
        let tissue = "=+05000=Z54991712345600=%T300=<T0416003&>0183652359&,4PL001499Z549917123456A00T041600320181231";
        assert_eq!(read_scan(tissue, false), Err(ScanFault::NotMilk));
        assert_eq!(read_scan("=<E0791V00", false), Err(ScanFault::NotMilk));
    }

    #[test]
    fn gs1_from_a_keyboard_wedge_is_read_without_its_sign() {
        let parts = read_scan("0109501101530003172601311012AB\u{1d}21X7", false).unwrap();
        assert_eq!(parts.len(), 4);
        assert_eq!(read_scan("00095011015300000010", false).unwrap().len(), 1);
        assert_eq!(read_scan("00095011015300000014", false), Err(ScanFault::UnknownCode));
        assert_eq!(read_scan("0109501101530004172601311012AB", false), Err(ScanFault::UnknownCode));
        assert_eq!(read_scan("0109501101530003", false), Err(ScanFault::UnknownCode), "a number may be anybody's");
    }

    #[test]
    fn refusal_11_impossible_dates_are_refused() {
        let fault = |text| read_scan(text, false).unwrap_err();
        assert_eq!(fault("=>016000"), ScanFault::ImpossibleDate);
        assert_eq!(fault("=>015366"), ScanFault::ImpossibleDate);
        assert_eq!(fault("&>0160012460"), ScanFault::ImpossibleDate);
        let leap = read_scan("=>016366", false).unwrap();
        assert_eq!(leap, [ScanPart::ExpiresAt("2016-12-31T23:59:00".parse().unwrap())]);
    }

    #[test]
    fn structures_about_patients_are_refused() {
        for text in ["=#01990000", "&#123456", "=+02000=A99991500000125&#1", "]C18018123456789012345678"] {
            assert_eq!(read_scan(text, false), Err(ScanFault::PatientStructure), "{text}");
        }
    }

    #[test]
    fn the_single_european_code_has_forty_characters() {
        let sec = read_sec("PL001499Z549917123456A00T041600320181231").unwrap();
        assert_eq!((sec.country.as_str(), sec.donation.as_str()), ("PL", "Z549917123456"));
        assert_eq!((sec.product.as_str(), sec.split.as_str()), ("A00T0416", "003"));
        assert_eq!(sec.expires_on, Date::constant(2018, 12, 31));
        assert_eq!(read_sec("PL001499Z549917123456A00T041600320181331"), Err(ScanFault::ImpossibleDate));
    }

    #[test]
    fn gs1_elements_are_read_with_their_check_digits() {
        let parts = read_scan("]C10109501101530003172601311012AB\u{1d}21X7", false).unwrap();
        let wanted = [("01", "09501101530003"), ("17", "260131"), ("10", "12AB"), ("21", "X7")];
        assert_eq!(parts, wanted.map(|(element, value)| ScanPart::Gs1(element, value.to_owned())));
        assert_eq!(read_scan("(01)09501101530003(21)X7", false).unwrap().len(), 2);
        assert_eq!(read_scan("]C10109501101530004", false), Err(ScanFault::CheckCharacter));
        assert_eq!(read_scan("]C1990", false), Err(ScanFault::UnknownStructure));
        assert_eq!(read_scan("https://hub.example/u/B-7", false).unwrap(), [ScanPart::Hub("B-7".to_owned())]);
    }
}
