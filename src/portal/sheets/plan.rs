//! Rows of a file as lots, bottles or counts, with every fault by its row and column.

use crate::actions::imports::{BottleWanted, CountWanted};
use crate::actions::lots::RegisterLot;
use crate::domain::ids::SiteId;
use crate::domain::policy::PolicyDocument;
use crate::domain::quantity::Volume;
use crate::portal::form::{Faults, Form};
use crate::portal::lot_form;
use crate::portal::texts::Texts;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Lots with their records.
    Lots,
    /// Bottles of lots.
    Bottles,
    /// A count of the stock.
    Counts,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Lots, Self::Bottles, Self::Counts];

    /// Its word in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lots => "lots",
            Self::Bottles => "bottles",
            Self::Counts => "counts",
        }
    }

    /// The columns that every file of this kind has.
    #[must_use]
    pub const fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Lots => {
                &["code", "milk_type", "expressed_from", "expressed_to", "expires_at", "storage", "size-1", "count-1"]
            }
            Self::Bottles => &["lot_code", "bottle", "size_ml"],
            Self::Counts => &["lot_code", "size_ml", "bottles"],
        }
    }

    /// The columns that a file may have besides. Those of cultures are the rules' own.
    #[must_use]
    pub fn possible(self, policy: Option<&PolicyDocument>) -> Vec<String> {
        if self != Self::Lots {
            return Vec::new();
        }
        let mut names: Vec<String> =
            ["size-2", "count-2", "size-3", "count-3", "din", "product_code", "marks"].map(str::to_owned).into();
        for donor in 1..=lot_form::DONORS {
            let parts = ["ref", "sampled", "consent", "questionnaire", "clear"];
            names.extend(parts.map(|part| format!("donor-{donor}-{part}")));
        }
        let cultures = policy.map(|policy| &policy.values.cultures);
        for (stage, limits) in [
            ("before", cultures.map(|cultures| &cultures.before.value)),
            ("after", cultures.map(|cultures| &cultures.after.value)),
        ] {
            names.extend(["sampled", "result"].map(|part| format!("{stage}-{part}")));
            names.extend(limits.into_iter().flatten().map(|limit| format!("{stage}-{}", limit.group)));
        }
        let rest = [
            "acidity",
            "method",
            "heat-started",
            "heat-ended",
            "hold-min",
            "hold-s",
            "cooled-s",
            "calibrated",
            "device",
            "cycle",
            "protein",
            "fat",
            "carbohydrate",
            "energy",
            "analysed",
            "analysis-method",
            "release",
        ];
        names.extend(rest.map(str::to_owned));
        names
    }
}

/// A fault of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// The row of the file, the first is 1.
    pub row: usize,
    /// The name of the column; empty for a fault of the whole row.
    pub column: String,
    /// What is wrong.
    pub what: String,
}

/// A table whose columns are known.
pub struct Table {
    header: Vec<String>,
    /// Number in the file and cells of each row that has any.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// What is wrong with the first row of a file.
pub struct BadHeader {
    /// Columns that are needed and absent.
    pub absent: Vec<String>,
    /// Columns that nobody knows.
    pub unknown: Vec<String>,
}

/// Finds the header and the rows below it.
///
/// # Errors
/// Names the columns that are absent or unknown.
pub fn table_of(kind: Kind, policy: Option<&PolicyDocument>, rows: Vec<Vec<String>>) -> Result<Table, BadHeader> {
    let filled = |row: &Vec<String>| row.iter().any(|cell| !cell.is_empty());
    let mut numbered = (1..).zip(rows).filter(|(_, row)| filled(row));
    let header: Vec<String> =
        numbered.next().map(|(_, row)| row.iter().map(|name| name.to_lowercase()).collect()).unwrap_or_default();
    let possible = kind.possible(policy);
    let known = |name: &String| kind.needed().contains(&name.as_str()) || possible.contains(name);
    let absent: Vec<String> = kind
        .needed()
        .iter()
        .filter(|name| !header.iter().any(|other| other == *name))
        .map(ToString::to_string)
        .collect();
    let unknown: Vec<String> = header.iter().filter(|name| !name.is_empty() && !known(name)).cloned().collect();
    if absent.is_empty() && unknown.is_empty() {
        Ok(Table { header, rows: numbered.collect() })
    } else {
        Err(BadHeader { absent, unknown })
    }
}

impl Table {
    /// The rows again, with their header, for a file.
    #[must_use]
    pub fn texts(&self) -> Vec<Vec<String>> {
        std::iter::once(self.header.clone()).chain(self.rows.iter().map(|(_, cells)| cells.clone())).collect()
    }

    /// A row as a form: what may be several values in a cell is several fields.
    fn form(&self, cells: &[String]) -> Form {
        let mut form = Form::default();
        for (name, value) in self.header.iter().zip(cells).filter(|(_, value)| !value.is_empty()) {
            if name == "marks" || name.ends_with("-clear") {
                value.split([' ', ',', ';']).filter(|part| !part.is_empty()).for_each(|part| form.add(name, part));
            } else if is_box(name) {
                match said(value) {
                    Some(true) => form.add(name, value),
                    Some(false) => {}
                    None => form.add(&unclear(name), value),
                }
            } else {
                form.add(name, value);
            }
        }
        form
    }
}

/// Whether a column is a box of the form, which is ticked or not.
fn is_box(name: &str) -> bool {
    name == "release" || name.ends_with("-questionnaire")
}

/// The field that holds a word for a box which is neither yes nor no.
fn unclear(name: &str) -> String {
    format!("{name}?")
}

/// Yes or no in the six languages and as spreadsheets write them. Anything else is not understood: a word that nobody
/// knows must not sign a questionnaire.
fn said(value: &str) -> Option<bool> {
    match value.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "x" | "oui" | "vrai" | "có" | "đúng" | "是" | "有" | "ແມ່ນ" | "✓" => {
            Some(true)
        }
        "no" | "n" | "false" | "0" | "non" | "faux" | "không" | "sai" | "否" | "不" | "無" | "无" | "ບໍ່" | "-" => {
            Some(false)
        }
        _ => None,
    }
}

/// Rows that can be read.
pub(super) enum Rows {
    /// Lots.
    Lots(Vec<RegisterLot>),
    /// Bottles.
    Bottles(Vec<BottleWanted>),
    /// Counts.
    Counts(Vec<CountWanted>),
}

/// Some rows of a table: those that can be read with their numbers, and the faults of the others.
pub struct Reading {
    pub(super) rows: Rows,
    pub(super) numbers: Vec<usize>,
    pub(super) faults: Vec<CellFault>,
}

/// Reads some rows.
#[must_use]
pub fn read(
    kind: Kind,
    table: &Table,
    some: &[(usize, Vec<String>)],
    site: SiteId,
    policy: Option<&PolicyDocument>,
    texts: &Texts,
) -> Reading {
    let mut reading = Reading {
        rows: match kind {
            Kind::Lots => Rows::Lots(Vec::new()),
            Kind::Bottles => Rows::Bottles(Vec::new()),
            Kind::Counts => Rows::Counts(Vec::new()),
        },
        numbers: Vec::new(),
        faults: Vec::new(),
    };
    for (number, cells) in some {
        let form = table.form(cells);
        let mut faults = Faults::default();
        let fits = match &mut reading.rows {
            Rows::Lots(lots) => {
                policy.and_then(|policy| lot(&form, site, policy, texts, &mut faults)).map(|row| lots.push(row))
            }
            Rows::Bottles(bottles) => bottle(&form, texts, &mut faults).map(|row| bottles.push(row)),
            Rows::Counts(counts) => count(&form, texts, &mut faults).map(|row| counts.push(row)),
        };
        if fits.is_some() {
            reading.numbers.push(*number);
        }
        reading.faults.extend(cell_faults(*number, &faults));
    }
    reading
}

pub(super) fn cell_faults(row: usize, faults: &Faults) -> impl Iterator<Item = CellFault> {
    faults.all().iter().map(move |(column, what)| CellFault { row, column: column.clone(), what: what.clone() })
}

fn lot(form: &Form, site: SiteId, policy: &PolicyDocument, texts: &Texts, faults: &mut Faults) -> Option<RegisterLot> {
    for column in Kind::Lots.possible(None).iter().filter(|column| is_box(column) && form.has(&unclear(column))) {
        faults.note(column, texts.get("lotform-unreadable"));
    }
    unknown_words(form, policy, texts, faults);
    let found = lot_form::read(form, site, policy, texts, faults);
    if found.is_none() && faults.is_empty() {
        // The one field that the form offers as a list and a file writes out.
        faults.note("milk_type", texts.get("lotform-unreadable"));
    }
    found
}

/// Words of a list that nobody knows, such as the name of a test: left out in silence they would be missed later.
fn unknown_words(form: &Form, policy: &PolicyDocument, texts: &Texts, faults: &mut Faults) {
    let panel = &policy.values.screening.panel.value;
    for donor in 1..=lot_form::DONORS {
        let column = format!("donor-{donor}-clear");
        if form.all(&column).iter().any(|word| !panel.iter().any(|analyte| analyte.as_str() == *word)) {
            faults.note(&column, texts.get("lotform-unreadable"));
        }
    }
    if form.all("marks").iter().any(|word| !["dairy_free", "cmv_negative"].contains(word)) {
        faults.note("marks", texts.get("lotform-unreadable"));
    }
}

/// A whole number of a needed cell.
fn whole(form: &Form, name: &str, texts: &Texts, faults: &mut Faults) -> Option<i64> {
    let key = if form.has(name) { "form-not-a-number" } else { "form-missing" };
    let digits = form.get(name).bytes().all(|byte| byte.is_ascii_digit());
    faults.need(name, form.whole(name).filter(|_| digits), || texts.get(key))
}

fn text(form: &Form, name: &str, texts: &Texts, faults: &mut Faults) -> Option<String> {
    faults.need(name, form.has(name).then(|| form.get(name).to_owned()), || texts.get("form-missing"))
}

fn bottle(form: &Form, texts: &Texts, faults: &mut Faults) -> Option<BottleWanted> {
    let (lot_code, division) = (text(form, "lot_code", texts, faults), whole(form, "bottle", texts, faults));
    let size = whole(form, "size_ml", texts, faults);
    Some(BottleWanted { lot_code: lot_code?, division: division?, size: Volume::from_ml(size?) })
}

fn count(form: &Form, texts: &Texts, faults: &mut Faults) -> Option<CountWanted> {
    let (lot_code, size) = (text(form, "lot_code", texts, faults), whole(form, "size_ml", texts, faults));
    let bottles = whole(form, "bottles", texts, faults);
    Some(CountWanted { lot_code: lot_code?, size: Volume::from_ml(size?), bottles: bottles? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::language::Language;

    fn rows(text: &str) -> Vec<Vec<String>> {
        crate::portal::sheets::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_fault_names_its_row_and_its_column() {
        let text = "lot_code,size_ml,bottles\nL-1,100,4\n\nL-2,,4\nL-3,100,four\n";
        let table = table_of(Kind::Counts, None, rows(text)).ok().unwrap();
        let texts = Texts::new(Language::En, "UTC");
        let site = "0199c6f0-0000-7000-8000-000000000001".parse().unwrap();
        let reading = read(Kind::Counts, &table, &table.rows, site, None, &texts);
        assert_eq!(reading.numbers, [2]);
        let faults: Vec<(usize, &str)> =
            reading.faults.iter().map(|fault| (fault.row, fault.column.as_str())).collect();
        assert_eq!(faults, [(4, "size_ml"), (5, "bottles")], "an empty line counts as a spreadsheet counts it");
    }

    #[test]
    fn only_a_yes_signs_a_questionnaire() {
        for (words, meant) in [
            (["yes", "TRUE", "1", "Oui", "có", "是"], Some(true)),
            (["no", "FALSE", "0", "Non", "không", "否"], Some(false)),
            (["missing", "unsigned", "?", "n/a", "nein", "."], None),
        ] {
            words.iter().for_each(|word| assert_eq!(said(word), meant, "{word}"));
        }
    }

    #[test]
    fn a_header_that_is_not_known_is_named() {
        let bad = table_of(Kind::Counts, None, rows("lot,size_ml,bottles\nL-1,100,4\n")).err().unwrap();
        assert_eq!((bad.absent, bad.unknown), (vec!["lot_code".to_owned()], vec!["lot".to_owned()]));
    }
}
