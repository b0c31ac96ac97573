//! Tables as files, and files as lots, bottles and counts: a trial writes nothing, a fault names its row and its
//! column, what is so already is left alone.

use super::browser::{Browser, FormSeen, Page};
use crate::hub::TestHub;
use crate::hub::region::{balanced_ledger, lot_body, released_lot};
use crate::hub::wire::id;
use crate::hub_test;
use calamine::{Reader as _, Xlsx};
use std::io::Cursor;

hub_test!(
    every_table_is_a_file,
    lots_come_by_file,
    bottles_of_a_lot_in_quarantine_come_by_file,
    a_count_writes_off_what_is_missing,
    ten_thousand_rows_with_one_fault,
    what_is_no_table_changes_nothing,
    an_import_is_only_for_who_may,
);

async fn every_table_is_a_file(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    for number in 1..=60 {
        released_lot(&bank, &hub.region.bank, &format!("L-{number}"), 1).await;
    }
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = browser.open("/portal/stock?show=all").await.saying("/portal/stock?show=all&export=xlsx");
    assert!(page.says("rel=\"next\""), "the page is not the whole list");
    let file = browser.open("/portal/stock?show=all&export=csv").await.expect(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.headers["content-disposition"].to_str().unwrap().contains("stock-2026-01-05.csv"));
    assert_eq!(file.text.lines().count(), 61, "the file has every row: {}", file.text);
    assert!(file.text.starts_with("\u{feff}Lot,"), "{}", file.text);
    let file = browser.open("/portal/stock?q=L-7&export=xlsx").await.expect(200);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&file.bytes)).expect("a workbook");
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(range.height(), 2, "what the filter shows");
    assert_eq!(range.get_value((1, 0)).unwrap().to_string(), "L-7");
    assert!(!browser.open("/portal/scan").await.expect(200).says("export=csv"), "no table, no file");
    // A page without a table stays a page, and rights hold for files too.
    browser.open("/portal/scan?export=csv").await.saying("<html");
    let mut driver = Browser::of(hub, "courier", &[]).await;
    driver.open("/portal/stock?export=csv").await.expect(403);
}

const HEADER: &str = "code,milk_type,expressed_from,expressed_to,expires_at,storage,size-1,count-1,donor-1-ref";

fn lot_line(code: &str, count: &str) -> String {
    format!("{code},term,2025-12-20,2025-12-27,2026-03-20T12:00,-20,50,{count},D-1")
}

async fn import_form(browser: &mut Browser, kind: &str) -> FormSeen {
    browser.open(&format!("/portal/import?kind={kind}")).await.expect(200).form("/portal/import")
}

/// Tries a file, and gives the page that says what it would do.
async fn tried(browser: &mut Browser, kind: &str, file: &str) -> Page {
    let form = import_form(browser, kind).await.with("do", "check");
    browser.send_file(&form, "file", "a.csv", file.as_bytes()).await
}

/// Imports what a trial found good, step by step.
async fn imported(browser: &mut Browser, trial: &Page) -> Page {
    let mut page = browser.send(&trial.form("/portal/import").with("do", "import")).await.expect(200);
    while page.says("data-go-on") {
        page = browser.send(&page.form("/portal/import")).await.expect(200);
    }
    page
}

fn counts(page: &Page) -> Vec<String> {
    page.text.split("<dd class=\"num\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

async fn lots_come_by_file(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let lines =
        [HEADER.to_owned(), lot_line("F-1", "4"), lot_line("F-2", "many"), lot_line("F-3", "6"), lot_line("F-1", "4")];
    let page = tried(&mut browser, "lots", &lines.join("\n")).await.expect(200);
    let page =
        page.saying("nothing was written").saying("Cannot be read").saying("count-1").saying("Stands here twice");
    assert_eq!(counts(&page), ["2", "0", "0", "2"]);
    assert!(bank.all("/v1/lots").await.is_empty(), "a trial writes nothing");
    let page =
        page.saying("Released at once: 0. Waiting in quarantine: 2.").saying("there is no culture before the heat");
    let done = imported(&mut browser, &page).await.saying("Imported");
    assert_eq!(counts(&done), ["2", "0", "0", "2"]);
    assert_eq!(bank.all("/v1/lots").await.len(), 2);
    let again =
        tried(&mut browser, "lots", &format!("{HEADER}\n{}\n{}", lot_line("F-1", "4"), lot_line("F-3", "7"))).await;
    assert_eq!(counts(&again), ["0", "0", "1", "1"], "the same is unchanged, other bottles are a fault");
    let other = lot_line("F-3", "6").replace("D-1", "D-2");
    let trial = tried(&mut browser, "lots", &format!("{HEADER}\n{other}")).await;
    assert_eq!(counts(&trial), ["0", "1", "0", "0"]);
    imported(&mut browser, &trial).await;
    let trial = tried(&mut browser, "lots", &format!("{HEADER}\n{other}")).await;
    assert_eq!(counts(&trial), ["0", "0", "1", "0"], "corrected, and then as it was");
    let released = tried(&mut browser, "lots", &format!("{HEADER}\n{}", lot_line("F-1", "4"))).await;
    assert_eq!(counts(&released), ["0", "0", "1", "0"]);
    for kind in ["csv", "xlsx"] {
        let template = browser.open(&format!("/portal/import/template?kind=lots&as={kind}")).await.expect(200);
        let form = import_form(&mut browser, "lots").await.with("do", "check");
        let page = browser.send_file(&form, "file", "template", &template.bytes).await.expect(422);
        page.saying("no row below the names");
    }
}

async fn bottles_of_a_lot_in_quarantine_come_by_file(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let lot = bank.created("/v1/lots", &lot_body(&hub.region.bank, "Q-1", 2, false)).await;
    released_lot(&bank, &hub.region.bank, "R-1", 2).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let file = "lot_code;bottle;size_ml\nQ-1;1;100\nQ-1;2;50\nQ-1;3;100\nR-1;3;100\nX-1;1;100\nQ-1;0;100";
    let page = tried(&mut browser, "bottles", file).await.expect(200);
    assert_eq!(counts(&page), ["1", "1", "1", "3"]);
    imported(&mut browser, &page).await.saying("Imported");
    let lot = bank.found(&format!("/v1/lots/{}", id(&lot))).await;
    assert_eq!(lot["volume_ml"], 250, "{lot}");
    let again = tried(&mut browser, "bottles", file).await;
    assert_eq!(counts(&again), ["0", "0", "3", "3"]);
    balanced_ledger(&hub.admin).await;
}

async fn a_count_writes_off_what_is_missing(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    released_lot(&bank, &hub.region.bank, "L-1", 6).await;
    released_lot(&bank, &hub.region.bank, "L-2", 2).await;
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let file = "lot_code,size_ml,bottles\nL-1,100,4\nL-2,100,2\nL-9,100,1\nL-2,100,2";
    let page = tried(&mut browser, "counts", file).await.expect(200);
    assert_eq!(counts(&page), ["0", "1", "1", "2"]);
    let ledger = balanced_ledger(&hub.admin).await;
    assert_eq!(ledger["in_stock_ml"], 800, "a trial writes nothing");
    imported(&mut browser, &page).await.saying("Imported");
    let ledger = balanced_ledger(&hub.admin).await;
    assert_eq!(ledger["in_stock_ml"], 600);
    assert_eq!(ledger["discarded_ml"], 200, "{ledger}");
    let more = tried(&mut browser, "counts", "lot_code,size_ml,bottles\nL-1,100,9").await;
    more.saying("the hub knows of 4");
}

async fn ten_thousand_rows_with_one_fault(hub: &TestHub) {
    let bank = hub.manager_at(&hub.region.bank).await;
    let mut lines = vec![HEADER.to_owned()];
    lines.extend((1..=10_000).map(|row| lot_line(&format!("T-{row}"), if row == 7_777 { "none" } else { "1" })));
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let page = tried(&mut browser, "lots", &lines.join("\n")).await.expect(200);
    assert_eq!(counts(&page), ["9999", "0", "0", "1"]);
    assert!(
        page.says("<th scope=\"row\" class=\"n\">7778</th><td><code>count-1</code></td>"),
        "the row and the column"
    );
    assert!(bank.all("/v1/lots").await.is_empty(), "nothing is written in a trial");
    let done = imported(&mut browser, &page).await.saying("Imported");
    assert_eq!(counts(&done), ["9999", "0", "0", "1"]);
    assert!(done.says("7778"), "what was left out is still named");
    let stock = browser.open("/portal/stock?q=T-9999&export=csv").await.expect(200);
    assert!(stock.text.contains("T-9999"), "{}", stock.text);
}

async fn what_is_no_table_changes_nothing(hub: &TestHub) {
    let mut browser = Browser::of(hub, "bank_manager", &[&hub.region.bank]).await;
    let form = import_form(&mut browser, "counts").await.with("do", "check");
    browser.send_file(&form, "file", "a.csv", b"").await.expect(422).saying("Choose a file first");
    browser.send_file(&form, "file", "a.xlsx", b"PK\x03\x04").await.expect(422).saying("neither CSV");
    let other = browser.send_file(&form, "file", "a.csv", b"lot,bottles\nL-1,2\n").await.expect(422);
    other.saying("These columns are missing: lot_code, size_ml").saying("Nobody knows these columns: lot");
    let evil = browser.send_file(&form, "file", "a.csv", b"lot_code,size_ml,bottles\n'=1+1,100,1\n").await.expect(200);
    evil.saying("No lot with this number is known here");
    browser.send_file(&form.with("form-token", "x"), "file", "a.csv", b"a").await.expect(403);
}

async fn an_import_is_only_for_who_may(hub: &TestHub) {
    let mut nurse = Browser::of(hub, "clinician", &[&hub.region.unit]).await;
    nurse.open("/portal/import").await.expect(200).saying("bottles");
    nurse.open("/portal/import?kind=lots").await.expect(403);
    let form = import_form(&mut nurse, "counts").await.with("kind", "bottles");
    nurse.send_file(&form, "file", "a.csv", b"lot_code,bottle,size_ml\nL,1,1\n").await.expect(403);
    let mut auditor = Browser::of(hub, "auditor", &[]).await;
    auditor.open("/portal/import").await.expect(403);
}
