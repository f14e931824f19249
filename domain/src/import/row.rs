//! One row: checked like a proposal of the form, every mistake at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use chrono::{Datelike as _, NaiveDate};

use super::{
    ImportColumn as Column, Mistake, MistakeCode,
    mapping::{HeaderProblem, Mapping},
    names::{Found, Names},
};
use crate::{
    text::{ExpectedChange, OrganisationName, Problem, Solution, TextProblem, Title},
    vocabulary::{AgeBand, Channel, Demographics, Gender, Language, ParticipantType, Place, Population, Residence},
};

/// Nothing was said in public before.
pub const FIRST_YEAR: i32 = 2000;
/// The longest external id, in bytes.
pub const EXTERNAL_ID: usize = 100;

/// A cell as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// What stands there; numbers and days written out.
    Text(String),
    /// Something that is worked out when the file is opened.
    Formula,
    /// A failure of such, like `#N/A`.
    Error,
}

impl Cell {
    /// Whether nothing stands there.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// Something with a code that is data of a consultation.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its code.
    pub code: String,
    /// Its labels, in every language.
    pub labels: Vec<String>,
}

/// A row that is right.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the column of the same name")]
pub struct Row {
    /// None if the file has no column for it.
    pub external_id: Option<String>,
    pub axis: String,
    pub place: Place,
    pub channel: Channel,
    pub language: Language,
    pub title: Title,
    pub problem: Problem,
    pub solution: Solution,
    pub expected_change: Option<ExpectedChange>,
    /// In other languages than the texts'.
    pub titles: BTreeMap<Language, Title>,
    pub populations: BTreeSet<Population>,
    pub submitted_on: NaiveDate,
    pub demographics: Demographics,
    pub organisation: Option<OrganisationName>,
}

/// What the words of the closed vocabularies may be besides their codes, in Arabic, French and English.
const WORDS: [(Column, &str, &[&str]); 34] = [
    (Column::Territory, "whole_region", &["الجهة كلها", "كل الجهة", "Toute la région", "Whole region"]),
    (Column::Residence, "outside_region", &["خارج الجهة", "Hors de la région", "Outside the region"]),
    (
        Column::Channel,
        "digital",
        &["رقمي", "الاستشارة الرقمية", "Consultation numérique", "Numérique", "En ligne", "Online"],
    ),
    (Column::Channel, "territorial_meeting", &["لقاء ترابي", "Rencontre territoriale", "Réunion territoriale"]),
    (Column::Channel, "thematic_meeting", &["لقاء موضوعاتي", "Rencontre thématique", "Réunion thématique"]),
    (Column::Channel, "petition", &["عريضة", "Pétition"]),
    (Column::Channel, "advisory_opinion", &["رأي استشاري", "Avis consultatif"]),
    (Column::Language, "ar", &["العربية", "عربية", "Arabe", "Arabic"]),
    (Column::Language, "fr", &["الفرنسية", "فرنسية", "Français", "French"]),
    (Column::AgeBand, "under_15", &["أقل من 15 سنة", "Moins de 15 ans", "0-14", "Under 15", "< 15"]),
    (Column::AgeBand, "15_24", &["من 15 إلى 24 سنة", "De 15 à 24 ans", "15 à 24 ans", "15 to 24"]),
    (Column::AgeBand, "25_34", &["من 25 إلى 34 سنة", "De 25 à 34 ans", "25 à 34 ans", "25 to 34"]),
    (Column::AgeBand, "35_49", &["من 35 إلى 49 سنة", "De 35 à 49 ans", "35 à 49 ans", "35 to 49"]),
    (Column::AgeBand, "50_64", &["من 50 إلى 64 سنة", "De 50 à 64 ans", "50 à 64 ans", "50 to 64"]),
    (Column::AgeBand, "65_plus", &["65 سنة فأكثر", "65 ans et plus", "65+", "65 and above", "> 65"]),
    (Column::Gender, "female", &["امرأة", "أنثى", "إناث", "نساء", "Femme", "Féminin", "F", "Woman"]),
    (Column::Gender, "male", &["رجل", "ذكر", "ذكور", "Homme", "Masculin", "H", "M", "Man"]),
    (
        Column::ParticipantType,
        "citizen",
        &["مواطن", "مواطنة", "مواطنة أو مواطن", "Citoyen", "Citoyenne", "Citoyenne ou citoyen"],
    ),
    (Column::ParticipantType, "civil_society", &["المجتمع المدني", "جمعية", "Société civile", "Association"]),
    (
        Column::ParticipantType,
        "academic",
        &["الجامعة أو البحث", "جامعة", "Université ou recherche", "Université", "Academia"],
    ),
    (Column::ParticipantType, "private_sector", &["القطاع الخاص", "Secteur privé", "Entreprise"]),
    (Column::ParticipantType, "public_sector", &["القطاع العام", "Secteur public", "Administration"]),
    (Column::ParticipantType, "elected_official", &["منتخب", "منتخبة", "Élu", "Élue", "Élue ou élu"]),
    (Column::Populations, "women", &["النساء", "Les femmes", "Femmes"]),
    (Column::Populations, "youth", &["الشباب", "Les jeunes", "Jeunes", "Young people"]),
    (Column::Populations, "children", &["الأطفال", "Les enfants", "Enfants"]),
    (Column::Populations, "elderly", &["المسنون", "الأشخاص المسنون", "Les personnes âgées", "Personnes âgées"]),
    (
        Column::Populations,
        "people_with_disabilities",
        &["الأشخاص في وضعية إعاقة", "Personnes en situation de handicap", "Les personnes en situation de handicap"],
    ),
    (Column::Populations, "rural", &["العالم القروي", "Le monde rural", "Monde rural"]),
    (Column::Populations, "migrants", &["المهاجرون", "Les personnes migrantes", "Migrants"]),
    (Column::Populations, "all", &["الجميع", "Tout le monde", "Tous", "Everybody"]),
    (Column::AgeBand, "not_stated", NOT_STATED),
    (Column::Gender, "not_stated", NOT_STATED),
    (Column::ParticipantType, "not_stated", NOT_STATED),
];
const NOT_STATED: &[&str] =
    &["أفضل ألا أجيب", "غير مصرح به", "Je préfère ne pas répondre", "Non précisé", "NSP", "Not stated"];

/// How the rows of one file are read, for one consultation.
#[derive(Clone, Debug)]
pub struct Reading {
    places: BTreeMap<Column, usize>,
    names: BTreeMap<Column, Names>,
    defaults: BTreeMap<Column, String>,
    width: usize,
}

impl Reading {
    /// Reads a file with these headers by a mapping; its words may be codes, labels, or what the mapping says.
    ///
    /// # Errors
    /// Everything by which the mapping does not fit the file or the consultation.
    pub fn new(
        mapping: &Mapping,
        headers: &[String],
        axes: &[Named],
        territories: &[Named],
    ) -> Result<Self, Vec<HeaderProblem>> {
        let (places, mut problems) = match mapping.place(headers) {
            Ok(places) => (places, Vec::new()),
            Err(problems) => (BTreeMap::new(), problems),
        };
        let mut names = known_names(axes, territories);
        for (column, words) in &mapping.values {
            let Some(names) = names.get_mut(column) else { continue };
            for (word, code) in words {
                match names.code(code).map(str::to_owned) {
                    Some(code) => names.prefer(word, &code),
                    None => problems.push(HeaderProblem::UnknownCode { column: *column, code: code.clone() }),
                }
            }
        }
        for (column, value) in &mapping.defaults {
            let right = match names.get(column) {
                Some(names) => names.code(value).is_some(),
                None => *column != Column::SubmittedOn || day(value).is_some(),
            };
            if !right {
                problems.push(HeaderProblem::BadDefault { column: *column, value: value.clone() });
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self { places, names, defaults: mapping.defaults.clone(), width: headers.len() })
    }

    /// Makes a row out of cells. `today` is the last day that has come.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn row(&self, cells: &[Cell], today: NaiveDate) -> Result<Row, Vec<Mistake>> {
        if cells.len() != self.width {
            return Err(vec![Mistake::new(None, MistakeCode::Width).number(cells.len())]);
        }
        Checking { reading: self, cells, mistakes: Vec::new() }.row(today)
    }
}

fn known_names(axes: &[Named], territories: &[Named]) -> BTreeMap<Column, Names> {
    fn add<T: ToString>(names: &mut BTreeMap<Column, Names>, column: Column, codes: &[T]) {
        let names = names.entry(column).or_default();
        codes.iter().for_each(|code| names.add(&code.to_string(), []));
    }
    let mut names = BTreeMap::<Column, Names>::new();
    let places = territories.iter().flat_map(|place| [(Column::Territory, place), (Column::Residence, place)]);
    for (column, named) in axes.iter().map(|axis| (Column::Axis, axis)).chain(places) {
        names.entry(column).or_default().add(&named.code, named.labels.iter().map(String::as_str));
    }
    add(&mut names, Column::Axis, &[""; 0]);
    add(&mut names, Column::Channel, Channel::ALL);
    add(&mut names, Column::Language, Language::ALL);
    add(&mut names, Column::AgeBand, AgeBand::ALL);
    add(&mut names, Column::Gender, Gender::ALL);
    add(&mut names, Column::ParticipantType, ParticipantType::ALL);
    add(&mut names, Column::Populations, Population::ALL);
    add(&mut names, Column::Residence, &["not_stated"]);
    for (column, code, words) in WORDS {
        names.entry(column).or_default().add(code, words.iter().copied());
    }
    if let Some(names) = names.get_mut(&Column::Residence) {
        names.add("not_stated", NOT_STATED.iter().copied());
    }
    names
}

/// A day as everybody writes it to sort by. chrono would also take 2026-1-5, which sorts wrongly everywhere else.
fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == text)
}

struct Checking<'a> {
    reading: &'a Reading,
    cells: &'a [Cell],
    mistakes: Vec<Mistake>,
}

impl<'a> Checking<'a> {
    /// What stands in a column, or its default value.
    fn cell(&self, column: Column) -> &'a str {
        let cell = self.reading.places.get(&column).and_then(|place| self.cells.get(*place));
        match cell {
            Some(Cell::Text(text)) if !text.trim().is_empty() => text.trim(),
            _ => self.reading.defaults.get(&column).map_or("", String::as_str),
        }
    }

    fn wrong(&mut self, column: Column, code: MistakeCode) {
        self.mistakes.push(Mistake::new(column, code));
    }

    /// The cells that are no text, whichever column they stand in, as long as it is one of ours.
    fn no_text(&mut self) {
        for (column, place) in &self.reading.places {
            let code = match self.cells.get(*place) {
                Some(Cell::Formula) => MistakeCode::Formula,
                Some(Cell::Error) => MistakeCode::ErrorValue,
                _ => continue,
            };
            self.mistakes.push(Mistake::new(*column, code));
        }
    }

    /// Notes a mistake unless the cell has one already: of a formula nothing more can be said.
    fn unless_noted(&mut self, mistake: Mistake) {
        if !self.mistakes.iter().any(|noted| noted.column == mistake.column) {
            self.mistakes.push(mistake);
        }
    }

    /// The code that a word of a column names.
    fn named(&mut self, column: Column, word: &str) -> Option<&'a str> {
        let suggestion = match self.reading.names.get(&column).map_or(Found::Nothing, |names| names.find(word)) {
            Found::Exactly(code) => return Some(code),
            Found::Perhaps(code) => Some(code.to_owned()),
            Found::Nothing => None,
        };
        let mistake = Mistake::new(column, MistakeCode::UnknownCode).found(word);
        self.mistakes.push(Mistake { suggestion, ..mistake });
        None
    }

    /// The code in a cell; `default` where it is empty.
    fn code<T: FromStr>(&mut self, column: Column, default: Option<T>) -> Option<T> {
        let cell = self.cell(column);
        if cell.is_empty() {
            if default.is_none() {
                self.unless_noted(Mistake::new(column, MistakeCode::Required));
            }
            return default;
        }
        self.named(column, cell).and_then(|code| code.parse().ok())
    }

    fn text<T>(&mut self, column: Column, parse: impl FnOnce(&str) -> Result<T, TextProblem>) -> Option<T> {
        let problem = match parse(self.cell(column)) {
            Ok(text) => return Some(text),
            Err(problem) => problem,
        };
        let mistake = |code| Mistake::new(column, code);
        self.unless_noted(match problem {
            TextProblem::Required => mistake(MistakeCode::Required),
            TextProblem::TooShort { min } => mistake(MistakeCode::TooShort).number(min),
            TextProblem::TooLong { max } => mistake(MistakeCode::TooLong).number(max),
            TextProblem::ControlCharacter => mistake(MistakeCode::ControlCharacter),
            TextProblem::Invalid | TextProblem::TooCommon => mistake(MistakeCode::Invalid),
        });
        None
    }

    fn optional_text<T>(&mut self, column: Column, parse: impl FnOnce(&str) -> Result<T, TextProblem>) -> Option<T> {
        if self.cell(column).is_empty() { None } else { self.text(column, parse) }
    }

    fn external_id(&mut self) -> Option<String> {
        let column = Column::ExternalId;
        self.reading.places.get(&column)?;
        let id = self.cell(column);
        if id.is_empty() {
            self.unless_noted(Mistake::new(column, MistakeCode::Required));
        } else if id.len() > EXTERNAL_ID {
            self.mistakes.push(Mistake::new(column, MistakeCode::TooLong).number(EXTERNAL_ID));
        } else if id.chars().any(char::is_control) {
            self.wrong(column, MistakeCode::ControlCharacter);
        }
        Some(id.to_owned())
    }

    /// Several words: with commas between, or with spaces where each word is one of ours.
    fn populations(&mut self) -> BTreeSet<Population> {
        let column = Column::Populations;
        let mut found = BTreeSet::new();
        for piece in self.cell(column).split([',', ';', '،', '؛', '|', '\n']).filter(|piece| !piece.trim().is_empty())
        {
            let names = self.reading.names.get(&column);
            let known = |word: &str| names.is_some_and(|names| names.code(word).is_some());
            let words: Vec<_> = if !known(piece) && piece.split_whitespace().any(known) {
                piece.split_whitespace().collect()
            } else {
                vec![piece.trim()]
            };
            found.extend(words.into_iter().filter_map(|word| self.named(column, word)?.parse::<Population>().ok()));
        }
        found
    }

    /// The titles in other languages; the one in the text's own language may only repeat it.
    fn titles(&mut self, language: Option<Language>) -> BTreeMap<Language, Title> {
        let mut titles = BTreeMap::new();
        for of in Language::ALL {
            let column = Column::title_in(*of);
            let Some(title) = self.optional_text(column, Title::parse) else { continue };
            if Some(*of) != language {
                titles.insert(*of, title);
            } else if self.cell(column) != self.cell(Column::Title) {
                self.wrong(column, MistakeCode::OwnLanguage);
            }
        }
        titles
    }

    fn submitted_on(&mut self, today: NaiveDate) -> Option<NaiveDate> {
        let column = Column::SubmittedOn;
        let cell = self.cell(column);
        match day(cell) {
            None if cell.is_empty() => self.unless_noted(Mistake::new(column, MistakeCode::Required)),
            None => self.mistakes.push(Mistake::new(column, MistakeCode::NotADay).found(cell)),
            Some(date) if date > today => {
                self.mistakes.push(Mistake::new(column, MistakeCode::InTheFuture).found(cell));
            }
            Some(date) if date.year() < FIRST_YEAR => {
                self.mistakes.push(Mistake::new(column, MistakeCode::TooEarly).found(cell).number(FIRST_YEAR));
            }
            Some(date) => return Some(date),
        }
        None
    }

    fn row(mut self, today: NaiveDate) -> Result<Row, Vec<Mistake>> {
        self.no_text();
        let external_id = self.external_id();
        let axis = self.code::<String>(Column::Axis, None);
        let place = self.code(Column::Territory, None);
        let channel = self.code(Column::Channel, None);
        let language = self.code(Column::Language, None);
        let title = self.text(Column::Title, Title::parse);
        let problem = self.text(Column::Problem, Problem::parse);
        let solution = self.text(Column::Solution, Solution::parse);
        let expected_change = self.optional_text(Column::ExpectedChange, ExpectedChange::parse);
        let titles = self.titles(language);
        let populations = self.populations();
        let submitted_on = self.submitted_on(today);
        let age_band = self.code(Column::AgeBand, Some(AgeBand::NotStated));
        let gender = self.code(Column::Gender, Some(Gender::NotStated));
        let participant_type = self.code(Column::ParticipantType, Some(ParticipantType::NotStated));
        let residence = self.code(Column::Residence, Some(Residence::NotStated));
        let organisation = self.optional_text(Column::Organisation, OrganisationName::parse);
        if organisation.is_some() && participant_type == Some(ParticipantType::Citizen) {
            self.wrong(Column::Organisation, MistakeCode::CitizenWithOrganisation);
        }
        let row = (|| {
            Some(Row {
                external_id,
                axis: axis?,
                place: place?,
                channel: channel?,
                language: language?,
                title: title?,
                problem: problem?,
                solution: solution?,
                expected_change,
                titles,
                populations,
                submitted_on: submitted_on?,
                demographics: Demographics {
                    age_band: age_band?,
                    gender: gender?,
                    participant_type: participant_type?,
                    residence: residence?,
                },
                organisation,
            })
        })();
        row.filter(|_| self.mistakes.is_empty()).ok_or(self.mistakes)
    }
}
