//! Loads the demonstration.
use crate::store::Store;
use chrono::{DateTime, Utc};
/// Loads it.
pub async fn seed(_store: &Store, _now: DateTime<Utc>) -> anyhow::Result<()> {
    anyhow::bail!("not yet")
}
