//! ISBT 128 for milk: the donation identification number with its check character, the product code with
//! its division, and the storage temperature that a code implies. Anything malformed is refused (refusal 11);
//! the full product table is licensed, so operators load their own and only published examples live here.

use super::quantity::Celsius;
use super::refusal::{Refusal, RefusalCode};
use super::scan::read_sec;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The characters of ISO/IEC 7064 Mod 37,2 in the order of their values.
const CHECK_CHARACTERS: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

/// A donation identification number: 13 characters that name one donation or one pool for 100 years.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Din(String);

/// Why a number is not a donation identification number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDin {
    /// Not 13 characters, 15 with flags, or 14 with a keyed check character.
    #[error("a donation number has 13 characters")]
    Length,
    /// A character that its place does not allow.
    #[error("a character is not allowed in its place")]
    Character,
    /// The keyed check character does not fit.
    #[error("the check character does not fit")]
    CheckCharacter,
}

impl Din {
    /// Reads the 13 characters themselves.
    ///
    /// # Errors
    /// The length or a character is wrong; letters are upper case and the first is never O or 0.
    pub fn parse(text: &str) -> Result<Self, InvalidDin> {
        if text.len() != 13 || !text.is_ascii() {
            return Err(InvalidDin::Length);
        }
        let allowed = text.bytes().enumerate().all(|(place, letter)| match place {
            0 => letter != b'0' && letter != b'O' && (letter.is_ascii_digit() || letter.is_ascii_uppercase()),
            1 | 2 => letter != b'O' && (letter.is_ascii_digit() || letter.is_ascii_uppercase()),
            _ => letter.is_ascii_digit(),
        });
        if allowed { Ok(Self(text.to_owned())) } else { Err(InvalidDin::Character) }
    }

    /// Reads what a person keyed: 13 characters and the boxed check character, which is then required.
    ///
    /// # Errors
    /// The number is malformed or its check character does not fit.
    pub fn parse_keyed(text: &str) -> Result<Self, InvalidDin> {
        let compact: String = text.chars().filter(|letter| *letter != ' ').collect();
        let Some((number, check)) = compact.split_at_checked(13) else { return Err(InvalidDin::Length) };
        let din = Self::parse(number)?;
        let mut letters = check.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter == din.check_character() => Ok(din),
            (Some(_), None) => Err(InvalidDin::CheckCharacter),
            _ => Err(InvalidDin::Length),
        }
    }

    /// Reads a scanned data structure 001: `=`, 13 characters and two flag characters. Flags of type 3
    /// (60 to 96) carry the check value and must fit; the others are not part of the identity.
    ///
    /// # Errors
    /// The structure is malformed or its type 3 flag does not fit.
    pub fn parse_scanned(text: &str) -> Result<Self, InvalidDin> {
        let content = text.strip_prefix('=').ok_or(InvalidDin::Character)?;
        let Some((number, flags)) = content.split_at_checked(13) else { return Err(InvalidDin::Length) };
        let din = Self::parse(number)?;
        if flags.len() != 2 {
            return Err(InvalidDin::Length);
        }
        let flag: u8 = if flags.bytes().all(|letter| letter.is_ascii_digit()) {
            flags.parse().map_err(|_not_digits| InvalidDin::Character)?
        } else {
            return Err(InvalidDin::Character);
        };
        match flag {
            60..=96 if flag - 60 != din.check_value() => Err(InvalidDin::CheckCharacter),
            97..=99 => Err(InvalidDin::Character),
            _ => Ok(din),
        }
    }

    /// The 13 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The five characters of the facility that issued the number.
    #[must_use]
    pub fn facility(&self) -> &str {
        self.0.get(..5).unwrap_or_default()
    }

    /// The check value, 0 to 36, by ISO/IEC 7064 Mod 37,2.
    #[must_use]
    pub fn check_value(&self) -> u8 {
        let sum = self.0.bytes().fold(0_u16, |sum, letter| ((sum + u16::from(character_value(letter))) * 2) % 37);
        u8::try_from((38 - sum) % 37).unwrap_or_default()
    }

    /// The check character as printed in its box; keyed entry needs it, a scan does not carry it.
    #[must_use]
    pub fn check_character(&self) -> char {
        CHECK_CHARACTERS.get(usize::from(self.check_value())).copied().map_or('0', char::from)
    }
}

const fn character_value(letter: u8) -> u8 {
    match letter {
        b'0'..=b'9' => letter - b'0',
        b'A'..=b'Z' => letter - b'A' + 10,
        _ => 36,
    }
}

impl FromStr for Din {
    type Err = InvalidDin;
    fn from_str(text: &str) -> Result<Self, InvalidDin> {
        Self::parse(text)
    }
}
impl TryFrom<String> for Din {
    type Error = InvalidDin;
    fn try_from(text: String) -> Result<Self, InvalidDin> {
        Self::parse(&text)
    }
}
impl From<Din> for String {
    fn from(din: Din) -> Self {
        din.0
    }
}
impl fmt::Display for Din {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A product description code for milk, M0001 to M0999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductCode(u16);

/// The text is not a product code for milk, or its division is not three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a milk product code such as M0001, or M0001013 with its division")]
pub struct InvalidProductCode;

impl ProductCode {
    /// The code with the division of one bottle, as scanned: `M0001013` is bottle 13.
    ///
    /// # Errors
    /// Not a milk code followed by three digits.
    pub fn parse_with_division(text: &str) -> Result<(Self, u16), InvalidProductCode> {
        let text = text.strip_prefix("=<").unwrap_or(text);
        let (code, division) = text.split_at_checked(5).ok_or(InvalidProductCode)?;
        Ok((code.parse()?, three_digits(division).ok_or(InvalidProductCode)?))
    }

    /// The storage that the code stands for, as warmest and coldest degrees, for the published examples of
    /// the EU compendium; none where the operator's own table must say.
    #[must_use]
    pub const fn implied_storage(self) -> Option<ImpliedStorage> {
        let (warmest, coldest) = match self.0 {
            1 | 3 => (-30, None),
            2 | 9 => (-20, None),
            4 => (-70, None),
            5 => (24, Some(20)),
            6 | 7 => (-18, None),
            8 => (-25, None),
            _ => return None,
        };
        Some(ImpliedStorage { warmest_degrees: warmest, coldest_degrees: coldest })
    }
}

impl ProductCode {
    /// Whether the code stands for pasteurised milk, for the published examples; none where the operator's own table
    /// must say.
    #[must_use]
    pub const fn implied_heat(self) -> Option<bool> {
        match self.0 {
            1 | 2 | 4 | 7 | 8 | 9 => Some(true),
            3 | 6 => Some(false),
            _ => None,
        }
    }
}

fn three_digits(text: &str) -> Option<u16> {
    let digits = text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// The storage that a product code implies, in whole degrees Celsius.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImpliedStorage {
    /// The warmest.
    pub warmest_degrees: i64,
    /// The coldest, where the code names a room range.
    pub coldest_degrees: Option<i64>,
}

impl ImpliedStorage {
    /// True when a set point agrees with the code.
    #[must_use]
    pub fn agrees_with(self, set: Celsius) -> bool {
        set <= Celsius::from_degrees(self.warmest_degrees)
            && self.coldest_degrees.is_none_or(|coldest| set >= Celsius::from_degrees(coldest))
    }
}

impl FromStr for ProductCode {
    type Err = InvalidProductCode;
    fn from_str(text: &str) -> Result<Self, InvalidProductCode> {
        let number = text.strip_prefix("M0").and_then(three_digits).filter(|number| *number > 0);
        number.map(Self).ok_or(InvalidProductCode)
    }
}
impl fmt::Display for ProductCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M0{:03}", self.0)
    }
}

/// Everything wrong with an identity: a malformed number, an unknown code, a label temperature that the
/// code does not allow (refusal 11).
#[must_use]
pub fn identity_failures(din: &str, product_code: &str, storage_set: Option<Celsius>) -> Vec<Refusal> {
    let mut found = Vec::new();
    if let Err(why) = Din::parse(din) {
        found.push(RefusalCode::IdentityMalformed.because(format!("donation number: {why}; ISBT 128 ST-001")));
    }
    let code = match product_code.parse::<ProductCode>() {
        Ok(code) => code,
        Err(why) => {
            found.push(RefusalCode::IdentityMalformed.because(format!("product code: {why}; ISBT 128 ST-001")));
            return found;
        }
    };
    if let (Some(implied), Some(set)) = (code.implied_storage(), storage_set)
        && !implied.agrees_with(set)
    {
        let warmest = Celsius::from_degrees(implied.warmest_degrees);
        found.push(RefusalCode::LabelTemperatureMismatch.because(format!(
            "{code} stands for storage at {warmest} or colder, the lot is stored at {set}; EU compendium"
        )));
    }
    found
}

/// What a label says of the milk and of itself that cannot all be true: heat, and the Single European Code beside
/// donation number and product (refusal 11).
#[must_use]
pub fn label_failures(
    din: &str,
    product_code: &str,
    single_european_code: Option<&str>,
    pasteurised: bool,
) -> Vec<Refusal> {
    let mut found = Vec::new();
    let implied = product_code.parse::<ProductCode>().ok().and_then(ProductCode::implied_heat);
    if let Some(heated) = implied.filter(|heated| *heated != pasteurised) {
        let words = |heated: bool| if heated { "pasteurised" } else { "raw" };
        let detail = format!("{product_code} stands for {} milk, the lot is {}", words(heated), words(pasteurised));
        found.push(RefusalCode::LabelContradicts.because(format!("{detail}; EU compendium")));
    }
    let Some(code) = single_european_code else { return found };
    match read_sec(code) {
        Err(fault) => {
            let detail = format!("the Single European Code cannot be read: {fault}; Directive (EU) 2015/565");
            found.push(RefusalCode::IdentityMalformed.because(detail));
        }
        Ok(sec) => {
            let wanted = format!("A00{product_code}");
            for (what, said, borne) in
                [("donation", sec.donation.as_str(), din), ("product", sec.product.as_str(), wanted.as_str())]
            {
                if said != borne {
                    let detail = format!("the Single European Code names {what} {said}, the label bears {borne}");
                    found.push(RefusalCode::LabelContradicts.because(format!("{detail}; ISBT 128 ST-001")));
                }
            }
        }
    }
    found
}

/// An identity that some other unit already bears, or whose facility is not known here (refusal 11).
#[must_use]
pub fn registration_failures(din: &Din, already_registered: bool, facility_known: bool) -> Vec<Refusal> {
    let mut found = Vec::new();
    if already_registered {
        let detail = format!("{din} with this product code is registered already; ISBT 128 ST-001");
        found.push(RefusalCode::IdentityDuplicate.because(detail));
    }
    if !facility_known {
        let detail = format!("facility {} is not the one that this bank recorded", din.facility());
        found.push(RefusalCode::FacilityUnknown.because(detail));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked examples of ST-001, JPAC and the milk label, with four made by the same rule.
    const CHECKED: [(&str, u8, char); 8] = [
        ("G123417654321", 10, 'A'),
        ("G123498654321", 17, 'H'),
        ("A999915000001", 22, 'M'),
        ("A999918000001", 8, '8'),
        ("A999921123456", 3, '3'),
        ("A999922123450", 35, 'Z'),
        ("G151723600001", 33, 'X'),
        ("W000009123456", 16, 'G'),
    ];

    #[test]
    fn check_characters_agree_with_the_published_examples() {
        for (text, value, letter) in CHECKED {
            let din = Din::parse(text).unwrap();
            assert_eq!((din.check_value(), din.check_character()), (value, letter), "{text}");
            assert_eq!(Din::parse_keyed(&format!("{text}{letter}")), Ok(din.clone()));
            assert_eq!(Din::parse_scanned(&format!("={text}{}", 60 + value)), Ok(din));
        }
    }

    #[test]
    fn refusal_11_a_wrong_check_character_is_refused_when_keyed() {
        assert_eq!(Din::parse_keyed("G1234 17 654321 A").unwrap().as_str(), "G123417654321");
        assert_eq!(Din::parse_keyed("G123417654321B"), Err(InvalidDin::CheckCharacter));
        assert_eq!(Din::parse_keyed("G123417654321"), Err(InvalidDin::Length));
        assert_eq!(Din::parse_scanned("=G12341765432171"), Err(InvalidDin::CheckCharacter));
        assert_eq!(Din::parse_scanned("=G12341765432100").unwrap().facility(), "G1234");
    }

    #[test]
    fn refusal_11_malformed_numbers_and_codes_are_refused() {
        for text in ["", "0123417654321", "O123417654321", "g123417654321", "G12341765432X", "G1234176543211"] {
            assert!(Din::parse(text).is_err(), "{text}");
        }
        for text in ["M0000", "M1000", "M001", "A0001", "m0001", "M00001", "M0+01"] {
            assert!(text.parse::<ProductCode>().is_err(), "{text}");
        }
        let (code, division) = ProductCode::parse_with_division("=<M0001013").unwrap();
        assert_eq!((code.to_string().as_str(), division), ("M0001", 13));
        let found = identity_failures("G123", "M9", None);
        assert_eq!(found.iter().filter(|refusal| refusal.code == RefusalCode::IdentityMalformed).count(), 2);
    }

    #[test]
    fn refusal_11_the_label_temperature_must_be_that_of_the_code() {
        let at = |degrees| identity_failures("A999915000001", "M0001", Some(Celsius::from_degrees(degrees)));
        assert_eq!(at(-30), Vec::new());
        assert_eq!(at(-20).first().map(|refusal| refusal.code), Some(RefusalCode::LabelTemperatureMismatch));
        assert_eq!(identity_failures("A999915000001", "M0500", Some(Celsius::from_degrees(-20))), Vec::new());
        let room = identity_failures("A999915000001", "M0005", Some(Celsius::from_degrees(4)));
        assert_eq!(room.len(), 1);
    }

    #[test]
    fn refusal_11_a_label_does_not_contradict_itself_or_the_milk() {
        let codes = |product: &str, sec: Option<&str>, heated| {
            label_failures("A999915000001", product, sec, heated)
                .into_iter()
                .map(|refusal| refusal.code)
                .collect::<Vec<_>>()
        };
        let sec = "HK001499A999915000001A00M000200020271231";
        assert_eq!(codes("M0002", Some(sec), true), []);
        assert_eq!(codes("M0006", None, true), [RefusalCode::LabelContradicts], "raw by its label");
        assert_eq!(codes("M0500", None, true), [], "the operator's own table must say");
        assert_eq!(codes("M0002", Some("garbage"), true), [RefusalCode::IdentityMalformed]);
        assert_eq!(codes("M0007", Some(sec), true), [RefusalCode::LabelContradicts]);
        let other = sec.replace("A999915000001", "A999915000002");
        assert_eq!(codes("M0002", Some(&other), true), [RefusalCode::LabelContradicts]);
    }

    #[test]
    fn refusal_11_a_second_registration_and_an_unknown_facility_are_refused() {
        let din = Din::parse("A999915000001").unwrap();
        let codes: Vec<RefusalCode> =
            registration_failures(&din, true, false).into_iter().map(|refusal| refusal.code).collect();
        assert_eq!(codes, [RefusalCode::IdentityDuplicate, RefusalCode::FacilityUnknown]);
    }
}
