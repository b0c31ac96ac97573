//! A radio link between a phone and the hub that can be lost: a relay of bytes on a port of its own. While it is lost,
//! connections break and new ones are dropped, as in a lift or a tunnel.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A link that can be lost.
pub struct Signal {
    /// Where the hub answers for a phone behind this link.
    pub base: String,
    lost: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Signal {
    /// A link to a hub.
    pub fn to(hub: &str) -> Self {
        let hub: SocketAddr = hub.trim_start_matches("http://").parse().expect("the hub's address");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (lost, open) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (is_lost, keep) = (Arc::clone(&lost), Arc::clone(&open));
        // The thread ends with the test's process: a listener cannot be told to stop from outside.
        thread::spawn(move || {
            for phone in listener.incoming().map_while(Result::ok) {
                if is_lost.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(hub) else { continue };
                join(&phone, &far);
                keep.lock().unwrap().extend([phone, far]);
            }
        });
        Self { base, lost, open }
    }

    /// No signal any more.
    pub fn lose(&self) {
        self.lost.store(true, Ordering::SeqCst);
        for end in self.open.lock().unwrap().drain(..) {
            drop(end.shutdown(Shutdown::Both));
        }
    }

    /// The signal is back.
    pub fn find(&self) {
        self.lost.store(false, Ordering::SeqCst);
    }
}

fn join(phone: &TcpStream, far: &TcpStream) {
    for (from, to) in [(phone, far), (far, phone)] {
        let (mut from, mut to) = (from.try_clone().expect("an end"), to.try_clone().expect("an end"));
        thread::spawn(move || {
            drop(std::io::copy(&mut from, &mut to));
            drop(to.shutdown(Shutdown::Write));
        });
    }
}
