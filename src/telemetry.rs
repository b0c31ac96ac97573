//! Logs and figures. Logs go to standard error, one line per event; nothing here sees a token or a body.

use crate::config::{Config, LogFormat};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};
use tracing_subscriber::EnvFilter;

/// Upper bounds of the request histogram, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Starts writing logs as the configuration says; a second call in one process changes nothing.
pub fn start_logs(config: &Config) {
    let filter = EnvFilter::try_new(&config.log_filter).unwrap_or_else(|_unreadable| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match config.log_format {
        LogFormat::Text => builder.with_target(false).try_init().is_ok(),
        LogFormat::Json => builder.json().try_init().is_ok(),
    };
    if !started {
        tracing::debug!("logs were started before");
    }
}

/// Starts counting and gives the text of the figures. One recorder serves all hubs of a process.
#[must_use]
pub fn start_figures() -> Arc<dyn Fn() -> String + Send + Sync> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| {
        let request_seconds = Matcher::Full("milkbridge_http_request_seconds".to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(request_seconds, &BUCKETS).ok()?;
        let handle = builder.install_recorder().ok()?;
        metrics::describe_histogram!(
            "milkbridge_request_to_first_offer_seconds",
            metrics::Unit::Seconds,
            "Time from a request to its first offer."
        );
        metrics::describe_counter!("milkbridge_http_requests_total", "Requests answered.");
        metrics::describe_histogram!("milkbridge_http_request_seconds", metrics::Unit::Seconds, "Time to the answer.");
        Some(handle)
    });
    Arc::new(move || handle.as_ref().map(PrometheusHandle::render).unwrap_or_default())
}
