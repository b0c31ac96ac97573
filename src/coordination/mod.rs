//! Rate limits, wake-ups, a small cache and leases: in this process alone, or shared over Redis. It holds
//! no truth. Everybody who uses it stays right when hints are lost, counters restart and leases are held twice.

mod local;
mod redis;

use self::local::Local;
use self::redis::Shared;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// The topic that stands for every topic: hints may have been lost, look at everything.
pub const ANY_TOPIC: &str = "*";

/// The answer to one more hit on a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateDecision {
    /// False when the limit was reached before this hit.
    pub allowed: bool,
    /// Hits allowed per window.
    pub limit: u32,
    /// Hits left in this window.
    pub remaining: u32,
    /// Until the window ends.
    pub reset_after: Duration,
}

impl RateDecision {
    fn after(hits: u64, limit: u32, reset_after: Duration) -> Self {
        let hits = u32::try_from(hits).unwrap_or(u32::MAX);
        Self { allowed: hits <= limit, limit, remaining: limit.saturating_sub(hits), reset_after }
    }
}

/// How coordination stands, for `/readyz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoordinationState {
    /// In this process, by choice.
    Local,
    /// Redis answers.
    Shared,
    /// Redis is configured and does not answer: this process goes on by itself.
    Degraded,
}

impl CoordinationState {
    /// The stable word for this state.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Shared => "shared",
            Self::Degraded => "degraded",
        }
    }
}

/// The Redis URL cannot be read. It is not repeated: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("REDIS_URL is not a Redis URL such as redis://127.0.0.1:6379/0")]
pub struct InvalidRedisUrl;

/// Limits, hints, cache and leases.
#[derive(Clone)]
pub enum Coordination {
    /// In this process.
    Local(Arc<Local>),
    /// Over Redis, with this process to fall back on.
    Redis(Arc<Shared>),
}

impl Coordination {
    /// Coordination within this process.
    #[must_use]
    pub fn local() -> Self {
        Self::Local(Arc::new(Local::default()))
    }

    /// Coordination over Redis; `prefix` keeps hubs that share a server apart. It does not connect yet, and a
    /// server that is down is no error. Must be called inside a Tokio runtime.
    pub fn redis(url: &str, prefix: &str) -> Result<Self, InvalidRedisUrl> {
        Ok(Self::Redis(Shared::start(url, prefix)?))
    }

    fn near(&self) -> &Local {
        match self {
            Self::Local(local) => local,
            Self::Redis(shared) => shared.near(),
        }
    }

    /// Wakes everybody who waits on a topic, here and in other processes. Call it after the commit. It may
    /// be lost.
    pub fn hint(&self, topic: &str) {
        self.near().hint(topic);
        if let Self::Redis(shared) = self {
            shared.publish(topic);
        }
    }

    /// Hints from now on.
    #[must_use]
    pub fn subscribe(&self) -> Hints {
        Hints { receiver: self.near().subscribe() }
    }

    /// Counts one hit on `key`; at most `limit` are allowed per window. The window opens with the first hit.
    pub async fn hit(&self, key: &str, limit: u32, window: Duration) -> RateDecision {
        if let Self::Redis(shared) = self
            && let Some(decision) = shared.hit(key, limit, window).await
        {
            return decision;
        }
        self.near().hit(key, limit, window)
    }

    /// The cached bytes of `key`, or what `make` gives, kept for `ttl`. Two callers may both make it.
    pub async fn cached<E>(
        &self,
        key: &str,
        ttl: Duration,
        make: impl Future<Output = Result<Arc<[u8]>, E>>,
    ) -> Result<Arc<[u8]>, E> {
        if let Some(kept) = self.near().get(key) {
            return Ok(kept);
        }
        if let Self::Redis(shared) = self
            && let Some(kept) = shared.get(key).await
        {
            self.near().put(key, &kept, ttl);
            return Ok(kept);
        }
        let made = make.await?;
        self.near().put(key, &made, ttl);
        if let Self::Redis(shared) = self {
            shared.put(key, &made, ttl).await;
        }
        Ok(made)
    }

    /// True when this process may act as the one that does `name` until `ttl` has passed; asking again renews.
    /// Without Redis, or with Redis gone, everybody may: what is done must be safe to do twice.
    pub async fn lease(&self, name: &str, ttl: Duration) -> bool {
        match self {
            Self::Local(_) => true,
            Self::Redis(shared) => shared.lease(name, ttl).await.unwrap_or(true),
        }
    }

    /// Whether Redis is used and answers.
    pub async fn state(&self) -> CoordinationState {
        match self {
            Self::Local(_) => CoordinationState::Local,
            Self::Redis(shared) if shared.answers().await => CoordinationState::Shared,
            Self::Redis(_) => CoordinationState::Degraded,
        }
    }
}

/// Hints as they arrive.
pub struct Hints {
    receiver: broadcast::Receiver<Arc<str>>,
}

impl Hints {
    /// The next topic that was hinted at; [`ANY_TOPIC`] when some were missed. Pending for ever when the
    /// coordination is gone.
    pub async fn next(&mut self) -> Arc<str> {
        match self.receiver.recv().await {
            Ok(topic) => topic,
            Err(broadcast::error::RecvError::Lagged(_)) => Arc::from(ANY_TOPIC),
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }

    /// Waits for a hint on `topic`, at most `patience`; true when there was one. A worker looks either way.
    pub async fn wait_for(&mut self, topic: &str, patience: Duration) -> bool {
        let heard = async {
            loop {
                let next = self.next().await;
                if &*next == topic || &*next == ANY_TOPIC {
                    return;
                }
            }
        };
        tokio::time::timeout(patience, heard).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_limit_counts_per_key_and_says_what_is_left() {
        let coordination = Coordination::local();
        let window = Duration::from_secs(60);
        let first = coordination.hit("a", 2, window).await;
        assert!(first.allowed && first.remaining == 1 && first.reset_after <= window);
        assert!(coordination.hit("a", 2, window).await.allowed);
        let third = coordination.hit("a", 2, window).await;
        assert!(!third.allowed && third.remaining == 0);
        assert!(coordination.hit("b", 2, window).await.allowed);
    }

    #[tokio::test]
    async fn a_hint_wakes_who_waits_on_its_topic() {
        let coordination = Coordination::local();
        let mut hints = coordination.subscribe();
        coordination.hint("other");
        coordination.hint("offers");
        assert!(hints.wait_for("offers", Duration::from_secs(30)).await);
        assert!(hints.receiver.is_empty());
    }

    #[tokio::test]
    async fn missed_hints_mean_look_at_everything() {
        let coordination = Coordination::local();
        let mut hints = coordination.subscribe();
        for _ in 0..1000 {
            coordination.hint("offers");
        }
        assert_eq!(&*hints.next().await, ANY_TOPIC);
    }

    #[tokio::test]
    async fn the_cache_makes_once_and_never_keeps_an_error() {
        let coordination = Coordination::local();
        let ttl = Duration::from_secs(60);
        let failed = coordination.cached("board", ttl, async { Err::<Arc<[u8]>, _>("down") }).await;
        assert_eq!(failed, Err("down"));
        let made = coordination.cached("board", ttl, async { Ok::<Arc<[u8]>, &str>(Arc::from(&b"one"[..])) }).await;
        let kept = coordination.cached("board", ttl, async { Err::<Arc<[u8]>, _>("made twice") }).await;
        assert_eq!(made, kept);
    }

    #[tokio::test]
    async fn a_redis_that_is_not_there_only_degrades() {
        // Port 9 (discard) on the loopback answers nobody.
        let coordination = Coordination::redis("redis://127.0.0.1:9/0", "test:").expect("a readable URL");
        assert!(coordination.hit("a", 1, Duration::from_secs(60)).await.allowed);
        assert!(!coordination.hit("a", 1, Duration::from_secs(60)).await.allowed);
        assert!(coordination.lease("relay", Duration::from_secs(5)).await);
        assert_eq!(coordination.state().await, CoordinationState::Degraded);
        assert!(Coordination::redis("not a url", "test:").is_err());
    }
}
