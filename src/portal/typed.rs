//! A code as a scanner typed it through whatever keyboard the computer is set to: in full width, with the accents of
//! Telex, or as a French keyboard reads the keys of an American one.

use super::form::half_width;
use icu_normalizer::DecomposingNormalizerBorrowed;

/// What each key of an American keyboard gives on a French one, and what it was.
const AZERTY: [(&str, &str); 2] = [("à&é\"'(-è_ç)aqAQzwZW,?", "0123456789-qaQAwzWZmM"), (":", ".")];

/// The code in the ways it may have been meant: as it came, without width and accents, and by the keys of the scanner.
#[must_use]
pub fn readings(typed: &str) -> Vec<String> {
    let mut found = vec![typed.to_owned()];
    for reading in [plain_letters(typed), by_its_keys(typed)] {
        if !found.contains(&reading) {
            found.push(reading);
        }
    }
    found
}

/// Full width becomes narrow, and letters lose the marks that an input method set on them.
fn plain_letters(typed: &str) -> String {
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(&half_width(typed)).into_owned();
    let bare = apart.chars().filter(|letter| !('\u{300}'..='\u{36f}').contains(letter));
    bare.map(|letter| match letter {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    })
    .collect()
}

fn by_its_keys(typed: &str) -> String {
    let keys = || AZERTY.into_iter().flat_map(|(seen, meant)| seen.chars().zip(meant.chars()));
    typed.chars().map(|letter| keys().find(|(seen, _)| *seen == letter).map_or(letter, |(_, meant)| meant)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_survives_the_keyboards_of_three_countries() {
        let code = "LOT-hongkong-000054-022";
        assert!(readings("LOT)hongkong)àààà(')àéé").contains(&code.to_owned()));
        assert!(readings("ＬＯＴ－ｈｏｎｇｋｏｎｇ－００００５４－０２２").contains(&code.to_owned()));
        assert!(readings("LOT-hôngkông-000054-022").contains(&code.to_owned()));
        assert!(readings("đW-1").contains(&"dW-1".to_owned()));
        assert_eq!(readings("W-1").len(), 2, "a French keyboard reads W as Z");
    }
}
