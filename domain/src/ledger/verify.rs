//! Checking an exported log with nothing but the files: for outsiders.

use std::collections::BTreeMap;

use super::{
    Entry, commitment, hex, leaf_hash,
    note::{Checkpoint, NoteError, PublicKey},
    tree::Edge,
    unhex,
};
use crate::proposal::{Edge as Step, ProposalState};

/// A receipt as its holder keeps it: the entry, what the entry commits to, and the log's promise.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeafReceipt {
    /// The line of the log.
    pub entry: String,
    /// SHA-256 of a zero byte and the line, in hexadecimal: where the line stands is found by it.
    pub leaf_hash: String,
    /// 32 bytes in hexadecimal.
    pub salt: String,
    /// What the author wrote, as it was hashed.
    pub content: String,
    /// The log's signature on the promise that the line is in the log or will be, in base64.
    pub signature: String,
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A line is no entry, or is not written as the log writes them.
    #[error("line {0} is not an entry of a log")]
    Line(usize),
    /// An entry does not follow from the ones before it.
    #[error("line {0}: the step does not begin where the proposal stood")]
    Path(usize),
    /// A checkpoint is not one of this log.
    #[error("checkpoint {0}: {1}")]
    Note(usize, NoteError),
    /// The log is shorter than a checkpoint says.
    #[error("checkpoint {0} knows of {1} entries, the log has fewer")]
    Short(usize, u64),
    /// The log is not the one that was signed.
    #[error("checkpoint {0}: the first {1} entries are not those that were signed")]
    Root(usize, u64),
    /// Entries that no checkpoint covers.
    #[error("the newest checkpoint covers {0} entries, the log has {1}")]
    Unsigned(u64, u64),
    /// A receipt contradicts itself or is not signed by this log.
    #[error("receipt {0} is not one of this log")]
    Receipt(usize),
    /// A receipt's entry is not in the log.
    #[error("receipt {0}: its entry is not in the log")]
    Dropped(usize),
}

/// What a log that holds tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many entries.
    pub entries: u64,
    /// The root over all of them, in hexadecimal.
    pub root: String,
    /// How many proposals were submitted.
    pub submitted: u64,
    /// How many stand in each state now; together as many as were submitted.
    pub states: BTreeMap<ProposalState, u64>,
}

/// Checks a log: every line, every proposal's path, every checkpoint against the lines it covers, every receipt.
/// The newest checkpoint must cover all of it. `lines` end with a line feed each.
///
/// # Errors
/// The first fault found.
pub fn check(key: &PublicKey, lines: &str, checkpoints: &[&str], receipts: &[LeafReceipt]) -> Result<Report, Fault> {
    let mut signed = Vec::with_capacity(checkpoints.len());
    for (number, note) in (1..).zip(checkpoints) {
        signed.push((number, key.open(note).map_err(|error| Fault::Note(number, error))?));
    }
    signed.sort_by_key(|(_, checkpoint): &(usize, Checkpoint)| checkpoint.size);
    let mut waiting = signed.iter().peekable();
    let promised: Vec<_> = (1..)
        .zip(receipts)
        .map(|(number, receipt)| opens(key, receipt).map(|hash| (number, hash)).ok_or(Fault::Receipt(number)))
        .collect::<Result<_, _>>()?;
    let mut missing: BTreeMap<_, usize> = promised.into_iter().map(|(number, hash)| (hash, number)).collect();

    let (mut edge, mut standing) = (Edge::default(), BTreeMap::<String, ProposalState>::new());
    let mut is_signed = |edge: &Edge| {
        while let Some((number, checkpoint)) = waiting.next_if(|(_, checkpoint)| checkpoint.size == edge.size()) {
            if checkpoint.root != edge.root() {
                return Err(Fault::Root(*number, checkpoint.size));
            }
        }
        Ok(())
    };
    is_signed(&edge)?;
    let whole = lines.is_empty() || lines.ends_with('\n');
    for (number, line) in (1..).zip(lines.split_terminator('\n')) {
        let entry = serde_json::from_str::<Entry>(line).ok().filter(|entry| entry.line() == line);
        let entry = entry.ok_or(Fault::Line(number))?;
        let stood = standing.insert(entry.proposal.clone(), entry.to);
        let begins = (entry.step == Step::Submit) == stood.is_none();
        if !begins || stood != entry.from {
            return Err(Fault::Path(number));
        }
        let hash = leaf_hash(line.as_bytes());
        missing.remove(&hash);
        edge.push(hash, |_, _| {});
        is_signed(&edge)?;
    }
    if !whole {
        return Err(Fault::Line(lines.lines().count()));
    }
    if let Some((number, checkpoint)) = signed.iter().find(|(_, checkpoint)| checkpoint.size > edge.size()) {
        return Err(Fault::Short(*number, checkpoint.size));
    }
    let covered = signed.last().map_or(0, |(_, checkpoint)| checkpoint.size);
    if covered != edge.size() {
        return Err(Fault::Unsigned(covered, edge.size()));
    }
    if let Some(number) = missing.into_values().min() {
        return Err(Fault::Dropped(number));
    }
    let submitted = standing.len() as u64;
    let mut states = BTreeMap::new();
    for state in standing.into_values() {
        *states.entry(state).or_default() += 1;
    }
    Ok(Report { entries: edge.size(), root: hex(&edge.root()), submitted, states })
}

/// The hash of a receipt's leaf, if everything in the receipt agrees.
fn opens(key: &PublicKey, receipt: &LeafReceipt) -> Option<super::Hash> {
    let hash = leaf_hash(receipt.entry.as_bytes());
    let entry: Entry = serde_json::from_str(&receipt.entry).ok()?;
    let salt = unhex(&receipt.salt)?;
    let agrees = unhex(&receipt.leaf_hash)? == hash
        && entry.commitment == commitment(&salt, &receipt.content)
        && key.check_promise(&hash, &receipt.signature).is_ok();
    agrees.then_some(hash)
}

#[cfg(test)]
mod tests;
