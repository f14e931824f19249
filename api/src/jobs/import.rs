//! Files that coordinators sent: every row is checked, and written when they say so, a batch a transaction that also
//! says how far it is. Whoever takes over from a worker that died goes on at the next row.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::import::{FileFault, ImportState};
use tokio::sync::watch;

use crate::{
    application::State,
    http::problem::Problem,
    import::{self, Batch, ImportError, Seen, Summary, table::Source},
    store::{self, StoreError, consultation::Consultation, entity::import::Model},
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
        let mut job = Job::new(state, &row);
        match read(&mut job, row, stopped).await {
            Ok(()) => {}
            // what was checked may read otherwise now: another round begins with the consultation as it is
            Err(ImportError::Changed) => job.release().await?,
            Err(ImportError::Store { error, .. }) => return Err(error.into()),
            Err(error) => {
                let row = match &error {
                    ImportError::Unreadable(unreadable) => unreadable.row,
                    _ => None,
                };
                if let Some(fault) = error.fault() {
                    job.fail(fault, row).await?;
                } else {
                    tracing::error!(%error, import = job.id, "files");
                    job.release().await?;
                }
            }
        }
    }
    Ok(files)
}

async fn read(job: &mut Job<'_>, row: Model, stopped: &watch::Receiver<bool>) -> Result<(), ImportError> {
    let state = job.state;
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
    let is_check = job.stage == ImportState::Checking;
    // a check is begun anew, because what stands twice is known only to who saw both
    let after = if is_check { 0 } else { u64::try_from(row.done_row).unwrap_or_default() };
    let mapping = Some(row.mapping.0.clone());
    let (key, now) = (&state.config.secret_key, state.clock.now());
    let mut batches = import::batches(source, &consultation, mapping, after, BATCH, key, now).await?;
    if is_check && !job.restart_check().await? {
        return Ok(());
    }
    let (mut seen, mut summary) = (Seen::new(), Summary::default());
    loop {
        let batch = batches.next().await;
        // first of all: a reader may have been ended with the process, and not by its file
        if *stopped.borrow() {
            return Err(ImportError::Changed);
        }
        let Some(batch) = batch? else { return job.finish().await };
        let goes_on = if is_check {
            job.check(&consultation, batch, &mut seen, &mut summary).await?
        } else {
            job.write(&consultation, batch).await?
        };
        if !goes_on {
            return Ok(());
        }
    }
}

/// One import in hand. Another worker that takes over changes `claimed_until`, so whoever is late can tell.
struct Job<'a> {
    state: &'a State,
    id: i64,
    stage: ImportState,
    done_row: i64,
    claimed_until: Option<DateTime<Utc>>,
}

impl<'a> Job<'a> {
    fn new(state: &'a State, row: &Model) -> Self {
        Self { state, id: row.id, stage: row.state.0, done_row: row.done_row, claimed_until: row.claimed_until }
    }

    /// The import, locked, if it is still this worker's.
    async fn lock(&self, tx: &store::WriteTx) -> Result<Option<Model>, StoreError> {
        let mine = (self.stage, self.done_row, self.claimed_until);
        let row = store::import::lock(tx, self.id).await?;
        Ok(row.filter(|row| (row.state.0, row.done_row, row.claimed_until) == mine))
    }

    /// Saves a locked import with another while to work on it, and commits.
    async fn keep(&mut self, tx: store::WriteTx, mut row: Model) -> Result<(), StoreError> {
        store::import::renew(&mut row, self.state.clock.now());
        let row = store::import::save(&tx, row).await?;
        tx.commit().await?;
        *self = Self::new(self.state, &row);
        Ok(())
    }

    /// Notes in a locked row that the batch up to `last` is done.
    async fn advance(
        &mut self,
        tx: store::WriteTx,
        mut row: Model,
        last: u64,
        progress: u64,
    ) -> Result<(), StoreError> {
        row.done_row = i64::try_from(last).unwrap_or(i64::MAX);
        row.progress = i64::try_from(progress).unwrap_or_default();
        self.keep(tx, row).await
    }

    async fn restart_check(&mut self) -> Result<bool, ImportError> {
        let tx = self.state.store.write().await?;
        let Some(mut row) = self.lock(&tx).await? else { return Ok(false) };
        store::import::forget_mistakes(&tx, self.id).await?;
        store::import::begin(&mut row, ImportState::Checking);
        self.keep(tx, row).await?;
        Ok(true)
    }

    async fn check(
        &mut self,
        consultation: &Consultation,
        batch: Batch,
        seen: &mut Seen,
        summary: &mut Summary,
    ) -> Result<bool, ImportError> {
        let last = batch.rows.last().map_or(0, |(number, _)| *number);
        let mistakes = import::check(&self.state.store, consultation, batch.rows, seen, summary).await?;
        let tx = self.state.store.write().await?;
        let Some(mut row) = self.lock(&tx).await? else { return Ok(false) };
        if !mistakes.is_empty() && store::import::count_mistakes(&tx, self.id).await? < store::import::MOST_MISTAKES {
            store::import::add_mistakes(&tx, self.id, mistakes).await?;
        }
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        row.row_count = number(summary.rows);
        row.new_count = number(summary.new);
        row.known_count = number(summary.known);
        row.wrong_count = number(summary.wrong);
        self.advance(tx, row, last, batch.progress).await?;
        Ok(true)
    }

    async fn write(&mut self, consultation: &Consultation, batch: Batch) -> Result<bool, ImportError> {
        let last = batch.rows.last().map_or(0, |(number, _)| *number);
        let tx = self.state.store.write().await?;
        let Some(mut row) = self.lock(&tx).await? else { return Ok(false) };
        // with mistakes it was begun only because somebody agreed to leave those rows out
        let written = match import::write(&tx, consultation, batch.rows, row.wrong_count > 0).await {
            // whoever began it has not seen this mistake: they are shown all of them and asked again
            Err(ImportError::NoLongerRight(_)) => {
                store::import::begin(&mut row, ImportState::Checking);
                store::import::save(&tx, row).await?;
                tx.commit().await?;
                return Ok(false);
            }
            written => written?,
        };
        row.imported_count += i64::try_from(written).unwrap_or_default();
        self.advance(tx, row, last, batch.progress).await?;
        metrics::counter!("proposals_imported_total").increment(written);
        Ok(true)
    }

    async fn finish(&self) -> Result<(), ImportError> {
        let tx = self.state.store.write().await?;
        let Some(mut row) = self.lock(&tx).await? else { return Ok(()) };
        row.progress = 1000;
        if self.stage == ImportState::Checking {
            row.state = store::column::Code(ImportState::Checked);
            row.claimed_until = None;
            store::import::save(&tx, row).await?;
        } else {
            store::import::end(&tx, row, None, self.state.clock.now()).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Lets another worker, or this one's next round, take over.
    async fn release(&self) -> Result<(), StoreError> {
        let tx = self.state.store.write().await?;
        let Some(mut row) = self.lock(&tx).await? else { return Ok(()) };
        // not at once: what is in the way may need a moment
        row.claimed_until = Some(self.state.clock.now() + TimeDelta::seconds(2));
        store::import::save(&tx, row).await?;
        tx.commit().await
    }

    async fn fail(&self, fault: FileFault, row_number: Option<u64>) -> Result<(), StoreError> {
        let tx = self.state.store.write().await?;
        // somebody may have had it forgotten meanwhile, or taken over
        let Some(row) = self.lock(&tx).await? else { return Ok(()) };
        store::import::end(&tx, row, Some((fault, row_number)), self.state.clock.now()).await?;
        tx.commit().await
    }
}
