//! PostgreSQL goes away and comes back: refusals are quick, nothing hangs, and nobody has to restart the hub.

use super::fixture::{TestStore, block_on, postgres_url};
use super::proxy::Proxy;
use diesel::prelude::*;
use milkbridge::store::schema::hub_settings as settings;
use milkbridge::store::{Store, StoreError, StoreOptions, StoreTarget};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// Far more than a refusal takes, far less than a person waits.
const QUICK: Duration = Duration::from_secs(2);

/// A migrated store behind a proxy. The direct store owns the schema and must outlive the test.
struct Behind {
    proxy: Proxy,
    store: Store,
    _direct: TestStore,
}

fn behind_proxy(options: StoreOptions) -> Option<Behind> {
    let direct = TestStore::postgres()?;
    let StoreTarget::Postgres(url) = &direct.target else { panic!("a postgres target") };
    let server = host_and_port(url);
    let proxy = Proxy::to(&server);
    let url = url.replacen(&server, &proxy.address(), 1);
    let store = Store::open(&StoreTarget::Postgres(url), options).expect("the store opens through the proxy");
    Some(Behind { proxy, store, _direct: direct })
}

/// `host:port` of a URL such as `postgres://user@host:port/name?…`.
fn host_and_port(url: &str) -> String {
    let rest = url.split_once("://").expect("a URL").1;
    let authority = rest.split(['/', '?']).next().expect("an authority");
    let server = authority.rsplit('@').next().expect("a server");
    assert!(server.contains(':'), "TEST_DATABASE_URL names no port: the outage tests need host:port");
    server.to_owned()
}

async fn count(store: &Store) -> Result<i64, StoreError> {
    store.read(|conn| Ok(settings::table.count().get_result(conn)?)).await
}

async fn keep(store: &Store, name: &'static str) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            diesel::insert_into(settings::table)
                .values((settings::name.eq(name), settings::value.eq("kept")))
                .execute(conn)?;
            Ok(())
        })
        .await
}

/// Opens as many connections as take part by making them wait for each other.
async fn open_connections(store: &Store, connections: usize) {
    let all = Arc::new(Barrier::new(connections));
    let reads: Vec<_> = (0..connections)
        .map(|_| {
            let (store, all) = (store.clone(), Arc::clone(&all));
            tokio::spawn(async move {
                store
                    .read(move |conn| {
                        all.wait();
                        Ok::<i64, StoreError>(settings::table.count().get_result(conn)?)
                    })
                    .await
            })
        })
        .collect();
    for read in reads {
        read.await.unwrap().unwrap();
    }
}

#[test]
fn a_dead_database_is_unavailable_at_once_and_usable_when_it_is_back() {
    let Some(mut behind) = behind_proxy(StoreOptions::default()) else { return };
    block_on(async {
        let store = behind.store.clone();
        keep(&store, "before").await.unwrap();
        open_connections(&store, 6).await;
        behind.proxy.cut();
        for _ in 0..8 {
            let asked = Instant::now();
            let read = count(&store).await;
            let write = keep(&store, "during").await;
            let ping = store.ping().await;
            assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
            assert!(matches!(write, Err(StoreError::Unavailable(_))), "{write:?}");
            assert!(matches!(ping, Err(StoreError::Unavailable(_))), "{ping:?}");
            assert!(asked.elapsed() < QUICK, "a refusal took {:?}", asked.elapsed());
        }
        behind.proxy.restore();
        assert_eq!(count(&store).await, Ok(1));
        keep(&store, "after").await.unwrap();
        assert_eq!(count(&store).await, Ok(2));
    });
}

#[test]
fn connections_lost_unnoticed_cost_one_read_and_no_write() {
    let Some(mut behind) = behind_proxy(StoreOptions::default()) else { return };
    block_on(async {
        let store = behind.store.clone();
        open_connections(&store, 6).await;
        behind.proxy.cut();
        behind.proxy.restore();
        keep(&store, "first").await.expect("a write that was not yet sent is tried on a new connection");
        for _ in 0..6 {
            assert_eq!(count(&store).await, Ok(1));
        }

        open_connections(&store, 6).await;
        behind.proxy.cut();
        behind.proxy.restore();
        let first = count(&store).await;
        assert!(matches!(first, Err(StoreError::Unavailable(_))), "{first:?}");
        for _ in 0..6 {
            assert_eq!(count(&store).await, Ok(1));
        }
    });
}

#[test]
fn a_database_that_hangs_is_given_up() {
    let options = StoreOptions {
        postgres_connections: 1,
        answer_within: Duration::from_millis(200),
        wait_for_connection: Duration::from_millis(200),
        ..StoreOptions::default()
    };
    let Some(behind) = behind_proxy(options) else { return };
    block_on(async {
        let mut behind = behind;
        let store = behind.store.clone();
        keep(&store, "before").await.unwrap();
        behind.proxy.hush();
        let asked = Instant::now();
        for _ in 0..2 {
            let read = count(&store).await;
            assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
        }
        assert!(asked.elapsed() < QUICK, "giving up took {:?}", asked.elapsed());
        behind.proxy.cut();
        behind.proxy.restore();
        // The abandoned job gives its permit back once its connection is reset.
        loop {
            match count(&store).await {
                Ok(kept) => break assert_eq!(kept, 1),
                Err(error) => assert!(error.is_unavailable(), "{error:?}"),
            }
        }
    });
}

#[test]
fn a_store_does_not_open_on_a_dead_server() {
    if postgres_url().is_none() {
        return;
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let target = StoreTarget::Postgres(format!("postgres://nobody@{nobody}/nothing"));
    let opened = Store::open(&target, StoreOptions::default());
    assert!(matches!(opened, Err(StoreError::Unavailable(_))), "{opened:?}");
}
