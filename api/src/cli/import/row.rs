//! One row of an import file: checked like a proposal of the form, every mistake at once.

use std::{fmt::Display, str::FromStr};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use domain::{
    calendar,
    text::{ExpectedChange, OrganisationName, Problem, Solution, TextProblem, Title},
    vocabulary::{AgeBand, Channel, Demographics, Gender, Language, ParticipantType, Place, Population, Residence},
};

use super::{columns::Header, suggest::nearest};
use crate::{
    localised::Localised,
    store::{consultation::Consultation, entity::proposal, proposal::NewProposal},
};

/// Nothing was said in public before.
const FIRST_YEAR: i32 = 2000;
/// The longest external id, in bytes.
const EXTERNAL_ID: usize = 100;

/// What is wrong with one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The column, or nothing if it is the row.
    pub column: &'static str,
    /// For a person to read. Never what stands in a text: a report gets passed around.
    pub why: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

impl Mistake {
    /// A mistake without a guess.
    #[must_use]
    pub fn new(column: &'static str, why: impl Into<String>) -> Self {
        Self { column, why: why.into(), suggestion: None }
    }
}

/// Collects the mistakes of a row.
struct Row<'a> {
    header: &'a Header,
    cells: &'a [&'a str],
    mistakes: Vec<Mistake>,
}

impl<'a> Row<'a> {
    fn cell(&self, column: &str) -> &'a str {
        self.header.cell(self.cells, column)
    }

    fn wrong(&mut self, column: &'static str, why: impl Into<String>) {
        self.mistakes.push(Mistake::new(column, why));
    }

    /// A code of a closed vocabulary; `default` where the cell is empty.
    fn code<T: FromStr + Display + Copy>(&mut self, column: &'static str, all: &[T], default: Option<T>) -> Option<T> {
        let cell = self.cell(column);
        if cell.is_empty() {
            if default.is_none() {
                self.wrong(column, "required");
            }
            return default;
        }
        let code = cell.parse().ok();
        if code.is_none() {
            let names: Vec<_> = all.iter().map(ToString::to_string).collect();
            self.unknown(column, names.iter().map(|name| (name.as_str(), name.as_str())));
        }
        code
    }

    fn unknown<'n>(&mut self, column: &'static str, names: impl Iterator<Item = (&'n str, &'n str)>) {
        let suggestion = nearest(self.cell(column), names).map(str::to_owned);
        self.mistakes.push(Mistake { column, why: "unknown code".into(), suggestion });
    }

    fn text<T>(&mut self, column: &'static str, parse: impl FnOnce(&str) -> Result<T, TextProblem>) -> Option<T> {
        parse(self.cell(column)).map_err(|problem| self.wrong(column, problem.to_string())).ok()
    }

    fn optional_text<T>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, TextProblem>,
    ) -> Option<T> {
        if self.cell(column).is_empty() { None } else { self.text(column, parse) }
    }

    fn external_id(&mut self) -> String {
        let id = self.cell("external_id");
        if id.is_empty() {
            self.wrong("external_id", "required");
        } else if id.len() > EXTERNAL_ID {
            self.wrong("external_id", format!("longer than {EXTERNAL_ID} bytes"));
        } else if id.chars().any(char::is_control) {
            self.wrong("external_id", TextProblem::ControlCharacter.to_string());
        }
        id.to_owned()
    }

    fn axis(&mut self, consultation: &Consultation) -> String {
        let code = self.cell("axis");
        if code.is_empty() {
            self.wrong("axis", "required");
        } else if consultation.axis_id(code).is_none() {
            let labels = consultation.axes.iter().flat_map(|axis| names(&axis.code, &axis.label.0));
            self.unknown("axis", labels);
        }
        code.to_owned()
    }

    fn place(&mut self, consultation: &Consultation) -> Option<Place> {
        let code = self.cell("territory");
        if code.is_empty() {
            self.wrong("territory", "required");
            return None;
        }
        let place = code.parse::<Place>().ok().filter(|place| consultation.place_id(place).is_ok());
        if place.is_none() {
            self.unknown("territory", territories(consultation).chain([("whole_region", "whole_region")]));
        }
        place
    }

    fn residence(&mut self, consultation: &Consultation) -> Option<Residence> {
        let code = self.cell("residence");
        if code.is_empty() {
            return Some(Residence::NotStated);
        }
        let residence = code.parse::<Residence>().ok().filter(|residence| match residence {
            Residence::Territory(code) => consultation.territory_id(code.as_str()).is_some(),
            Residence::OutsideRegion | Residence::NotStated => true,
        });
        if residence.is_none() {
            let others = ["outside_region", "not_stated"].map(|code| (code, code));
            self.unknown("residence", territories(consultation).chain(others));
        }
        residence
    }

    fn populations(&mut self) -> std::collections::BTreeSet<Population> {
        let mut found = std::collections::BTreeSet::new();
        for word in self.cell("populations").split_whitespace() {
            match word.parse() {
                Ok(population) => {
                    found.insert(population);
                }
                Err(_) => {
                    let known = Population::ALL.iter().map(|population| (population.as_str(), population.as_str()));
                    let suggestion = nearest(word, known).map(str::to_owned);
                    self.mistakes.push(Mistake { column: "populations", why: "unknown code".into(), suggestion });
                }
            }
        }
        found
    }

    /// The titles in other languages; the one in the text's own language may only repeat it.
    fn translations(&mut self, language: Option<Language>) -> Localised {
        let mut titles = Localised::default();
        for (column, of) in [("title_ar", Language::Ar), ("title_fr", Language::Fr)] {
            let Some(title) = self.optional_text(column, Title::parse) else { continue };
            if Some(of) != language {
                titles.0.insert(of.to_string(), title.into_string());
            } else if self.cell(column) != self.cell("title") {
                self.wrong(column, "the proposal is written in this language: its title stands under title");
            }
        }
        titles
    }

    fn submitted_at(&mut self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let cell = self.cell("submitted_on");
        if cell.is_empty() {
            self.wrong("submitted_on", "required");
            return None;
        }
        // chrono would also take 2026-1-5, which sorts wrongly everywhere else
        let date = NaiveDate::parse_from_str(cell, "%Y-%m-%d").ok().filter(|date| date.to_string() == cell);
        match date {
            None => self.wrong("submitted_on", "not a day written as YYYY-MM-DD"),
            Some(date) if date > calendar::day(now) => self.wrong("submitted_on", "lies in the future"),
            Some(date) if date.year() < FIRST_YEAR => self.wrong("submitted_on", format!("lies before {FIRST_YEAR}")),
            Some(date) => {
                return Some(date.and_hms_opt(12, 0, 0).map_or(now, |noon| calendar::instant(noon).min(now)));
            }
        }
        None
    }
}

fn names<'a>(code: &'a str, label: &'a Localised) -> impl Iterator<Item = (&'a str, &'a str)> {
    std::iter::once((code, code)).chain(label.0.values().map(move |label| (code, label.as_str())))
}

fn territories(consultation: &Consultation) -> impl Iterator<Item = (&str, &str)> {
    consultation.territories.iter().flat_map(|territory| names(&territory.code, &territory.label.0))
}

/// Makes a proposal out of a row.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(
    consultation: &Consultation,
    header: &Header,
    cells: &[&str],
    now: DateTime<Utc>,
) -> Result<NewProposal, Vec<Mistake>> {
    let mut row = Row { header, cells, mistakes: Vec::new() };
    let external_id = row.external_id();
    let axis = row.axis(consultation);
    let place = row.place(consultation);
    let channel = row.code("channel", Channel::ALL, None);
    let language = row.code("language", Language::ALL, None);
    let title = row.text("title", Title::parse);
    let problem = row.text("problem", Problem::parse);
    let solution = row.text("solution", Solution::parse);
    let expected_change = row.optional_text("expected_change", ExpectedChange::parse);
    let title_translations = row.translations(language);
    let populations = row.populations();
    let submitted_at = row.submitted_at(now);
    let age_band = row.code("age_band", AgeBand::ALL, Some(AgeBand::NotStated));
    let gender = row.code("gender", Gender::ALL, Some(Gender::NotStated));
    let participant_type = row.code("participant_type", ParticipantType::ALL, Some(ParticipantType::NotStated));
    let residence = row.residence(consultation);
    let organisation = row.optional_text("organisation", OrganisationName::parse);
    if organisation.is_some() && participant_type == Some(ParticipantType::Citizen) {
        row.wrong("organisation", "a citizen writes for no organisation");
    }
    let proposal = (|| {
        Some(NewProposal {
            axis,
            place: place?,
            channel: channel?,
            language: language?,
            demographics: Demographics {
                age_band: age_band?,
                gender: gender?,
                participant_type: participant_type?,
                residence: residence?,
            },
            title: title?,
            title_translations,
            problem: problem?,
            solution: solution?,
            expected_change,
            populations,
            organisation,
            // nobody was asked whether to name it
            name_organisation: false,
            email: None,
            consent: None,
            external_id: Some(external_id),
            // whoever wrote the file down is not the author
            personal_data_acknowledged: false,
            submitted_at: submitted_at?,
            received_at: now,
        })
    })();
    proposal.filter(|_| row.mistakes.is_empty()).ok_or(row.mistakes)
}

/// The columns in which a row differs from the proposal it came in as earlier.
#[must_use]
pub fn differences(consultation: &Consultation, new: &NewProposal, old: &proposal::Model) -> Vec<&'static str> {
    let said = |text: &Option<String>, now: Option<&str>| text.as_deref() == now;
    let translated = |code: &str| {
        new.title_translations.0.get(code).is_none_or(|title| old.title_translations.0.0.get(code) == Some(title))
    };
    let same = [
        ("axis", consultation.axis_code(old.axis_id) == new.axis),
        ("territory", consultation.place(old.territory_id) == new.place.to_string()),
        ("channel", old.channel.0 == new.channel),
        ("language", old.language.0 == new.language),
        ("title", old.title == new.title.as_str()),
        ("problem", old.problem == new.problem.as_str()),
        ("solution", old.solution == new.solution.as_str()),
        ("expected_change", said(&old.expected_change, new.expected_change.as_ref().map(ExpectedChange::as_str))),
        // the committee may have translated a title since
        ("title_ar", translated("ar")),
        ("title_fr", translated("fr")),
        (
            "populations",
            old.populations.0.iter().copied().collect::<std::collections::BTreeSet<_>>() == new.populations,
        ),
        ("submitted_on", calendar::day(old.submitted_at) == calendar::day(new.submitted_at)),
        ("age_band", old.age_band.0 == new.demographics.age_band),
        ("gender", old.gender.0 == new.demographics.gender),
        ("participant_type", old.participant_type.0 == new.demographics.participant_type),
        ("residence", old.residence.0 == new.demographics.residence),
        ("organisation", said(&old.organisation, new.organisation.as_ref().map(OrganisationName::as_str))),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(column, _)| column).collect()
}
