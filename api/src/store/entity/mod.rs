//! One file per table: columns and nothing else. What they mean stands in `domain` and in the migrations.
#![expect(missing_docs, reason = "the columns are documented where they are created, in the migrations")]

pub mod account;
pub mod attachment;
pub mod audit;
pub mod axis;
pub mod consultation;
pub mod draft;
pub mod draft_event;
pub mod draft_remark;
pub mod draft_signature;
pub mod draft_source;
pub mod draft_version;
pub mod export_approval;
pub mod export_file;
pub mod export_signature;
pub mod file_removal;
pub mod idempotency;
pub mod invitation;
pub mod known_device;
pub mod ledger;
pub mod ledger_checkpoint;
pub mod ledger_node;
pub mod ledger_pending;
pub mod note;
pub mod outbox;
pub mod proposal;
pub mod proposal_band;
pub mod proposal_copy;
pub mod proposal_event;
pub mod proposal_remark;
pub mod rate_limit;
pub mod recovery_code;
pub mod session;
pub mod territory;
