//! Who lives where, to compare participants with: the 2024 census, shipped with the product. It is data of the source,
//! never edited by staff, so that nobody can make a consultation look representative by changing whom it is compared
//! with.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Serialize};

use crate::vocabulary::{AgeBand, Gender};

/// The ages the census tells apart from one another, in order: every band of the form but "not stated".
pub const BANDS: [AgeBand; 6] = [
    AgeBand::Under15,
    AgeBand::From15To24,
    AgeBand::From25To34,
    AgeBand::From35To49,
    AgeBand::From50To64,
    AgeBand::From65,
];

/// The genders the census knows.
pub const GENDERS: [Gender; 2] = [Gender::Female, Gender::Male];

const TANGER_TETOUAN_AL_HOCEIMA: &str = include_str!("census/tanger-tetouan-al-hoceima.tsv");

/// The same words in the two languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CensusWords)]
#[expect(missing_docs, reason = "named by their language")]
pub struct Words {
    pub ar: String,
    pub fr: String,
}

/// What has to stand next to every number made from a census: its licence asks for the source and for what was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CensusCredit)]
pub struct Credit {
    /// What the census is called.
    pub name: Words,
    /// Who published it.
    pub source: String,
    /// Its SPDX licence identifier.
    pub licence: String,
    /// The year it was taken.
    pub year: u16,
    /// What we changed.
    pub changed: Words,
}

/// The population of one territory, in people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Territory {
    /// Its code, such as `MA-CHE`.
    pub code: String,
    /// The legal population: the municipal one and people counted apart, such as those in barracks.
    pub legal: u64,
    bands: BTreeMap<(Gender, AgeBand), u64>,
}

impl Territory {
    /// The municipal population of a gender and a band, or of all of them.
    #[must_use]
    pub fn people(&self, gender: Option<Gender>, band: Option<AgeBand>) -> u64 {
        let asked =
            |cell: &(Gender, AgeBand)| gender.is_none_or(|it| it == cell.0) && band.is_none_or(|it| it == cell.1);
        self.bands.iter().filter(|(cell, _)| asked(cell)).map(|(_, people)| people).sum()
    }
}

/// The population of the territories of a consultation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// In the order asked for.
    pub territories: Vec<&'static Territory>,
}

impl Census {
    /// The census of exactly these territories; `None` when there is none for one of them (another region), or they are
    /// none. A consultation of three of the eight provinces is compared with those three.
    #[must_use]
    pub fn of<'a>(codes: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let find = |code: &str| known().iter().find(|territory| territory.code == code);
        let territories: Vec<_> = codes.into_iter().map(find).collect::<Option<_>>()?;
        (!territories.is_empty()).then_some(Self { territories })
    }

    /// Its source, licence and changes.
    #[must_use]
    pub fn credit(&self) -> Credit {
        Credit {
            name: Words {
                ar: "الإحصاء العام للسكان والسكنى 2024".to_owned(),
                fr: "Recensement général de la population et de l’habitat 2024".to_owned(),
            },
            source: "Haut-Commissariat au Plan".to_owned(),
            licence: "CC-BY-4.0".to_owned(),
            year: 2024,
            changed: Words {
                ar: "حُسبت أعداد الفئات العمرية انطلاقا من النسب المئوية المنشورة، وهي مقرَّبة إلى 0.1.".to_owned(),
                fr: "Les effectifs par âge sont calculés à partir des pourcentages publiés, arrondis à 0,1.".to_owned(),
            },
        }
    }

    /// The legal population of all territories.
    #[must_use]
    pub fn legal(&self) -> u64 {
        self.territories.iter().map(|territory| territory.legal).sum()
    }

    /// The municipal population of all territories, of a gender and a band or of all of them.
    #[must_use]
    pub fn people(&self, gender: Option<Gender>, band: Option<AgeBand>) -> u64 {
        self.territories.iter().map(|territory| territory.people(gender, band)).sum()
    }
}

/// Every territory of every census in the product, read once.
fn known() -> &'static [Territory] {
    static KNOWN: OnceLock<Vec<Territory>> = OnceLock::new();
    // a file that does not read would be no census, not a wrong one; a test reads it
    KNOWN.get_or_init(|| read(TANGER_TETOUAN_AL_HOCEIMA).unwrap_or_default())
}

/// Reads a file of territories, one a line, whose first line that is no remark names the columns.
fn read(text: &str) -> Option<Vec<Territory>> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect::<Vec<_>>());
    let names = lines.next()?;
    let territory = |line: Vec<&str>| {
        let cell = |name: &str| line.get(names.iter().position(|it| *it == name)?).copied();
        let count = |name: &str| cell(name)?.parse::<u64>().ok();
        let mut bands = BTreeMap::new();
        for gender in GENDERS {
            for band in BANDS {
                bands.insert((gender, band), count(&format!("{gender}_{band}"))?);
            }
        }
        Some(Territory { code: cell("territory")?.to_owned(), legal: count("legal")?, bands })
    };
    lines.map(territory).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EIGHT: [&str; 8] = ["MA-TNG", "MA-FAH", "MA-CHE", "MA-HOC", "MA-OUZ", "MA-LAR", "MA-MDF", "MA-TET"];

    #[test]
    fn the_territories_add_up_to_the_published_region() {
        let region = Census::of(EIGHT).unwrap();
        assert_eq!(region.legal(), 4_030_222);
        assert_eq!(region.people(None, None), 4_008_655);
        assert_eq!(region.people(Some(Gender::Male), None), 2_035_494);
        assert_eq!(region.people(Some(Gender::Female), None), 1_973_161);
        let adults = region.people(None, None) - region.people(None, Some(AgeBand::Under15));
        assert_eq!(adults, 2_920_687);
    }

    /// The published totals of each: legal, men, women, 15 and over.
    #[test]
    fn every_territory_adds_up_to_what_was_published() {
        let published = [
            ("MA-TNG", 1_494_413, 755_166, 732_070, 1_089_488),
            ("MA-FAH", 100_789, 51_706, 47_695, 69_491),
            ("MA-CHE", 412_713, 216_079, 195_898, 289_913),
            ("MA-HOC", 371_527, 186_805, 182_666, 267_469),
            ("MA-OUZ", 274_577, 137_508, 134_605, 203_624),
            ("MA-LAR", 510_211, 257_990, 250_297, 364_217),
            ("MA-MDF", 254_064, 125_822, 126_461, 183_531),
            ("MA-TET", 611_928, 304_418, 303_469, 452_954),
        ];
        for (code, legal, men, women, adults) in published {
            let one = Census::of([code]).unwrap();
            assert_eq!(one.legal(), legal, "{code}");
            assert_eq!(one.people(Some(Gender::Male), None), men, "{code}");
            assert_eq!(one.people(Some(Gender::Female), None), women, "{code}");
            assert_eq!(one.people(None, None) - one.people(None, Some(AgeBand::Under15)), adults, "{code}");
        }
    }

    /// Independent of how the bands were made: the published percentages of the region's men and women, within their
    /// rounding (0.05 points for each of the three groups of five years a band is made of) and 0.1 for fitting eight
    /// territories.
    #[test]
    fn the_bands_are_those_of_the_published_percentages() {
        let region = Census::of(EIGHT).unwrap();
        let published = [
            (Gender::Male, [27.6, 15.6, 15.8, 20.6, 13.0, 7.5]),
            (Gender::Female, [26.6, 15.7, 15.9, 20.5, 13.7, 7.7]),
        ];
        for (gender, shares) in published {
            for (band, share) in BANDS.into_iter().zip(shares) {
                #[expect(clippy::cast_precision_loss, reason = "millions of people are exact")]
                let ours =
                    100.0 * region.people(Some(gender), Some(band)) as f64 / region.people(Some(gender), None) as f64;
                assert!((ours - share).abs() < 0.25_f64, "{gender} {band}: {ours} for {share}");
            }
        }
    }

    #[test]
    fn another_region_has_none() {
        assert_eq!(Census::of(["MA-RAB"]), None);
        assert_eq!(Census::of(["MA-TNG", "MA-RAB"]), None);
        assert_eq!(Census::of([]), None);
        assert_eq!(Census::of(["MA-FAH", "MA-TNG"]).unwrap().legal(), 1_595_202); // 100,789 + 1,494,413
    }

    #[test]
    fn a_file_that_lacks_a_column_is_none() {
        assert_eq!(read("territory\tlegal\nMA-TNG\t1\n"), None);
        assert_eq!(read(""), None);
        assert_eq!(read(&TANGER_TETOUAN_AL_HOCEIMA.replace("47688", "47688x")), None);
    }
}
