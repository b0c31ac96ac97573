//! What stands around every page: who is at work and where, the navigation of their role, the scan field, the
//! languages, light or dark. A template reaches its words through it.

use super::arrival::Arrival;
use super::assets;
use super::language::Language;
use super::office::glossary::term;
use super::parts::{Safe, SiteName, icon};
use super::sheets::export;
use super::signed::Visitor;
use super::texts::{Say, Texts};
use crate::actions::IdSource;
use crate::domain::actor::Permission;
use crate::domain::time::Instant;

/// One entry of the navigation: its name, its address, who sees it.
type Entry = (&'static str, &'static str, Permission);

/// The navigation in its order. A new page adds its entry, and `nav-NAME` to the texts of the frame.
const NAVIGATION: &[Entry] = &[
    ("worklist", "/portal/", Permission::ReadNetwork),
    ("board", "/portal/board", Permission::ReadBoard),
    ("requests", "/portal/requests", Permission::ReadRequests),
    ("stock", "/portal/stock", Permission::ReadStock),
    ("transfers", "/portal/transfers", Permission::ReadTransfers),
    ("dispatch", "/portal/dispatch", Permission::ReadRoutes),
    ("recalls", "/portal/recalls", Permission::ReadStock),
    ("more", "/portal/more", Permission::ReadNetwork),
];

/// An entry of the navigation as a reader sees it.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Its address.
    pub href: &'static str,
    /// Its word.
    pub label: String,
    /// True for the page that is shown.
    pub current: bool,
    /// How much waits there.
    pub count: Option<usize>,
}

/// Who is at work.
#[derive(Debug, Clone)]
pub struct Who {
    /// How they are called.
    pub name: String,
    /// Their role, in words.
    pub role: String,
    /// The site they work for, or the words for all of them.
    pub site: String,
    /// Whose clock the page shows, where it is no one site's.
    pub zone: Option<String>,
    /// The language of the site's name, where it is known.
    pub site_language: &'static str,
    /// Its name in its own script.
    pub site_own: Option<String>,
    /// The other sites they may work for: identifier and name.
    pub other_sites: Vec<(String, String)>,
}

/// A message on top of a page.
#[derive(Debug, Clone)]
pub struct Notice {
    /// `ok`, `info`, `warn` or `crit`.
    pub tone: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// What it says.
    pub text: String,
}

/// The frame of a page.
#[derive(Clone)]
pub struct Frame {
    /// Words, dates and numbers.
    pub texts: Texts,
    /// What the page is called.
    pub heading: String,
    /// How much waits, for the title.
    pub count: Option<usize>,
    /// `light`, `dark` or nothing.
    pub theme: &'static str,
    /// Path and query, to come back to.
    pub here: String,
    /// Who is at work.
    pub who: Option<Who>,
    /// The navigation.
    pub tabs: Vec<Tab>,
    /// A message on top.
    pub notice: Option<Notice>,
    /// True where nothing is real.
    pub training: bool,
    /// The token of this page's forms.
    pub form_token: String,
    /// The site that they are filled in for; nothing for all of them.
    pub site_id: String,
    /// True unless the person switched single keys off.
    pub shortcuts: bool,
    /// True where the page wants to hear of news.
    pub live: bool,
    ids: IdSource,
    now: Instant,
}

impl Frame {
    /// The frame around a page for nobody in particular.
    #[must_use]
    pub fn of(arrival: &Arrival, _tab: &'static str, heading: &str) -> Self {
        Self {
            texts: arrival.texts.clone(),
            heading: heading.to_owned(),
            count: None,
            theme: arrival.theme,
            here: arrival.here.clone(),
            who: None,
            tabs: Vec::new(),
            notice: None,
            training: arrival.state.hub.settings.simulation,
            form_token: String::new(),
            site_id: String::new(),
            shortcuts: true,
            live: false,
            ids: arrival.state.hub.ids.clone(),
            now: arrival.state.hub.clock.now(),
        }
    }

    /// The frame around a page of somebody's.
    #[must_use]
    pub fn signed(arrival: &Arrival, visitor: &Visitor, tab: &'static str, heading: &str) -> Self {
        let texts = &arrival.texts;
        let session = visitor.session();
        let role = texts.word("role", session.actor.role.as_str());
        let (site, site_language) = session.site.as_ref().map_or_else(
            || (texts.get("frame-all-sites"), ""),
            |site| (site.name.clone(), Language::of_country(&site.country).map_or("", Language::tag)),
        );
        let named = session.site.as_ref().map(SiteName::of);
        let site_own = named.as_ref().and_then(|site| site.own.clone());
        let site_language = if site_own.is_some() { named.map_or("", |site| site.lang) } else { site_language };
        let here = session.site.as_ref().map(|site| site.id);
        let other_sites = session.sites.iter().filter(|other| Some(other.id) != here);
        let who = Who {
            name: session.display_name.clone(),
            role,
            site,
            zone: session.site.is_none().then(|| texts.moments().zone_name().replace('_', " ")),
            site_language,
            site_own,
            other_sites: other_sites.map(|site| (site.id.to_string(), site.name.clone())).collect(),
        };
        let seen = NAVIGATION.iter().filter(|(_, _, permission)| visitor.may(*permission));
        let tabs = seen.map(|(name, href, _)| Tab {
            href,
            label: texts.word("nav", name),
            current: *name == tab,
            count: None,
        });
        Self {
            who: Some(who),
            tabs: tabs.collect(),
            notice: done(&arrival.here, texts),
            form_token: arrival.state.authority.form_token(visitor.token()).unwrap_or_default(),
            site_id: here.map(|site| site.to_string()).unwrap_or_default(),
            shortcuts: session.settings.get("shortcuts").is_none_or(|value| value != "off"),
            ..Self::of(arrival, tab, heading)
        }
    }

    /// The same frame with a count in the title and beside the current entry of the navigation.
    #[must_use]
    pub fn counting(mut self, count: usize) -> Self {
        self.count = Some(count);
        if let Some(tab) = self.tabs.iter_mut().find(|tab| tab.current) {
            tab.count = Some(count);
        }
        self
    }

    /// The same frame with a message on top.
    #[must_use]
    pub fn saying(mut self, tone: &'static str, icon: &'static str, text: String) -> Self {
        self.notice = Some(Notice { tone, icon, text });
        self
    }

    /// The same frame for a page that changes while one looks at it.
    #[must_use]
    pub fn living(mut self) -> Self {
        self.live = true;
        self
    }

    /// The text of a key.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.texts.get(key)
    }

    /// The text of a key with one value.
    #[must_use]
    pub fn t1(&self, key: &str, name: &str, value: impl Say) -> String {
        self.texts.one(key, name, value)
    }

    /// The text of a key with two values.
    #[must_use]
    pub fn t2(&self, key: &str, name: &str, value: impl Say, second: &str, other: impl Say) -> String {
        self.texts.with(key, &[(name, &value), (second, &other)])
    }

    /// An icon of the sprite.
    #[must_use]
    pub fn icon(&self, name: &str) -> Safe {
        icon(name)
    }

    /// The address of a file that pages load.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// The tag of the language.
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.texts.language().tag()
    }

    /// The address of a file with the tables of this page.
    #[must_use]
    pub fn export(&self, word: &str) -> String {
        export::address(&self.here, word)
    }

    /// A word of the trade, with what it means on hover and focus.
    #[must_use]
    pub fn term(&self, name: &str) -> Safe {
        term(&self.texts, name)
    }

    /// Tag, own name, and whether it is the page's, of every language.
    #[must_use]
    pub fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        let current = self.texts.language();
        Language::ALL.into_iter().map(|language| (language.tag(), language.name(), language == current)).collect()
    }

    /// A new key for a form that is carried out once.
    #[must_use]
    pub fn once(&self) -> String {
        self.ids.next(self.now).to_string()
    }

    /// The word of the current entry of the navigation.
    #[must_use]
    pub fn current_tab(&self) -> &str {
        self.tabs.iter().find(|tab| tab.current).map_or("", |tab| tab.label.as_str())
    }
}

/// What was done on the page before, as the address says: `?done=offer-accepted`.
fn done(here: &str, texts: &Texts) -> Option<Notice> {
    let query = here.split_once('?')?.1;
    let word = query.split('&').find_map(|pair| pair.strip_prefix("done="))?;
    let plain = word.len() <= 40 && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let text = texts.find(&format!("done-{word}")).filter(|_| plain)?;
    Some(Notice { tone: "ok", icon: "check", text })
}
