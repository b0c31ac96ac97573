//! The six languages of the portal, and which of them a reader gets: what they chose in this browser, what they
//! set for themselves, what their browser asks for, English.

use std::fmt;

/// A language of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// International English: day before month, 24 hours.
    En,
    /// French.
    Fr,
    /// Vietnamese.
    Vi,
    /// Chinese in simplified characters.
    ZhHans,
    /// Chinese in traditional characters.
    ZhHant,
    /// Lao.
    Lo,
}

impl Language {
    /// All of them, in the order in which the foot of a page lists them.
    pub const ALL: [Self; 6] = [Self::En, Self::Fr, Self::Vi, Self::ZhHans, Self::ZhHant, Self::Lo];

    /// The tag for `lang` (BCP 47), which is also the folder of its texts.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Vi => "vi",
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::Lo => "lo",
        }
    }

    /// The locale whose customs dates and numbers follow.
    #[must_use]
    pub const fn locale(self) -> &'static str {
        match self {
            Self::En => "en-GB-u-hc-h23",
            Self::Fr => "fr-FR-u-hc-h23",
            Self::Vi => "vi-VN-u-hc-h23-nu-latn",
            Self::ZhHans => "zh-Hans-CN-u-hc-h23",
            Self::ZhHant => "zh-Hant-HK-u-hc-h23",
            Self::Lo => "lo-LA-u-hc-h23-nu-latn",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
            Self::Vi => "Tiếng Việt",
            Self::ZhHans => "简体中文",
            Self::ZhHant => "繁體中文",
            Self::Lo => "ລາວ",
        }
    }

    /// The language with this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The best language for what a browser asks (RFC 9110 section 12.5.4), if there is one.
    #[must_use]
    pub fn asked_for(accept_language: &str) -> Option<Self> {
        let mut ranked: Vec<(u16, Self)> = Vec::new();
        for part in accept_language.split(',').take(20) {
            let mut pieces = part.split(';').map(str::trim);
            let tag = pieces.next().unwrap_or_default();
            let quality = pieces.find_map(|piece| piece.strip_prefix("q=")).map_or(1000, thousandths);
            if let Some(language) = closest(tag).filter(|_| quality > 0) {
                ranked.push((quality, language));
            }
        }
        // The first of the best: a stable order keeps the browser's own for equal weights.
        ranked.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        ranked.first().map(|(_, language)| *language)
    }

    /// The language in which a site of a country most likely writes its name; `None` where it may be English.
    #[must_use]
    pub fn of_country(country: &str) -> Option<Self> {
        match country {
            "FR" => Some(Self::Fr),
            "VN" => Some(Self::Vi),
            "LA" => Some(Self::Lo),
            "CN" => Some(Self::ZhHans),
            _ => None,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

fn thousandths(quality: &str) -> u16 {
    let (whole, part) = quality.split_once('.').unwrap_or((quality, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let whole: u16 = whole.parse().unwrap_or(0);
    whole.min(1) * 1000 + part.parse::<u16>().unwrap_or(0)
}

fn closest(tag: &str) -> Option<Language> {
    let tag = tag.to_ascii_lowercase();
    let mut pieces = tag.split('-');
    match pieces.next()? {
        "en" => Some(Language::En),
        "fr" => Some(Language::Fr),
        "vi" => Some(Language::Vi),
        "lo" => Some(Language::Lo),
        "zh" | "yue" => {
            let traditional = pieces.any(|piece| matches!(piece, "hant" | "tw" | "hk" | "mo"));
            Some(if traditional { Language::ZhHant } else { Language::ZhHans })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_best_language_it_asks_for() {
        let asked = |header| Language::asked_for(header).map(Language::tag);
        assert_eq!(asked("fr-FR,fr;q=0.9,en;q=0.8"), Some("fr"));
        assert_eq!(asked("de, en;q=0.5, vi;q=0.7"), Some("vi"));
        assert_eq!(asked("zh-HK,zh;q=0.9"), Some("zh-Hant"));
        assert_eq!(asked("zh-CN,zh;q=0.9"), Some("zh-Hans"));
        assert_eq!(asked("lo;q=0, en"), Some("en"));
        assert_eq!(asked("tlh, *"), None);
        assert_eq!(asked(""), None);
    }

    #[test]
    fn every_language_reads_back_from_its_tag() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
        assert_eq!(Language::from_tag("de"), None);
    }
}
