//! Reads the sources and fails on what the house does not allow: an import against the arrows, a library
//! outside its room, files and functions that grew too long, names that say nothing, tests that wait.

mod source;

use source::{Function, blank, functions, references, test_lines, tokens};
use std::collections::BTreeSet;
use std::path::Path;

/// Which room may import which; what is not named is refused. The map in `src/README.md` says the same.
const ROOMS: [(&str, &[&str]); 15] = [
    ("main", &["app", "config", "telemetry", "api", "portal", "workers", "scenario", "interop"]),
    ("lib", &[]),
    (
        "app",
        &[
            "config",
            "telemetry",
            "api",
            "portal",
            "workers",
            "scenario",
            "interop",
            "actions",
            "store",
            "coordination",
            "domain",
        ],
    ),
    ("config", &["domain"]),
    ("telemetry", &["config"]),
    ("api", &["interop", "actions", "domain"]),
    ("portal", &["interop", "actions", "domain"]),
    ("workers", &["interop", "actions", "domain"]),
    ("scenario", &["domain"]),
    ("interop", &["actions", "domain"]),
    ("actions", &["store", "coordination", "domain"]),
    ("store", &["domain"]),
    ("coordination", &["domain"]),
    ("domain", &[]),
    ("build", &[]),
];

/// Libraries that have a room of their own.
const LIBRARIES: [(&str, &[&str]); 22] = [
    ("diesel", &["store"]),
    ("diesel_migrations", &["store"]),
    ("libsqlite3_sys", &["store"]),
    ("pq_sys", &["store"]),
    ("reqwest", &["interop", "scenario"]),
    ("redis", &["coordination"]),
    ("governor", &["coordination"]),
    ("actix_web", &["api", "portal", "app", "main"]),
    ("actix_rt", &["api", "portal", "app", "main"]),
    ("utoipa", &["api", "app"]),
    ("utoipa_swagger_ui", &["api", "app"]),
    ("askama", &["portal"]),
    ("fluent_bundle", &["portal"]),
    ("icu_calendar", &["portal"]),
    ("icu_datetime", &["portal"]),
    ("icu_decimal", &["portal"]),
    ("clap", &["main", "app", "config"]),
    ("comfy_table", &["scenario", "app"]),
    ("indicatif", &["scenario", "app"]),
    ("metrics_exporter_prometheus", &["telemetry", "app"]),
    ("tracing_subscriber", &["telemetry", "app"]),
    ("argon2", &["actions"]),
];

/// All that `domain` may use from outside.
const DOMAIN_LIBRARIES: [&str; 5] = ["serde", "serde_json", "jiff", "thiserror", "uuid"];

/// Parts of the standard library that would let `domain` see the world.
const WORLD: [&str; 6] = ["env", "fs", "net", "process", "thread", "io"];

const VAGUE: [&str; 11] =
    ["utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "data", "shared", "stuff"];

/// About 400 and about 60: a little air, so that nobody cuts a sentence to save a line.
const FILE_LINES: usize = 420;
const FUNCTION_LINES: usize = 66;

/// One file: its path below the repository, with `/` between, and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    /// The module path below `src`, such as `["api", "problem"]`.
    fn modules(&self) -> Vec<&str> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let stem = inside.strip_suffix(".rs").unwrap_or(inside);
        stem.split('/').filter(|part| *part != "mod").collect()
    }

    fn room(&self) -> &str {
        self.modules().first().copied().unwrap_or_default()
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder of the repository whose name ends so; what tools generate is left out.
fn files(folder: &str, ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    let mut waiting = vec![repository().join(folder)];
    while let Some(next) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for entry in entries.map(Result::unwrap) {
            let path = entry.path();
            let name = entry.file_name().into_string().unwrap();
            if path.is_dir() {
                if name != "target" && name != ".git" {
                    waiting.push(path);
                }
            } else if name.ends_with(ending)
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                let below = path.strip_prefix(repository()).unwrap();
                found.push(File { path: below.to_str().unwrap().replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn is_generated(file: &File) -> bool {
    file.path == "src/store/schema.rs"
}

/// Imports against the arrows, also those that climb with `super` or hide in a group.
fn wrong_arrows(file: &File) -> Vec<String> {
    let (room, modules) = (file.room(), file.modules());
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{}: no such room in the map: {room}", file.path)];
    };
    let names: BTreeSet<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
    let mut found = Vec::new();
    for reference in references(&tokens(&blank(&file.text))) {
        // Below the root, `super` stays inside the room until it has climbed out of every module.
        let stays_inside = reference.supers > 0 && reference.supers < modules.len() + reference.inline;
        let target = reference.segment.as_str();
        if stays_inside || target == room || !names.contains(target) || room == "lib" {
            continue;
        }
        if !allowed.contains(&target) {
            found.push(format!("{}:{}: {room} may not import {target}", file.path, reference.line));
        }
    }
    found
}

/// Libraries outside their room, the world inside `domain`, and edges that reach the store through the hub.
fn wrong_libraries(file: &File, dependencies: &BTreeSet<String>) -> Vec<String> {
    let room = file.room();
    let all = tokens(&blank(&file.text));
    let tested = test_lines(&all);
    let text_at = |at: usize| all.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let before = if at == 0 { "" } else { text_at(at - 1) };
        let mut say = |what: String| found.push(format!("{}:{}: {what}", file.path, token.line));
        let starts_path = before != "::" && before != "." && text_at(at + 1) == "::";
        let word = token.text.as_str();
        if starts_path && let Some((name, rooms)) = LIBRARIES.iter().find(|(name, _)| *name == word) {
            if !rooms.contains(&room) {
                say(format!("{name} belongs in {}", rooms.join(", ")));
            }
        } else if starts_path && room == "domain" && dependencies.contains(word) && !DOMAIN_LIBRARIES.contains(&word) {
            say(format!("domain may not use {word}"));
        }
        let in_test = tested.iter().any(|(first, last)| (*first..=*last).contains(&token.line));
        if room == "domain"
            && !in_test
            && before == "::"
            && at >= 2
            && text_at(at - 2) == "std"
            && WORLD.contains(&word)
        {
            say(format!("domain may not see std::{word}"));
        }
        if room == "domain" && !in_test && word == "now" && text_at(at + 1) == "(" && before == "::" {
            say("domain may not read a clock".to_owned());
        }
        let is_edge = ["api", "portal", "workers", "interop", "scenario"].contains(&room);
        if is_edge && word == "store" && before == "." && text_at(at + 1) != "(" {
            say(format!("{room} reaches the store through the hub"));
        }
    }
    found
}

fn too_long(file: &File) -> Vec<String> {
    if is_generated(file) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let lines = file.text.lines().count();
    if lines > FILE_LINES {
        found.push(format!("{}: {lines} lines; split it by noun or verb", file.path));
    }
    let all = tokens(&blank(&file.text));
    let tested = test_lines(&all);
    for function in functions(&all) {
        let in_test = tested.iter().any(|(first, last)| (*first..=*last).contains(&function.line));
        if function.lines > FUNCTION_LINES && !in_test && file.path.starts_with("src/") {
            let Function { name, line, lines } = function;
            found.push(format!("{}:{line}: fn {name} has {lines} lines", file.path));
        }
    }
    found
}

/// Names without meaning, files that do not say what they are for, tests that are switched off or wait.
fn bad_habits(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(name) = file.modules().iter().find(|name| VAGUE.contains(name)) {
        found.push(format!("{}: a room called {name} says nothing", file.path));
    }
    let opens_with_purpose =
        file.text.lines().find(|line| !line.trim().is_empty()).is_some_and(|l| l.starts_with("//!"));
    if !opens_with_purpose && !is_generated(file) {
        found.push(format!("{}: opens without a //! sentence that says what it is for", file.path));
    }
    let all = tokens(&blank(&file.text));
    let tested = test_lines(&all);
    for (at, token) in all.iter().enumerate() {
        let next = all.get(at + 1).map_or("", |token| token.text.as_str());
        let before = if at == 0 { "" } else { all[at - 1].text.as_str() };
        let in_test = file.path.starts_with("tests/")
            || tested.iter().any(|(first, last)| (*first..=*last).contains(&token.line));
        let what = match (token.text.as_str(), next) {
            ("ignore", _) if before == "[" => "an ignored test",
            ("sleep", "(") if in_test => "a test that waits for time to pass",
            ("todo" | "unimplemented", "!") => "a stub",
            _ => continue,
        };
        found.push(format!("{}:{}: {what}", file.path, token.line));
    }
    found
}

/// Paths that exist on one machine only.
fn machine_paths(file: &File) -> Vec<String> {
    let starts =
        [["/wo", "rk/"], ["/ro", "ot/"], ["/fa", "rm/"], ["/ho", "me/"], ["/tm", "p/"]].map(|parts| parts.concat());
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| starts.iter().any(|start| line.contains(start.as_str())))
        .map(|(index, _)| format!("{}:{}: a path of one machine", file.path, index + 1))
        .collect()
}

/// The names of `[dependencies]`, as code spells them.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let section = manifest.split("\n[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let names = section.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim().replace('-', "_"));
    names.filter(|name| !name.starts_with('#')).collect()
}

/// Folders of code, and the four beside it, that do not open with a README.
fn unexplained_folders(sources: &[File], explained: &BTreeSet<String>) -> Vec<String> {
    let mut folders: BTreeSet<String> = ["src", "tests", "migrations", "openapi"].map(str::to_owned).into();
    folders.extend(sources.iter().filter_map(|file| file.path.rsplit_once('/')).map(|(folder, _)| folder.to_owned()));
    folders.difference(explained).map(|folder| format!("{folder}: no README.md")).collect()
}

fn assert_none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn sources() -> Vec<File> {
    let found = files("src", ".rs");
    assert!(found.len() > 5, "the sources were not found");
    found
}

#[test]
fn imports_follow_the_arrows() {
    assert_none(sources().iter().flat_map(wrong_arrows).collect());
}

#[test]
fn each_library_stays_in_its_room() {
    let known = dependencies(&std::fs::read_to_string(repository().join("Cargo.toml")).unwrap());
    assert!(known.contains("actix_web") && !known.contains("proptest"));
    assert_none(sources().iter().flat_map(|file| wrong_libraries(file, &known)).collect());
}

#[test]
fn files_and_functions_stay_short() {
    assert_none(sources().iter().chain(&files("tests", ".rs")).flat_map(too_long).collect());
}

#[test]
fn names_say_something_and_tests_do_not_wait() {
    assert_none(sources().iter().chain(&files("tests", ".rs")).flat_map(bad_habits).collect());
}

#[test]
fn every_folder_says_what_lives_in_it() {
    let sources: Vec<File> = sources().into_iter().chain(files("tests", ".rs")).collect();
    let readmes = files("", "README.md");
    let explained = readmes.iter().filter_map(|file| file.path.rsplit_once('/')).map(|(folder, _)| folder.to_owned());
    assert_none(unexplained_folders(&sources, &explained.collect()));
}

#[test]
fn nothing_names_a_path_of_one_machine() {
    let endings = [".rs", ".md", ".toml", ".sql", ".sh", ".html", ".css", ".js", ".yml", ".yaml", ".json", "/run"];
    let texts = files("", "").into_iter().filter(|file| endings.iter().any(|ending| file.path.ends_with(ending)));
    assert_none(texts.flat_map(|file| machine_paths(&file)).collect());
}

#[cfg(test)]
mod planted {
    //! Each rule catches what it is there for.
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn an_arrow_that_points_left_is_caught() {
        let caught = |path, text| wrong_arrows(&file(path, text)).len();
        assert_eq!(caught("src/domain/lot.rs", "use crate::store::lots;"), 1);
        assert_eq!(caught("src/api/lots.rs", "use crate::{actions::Hub, store::lots};"), 1);
        assert_eq!(caught("src/api/lots.rs", "fn f() { crate::store::lots::find() }"), 1);
        assert_eq!(caught("src/store/lots.rs", "use super::super::actions;"), 1);
        assert_eq!(caught("src/store/lots.rs", "mod tests { use super::super::super::actions; }"), 1);
        assert_eq!(caught("src/store/mod.rs", "use super::actions;"), 1);
        assert_eq!(caught("src/scenario/mod.rs", "use crate::actions::Hub;"), 1);
        assert_eq!(caught("src/main.rs", "fn main() { milkbridge::store::open() }"), 1);
        assert_eq!(caught("src/cupboard/mod.rs", ""), 1);
        assert_eq!(caught("src/api/lots.rs", "use crate::{actions::Hub, domain::{ids, time}};\nuse super::auth;"), 0);
        assert_eq!(caught("src/store/lots.rs", "mod tests { use super::super::actions_table; } // crate::api"), 0);
    }

    #[test]
    fn a_library_outside_its_room_is_caught() {
        let known: BTreeSet<String> = ["tokio", "jiff", "diesel"].map(str::to_owned).into();
        let caught = |path, text| wrong_libraries(&file(path, text), &known).len();
        assert_eq!(caught("src/api/lots.rs", "use diesel::prelude::*;"), 1);
        assert_eq!(caught("src/actions/lots.rs", "#[derive(diesel::Queryable)] struct Row;"), 1);
        assert_eq!(caught("src/domain/lot.rs", "use tokio::sync::Mutex;"), 1);
        assert_eq!(caught("src/domain/lot.rs", "let t = std::time::SystemTime::now();"), 1);
        assert_eq!(caught("src/domain/lot.rs", "let t = std::env::var(x);"), 1);
        assert_eq!(caught("src/portal/pages.rs", "hub.store.read(job)"), 1);
        assert_eq!(caught("src/store/lots.rs", "use diesel::prelude::*; use crate::domain::redis_free;"), 0);
        assert_eq!(caught("src/api/lots.rs", "flag.store(true, Relaxed); // diesel::x"), 0);
    }

    #[test]
    fn growth_is_caught() {
        let long_file = file("src/api/lots.rs", &"//! x\n".repeat(FILE_LINES + 1));
        assert_eq!(too_long(&long_file).len(), 1);
        let body = "let a = 1;\n".repeat(FUNCTION_LINES);
        assert_eq!(too_long(&file("src/api/lots.rs", &format!("fn f() {{\n{body}}}"))).len(), 1);
        assert_eq!(
            too_long(&file("src/api/lots.rs", &format!("#[cfg(test)]\nmod t {{ fn f() {{\n{body}}} }}"))).len(),
            0
        );
        assert_eq!(too_long(&file("src/store/schema.rs", &long_file.text)).len(), 0);
    }

    #[test]
    fn bad_habits_are_caught() {
        let caught = |path, text: &str| bad_habits(&file(path, &format!("//! Says why.\n{text}"))).len();
        assert_eq!(caught("src/api/utils.rs", ""), 1);
        assert_eq!(caught("src/api/common/lots.rs", ""), 1);
        assert_eq!(caught("tests/it/lots.rs", "#[ignore] fn f() {}"), 1);
        assert_eq!(caught("tests/it/lots.rs", "tokio::time::sleep(second).await;"), 1);
        assert_eq!(caught("src/api/lots.rs", "#[cfg(test)] mod tests { fn f() { sleep(1) } }"), 1);
        assert_eq!(caught("src/api/lots.rs", "fn f() { todo!() }"), 1);
        assert_eq!(caught("src/api/lots.rs", "fn f() { sleep(1) } // todo!"), 0);
        assert_eq!(bad_habits(&file("src/api/lots.rs", "fn f() {}")).len(), 1);
    }

    #[test]
    fn a_folder_without_a_readme_is_caught() {
        let known: BTreeSet<String> = ["src", "tests", "migrations", "openapi", "src/api"].map(str::to_owned).into();
        assert_eq!(unexplained_folders(&[file("src/api/lots.rs", "")], &known).len(), 0);
        assert_eq!(unexplained_folders(&[file("src/store/lots.rs", "")], &known), ["src/store: no README.md"]);
    }

    #[test]
    fn a_path_of_one_machine_is_caught() {
        let planted = file("README.md", &format!("open {}x\n", ["/ro", "ot/"].concat()));
        assert_eq!(machine_paths(&planted).len(), 1);
        assert_eq!(machine_paths(&file("README.md", "open /v1/lots and /livez")).len(), 0);
    }
}
