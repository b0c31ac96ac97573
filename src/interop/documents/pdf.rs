//! Pages into PDF, with the letters that they use of each font embedded.

use super::DocumentError;
use super::fonts::{FontError, Fonts, Loaded};
use super::page::{Mark, Page};
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::TextDirection;

/// Points in a hundredth of a millimetre.
const POINTS: f32 = 72.0 / 2540.0;

fn points(hundredths: i16) -> f32 {
    f32::from(hundredths) * POINTS
}

/// Writes pages as one PDF.
///
/// # Errors
/// `Font` for a letter that no font holds, `Format` when the page is impossible.
pub fn write_pdf(pages: &[Page], fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
    let mut document = Document::new();
    for page in pages {
        let settings = PageSettings::from_wh(points(page.width), points(page.height))
            .ok_or_else(|| DocumentError::Format("an empty page".to_owned()))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        surface.set_fill(Some(Fill {
            paint: rgb::Color::new(0, 0, 0).into(),
            opacity: NormalizedF32::ONE,
            rule: FillRule::default(),
        }));
        for mark in &page.marks {
            draw(&mut surface, mark, fonts)?;
        }
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|error| DocumentError::Format(format!("{error:?}")))
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, fonts: &Fonts) -> Result<(), DocumentError> {
    match mark {
        Mark::Bar { x, y, width, height } => {
            let shape = Rect::from_xywh(points(*x), points(*y), points(*width), points(*height));
            let mut path = PathBuilder::new();
            path.push_rect(shape.ok_or_else(|| DocumentError::Format("an empty bar".to_owned()))?);
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Mark::Text { x, y, size, bold, text } => {
            let size = points(*size);
            let mut left = points(*x);
            for (font, run) in runs(text, *bold, fonts)? {
                let at = Point::from_xy(left, points(*y));
                surface.draw_text(at, font.font.clone(), size, &run, false, TextDirection::LeftToRight);
                left += font.width_of(&run) * size;
            }
        }
    }
    Ok(())
}

/// A text in stretches that one font holds each. Blanks and marks stay with the letter before them.
fn runs<'f>(text: &str, bold: bool, fonts: &'f Fonts) -> Result<Vec<(&'f Loaded, String)>, FontError> {
    let mut found: Vec<(&Loaded, String)> = Vec::new();
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        let font = fonts.find(letter, bold).ok_or(FontError::Letter(u32::from(letter)))?;
        match found.last_mut() {
            Some((last, run)) if std::ptr::eq(*last, font) => run.push(letter),
            _ => found.push((font, letter.to_string())),
        }
    }
    Ok(found)
}
