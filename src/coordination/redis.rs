//! Coordination over Redis. Every call gives up within a fraction of a second and then leaves Redis alone for
//! a moment, so that a dead server costs one slow answer and not one per request.

use super::local::Local;
use super::{ANY_TOPIC, InvalidRedisUrl, RateDecision};
use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, RedisError, Script};
use futures_util::StreamExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One command may take this long.
const ANSWER_WITHIN: Duration = Duration::from_millis(250);
/// After a failure Redis is not asked for this long.
const LEAVE_ALONE: Duration = Duration::from_secs(1);

const HIT: &str = r"
local hits = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {hits, left}";

const LEASE: &str = r"
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1";

/// A shared server with this process to fall back on.
pub struct Shared {
    near: Local,
    connection: ConnectionManager,
    client: Client,
    prefix: String,
    /// Tells this process from the others, for leases and for its own hints.
    me: String,
    hit: Script,
    lease: Script,
    asked_again_at: Mutex<Option<Instant>>,
    failures: AtomicU64,
}

impl Shared {
    pub(super) fn start(url: &str, prefix: &str) -> Result<Arc<Self>, InvalidRedisUrl> {
        let client = Client::open(url).map_err(|_may_hold_a_password| InvalidRedisUrl)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(ANSWER_WITHIN))
            .set_connection_timeout(Some(ANSWER_WITHIN))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), config)
            .map_err(|_may_hold_a_password| InvalidRedisUrl)?;
        let mut random = [0_u8; 12];
        aws_lc_rs::rand::fill(&mut random).map_err(|_no_randomness| InvalidRedisUrl)?;
        let shared = Arc::new(Self {
            near: Local::default(),
            connection,
            client,
            prefix: prefix.to_owned(),
            me: random.iter().map(|byte| format!("{byte:02x}")).collect(),
            hit: Script::new(HIT),
            lease: Script::new(LEASE),
            asked_again_at: Mutex::new(None),
            failures: AtomicU64::new(0),
        });
        tokio::spawn(listen(Arc::downgrade(&shared)));
        Ok(shared)
    }

    pub(super) const fn near(&self) -> &Local {
        &self.near
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}{kind}:{name}", self.prefix)
    }

    fn channel(&self) -> String {
        format!("{}hints", self.prefix)
    }

    /// Runs one exchange unless Redis failed a moment ago; `None` when it did not answer.
    async fn ask<T>(&self, exchange: impl Future<Output = Result<T, RedisError>>) -> Option<T> {
        let rests =
            self.asked_again_at.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at > Instant::now());
        if rests {
            return None;
        }
        match tokio::time::timeout(ANSWER_WITHIN * 2, exchange).await {
            Ok(Ok(answer)) => {
                if self.failures.swap(0, Ordering::Relaxed) > 0 {
                    tracing::info!("redis answers again");
                }
                Some(answer)
            }
            Ok(Err(error)) => self.failed(&error.to_string()),
            Err(_elapsed) => self.failed("no answer in time"),
        }
    }

    fn failed<T>(&self, why: &str) -> Option<T> {
        *self.asked_again_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + LEAVE_ALONE);
        if self.failures.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!(why, "redis does not answer; this process goes on by itself");
        }
        None
    }

    pub(super) fn publish(self: &Arc<Self>, topic: &str) {
        let (shared, message) = (Arc::clone(self), format!("{} {topic}", self.me));
        tokio::spawn(async move {
            let mut connection = shared.connection.clone();
            let exchange = async {
                ::redis::cmd("PUBLISH").arg(shared.channel()).arg(message).query_async::<i64>(&mut connection).await
            };
            // Lost hints are allowed: every reader also looks by itself.
            let _readers = shared.ask(exchange).await;
        });
    }

    pub(super) async fn hit(&self, key: &str, limit: u32, window: Duration) -> Option<RateDecision> {
        let mut connection = self.connection.clone();
        let window_ms = u64::try_from(window.as_millis()).unwrap_or(u64::MAX).max(1);
        let (hits, left_ms): (u64, u64) =
            self.ask(self.hit.key(self.key("hit", key)).arg(window_ms).invoke_async(&mut connection)).await?;
        Some(RateDecision::after(hits, limit, Duration::from_millis(left_ms)))
    }

    pub(super) async fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        let mut connection = self.connection.clone();
        let key = self.key("cache", key);
        let bytes: Option<Vec<u8>> =
            self.ask(async { ::redis::cmd("GET").arg(key).query_async(&mut connection).await }).await?;
        bytes.map(Arc::from)
    }

    pub(super) async fn put(&self, key: &str, bytes: &Arc<[u8]>, ttl: Duration) {
        let mut connection = self.connection.clone();
        let key = self.key("cache", key);
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        let exchange = async {
            ::redis::cmd("SET").arg(key).arg(&**bytes).arg("PX").arg(ttl_ms).query_async::<()>(&mut connection).await
        };
        let _kept = self.ask(exchange).await;
    }

    pub(super) async fn lease(&self, name: &str, ttl: Duration) -> Option<bool> {
        let mut connection = self.connection.clone();
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        let held: i64 = self
            .ask(self.lease.key(self.key("lease", name)).arg(&self.me).arg(ttl_ms).invoke_async(&mut connection))
            .await?;
        Some(held == 1)
    }

    pub(super) async fn answers(&self) -> bool {
        let mut connection = self.connection.clone();
        let exchange = async { ::redis::cmd("PING").query_async::<String>(&mut connection).await };
        self.ask(exchange).await.is_some()
    }
}

/// Passes the hints of other processes on until this process lets go of the coordination.
async fn listen(shared: std::sync::Weak<Shared>) {
    loop {
        let Some(strong) = shared.upgrade() else { return };
        let (client, channel, me) = (strong.client.clone(), strong.channel(), strong.me.clone());
        drop(strong);
        if let Ok(mut subscription) = client.get_async_pubsub().await
            && subscription.subscribe(&channel).await.is_ok()
        {
            // Whatever was said while nobody listened is lost: look at everything.
            pass_on(&shared, ANY_TOPIC);
            let mut messages = subscription.on_message();
            while let Some(message) = messages.next().await {
                let Ok(text) = message.get_payload::<String>() else { continue };
                if let Some((sender, topic)) = text.split_once(' ')
                    && sender != me
                    && !pass_on(&shared, topic)
                {
                    return;
                }
            }
        }
        tokio::time::sleep(LEAVE_ALONE).await;
    }
}

fn pass_on(shared: &std::sync::Weak<Shared>, topic: &str) -> bool {
    shared.upgrade().is_some_and(|shared| {
        shared.near().hint(topic);
        true
    })
}
