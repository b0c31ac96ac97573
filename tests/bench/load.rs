//! Many callers on kept connections, as light as they can be: the client shares the machine with what it measures.

use crate::table::number;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What a run of many callers came to.
pub struct Outcome {
    pub answers: usize,
    pub refused: usize,
    pub took: Duration,
    latencies: Vec<Duration>,
}

impl Outcome {
    /// Answers in a second.
    pub fn rate(&self) -> f64 {
        number(self.answers) / self.took.as_secs_f64()
    }

    /// The latency that so many of a hundred answers stayed under, in milliseconds.
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get(last * percent / 100).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// One kept connection.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the hub answers");
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// Sends one request and reads its whole answer: the status.
    fn call(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).unwrap();
        self.buffer.clear();
        let mut chunk = [0_u8; 16 * 1024];
        loop {
            let count = self.stream.read(&mut chunk).unwrap();
            assert!(count > 0, "the hub closed the connection");
            self.buffer.extend_from_slice(&chunk[..count]);
            if let Some(length) = whole_length(&self.buffer)
                && self.buffer.len() >= length
            {
                return std::str::from_utf8(&self.buffer[9..12]).unwrap().parse().unwrap();
            }
        }
    }
}

/// Head and body together, once the head is there.
fn whole_length(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).unwrap().to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")).expect("a length");
    Some(head + length.trim().parse::<usize>().unwrap())
}

/// The text of a request without a body.
pub fn get(address: &str, path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n").into_bytes()
}

/// The text of an action on one thing at its version.
pub fn act(address: &str, path: &str, token: &str, version: i64) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nif-match: \"v{version}\"\r\n\
         content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
    )
    .into_bytes()
}

/// Sends each request once, from so many callers, and expects 200.
pub fn send_all(address: &str, callers: usize, requests: &[Vec<u8>]) -> Outcome {
    let next = AtomicUsize::new(0);
    run(address, callers, |line| {
        let request = requests.get(next.fetch_add(1, Ordering::Relaxed))?;
        Some(line.call(request))
    })
}

/// Sends one request again and again for so long, from so many callers, and expects 200.
pub fn send_for(address: &str, callers: usize, request: &[u8], time: Duration) -> Outcome {
    let until = Instant::now() + time;
    run(address, callers, |line| (Instant::now() < until).then(|| line.call(request)))
}

fn run(address: &str, callers: usize, step: impl Fn(&mut Line) -> Option<u16> + Sync) -> Outcome {
    let mut lines: Vec<Line> = (0..callers).map(|_| Line::open(address)).collect();
    let began = Instant::now();
    let results: Vec<(Vec<Duration>, usize)> = std::thread::scope(|scope| {
        let step = &step;
        let callers: Vec<_> = lines.iter_mut().map(|line| scope.spawn(move || call_until_done(line, step))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let took = began.elapsed();
    let refused = results.iter().map(|(_, refused)| refused).sum();
    let mut latencies: Vec<Duration> = results.into_iter().flat_map(|(latencies, _)| latencies).collect();
    latencies.sort_unstable();
    Outcome { answers: latencies.len() - refused, refused, took, latencies }
}

fn call_until_done(line: &mut Line, step: &(impl Fn(&mut Line) -> Option<u16> + Sync)) -> (Vec<Duration>, usize) {
    let (mut latencies, mut refused) = (Vec::new(), 0);
    loop {
        let asked = Instant::now();
        match step(line) {
            None => return (latencies, refused),
            Some(200) => {}
            Some(_) => refused += 1,
        }
        latencies.push(asked.elapsed());
    }
}
