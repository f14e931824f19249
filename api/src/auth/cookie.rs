//! The session cookie: an opaque random token that only this server reads, stored as a hash.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};

use crate::{
    config::{Config, SecretKey},
    random, store,
};

/// `__Host-` makes browsers refuse the cookie without TLS or for another host; plain HTTP (a demonstration
/// on one's own machine) cannot have it.
const fn name(https: bool) -> &'static str {
    if https { "__Host-tachawor" } else { "tachawor" }
}

/// A fresh token and the hash to keep of it.
///
/// # Errors
/// The operating system gave no random bytes.
pub fn fresh_token() -> Result<(String, [u8; 32]), rand::rngs::SysError> {
    let token = blake3::Hash::from_bytes(random::bytes::<32>()?).to_hex().to_string();
    let hash = hash(&token);
    Ok((token, hash))
}

/// What a token is kept and looked up as. A plain hash is enough: 256 random bits cannot be tried out.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

/// What the request's session is known by, if it has one.
#[must_use]
pub fn token_hash(request: &HttpRequest, config: &Config) -> Option<[u8; 32]> {
    request.cookie(name(config.is_https())).map(|cookie| hash(cookie.value()))
}

/// The cookie that carries `token`. `Strict`: no other site's link or form ever sends it.
#[must_use]
pub fn session(token: String, config: &Config) -> Cookie<'static> {
    Cookie::build(name(config.is_https()), token)
        .path("/")
        .http_only(true)
        .secure(config.is_https())
        .same_site(SameSite::Strict)
        .max_age(Duration::hours(store::session::SESSION_HOURS))
        .finish()
}

const fn device_name(https: bool) -> &'static str {
    if https { "__Host-tachawor-device" } else { "tachawor-device" }
}

/// What the request's device is known by, if it was seen before.
#[must_use]
pub fn device_hash(request: &HttpRequest, config: &Config) -> Option<[u8; 32]> {
    request.cookie(device_name(config.is_https())).map(|cookie| hash(cookie.value()))
}

/// The cookie by which a device is known again. It opens nothing.
#[must_use]
pub fn device(token: String, config: &Config) -> Cookie<'static> {
    Cookie::build(device_name(config.is_https()), token)
        .path("/")
        .http_only(true)
        .secure(config.is_https())
        .same_site(SameSite::Strict)
        .max_age(Duration::days(store::device::DAYS))
        .finish()
}

/// The token of an invitation and the hash to keep of it. It is a keyed hash of the seed, so that it can be made again
/// when the mail is sent, and stands nowhere until then.
#[must_use]
pub fn invitation(key: &SecretKey, seed: &[u8]) -> (String, [u8; 32]) {
    let token = blake3::Hash::from_bytes(key.hash("invitation", seed)).to_hex().to_string();
    let hash = hash(&token);
    (token, hash)
}

/// The hash that an invitation with this token is found by.
#[must_use]
pub fn invitation_hash(token: &str) -> [u8; 32] {
    hash(token.trim())
}

/// The cookie that makes the browser forget.
#[must_use]
pub fn removal(config: &Config) -> Cookie<'static> {
    let mut cookie = session(String::new(), config);
    cookie.make_removal();
    cookie
}
