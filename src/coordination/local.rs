//! Coordination inside one process: counters, a cache and hints in memory, each with a bound.

use super::RateDecision;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::broadcast;

/// Hints kept for a slow reader before it is told to look at everything.
const KEPT_HINTS: usize = 256;
/// Counters and cache entries kept; past it the spent ones go, and then all of them.
const KEPT_ENTRIES: usize = 20_000;
/// Readings that are kept: each may be a page of some tens of kilobytes.
const KEPT_READINGS: usize = 256;

/// What one process knows.
pub struct Local {
    hints: broadcast::Sender<Arc<str>>,
    windows: Mutex<HashMap<String, Window>>,
    cache: Mutex<HashMap<String, Kept>>,
}

struct Window {
    hits: u64,
    ends: Instant,
}

struct Kept {
    bytes: Arc<[u8]>,
    until: Instant,
}

impl Default for Local {
    fn default() -> Self {
        Self { hints: broadcast::channel(KEPT_HINTS).0, windows: Mutex::default(), cache: Mutex::default() }
    }
}

impl Local {
    pub(super) fn hint(&self, topic: &str) {
        // Without a subscriber there is nobody to wake, which is no fault.
        let _nobody_listens = self.hints.send(Arc::from(topic)).is_err();
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<str>> {
        self.hints.subscribe()
    }

    pub(super) fn hit(&self, key: &str, limit: u32, window: Duration) -> RateDecision {
        let now = Instant::now();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut windows, KEPT_ENTRIES, |open: &Window| open.ends > now);
        let open = match windows.get_mut(key) {
            Some(open) => open,
            None => windows.entry(key.to_owned()).or_insert(Window { hits: 0, ends: now + window }),
        };
        if open.ends <= now {
            *open = Window { hits: 0, ends: now + window };
        }
        open.hits = open.hits.saturating_add(1);
        RateDecision::after(open.hits, limit, open.ends.saturating_duration_since(now))
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(key).filter(|kept| kept.until > Instant::now()).map(|kept| Arc::clone(&kept.bytes))
    }

    pub(super) fn put(&self, key: &str, bytes: &Arc<[u8]>, ttl: Duration) {
        let now = Instant::now();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut cache, KEPT_READINGS, |kept: &Kept| kept.until > now);
        cache.insert(key.to_owned(), Kept { bytes: Arc::clone(bytes), until: now + ttl });
    }
}

/// Drops what is spent when the map is full, and everything when nothing was spent: forgetting is always right.
fn make_room<V>(map: &mut HashMap<String, V>, most: usize, still_counts: impl Fn(&V) -> bool) {
    if map.len() >= most {
        map.retain(|_, value| still_counts(value));
        if map.len() >= most {
            map.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_window_opens_again() {
        let local = Local::default();
        assert!(local.hit("a", 1, Duration::ZERO).allowed);
        assert!(local.hit("a", 1, Duration::ZERO).allowed);
    }

    #[test]
    fn spent_cache_entries_are_not_given() {
        let local = Local::default();
        local.put("a", &Arc::from(&b"x"[..]), Duration::ZERO);
        assert!(local.get("a").is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let local = Local::default();
        for number in 0..=KEPT_ENTRIES {
            local.hit(&number.to_string(), 1, Duration::from_secs(60));
        }
        assert!(local.windows.lock().unwrap().len() <= KEPT_ENTRIES);
    }
}
