//! Code 128 and Data Matrix as rectangles, by libraries; the sizes of ISBT 128: a module of 0.25 mm where there is
//! room and never under 0.17 mm, a quiet zone of ten modules beside a linear code and of one around a square one.

use super::DocumentError;
use super::page::Page;
use barcoders::sym::code128::Code128;
use datamatrix::{DataMatrix, SymbolList};

/// Widths of a module that are tried, widest first, in hundredths of a millimetre.
const MODULES: [i16; 3] = [25, 20, 17];
/// Quiet modules on each side of a linear code.
const QUIET: i16 = 10;

/// Draws Code 128 into a width, as wide as it fits; its whole width with the quiet zones.
pub(super) fn code_128(
    page: &mut Page,
    (x, y): (i16, i16),
    (width, height): (i16, i16),
    text: &str,
) -> Result<i16, DocumentError> {
    // Character set B holds everything that our codes are written with.
    let code = Code128::new(format!("\u{181}{text}")).map_err(|_no_bars| DocumentError::Bars("this text"))?;
    let modules = code.encode();
    let count = i16::try_from(modules.len()).map_err(|_too_long| DocumentError::Bars("so long a text"))?;
    let whole = count.saturating_add(2 * QUIET);
    let module = MODULES
        .into_iter()
        .find(|module| whole.saturating_mul(*module) <= width)
        .ok_or(DocumentError::Bars("so long a text"))?;
    let mut left = x.saturating_add(QUIET * module);
    for run in modules.chunk_by(|one, next| one == next) {
        let run_width = i16::try_from(run.len()).unwrap_or(0).saturating_mul(module);
        if run.first() == Some(&1) {
            page.bar(left, y, run_width, height);
        }
        left = left.saturating_add(run_width);
    }
    Ok(whole.saturating_mul(module))
}

/// Draws a square Data Matrix (ECC 200) into a square; its side with the quiet zone.
pub(super) fn data_matrix(page: &mut Page, (x, y): (i16, i16), side: i16, text: &str) -> Result<i16, DocumentError> {
    let symbol = DataMatrix::encode(text.as_bytes(), SymbolList::default().enforce_square())
        .map_err(|_no_symbol| DocumentError::Bars("so long a text"))?;
    let bits = symbol.bitmap();
    let count = i16::try_from(bits.width()).map_err(|_too_long| DocumentError::Bars("so long a text"))?;
    let module = side / count.saturating_add(2);
    if module < 17 {
        return Err(DocumentError::Bars("so long a text"));
    }
    for (column, row) in bits.pixels() {
        let at = |place: usize| i16::try_from(place).unwrap_or(0).saturating_add(1).saturating_mul(module);
        page.bar(x.saturating_add(at(column)), y.saturating_add(at(row)), module, module);
    }
    Ok(count.saturating_add(2).saturating_mul(module))
}
