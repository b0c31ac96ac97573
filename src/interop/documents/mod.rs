//! Labels, waybills, manifests and temperature sheets as PDF. What a page shows is laid out as marks first, so that
//! its bars can be read back without a printer; `pdf.rs` alone knows the format.

mod bars;
mod fonts;
mod label;
mod page;
mod pdf;
mod sheet;
#[cfg(test)]
mod tests;

pub use fonts::{FontError, Fonts, Script};
pub use label::{BottleLabel, LabelSize, bottle_label};
pub use page::{Mark, Page};
pub use pdf::write_pdf;
pub use sheet::{Column, Sheet, sheet_pages};

/// Why a document was not made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// A code cannot be drawn as bars.
    #[error("{0} cannot be drawn as bars")]
    Bars(&'static str),
    /// The format refused it.
    #[error("the document could not be written: {0}")]
    Format(String),
    /// No font for a text.
    #[error(transparent)]
    Font(#[from] FontError),
}
