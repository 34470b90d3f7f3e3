//! Who signed in: the key, sealed, in a cookie that only the console gets.
//!
//! Nothing is stored. A session ends after twelve hours, when its key is withdrawn, or when its person signs out. It is sealed with the
//! deployment's lasting secret, so that a new link key signs nobody out.

use jiff::{SignedDuration, Timestamp};
use rekindle_messaging::KeyRing;
use rekindle_platform::gateway::Request;
use serde::{Deserialize, Serialize};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// How long a session lasts.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(12);
/// The name of its cookie.
pub(crate) const COOKIE: &str = "rekindle_session";
/// What a sealed session is for.
const PURPOSE: [&str; 2] = ["console", "session"];
/// The longest cookie that is opened, in bytes.
const MAX_COOKIE_BYTES: usize = 2_000;

/// A session. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The admin key.
    pub(crate) key: String,
    /// The person, as they call themselves: what notes and closed tasks are signed with.
    pub(crate) person: String,
    /// The shop's name at the time of signing in.
    pub(crate) shop: String,
    /// The shop's time zone at the time of signing in.
    pub(crate) zone: String,
    /// When it ends.
    pub(crate) until: Timestamp,
}

impl Session {
    /// The value of its cookie.
    pub(crate) fn seal(&self, keys: &KeyRing) -> String {
        keys.seal_secret(&PURPOSE, &serde_json::to_string(self).unwrap_or_default())
    }

    /// The session of a cookie, if it is one and lasts.
    pub(crate) fn open(cookie: &str, keys: &KeyRing, now: Timestamp) -> Option<Self> {
        if cookie.len() > MAX_COOKIE_BYTES {
            return None;
        }
        let text = keys.open_secret(&PURPOSE, cookie).ok()?;
        serde_json::from_str(&text).ok().filter(|session: &Self| now < session.until)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// The token of a session's forms: only who has the cookie and the secret can know it.
pub(crate) fn form_token(cookie: &str, keys: &KeyRing) -> String {
    keys.fingerprint("console form", cookie)
}

/// Whether a form came with the token of its session. Takes the same time for every token.
pub(crate) fn is_token(given: &str, token: &str) -> bool {
    given.as_bytes().ct_eq(token.as_bytes()).into()
}

/// A cookie of a request.
pub(crate) fn cookie<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let cookies = request.headers().get_all(http::header::COOKIE).iter();
    let pairs = cookies.filter_map(|cookies| cookies.to_str().ok()).flat_map(|cookies| cookies.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
}
