//! Fonts: one for Latin and Vietnamese is part of the program; those for Chinese and Lao are the operator's, in a
//! folder. A letter that no font holds is told, never left out.

use krilla::text::Font;
use std::path::Path;
use std::sync::Arc;
use ttf_parser::{Face, Weight};

/// Scripts that documents are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// English, French.
    Latin,
    /// Vietnamese.
    Vietnamese,
    /// Chinese, in simplified and traditional letters.
    Chinese,
    /// Lao.
    Lao,
}

impl Script {
    /// Every script.
    pub const ALL: [Self; 4] = [Self::Latin, Self::Vietnamese, Self::Chinese, Self::Lao];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latin => "Latin",
            Self::Vietnamese => "Vietnamese",
            Self::Chinese => "Chinese",
            Self::Lao => "Lao",
        }
    }

    /// Letters that a font for it must hold.
    const fn sample(self) -> &'static str {
        match self {
            Self::Latin => "Milk éèàçœÉ 0123456789 °·",
            Self::Vietnamese => "Bệnh viện Từ Dũ sữa mẹ ưỡẵẩỷ",
            Self::Chinese => "母乳库医院有效期冷冻 母乳庫醫院有效期冷凍",
            Self::Lao => "ໂຮງໝໍນົມແມ່ໝົດອາຍຸ",
        }
    }
}

/// Why a text cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// A font file cannot be read.
    #[error("{0} is not a font")]
    Unreadable(String),
    /// No font holds the letter.
    #[error("no font holds the letter U+{0:04X}; put one that does into the font folder")]
    Letter(u32),
}

/// One font with what it holds.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) font: Font,
    data: Arc<Vec<u8>>,
    index: u32,
}

impl Loaded {
    fn read(bytes: Vec<u8>, index: u32) -> Option<Self> {
        let data = Arc::new(bytes);
        Face::parse(&data, index).ok()?;
        let font = Font::new(Arc::clone(&data).into(), index)?;
        Some(Self { font, data, index })
    }

    fn holds(&self, letter: char) -> bool {
        Face::parse(&self.data, self.index).is_ok_and(|face| face.glyph_index(letter).is_some())
    }

    /// Width of a text at a size of one.
    pub(super) fn width_of(&self, text: &str) -> f32 {
        let Ok(face) = Face::parse(&self.data, self.index) else { return 0.0 };
        let units = f32::from(face.units_per_em());
        let advance = |letter: char| {
            let glyph = face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph));
            glyph.map_or(0.0, |advance| f32::from(advance) / units)
        };
        text.chars().map(advance).sum()
    }
}

/// The fonts of this hub, in the order in which they are asked.
#[derive(Clone)]
pub struct Fonts {
    pub(super) regular: Vec<Loaded>,
    pub(super) bold: Vec<Loaded>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts").field("regular", &self.regular.len()).field("bold", &self.bold.len()).finish()
    }
}

impl Fonts {
    /// The built-in fonts and those of a folder, if one is given.
    ///
    /// # Errors
    /// `Unreadable` for a file of the folder that is no font.
    pub fn load(folder: Option<&Path>) -> Result<Self, FontError> {
        let mut fonts = Self { regular: Vec::new(), bold: Vec::new() };
        for bytes in typst_assets::fonts() {
            let Ok(face) = Face::parse(bytes, 0) else { continue };
            let holds_all = Script::Vietnamese
                .sample()
                .chars()
                .chain(Script::Latin.sample().chars())
                .all(|letter| letter.is_whitespace() || face.glyph_index(letter).is_some());
            // One upright face of each weight that holds both scripts whole; faces for formulas are not for text.
            let list = match face.weight() {
                Weight::Normal => &mut fonts.regular,
                Weight::Bold => &mut fonts.bold,
                _ => continue,
            };
            if list.is_empty() && holds_all && !face.is_italic() && face.tables().math.is_none() {
                list.extend(Loaded::read(bytes.to_vec(), 0));
            }
        }
        let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok());
        let mut paths: Vec<_> = entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
            if !matches!(ending.as_str(), "ttf" | "otf" | "ttc") {
                continue;
            }
            let unreadable = || FontError::Unreadable(path.display().to_string());
            let bytes = std::fs::read(&path).map_err(|_no_file| unreadable())?;
            let loaded = Loaded::read(bytes, 0).ok_or_else(unreadable)?;
            let bold = Face::parse(&loaded.data, 0).is_ok_and(|face| face.is_bold());
            if bold { fonts.bold.push(loaded) } else { fonts.regular.push(loaded) }
        }
        Ok(fonts)
    }

    /// The scripts that some letter of is in no font.
    #[must_use]
    pub fn missing_scripts(&self) -> Vec<Script> {
        let lacks = |script: &Script| {
            script.sample().chars().any(|letter| !letter.is_whitespace() && self.find(letter, false).is_none())
        };
        Script::ALL.iter().copied().filter(lacks).collect()
    }

    /// The first font that holds a letter; regular type where bold type lacks it.
    pub(super) fn find(&self, letter: char, bold: bool) -> Option<&Loaded> {
        let heavy = bold.then_some(&self.bold).into_iter().flatten();
        heavy.chain(&self.regular).find(|font| font.holds(letter))
    }
}
