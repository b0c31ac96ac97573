//! The dispatcher's console by mouse, by keyboard alone and by dragging; the driver's page on a phone that loses its
//! signal in the middle of a round: what is pressed is kept, shown as not yet sent, and sent once.

use crate::hongkong::{Morning, seal_of};
use crate::hub::wire::{Wire, id};
use crate::pages::{faults, look_at};
use crate::people::{Hands, Worker, person, sign_in, speak};
use crate::session::{Browser, Look, driver_url};
use crate::signal::Signal;
use crate::store::fixture::block_on;
use serde_json::{Value, json};

const CONSOLE: &str = "/portal/dispatch";

/// A dispatcher at the console of a busy morning.
async fn console(driver: &str, morning: &Morning, look: Look) -> Browser {
    let dispatcher = person(&morning.hub, "dispatcher", &[]).await;
    let browser = Browser::open(driver, &morning.hub.base, look).await;
    sign_in(&browser, &dispatcher).await;
    browser.visit(CONSOLE).await;
    browser
}

/// The vehicle that has a box now, by its shift.
async fn shift_of(morning: &Morning, code: &str) -> Option<String> {
    let routes = morning.dispatcher.all("/v1/routes").await;
    let has = |route: &&Value| {
        let stops = route["stops"].as_array().unwrap();
        route["state"] != "cancelled" && stops.iter().any(|stop| stop["transfer_id"] == *morning.boxes[code])
    };
    routes.iter().find(has).map(|route| route["shift_id"].as_str().unwrap().to_owned())
}

#[test]
fn a_dispatcher_assigns_by_mouse_menu_keyboard_and_drag() {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let morning = Morning::busy().await;
        let browser = console(&driver, &morning, Look::DESK).await;
        for (column, boxes) in [("to-plan", 2), ("assigned", 2), ("problem", 2)] {
            let css = format!("section[aria-labelledby='col-{column}'] .job-card:nth-of-type({boxes})");
            assert!(browser.has(&css).await, "{boxes} boxes in {column}: {}", browser.text().await);
        }
        assert!(browser.has(".gantt [data-shift]").await && browser.has("figure.map .van").await);
        // By mouse: the suggestion.
        let [urgent, later] = ["hk-pwh", "hk-kwh"].map(|code| morning.boxes[code].clone());
        browser.press(&format!(".job-card a[href*='{urgent}']")).await;
        browser.shows(&format!(".job-card.is-picked[data-box='{urgent}']")).await;
        browser.press("form[action='/portal/dispatch/assign'] .btn-primary").await;
        browser
            .shows(&format!(
                ".page-note[role=status] ~ * section[aria-labelledby='col-assigned'] [data-box='{urgent}']"
            ))
            .await;
        let first = shift_of(&morning, "hk-pwh").await.expect("a vehicle");
        // By dragging: onto the lane of another vehicle.
        browser.visit(CONSOLE).await;
        let other =
            morning.shifts.values().map(id).find(|shift| *shift != first && *shift != id(&morning.shifts["urg-1"]));
        let other = other.unwrap();
        browser.drag(&format!("[data-box='{urgent}']"), &format!("[data-shift='{other}']"), &urgent).await;
        browser.shows(".page-note[role=status]").await;
        assert_eq!(shift_of(&morning, "hk-pwh").await, Some(other), "the box went where it was dropped");
        // By keyboard alone: the menu.
        let at = Worker { browser: &browser, hands: Hands::Keyboard, narrow: false };
        browser.visit(CONSOLE).await;
        at.press(&format!(".job-card a[href*='{later}']")).await;
        browser.shows(&format!(".job-card.is-picked[data-box='{later}']")).await;
        at.choose_first("#other").await;
        let chosen = browser.eval("return document.getElementById('other').value").await;
        at.press("form:has(#other) button[type=submit]").await;
        browser
            .shows(&format!(".page-note[role=status] ~ * section[aria-labelledby='col-assigned'] [data-box='{later}']"))
            .await;
        assert_eq!(json!(shift_of(&morning, "hk-kwh").await), chosen);
        browser.close().await;
        morning.hub.finish().await;
    });
}

#[test]
fn an_alarm_is_taken_by_keyboard_and_the_console_follows_by_itself() {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let morning = Morning::busy().await;
        let browser = console(&driver, &morning, Look::DESK).await;
        let at = Worker { browser: &browser, hands: Hands::Keyboard, narrow: false };
        at.press("form[action*='/acknowledge'] button").await;
        browser.shows(".page-note[role=status]").await;
        let alarms = morning.dispatcher.all("/v1/route-alarms?state=acknowledged").await;
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        // Another dispatcher sends a vehicle; this page shows it without being loaded again.
        browser.visit(CONSOLE).await;
        browser.eval("document.body.dataset.same = 'yes'; return true").await;
        morning.insert("bmb-2", "hk-kwh").await;
        morning.hub.advance_to("2026-01-06T03:07:00Z").await;
        let card = format!("[aria-labelledby='col-assigned'] [data-box='{}']", morning.boxes["hk-kwh"]);
        browser.shows(&format!("body[data-same=yes] {card}")).await;
        browser.close().await;
        morning.hub.finish().await;
    });
}

#[test]
fn the_console_in_every_look() {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let morning = Morning::busy().await;
        let browser = console(&driver, &morning, Look::DESK).await;
        let mut wrong = Vec::new();
        for language in ["en", "vi", "zh-Hant", "lo"] {
            speak(&browser, language).await;
            wrong.extend(
                look_at(&browser, CONSOLE, &format!("console {language}"), &format!("console-{language}")).await,
            );
        }
        assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
        browser.close().await;
        morning.hub.finish().await;
    });
}

/// A driver's round of one box, on a phone whose link to the hub can be lost.
struct Round {
    morning: Morning,
    signal: Signal,
    phone: Browser,
    unit: Wire,
    transfer: String,
}

/// The form of the stop that is shown: the others are hidden, or stand in something hidden.
const DONE: &str = "[data-stop]:not([hidden]):not([hidden] *) form[data-then=next].card";
/// The way to say that the vehicle is there.
const HERE: &str = "[data-stop]:not([hidden]):not([hidden] *) form[data-then=stay]:not([hidden]) button";

impl Round {
    /// A dispatcher makes the link at the console; the phone opens it.
    async fn begin(driver: &str, language: &str) -> Self {
        let morning = Morning::busy().await;
        let desk = console(driver, &morning, Look::DESK).await;
        desk.visit(&format!("{CONSOLE}?sel={}", morning.boxes["hk-qmh"])).await;
        desk.press("details.route summary").await;
        desk.press("form[action$='/link'] button").await;
        let address = desk.shows(".told").await;
        desk.close().await;
        let (_, code) = address.split_once("/portal/").expect("an address of the portal");
        let signal = Signal::to(&morning.hub.base);
        let phone = Browser::open(driver, &signal.base, Look::DRIVER).await;
        phone.visit(&format!("/portal/{code}")).await;
        assert!(faults(&phone, "start").await.is_empty(), "{:?}", faults(&phone, "start").await);
        phone.press("form[action$='/start'] button").await;
        if language != "en" {
            speak(&phone, language).await;
        }
        // The page is kept on the phone before the signal goes.
        phone.shows("html[data-kept]").await;
        let unit = morning.hub.manager_at(&morning.sites["hk-qmh"]).await;
        let transfer = morning.boxes["hk-qmh"].clone();
        Self { morning, signal, phone, unit, transfer }
    }

    async fn lose_signal(&self) {
        self.signal.lose();
        self.phone.offline(true).await;
    }

    async fn find_signal(&self) {
        self.signal.find();
        self.phone.offline(false).await;
    }

    /// The steps of custody of a kind.
    async fn chain(&self, kind: &str) -> Vec<Value> {
        let steps = self.unit.found(&format!("/v1/transfers/{}/custody-events", self.transfer)).await;
        steps["items"].as_array().unwrap().iter().filter(|step| step["kind"] == kind).cloned().collect()
    }

    async fn code(&self) -> String {
        let answer = self.unit.found(&format!("/v1/transfers/{}/handover-code", self.transfer)).await;
        answer["handover_code"].as_str().unwrap().to_owned()
    }

    async fn end(self) {
        self.phone.close().await;
        self.morning.hub.finish().await;
    }
}

/// Collects with a signal, hands over without one, and comes back.
fn a_round_in(language: &'static str) {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let round = Round::begin(&driver, language).await;
        let phone = &round.phone;
        assert!(faults(phone, language).await.is_empty(), "{:?}", faults(phone, language).await);
        phone.eval("document.body.dataset.old = 'yes'; return true").await;
        phone.press(HERE).await;
        // The hub has it: the page has come anew, and is kept.
        phone.shows("html[data-kept] body:not([data-old]):has(#unsent[hidden]) form[data-then=stay][hidden]").await;
        round.lose_signal().await;
        phone.fill(&format!("{DONE} [name=seal_number]"), &seal_of("hk-qmh")).await;
        phone.press(&format!("{DONE} button[type=submit]")).await;
        let told = phone.shows("#unsent:not([hidden])").await;
        assert!(told.contains('1'), "how many are not yet sent: {told}");
        let code = round.code().await;
        phone.shows(&format!("{DONE} [name=handover_code]")).await;
        phone.press(HERE).await;
        phone.fill(&format!("{DONE} [name=handover_code]"), &code).await;
        phone.picture(&format!("driver-without-signal-{language}")).await;
        assert!(faults(phone, language).await.is_empty(), "{:?}", faults(phone, language).await);
        // The phone's browser threw the page away; it comes back from the phone itself, with what is not yet sent.
        phone.reload().await;
        assert!(phone.shows("#unsent:not([hidden])").await.contains('2'), "what is not yet sent is still there");
        phone.fill(&format!("{DONE} [name=handover_code]"), &code).await;
        phone.draw(&format!("{DONE} svg.paper"), &[(0.1, 0.5), (0.3, 0.2), (0.5, 0.8), (0.8, 0.4)]).await;
        phone.shows(&format!("{DONE}:has([name=drawn_ref][value^='sha256:'])")).await;
        phone.press(&format!("{DONE} button[type=submit]")).await;
        phone.shows("#unsent:not([hidden])").await;
        assert_eq!(round.chain("collected").await, Vec::<Value>::new(), "nothing has reached the hub");
        round.morning.hub.advance_to("2026-01-06T03:40:00Z").await;
        round.find_signal().await;
        phone.shows("body:has(#unsent[hidden]) main:not(:has([data-stop]))").await;
        for kind in ["collected", "delivered"] {
            let steps = round.chain(kind).await;
            assert_eq!(steps.len(), 1, "{kind} once: {steps:?}");
            let [device, hub] = ["device_at", "recorded_at"].map(|name| steps[0][name].as_str().unwrap().to_owned());
            assert!(device.as_str() < "2026-01-06T03:30:00Z" && hub.as_str() >= "2026-01-06T03:40:00Z", "{steps:?}");
        }
        assert_eq!(round.chain("delivered").await[0]["condition"]["handed_over_by"], "code");
        phone.picture(&format!("driver-done-{language}")).await;
        round.end().await;
    });
}

#[test]
fn a_round_without_a_signal_in_english() {
    a_round_in("en");
}

#[test]
fn a_round_without_a_signal_in_lao() {
    a_round_in("lo");
}

#[test]
fn a_round_without_a_signal_in_traditional_chinese() {
    a_round_in("zh-Hant");
}

#[test]
fn the_drivers_page_in_every_look_and_language() {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let round = Round::begin(&driver, "en").await;
        let page = round.phone.path().await;
        let mut wrong = Vec::new();
        for language in ["en", "fr", "vi", "zh-Hans", "zh-Hant", "lo"] {
            speak(&round.phone, language).await;
            for (name, look) in [("light", Look::DRIVER), ("dark", Look::DRIVER.dark())] {
                round.phone.show_as(look).await;
                round.phone.visit(&page).await;
                wrong.extend(faults(&round.phone, &format!("driver {language} {name}")).await);
                round.phone.picture(&format!("driver-{language}-{name}")).await;
            }
            wrong.extend(
                look_at(&round.phone, &page, &format!("driver {language}"), &format!("driver-{language}-wide")).await,
            );
            round.phone.show_as(Look::DRIVER).await;
        }
        assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
        round.end().await;
    });
}

#[test]
fn a_stop_that_cannot_be_made_is_given_up_without_a_signal() {
    let Some(driver) = driver_url() else { return };
    block_on(async {
        let round = Round::begin(&driver, "en").await;
        let phone = &round.phone;
        round.lose_signal().await;
        phone.press(HERE).await;
        phone.press("[data-stop] details > summary").await;
        phone.press("[data-stop] select[name=problem] option[value=box_not_ready]").await;
        phone.fill("[data-stop] textarea[name=note]", "nobody had packed it").await;
        phone.press("[data-stop] details form button[type=submit]").await;
        phone.shows("#unsent:not([hidden])").await;
        round.find_signal().await;
        phone.shows("body:has(#unsent[hidden]) main:not(:has([data-stop]))").await;
        let board = round.morning.dispatcher.found("/v1/dispatch-board").await;
        let waits = board["waiting"].as_array().unwrap().iter().any(|one| one["transfer_id"] == *round.transfer);
        assert!(waits, "it waits for another vehicle: {board}");
        round.end().await;
    });
}
