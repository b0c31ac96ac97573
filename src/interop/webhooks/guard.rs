//! Where messages may be sent. A name is resolved when the connection is made, and what it leads to is looked at
//! then, so that nobody can point a name elsewhere in between.

use crate::actions::webhooks::AddressFault;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// Longer addresses are not taken.
const MOST_BYTES: usize = 500;

/// A network: an address in it, and how many of its bits are the network's.
pub type Network = (IpAddr, u8);

/// What may be reached.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Networks beyond the public ones.
    pub networks: Arc<[Network]>,
    /// Plain HTTP to the loopback, for hubs that are simulated.
    pub plain_loopback: bool,
}

impl Guard {
    /// True when an address may be connected to.
    #[must_use]
    pub fn lets(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.networks.iter().any(|network| is_inside(address, *network))
    }

    /// An address that has the right form.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, text: &str) -> Result<Url, AddressFault> {
        let fault = |code, detail| AddressFault { code, detail };
        let wrong = fault("not_a_url", "Send an https address of at most 500 bytes.");
        if text.len() > MOST_BYTES || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err(wrong);
        }
        let Ok(url) = Url::parse(text) else { return Err(wrong) };
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else { return Err(wrong) };
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(fault("not_a_url", "Leave user, password and fragment out of the address."));
        }
        let literal = literal(host);
        let on_loopback = literal.is_some_and(|address| address.to_canonical().is_loopback());
        if url.scheme() != "https" && !(url.scheme() == "http" && self.plain_loopback && on_loopback) {
            return Err(fault("not_https", "Messages are sent by https only."));
        }
        if literal.is_some_and(|address| !self.lets(address)) {
            return Err(PRIVATE);
        }
        Ok(url)
    }

    /// Looks where an address leads now.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn check(&self, text: &str) -> Result<(), AddressFault> {
        let url = self.read(text)?;
        let host = url.host_str().unwrap_or_default();
        if literal(host).is_some() {
            return Ok(());
        }
        let detail = "This name cannot be resolved now; check it, or try again later.";
        let found = tokio::net::lookup_host((host, 443)).await;
        let found = found.map_err(|_unknown| AddressFault { code: "host_unknown", detail })?;
        if found.into_iter().any(|address| !self.lets(address.ip())) { Err(PRIVATE) } else { Ok(()) }
    }
}

const PRIVATE: AddressFault = AddressFault {
    code: "address_private",
    detail: "This leads into a network that the hub does not send to. The operator may allow it.",
};

/// The address that a host is written as, if it is one.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_four(four),
        IpAddr::V6(six) => is_public_six(six),
    }
}

fn is_public_four(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let protocol = first == 192 && second == 0 && third == 0;
    let measured = first == 198 && (18..20).contains(&second);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || first == 0
        || first >= 240
        || shared
        || protocol
        || measured)
}

/// Only what is given out for the public internet, 2000::/3, and of it nothing that carries another address inside.
fn is_public_six(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let tunnelled = first == 0x2002 || (first == 0x2001 && second < 0x0200);
    let documented = (first == 0x2001 && second == 0x0db8) || first == 0x3fff;
    (first & 0xe000) == 0x2000 && !tunnelled && !documented
}

fn is_inside(address: IpAddr, (network, bits): Network) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let shift = 32_u32.saturating_sub(u32::from(bits));
            (u64::from(u32::from(address)) >> shift) == (u64::from(u32::from(network)) >> shift)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let shift = 128_u32.saturating_sub(u32::from(bits));
            let high = |address: Ipv6Addr| u128::from(address).checked_shr(shift).unwrap_or_default();
            high(address) == high(network)
        }
        _ => false,
    }
}

/// Nothing of a name leads where the hub may send.
#[derive(Debug, thiserror::Error)]
#[error("the name leads into a network that the hub does not send to")]
pub struct Refused;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One address that is not allowed spoils the name: it is not for us to choose among them.
            if found.is_empty() || found.iter().any(|address| !guard.lets(address.ip())) {
                return Err(Refused.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(networks: &[(&str, u8)], plain_loopback: bool) -> Guard {
        let networks = networks.iter().map(|(address, bits)| (address.parse().unwrap(), *bits)).collect();
        Guard { networks, plain_loopback }
    }

    #[test]
    fn only_public_addresses_are_reached() {
        let nothing = guard(&[], true);
        let refused = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "fec0::1",
        ];
        for address in refused {
            assert!(!nothing.lets(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111"] {
            assert!(nothing.lets(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_operator_may_name_networks() {
        let inside = guard(&[("10.20.0.0", 16), ("fd00::", 8)], false);
        for (address, may) in [("10.20.7.7", true), ("10.21.0.1", false), ("fd12::1", true), ("fe80::1", false)] {
            assert_eq!(inside.lets(address.parse().unwrap()), may, "{address}");
        }
        assert!(guard(&[("0.0.0.0", 0)], false).lets("10.0.0.1".parse().unwrap()));
        assert!(guard(&[("::", 0)], false).lets("fe80::1".parse().unwrap()));
    }

    #[test]
    fn addresses_are_https_without_extras() {
        let code = |guard: &Guard, text: &str| guard.read(text).map_err(|fault| fault.code).err();
        let strict = guard(&[("127.0.0.0", 8)], false);
        assert_eq!(code(&strict, "https://ward.example.org/hook?key=1"), None);
        for (text, expected) in [
            ("http://ward.example.org/", "not_https"),
            ("http://127.0.0.1:9/", "not_https"),
            ("ftp://ward.example.org/", "not_https"),
            ("https://10.0.0.1/", "address_private"),
            ("https://0x7f000001.example/", "fine"),
            ("https://2130706434/", "fine"),
            ("https://0xa000001/", "address_private"),
            ("https://[fe80::1]/", "address_private"),
            ("https://user@ward.example.org/", "not_a_url"),
            ("https://ward.example.org/#x", "not_a_url"),
            ("https:// ward.example.org/", "not_a_url"),
            ("ward.example.org", "not_a_url"),
        ] {
            assert_eq!(code(&strict, text).unwrap_or("fine"), expected, "{text}");
        }
        assert_eq!(code(&guard(&[("127.0.0.0", 8)], true), "http://127.0.0.1:9/"), None);
        assert_eq!(code(&guard(&[], true), "http://127.0.0.1:9/"), Some("address_private"));
        assert_eq!(code(&guard(&[("10.0.0.0", 8)], true), "http://10.0.0.1/"), Some("not_https"));
    }
}
