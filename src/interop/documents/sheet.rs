//! Sheets on A4: a title, facts, a table over as many pages as it takes, room to sign.

use super::page::Page;

const WIDTH: i16 = 21_000;
const HEIGHT: i16 = 29_700;
const MARGIN: i16 = 1_500;
const LINE: i16 = 520;
const SIZE: i16 = 320;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Its share of the page's width, in hundredths of a millimetre.
    pub width: i16,
}

/// A sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// What it is about, by name.
    pub facts: Vec<(String, String)>,
    /// Columns of its table.
    pub columns: Vec<Column>,
    /// Rows of its table.
    pub rows: Vec<Vec<String>>,
    /// Who signs, by what.
    pub signatures: Vec<String>,
}

/// Lays out a sheet; every page bears the title and its number.
#[must_use]
pub fn sheet_pages(sheet: &Sheet) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut page = opened(sheet, 1);
    let mut y = MARGIN + 3 * LINE;
    for (name, value) in &sheet.facts {
        page.text(MARGIN, y, SIZE, true, name);
        page.text(MARGIN + 5_000, y, SIZE, false, value);
        y += LINE;
    }
    y += LINE / 2;
    y = heading(&mut page, sheet, y);
    for row in &sheet.rows {
        if y > HEIGHT - 2 * MARGIN {
            let number = pages.len().saturating_add(2);
            pages.push(std::mem::replace(&mut page, opened(sheet, number)));
            y = heading(&mut page, sheet, MARGIN + 3 * LINE);
        }
        let mut x = MARGIN;
        for (column, text) in sheet.columns.iter().zip(row) {
            page.text(x, y, SIZE, false, text);
            x = x.saturating_add(column.width);
        }
        y += LINE;
    }
    let needed = i16::try_from(sheet.signatures.len()).unwrap_or(0).saturating_mul(3 * LINE);
    if y.saturating_add(needed) > HEIGHT - MARGIN {
        let number = pages.len().saturating_add(2);
        pages.push(std::mem::replace(&mut page, opened(sheet, number)));
        y = MARGIN + 3 * LINE;
    }
    for signature in &sheet.signatures {
        y += 2 * LINE;
        page.bar(MARGIN, y, 9_000, 20);
        page.text(MARGIN, y + LINE - 100, SIZE - 60, false, signature);
        y += LINE;
    }
    pages.push(page);
    pages
}

fn opened(sheet: &Sheet, number: usize) -> Page {
    let mut page = Page::new(WIDTH, HEIGHT);
    page.text(MARGIN, MARGIN + LINE, 500, true, &sheet.title);
    page.text(WIDTH - MARGIN - 1_500, MARGIN + LINE, SIZE, false, format!("page {number}"));
    page.bar(MARGIN, MARGIN + LINE + 250, WIDTH - 2 * MARGIN, 20);
    page
}

fn heading(page: &mut Page, sheet: &Sheet, y: i16) -> i16 {
    let mut x = MARGIN;
    for column in &sheet.columns {
        page.text(x, y, SIZE, true, &column.name);
        x = x.saturating_add(column.width);
    }
    if !sheet.columns.is_empty() {
        page.bar(MARGIN, y + 150, WIDTH - 2 * MARGIN, 10);
    }
    y + LINE + 100
}
