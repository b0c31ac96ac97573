//! Server-sent events: an open page hears that something changed for its site and looks again. One watcher per
//! process reads what happened; a page is told that there is news, never what it is.

use super::signed::{Signed, permit::ReadNetwork};
use super::state::Shown;
use crate::actions::feed::{News, newest_news};
use crate::actions::{Hub, WORK};
use crate::domain::actor::Actor;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ContentEncoding};
use actix_web::{HttpResponse, web};
use futures_util::stream;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Happenings that are looked at together.
const NEWEST: i64 = 300;
/// News that come together are told together.
const GATHER: Duration = Duration::from_millis(150);
/// Hints may be lost: the watcher looks at least this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A line without meaning keeps proxies from closing a quiet stream.
const BREATH: Duration = Duration::from_secs(20);

/// Adds the route of the stream.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/stream", web::get().to(stream_of_news));
}

type Bundle = Arc<Vec<News>>;

/// Hands news from the watcher to the open pages.
#[derive(Clone)]
pub struct NewsDesk {
    sender: broadcast::Sender<Bundle>,
    closing: Arc<watch::Sender<bool>>,
}

impl Default for NewsDesk {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(64), closing: Arc::new(watch::Sender::new(false)) }
    }
}

impl NewsDesk {
    /// Ends every stream, so that a stopping hub does not wait for readers.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }
}

/// Watches the hub for news until it is aborted.
pub async fn watch_for_news(hub: Hub, desk: NewsDesk) {
    let mut hints = hub.coordination.subscribe();
    let mut seen: Option<BTreeSet<i64>> = None;
    loop {
        let _hinted = hints.wait_for(WORK, LOOK_EVERY).await;
        tokio::time::sleep(GATHER).await;
        if desk.sender.receiver_count() == 0 {
            seen = None;
            continue;
        }
        let Ok(newest) = hub.read(|conn| newest_news(conn, NEWEST)).await else { continue };
        let numbers: BTreeSet<i64> = newest.iter().map(|news| news.number).collect();
        // Whoever came while nobody watched is told once too often rather than too seldom.
        let fresh: Vec<News> = match &seen {
            Some(seen) => newest.into_iter().filter(|news| !seen.contains(&news.number)).collect(),
            None => newest.into_iter().take(1).collect(),
        };
        seen = Some(numbers);
        if !fresh.is_empty() {
            // Nobody listens any more: as good.
            drop(desk.sender.send(Arc::new(fresh)));
        }
    }
}

struct Listener {
    actor: Actor,
    news: broadcast::Receiver<Bundle>,
    closing: watch::Receiver<bool>,
    greeted: bool,
}

impl Listener {
    /// The next piece of the stream; `None` ends it.
    async fn next(mut self) -> Option<(Result<web::Bytes, actix_web::Error>, Self)> {
        if !self.greeted {
            self.greeted = true;
            return Some((Ok(web::Bytes::from_static(b"retry: 3000\n\n")), self));
        }
        if *self.closing.borrow() {
            return None;
        }
        loop {
            tokio::select! {
                _closed = self.closing.changed() => return None,
                heard = self.news.recv() => match heard {
                    Ok(news) if !news.iter().any(|piece| piece.concerns(&self.actor)) => {}
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {
                        return Some((Ok(web::Bytes::from_static(b"event: changed\ndata: 1\n\n")), self));
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                () = tokio::time::sleep(BREATH) => return Some((Ok(web::Bytes::from_static(b":\n\n")), self)),
            }
        }
    }
}

async fn stream_of_news(visitor: Signed<ReadNetwork>) -> Shown {
    let desk = &visitor.state().news;
    let listener = Listener {
        actor: visitor.actor().clone(),
        news: desk.sender.subscribe(),
        closing: desk.closing.subscribe(),
        greeted: false,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // A compressor would keep the news back until it has enough of them.
        .insert_header(ContentEncoding::Identity)
        .streaming(stream::unfold(listener, Listener::next)))
}
