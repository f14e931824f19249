//! Writes the files that somebody asked for into the file storage, one at a time, while mails and deadlines go on.
//!
//! A worker that dies leaves a claim that runs out: the next begins the file anew under another name, and what was
//! written of it is on the list of files to be removed.

use std::{sync::Arc, time::Duration};

use domain::dataset::Dataset;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::{
    application::State,
    dataset::{self, FileError, Options, Source, edition, spool::Room},
    http::problem::{Problem, ProblemCode},
    store::{
        self,
        entity::export_file,
        export_file::{KEPT, Whole},
        files::fresh_name,
    },
};

/// How long a worker is silent at most; well below what a claim lasts.
const BREATH: Duration = Duration::from_secs(10);
/// After how many bytes the progress is noted.
const STEP: u64 = 4 * 1024 * 1024;

/// One round: removes what must not be given out any more, then writes what waits. Answers how many were written.
///
/// # Errors
/// The database or the file storage failed; what was not finished is begun anew.
pub async fn round(state: &State, stopped: &watch::Receiver<bool>) -> Result<usize, Problem> {
    clear(state).await?;
    let mut written = 0;
    // looking first costs nothing; taking the write lock every second for nothing would
    while !*stopped.borrow() && store::export_file::is_due(state.store.read(), state.clock.now()).await? {
        let object = fresh_name().map_err(|_| Problem::new(ProblemCode::Internal))?;
        let tx = state.store.write().await?;
        let Some(row) = store::export_file::claim(&tx, &object, state.clock.now()).await? else { break };
        tx.commit().await?;
        if let Err(error) = write(state, &row, &object).await {
            tracing::error!(%error, "a file could not be written; it is tried again");
            return Ok(written);
        }
        written += 1;
    }
    Ok(written)
}

/// Has files made anew whose texts were withheld since, and forgets old ones.
async fn clear(state: &State) -> Result<(), Problem> {
    let now = state.clock.now();
    for row in store::export_file::ready_files(state.store.read()).await? {
        let Some(consultation) = store::consultation::current_by_id(&state.store, row.consultation_id).await? else {
            continue;
        };
        let taken = store::export_file::taken(state.store.read(), &consultation).await?;
        let old = row.finished_at.is_none_or(|at| at + KEPT <= now);
        if old || row.taken.as_deref() != Some(taken.as_str()) {
            let tx = state.store.write().await?;
            if old {
                store::export_file::forget(&tx, row, now).await?;
            } else {
                store::export_file::outdate(&tx, row.id, now).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn write(state: &State, row: &export_file::Model, object: &str) -> Result<(), FileError> {
    let found = store::consultation::current_by_id(&state.store, row.consultation_id).await?;
    let consultation = found.ok_or(FileError::Stopped)?;
    let (dataset, db) = (row.dataset.0, state.store.read());
    // before the first row is read: whatever is taken off the list from here on makes the file one that nobody gets
    let taken = store::export_file::taken(db, &consultation).await?;
    let mark = format!("{:?}", store::export::mark(db, &consultation).await?);
    let total = match dataset {
        Dataset::Proposals => store::export::count(db, row.consultation_id).await?,
        _ => 0,
    };
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    let edition = match dataset {
        Dataset::Statistics => edition::find(&state.store, &consultation, None).await?.map(Arc::new),
        _ => None,
    };
    let room = Room::beside(state.files.folder());
    let source = Source::new(state.store.clone(), consultation, dataset, edition).packed_in(room);
    let rows = source.read.clone();
    let mut pieces = dataset::file(source, row.format.0, Options::default());
    let mut upload = state.files.begin(object).await?;
    let (mut size, mut noted, mut hash) = (0_u64, 0_u64, Sha256::new());
    loop {
        // a spreadsheet sends nothing before it is whole: its worker says that it lives all the same
        let next = tokio::time::timeout(BREATH, pieces.next()).await;
        let quiet = next.is_err();
        if let Ok(next) = next {
            let Some(piece) = next else { break };
            let piece = piece?;
            hash.update(&piece);
            size += piece.len() as u64;
            upload.add(&piece).await?;
        }
        if quiet || size >= noted + STEP {
            noted = size;
            let tx = state.store.write().await?;
            let far = (rows.get(), total);
            let ours = store::export_file::note_progress(&tx, row.id, object, far, state.clock.now()).await?;
            tx.commit().await?;
            if !ours {
                return Err(FileError::Stopped);
            }
        }
    }
    upload.finish().await?;
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let whole = Whole { mark, taken, rows: rows.get(), size, sha256: hash.finalize().into() };
    let tx = state.store.write().await?;
    if !store::export_file::finish(&tx, row.id, object, whole, state.clock.now()).await? {
        return Err(FileError::Stopped);
    }
    tx.commit().await?;
    Ok(())
}
