//! A watcher who looks after every submission. Proposals are public, so the watcher sees that one arrived; what its
//! author says of themselves is not. What changed between two publications is about those who arrived between them, the
//! batch: when every one of them must be in the same cell, the codes of that cell are known of each.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    census::{BANDS, Census, GENDERS},
    vocabulary::AgeBand,
};

use crate::{
    lp::{Attacker, System},
    published::{Cell, PublishedEdition, PublishedTable},
};

/// The dimensions a watcher wants to know of somebody; the first three are a profile.
pub const WANTED: [&str; 4] = ["residence", "gender", "age_band", "participant_type"];

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// The code of each dimension: those of [`WANTED`], and `axis`, `channel`, `language`, `state`.
    pub codes: BTreeMap<&'static str, String>,
    /// It is the watcher who sent this, to know more of the others.
    pub own: bool,
}

impl Participant {
    /// The code of a dimension.
    pub fn code(&self, dimension: &str) -> &str {
        &self.codes[dimension]
    }

    /// Whether they belong to those of a cell.
    pub fn is_in(&self, cell: &Cell) -> bool {
        cell.iter().all(|(dimension, code)| self.codes.get(dimension.as_str()).is_some_and(|it| it == code))
    }
}

/// Random numbers that are the same on every machine (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        // neighbouring seeds would start alike
        let mut random = Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            random.below(2);
        }
        random
    }

    /// A number below `end`, which is far below 2^64.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % end
    }

    /// One of these, each as often as its weight.
    pub fn pick<'a, T>(&mut self, choices: &'a [(T, u64)]) -> &'a T {
        let mut at = self.below(choices.iter().map(|choice| choice.1).sum());
        let (choice, _) = choices
            .iter()
            .find(|choice| {
                choice.1 > at || {
                    at -= choice.1;
                    false
                }
            })
            .unwrap();
        choice
    }
}

/// The eight territories.
pub const TERRITORIES: [&str; 8] = ["MA-TNG", "MA-FAH", "MA-CHE", "MA-HOC", "MA-OUZ", "MA-LAR", "MA-MDF", "MA-TET"];

/// Draws participants from those of 15 and over in the census: residence, gender and age band together as people are;
/// what the census does not tell by weights of our own, independent of it.
pub fn draw(seed: u64, count: usize) -> Vec<Participant> {
    let census = Census::of(TERRITORIES).unwrap();
    let mut people = Vec::new();
    for place in &census.territories {
        for gender in GENDERS {
            for band in BANDS.into_iter().filter(|band| *band != AgeBand::Under15) {
                people.push(((place.code.clone(), gender, band), place.people(Some(gender), Some(band))));
            }
        }
    }
    let others: [(&str, &[(&str, u64)]); 5] = [
        ("participant_type", &[("citizen", 70), ("civil_society", 20), ("academic", 6), ("private_sector", 4)]),
        ("axis", &[("a1", 30), ("a2", 25), ("a3", 20), ("a4", 15), ("a5", 10)]),
        ("channel", &[("digital", 80), ("territorial_meeting", 20)]),
        ("language", &[("ar", 80), ("fr", 20)]),
        ("state", &[("submitted", 1)]),
    ];
    let mut random = Random::new(seed);
    let one = |_| {
        let (residence, gender, band) = random.pick(&people).clone();
        let mut codes = BTreeMap::from([("residence", residence), ("gender", gender.to_string())]);
        codes.insert("age_band", band.to_string());
        codes.extend(others.map(|(dimension, weights)| (dimension, (*random.pick(weights)).to_owned())));
        Participant { codes, own: false }
    };
    (0..count).map(one).collect()
}

/// What the watcher learned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// How often something was published.
    pub publications: usize,
    /// Participants (not the watcher's own) whose residence, gender and age band are all known.
    pub profiles: usize,
    /// Participants of whom at least one of [`WANTED`] is known.
    pub anything: usize,
    /// By dimension: participants of whom it is known.
    pub attributes: BTreeMap<&'static str, usize>,
}

/// Submits participants one by one. After each, `publish` is given all there are so far and may publish; a new edition
/// is `Some`.
pub fn watch(
    participants: &[Participant],
    mut publish: impl FnMut(&[Participant]) -> Option<PublishedEdition>,
) -> Learned {
    let (mut editions, mut counted) = (Vec::new(), Vec::new());
    for so_far in 1..=participants.len() {
        if let Some(edition) = publish(&participants[..so_far]) {
            editions.push(edition);
            counted.push(so_far);
        }
    }
    let mut learned = Learned { publications: editions.len(), ..Learned::default() };
    for at in 0..editions.len() {
        let watched = Watched { participants, editions: &editions, counted: &counted };
        let (others, known) = watched.batch(at);
        let all_of = |wanted: &[&str]| wanted.iter().all(|dimension| known.contains(*dimension));
        learned.profiles += if all_of(&WANTED[..3]) { others } else { 0 };
        learned.anything += if known.is_empty() { 0 } else { others };
        for dimension in WANTED.into_iter().filter(|it| known.contains(*it)) {
            *learned.attributes.entry(dimension).or_default() += others;
        }
    }
    learned
}

/// All that happened; what of it the watcher may use, the functions say.
struct Watched<'a> {
    participants: &'a [Participant],
    editions: &'a [PublishedEdition],
    /// How many participants there were at each edition.
    counted: &'a [usize],
}

impl Watched<'_> {
    /// Those whom an edition counts first.
    fn new_in(&self, at: usize) -> &[Participant] {
        let from = at.checked_sub(1).map_or(0, |before| self.counted[before]);
        &self.participants[from..self.counted[at]]
    }

    /// How many of those are not the watcher's own, and which dimensions become known of every one of them.
    fn batch(&self, at: usize) -> (usize, BTreeSet<String>) {
        let others: Vec<_> = self.new_in(at).iter().filter(|it| !it.own).collect();
        let Some(first) = others.first() else { return (0, BTreeSet::new()) };
        // a watcher concludes nothing that is not so: only what they do have in common needs a look, and that is rare
        let common = |dimension: &str| others.iter().all(|other| other.code(dimension) == first.code(dimension));
        let wanted = |cell: &Cell| cell.iter().any(|(dimension, _)| WANTED.contains(&dimension.as_str()));
        let cells = self.editions[at].tables.iter().flat_map(PublishedTable::cells).map(|(cell, _)| cell);
        let mut known = BTreeSet::new();
        for cell in cells.filter(|cell| first.is_in(cell) && cell.iter().all(|pair| common(&pair.0)) && wanted(cell)) {
            if self.least_new(at, &cell) == self.own_in(at, &cell) + others.len() as u64 {
                known.extend(cell.into_iter().map(|(dimension, _)| dimension));
            }
        }
        (others.len(), known)
    }

    fn own_in(&self, at: usize, cell: &Cell) -> u64 {
        self.new_in(at).iter().filter(|it| it.own && it.is_in(cell)).count() as u64
    }

    /// How many of a cell are new in an edition, at least, for all the watcher can tell from it and those around it.
    fn least_new(&self, at: usize, cell: &Cell) -> u64 {
        // those further away say no more of this batch
        let (from, to) = (at.saturating_sub(3), (at + 3).min(self.editions.len()));
        let (mut system, known) =
            Attacker { shown_two_way: 10, ..Attacker::default() }.system(&self.editions[from..to]);
        for (here, cells) in known.iter().enumerate() {
            for (cell, now) in cells {
                let before = here.checked_sub(1).and_then(|before| known[before].get(cell));
                let own = i64::try_from(self.own_in(from + here, cell)).unwrap();
                if own > 0 {
                    system.row([(*now, -1)].into_iter().chain(before.map(|before| (*before, 1))), false, -own);
                }
            }
        }
        let new = system.variable(0, i64::try_from(self.editions[at].base).unwrap());
        let before = at.checked_sub(1).and_then(|before| self.before(before, cell, &known[before - from], &mut system));
        system.row([(new, 1), (known[at - from][cell], -1)].into_iter().chain(before), true, 0);
        system.ends(&[new], None).unwrap()[0].0
    }

    /// A cell of the edition before, as a term. One that its table does not have is empty; of one whose table is not
    /// there nothing is known.
    fn before(
        &self,
        before: usize,
        cell: &Cell,
        known: &BTreeMap<Cell, usize>,
        system: &mut System,
    ) -> Option<(usize, i64)> {
        let dimensions = |cell: &Cell| cell.iter().map(|pair| pair.0.clone()).collect::<Vec<_>>();
        match known.get(cell) {
            Some(variable) => Some((*variable, 1)),
            None if known.keys().any(|other| dimensions(other) == dimensions(cell)) => None,
            None => Some((system.variable(0, i64::try_from(self.editions[before].base).unwrap()), 1)),
        }
    }
}

mod tests;
