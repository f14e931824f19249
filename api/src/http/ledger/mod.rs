//! The public ledger. Everything here may be read by everybody: entries hold codes, references and instants.

use chrono::{DateTime, Utc};
use domain::ledger::{Hash, hex, note::LogKey, unhex, verify::LeafReceipt};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    http::problem::{FieldCode, Problem},
    store::{entity::ledger_checkpoint, ledger::Leaf},
};

pub mod checkpoints;
pub mod consistency;
pub mod entries;
pub mod inclusion;
pub mod log;
pub mod show;

/// `/ledger`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(show::show_ledger)
        .service(entries::list_ledger_entries)
        .service(log::export_ledger)
        .service(checkpoints::list_checkpoints)
        .service(checkpoints::create_checkpoint)
        .service(inclusion::prove_inclusion)
        .service(consistency::prove_consistency);
}

/// The log at one moment, signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckpointView {
    /// How many entries it covers.
    size: i64,
    at: DateTime<Utc>,
    /// The signed note (C2SP `tlog-checkpoint`): the log's name, the size, the root in base64, the signature.
    note: String,
}

impl From<ledger_checkpoint::Model> for CheckpointView {
    fn from(row: ledger_checkpoint::Model) -> Self {
        Self { size: row.size, at: row.at, note: row.note }
    }
}

/// What the author keeps of an entry.
#[must_use]
pub fn receipt(key: &LogKey, leaf: Leaf) -> LeafReceipt {
    LeafReceipt {
        leaf_hash: hex(&leaf.hash),
        salt: hex(&leaf.salt),
        content: leaf.content,
        signature: key.promise(&leaf.hash),
        entry: leaf.line,
    }
}

fn read_hash(field: &'static str, text: &str) -> Result<Hash, Problem> {
    unhex(text).ok_or_else(|| Problem::field(field, FieldCode::Invalid))
}
