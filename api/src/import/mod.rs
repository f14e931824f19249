//! Proposals that were made elsewhere, at meetings or on paper, from a CSV or XLSX file: for the command line and for
//! the worker.
//!
//! A file is read twice. The first time everything is checked and nothing written; only a file without a mistake, or
//! the right rows of one if whoever imports says so, is read again and written, a batch a transaction. Memory holds two
//! batches, and 24 bytes a row to find one that stands twice.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::{
    calendar,
    consultation::ConsultationState,
    import::{
        FileFault, ImportColumn as Column, Mistake, MistakeCode,
        mapping::{HeaderProblem, Mapping},
        row::{Named, Reading, Row},
    },
    ledger::hex,
    text::{ExpectedChange, OrganisationName},
};
use tokio::sync::mpsc;

use self::table::{Source, Table, Unreadable};
use crate::{
    config::SecretKey,
    localised::Localised,
    store::{
        self, Store, StoreError, WriteTx,
        consultation::{Consultation, Standing},
        entity::proposal,
        proposal::{ActorKind, NewProposal},
    },
};

pub mod report;
pub mod table;
pub mod words;
pub mod xlsx;

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many there are, blank ones aside.
    pub rows: u64,
    /// New and right.
    pub new: u64,
    /// Imported earlier, and still the same.
    pub known: u64,
    /// With a mistake, or imported earlier and changed since.
    pub wrong: u64,
    /// How many were written.
    pub imported: u64,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rows, new, known, wrong, imported } = self;
        write!(f, "{rows} rows: {new} new, {known} imported earlier, {wrong} with mistakes. {imported} imported.")
    }
}

/// Why an import cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Its columns.
    #[error("the first line: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Headers(Vec<HeaderProblem>),
    /// A consultation is published when every proposal has its answer; a late one would have none.
    #[error("the consultation is {0}: it takes no more proposals")]
    Over(ConsultationState),
    /// What was checked may no longer be right.
    #[error("the consultation was changed meanwhile: import the file again")]
    Changed,
    /// A row that was right when all were checked, and that nobody agreed to leave out.
    #[error("row {0} was right and is not any more: the consultation was changed meanwhile; import the file again")]
    NoLongerRight(u64),
    /// The database, at a row if it was being written.
    #[error("{}{error}", .row.map(|row| format!("row {row}: ")).unwrap_or_default())]
    Store {
        /// The row.
        row: Option<u64>,
        /// What it said.
        error: StoreError,
    },
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Store { row: None, error }
    }
}

impl ImportError {
    /// What the file is told to suffer from; `None` if it is the database or the machine that does.
    #[must_use]
    pub const fn fault(&self) -> Option<FileFault> {
        match self {
            Self::Unreadable(Unreadable { machine: Some(_), .. }) | Self::Store { .. } => None,
            Self::Unreadable(unreadable) => Some(unreadable.fault),
            Self::Headers(_) => Some(FileFault::Columns),
            Self::Over(_) | Self::Changed | Self::NoLongerRight(_) => Some(FileFault::Consultation),
        }
    }
}

/// How the rows of files are read for a consultation.
///
/// # Errors
/// Everything by which the mapping does not fit the file or the consultation.
pub fn reading(
    consultation: &Consultation,
    mapping: &Mapping,
    headers: &[String],
) -> Result<Reading, Vec<HeaderProblem>> {
    let named =
        |code: &str, label: &Localised| Named { code: code.to_owned(), labels: label.0.values().cloned().collect() };
    let axes: Vec<_> = consultation.axes.iter().map(|axis| named(&axis.code, &axis.label.0)).collect();
    let places: Vec<_> = consultation.territories.iter().map(|place| named(&place.code, &place.label.0)).collect();
    Reading::new(mapping, headers, &axes, &places)
}

/// A row as read: what it proposes, or what is wrong with it.
pub type Parsed = (u64, Result<NewProposal, Vec<Mistake>>);

/// Some rows in a row.
#[derive(Debug)]
pub struct Batch {
    /// Them.
    pub rows: Vec<Parsed>,
    /// How far the reading is, in thousandths of the file.
    pub progress: u64,
}

/// The batches of a file as they are read.
#[derive(Debug)]
pub struct Batches(mpsc::Receiver<Result<Option<Batch>, Unreadable>>);

impl Batches {
    /// The next one; `None` after the last.
    ///
    /// # Errors
    /// The file cannot be read on, or its reader died: a file ends only where the reader says so.
    pub async fn next(&mut self) -> Result<Option<Batch>, Unreadable> {
        self.0.recv().await.unwrap_or(Err(Unreadable::whole(FileFault::Broken)))
    }
}

/// Reads a file's rows after row `after`, `size` at a time, on a thread of its own: at most two batches wait to be taken.
/// Where nobody takes them any more, it ends. `key` is what the numbers of rows without one are made with.
///
/// # Errors
/// The file has no first line that can be read, or not the columns of `mapping`; without one, not ours.
pub async fn batches(
    source: Source,
    consultation: &Consultation,
    mapping: Option<Mapping>,
    after: u64,
    size: usize,
    key: &SecretKey,
    now: DateTime<Utc>,
) -> Result<Batches, ImportError> {
    let stopped = |_| Unreadable::whole(FileFault::Broken);
    let table = tokio::task::spawn_blocking(move || source.read()).await.map_err(stopped)??;
    let mapping = match mapping {
        Some(mapping) => mapping,
        None => Mapping::exact(table.headers()).map_err(ImportError::Headers)?,
    };
    let reading = reading(consultation, &mapping, table.headers()).map_err(ImportError::Headers)?;
    let (give, take) = mpsc::channel(1);
    // one that is still reading when the process is told to end is left behind: it writes nothing
    let key = key.clone();
    tokio::task::spawn_blocking(move || give_all(table, &reading, after, size.max(1), &key, now, &give));
    Ok(Batches(take))
}

fn give_all(
    mut table: Table,
    reading: &Reading,
    after: u64,
    size: usize,
    key: &SecretKey,
    now: DateTime<Utc>,
    give: &mpsc::Sender<Result<Option<Batch>, Unreadable>>,
) {
    let today = calendar::day(now);
    loop {
        let mut rows = Vec::with_capacity(size);
        while rows.len() < size {
            match table.read_row() {
                Ok(Some((number, _))) if number <= after => {}
                Ok(Some((number, cells))) => {
                    rows.push((number, reading.row(&cells, today).map(|row| proposal(row, key, now))));
                }
                Ok(None) => break,
                Err(error) => {
                    let _ = give.blocking_send(Err(error));
                    return;
                }
            }
        }
        let is_last = rows.len() < size;
        let batch = Batch { rows, progress: table.progress() };
        if !batch.rows.is_empty() && give.blocking_send(Ok(Some(batch))).is_err() {
            return;
        }
        if is_last {
            let _ = give.blocking_send(Ok(None));
            return;
        }
    }
}

/// What makes a row the same one when a file without numbers of its own comes a second time, perhaps with other rows
/// mended: what was said, where, when. Not by whom: whoever has the texts must not learn that from it. It outlives texts
/// that are erased, so that nobody without the key can try which texts those were.
fn own_id(row: &Row, key: &SecretKey) -> String {
    let mut message = Vec::new();
    let place = row.place.to_string();
    let day = row.submitted_on.to_string();
    let texts = [row.title.as_str(), row.problem.as_str(), row.solution.as_str()];
    let codes = [row.axis.as_str(), &place, row.channel.as_str(), row.language.as_str(), &day];
    for part in texts.into_iter().chain(codes) {
        message.extend_from_slice(&(part.len() as u64).to_le_bytes());
        message.extend_from_slice(part.as_bytes());
    }
    format!("row:{}", hex(&key.hash("import row", &message)))
}

fn proposal(row: Row, key: &SecretKey, now: DateTime<Utc>) -> NewProposal {
    let external_id = row.external_id.clone().unwrap_or_else(|| own_id(&row, key));
    let titles = row.titles.into_iter().map(|(language, title)| (language.to_string(), title.into_string()));
    NewProposal {
        axis: row.axis,
        place: row.place,
        channel: row.channel,
        language: row.language,
        demographics: row.demographics,
        title: row.title,
        title_translations: Localised(titles.collect()),
        problem: row.problem,
        solution: row.solution,
        expected_change: row.expected_change,
        populations: row.populations,
        organisation: row.organisation,
        // nobody was asked whether to name it
        name_organisation: false,
        email: None,
        consent: None,
        external_id: Some(external_id),
        // whoever wrote the file down is not the author
        personal_data_acknowledged: false,
        submitted_at: row.submitted_on.and_hms_opt(12, 0, 0).map_or(now, |noon| calendar::instant(noon).min(now)),
        received_at: now,
    }
}

/// The columns in which a row differs from the proposal it came in as earlier.
#[must_use]
pub fn differences(consultation: &Consultation, new: &NewProposal, old: &proposal::Model) -> Vec<Column> {
    let said = |text: &Option<String>, now: Option<&str>| text.as_deref() == now;
    let translated = |code: &str| {
        new.title_translations.0.get(code).is_none_or(|title| old.title_translations.0.0.get(code) == Some(title))
    };
    let same = [
        (Column::Axis, consultation.axis_code(old.axis_id) == new.axis),
        (Column::Territory, consultation.place(old.territory_id) == new.place.to_string()),
        (Column::Channel, old.channel.0 == new.channel),
        (Column::Language, old.language.0 == new.language),
        (Column::Title, old.title == new.title.as_str()),
        (Column::Problem, old.problem == new.problem.as_str()),
        (Column::Solution, old.solution == new.solution.as_str()),
        (Column::ExpectedChange, said(&old.expected_change, new.expected_change.as_ref().map(ExpectedChange::as_str))),
        // the committee may have translated a title since
        (Column::TitleAr, translated("ar")),
        (Column::TitleFr, translated("fr")),
        (Column::Populations, old.populations.0.iter().copied().collect::<BTreeSet<_>>() == new.populations),
        (Column::SubmittedOn, calendar::day(old.submitted_at) == calendar::day(new.submitted_at)),
        (Column::AgeBand, old.age_band.0 == new.demographics.age_band),
        (Column::Gender, old.gender.0 == new.demographics.gender),
        (Column::ParticipantType, old.participant_type.0 == new.demographics.participant_type),
        (Column::Residence, old.residence.0 == new.demographics.residence),
        (Column::Organisation, said(&old.organisation, new.organisation.as_ref().map(OrganisationName::as_str))),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(column, _)| column).collect()
}

/// Refuses a consultation that takes no more rows.
///
/// # Errors
/// It is published or archived.
pub fn takes_rows(consultation: &Consultation) -> Result<(), ImportError> {
    match consultation.state() {
        over @ (ConsultationState::Published | ConsultationState::Archived) => Err(ImportError::Over(over)),
        _ => Ok(()),
    }
}

fn external_ids(batch: &[Parsed]) -> impl Iterator<Item = &str> {
    batch.iter().filter_map(|(_, parsed)| parsed.as_ref().ok()?.external_id.as_deref())
}

/// The rows that have been seen: a hash instead of the id itself, so that a row costs the same whatever its id.
pub type Seen = HashMap<[u8; 16], u64>;

/// Checks rows against each other and against what is there; counts them, and answers what is wrong.
///
/// # Errors
/// The database failed.
pub async fn check(
    store: &Store,
    consultation: &Consultation,
    batch: Vec<Parsed>,
    seen: &mut Seen,
    summary: &mut Summary,
) -> Result<Vec<(u64, Mistake)>, StoreError> {
    let existing = store::import::existing(store.read(), consultation.row.id, external_ids(&batch)).await?;
    let mut wrong = Vec::new();
    for (number, parsed) in batch {
        summary.rows += 1;
        let mut mistakes = Vec::new();
        match parsed {
            Err(found) => mistakes = found,
            Ok(proposal) => {
                let id = proposal.external_id.as_deref().unwrap_or_default();
                let mut key = [0; 16];
                key.copy_from_slice(&blake3::hash(id.as_bytes()).as_bytes()[..16]);
                if let Some(first) = seen.insert(key, number) {
                    mistakes.push(Mistake::new(Column::ExternalId, MistakeCode::Duplicate).number(first));
                } else if let Some(old) = existing.get(id) {
                    let differences = differences(consultation, &proposal, old);
                    mistakes.extend(differences.into_iter().map(|column| Mistake::new(column, MistakeCode::Conflict)));
                    summary.known += u64::from(mistakes.is_empty());
                } else {
                    summary.new += 1;
                }
            }
        }
        summary.wrong += u64::from(!mistakes.is_empty());
        wrong.extend(mistakes.into_iter().map(|mistake| (number, mistake)));
    }
    Ok(wrong)
}

/// Writes the rows that are right and not there yet; answers how many those were. The caller commits. `may_skip` says
/// whether somebody agreed to leave out rows that are wrong.
///
/// # Errors
/// The database failed, or the consultation is no longer what the rows were checked against. If a row is wrong that
/// must not be left out, [`ImportError::NoLongerRight`], and nothing was written.
pub async fn write(
    tx: &WriteTx,
    consultation: &Consultation,
    batch: Vec<Parsed>,
    may_skip: bool,
) -> Result<u64, ImportError> {
    if let Some((number, _)) = batch.iter().find(|(_, parsed)| parsed.is_err()).filter(|_| !may_skip) {
        return Err(ImportError::NoLongerRight(*number));
    }
    // asked again inside the transaction: another import may be running
    let existing = store::import::existing(tx, consultation.row.id, external_ids(&batch)).await?;
    let mut seen: BTreeSet<String> = existing.into_keys().collect();
    let mut written = 0;
    for (number, parsed) in batch {
        let Ok(proposal) = parsed else { continue };
        if !seen.insert(proposal.external_id.clone().unwrap_or_default()) {
            continue;
        }
        let row = proposal.into_row(consultation, None);
        store::proposal::insert(tx, consultation, row, &[], Some(ActorKind::Import))
            .await
            .map_err(|error| ImportError::Store { row: Some(number), error })?;
        written += 1;
    }
    let standing = store::consultation::standing(tx, consultation.row.id).await?;
    if standing == Standing::of(&consultation.row) { Ok(written) } else { Err(ImportError::Changed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_that_dies_is_no_end_of_the_file() {
        let (give, take) = mpsc::channel(1);
        let mut batches = Batches(take);
        give.send(Ok(Some(Batch { rows: Vec::new(), progress: 500 }))).await.unwrap();
        drop(give);
        assert_eq!(batches.next().await.unwrap().map(|batch| batch.progress), Some(500));
        assert_eq!(batches.next().await.unwrap_err(), Unreadable::whole(FileFault::Broken));
    }
}
