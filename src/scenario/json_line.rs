//! Finds the line of a field in a JSON text, so that a fault found after parsing still names its line.

/// The line (from 1) on which the value at a path such as `sites[3].role` begins; where the path ends
/// early, the line of the deepest part that exists.
#[must_use]
pub fn find_line(text: &str, path: &str) -> usize {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, line: 1 };
    scanner.skip_space();
    let mut found = scanner.line;
    for step in split(path) {
        if !scanner.descend(&step) {
            break;
        }
        found = scanner.line;
    }
    found
}

enum Step {
    Key(String),
    Index(usize),
}

fn split(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let mut pieces = part.split('[');
        if let Some(key) = pieces.next().filter(|key| !key.is_empty()) {
            steps.push(Step::Key(key.to_owned()));
        }
        steps.extend(pieces.filter_map(|piece| piece.trim_end_matches(']').parse().ok()).map(Step::Index));
    }
    steps
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        if byte == b'\n' {
            self.line += 1;
        }
        Some(byte)
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b',' || byte == b':') {
            self.next();
        }
    }

    /// From the start of a container to the start of one of its values.
    fn descend(&mut self, step: &Step) -> bool {
        let opening = self.next();
        self.skip_space();
        match (step, opening) {
            (Step::Key(key), Some(b'{')) => {
                while self.peek() == Some(b'"') {
                    let from = self.at + 1;
                    self.skip_value();
                    let name = self.bytes.get(from..self.at.saturating_sub(1));
                    self.skip_space();
                    if name == Some(key.as_bytes()) {
                        return true;
                    }
                    self.skip_value();
                    self.skip_space();
                }
                false
            }
            (Step::Index(index), Some(b'[')) => {
                for _ in 0..*index {
                    self.skip_value();
                    self.skip_space();
                }
                self.peek().is_some_and(|byte| byte != b']')
            }
            _ => false,
        }
    }

    fn skip_value(&mut self) {
        match self.peek() {
            Some(b'"') => self.skip_text(),
            Some(b'{' | b'[') => {
                let mut depth = 0_usize;
                loop {
                    match self.peek() {
                        Some(b'"') => {
                            self.skip_text();
                            continue;
                        }
                        Some(b'{' | b'[') => depth += 1,
                        Some(b'}' | b']') => depth -= 1,
                        None => return,
                        _ => {}
                    }
                    self.next();
                    if depth == 0 {
                        return;
                    }
                }
            }
            _ => {
                while self.peek().is_some_and(|byte| !matches!(byte, b',' | b'}' | b']') && !byte.is_ascii_whitespace())
                {
                    self.next();
                }
            }
        }
    }

    fn skip_text(&mut self) {
        self.next();
        while let Some(byte) = self.next() {
            match byte {
                b'\\' => {
                    self.next();
                }
                b'"' => return,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::find_line;

    #[test]
    fn finds_the_line_of_a_nested_field() {
        let text = "{\n \"a\": {\"x\": \"} ] \\\" \"},\n \"sites\": [\n  {\"id\": \"p\"},\n  {\"id\":\n \"q\"}\n ]\n}";
        assert_eq!(find_line(text, "a.x"), 2);
        assert_eq!(find_line(text, "sites[0].id"), 4);
        assert_eq!(find_line(text, "sites[1].id"), 6);
        assert_eq!(find_line(text, "sites[1].missing"), 5);
        assert_eq!(find_line(text, "sites[7]"), 3);
    }
}
