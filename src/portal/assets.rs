//! The files that pages load: stylesheet, icons, our own script. They are part of the program; the address of
//! each carries a hash of all of them, so that a browser may keep them for ever and never mixes two releases.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, web};
use aws_lc_rs::digest;
use std::sync::OnceLock;

/// One file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal: $kind:expr),+ $(,)?) => {
        /// Every file, by name.
        const ASSETS: &[Asset] = &[
            $(Asset { name: $name, kind: $kind, bytes: include_bytes!(concat!("assets/", $name)) }),+
        ];
    };
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

assets!(
    "style.css": CSS,
    "portal.css": CSS,
    "icons.svg": SVG,
    "mark.svg": SVG,
    "portal.js": SCRIPT,
    "camera.js": SCRIPT,
    "check.js": SCRIPT,
    "countdown.js": SCRIPT,
    "dispatch.js": SCRIPT,
    "driver-proofs.js": SCRIPT,
    "driver.js": SCRIPT,
    "forms.js": SCRIPT,
    "live.js": SCRIPT,
    "lock.js": SCRIPT,
    "need.js": SCRIPT,
    "scan.js": SCRIPT,
    "shortcuts.js": SCRIPT,
    "steps.js": SCRIPT,
);

/// The first 16 hexadecimal digits of the SHA-256 over all files.
fn release() -> &'static str {
    static RELEASE: OnceLock<String> = OnceLock::new();
    RELEASE.get_or_init(|| {
        let mut context = digest::Context::new(&digest::SHA256);
        for asset in ASSETS {
            context.update(asset.name.as_bytes());
            context.update(asset.bytes);
        }
        context.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    })
}

/// The address of a file.
#[must_use]
pub fn address(name: &str) -> String {
    format!("{}/assets/{}/{name}", super::ROOT, release())
}

/// Adds the route of all files.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/assets/{release}/{name}", web::get().to(send));
}

async fn send(path: web::Path<(String, String)>) -> HttpResponse {
    let (of, name) = path.into_inner();
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return HttpResponse::NotFound().finish();
    };
    // A page of an older release gets today's file, but may not keep it under the old address.
    let keep = if of == release() { "public, max-age=31536000, immutable" } else { "no-cache" };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.kind))
        .insert_header((CACHE_CONTROL, keep))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(asset.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_that_a_page_uses_is_drawn() {
        let sprite = include_str!("assets/icons.svg");
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/portal");
        let mut waiting = vec![folder];
        while let Some(next) = waiting.pop() {
            for entry in std::fs::read_dir(next).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                for name in text.split("icon(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert!(sprite.contains(&format!("id=\"i-{name}\"")), "{}: no icon {name}", path.display());
                }
            }
        }
    }

    #[test]
    fn the_address_names_the_release() {
        assert!(address("style.css").starts_with("/portal/assets/"));
        assert_eq!(release().len(), 16);
    }

    #[test]
    fn the_two_dark_blocks_of_tokens_are_equal() {
        let style = include_str!("assets/style.css");
        let tokens = |opening: &str| {
            let block = style.split(opening).nth(1).unwrap().split('}').next().unwrap();
            let mut all: Vec<String> = block
                .split(';')
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .filter(|line| line.starts_with("--"))
                .collect();
            all.sort();
            all
        };
        assert_eq!(tokens(":root:not([data-theme=\"light\"]) {"), tokens(":root[data-theme=\"dark\"] {"));
    }
}
