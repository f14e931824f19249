//! Files that coordinators sent: every row is checked, and written when they say so, a batch a transaction that also
//! says how far it is. Whoever takes over from a worker that died goes on at the next row.

use std::sync::Arc;

use domain::import::{FileFault, ImportState};
use tokio::sync::watch;

use crate::{
    application::State,
    http::problem::Problem,
    import::{self, Batch, ImportError, Seen, Summary, table::Source},
    store::{self, consultation::Consultation, entity::import::Model},
};

/// How many rows make a transaction: few enough that a citizen's proposal waits for a tenth of a second.
const BATCH: usize = 100;

/// Works on whatever is due; answers how many files that was.
///
/// # Errors
/// The database or the place of files failed; what was committed stays, and the import goes on later.
pub async fn work(state: &State, stopped: &watch::Receiver<bool>) -> Result<usize, Problem> {
    let mut files = 0;
    while !*stopped.borrow() {
        let Some(row) = store::import::claim(&state.store, state.clock.now()).await? else { break };
        files += 1;
        let id = row.id;
        match read(state, row, stopped).await {
            Ok(()) => {}
            // what was checked may read otherwise now: another round begins with the consultation as it is
            Err(ImportError::Changed) => release(state, id).await?,
            Err(ImportError::Store { error, .. }) => return Err(error.into()),
            Err(error) => {
                let row = match &error {
                    ImportError::Unreadable(unreadable) => unreadable.row,
                    _ => None,
                };
                fail(state, id, error.fault().unwrap_or(FileFault::Broken), row).await?;
            }
        }
    }
    Ok(files)
}

async fn read(state: &State, row: Model, stopped: &watch::Receiver<bool>) -> Result<(), ImportError> {
    let consultation = store::consultation::by_id(state.store.read(), row.consultation_id).await?;
    let Some(consultation) = consultation else { return Err(ImportError::Changed) };
    import::takes_rows(&consultation)?;
    let object = row.object.clone().unwrap_or_default();
    let file = match state.files.open_file(&object).await {
        Ok(Some(file)) => file,
        Ok(None) => return Err(import::table::Unreadable::whole(FileFault::Empty).into()),
        Err(error) => {
            tracing::error!(%error, import = row.id, "files");
            return Err(ImportError::Changed);
        }
    };
    let source = Source::Sent(Arc::new(file), state.files.folder());
    let is_check = row.state.0 == ImportState::Checking;
    // a check is begun anew, because what stands twice is known only to who saw both
    let after = if is_check { 0 } else { u64::try_from(row.done_row).unwrap_or_default() };
    let mapping = Some(row.mapping.0.clone());
    let mut batches = import::batches(source, &consultation, mapping, after, BATCH, state.clock.now()).await?;
    let mut job = Job { state, consultation: &consultation, id: row.id, done_row: row.done_row };
    if is_check {
        job.restart_check().await?;
    }
    let (mut seen, mut summary) = (Seen::new(), Summary::default());
    while let Some(batch) = batches.recv().await {
        if *stopped.borrow() {
            return Err(ImportError::Changed);
        }
        let goes_on =
            if is_check { job.check(batch?, &mut seen, &mut summary).await? } else { job.write(batch?).await? };
        if !goes_on {
            return Ok(());
        }
    }
    job.finish(is_check).await
}

/// One import in hand.
struct Job<'a> {
    state: &'a State,
    consultation: &'a Consultation,
    id: i64,
    done_row: i64,
}

impl Job<'_> {
    /// The import, locked, if it is still this worker's.
    async fn lock(&self, tx: &store::WriteTx, state: ImportState) -> Result<Option<Model>, ImportError> {
        let row = store::import::lock(tx, self.id).await?;
        Ok(row.filter(|row| row.state.0 == state && row.done_row == self.done_row))
    }

    /// Notes in a locked row that the batch up to `last` is done.
    async fn advance(
        &mut self,
        tx: &store::WriteTx,
        mut row: Model,
        last: u64,
        progress: u64,
    ) -> Result<(), ImportError> {
        row.done_row = i64::try_from(last).unwrap_or(i64::MAX);
        row.progress = i64::try_from(progress).unwrap_or_default();
        store::import::renew(&mut row, self.state.clock.now());
        self.done_row = row.done_row;
        store::import::save(tx, row).await?;
        Ok(())
    }

    async fn restart_check(&mut self) -> Result<(), ImportError> {
        let tx = self.state.store.write().await?;
        if let Some(mut row) = self.lock(&tx, ImportState::Checking).await? {
            store::import::forget_mistakes(&tx, self.id).await?;
            store::import::begin(&mut row, ImportState::Checking);
            store::import::renew(&mut row, self.state.clock.now());
            self.done_row = 0;
            store::import::save(&tx, row).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn check(&mut self, batch: Batch, seen: &mut Seen, summary: &mut Summary) -> Result<bool, ImportError> {
        let last = batch.rows.last().map_or(0, |(number, _)| *number);
        let mistakes = import::check(&self.state.store, self.consultation, batch.rows, seen, summary).await?;
        let tx = self.state.store.write().await?;
        let Some(mut row) = self.lock(&tx, ImportState::Checking).await? else { return Ok(false) };
        if !mistakes.is_empty() && store::import::count_mistakes(&tx, self.id).await? < store::import::MOST_MISTAKES {
            store::import::add_mistakes(&tx, self.id, mistakes).await?;
        }
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        row.row_count = number(summary.rows);
        row.new_count = number(summary.new);
        row.known_count = number(summary.known);
        row.wrong_count = number(summary.wrong);
        self.advance(&tx, row, last, batch.progress).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn write(&mut self, batch: Batch) -> Result<bool, ImportError> {
        let last = batch.rows.last().map_or(0, |(number, _)| *number);
        let tx = self.state.store.write().await?;
        let Some(mut row) = self.lock(&tx, ImportState::Importing).await? else { return Ok(false) };
        let written = import::write(&tx, self.consultation, batch.rows).await?;
        row.imported_count += i64::try_from(written).unwrap_or_default();
        self.advance(&tx, row, last, batch.progress).await?;
        tx.commit().await?;
        metrics::counter!("proposals_imported_total").increment(written);
        Ok(true)
    }

    async fn finish(&self, is_check: bool) -> Result<(), ImportError> {
        let tx = self.state.store.write().await?;
        let now = self.state.clock.now();
        let state = if is_check { ImportState::Checking } else { ImportState::Importing };
        let Some(mut row) = self.lock(&tx, state).await? else { return Ok(()) };
        row.progress = 1000;
        if is_check {
            row.state = store::column::Code(ImportState::Checked);
            row.claimed_until = None;
            store::import::save(&tx, row).await?;
        } else {
            store::import::end(&tx, row, None, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Lets another worker, or this one's next round, take over.
async fn release(state: &State, id: i64) -> Result<(), Problem> {
    let tx = state.store.write().await?;
    if let Some(mut row) = store::import::lock(&tx, id).await? {
        // not at once: what is in the way may need a moment
        row.claimed_until = Some(state.clock.now() + chrono::TimeDelta::seconds(2));
        store::import::save(&tx, row).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn fail(state: &State, id: i64, fault: FileFault, row_number: Option<u64>) -> Result<(), Problem> {
    let tx = state.store.write().await?;
    // somebody may have had it forgotten meanwhile
    let Some(row) = store::import::lock(&tx, id).await? else { return Ok(()) };
    store::import::end(&tx, row, Some((fault, row_number)), state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
