//! A page as marks: rectangles and lines of text, in hundredths of a millimetre from the upper left corner.

/// One mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A filled rectangle.
    Bar {
        /// Left edge.
        x: i16,
        /// Upper edge.
        y: i16,
        /// Width.
        width: i16,
        /// Height.
        height: i16,
    },
    /// A line of text on its baseline.
    Text {
        /// Left end.
        x: i16,
        /// Baseline.
        y: i16,
        /// Size of the type.
        size: i16,
        /// Heavier type.
        bold: bool,
        /// What it says.
        text: String,
    },
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Width.
    pub width: i16,
    /// Height.
    pub height: i16,
    /// What is on it.
    pub marks: Vec<Mark>,
}

impl Page {
    /// An empty page.
    #[must_use]
    pub const fn new(width: i16, height: i16) -> Self {
        Self { width, height, marks: Vec::new() }
    }

    /// Adds a line of text.
    pub fn text(&mut self, x: i16, y: i16, size: i16, bold: bool, text: impl Into<String>) {
        self.marks.push(Mark::Text { x, y, size, bold, text: text.into() });
    }

    /// Adds a rectangle.
    pub fn bar(&mut self, x: i16, y: i16, width: i16, height: i16) {
        self.marks.push(Mark::Bar { x, y, width, height });
    }
}
