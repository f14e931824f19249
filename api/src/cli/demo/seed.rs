//! Loads the demonstration.
use chrono::{DateTime, Utc};
use crate::store::Store;
/// Loads it.
pub async fn seed(_store: &Store, _now: DateTime<Utc>) -> anyhow::Result<()> { anyhow::bail!("not yet") }
