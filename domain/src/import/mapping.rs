//! Which of a file's columns is which of ours, and what its words mean.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ImportColumn, names::Names};

/// How a file is to be read. Headers and words are the file's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The header of each of our columns that the file has.
    #[serde(default)]
    #[schema(required = false)]
    pub columns: BTreeMap<ImportColumn, String>,
    /// By column, what a word of the file means: one of our codes.
    #[serde(default)]
    #[schema(required = false)]
    pub values: BTreeMap<ImportColumn, BTreeMap<String, String>>,
    /// By column, what an empty cell means, or all cells if the file has no such column.
    #[serde(default)]
    #[schema(required = false)]
    pub defaults: BTreeMap<ImportColumn, String>,
}

/// What is wrong with the first line of a file, or with a mapping of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    /// Two columns of the file are called so.
    #[error("column {0} stands twice")]
    Twice(String),
    /// A column has no name.
    #[error("column {0} has no name")]
    Nameless(usize),
    /// No column of ours is called so.
    #[error("unknown column {header:?}{}", .suggestion.map(|column| format!(" (is it {column}?)")).unwrap_or_default())]
    Unknown {
        /// What the file calls it.
        header: String,
        /// What may have been meant.
        suggestion: Option<ImportColumn>,
    },
    /// The file has no such column, although the mapping says so.
    #[error("no column is called {header:?}, which is to be {column}")]
    Absent {
        /// Ours.
        column: ImportColumn,
        /// What the mapping calls it.
        header: String,
    },
    /// Neither the file nor a default value has what every row needs.
    #[error("missing required columns: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Missing(Vec<ImportColumn>),
    /// This column takes no default value, or no words of the file.
    #[error("{0} takes neither a default value nor a list of words")]
    NotCoded(ImportColumn),
    /// A default value that is no code of its column, and no day.
    #[error("{column} cannot be {value:?} by default")]
    BadDefault {
        /// The column.
        column: ImportColumn,
        /// What stands in the mapping.
        value: String,
    },
    /// No code of this column is called so.
    #[error("{column} has no code {code:?}")]
    UnknownCode {
        /// The column.
        column: ImportColumn,
        /// What stands in the mapping.
        code: String,
    },
}

/// What each column may be called besides its code, in Arabic, French and English. To guess by, no more.
const HEADERS: [(ImportColumn, &[&str]); 18] = [
    (
        ImportColumn::ExternalId,
        &["المعرف", "رقم", "الرقم", "رقم المقترح", "N°", "Numéro", "Identifiant", "ID", "No", "Number", "Référence"],
    ),
    (ImportColumn::Axis, &["المحور", "محور", "Axe", "Thème", "Thématique", "Topic", "Theme"]),
    (
        ImportColumn::Territory,
        &[
            "الإقليم",
            "العمالة",
            "الإقليم أو العمالة",
            "العمالة أو الإقليم",
            "المجال الترابي",
            "Territoire",
            "Province",
            "Préfecture",
            "Province ou préfecture",
            "Territory",
        ],
    ),
    (ImportColumn::Channel, &["القناة", "قناة", "المصدر", "Canal", "Source", "Origine", "Channel"]),
    (ImportColumn::Language, &["اللغة", "لغة", "Langue", "Language"]),
    (
        ImportColumn::Title,
        &[
            "العنوان",
            "عنوان المقترح",
            "المقترح",
            "الفكرة",
            "Titre",
            "Titre de la proposition",
            "Intitulé",
            "Proposition",
            "Title",
        ],
    ),
    (
        ImportColumn::Problem,
        &["المشكل", "المشكلة", "الإشكالية", "وصف المشكل", "Problème", "Problématique", "Constat", "Problem"],
    ),
    (ImportColumn::Solution, &["الحل", "الحل المقترح", "Solution", "Solution proposée", "Proposed solution"]),
    (
        ImportColumn::ExpectedChange,
        &[
            "التغيير المنتظر",
            "الأثر المنتظر",
            "النتيجة المنتظرة",
            "Changement attendu",
            "Résultat attendu",
            "Impact attendu",
            "Expected change",
            "Expected result",
        ],
    ),
    (ImportColumn::TitleAr, &["العنوان بالعربية", "Titre en arabe", "Titre arabe", "Title in Arabic", "Arabic title"]),
    (
        ImportColumn::TitleFr,
        &["العنوان بالفرنسية", "Titre en français", "Titre français", "Title in French", "French title"],
    ),
    (
        ImportColumn::Populations,
        &[
            "الفئات المستهدفة",
            "الفئة المستهدفة",
            "الفئات",
            "Populations",
            "Population cible",
            "Bénéficiaires",
            "Public concerné",
            "Beneficiaries",
        ],
    ),
    (
        ImportColumn::SubmittedOn,
        &[
            "التاريخ",
            "تاريخ التقديم",
            "تاريخ اللقاء",
            "Date",
            "Date de dépôt",
            "Date de la réunion",
            "Submitted on",
            "Day",
        ],
    ),
    (ImportColumn::AgeBand, &["العمر", "السن", "الفئة العمرية", "Âge", "Tranche d'âge", "Age", "Age group"]),
    (ImportColumn::Gender, &["الجنس", "النوع", "Sexe", "Genre", "Gender", "Sex"]),
    (
        ImportColumn::ParticipantType,
        &["الصفة", "صفة المشارك", "نوع المشارك", "Qualité", "Type de participant", "Statut", "Participant type"],
    ),
    (ImportColumn::Residence, &["السكن", "مكان الإقامة", "إقليم الإقامة", "Résidence", "Lieu de résidence", "Residence"]),
    (
        ImportColumn::Organisation,
        &[
            "المنظمة",
            "الجمعية",
            "الهيئة",
            "المؤسسة",
            "Organisation",
            "Association",
            "Organisme",
            "Institution",
            "Organization",
        ],
    ),
];

impl Mapping {
    /// The mapping of a file that calls its columns as we do.
    ///
    /// # Errors
    /// Every column that is unknown, stands twice or has no name: so that a typing mistake loses nothing.
    pub fn exact(headers: &[String]) -> Result<Self, Vec<HeaderProblem>> {
        let (mut mapping, mut problems) = (Self::default(), Vec::new());
        let mut codes = Names::default();
        for column in ImportColumn::ALL {
            codes.add(column.as_str(), []);
        }
        for (place, header) in headers.iter().enumerate() {
            match ImportColumn::ALL.iter().find(|column| column.as_str().eq_ignore_ascii_case(header)) {
                Some(column) => {
                    if mapping.columns.insert(*column, header.clone()).is_some() {
                        problems.push(HeaderProblem::Twice(column.to_string()));
                    }
                }
                None if header.is_empty() => problems.push(HeaderProblem::Nameless(place + 1)),
                None => {
                    let suggestion = codes.nearest(header).and_then(|code| code.parse().ok());
                    let header = header.chars().take(40).collect();
                    problems.push(HeaderProblem::Unknown { header, suggestion });
                }
            }
        }
        if problems.is_empty() { Ok(mapping) } else { Err(problems) }
    }

    /// What the columns of a file seem to be, by their names in Arabic, French or English.
    #[must_use]
    pub fn guess(headers: &[String]) -> Self {
        let mut names = Names::default();
        for (column, known) in HEADERS {
            names.add(column.as_str(), known.iter().copied());
        }
        let mut columns = BTreeMap::new();
        for header in headers.iter().filter(|header| headers.iter().filter(|other| other == header).count() == 1) {
            if let Some(column) = names.code(header).and_then(|code| code.parse().ok()) {
                columns.entry(column).or_insert_with(|| header.clone());
            }
        }
        Self { columns, ..Self::default() }
    }

    /// Where each of our columns stands in a file with these headers.
    ///
    /// # Errors
    /// Everything by which the mapping does not fit the file.
    pub fn place(&self, headers: &[String]) -> Result<BTreeMap<ImportColumn, usize>, Vec<HeaderProblem>> {
        let (mut places, mut problems) = (BTreeMap::new(), Vec::new());
        for (column, header) in &self.columns {
            let mut found = headers.iter().enumerate().filter(|(_, known)| *known == header.trim());
            match (found.next(), found.next()) {
                (Some((place, _)), None) => {
                    places.insert(*column, place);
                }
                (Some(_), Some(_)) => problems.push(HeaderProblem::Twice(header.clone())),
                (None, _) => problems.push(HeaderProblem::Absent { column: *column, header: header.clone() }),
            }
        }
        let missing: Vec<_> = ImportColumn::ALL
            .iter()
            .copied()
            .filter(|column| column.is_required())
            .filter(|column| !self.columns.contains_key(column) && !self.defaults.contains_key(column))
            .collect();
        if !missing.is_empty() {
            problems.push(HeaderProblem::Missing(missing));
        }
        let no_default = self.defaults.keys().filter(|column| !column.may_have_default());
        let no_words = self.values.keys().filter(|column| !column.is_coded());
        problems.extend(no_default.chain(no_words).map(|column| HeaderProblem::NotCoded(*column)));
        if problems.is_empty() { Ok(places) } else { Err(problems) }
    }
}
