//! Proposals that come in as a table: its columns, how a file's own headers and words are read as ours, and what a row
//! must be like. Who reads the file stands elsewhere; here it is cells.

use crate::vocabulary::Language;

pub mod mapping;
pub mod names;
pub mod row;

#[cfg(test)]
mod tests;

codes! {
    /// A column of an import, as we call it.
    ImportColumn {
        /// The file's own number of the row, different for each.
        ExternalId = "external_id",
        /// The axis.
        Axis = "axis",
        /// The territory concerned, or the whole region.
        Territory = "territory",
        /// Where it was said.
        Channel = "channel",
        /// The language of the texts.
        Language = "language",
        /// In a few words.
        Title = "title",
        /// What is wrong, where, for whom.
        Problem = "problem",
        /// What to do about it.
        Solution = "solution",
        /// What one would see or count if it worked.
        ExpectedChange = "expected_change",
        /// The title in Arabic, where the texts are in another language.
        TitleAr = "title_ar",
        /// The title in French, likewise.
        TitleFr = "title_fr",
        /// Whom it serves, several with spaces or commas between.
        Populations = "populations",
        /// The day it was said.
        SubmittedOn = "submitted_on",
        /// The author's age band.
        AgeBand = "age_band",
        /// The author's gender.
        Gender = "gender",
        /// In which quality the author spoke.
        ParticipantType = "participant_type",
        /// Where the author lives.
        Residence = "residence",
        /// The organisation the author spoke for.
        Organisation = "organisation",
    }
}

impl ImportColumn {
    /// Whether no row can do without it; a default value may stand in for the column.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(
            self,
            Self::Axis
                | Self::Territory
                | Self::Channel
                | Self::Language
                | Self::Title
                | Self::Problem
                | Self::Solution
                | Self::SubmittedOn
        )
    }

    /// Whether its cells hold words of a list, which a file may have its own words for.
    #[must_use]
    pub const fn is_coded(self) -> bool {
        matches!(self, Self::Axis | Self::Territory | Self::Channel | Self::Language | Self::Populations)
            || (self.is_about_author() && !matches!(self, Self::Organisation))
    }

    /// Whether one value may be given for all rows: what is the same for a whole meeting.
    #[must_use]
    pub const fn may_have_default(self) -> bool {
        self.is_coded() || matches!(self, Self::SubmittedOn)
    }

    /// Whether it tells something about the author: a report does not repeat such a cell.
    #[must_use]
    pub const fn is_about_author(self) -> bool {
        matches!(self, Self::AgeBand | Self::Gender | Self::ParticipantType | Self::Residence | Self::Organisation)
    }

    /// The column of a title in `language`.
    #[must_use]
    pub const fn title_in(language: Language) -> Self {
        match language {
            Language::Ar => Self::TitleAr,
            Language::Fr => Self::TitleFr,
        }
    }
}

codes! {
    /// What is wrong with a cell, or with a row.
    MistakeCode {
        /// Nothing stands there.
        Required = "required",
        /// A word that is on no list.
        UnknownCode = "unknown_code",
        /// Fewer than `number` characters.
        TooShort = "too_short",
        /// More than `number` characters.
        TooLong = "too_long",
        /// Characters that are invisible or change the reading direction.
        ControlCharacter = "control_character",
        /// Not of the form the field has.
        Invalid = "invalid",
        /// Not a day.
        NotADay = "not_a_day",
        /// A day that has not come.
        InTheFuture = "in_the_future",
        /// A day before anything was said.
        TooEarly = "too_early",
        /// A translated title in the language of the texts themselves.
        OwnLanguage = "own_language",
        /// A citizen speaks for no organisation.
        CitizenWithOrganisation = "citizen_with_organisation",
        /// A formula: what it shows depends on who opens the file, so it is not read.
        Formula = "formula",
        /// A value like `#N/A`.
        ErrorValue = "error_value",
        /// The row has `number` cells, and the first line another number.
        Width = "width",
        /// Row `number` has the same number of its own, or is the same.
        Duplicate = "duplicate",
        /// It came in earlier and was something else then.
        Conflict = "conflict",
    }
}

/// What is wrong with one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The column, or nothing if it is the row.
    pub column: Option<ImportColumn>,
    /// What.
    pub code: MistakeCode,
    /// What stands there, of columns that hold words of a list; never a text. At most 40 characters.
    pub found: Option<String>,
    /// The code that may have been meant.
    pub suggestion: Option<String>,
    /// The limit, the count or the other row that `code` speaks of.
    pub number: Option<u64>,
}

impl Mistake {
    /// A mistake that its code says all of.
    #[must_use]
    pub fn new(column: impl Into<Option<ImportColumn>>, code: MistakeCode) -> Self {
        Self { column: column.into(), code, found: None, suggestion: None, number: None }
    }

    /// Adds the number that the code speaks of.
    #[must_use]
    pub fn number(mut self, number: impl TryInto<u64>) -> Self {
        self.number = number.try_into().ok();
        self
    }

    /// Adds what stands in the cell.
    #[must_use]
    pub fn found(mut self, cell: &str) -> Self {
        self.found = Some(cell.chars().filter(|c| !c.is_control()).take(40).collect());
        self
    }
}

codes! {
    /// Why a file cannot be read at all.
    FileFault {
        /// Nothing is in it.
        Empty = "empty",
        /// CSV in another encoding than UTF-8.
        NotUtf8 = "not_utf8",
        /// A quote was opened and not closed.
        OpenQuote = "open_quote",
        /// An archive that is no XLSX workbook, a workbook of another kind, or one that needs a password.
        NotAWorkbook = "not_a_workbook",
        /// The archive, or what it unpacks to, is larger than is taken.
        TooLarge = "too_large",
        /// It unpacks to more than a hundred times its size: no honest table does.
        TooDense = "too_dense",
        /// More parts than a workbook has.
        TooManyParts = "too_many_parts",
        /// Parts that overlap each other.
        Overlapping = "overlapping",
        /// More rows than are taken at once.
        TooManyRows = "too_many_rows",
        /// More columns or cells than are taken at once.
        TooManyCells = "too_many_cells",
        /// Reading took too long.
        TooSlow = "too_slow",
        /// A part of the workbook is broken, or defines words of its own.
        Broken = "broken",
        /// Its columns are no longer those of the mapping.
        Columns = "columns",
        /// The consultation is published, or was changed meanwhile.
        Consultation = "consultation",
    }
}

/// The most rows that are taken at once, over the network or from a workbook.
pub const MOST_ROWS: u64 = 200_000;
/// The most columns a table may have.
pub const MOST_COLUMNS: usize = 200;
/// The largest file that is taken over the network or as a workbook, in bytes.
pub const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// How many days an uploaded file, what was shown of it and what was wrong with it are kept.
pub const KEPT_DAYS: i64 = 7;

codes! {
    /// What kind of file it is.
    ImportFormat {
        /// Text with commas or semicolons.
        Csv = "csv",
        /// A workbook.
        Xlsx = "xlsx",
    }
}

codes! {
    /// Where an import stands.
    ImportState {
        /// The file is there; nobody has said yet which column is what.
        Mapping = "mapping",
        /// The worker reads every row and writes nothing.
        Checking = "checking",
        /// Every row has been checked.
        Checked = "checked",
        /// The worker writes the rows that are right.
        Importing = "importing",
        /// All of them are written.
        Done = "done",
        /// The file could not be read to its end, or the consultation takes no more.
        Failed = "failed",
    }
}

impl ImportState {
    /// Whether the worker is at it.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Checking | Self::Importing)
    }

    /// Whether the mapping may still be changed: as long as nothing was written.
    #[must_use]
    pub const fn may_be_mapped(self) -> bool {
        matches!(self, Self::Mapping | Self::Checked)
    }
}
