//! The 21 refusals of the field: their numbers, titles and bases, and the stable codes under each number.
//! A refusal always says which rule, which value and which document; none can be switched off.

mod codes;

pub use codes::RefusalCode;

use serde::{Deserialize, Deserializer, Serialize};

/// The number of a refusal, 1 to 21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RefusalNumber(u8);

/// The number is not one of the 21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("refusals are numbered 1 to 21")]
pub struct UnknownRefusal;

impl RefusalNumber {
    /// The number as printed in the table.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for RefusalNumber {
    type Error = UnknownRefusal;
    fn try_from(number: u8) -> Result<Self, UnknownRefusal> {
        if (1..=21).contains(&number) { Ok(Self(number)) } else { Err(UnknownRefusal) }
    }
}

impl<'de> Deserialize<'de> for RefusalNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(u8::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Display for RefusalNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One row of the table of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalRule {
    /// Its number.
    pub number: RefusalNumber,
    /// What is refused.
    pub title: &'static str,
    /// The documents or incidents it rests on.
    pub basis: &'static str,
    /// Where an exception by a named clinician exists at all, see [`RefusalCode::may_be_excepted`].
    pub exception: bool,
}

const fn rule(number: u8, title: &'static str, basis: &'static str, exception: bool) -> RefusalRule {
    RefusalRule { number: RefusalNumber(number), title, basis, exception }
}

/// All 21 refusals, in order.
pub const ALL: [RefusalRule; 21] = [
    rule(
        1,
        "a lot that is not released is offered, reserved or shipped",
        "HMBANA 2018; Ontario; North-West UK checks-and-signs",
        false,
    ),
    rule(
        2,
        "a required culture is absent or fails the sender's or the receiver's limit",
        "NICE CG93; HMBANA; WAC 246-720-080; Moro 2019",
        false,
    ),
    rule(
        3,
        "the pasteurisation record is incomplete, too cold, too short, or from a thermometer out of calibration",
        "RDC 171; Ontario; OhioHealth 2025",
        false,
    ),
    rule(
        4,
        "a contributing donor lacks the panel or is out of its interval",
        "NICE CG93; FR 2010; NY 52-9.5; HKBMB",
        false,
    ),
    rule(5, "the lot is recalled or under look-back", "FDA recall cases; SoHO Art. 44", false),
    rule(
        6,
        "the lot is expired, or expires before delivery plus the receiver's minimum days",
        "NICE information for the public; NY 52-9.6",
        true,
    ),
    rule(7, "thawed milk is treated as frozen, refrozen or offered again", "HCA policy; NY 52-9.6", false),
    rule(
        8,
        "an excursion has not been inspected and dispositioned by an authorised person",
        "NICE 1.2.44; Austin strip",
        false,
    ),
    rule(
        9,
        "a shipment lacks carrier agreement, temperature plan, seal or manifest, or its seal does not match",
        "NICE 1.2.45 to 1.2.48",
        false,
    ),
    rule(10, "a bottle is not on the manifest, or is received twice", "WAC 246-720-080", false),
    rule(
        11,
        "an identity is duplicate, malformed, or its label disagrees with its product code",
        "ISBT 128 ST-001",
        false,
    ),
    rule(12, "milk for an infant with galactosaemia", "BMJ 2020 m4243", false),
    rule(
        13,
        "a request lacks prescription, consent or a rank written in the priority policy",
        "HK; France; Ontario; NY 52-9.4(b)(3)",
        true,
    ),
    rule(
        14,
        "a family's stated constraint is broken, or a donor's identity disclosed without her written consent",
        "Gribble 2025; MUIS 2017; NY 52-9.7",
        false,
    ),
    rule(15, "more is promised than is on hand, or one bottle twice", "WAC 246-720-080", false),
    rule(
        16,
        "the receiving site has not accepted to record use, or is suspended or out of licence",
        "NICE 1.2.68 to 1.2.75; BC; SoHO Art. 44",
        false,
    ),
    rule(
        17,
        "the pool exceeds the most donors allowed, or their number is not known",
        "HK; Singapore; Mid-Atlantic",
        true,
    ),
    rule(
        18,
        "a record inside its retention would be deleted or rewritten",
        "Impl. Reg. (EU) 2025/1467 recital 4; NY 52-9.7",
        false,
    ),
    rule(
        19,
        "a transfer across borders or regimes lacks an agreed policy mapping, or its European code",
        "SoHO Art. 43",
        false,
    ),
    rule(20, "a charge where sale is barred, or above the ceiling", "RDC 171; FR 2009", false),
    rule(
        21,
        "an override that names no clinician, reason, expiry or both sites, or touches refusals 2 to 5",
        "NY 52-9.4; New Zealand Canterbury",
        false,
    ),
];

impl RefusalNumber {
    /// The row of the table.
    #[must_use]
    pub fn rule(self) -> &'static RefusalRule {
        ALL.iter().find(|rule| rule.number == self).unwrap_or(&ALL[0])
    }
}

/// One refusal: which rule was met, and why in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The number in the table.
    pub number: RefusalNumber,
    /// The stable code.
    pub code: RefusalCode,
    /// A sentence with the values, their units and the document.
    pub detail: String,
    /// JSON Pointer to what met it, where what was sent holds several things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

impl Refusal {
    /// The same refusal, of this part of what was sent.
    #[must_use]
    pub fn at(self, pointer: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), ..self }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refusal {} ({}): {}", self.number, self.code, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_number_once_and_each_number_a_code() {
        for (index, row) in ALL.iter().enumerate() {
            assert_eq!(usize::from(row.number.get()), index + 1);
            assert!(RefusalCode::ALL.iter().any(|code| code.number() == row.number), "{}", row.number);
            let excepted = RefusalCode::ALL.iter().any(|code| code.number() == row.number && code.may_be_excepted());
            assert_eq!(excepted, row.exception, "{}", row.number);
        }
    }

    #[test]
    fn refusal_21_never_touches_two_to_five() {
        for code in RefusalCode::ALL.iter().filter(|code| (2..=5).contains(&code.number().get())) {
            assert!(!code.may_be_excepted(), "{code}");
        }
    }

    #[test]
    fn a_number_outside_the_table_is_refused() {
        assert_eq!(RefusalNumber::try_from(0), Err(UnknownRefusal));
        assert!(serde_json::from_str::<RefusalNumber>("22").is_err());
        assert_eq!(serde_json::from_str::<RefusalNumber>("21").unwrap().rule().number.get(), 21);
    }
}
