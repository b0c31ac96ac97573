//! What an operator runs beside the hub: whether the configuration works, and an emergency end of all keys.

use super::{AppError, key_encryption_key, open_hub, open_store, store_target};
use crate::actions::identity::Authority;
use crate::config::Config;
use crate::coordination::CoordinationState;
use crate::interop::documents::{Fonts, Script};
use crate::store::Backend;

/// Prints what of the configuration works, one line each.
///
/// # Errors
/// `Settings` when the hub would not start.
pub async fn doctor(config: &Config) -> Result<(), AppError> {
    let mut faults = 0;
    let mut say = |name: &str, outcome: Result<String, String>| match outcome {
        Ok(text) => println!("ok    {name}: {text}"),
        Err(text) => {
            faults += 1;
            println!("FAULT {name}: {text}");
        }
    };
    let backend = match store_target(config).backend() {
        Backend::Sqlite => "SQLite",
        Backend::Postgres => "PostgreSQL",
    };
    let store = open_store(config).await;
    say("database", store.as_ref().map(|_| format!("{backend}, up to date")).map_err(ToString::to_string));
    say(
        "key-encryption key",
        key_encryption_key(config).map(|_| "32 bytes".to_owned()).map_err(|error| error.to_string()),
    );
    let issuer = config.issuer.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let guarded = issuer.starts_with("https://") || config.listen.starts_with("127.") || config.simulation;
    say(
        "issuer",
        if guarded { Ok(issuer) } else { Err(format!("{issuer} is not https; tokens would travel in clear")) },
    );
    if store.is_ok() {
        let hub = open_hub(config).await;
        let state = match &hub {
            Ok(hub) => match hub.coordination.state().await {
                CoordinationState::Degraded => Err("REDIS_URL does not answer; the hub works without it".to_owned()),
                state => Ok(state.as_str().to_owned()),
            },
            Err(error) => Err(error.to_string()),
        };
        say("coordination", state);
    }
    let fonts = Fonts::load(config.font_dir.as_deref());
    match &fonts {
        Err(error) => say("fonts", Err(error.to_string())),
        // What is missing is told and is no fault: a hub that prints no Chinese needs no Chinese font.
        Ok(fonts) => {
            let missing: Vec<&str> = fonts.missing_scripts().into_iter().map(Script::name).collect();
            let text = if missing.is_empty() {
                "Latin, Vietnamese, Chinese and Lao".to_owned()
            } else {
                format!("none for {}; put one into MILKBRIDGE_FONT_DIR to print it", missing.join(", "))
            };
            say("fonts", Ok(text));
        }
    }
    if faults == 0 { Ok(()) } else { Err(AppError::Settings(format!("{faults} of the checks failed"))) }
}

/// Ends every signing key and every token at once.
///
/// # Errors
/// As opening the hub.
pub async fn rotate_keys(config: &Config) -> Result<(), AppError> {
    let hub = open_hub(config).await?;
    let authority = Authority::open(hub, String::new(), &key_encryption_key(config)?).await?;
    authority.rotate_now().await?;
    println!("every key and every token has ended; running hubs follow within a few minutes");
    Ok(())
}
