//! The data that anybody may take away and use: which sets there are, in which forms, and what each column means.
//!
//! [`Dataset::columns`] is the only description. The first line of a table, the dictionary, the schema of the package
//! and that of a Parquet file are made from it, so that none of them can say something else than the others.

use crate::{
    draft::DraftState,
    proposal::{CompetenceClass, Edge, LinkKind, ProposalState, Remark},
    smart::Principle,
    vocabulary::{Channel, Language, Population},
};

codes! {
    /// A set of data.
    Dataset {
        /// The published proposals, a row each.
        Proposals = "proposals",
        /// Their public steps, a row each.
        Decisions = "decisions",
        /// The SMART drafts that the public may read, a row each.
        Drafts = "drafts",
        /// The cells of an edition's tables, a row each.
        Statistics = "statistics",
    }
}

codes! {
    /// The form of a file.
    Format {
        /// RFC 4180, UTF-8.
        Csv = "csv",
        /// A spreadsheet of Office Open XML.
        Xlsx = "xlsx",
        /// One JSON array.
        Json = "json",
        /// A JSON object a line.
        Ndjson = "ndjson",
        /// Apache Parquet.
        Parquet = "parquet",
    }
}

codes! {
    /// Who took a public step: a group of people, never a person.
    StepBy {
        /// The proposal's author.
        Author = "author",
        /// The committee.
        Committee = "committee",
        /// A term that ended.
        Deadline = "deadline",
        /// It was entered from a list.
        Import = "import",
    }
}

codes! {
    /// How far a file is that the worker prepares.
    FileState {
        /// No worker has begun it.
        Waiting = "waiting",
        /// It is being written.
        Running = "running",
        /// It can be fetched.
        Ready = "ready",
    }
}

/// The licence of the data, chosen by the region: anybody may use it for anything and says where it is from.
/// Source: <https://creativecommons.org/licenses/by/4.0/legalcode>.
pub const LICENCE: Licence = Licence {
    code: "CC-BY-4.0",
    title: "Creative Commons Attribution 4.0 International",
    url: "https://creativecommons.org/licenses/by/4.0/",
};

/// A licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Its SPDX identifier.
    pub code: &'static str,
    /// Its full name.
    pub title: &'static str,
    /// Where its text is.
    pub url: &'static str,
}

impl Format {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words, or a reference.
    Text,
    /// One code.
    Code,
    /// Codes, separated by spaces where a cell holds one text.
    Codes,
    /// Texts, a line each where a cell holds one text.
    Texts,
    /// A whole number.
    Integer,
    /// Yes or no.
    Flag,
    /// An instant in UTC, to the second.
    Instant,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// A month, `YYYY-MM`.
    Month,
    /// A list of objects, as JSON where a cell holds one text.
    Objects,
}

/// Which codes a column has.
#[derive(Clone, Copy, Debug)]
pub enum Codes {
    /// It has none, or what they are is not closed.
    Open,
    /// These.
    Closed(fn() -> Vec<&'static str>),
    /// The consultation's axes.
    Axes,
    /// The consultation's territories, and `whole_region`.
    Places,
    /// The consultation's territories.
    Territories,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name, the same in every form.
    pub name: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// Whether every row has it.
    pub required: bool,
    /// Its codes.
    pub codes: Codes,
    /// What it means, in Arabic, French and English.
    pub meaning: [&'static str; 3],
}

impl Dataset {
    /// Its columns in their order.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Proposals => PROPOSALS,
            Self::Decisions => DECISIONS,
            Self::Drafts => DRAFTS,
            Self::Statistics => STATISTICS,
        }
    }

    /// The columns that no two rows have the same of.
    #[must_use]
    pub const fn key(self) -> &'static [&'static str] {
        match self {
            Self::Proposals => &["reference"],
            Self::Decisions => &["reference", "step"],
            Self::Drafts => &["number"],
            Self::Statistics => &["edition", "table", "row", "column"],
        }
    }

    /// Its name, in Arabic, French and English.
    #[must_use]
    pub const fn title(self) -> [&'static str; 3] {
        match self {
            Self::Proposals => ["المقترحات المنشورة", "Propositions publiées", "Published proposals"],
            Self::Decisions => ["خطوات المقترحات وقراراتها", "Étapes et décisions", "Steps and decisions"],
            Self::Drafts => ["بطاقات الأهداف الذكية", "Fiches SMART", "SMART drafts"],
            Self::Statistics => ["الإحصاءات المنشورة", "Statistiques publiées", "Published statistics"],
        }
    }

    /// What it is, in Arabic, French and English.
    #[must_use]
    pub const fn description(self) -> [&'static str; 3] {
        match self {
            Self::Proposals => [
                "كل مقترح يقرؤه العموم، سطر لكل مقترح، حسب ترتيب الوصول. لا شيء فيه عن أصحاب المقترحات.",
                "Chaque proposition que le public peut lire, une ligne chacune, dans l’ordre d’arrivée. Rien sur les auteurs.",
                "Every proposal that the public can read, a row each, in order of arrival. Nothing about authors.",
            ],
            Self::Decisions => [
                "كل خطوة عمومية في مسار كل مقترح منشور، مع سببها ونص الجواب، ودون اسم أي شخص.",
                "Chaque étape publique du parcours des propositions publiées, avec son motif et la réponse, sans nom de personne.",
                "Every public step of the published proposals, with its reason and the response, and nobody's name.",
            ],
            Self::Drafts => [
                "البطاقات التي وقعتها اللجنة أو صادق عليها المجلس، كما نُشرت.",
                "Les fiches que le comité a signées ou que le conseil a adoptées, telles que publiées.",
                "The drafts that the committee signed or the council adopted, as published.",
            ],
            Self::Statistics => [
                "خانات جداول إصدار إحصائي منشور. الخانة المحجوبة بلا عدد، حماية للأشخاص.",
                "Les cellules des tableaux d’une édition publiée. Une cellule masquée n’a pas de nombre, pour protéger les personnes.",
                "The cells of a published edition's tables. A hidden cell has no count, which protects people.",
            ],
        }
    }
}

const fn column(name: &'static str, kind: Kind, codes: Codes, meaning: [&'static str; 3]) -> Column {
    Column { name, kind, required: true, codes, meaning }
}

const fn may_be_empty(column: Column) -> Column {
    Column { required: false, ..column }
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|code| word(*code)).collect()
}

/// What public steps there are: all but those that stay at the desk.
fn public_edges() -> Vec<&'static str> {
    let public = |edge: &&Edge| !matches!(edge, Edge::RequestWithhold | Edge::CancelWithhold);
    Edge::ALL.iter().filter(public).map(|edge| edge.as_str()).collect()
}

const STATES: Codes = Codes::Closed(|| words(ProposalState::ALL, ProposalState::as_str));
const LANGUAGES: Codes = Codes::Closed(|| words(Language::ALL, Language::as_str));
const CLASSES: Codes = Codes::Closed(|| words(CompetenceClass::ALL, CompetenceClass::as_str));

const REFERENCE: Column = column(
    "reference",
    Kind::Text,
    Codes::Open,
    ["المرجع العمومي للمقترح", "Référence publique de la proposition", "The proposal's public reference"],
);
const CONSULTATION: Column = column(
    "consultation",
    Kind::Text,
    Codes::Open,
    ["رمز التشاور في العناوين", "Nom de la consultation dans les adresses", "The consultation's name in addresses"],
);
const AXIS: Column = column("axis", Kind::Code, Codes::Axes, ["المحور", "Axe", "Axis"]);

const PROPOSALS: &[Column] = &[
    REFERENCE,
    CONSULTATION,
    column("state", Kind::Code, STATES, ["أين وصل", "Où elle en est", "Where it stands"]),
    column(
        "channel",
        Kind::Code,
        Codes::Closed(|| words(Channel::ALL, Channel::as_str)),
        ["من أين جاء", "D’où elle vient", "Where it came from"],
    ),
    column("language", Kind::Code, LANGUAGES, ["لغة النص", "Langue du texte", "The language of its text"]),
    AXIS,
    column(
        "territory",
        Kind::Code,
        Codes::Places,
        ["المجال الترابي المعني", "Territoire concerné", "The territory concerned"],
    ),
    may_be_empty(column(
        "populations",
        Kind::Codes,
        Codes::Closed(|| words(Population::ALL, Population::as_str)),
        ["الفئات التي يخدمها", "Publics qu’elle sert", "Whom it serves"],
    )),
    column("submitted_at", Kind::Instant, Codes::Open, ["متى وصل", "Quand elle est arrivée", "When it arrived"]),
    may_be_empty(column(
        "decided_at",
        Kind::Instant,
        Codes::Open,
        [
            "متى صدر القرار القائم",
            "Quand la décision en vigueur a été prise",
            "When the decision that stands was given",
        ],
    )),
    column("title", Kind::Text, Codes::Open, ["العنوان", "Titre", "Title"]),
    column("problem", Kind::Text, Codes::Open, ["المشكل", "Problème", "The problem"]),
    column("solution", Kind::Text, Codes::Open, ["الحل المقترح", "Solution proposée", "The solution"]),
    may_be_empty(column(
        "expected_change",
        Kind::Text,
        Codes::Open,
        ["التغيير المنتظر", "Changement attendu", "The change expected"],
    )),
    may_be_empty(column(
        "organisation",
        Kind::Text,
        Codes::Open,
        [
            "الهيئة التي طلبت ذكر اسمها",
            "Organisation qui a demandé à être nommée",
            "The organisation that asked to be named",
        ],
    )),
    may_be_empty(column(
        "merged_into",
        Kind::Text,
        Codes::Open,
        [
            "مرجع المقترح الذي ضُم إليه",
            "Référence de celle à laquelle elle est réunie",
            "The reference it was merged into",
        ],
    )),
    may_be_empty(column(
        "remarks",
        Kind::Codes,
        Codes::Closed(|| words(Remark::ALL, Remark::as_str)),
        ["ما لاحظته اللجنة", "Ce que le comité a remarqué", "What the committee noticed"],
    )),
    may_be_empty(column(
        "reason",
        Kind::Text,
        Codes::Open,
        [
            "رمز سبب القرار القائم",
            "Code du motif de la décision en vigueur",
            "The reason code of the decision that stands",
        ],
    )),
    may_be_empty(column(
        "response",
        Kind::Text,
        Codes::Open,
        ["الجواب المعلل", "Réponse motivée", "The reasoned response"],
    )),
    may_be_empty(column(
        "response_language",
        Kind::Code,
        LANGUAGES,
        ["لغة الجواب", "Langue de la réponse", "The language of the response"],
    )),
];

const DECISIONS: &[Column] = &[
    REFERENCE,
    CONSULTATION,
    column(
        "step",
        Kind::Integer,
        Codes::Open,
        ["رقم الخطوة، ابتداء من 1", "Numéro de l’étape, à partir de 1", "The step's number, from 1"],
    ),
    column("edge", Kind::Code, Codes::Closed(public_edges), ["الخطوة", "Étape", "The step"]),
    may_be_empty(column("from", Kind::Code, STATES, ["الحالة قبلها", "État avant", "The state before"])),
    column("to", Kind::Code, STATES, ["الحالة بعدها", "État après", "The state after"]),
    column("at", Kind::Instant, Codes::Open, ["متى", "Quand", "When"]),
    column(
        "by",
        Kind::Code,
        Codes::Closed(|| words(StepBy::ALL, StepBy::as_str)),
        [
            "من قام بها: فئة لا شخص",
            "Qui l’a faite : un groupe, jamais une personne",
            "Who took it: a group, never a person",
        ],
    ),
    may_be_empty(column("reason", Kind::Text, Codes::Open, ["رمز السبب", "Code du motif", "The reason code"])),
    may_be_empty(column(
        "text",
        Kind::Text,
        Codes::Open,
        [
            "السؤال أو جوابه أو الجواب المعلل",
            "La question, sa réponse ou la réponse motivée",
            "The question, its answer or the reasoned response",
        ],
    )),
    may_be_empty(column(
        "text_language",
        Kind::Code,
        LANGUAGES,
        ["لغة النص", "Langue du texte", "The text's language"],
    )),
    may_be_empty(column(
        "merged_into",
        Kind::Text,
        Codes::Open,
        [
            "مرجع المقترح الذي ضُم إليه",
            "Référence de celle à laquelle elle est réunie",
            "The reference it was merged into",
        ],
    )),
    may_be_empty(column(
        "competence",
        Kind::Text,
        Codes::Open,
        ["رمز الاختصاص", "Code de la compétence", "The competence's code"],
    )),
    may_be_empty(column(
        "competence_class",
        Kind::Code,
        CLASSES,
        ["هل هو من اختصاص الجهة", "Si la région peut agir", "Whether the region may act"],
    )),
    may_be_empty(column(
        "competent_body",
        Kind::Text,
        Codes::Open,
        ["الجهة المختصة", "Organisme compétent", "The competent body"],
    )),
    may_be_empty(column(
        "forwarded_on",
        Kind::Day,
        Codes::Open,
        ["يوم الإحالة", "Jour de la transmission", "The day it was forwarded"],
    )),
];

const DRAFTS: &[Column] = &[
    column("number", Kind::Integer, Codes::Open, ["رقم البطاقة", "Numéro de la fiche", "The draft's number"]),
    CONSULTATION,
    AXIS,
    column(
        "state",
        Kind::Code,
        Codes::Closed(|| {
            DraftState::ALL.iter().filter(|state| state.is_published()).map(|state| state.as_str()).collect()
        }),
        ["أين وصلت", "Où elle en est", "Where it stands"],
    ),
    may_be_empty(column(
        "adopted_session",
        Kind::Day,
        Codes::Open,
        [
            "يوم دورة المجلس التي صادقت عليها",
            "Jour de la session qui l’a adoptée",
            "The day of the session that adopted it",
        ],
    )),
    column("title", Kind::Text, Codes::Open, ["العنوان", "Titre", "Title"]),
    may_be_empty(column("objective", Kind::Text, Codes::Open, ["الهدف", "Objectif", "The objective"])),
    may_be_empty(column("problem", Kind::Text, Codes::Open, ["المشكل", "Problème", "The problem"])),
    may_be_empty(column("beneficiaries", Kind::Texts, Codes::Open, ["المستفيدون", "Bénéficiaires", "Who benefits"])),
    may_be_empty(column("territories", Kind::Codes, Codes::Territories, ["المجالات الترابية", "Territoires", "Where"])),
    may_be_empty(column("indicators", Kind::Objects, Codes::Open, ["المؤشرات", "Indicateurs", "The indicators"])),
    may_be_empty(column(
        "competence_class",
        Kind::Code,
        CLASSES,
        ["هل هو من اختصاص الجهة", "Si la région peut agir", "Whether the region may act"],
    )),
    may_be_empty(column("competence_reason", Kind::Text, Codes::Open, ["لماذا", "Pourquoi", "Why so"])),
    may_be_empty(column(
        "responsible",
        Kind::Text,
        Codes::Open,
        ["المؤسسة المسؤولة", "Institution responsable", "The institution that answers for it"],
    )),
    may_be_empty(column("partners", Kind::Texts, Codes::Open, ["الشركاء", "Partenaires", "Who helps"])),
    may_be_empty(column(
        "budget_mad",
        Kind::Integer,
        Codes::Open,
        ["التقدير بالدرهم", "Estimation en dirhams", "The estimate in dirhams"],
    )),
    may_be_empty(column(
        "budget_source",
        Kind::Text,
        Codes::Open,
        [
            "مصدر التقدير أو المال",
            "Source de l’estimation ou de l’argent",
            "Where the estimate or the money comes from",
        ],
    )),
    may_be_empty(column(
        "principles",
        Kind::Codes,
        Codes::Closed(|| words(Principle::ALL, Principle::as_str)),
        ["مبادئ الحكومة المنفتحة", "Principes du gouvernement ouvert", "The principles of open government it serves"],
    )),
    may_be_empty(column(
        "planning_links",
        Kind::Texts,
        Codes::Open,
        ["وثائق التخطيط", "Documents de planification", "The planning documents it belongs to"],
    )),
    may_be_empty(column(
        "sdgs",
        Kind::Codes,
        Codes::Closed(|| {
            vec!["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17"]
        }),
        [
            "أهداف التنمية المستدامة",
            "Objectifs de développement durable",
            "The sustainable development goals it serves",
        ],
    )),
    may_be_empty(column("start", Kind::Month, Codes::Open, ["أول شهر", "Premier mois", "The first month"])),
    may_be_empty(column("end", Kind::Month, Codes::Open, ["آخر شهر", "Dernier mois", "The last month"])),
    may_be_empty(column("milestones", Kind::Objects, Codes::Open, ["المراحل", "Étapes", "The stages"])),
    may_be_empty(column(
        "sources",
        Kind::Codes,
        Codes::Open,
        [
            "مراجع المقترحات المنشورة التي صيغت منها",
            "Références des propositions publiées dont elle est faite",
            "The references of the published proposals it is made from",
        ],
    )),
    may_be_empty(column(
        "source_links",
        Kind::Codes,
        Codes::Closed(|| words(LinkKind::ALL, LinkKind::as_str)),
        [
            "كيف استُعمل كل منها، بالترتيب نفسه",
            "Comment chacune est reprise, dans le même ordre",
            "How it uses each of them, in the same order",
        ],
    )),
];

const STATISTICS: &[Column] = &[
    CONSULTATION,
    column("edition", Kind::Integer, Codes::Open, ["رقم الإصدار", "Numéro de l’édition", "The edition's number"]),
    column(
        "taken_at",
        Kind::Instant,
        Codes::Open,
        ["متى أُخذت الأعداد", "Quand les nombres ont été relevés", "When the counts were taken"],
    ),
    column("table", Kind::Text, Codes::Open, ["الجدول", "Tableau", "The table"]),
    column("unit", Kind::Code, Codes::Open, ["ما يُعد", "Ce qui est compté", "What is counted"]),
    column("rows", Kind::Code, Codes::Open, ["بُعد السطور", "Dimension des lignes", "The dimension of the rows"]),
    column("row", Kind::Text, Codes::Open, ["رمز السطر", "Code de la ligne", "The row's code"]),
    may_be_empty(column(
        "columns",
        Kind::Code,
        Codes::Open,
        ["بُعد الأعمدة", "Dimension des colonnes", "The dimension of the columns"],
    )),
    may_be_empty(column("column", Kind::Text, Codes::Open, ["رمز العمود", "Code de la colonne", "The column's code"])),
    may_be_empty(column(
        "count",
        Kind::Integer,
        Codes::Open,
        ["العدد؛ فارغ إن حُجب", "Le nombre ; vide s’il est masqué", "The count; empty if it is hidden"],
    )),
    column(
        "hidden",
        Kind::Flag,
        Codes::Open,
        ["هل حُجب العدد", "Si le nombre est masqué", "Whether the count is hidden"],
    ),
    column(
        "rounded",
        Kind::Flag,
        Codes::Open,
        ["هل قُرِّبت الأعداد", "Si les nombres sont arrondis", "Whether the counts are rounded"],
    ),
    column(
        "base",
        Kind::Integer,
        Codes::Open,
        ["مجموع ما عُد في الجدول", "Total compté dans le tableau", "How many were counted in the table"],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_column_is_named_once_and_means_something_in_every_language() {
        for dataset in Dataset::ALL {
            let columns = dataset.columns();
            let names: BTreeSet<_> = columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), columns.len(), "{dataset}");
            assert!(dataset.key().iter().all(|name| names.contains(name)), "{dataset}");
            for column in columns {
                assert!(column.meaning.iter().all(|text| !text.is_empty()), "{dataset}.{}", column.name);
                assert!(column.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", column.name);
            }
        }
    }

    #[test]
    fn nothing_that_tells_of_an_author_has_a_column() {
        for dataset in [Dataset::Proposals, Dataset::Decisions, Dataset::Drafts] {
            for column in dataset.columns() {
                for never in ["age", "gender", "residence", "participant", "email", "account", "name", "actor"] {
                    assert!(!column.name.split('_').any(|part| part == never), "{dataset}.{}", column.name);
                }
            }
        }
    }

    #[test]
    fn steps_that_stay_at_the_desk_are_no_public_steps() {
        assert_eq!(public_edges().len(), Edge::ALL.len() - 2);
        assert!(!public_edges().contains(&"request_withhold"));
    }
}
