//! Where a request comes from, for limits only: it is never stored or logged.

use std::{
    future::{Ready, ready},
    net::{IpAddr, Ipv6Addr},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderName, web};
use domain::limit::Limited;
use ipnet::IpNet;

use crate::{
    application::State,
    http::problem::{Problem, ProblemCode},
    store::limit::{self, Counter},
};

/// Who asks, as far as limits go: an IPv4 address, or the 64 bits of an IPv6 address that a network hands out.
#[derive(Clone, Copy)]
pub struct Caller(IpAddr);

impl Caller {
    /// The counter of what this caller does.
    #[must_use]
    pub fn counter(self, state: &State, limited: Limited) -> Counter {
        counter(state, limited, self.0.to_string().as_bytes())
    }

    /// What a secret opened. One that opens nothing is counted, and answered with `otherwise`; who tried too many is not
    /// told any more whether the next is right.
    ///
    /// # Errors
    /// `otherwise`, `too_many_requests`, or the database failed.
    pub async fn open<T>(self, state: &State, found: Option<T>, otherwise: ProblemCode) -> Result<T, Problem> {
        let counter = self.counter(state, Limited::WrongSecret);
        match found {
            Some(found) if !state.config.limits => Ok(found),
            Some(found) => {
                let left = limit::ask(&state.store, counter, state.clock.now()).await?;
                left.map(|()| found).map_err(Problem::too_many)
            }
            None => {
                take(state, counter).await?;
                Err(Problem::new(otherwise))
            }
        }
    }

    /// Takes one of what this caller may do.
    ///
    /// # Errors
    /// `too_many_requests` if there is none left, or the database failed.
    pub async fn take(self, state: &State, limited: Limited) -> Result<(), Problem> {
        take(state, self.counter(state, limited)).await
    }
}

/// The counter of `limited` for whoever `value` names.
#[must_use]
pub fn counter(state: &State, limited: Limited, value: &[u8]) -> Counter {
    Counter { limited, key: state.config.secret_key.hash(limited.as_str(), value) }
}

/// The counter of `limited` for an address of mail, however it is written.
#[must_use]
pub fn of_address(state: &State, limited: Limited, email: &str) -> Counter {
    counter(state, limited, email.to_lowercase().as_bytes())
}

/// Takes one.
///
/// # Errors
/// `too_many_requests` if there is none left, or the database failed.
pub async fn take(state: &State, counter: Counter) -> Result<(), Problem> {
    if !state.config.limits {
        return Ok(());
    }
    limit::take_alone(&state.store, counter, state.clock.now()).await?.map_err(Problem::too_many)
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let proxies: &[IpNet] =
            request.app_data::<web::Data<State>>().map_or(&[], |state| &state.config.trusted_proxies);
        // a socket without an address is on this machine
        let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::LOCALHOST), |peer| peer.ip());
        let forwarded = HeaderName::from_static("x-forwarded-for");
        let hops = request.headers().get_all(forwarded).filter_map(|value| value.to_str().ok()).collect::<Vec<_>>();
        ready(Ok(Self(network(origin(peer, &hops.join(","), proxies)))))
    }
}

/// The last hop that none of our proxies is: all before it is hearsay.
fn origin(peer: IpAddr, forwarded_for: &str, proxies: &[IpNet]) -> IpAddr {
    let is_ours = |address: IpAddr| proxies.iter().any(|network| network.contains(&address));
    let mut origin = peer.to_canonical();
    for hop in forwarded_for.rsplit(',') {
        if !is_ours(origin) {
            break;
        }
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        origin = hop.to_canonical();
    }
    origin
}

/// A household or a server gets a whole /64: who has one address of it has all.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded_for: &str) -> String {
        let proxies: Vec<IpNet> = ["10.0.0.0/8", "fd00::/8"].iter().map(|net| net.parse().unwrap()).collect();
        network(origin(peer.parse().unwrap(), forwarded_for, &proxies)).to_string()
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        assert_eq!(from("203.0.113.7", ""), "203.0.113.7");
        assert_eq!(
            from("203.0.113.7", "198.51.100.1"),
            "203.0.113.7",
            "whoever comes directly cannot claim to be another"
        );
        assert_eq!(from("10.0.0.2", "198.51.100.1"), "198.51.100.1");
        assert_eq!(from("10.0.0.2", "192.0.2.9, 198.51.100.1"), "198.51.100.1", "the first hop is what a visitor sent");
        assert_eq!(from("10.0.0.2", "192.0.2.9, 198.51.100.1, 10.0.0.3"), "198.51.100.1", "two proxies of ours");
        assert_eq!(from("::ffff:10.0.0.2", "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn what_is_no_address_ends_the_search() {
        assert_eq!(from("10.0.0.2", ""), "10.0.0.2");
        assert_eq!(from("10.0.0.2", "198.51.100.1, unknown"), "10.0.0.2");
        assert_eq!(from("10.0.0.2", "10.1.1.1, 10.2.2.2"), "10.1.1.1", "all of them ours: the farthest");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        assert_eq!(from("2001:db8:1:2:3:4:5:6", ""), "2001:db8:1:2::");
        assert_eq!(from("fd00::1", "2001:db8:1:2:ffff::1"), "2001:db8:1:2::");
    }
}
