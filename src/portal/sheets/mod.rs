//! A table of texts as a file that spreadsheets open, and back. Nothing in it is ever run as a formula.

mod carry_out;
pub mod export;
pub mod import;
mod page_tables;
mod plan;
pub mod upload;

use calamine::{Data, Reader as _, Xlsx};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::io::Cursor;

/// Rows that are read of a file.
pub const MOST_ROWS: usize = 20_000;
/// Columns that are read of a file.
const MOST_COLUMNS: usize = 200;
/// What the parts of an XLSX file may be together when they are unpacked.
const MOST_UNPACKED: u64 = 64 * 1024 * 1024;
/// What makes a spreadsheet take a text for a formula when a cell begins with it.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// The mark by which spreadsheets know UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Comma-separated, UTF-8.
    Csv,
    /// Office Open XML.
    Xlsx,
}

impl FileKind {
    /// By its word in addresses.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The end of a file's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// A cell: its text, and whether it is a plain number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// True where a spreadsheet may count with it.
    pub number: bool,
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: false }
    }
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// What it is called.
    pub name: String,
    /// Its rows; the first names the columns.
    pub rows: Vec<Vec<Cell>>,
}

/// The sheets as a file.
///
/// # Errors
/// Says what the library could not write.
pub fn write(kind: FileKind, sheets: &[Sheet]) -> Result<Vec<u8>, String> {
    match kind {
        FileKind::Csv => write_csv(sheets),
        FileKind::Xlsx => write_xlsx(sheets).map_err(|error| error.to_string()),
    }
}

fn write_csv(sheets: &[Sheet]) -> Result<Vec<u8>, String> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    for (place, sheet) in sheets.iter().enumerate() {
        if sheets.len() > 1 {
            let gap: &[&str] = if place > 0 { &[""] } else { &[] };
            for line in gap.iter().copied().chain([sheet.name.as_str()]) {
                writer.write_record([harmless(line)]).map_err(|error| error.to_string())?;
            }
        }
        for row in &sheet.rows {
            let cells = row.iter().map(|cell| if cell.number { cell.text.clone() } else { harmless(&cell.text) });
            writer.write_record(cells).map_err(|error| error.to_string())?;
        }
    }
    writer.into_inner().map_err(|error| error.to_string())
}

/// A text that no spreadsheet takes for a formula.
#[must_use]
pub fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// The text again that [`harmless`] protected.
fn bare(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(text)
}

fn write_xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let heading = Format::new().set_bold();
    for (place, sheet) in sheets.iter().enumerate() {
        let page = book.add_worksheet();
        page.set_name(sheet_name(&sheet.name, place))?;
        for (row, cells) in (0_u32..).zip(&sheet.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                let text = fitting(&cell.text);
                let number = cell.number.then(|| cell.text.parse::<f64>().ok()).flatten();
                match number {
                    Some(number) => page.write_number(row, column, number)?,
                    None if row == 0 => page.write_string_with_format(row, column, text, &heading)?,
                    None => page.write_string(row, column, text)?,
                };
            }
        }
        for column in (0_u16..).take(sheet.rows.first().map_or(0, Vec::len)) {
            page.set_column_width(column, 18)?;
        }
        page.set_freeze_panes(1, 0)?;
    }
    book.save_to_buffer()
}

/// The most that a cell of a workbook holds, in UTF-16 units.
const MOST_OF_A_CELL: usize = 32_767;

/// As much of a text as a cell holds.
fn fitting(text: &str) -> &str {
    let mut units = 0;
    let over = text.char_indices().find(|(_, letter)| {
        units += letter.len_utf16();
        units > MOST_OF_A_CELL
    });
    over.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// A name that a workbook takes: short, without the characters that mean something, and no other sheet's.
fn sheet_name(name: &str, place: usize) -> String {
    let plain: String = name.chars().filter(|c| !"[]:*?/\\'".contains(*c) && !c.is_control()).take(27).collect();
    let plain = plain.trim();
    match (plain.is_empty(), place) {
        (true, place) => format!("{}", place + 1),
        (false, 0) => plain.to_owned(),
        (false, place) => format!("{plain} {}", place + 1),
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Neither CSV in UTF-8 nor XLSX.
    Kind,
    /// Too many rows or columns, or too large when unpacked.
    Large,
    /// Nothing in it.
    Empty,
}

/// The rows of a file's first sheet, as texts without blanks around them. Which kind it is, its first bytes say.
///
/// # Errors
/// Why it cannot be read.
pub fn read(bytes: &[u8]) -> Result<Vec<Vec<String>>, Unreadable> {
    let rows = if bytes.starts_with(b"PK") { read_xlsx(bytes)? } else { read_csv(bytes)? };
    if rows.iter().all(Vec::is_empty) { Err(Unreadable::Empty) } else { Ok(rows) }
}

fn read_csv(bytes: &[u8]) -> Result<Vec<Vec<String>>, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_not_utf8| Unreadable::Kind)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.contains('\0') {
        return Err(Unreadable::Kind);
    }
    let first = text.lines().next().unwrap_or_default();
    let often = |mark: char| first.matches(mark).count();
    // French, Vietnamese and other spreadsheets write semicolons where the comma is the decimal mark.
    let delimiter = if often('\t') > often(',') {
        b'\t'
    } else if often(';') > often(',') {
        b';'
    } else {
        b','
    };
    let ended = format!("{}\n", text.trim_end_matches(['\r', '\n']));
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(ended.as_bytes());
    let (mut rows, mut line, mut record) = (Vec::new(), 1, csv::StringRecord::new());
    while reader.read_record(&mut record).map_err(|_broken| Unreadable::Kind)? {
        // The reader passes over empty lines; a spreadsheet counts them, and counts a cell of several lines as one.
        let inside: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
        let end = reader.position().line();
        let lines = u64::try_from(inside).unwrap_or(0) + 1;
        let empty = usize::try_from(end.saturating_sub(line + lines)).unwrap_or(0);
        line = end;
        if rows.len() + empty > MOST_ROWS || record.len() > MOST_COLUMNS {
            return Err(Unreadable::Large);
        }
        rows.extend(std::iter::repeat_n(Vec::new(), empty));
        rows.push(record.iter().map(|cell| bare(cell.trim()).to_owned()).collect());
    }
    Ok(rows)
}

fn read_xlsx(bytes: &[u8]) -> Result<Vec<Vec<String>>, Unreadable> {
    if unpacked_bytes(bytes) > MOST_UNPACKED {
        return Err(Unreadable::Large);
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_broken| Unreadable::Kind)?;
    let range = book.worksheet_range_at(0).ok_or(Unreadable::Empty)?.map_err(|_broken| Unreadable::Kind)?;
    if range.height() > MOST_ROWS + 1 || range.width() > MOST_COLUMNS {
        return Err(Unreadable::Large);
    }
    // Rows and columns that are left free on top and at the left count, so that a fault names the right cell.
    let (top, left) = range.start().unwrap_or((0, 0));
    let number = |value: u32| usize::try_from(value).unwrap_or(0);
    if number(top) > MOST_ROWS || number(left) > MOST_COLUMNS {
        return Err(Unreadable::Large);
    }
    let free = std::iter::repeat_n(Vec::new(), number(top));
    let rows = range.rows().map(|row| {
        let cells = row.iter().map(|cell| bare(text_of(cell).trim()).to_owned());
        std::iter::repeat_n(String::new(), number(left)).chain(cells).collect()
    });
    Ok(free.chain(rows).collect())
}

/// What the directory at the end of a ZIP file says its parts are together.
fn unpacked_bytes(bytes: &[u8]) -> u64 {
    const ENTRY: &[u8] = b"PK\x01\x02";
    let entries = bytes.windows(28).filter(|window| window.starts_with(ENTRY));
    let sizes = entries.filter_map(|entry| entry.get(24..28)?.try_into().ok()).map(u32::from_le_bytes);
    sizes.map(u64::from).sum()
}

/// A cell as somebody would type it: dates as `2026-11-17` or `2026-11-17T15:00`, whole numbers without a point.
fn text_of(cell: &Data) -> String {
    match cell {
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, _, _) = at.to_ymd_hms_milli();
            if (hour, minute) == (0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
            }
        }
        Data::Empty | Data::Error(_) => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let rows = rows.iter().map(|row| row.iter().map(|cell| Cell::text(*cell)).collect()).collect();
        Sheet { name: "Stock: all".to_owned(), rows }
    }

    #[test]
    fn nothing_in_a_file_is_run() {
        let evil = sheet(&[&["lot", "note"], &["L-1", "=HYPERLINK(\"http://x\")"], &["+1", "@x"], &["-2", "－3"]]);
        let csv = String::from_utf8(write(FileKind::Csv, std::slice::from_ref(&evil)).unwrap()).unwrap();
        for cell in ["'=HYPERLINK", "'+1", "'@x", "'-2", "'－3"] {
            assert!(csv.contains(cell), "{csv}");
        }
        let book = write(FileKind::Xlsx, &[evil]).unwrap();
        let mut read: Xlsx<_> = Xlsx::new(Cursor::new(&book)).unwrap();
        assert!(read.worksheet_formula("Stock all").unwrap().is_empty(), "no cell is a formula");
    }

    #[test]
    fn both_kinds_come_back_as_they_went() {
        let rows = sheet(&[&["lot", "note"], &["L-1", "a \"quoted\", line"], &["ດວງ", "-18"]]);
        let plain: Vec<Vec<String>> =
            rows.rows.iter().map(|row| row.iter().map(|cell| cell.text.clone()).collect()).collect();
        for kind in [FileKind::Csv, FileKind::Xlsx] {
            let bytes = write(kind, std::slice::from_ref(&rows)).unwrap();
            assert_eq!(read(&bytes).unwrap(), plain, "{kind:?}");
        }
    }

    #[test]
    fn semicolons_and_tabs_are_read_too() {
        assert_eq!(read(b"a;b\n1,5;2\n").unwrap(), [["a", "b"], ["1,5", "2"]]);
        assert_eq!(read(b"a\tb\n1\t2\n").unwrap(), [["a", "b"], ["1", "2"]]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert_eq!(read(b""), Err(Unreadable::Empty));
        assert_eq!(read(b"PK\x03\x04nonsense"), Err(Unreadable::Kind));
        assert_eq!(read(b"\xff\xfe\x00"), Err(Unreadable::Kind));
        let mut bomb = b"PK\x01\x02".to_vec();
        bomb.extend([0; 20]);
        bomb.extend(u32::MAX.to_le_bytes());
        assert_eq!(read(&bomb), Err(Unreadable::Large));
    }

    #[test]
    fn sheets_have_names_that_a_workbook_takes() {
        assert_eq!(sheet_name("Stock: a/b [c]?", 0), "Stock ab c");
        assert_eq!(sheet_name("", 2), "3");
        assert_eq!(sheet_name("Bottles", 1), "Bottles 2");
    }
}
