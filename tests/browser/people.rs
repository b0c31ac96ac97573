//! People at a window: they have an account, sign in, choose their language, and work with a mouse or with the keyboard
//! alone.

use crate::hub::TestHub;
use crate::session::Browser;
use serde_json::json;

const PASSWORD: &str = "seven plain words open this door";
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const DOWN: &str = "\u{E015}";
/// Steps of the tab key after which a thing counts as out of reach.
const FARTHEST: usize = 90;

/// Lets a person of this role sign in.
pub async fn person(hub: &TestHub, role: &str, sites: &[&str]) -> String {
    person_called(hub, role, role, sites).await
}

/// Lets a person of this role sign in, under the pseudonym that the pages show.
pub async fn person_called(hub: &TestHub, role: &str, name: &str, sites: &[&str]) -> String {
    let email = format!("{}@portal.example", name.to_lowercase());
    let body = json!({ "email": email, "display_name": name, "password": PASSWORD, "role": role, "site_ids": sites });
    hub.admin.created("/v1/users", &body).await;
    email
}

/// Signs in by mouse.
pub async fn sign_in(browser: &Browser, email: &str) {
    browser.visit("/portal/sign-in").await;
    browser.fill("input[name=door-email]", email).await;
    browser.fill("input[name=door-password]", PASSWORD).await;
    browser.press("main form button[type=submit]").await;
    browser.shows(".who-menu").await;
}

/// Chooses the language at the foot of the page.
pub async fn speak(browser: &Browser, language: &str) {
    browser.press(&format!(".foot button[value='{language}']")).await;
    browser.shows(&format!("html[lang='{language}'] .foot button[value='{language}'][aria-current='true']")).await;
}

/// What a person works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hands {
    Mouse,
    /// The mouse lies untouched: tab, arrows, space and enter.
    Keyboard,
}

/// A person at a window.
pub struct Worker<'a> {
    pub browser: &'a Browser,
    pub hands: Hands,
    /// The window is too narrow for the row of pages; they are in a menu.
    pub narrow: bool,
}

impl Worker<'_> {
    /// Goes to a page of the navigation.
    pub async fn go(&self, page: &str) {
        if self.narrow {
            self.press("header .menu summary").await;
            self.press(&format!("header .menu a[href='{page}']")).await;
        } else {
            self.press(&format!(".nav a[href='{page}']")).await;
        }
    }

    /// Follows a link or presses a button.
    pub async fn press(&self, css: &str) {
        match self.hands {
            Hands::Mouse => self.browser.press(css).await,
            Hands::Keyboard => {
                self.reach(css).await;
                self.browser.keys(ENTER).await;
            }
        }
    }

    /// Types into an empty field.
    pub async fn fill(&self, css: &str, text: &str) {
        match self.hands {
            Hands::Mouse => self.browser.fill(css, text).await,
            Hands::Keyboard => {
                self.reach(css).await;
                self.browser.keys(text).await;
            }
        }
    }

    /// Ticks a box, or the first of several choices.
    pub async fn tick(&self, css: &str) {
        match self.hands {
            // The label is what one aims at.
            Hands::Mouse => self.browser.press(&format!("label:has({css})")).await,
            Hands::Keyboard => {
                self.reach(css).await;
                self.browser.keys(" ").await;
            }
        }
    }

    /// Takes the first entry of a list that stands on "choose".
    pub async fn choose_first(&self, css: &str) {
        match self.hands {
            Hands::Mouse => self.browser.press(&format!("{css} option:nth-of-type(2)")).await,
            Hands::Keyboard => {
                self.reach(css).await;
                self.browser.keys(DOWN).await;
            }
        }
    }

    /// Scans with a scanner that types the code and ends it with enter.
    pub async fn scan(&self, code: &str) {
        self.browser.keys(&format!("{code}{ENTER}")).await;
    }

    /// Tabs forward until the focus is there, and sees that it shows.
    async fn reach(&self, css: &str) {
        self.browser.shows(css).await;
        let there = format!("return document.activeElement.matches({})", json!(css));
        for _ in 0..FARTHEST {
            if self.browser.eval(&there).await == json!(true) {
                let seen = "const s = getComputedStyle(document.activeElement), p = document.activeElement.closest('label, .choice, .job-card');
                    const t = p ? getComputedStyle(p) : s;
                    return s.outlineStyle !== 'none' || t.outlineStyle !== 'none' || s.boxShadow !== 'none' || t.boxShadow !== 'none'";
                assert_eq!(self.browser.eval(seen).await, json!(true), "the focus on {css} shows");
                return;
            }
            self.browser.keys(TAB).await;
        }
        panic!("{css} is out of the tab key's reach");
    }
}
