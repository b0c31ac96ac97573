//! The policy sets that come with the hub, one JSON file each. They are starting points for a site's own
//! responsible person to check and sign, never a ruling of the bodies they name.

use super::PolicyDocument;

/// Code and text of each set.
const BUILT_IN: [(&str, &str); 7] = [
    ("cn-consensus", include_str!("data/cn-consensus.json")),
    ("hk-ha", include_str!("data/hk-ha.json")),
    ("vn-moh", include_str!("data/vn-moh.json")),
    ("la-pilot", include_str!("data/la-pilot.json")),
    ("fr-lactarium", include_str!("data/fr-lactarium.json")),
    ("fr-arrete-2010", include_str!("data/fr-arrete-2010.json")),
    ("uk-nice-cg93", include_str!("data/uk-nice-cg93.json")),
];

/// The codes of the sets that come with the hub.
pub fn built_in_codes() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(code, _text)| *code)
}

/// A set that comes with the hub, by its code.
#[must_use]
pub fn built_in(code: &str) -> Option<PolicyDocument> {
    let (_code, text) = BUILT_IN.iter().find(|(known, _text)| *known == code)?;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_set_reads_without_defects_and_prints_back_the_same() {
        for (code, text) in BUILT_IN {
            let read: PolicyDocument = serde_json::from_str(text).unwrap_or_else(|error| panic!("{code}: {error}"));
            assert_eq!(read.header.code, code);
            assert_eq!(read.defects(), Vec::new(), "{code}");
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), value, "{code}");
        }
        assert_eq!(built_in("nowhere"), None);
    }

    #[test]
    fn no_built_in_value_claims_to_be_verified() {
        for (code, text) in BUILT_IN {
            assert!(!text.contains("\"verified\""), "{code}");
        }
    }
}
