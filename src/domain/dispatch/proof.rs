//! What a driver shows of a hand-over: a photograph or a signature, named by the hash of what it is.

use crate::domain::ids::TransferId;
use crate::domain::words::words;

/// The paper on which strokes are drawn: width and height in its own units.
pub const PAPER: (u32, u32) = (1_000, 300);
/// The longest drawing, in characters.
pub const MOST_STROKES: usize = 12_000;
/// The most bytes of a photograph: what a phone makes of one that is to be looked at, not printed.
pub const MOST_PHOTO_BYTES: usize = 220_000;
/// The letters of a transfer's identifier that stand on its box.
const PRINTED_LETTERS: usize = 8;
/// The most proofs of one route.
pub const MOST_PROOFS: usize = 60;

words! {
    /// What a proof is.
    ProofKind {
        /// A photograph of a seal or a box.
        Photo = "photo",
        /// Strokes of a finger.
        Signature = "signature",
    }
}

/// True for strokes as a phone draws them: `M12 40L13 44 20 51M…`, each point on the paper. Nothing else is ever put into
/// a drawing.
#[must_use]
pub fn are_strokes(text: &str) -> bool {
    if text.is_empty() || text.len() > MOST_STROKES || !text.is_ascii() {
        return false;
    }
    text.strip_prefix('M').is_some_and(|rest| rest.split('M').all(is_stroke))
}

/// `x y` and at most one `L` with the points after it.
fn is_stroke(text: &str) -> bool {
    let (first, rest) = text.split_once('L').unwrap_or((text, "0 0"));
    points(first) == Some(1) && points(rest).is_some_and(|count| count > 0)
}

/// How many points these are; none when one of them is no point of the paper.
fn points(text: &str) -> Option<usize> {
    let numbers: Vec<u32> = text.split(' ').map(coordinate).collect::<Option<_>>()?;
    let pairs = numbers.chunks(2);
    let inside = |pair: &[u32]| matches!(pair, [x, y] if *x <= PAPER.0 && *y <= PAPER.1);
    (pairs.len() > 0 && numbers.chunks(2).all(inside)).then_some(pairs.len())
}

fn coordinate(text: &str) -> Option<u32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// The fewest letters of a box's code that tell it from another on the same van.
pub const FEWEST_LETTERS: usize = 4;

/// Whether what was scanned or typed names this box: the whole code, something that ends with the last eight letters
/// of it, or at least its last four.
#[must_use]
pub fn names_box(seen: &str, transfer: TransferId) -> bool {
    let seen: String = seen.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_lowercase();
    let whole = transfer.to_string();
    let printed = whole.get(whole.len().saturating_sub(PRINTED_LETTERS)..).unwrap_or_default();
    seen.ends_with(printed) || (seen.chars().count() >= FEWEST_LETTERS && whole.ends_with(&seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_named_by_its_code_or_by_its_last_letters() {
        let transfer: TransferId = "01990000-0000-7000-8000-0000abcd1645".parse().unwrap();
        for good in [
            "abcd1645",
            "ABCD 1645",
            "1645",
            "d1645",
            "01990000-0000-7000-8000-0000abcd1645",
            "https://x/t/0000abcd1645",
        ] {
            assert!(names_box(good, transfer), "{good}");
        }
        for bad in ["", "645", "5", "1646", "abcd", "xbcd1645"] {
            assert!(!names_box(bad, transfer), "{bad}");
        }
    }

    #[test]
    fn only_strokes_on_the_paper_are_strokes() {
        for good in ["M1 2", "M1 2L3 4", "M1 2L3 4 5 6M1000 300L0 0"] {
            assert!(are_strokes(good), "{good}");
        }
        for bad in [
            "",
            "M",
            "L1 2",
            "M1",
            "M1 2L",
            "M1 2L3",
            "M1 2 3 4",
            "M1001 2",
            "M1 301",
            "M1 2L3 4L5 6",
            "M-1 2",
            "M1 2\"/><script>",
            "M1  2",
            "m1 2",
            "M1 2Z",
        ] {
            assert!(!are_strokes(bad), "{bad}");
        }
        assert!(!are_strokes(&format!("M1 2L{}", "3 4 ".repeat(MOST_STROKES))));
    }
}
