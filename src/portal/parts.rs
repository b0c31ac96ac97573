//! The parts that pages are made of, each with a small template of its own: countdown, expiry, tier, tag, pages
//! of a list. A part is written into a page as `{{ part }}`.

use super::assets;
use super::language::Language;
use super::texts::Texts;
use crate::actions::identity::SiteLabel;
use crate::domain::site::Site;
use crate::domain::time::Instant;
use askama::Template;
use askama::filters::HtmlSafe;

/// Text that is markup already.
pub type Safe = askama::filters::Safe<String>;

/// An icon of the sprite, beside a word that says the same.
#[must_use]
pub fn icon(name: &str) -> Safe {
    askama::filters::Safe(format!(
        "<svg class=\"i\" aria-hidden=\"true\"><use href=\"{}#i-{name}\"/></svg>",
        assets::address("icons.svg")
    ))
}

/// Where the name of a site will stand in a sentence that is not yet markup.
pub const SITE: &str = "\u{e000}";

/// A sentence with [`SITE`] in it, and the name of the site there in its own language.
#[must_use]
pub fn with_site(sentence: &str, site: &SiteName) -> Safe {
    let plain = sentence.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    askama::filters::Safe(plain.replace(SITE, &site.to_string()))
}

macro_rules! parts {
    ($($name:ident),+ $(,)?) => {
        $(impl HtmlSafe for $name {})+
    };
}
parts!(Due, Expiry, TierMark, Tag, Pages, SiteName);

/// How much time is left, as text that a script may keep fresh, with the fuse of an answer window.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/due.html")]
pub struct Due {
    /// ` due-crit`, ` due-warn` or nothing.
    pub class: &'static str,
    /// True where the clock is shown beside the time.
    pub urgent: bool,
    /// `18 min left`.
    pub left: String,
    /// `Answer by 11:00`.
    pub at: String,
    /// The deadline, RFC 3339.
    pub deadline: String,
    /// What is left of the window, percent; nothing when it is over or there is none.
    pub fuse: Option<i64>,
}

impl Due {
    /// The time left until `deadline`. `since` is when the window opened; `at` says what is due by then.
    #[must_use]
    pub fn new(texts: &Texts, now: Instant, deadline: Instant, since: Option<Instant>, at: String) -> Self {
        let left = deadline.minutes_since(now);
        let over = deadline <= now;
        let window = since.map(|since| deadline.minutes_since(since)).filter(|window| *window > 0 && !over);
        Self {
            class: match left {
                _ if over => " due-crit",
                minutes if minutes <= 30 => " due-crit",
                minutes if minutes <= 60 => " due-warn",
                _ => "",
            },
            urgent: over || left <= 30,
            left: if over {
                texts.one("due-over", "span", texts.span(now.minutes_since(deadline)))
            } else {
                texts.one("due-left", "span", texts.span(left))
            },
            at,
            deadline: deadline.to_string(),
            fuse: window.map(|window| (left * 100 / window).clamp(1, 100)),
        }
    }
}

/// When milk expires: a date, the time left and a word.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/expiry.html")]
pub struct Expiry {
    /// `good`, `soon`, `last` or `dead`.
    pub class: &'static str,
    /// The icon of the word.
    pub icon: &'static str,
    /// The date.
    pub date: String,
    /// The time left.
    pub left: String,
    /// The word.
    pub word: String,
    /// The instant, RFC 3339.
    pub at: String,
}

impl Expiry {
    /// The expiry of frozen milk.
    #[must_use]
    pub fn new(texts: &Texts, now: Instant, at: Instant) -> Self {
        let left = at.minutes_since(now);
        let (class, icon) = match left {
            _ if at <= now => ("dead", "x"),
            minutes if minutes <= 24 * 60 => ("last", "hour"),
            minutes if minutes <= 7 * 24 * 60 => ("soon", "clock"),
            _ => ("good", "check"),
        };
        Self {
            class,
            icon,
            date: texts.moments().date(at),
            left: if at <= now {
                texts.one("due-ago", "span", texts.span(now.minutes_since(at)))
            } else {
                texts.one("due-left", "span", texts.span(left))
            },
            word: texts.get(&format!("expiry-{class}")),
            at: at.to_string(),
        }
    }

    /// The icon as markup.
    #[must_use]
    pub fn drawn(&self) -> Safe {
        icon(self.icon)
    }
}

/// An urgency tier; its weight falls with its number.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/tier.html")]
pub struct TierMark {
    /// 1 first.
    pub tier: i64,
    /// `Urgency tier`, for those who hear the page.
    pub spoken: String,
}

impl TierMark {
    /// The mark of a tier.
    #[must_use]
    pub fn new(texts: &Texts, tier: i64) -> Self {
        Self { tier, spoken: texts.get("tier-spoken") }
    }

    /// The class that gives its weight; there are six.
    #[must_use]
    pub fn weight(&self) -> i64 {
        self.tier.clamp(1, 6)
    }
}

/// A state: an adjective with a shape.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/tag.html")]
pub struct Tag {
    /// `ok`, `warn`, `crit`, `info`, `dead`, `solid` or nothing.
    pub tone: &'static str,
    /// Its shape.
    pub icon: &'static str,
    /// The adjective.
    pub word: String,
}

impl Tag {
    /// A tag.
    #[must_use]
    pub const fn new(tone: &'static str, icon: &'static str, word: String) -> Self {
        Self { tone, icon, word }
    }

    /// The icon as markup.
    #[must_use]
    pub fn drawn(&self) -> Safe {
        icon(self.icon)
    }
}

/// The way to the next piece of a list.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/pages.html")]
pub struct Pages {
    /// What the links are for, for those who hear the page.
    pub label: String,
    /// Back to the first piece, if this is another.
    pub first: Option<(String, String)>,
    /// On to the next piece, if there is one.
    pub next: Option<(String, String)>,
}

impl Pages {
    /// `path` with its filters; `after` was asked for, `next` is the last row's key if there is more.
    #[must_use]
    pub fn new(texts: &Texts, here: &str, next: Option<String>) -> Self {
        let (path, query) = here.split_once('?').unwrap_or((here, ""));
        let kept = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("after=") && !pair.starts_with("done="));
        let kept = kept.collect::<Vec<_>>().join("&");
        let joined = if kept.is_empty() { String::new() } else { format!("{kept}&") };
        let is_first = !query.split('&').any(|pair| pair.starts_with("after="));
        Self {
            label: texts.get("pages-label"),
            first: (!is_first).then(|| (format!("{path}?{kept}"), texts.get("pages-first"))),
            next: next.map(|after| (format!("{path}?{joined}after={after}"), texts.get("pages-next"))),
        }
    }
}

/// The name of a site in the language of its country.
#[derive(Debug, Clone, Template)]
#[template(
    source = "{% if lang.is_empty() || own.is_some() %}{{ name }}{% else %}<span lang=\"{{ lang }}\">{{ name }}</span>{% endif %}\
              {% if let Some(own) = own %} <span lang=\"{{ lang }}\">{{ own }}</span>{% endif %}",
    ext = "html"
)]
pub struct SiteName {
    /// Its name.
    pub name: String,
    /// The tag of its language; empty where it is not known.
    pub lang: &'static str,
    /// Its name in its own script, to stand beside the one in Latin letters.
    pub own: Option<String>,
}

/// Whether a name is written in Lao or Chinese: one in other Latin letters is read without a second.
fn is_own_script(name: &str) -> bool {
    name.chars()
        .any(|letter| matches!(letter, '\u{e80}'..='\u{eff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'))
}

impl SiteName {
    /// The name of a site in a country.
    #[must_use]
    pub fn new(name: &str, country: &str) -> Self {
        let lang = Language::of_country(country).map_or("", Language::tag);
        Self { name: name.to_owned(), lang, own: None }
    }

    /// The name in Latin letters and, where it is on file, in the site's own script beside it.
    #[must_use]
    pub fn of(site: &SiteLabel) -> Self {
        match site.name_local.clone().filter(|local| is_own_script(local) && *local != site.name) {
            Some(own) => {
                // Hong Kong reads in two languages; its Chinese is one of them.
                let chinese = matches!(site.country.as_str(), "HK" | "MO" | "TW").then_some(Language::ZhHant);
                let lang = chinese.or_else(|| Language::of_country(&site.country)).map_or("", Language::tag);
                Self { name: site.name.clone(), lang, own: Some(own) }
            }
            None => Self::new(&site.name, &site.country),
        }
    }

    /// The name of a site for somebody who reads this language: its own name where it is written so, else the one in
    /// Latin letters.
    #[must_use]
    pub fn read_in(language: Language, site: &Site) -> Self {
        let chinese = |one: Language| matches!(one, Language::ZhHans | Language::ZhHant);
        let own = Language::of_country(site.country.as_str());
        let reads = own.is_some_and(|own| own == language || (chinese(own) && chinese(language)));
        match site.name_local.as_deref().filter(|_| reads) {
            Some(local) => Self::new(local, site.country.as_str()),
            None => Self { name: site.name.clone(), lang: "", own: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_in_its_own_script_beside_the_latin_one() {
        let site = |name: &str, local: Option<&str>, country: &str| SiteLabel {
            id: "01990000-0000-7000-8000-0000000000d1".parse().unwrap(),
            name: name.to_owned(),
            name_local: local.map(str::to_owned),
            country: country.to_owned(),
            time_zone: "Asia/Hong_Kong".to_owned(),
        };
        let shown = |site: &SiteLabel| SiteName::of(site).to_string();
        let bank = site("Hong Kong Breast Milk Bank", Some("香港母乳庫"), "HK");
        assert_eq!(shown(&bank), "Hong Kong Breast Milk Bank <span lang=\"zh-Hant\">香港母乳庫</span>");
        let french = site("Lactarium", Some("Lactarium de Lyon"), "FR");
        assert_eq!(shown(&french), "<span lang=\"fr\">Lactarium</span>", "one name in Latin letters is enough");
        assert_eq!(shown(&site("香港母乳庫", Some("香港母乳庫"), "HK")), "香港母乳庫");
    }
}
