//! A dispatcher's console and a driver's phone, without script: one selection in three views, a menu instead of a
//! mouse, one link for one phone, steps that are taken once.

use super::browser::{Browser, Page};
use crate::dispatch::Depot;
use crate::hub::TestHub;
use crate::hub::wire::id;
use crate::hub_test;

hub_test!(
    a_box_gets_a_vehicle_by_the_suggestion_and_moves_by_the_menu,
    the_console_is_for_who_may,
    a_driver_drives_a_route_by_a_link,
    a_link_opens_on_one_phone_and_says_why_not,
    a_preview_of_a_message_keeps_no_link,
    a_box_changes_hands_with_something_to_show_for_it,
    what_a_driver_shows_is_kept_once_and_looked_at,
    dispatch_speaks_every_language,
);

async fn dispatcher(hub: &TestHub) -> Browser {
    Browser::of(hub, "dispatcher", &[]).await
}

async fn a_box_gets_a_vehicle_by_the_suggestion_and_moves_by_the_menu(hub: &TestHub) {
    let depot = Depot::with(hub, 2).await;
    let mut browser = dispatcher(hub).await;
    let page = browser.open("/portal/dispatch").await.expect(200).saying("To plan").saying("100 mL");
    page.saying("No vehicle is at work").saying("No vehicle is at work in these hours");
    let first = depot.vehicle(hub, "v1", 4).await;
    let second = depot.vehicle(hub, "v2", 4).await;
    let (early, late) = (depot.shift(hub, &first).await, depot.shift(hub, &second).await);
    let address = format!("/portal/dispatch?sel={}", depot.transfers[0]);
    let page = browser.open(&address).await.expect(200).saying("Suggestion").saying("Cheapest of all");
    let page =
        page.saying("Runner-up, and what it costs").saying("<title id=\"map-t\">").saying("Van v1, at work from");
    assert!(page.says("aria-current=\"true\""), "the selection stands on the board");
    let form = page.form("/portal/dispatch/assign");
    let page = browser.send_and_follow(&form).await.saying("The route has a new version").saying("Assigned");
    browser.send(&form).await.expect(303);
    let routes = depot.dispatcher.all("/v1/routes").await;
    assert_eq!(routes.len(), 1, "sent twice, planned once: {routes:?}");
    let taken = routes[0]["shift_id"].as_str().unwrap().to_owned();
    let other = if taken == id(&early) { id(&late) } else { id(&early) };
    // The second form of the selection is the menu.
    let menu = page.form("/portal/dispatch/assign").with("other", &other);
    browser.send_and_follow(&menu).await.saying("The route has a new version");
    let routes = depot.dispatcher.all("/v1/routes").await;
    assert!(
        routes.iter().any(|route| route["shift_id"] == other.as_str() && route["state"] == "planned"),
        "{routes:?}"
    );
    let open = routes.iter().find(|route| route["state"] == "planned").unwrap();
    let page = browser.open(&address).await.expect(200);
    let cancel = page.form(&format!("/portal/dispatch/routes/{}/cancel", id(open)));
    browser.send(&cancel).await.expect(303);
    let done = browser
        .send_and_follow(
            &cancel.with("reason", "the van broke down").with("once", "0199c6f0-0000-7000-8000-000000000007"),
        )
        .await;
    done.saying("its boxes wait for a vehicle");
}

async fn the_console_is_for_who_may(hub: &TestHub) {
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    nurse.open("/portal/dispatch").await.expect(403);
    let mut auditor = Browser::of(hub, "auditor", &[]).await;
    let depot = Depot::with(hub, 1).await;
    depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let page = auditor.open("/portal/dispatch").await.expect(200).saying("To plan");
    assert!(page.find_form("/portal/dispatch/assign").is_none(), "who only looks has nothing to press");
}

/// The address of a link that a dispatcher makes for a route.
async fn made_link(browser: &mut Browser, depot: &Depot, route: &serde_json::Value) -> String {
    let page = browser.open(&format!("/portal/dispatch?sel={}", depot.transfers[0])).await.expect(200);
    let form = page.form(&format!("/portal/dispatch/routes/{}/link", id(route)));
    let page = browser.send(&form).await.expect(200).saying("Whoever starts the route with it first keeps it");
    let address = page.text.split("class=\"id told\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    address.split_once("/portal/").map(|(_, path)| format!("/portal/{path}")).unwrap()
}

/// Starts the route of a link on a phone.
async fn start(phone: &mut Browser, address: &str) -> Page {
    let page = phone.open(address).await.expect(200).saying("Start the route on this phone");
    phone.send_and_follow(&page.form(&format!("{address}/start"))).await
}

/// The form of a page that sends this of a step.
fn step(page: &Page, address: &str, what: &str) -> super::browser::FormSeen {
    let forms = page.text.split("<form ").skip(1).filter(|form| form.contains(&format!("value=\"{what}\"")));
    let form = forms.map(|form| form.split("</form>").next().unwrap()).next().expect("a form");
    let one =
        Page { status: 200, headers: page.headers.clone(), text: format!("<form {form}</form>"), bytes: Vec::new() };
    one.form(&format!("{address}/step"))
}

async fn a_driver_drives_a_route_by_a_link(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    depot.pack_all().await;
    let address = made_link(&mut dispatcher(hub).await, &depot, &route).await;
    hub.advance_to("2026-01-05T10:00:00Z").await;
    let mut phone = Browser::new(hub);
    let page = start(&mut phone, &address).await.saying("Van v1").saying("Collect").saying("north-bank");
    let page = page.saying("href=\"geo:22.3").saying("stop 1 of 2").saying("After this").saying("data-device=");
    let page = phone.send_and_follow(&step(&page, &address, "arrived")).await;
    let wrong = step(&page, &address, "done").with("box", "no-such-box").with("seal_number", "S-0");
    phone.send(&wrong).await.expect(422).saying("This is another box").saying("Nothing was changed");
    let code = depot.transfers[0].chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect::<String>();
    let right = step(&page, &address, "done").with("box", &code).with("seal_number", "S-0");
    let page = phone.send_and_follow(&right).await.saying("Deliver").saying("south-unit");
    phone.send(&right).await.expect(303);
    let worker = phone.open("/portal/drive/worker.js").await.expect(200);
    assert!(
        worker.says("caches.open") && worker.headers["content-type"].to_str().unwrap().starts_with("text/javascript")
    );
    let given = step(&page, &address, "done").with("seal_number", "S-0").with("signature_ref", "ward sister, W-1");
    phone.send_and_follow(&given).await.saying("All stops are made");
    let transfer = depot.unit.found(&format!("/v1/transfers/{}", depot.transfers[0])).await;
    assert_eq!(transfer["state"], "delivered", "{transfer}");
}

async fn a_link_opens_on_one_phone_and_says_why_not(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    let address = made_link(&mut dispatcher(hub).await, &depot, &route).await;
    let mut phone = Browser::new(hub);
    let page = start(&mut phone, &address).await;
    for inline in [" style=", "<style", " onclick="] {
        assert!(!page.says(inline), "{inline}");
    }
    Browser::new(hub).open(&address).await.expect(403).saying("Another phone started it first");
    Browser::new(hub).open("/portal/drive/nonsense").await.expect(403).saying("not one of ours");
    hub.advance_to("2026-01-05T10:00:00Z").await;
    let failed = step(&page, &address, "failed").with("problem", "box_not_ready").with("note", "nobody had packed it");
    phone.send_and_follow(&failed).await.saying("All stops are made");
    let mut foreign = phone.window().sending("sec-fetch-site", "cross-site");
    foreign.send(&failed).await.expect(403);
    hub.advance_to("2026-01-07T10:00:00Z").await;
    phone.open(&address).await.expect(403).saying("The shift is over");
}

async fn a_preview_of_a_message_keeps_no_link(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    let address = made_link(&mut dispatcher(hub).await, &depot, &route).await;
    for _ in 0..3 {
        let page = Browser::new(hub).open(&address).await.expect(200).saying("Van v1");
        assert!(!page.says("north-bank") && !page.says("data-device"), "a preview is told no address: {}", page.text);
    }
    let mut phone = Browser::new(hub);
    start(&mut phone, &address).await.saying("north-bank");
    phone.open(&address).await.expect(200).saying("north-bank");
    Browser::new(hub).open(&address).await.expect(403).saying("Another phone started it first");
    let form = super::browser::FormSeen { action: format!("{address}/start"), fields: Vec::new() };
    Browser::new(hub).send(&form).await.expect(403);
    Browser::new(hub).sending("sec-fetch-site", "cross-site").send(&form).await.expect(403);
}

/// A door where nobody can sign does not keep the milk in the van; it is asked for once, and both sites hear of it.
async fn a_box_changes_hands_with_something_to_show_for_it(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    depot.pack_all().await;
    let mut desk = dispatcher(hub).await;
    let address = made_link(&mut desk, &depot, &route).await;
    hub.advance_to("2026-01-05T10:00:00Z").await;
    let mut phone = Browser::new(hub);
    let page = start(&mut phone, &address).await;
    let letters: String = depot.transfers[0].chars().skip(32).collect();
    let collect = step(&page, &address, "done").with("seal_number", "S-0");
    let short = phone.send(&collect.clone().with("box", &letters[1..])).await.expect(422).saying("This is another box");
    assert!(short.says("value=\"S-0\""), "what was typed stays: {}", short.text);
    let page = phone.send_and_follow(&collect.with("box", &letters)).await.saying("Deliver");
    let bare = step(&page, &address, "done").with("seal_number", "S-0");
    let asked = phone.send(&bare).await.expect(422).saying("Enter the hand-over code").saying("Nothing was changed");
    let again = step(&asked, &address, "done");
    assert!(again.fields.contains(&("seal_number".to_owned(), "S-0".to_owned())), "{again:?}");
    phone.send_and_follow(&again).await.saying("All stops are made");
    let cases = depot.unit.all("/v1/cases").await;
    assert!(cases.iter().any(|case| case["kind"] == "no_proof"), "{cases:?}");
    let routes = depot.dispatcher.all("/v1/routes").await;
    let pickup = routes[0]["stops"].as_array().unwrap().iter().find(|stop| stop["kind"] == "pickup").unwrap();
    assert_eq!(pickup["proof"]["box_code"], letters.as_str(), "{pickup}");
}

async fn what_a_driver_shows_is_kept_once_and_looked_at(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let route = depot.route(&shift, &depot.transfers).await;
    depot.pack_all().await;
    let mut dispatcher = dispatcher(hub).await;
    let address = made_link(&mut dispatcher, &depot, &route).await;
    hub.advance_to("2026-01-05T10:00:00Z").await;
    let mut phone = Browser::new(hub);
    let page = start(&mut phone, &address).await;
    let strokes = b"M10 20L30 40 50 60M70 80L90 100";
    for _ in 0..2 {
        phone.post(&format!("{address}/proofs/signature"), "text/plain", strokes).await.expect(204);
    }
    let mut photo = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(64, 48, image::Luma([90])).write_to(&mut photo, image::ImageFormat::Png).unwrap();
    let photo = photo.into_inner();
    phone.post(&format!("{address}/proofs/photo"), "image/png", &photo).await.expect(204);
    let too_large = [photo.clone(), vec![0; 220_000]].concat();
    for (kind, body) in [
        ("photo", b"<svg onload=alert(1)>".as_slice()),
        ("photo", too_large.as_slice()),
        ("signature", b"M1 2\"/><script>".as_slice()),
        ("signature", b"M9999 2".as_slice()),
    ] {
        let status = phone.post(&format!("{address}/proofs/{kind}"), "text/plain", body).await.status;
        assert!(matches!(status, 413 | 422 | 400), "{kind}: {status}");
    }
    phone.post(&format!("{address}/proofs/letter"), "text/plain", strokes).await.expect(404);
    Browser::new(hub).post(&format!("{address}/proofs/signature"), "text/plain", strokes).await.expect(401);
    let hash = |bytes: &[u8]| {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let done = step(&page, &address, "done").with("seal_number", "S-0");
    let done = done.with("photo_ref", &format!("sha256:{}", hash(&photo)));
    phone.send(&done.with("signature_ref", &format!("sha256:{}", hash(strokes)))).await.expect(303);
    let console = format!("/portal/dispatch?sel={}", depot.transfers[0]);
    let place = |bytes: &[u8]| format!("/portal/dispatch/routes/{}/proofs/{}", id(&route), hash(bytes));
    dispatcher.open(&console).await.expect(200).saying(&place(&photo)).saying(&place(strokes));
    let seen = dispatcher.open(&place(&photo)).await.expect(200);
    assert_eq!((seen.headers["content-type"].to_str().unwrap(), &seen.bytes), ("image/png", &photo));
    let drawn = dispatcher.open(&place(strokes)).await.expect(200).saying("M10 20L30 40 50 60M70 80L90 100");
    assert_eq!(drawn.headers["content-type"], "image/svg+xml");
    Browser::of(hub, "clinician", &[&hub.region.unit]).await.open(&place(&photo)).await.expect(403);
    dispatcher.open(&place(b"another")).await.expect(404);
}

async fn dispatch_speaks_every_language(hub: &TestHub) {
    let depot = Depot::with(hub, 1).await;
    let shift = depot.shift(hub, &depot.vehicle(hub, "v1", 4).await).await;
    let mut browser = dispatcher(hub).await;
    let mut phone = Browser::new(hub);
    let route = depot.route(&shift, &depot.transfers).await;
    let address = made_link(&mut browser, &depot, &route).await;
    start(&mut phone, &address).await;
    for language in ["en", "fr", "vi", "zh-Hans", "zh-Hant", "lo"] {
        for (browser, path) in [(&mut browser, "/portal/dispatch"), (&mut phone, address.as_str())] {
            let page = browser.open(path).await.expect(200);
            browser.send(&page.form("/portal/language").with("language", language)).await.expect(303);
            let page = browser.open(path).await.expect(200);
            assert!(page.says(&format!("<html lang=\"{language}\"")), "{language} {path}");
            assert!(!page.says("⟦"), "{language} {path}: {}", page.text);
        }
    }
}
