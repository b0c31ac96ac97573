//! Turns what serde says about a body or a query into a pointer, a code and a sentence. serde's own texts
//! repeat the input, so only their known parts pass.

use super::problem::{Problem, ProblemCode};
use crate::domain::field::FieldError;
use actix_web::web;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

/// A field name longer than this, or with other characters than words have, is not repeated.
const LONGEST_NAME: usize = 64;

/// The body is not JSON.
pub(super) fn malformed(error: &serde_json::Error) -> Problem {
    let what = if error.is_eof() { "the body ends too early" } else { "this is not JSON" };
    Problem::new(ProblemCode::BodyMalformed, format!("{what} (line {}, column {})", error.line(), error.column()))
}

/// The body is not JSON, or is JSON but not what is asked for.
pub(super) fn about_body(error: &serde_path_to_error::Error<serde_json::Error>, is_json: bool) -> Problem {
    let cause = error.inner();
    if !is_json {
        return malformed(cause);
    }
    let text = cause.to_string();
    // serde_json ends its texts with the place; the pointer says it better.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _place)| before);
    let pointer = pointer_of(error.path());
    Problem::fields(ProblemCode::BodyInvalid, vec![field_error(&pointer, text)])
}

fn pointer_of(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => push_name(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn push_name(pointer: &mut String, name: &str) {
    let harmless = name.len() <= LONGEST_NAME
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'));
    if harmless {
        pointer.push('/');
        pointer.push_str(name);
    }
}

/// Sorts serde's complaint; only field names and what was expected pass.
fn field_error(parent: &str, text: &str) -> FieldError {
    let named = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.split('`').next());
    let below = |name: &str| {
        let mut pointer = parent.to_owned();
        // The path may end in the name already.
        if !pointer.ends_with(&format!("/{name}")) {
            push_name(&mut pointer, name);
        }
        pointer
    };
    let expected = || text.rsplit_once(", expected ").map(|(_, expected)| plain(&expected.replace('`', "")));
    if let Some(name) = named("missing field `") {
        FieldError::new(below(name), "missing", "this field is needed")
    } else if let Some(name) = named("unknown field `") {
        FieldError::new(below(name), "unknown_field", "there is no such field")
    } else if let Some(name) = named("duplicate field `") {
        FieldError::new(below(name), "duplicate_field", "give this field once")
    } else if text.starts_with("unknown variant") {
        FieldError::new(parent, "unknown_value", format!("expected {}", expected().unwrap_or_default()))
    } else if text.starts_with("invalid type") {
        FieldError::new(parent, "wrong_type", format!("expected {}", expected().unwrap_or_default()))
    } else if text.starts_with("invalid value") || text.starts_with("invalid length") {
        FieldError::new(parent, "out_of_range", format!("expected {}", expected().unwrap_or_default()))
    } else if text.len() <= 160 && !text.contains(['`', '"', '<', '>']) && text.is_ascii() {
        FieldError::new(parent, "invalid_value", text)
    } else {
        FieldError::new(parent, "invalid_value", "this value cannot be taken")
    }
}

/// What was expected in words of the wire: serde names the types of the program.
fn plain(expected: &str) -> String {
    let number =
        |word: &str| word.len() <= 5 && word.starts_with(['i', 'u', 'f']) && word.ends_with(['8', '6', '2', '4', 'e']);
    if expected.starts_with("struct ") || expected == "a map" {
        return String::from("an object");
    }
    if expected.starts_with("tuple ") || expected == "a sequence" {
        return String::from("a list");
    }
    match expected {
        word if number(word) => String::from("a number"),
        _ if expected.starts_with("enum ") || expected.contains(" enum ") => String::from("one of the known words"),
        other => other.to_owned(),
    }
}

/// A parameter where none is taken.
pub(super) fn unknown_parameter(query: &str) -> Problem {
    let mut pointer = String::new();
    push_name(
        &mut pointer,
        query.split('&').find(|pair| !pair.is_empty()).and_then(|pair| pair.split('=').next()).unwrap_or_default(),
    );
    Problem::field(ProblemCode::QueryInvalid, &pointer, "unknown_field", "there is no such parameter")
}

/// Reads query parameters.
pub(super) fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let error = match web::Query::<T>::from_query(query) {
        Ok(value) => return Ok(value.into_inner()),
        Err(error) => complaint_text(&error),
    };
    // What is missing stands nowhere; no parameter that is there is at fault.
    let is_missing = error.starts_with("missing field");
    let parent = if is_missing { String::new() } else { culprit::<T>(query, &error).unwrap_or_default() };
    Err(Problem::fields(ProblemCode::QueryInvalid, vec![field_error(&parent, &error)]))
}

fn complaint_text(error: &actix_web::error::QueryPayloadError) -> String {
    let text = error.to_string();
    text.strip_prefix("Query deserialize error: ").unwrap_or(&text).to_owned()
}

/// Form encoding has no paths: the parameter at fault is the one without which the complaint changes.
fn culprit<T: DeserializeOwned>(query: &str, complaint: &str) -> Option<String> {
    let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).take(50).collect();
    let faulty = (0..pairs.len()).find(|index| {
        let rest: Vec<&str> = pairs.iter().enumerate().filter(|(at, _)| at != index).map(|(_, pair)| *pair).collect();
        match web::Query::<T>::from_query(&rest.join("&")) {
            Ok(_) => true,
            Err(error) => complaint_text(&error) != complaint,
        }
    })?;
    let mut pointer = String::new();
    push_name(&mut pointer, pairs.get(faulty)?.split('=').next().unwrap_or_default());
    Some(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only read to be refused")]
        items: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read to be refused")]
    struct Inner {
        size_ml: u32,
        kind: Kind,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Glass,
        Plastic,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read to be refused")]
    struct Filter {
        tier: Option<i64>,
        code: String,
    }

    fn complaint(body: &str) -> (String, &'static str, String) {
        let mut deserializer = serde_json::Deserializer::from_str(body);
        let error = serde_path_to_error::deserialize::<_, Outer>(&mut deserializer).unwrap_err();
        let problem = serde_json::to_value(about_body(&error, true).view(None)).unwrap();
        let first = &problem["errors"][0];
        let code = ["missing", "unknown_field", "unknown_value", "wrong_type", "out_of_range", "duplicate_field"]
            .into_iter()
            .find(|code| first["code"] == *code)
            .unwrap_or("other");
        (first["pointer"].as_str().unwrap_or_default().to_owned(), code, problem.to_string())
    }

    #[test]
    fn each_fault_points_at_its_field() {
        let (pointer, code, _) =
            complaint(r#"{"items":[{"size_ml":1,"kind":"glass"},{"size_ml":"1","kind":"glass"}]}"#);
        assert_eq!((pointer.as_str(), code), ("/items/1/size_ml", "wrong_type"));
        let (pointer, code, _) = complaint(r#"{"items":[{"kind":"glass"}]}"#);
        assert_eq!((pointer.as_str(), code), ("/items/0/size_ml", "missing"));
        let (pointer, code, _) = complaint(r#"{"items":[{"size":1,"kind":"glass"}]}"#);
        assert_eq!((pointer.as_str(), code), ("/items/0/size", "unknown_field"));
        let (pointer, code, _) = complaint(r#"{"items":[{"size_ml":-5,"kind":"glass"}]}"#);
        assert_eq!((pointer.as_str(), code), ("/items/0/size_ml", "out_of_range"));
        let (pointer, code, _) = complaint(r#"{"items":[],"items":[]}"#);
        assert_eq!((pointer.as_str(), code), ("/items", "duplicate_field"));
        assert_eq!(complaint("7").1, "wrong_type");
        let (pointer, _, problem) = complaint(r#"{"items":[{"size_ml":1,"kind":null}]}"#);
        assert_eq!(pointer, "/items/0/kind");
        assert!(problem.contains("body_invalid"), "{problem}");
    }

    #[test]
    fn nothing_that_was_sent_comes_back() {
        for body in [
            r#"{"items":[{"size_ml":1,"kind":"<script>"}]}"#,
            r#"{"items":"<script>"}"#,
            r#"{"<script>":1}"#,
            r#"{"items":[{"size_ml":"<script>","kind":"glass"}]}"#,
        ] {
            assert!(!complaint(body).2.contains("script>"), "{}", complaint(body).2);
        }
        assert!(complaint(r#"{"items":[{"size_ml":1,"kind":"tin"}]}"#).2.contains("glass"));
    }

    #[test]
    fn a_query_fault_names_the_parameter() {
        let pointer = |query: &str| {
            let problem = read_query::<Filter>(query).unwrap_err();
            serde_json::to_value(problem.view(None)).unwrap()["errors"][0]["pointer"].as_str().unwrap().to_owned()
        };
        assert_eq!(pointer("code=a&tier=one"), "/tier");
        assert_eq!(pointer("tier=1"), "/code");
        assert_eq!(pointer("code=a&colour=red"), "/colour");
        assert_eq!(pointer("code=a&code=b"), "/code");
        assert!(read_query::<Filter>("code=a&tier=1").is_ok());
    }

    #[derive(Debug, Deserialize)]
    struct Two {
        #[expect(dead_code, reason = "only read")]
        first: u8,
        #[expect(dead_code, reason = "only read")]
        second: u8,
    }

    #[test]
    fn a_missing_parameter_is_named_itself() {
        let problem = serde_json::to_value(read_query::<Two>("first=1").unwrap_err().view(None)).unwrap();
        assert_eq!(problem["errors"][0]["pointer"], "/second");
    }

    #[test]
    fn what_was_expected_is_told_in_words_of_the_wire() {
        for (serde, told) in
            [("struct LotBody", "an object"), ("u16", "a number"), ("a sequence", "a list"), ("a string", "a string")]
        {
            assert_eq!(plain(serde), told);
        }
    }
}
