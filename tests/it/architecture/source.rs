//! Reads Rust text just well enough to find its paths, functions and test modules. Comments and the insides
//! of literals are blanked first, so that a word in a message is never taken for code.

/// A word or a mark of the source, with the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// A path of the source, from where it starts to its first segment after the start.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference {
    /// `crate` or `milkbridge` is 0 here, `super` is 1, `super::super` is 2.
    pub supers: usize,
    /// How many inline modules are open where the path stands.
    pub inline: usize,
    /// The first segment after the start.
    pub segment: String,
    pub line: usize,
}

/// The text with every comment and the inside of every literal turned into blanks; lines stay where they are.
pub fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => end_of_line(&chars, at),
            ('/', Some('*')) => end_of_block(&chars, at),
            ('"', _) => end_of_string(&chars, at),
            ('\'', _) => end_of_char(&chars, at),
            ('r', Some('"' | '#')) if !continues_word(&chars, at) => end_of_raw(&chars, at),
            ('b', Some('r')) if !continues_word(&chars, at) && matches!(chars.get(at + 2), Some('"' | '#')) => {
                end_of_raw(&chars, at + 1)
            }
            _ => at,
        };
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

fn continues_word(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_alphanumeric() || matches!(chars[at - 1], '_' | 'b'))
}

fn end_of_line(chars: &[char], at: usize) -> usize {
    (at..chars.len()).find(|&i| chars[i] == '\n').unwrap_or(chars.len())
}

fn end_of_block(chars: &[char], at: usize) -> usize {
    let (mut depth, mut i) = (0_usize, at);
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => (depth, i) = (depth + 1, i + 2),
            ('*', '/') if depth == 1 => return i + 2,
            ('*', '/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    chars.len()
}

fn end_of_string(chars: &[char], at: usize) -> usize {
    let mut i = at + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// A quote opens a character or a lifetime; a lifetime is left as it is.
fn end_of_char(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => (at + 3..chars.len()).find(|&i| chars[i] == '\'').map_or(chars.len(), |i| i + 1),
        (Some(_), Some('\'')) => at + 3,
        _ => at,
    }
}

fn end_of_raw(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let closes = |i: usize| chars[i] == '"' && chars[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    (at + 2 + hashes..chars.len()).find(|&i| closes(i)).map_or(chars.len(), |i| i + 1 + hashes)
}

/// Words, `::` and single marks of a blanked text.
pub fn tokens(blanked: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (index, line) in blanked.lines().enumerate() {
        let chars: Vec<char> = line.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = if is_word(chars[at]) {
                chars[at..].iter().take_while(|c| is_word(**c)).count()
            } else if chars[at..].starts_with(&[':', ':']) {
                2
            } else {
                1
            };
            if !chars[at].is_whitespace() {
                found.push(Token { text: chars[at..at + length].iter().collect(), line: index + 1 });
            }
            at += length;
        }
    }
    found
}

fn text_at(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

/// Every path that starts at the crate's root or climbs with `super`, groups taken apart.
pub fn references(tokens: &[Token]) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut open_modules: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < tokens.len() {
        let word = text_at(tokens, at);
        match word {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                open_modules.retain(|opened_at| *opened_at < depth);
            }
            "mod" if text_at(tokens, at + 2) == "{" => open_modules.push(depth),
            _ => {}
        }
        let after_path = at > 0 && text_at(tokens, at - 1) == "::";
        if matches!(word, "crate" | "milkbridge" | "super") && !after_path && text_at(tokens, at + 1) == "::" {
            let mut supers = usize::from(word == "super");
            let mut next = at + 2;
            while word == "super" && text_at(tokens, next) == "super" && text_at(tokens, next + 1) == "::" {
                supers += 1;
                next += 2;
            }
            for segment in first_segments(tokens, next) {
                found.push(Reference { supers, inline: open_modules.len(), segment: segment.0, line: segment.1 });
            }
            at = next;
            continue;
        }
        at += 1;
    }
    found
}

/// The first segment of a path, or of each member of a group.
fn first_segments(tokens: &[Token], at: usize) -> Vec<(String, usize)> {
    if text_at(tokens, at) != "{" {
        return tokens.get(at).map(|token| (token.text.clone(), token.line)).into_iter().collect();
    }
    let (mut depth, mut starts, mut found) = (0_usize, false, Vec::new());
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => (depth, starts) = (depth + 1, depth == 0),
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => starts = depth == 1,
            _ if starts && depth == 1 => {
                found.push((token.text.clone(), token.line));
                starts = false;
            }
            _ => {}
        }
    }
    found
}

/// The lines that a `#[cfg(test)]` item covers, both ends included.
pub fn test_lines(tokens: &[Token]) -> Vec<(usize, usize)> {
    let marks = ["#", "[", "cfg", "(", "test", ")", "]"];
    let is_mark = |at: usize| marks.iter().enumerate().all(|(i, mark)| text_at(tokens, at + i) == *mark);
    (0..tokens.len())
        .filter(|&at| is_mark(at))
        .map(|at| (tokens[at].line, end_of_item(tokens, at + marks.len())))
        .collect()
}

/// The last line of the item that starts here: its closing brace, or its semicolon when it has no body.
fn end_of_item(tokens: &[Token], at: usize) -> usize {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => braces += 1,
            "}" if braces <= 1 => return token.line,
            "}" => braces -= 1,
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets = brackets.saturating_sub(1),
            ";" if braces == 0 && brackets == 0 => return token.line,
            _ => {}
        }
    }
    tokens.last().map_or(0, |token| token.line)
}

/// Every function that has a body, with the lines from its `fn` to its closing brace.
pub fn functions(tokens: &[Token]) -> Vec<Function> {
    let named = |at: usize| text_at(tokens, at).chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    (0..tokens.len())
        .filter(|&at| text_at(tokens, at) == "fn" && named(at + 1))
        .map(|at| {
            let line = tokens[at].line;
            let lines = (end_of_item(tokens, at) + 1).saturating_sub(line);
            Function { name: text_at(tokens, at + 1).to_owned(), line, lines }
        })
        .collect()
}

#[test]
fn words_in_comments_and_literals_are_not_code() {
    let text = "let a = \"crate::store\"; // crate::store\nlet b = r#\"crate::\"store\"#; /* x /* y */ z */ let c = '\\'';\nfn f<'a>() {}";
    let words: Vec<String> = tokens(&blank(text)).into_iter().map(|token| token.text).collect();
    assert_eq!(words.join(" "), "let a = ; let b = ; let c = ; fn f < ' a > ( ) { }");
}

#[test]
fn groups_and_climbs_are_taken_apart() {
    let text = "use crate::{domain::{ids, time}, store};\nuse super::super::actions;\nmod tests { use super::x; }\nuse super::y;";
    let found = references(&tokens(&blank(text)));
    let seen: Vec<(usize, usize, &str, usize)> =
        found.iter().map(|r| (r.supers, r.inline, r.segment.as_str(), r.line)).collect();
    assert_eq!(seen, [(0, 0, "domain", 1), (0, 0, "store", 1), (2, 0, "actions", 2), (1, 1, "x", 3), (1, 0, "y", 4)]);
}

#[test]
fn functions_are_measured_to_their_closing_brace() {
    let text =
        "fn short() {}\ntrait T { fn none(&self) -> [u8; 4]; }\nfn long(\n) {\n if a { b }\n}\ntype F = fn(u8) -> u8;";
    let found = functions(&tokens(&blank(text)));
    let seen: Vec<(&str, usize, usize)> = found.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
    assert_eq!(seen, [("short", 1, 1), ("none", 2, 1), ("long", 3, 4)]);
}
