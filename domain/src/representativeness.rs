//! Whether those who take part are like those who live here: counts of participants next to a census.
//!
//! **Only what is published goes in.** A count is `None` when it is hidden, and everything here is a function of the
//! shown counts and the census. Nothing that comes out can therefore give a hidden count away that the tables do not
//! give away already.
//!
//! **Among those shown.** A hidden group is left out of both sides: shares are shares of the shown participants,
//! population shares are shares of the people in the shown groups. The rate of a group needs no other group and stays.
//! The two numbers that speak of all groups at once, lowest to highest and dissimilarity, are not given when one is
//! hidden: the hidden group is likely the lowest, and what is left would look more even than it is.
//!
//! **The census is taken as exact** and the participants as if drawn: the interval is Wilson's of the share, divided by
//! the population share. It tells how far chance could have moved the ratio, not why people take part.

use serde::{Deserialize, Serialize};

use crate::{
    census::{BANDS, Census, Credit, GENDERS},
    count::Unit,
    vocabulary::{AgeBand, Gender},
};

codes! {
    /// What is compared.
    ComparedBy {
        /// Where people live, against the legal population of the territory.
        Residence = "residence",
        /// Against the municipal population of each sex.
        Gender = "gender",
        /// Those of 15 and over, against the municipal population of 15 and over. Children stay out on both sides: they
        /// are a quarter of the population and few take part, so with them every other band would seem to be
        /// over-represented, and the figures would jump on the day the fifth child takes part and its count is no
        /// longer hidden.
        AgeBand = "age_band",
        /// Age and gender, against the municipal population of 15 and over, as by age.
        AgeBandGender = "age_band_gender",
        /// Residence and gender, against the municipal population.
        ResidenceGender = "residence_gender",
    }
}

/// How well counts are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// To the unit.
    Exact,
    /// Up or down to a multiple of five, by up to four.
    Rounded,
}

/// A group of people and how many of them take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The code of the residence, gender or age band.
    pub code: String,
    /// With residence and gender: the gender.
    pub gender: Option<Gender>,
    /// How many live here.
    pub population: u64,
    /// How many take part; `None` when hidden.
    pub count: Option<u64>,
}

/// Those who cannot be compared, but are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Who preferred not to say; `None` when hidden or not known.
    pub not_stated: Option<u64>,
    /// Who lives elsewhere; `None` when hidden or not asked for by this comparison.
    pub outside_region: Option<u64>,
}

/// A group compared. Shares and ratios are rounded to four decimals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ComparedGroup)]
pub struct Compared {
    /// The code of the residence, gender or age band.
    pub code: String,
    /// With residence and gender: the gender.
    pub gender: Option<Gender>,
    /// Participants; null when hidden.
    pub count: Option<u64>,
    /// People who live here.
    pub population: u64,
    /// Participants for 100,000 people, one decimal; null when hidden.
    pub per_100k: Option<f64>,
    /// Of the participants compared; null when hidden.
    pub share: Option<f64>,
    /// Of the people in the groups that are shown; of all groups for one that is hidden.
    pub population_share: f64,
    /// Share by population share: 2 is twice as many as live here; null when hidden.
    pub ratio: Option<f64>,
    /// The lower end of its 95 % interval (Wilson).
    pub ratio_low: Option<f64>,
    /// The upper end.
    pub ratio_high: Option<f64>,
    /// Too few to say much.
    pub small: bool,
}

/// One comparison with the census.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Comparison {
    /// What is compared.
    pub by: ComparedBy,
    /// Participants in the groups that are shown.
    pub base: u64,
    /// Participants who preferred not to say; null when hidden.
    pub not_stated: Option<u64>,
    /// Participants who live elsewhere; null when hidden or when residence is not compared.
    pub outside_region: Option<u64>,
    /// How many groups are hidden.
    pub hidden: u64,
    /// In the order given.
    pub groups: Vec<Compared>,
    /// The lowest rate by the highest, 0 to 1, 1 when all take part alike; null when a group is hidden.
    pub lowest_to_highest: Option<f64>,
    /// Half the sum of the differences of shares (Duncan), 0 to 1: the part of the participants who would have to
    /// belong to other groups for both to be alike; null when a group is hidden. Chance alone makes it larger the fewer
    /// take part.
    pub dissimilarity: Option<f64>,
    /// Too few to say much: fewer than thirty compared, or one of the groups is small.
    pub small: bool,
}

/// Participants next to the census.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Representativeness {
    /// What is counted.
    pub unit: Unit,
    /// What it is compared with.
    pub census: Credit,
    /// One for each way of comparing.
    pub comparisons: Vec<Comparison>,
}

/// The groups of a comparison, in the order of the census; `count` tells the published count of a code and, with
/// residence and gender, a gender: `None` when it is hidden, `Some(0)` when nobody took part and that is shown.
#[must_use]
pub fn groups(census: &Census, by: ComparedBy, count: impl Fn(&str, Option<Gender>) -> Option<u64>) -> Vec<Group> {
    let group = |code: &str, gender, population| Group {
        code: code.to_owned(),
        gender,
        population,
        count: count(code, gender),
    };
    let places = || census.territories.iter();
    match by {
        ComparedBy::Residence => places().map(|place| group(&place.code, None, place.legal)).collect(),
        ComparedBy::Gender => GENDERS.map(|it| group(it.as_str(), None, census.people(Some(it), None))).into(),
        ComparedBy::AgeBand => {
            let grown = BANDS.into_iter().filter(|band| *band != AgeBand::Under15);
            grown.map(|it| group(it.as_str(), None, census.people(None, Some(it)))).collect()
        }
        ComparedBy::AgeBandGender => {
            let grown = BANDS.into_iter().filter(|band| *band != AgeBand::Under15);
            let both = grown.flat_map(|band| GENDERS.map(|gender| (band, gender)));
            both.map(|(it, gender)| group(it.as_str(), Some(gender), census.people(Some(gender), Some(it)))).collect()
        }
        ComparedBy::ResidenceGender => {
            let both = places().flat_map(|place| GENDERS.map(|gender| (place, gender)));
            both.map(|(place, it)| group(&place.code, Some(it), place.people(Some(it), None))).collect()
        }
    }
}

/// The 97.5th percentile of the normal distribution: 95 % lie within it on both sides.
const Z: f64 = 1.959_963_984_540_054;

/// Below this many participants, the interval of a share around one half is wider than 18 points on each side.
const SMALL_BASE: u64 = 30;

/// Compares groups.
///
/// A group is small where fewer than five would be expected if all took part alike: one participant more or less then
/// moves its ratio by a fifth or more. Of rounded counts, which may be off by four, twenty have to be expected for the
/// same. In a comparison of fewer than thirty every group is small.
#[must_use]
pub fn compare(by: ComparedBy, groups: Vec<Group>, left_out: LeftOut, counts: Counts) -> Comparison {
    let base: u64 = groups.iter().filter_map(|group| group.count).sum();
    let all: u64 = groups.iter().map(|group| group.population).sum();
    let shown: u64 = groups.iter().filter(|group| group.count.is_some()).map(|group| group.population).sum();
    let hidden = groups.iter().filter(|group| group.count.is_none()).count();
    let expected = match counts {
        Counts::Exact => 5.0,
        Counts::Rounded => 20.0,
    };
    let compared = |group: &Group| {
        let here = part(group.population, if group.count.is_some() { shown } else { all }).unwrap_or_default();
        let share = group.count.and_then(|count| part(count, base));
        let by_population = |share: f64| (here > 0.0).then(|| rounded(share / here));
        let (low, high) = group.count.and_then(|count| wilson(count, base)).unzip();
        Compared {
            code: group.code.clone(),
            gender: group.gender,
            count: group.count,
            population: group.population,
            per_100k: group.count.and_then(|count| per_100k(count, group.population)),
            share: share.map(rounded),
            population_share: rounded(here),
            ratio: share.and_then(by_population),
            ratio_low: low.and_then(by_population),
            ratio_high: high.and_then(by_population),
            small: base < SMALL_BASE || here * real(base) < expected,
        }
    };
    let compared: Vec<_> = groups.iter().map(compared).collect();
    Comparison {
        by,
        base,
        not_stated: left_out.not_stated,
        outside_region: left_out.outside_region,
        hidden: hidden as u64,
        lowest_to_highest: lowest_to_highest(&groups).map(rounded),
        dissimilarity: dissimilarity(&groups, base, all).map(rounded),
        small: base < SMALL_BASE || compared.iter().any(|group| group.small),
        groups: compared,
    }
}

/// Participants for 100,000 people, to one decimal; `None` where nobody lives.
#[must_use]
pub fn per_100k(count: u64, population: u64) -> Option<f64> {
    // in whole numbers, so that a half is rounded up everywhere alike
    let (count, population) = (u128::from(count), u128::from(population));
    let tenths = (population > 0).then(|| (2 * count * 1_000_000 + population) / (2 * population))?;
    Some(real(u64::try_from(tenths).ok()?) / 10.0)
}

/// Wilson's 95 % interval of `count` out of `base`, without correction for continuity; `None` without a base.
#[must_use]
pub fn wilson(count: u64, base: u64) -> Option<(f64, f64)> {
    let share = part(count, base)?;
    let n = real(base);
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    Some((((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0)))
}

/// The lowest rate by the highest; `None` when a group is hidden, for fewer than two groups, where nobody lives, or
/// when nobody takes part.
fn lowest_to_highest(groups: &[Group]) -> Option<f64> {
    let rates: Vec<f64> = groups.iter().map(|group| part(group.count?, group.population)).collect::<Option<_>>()?;
    let (lowest, highest) = (rates.iter().copied().reduce(f64::min)?, rates.iter().copied().reduce(f64::max)?);
    (rates.len() > 1 && highest > 0.0).then(|| lowest / highest)
}

/// Half the sum of the differences of shares; `None` when a group is hidden.
fn dissimilarity(groups: &[Group], base: u64, population: u64) -> Option<f64> {
    let difference = |group: &Group| Some((part(group.count?, base)? - part(group.population, population)?).abs());
    let sum: f64 = groups.iter().map(difference).sum::<Option<f64>>()?;
    (groups.len() > 1).then_some(sum / 2.0)
}

fn part(count: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| real(count) / real(whole))
}

/// Four decimals: more would only pretend, and would make published files longer.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[expect(clippy::cast_precision_loss, reason = "people are fewer than 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EIGHT: [&str; 8] = ["MA-TNG", "MA-FAH", "MA-CHE", "MA-HOC", "MA-OUZ", "MA-LAR", "MA-MDF", "MA-TET"];
    /// Who came to the eight meetings of 2023 and 2024, in the same order: 527 people.
    const CAME: [u64; 8] = [44, 54, 69, 96, 60, 73, 55, 76];

    fn meetings(hidden: &[&str]) -> Comparison {
        let census = Census::of(EIGHT).unwrap();
        let came = |code: &str| EIGHT.iter().position(|it| *it == code).map(|at| CAME[at]);
        let count = |code: &str, _| if hidden.contains(&code) { None } else { came(code) };
        let groups = groups(&census, ComparedBy::Residence, count);
        compare(ComparedBy::Residence, groups, LeftOut::default(), Counts::Exact)
    }

    /// Groups a, b ... of these populations and counts.
    fn made_up(cells: &[(u64, Option<u64>)]) -> Vec<Group> {
        let codes = ('a'..='z').map(String::from);
        codes.zip(cells).map(|(code, &(population, count))| Group { code, gender: None, population, count }).collect()
    }

    fn compared(cells: &[(u64, Option<u64>)]) -> Comparison {
        compare(ComparedBy::Residence, made_up(cells), LeftOut::default(), Counts::Exact)
    }

    /// Computed apart, with forty decimal digits, from Wilson's formula as printed in textbooks.
    #[test]
    fn the_eight_meetings() {
        let expected = [
            (2.9, 0.0835, 0.3708, 0.2252, 0.1693, 0.2973),
            (53.6, 0.1025, 0.0250, 4.0973, 3.1744, 5.2503),
            (16.7, 0.1309, 0.1024, 1.2786, 1.0232, 1.5861),
            (25.8, 0.1822, 0.0922, 1.9761, 1.6440, 2.3581),
            (21.9, 0.1139, 0.0681, 1.6711, 1.3134, 2.1108),
            (14.3, 0.1385, 0.1266, 1.0942, 0.8818, 1.3479),
            (21.6, 0.1044, 0.0630, 1.6555, 1.2859, 2.1160),
            (12.4, 0.1442, 0.1518, 0.9498, 0.7692, 1.1643),
        ];
        let comparison = meetings(&[]);
        assert_eq!((comparison.base, comparison.hidden, comparison.small), (527, 0, false));
        assert_eq!(comparison.lowest_to_highest, Some(0.0550));
        assert_eq!(comparison.dissimilarity, Some(0.2949));
        for ((group, (rate, share, people, ratio, low, high)), code) in
            comparison.groups.iter().zip(expected).zip(EIGHT)
        {
            assert_eq!(group.code, code);
            assert_eq!(
                (group.per_100k, group.share, group.population_share),
                (Some(rate), Some(share), people),
                "{code}"
            );
            assert_eq!(
                (group.ratio, group.ratio_low, group.ratio_high),
                (Some(ratio), Some(low), Some(high)),
                "{code}"
            );
        }
    }

    /// As above without Fahs-Anjra on either side: 473 participants, 3,929,433 people.
    #[test]
    fn a_hidden_group_is_left_out_on_both_sides() {
        let comparison = meetings(&["MA-FAH"]);
        assert_eq!((comparison.base, comparison.hidden), (473, 1));
        assert_eq!((comparison.lowest_to_highest, comparison.dissimilarity), (None, None));
        let [tanger, fahs, ..] = &comparison.groups[..] else { panic!("eight groups") };
        assert_eq!((tanger.share, tanger.population_share, tanger.ratio), (Some(0.0930), 0.3803, Some(0.2446)));
        assert_eq!((tanger.ratio_low, tanger.ratio_high), (Some(0.1841), Some(0.3223)));
        assert_eq!(tanger.per_100k, Some(2.9));
        assert_eq!((fahs.population, fahs.population_share), (100_789, 0.0250));
        assert_eq!((fahs.count, fahs.per_100k, fahs.share, fahs.ratio, fahs.ratio_low), (None, None, None, None, None));
    }

    /// What other platforms print for these rates; by hand, the shares are 100, 75 and 80 of 255 beside a third each.
    #[test]
    fn the_lowest_of_the_highest() {
        let comparison = compared(&[(1000, Some(100)), (1000, Some(75)), (1000, Some(80))]);
        assert_eq!(comparison.lowest_to_highest, Some(0.75));
        assert_eq!(comparison.dissimilarity, Some(0.0588)); // (15 + 10 + 5) / 255 / 2
        let apart = compared(&[(1000, Some(50)), (1000, Some(0))]);
        assert_eq!((apart.lowest_to_highest, apart.dissimilarity), (Some(0.0), Some(0.5)));
    }

    /// Computed apart, as above; the cases are those of Newcombe, Statistics in Medicine 17 (1998), method 3.
    #[test]
    fn wilson_of_few_and_of_none() {
        let expected =
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)];
        for (count, base, low, high) in expected {
            let (l, h) = wilson(count, base).unwrap();
            assert_eq!((rounded(l), rounded(h)), (low, high), "{count} of {base}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn rates_are_rounded_half_up() {
        assert_eq!(per_100k(1, 2_000_000), Some(0.1)); // 0.05
        assert_eq!(per_100k(49, 100_000_000), Some(0.0)); // 0.049
        assert_eq!(per_100k(5, 0), None);
    }

    #[test]
    fn few_are_told_apart_from_many() {
        // expected: 100 * 4 / 100 = 4 and 100 * 96 / 100
        let comparison = compared(&[(4, Some(10)), (96, Some(90))]);
        assert_eq!(comparison.groups.iter().map(|group| group.small).collect::<Vec<_>>(), [true, false]);
        assert!(comparison.small);
        assert!(!compared(&[(5, Some(10)), (95, Some(90))]).small);
        assert!(compared(&[(50, Some(14)), (50, Some(15))]).small); // 29 in all
        assert!(!compared(&[(50, Some(15)), (50, Some(15))]).small);
        let rounded =
            |cells| compare(ComparedBy::ResidenceGender, made_up(cells), LeftOut::default(), Counts::Rounded).small;
        assert!(rounded(&[(19, Some(20)), (81, Some(80))]));
        assert!(!rounded(&[(20, Some(20)), (80, Some(80))]));
    }

    #[test]
    fn each_comparison_has_its_population() {
        let census = Census::of(EIGHT).unwrap();
        let of = |by| groups(&census, by, |_, _| Some(1));
        let people = |by| of(by).iter().map(|group| group.population).sum::<u64>();
        assert_eq!((of(ComparedBy::Residence).len(), people(ComparedBy::Residence)), (8, 4_030_222));
        assert_eq!((of(ComparedBy::Gender).len(), people(ComparedBy::Gender)), (2, 4_008_655));
        assert_eq!((of(ComparedBy::AgeBand).len(), people(ComparedBy::AgeBand)), (5, 2_920_687));
        assert_eq!((of(ComparedBy::ResidenceGender).len(), people(ComparedBy::ResidenceGender)), (16, 4_008_655));
        let first = &of(ComparedBy::ResidenceGender)[0];
        assert_eq!((first.code.as_str(), first.gender, first.population), ("MA-TNG", Some(Gender::Female), 732_070));
    }

    #[test]
    fn nobody_is_no_division() {
        for comparison in
            [compared(&[]), compared(&[(0, Some(0))]), compared(&[(5, None)]), compared(&[(0, Some(3)), (9, Some(0))])]
        {
            let written = serde_json::to_string(&comparison).unwrap();
            assert_eq!(serde_json::from_str::<Comparison>(&written).unwrap(), comparison); // NaN would be null
        }
    }

    proptest! {
        #[test]
        fn what_is_given_lies_within_its_limits(
            cells in proptest::collection::vec((0_u64..2_000_000, proptest::option::of(0_u64..500)), 0..12),
        ) {
            let comparison = compared(&cells);
            prop_assert_eq!(comparison.base, cells.iter().filter_map(|cell| cell.1).sum::<u64>());
            prop_assert!(comparison.dissimilarity.is_none_or(|value| (0.0..=1.0).contains(&value)));
            prop_assert!(comparison.lowest_to_highest.is_none_or(|value| (0.0..=1.0).contains(&value)));
            for group in comparison.groups {
                let ratios = (group.ratio_low, group.ratio, group.ratio_high);
                let ordered = matches!(ratios, (Some(low), Some(ratio), Some(high)) if low <= ratio && ratio <= high);
                prop_assert!(ordered || ratios == (None, None, None));
                prop_assert_eq!(group.count.is_none() && group.share.is_some(), false);
            }
        }
    }
}
