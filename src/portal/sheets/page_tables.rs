//! The tables of a page that is already written, as texts: what a reader sees in each cell, and nothing of what is
//! there to be pressed or only to be heard.

use super::{Cell, Sheet};

/// Parts of a cell that say nothing in a file.
const SILENT: [&str; 5] = ["svg", "button", "select", "textarea", "script"];
/// The most digits of a number that spreadsheets keep exactly.
const MOST_DIGITS: usize = 15;

/// Where the reading stands.
#[derive(Default)]
struct Reading {
    sheets: Vec<Sheet>,
    sheet: Option<Sheet>,
    row: Vec<Cell>,
    text: Option<String>,
    number: bool,
}

/// Every table of a page, in its order.
#[must_use]
pub fn tables_of(page: &str) -> Vec<Sheet> {
    let mut reading = Reading::default();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once('<') {
        reading.say(before);
        let Some((tag, after)) = after.split_once('>') else { break };
        let name = tag.trim_end_matches('/').split(|c: char| c.is_whitespace()).next().unwrap_or_default();
        let heard_only = name == "span" && tag.contains("class=\"vh\"");
        let silent = SILENT.contains(&name) || heard_only;
        rest = match after.split_once(&format!("</{name}>")) {
            Some((_, after)) if silent && !tag.ends_with('/') => after,
            _ => {
                reading.pass(name, tag);
                after
            }
        };
    }
    reading.sheets
}

impl Reading {
    fn say(&mut self, text: &str) {
        if let Some(cell) = &mut self.text {
            cell.push_str(text);
        }
    }

    fn pass(&mut self, name: &str, tag: &str) {
        match name {
            "table" => self.sheet = Some(Sheet::default()),
            "/table" => self.sheets.extend(self.sheet.take()),
            "caption" | "th" | "td" if self.sheet.is_some() => {
                self.text = Some(String::new());
                self.number = name == "td" && tag.contains("class=\"n\"");
            }
            "/caption" => {
                if let (Some(text), Some(sheet)) = (self.text.take(), &mut self.sheet) {
                    sheet.name = clean(&text);
                }
            }
            "/th" | "/td" => {
                if let Some(text) = self.text.take() {
                    let text = clean(&text);
                    self.row.push(Cell { number: self.number && is_plain_number(&text), text });
                }
            }
            "/tr" => {
                let row = std::mem::take(&mut self.row);
                if let (false, Some(sheet)) = (row.is_empty(), &mut self.sheet) {
                    sheet.rows.push(row);
                }
            }
            // Pieces that stand side by side or below each other on the page.
            _ => self.say("\u{1f}"),
        }
    }
}

fn is_plain_number(text: &str) -> bool {
    let plain = !text.is_empty() && text.len() <= MOST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    plain && (text == "0" || !text.starts_with('0'))
}

/// The pieces of a cell without blanks, put together as a list.
fn clean(text: &str) -> String {
    let pieces = text.split('\u{1f}').map(|piece| piece.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut all = String::new();
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let joined = all.is_empty() || piece.starts_with([',', '.', ':', ';', ')']);
        if !joined {
            all.push_str(if all.ends_with([',', ';', ':', '.']) { " " } else { "; " });
        }
        all.push_str(&piece);
    }
    decoded(&all)
}

/// The text without the escapes of markup.
fn decoded(text: &str) -> String {
    let mut parts = text.split('&');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known = part.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest)));
        match known {
            Some((letter, rest)) => {
                all.push(letter);
                all.push_str(rest);
            }
            None => {
                all.push('&');
                all.push_str(part);
            }
        }
    }
    all
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = number
                .strip_prefix(['x', 'X'])
                .map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            code.and_then(char::from_u32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_what_its_reader_sees() {
        let page = "<p>no</p><table class=\"t\"><caption class=\"vh\">Lots</caption><thead><tr><th scope=\"col\">Lot</th>\
            <th class=\"n\">Free</th><th>Expires</th><th>Offer</th></tr></thead><tbody><tr><th><a href=\"/x\">L&#38;1 &lt;b&gt;</a></th>\
            <td role=\"cell\" class=\"n\">12</td><td><time>21 Mar</time><span class=\"left\">74 d left</span>\
            <span class=\"word\"><svg><use href=\"#i\"/></svg>In date</span></td>\
            <td><label><input type=\"checkbox\"><span class=\"vh\">Pick L1</span></label></td></tr></tbody></table>";
        let [sheet] = &tables_of(page)[..] else { panic!("one table") };
        assert_eq!(sheet.name, "Lots");
        let texts = |row: usize| sheet.rows[row].iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>();
        assert_eq!(texts(0), ["Lot", "Free", "Expires", "Offer"]);
        assert_eq!(texts(1), ["L&1 <b>", "12", "21 Mar; 74 d left; In date", ""]);
        assert!(sheet.rows[1][1].number && !sheet.rows[1][0].number);
    }

    #[test]
    fn codes_with_noughts_in_front_stay_texts() {
        assert!(is_plain_number("0") && is_plain_number("1234"));
        assert!(!is_plain_number("0012") && !is_plain_number("1,234") && !is_plain_number("1234567890123456"));
    }
}
