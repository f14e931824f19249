//! Lists: a hard limit, and a cursor rather than a page number, so that a list which grows neither skips
//! nor repeats and the thousandth page costs what the first one did.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

/// The most items one answer holds.
pub const MAX_LIMIT: u64 = 100;

/// How many items the caller wants: 1 to 100, 20 if not said.
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub u64);

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limit = u64::deserialize(deserializer)?;
        if (1..=MAX_LIMIT).contains(&limit) { Ok(Self(limit)) } else { Err(D::Error::custom("1 to 100")) }
    }
}

/// Where the next page starts: opaque to callers, the last id seen to us.
#[derive(Clone, Copy, Debug)]
pub struct Cursor(pub i64);

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.strip_prefix('c')
            .and_then(|id| id.parse().ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom("a cursor from an earlier answer"))
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// At most `limit` items.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page out of up to `limit + 1` rows: the one too many only says that there is more.
    pub fn new<R>(mut rows: Vec<R>, limit: Limit, id: impl Fn(&R) -> i64, view: impl FnMut(R) -> T) -> Self {
        let limit = usize::try_from(limit.0).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| format!("c{}", id(row)));
        Self { items: rows.into_iter().map(view).collect(), next }
    }
}
