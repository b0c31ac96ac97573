//! Labels and sheets: read back, set in their scripts, and whole over their pages.

use super::{BottleLabel, Column, Fonts, LabelSize, Mark, Page, Script, Sheet, bottle_label, sheet_pages, write_pdf};
use crate::domain::isbt128::Din;
use std::path::Path;

fn label(isbt: bool) -> BottleLabel {
    BottleLabel {
        product: "Human milk, pasteurised".to_owned(),
        isbt: isbt.then(|| (Din::parse("A999915000001").unwrap(), "M0001".to_owned())),
        own_code: "HK1-L2026-0412-013".to_owned(),
        own_address: "https://hub.example/u/HK1-L2026-0412-013".to_owned(),
        lot_code: "L2026-0412".to_owned(),
        division: 13,
        volume_ml: 100,
        expires: "2016-01-01 23:59".to_owned(),
        expires_isbt: "0160012359".to_owned(),
        storage: "Store at -20 °C or colder".to_owned(),
        thawed: "Use within 24 h of thawing".to_owned(),
        bank: "Ngân hàng sữa mẹ, Bệnh viện Từ Dũ".to_owned(),
    }
}

/// The bars of a page as a picture: four pixels to a tenth of a millimetre would be wasteful, two to five
/// hundredths are exact.
fn picture(page: &Page) -> (Vec<u8>, u32, u32) {
    let scale = |hundredths: i16| usize::try_from(hundredths).unwrap() * 2 / 5;
    let (width, height) = (scale(page.width), scale(page.height));
    let mut luma = vec![255_u8; width * height];
    for mark in &page.marks {
        let Mark::Bar { x, y, width: wide, height: high } = mark else { continue };
        for row in scale(*y)..scale(y + high).min(height) {
            luma[row * width + scale(*x)..row * width + scale(x + wide)].fill(0);
        }
    }
    (luma, u32::try_from(width).unwrap(), u32::try_from(height).unwrap())
}

fn decoded(page: &Page) -> Vec<String> {
    let (luma, width, height) = picture(page);
    let found = rxing::helpers::detect_multiple_in_luma(luma, width, height).unwrap_or_default();
    found.iter().map(|result| result.getText().to_owned()).collect()
}

#[test]
fn labels_are_read_back_by_another_library() {
    for size in [LabelSize::Small, LabelSize::Large] {
        for isbt in [true, false] {
            let label = label(isbt);
            let read = decoded(&bottle_label(&label, size).unwrap());
            for wanted in [label.square_text(), label.linear_text()] {
                assert!(read.contains(&wanted), "{size:?}: {wanted} is not among {read:?}");
            }
        }
    }
}

#[test]
fn what_a_licensed_label_says_is_what_a_scanner_understands() {
    let parts = crate::domain::scan::read_scan(&label(true).square_text(), false).unwrap();
    assert_eq!(parts.len(), 3);
    let own = crate::domain::scan::read_scan(&label(false).square_text(), false).unwrap();
    assert_eq!(own, [crate::domain::scan::ScanPart::Hub("HK1-L2026-0412-013".to_owned())]);
}

#[test]
fn documents_are_pdf_and_carry_vietnamese() {
    let fonts = Fonts::load(None).unwrap();
    let missing = fonts.missing_scripts();
    assert!(!missing.contains(&Script::Latin) && !missing.contains(&Script::Vietnamese), "{missing:?}");
    let page = bottle_label(&label(true), LabelSize::Large).unwrap();
    let bytes = write_pdf(&[page], &fonts).unwrap();
    assert!(bytes.starts_with(b"%PDF-"), "{:?}", &bytes[..8]);
}

#[test]
fn a_letter_that_no_font_holds_is_told() {
    let fonts = Fonts::load(Some(Path::new("no such folder"))).unwrap();
    let mut page = Page::new(5_000, 3_000);
    page.text(100, 1_000, 300, false, "母乳");
    let told = write_pdf(&[page], &fonts).unwrap_err().to_string();
    assert!(told.contains("U+6BCD"), "{told}");
}

#[test]
fn a_long_table_goes_over_pages_and_loses_no_row() {
    let sheet = Sheet {
        title: "Manifest".to_owned(),
        facts: vec![("Transfer".to_owned(), "T-1".to_owned())],
        columns: vec![Column { name: "Bottle".to_owned(), width: 5_000 }],
        rows: (0..150).map(|row| vec![format!("row {row}")]).collect(),
        signatures: vec!["Carrier".to_owned()],
    };
    let pages = sheet_pages(&sheet);
    assert!(pages.len() > 2);
    let rows = pages
        .iter()
        .flat_map(|page| &page.marks)
        .filter(|mark| matches!(mark, Mark::Text { text, .. } if text.starts_with("row ")));
    assert_eq!(rows.count(), 150);
    assert!(write_pdf(&pages, &Fonts::load(None).unwrap()).unwrap().len() > 1_000);
}
