//! Where a request comes from: the peer, or what as many trusted proxies as there are say of it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED: HeaderName = http::header::FORWARDED;

/// The address of the client. Each trusted proxy appends the address it was called from, so with `n` of them it is the nth from the end;
/// what stands before was written by the client and proves nothing.
#[must_use]
pub fn client_ip(extensions: &Extensions, headers: &HeaderMap, trusted_proxies: u8) -> IpAddr {
    let peer = peer_ip(extensions).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if trusted_proxies == 0 {
        return peer;
    }
    let forwarded: Vec<IpAddr> = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|address| address.trim().parse().ok())
        .collect();
    forwarded
        .len()
        .checked_sub(usize::from(trusted_proxies))
        .and_then(|index| forwarded.get(index))
        .copied()
        .unwrap_or(peer)
}

/// Whether a program on this machine asks directly, and no proxy on this machine asks for somebody else.
#[must_use]
pub fn is_local(extensions: &Extensions, headers: &HeaderMap) -> bool {
    let forwarded = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
    !forwarded && peer_ip(extensions).is_some_and(|peer| peer.to_canonical().is_loopback())
}

fn peer_ip(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn seen(peer: &str, forwarded: &str, trusted_proxies: u8) -> (String, bool) {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().expect("is an address"), 1)));
        let mut headers = HeaderMap::new();
        if !forwarded.is_empty() {
            headers.insert(X_FORWARDED_FOR, HeaderValue::from_str(forwarded).expect("is a header"));
        }
        (client_ip(&extensions, &headers, trusted_proxies).to_string(), is_local(&extensions, &headers))
    }

    #[test]
    fn without_a_proxy_a_client_cannot_choose_its_address() {
        assert_eq!(seen("203.0.113.9", "10.0.0.1", 0), ("203.0.113.9".into(), false));
    }

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        assert_eq!(seen("10.0.0.2", "6.6.6.6, 203.0.113.9", 1).0, "203.0.113.9");
        assert_eq!(seen("10.0.0.2", "6.6.6.6, 203.0.113.9, 10.0.0.3", 2).0, "203.0.113.9");
        assert_eq!(seen("10.0.0.2", "203.0.113.9", 2).0, "10.0.0.2");
    }

    #[test]
    fn a_proxy_on_this_machine_does_not_make_its_clients_local() {
        assert!(seen("127.0.0.1", "", 0).1);
        assert!(seen("::ffff:127.0.0.1", "", 0).1);
        assert!(!seen("127.0.0.1", "203.0.113.9", 0).1);
        assert!(!seen("203.0.113.9", "", 0).1);
    }
}
