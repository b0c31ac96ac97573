//! A TCP proxy in front of a server, so that a test can take the server away and give it back.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Forwards to one server until it is cut.
pub struct Proxy {
    server: String,
    address: SocketAddr,
    door: Option<Door>,
}

struct Door {
    open: Arc<AtomicBool>,
    silent: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port of the loopback for the server at `host:port`.
    pub fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port is known");
        let mut proxy = Self { server: server.to_owned(), address, door: None };
        proxy.door = Some(proxy.serve(listener));
        proxy
    }

    /// `host:port` to connect to instead of the server.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Drops every connection and refuses new ones.
    pub fn cut(&mut self) {
        let Some(door) = self.door.take() else { return };
        door.open.store(false, Ordering::SeqCst);
        // Wakes the accepting thread, which then drops the listener.
        drop(TcpStream::connect(self.address));
        door.accepting.join().expect("the proxy ends");
        for stream in door.streams.lock().expect("no panic in the proxy").drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// Forwards again, on the same port.
    pub fn restore(&mut self) {
        let listener = TcpListener::bind(self.address).expect("the port is still free");
        self.door = Some(self.serve(listener));
    }

    /// Keeps connections open but passes nothing on, as a server that hangs.
    pub fn hush(&self) {
        self.door.as_ref().expect("the proxy is open").silent.store(true, Ordering::SeqCst);
    }

    fn serve(&self, listener: TcpListener) -> Door {
        let open = Arc::new(AtomicBool::new(true));
        let silent = Arc::new(AtomicBool::new(false));
        let streams = Arc::new(Mutex::new(Vec::new()));
        let (is_open, is_silent, kept, server) =
            (Arc::clone(&open), Arc::clone(&silent), Arc::clone(&streams), self.server.clone());
        let accepting = std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if !is_open.load(Ordering::SeqCst) {
                    break;
                }
                let upstream = TcpStream::connect(&server).expect("the real server answers");
                let mut held = kept.lock().expect("no panic in the proxy");
                held.push(client.try_clone().expect("a second handle"));
                held.push(upstream.try_clone().expect("a second handle"));
                drop(held);
                pump(&client, &upstream, &is_silent);
                pump(&upstream, &client, &is_silent);
            }
        });
        Door { open, silent, streams, accepting }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}

fn pump(from: &TcpStream, to: &TcpStream, silent: &Arc<AtomicBool>) {
    let mut from = from.try_clone().expect("a second handle");
    let mut to = to.try_clone().expect("a second handle");
    let silent = Arc::clone(silent);
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count) = from.read(&mut buffer) {
            if count == 0 {
                break;
            }
            if !silent.load(Ordering::SeqCst) && to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        drop(to.shutdown(Shutdown::Both));
    });
}
