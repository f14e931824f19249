//! The names of things, and what somebody may have meant by one.

use std::collections::HashMap;

use crate::fold;

/// The longest value that is worth comparing, in characters.
const LONGEST: usize = 80;

/// What a value was found to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// This code: it is the code, or a label of it, up to what search ignores.
    Exactly(&'a str),
    /// Perhaps this code.
    Perhaps(&'a str),
    /// Nothing.
    Nothing,
}

/// Codes with their labels in every language, ready to be asked many times.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// By folded name; `None` where two codes have the same name.
    exact: HashMap<String, Option<String>>,
    all: Vec<(Vec<char>, String)>,
}

impl Names {
    /// Adds a code and its labels.
    pub fn add<'a>(&mut self, code: &'a str, labels: impl IntoIterator<Item = &'a str>) {
        for name in std::iter::once(code).chain(labels) {
            let name = folded(name);
            if name.is_empty() {
                continue;
            }
            self.all.push((name.chars().collect(), code.to_owned()));
            let known = self.exact.entry(name).or_insert_with(|| Some(code.to_owned()));
            if known.as_deref() != Some(code) {
                *known = None;
            }
        }
    }

    /// Says that `name` means `code`, whatever else is called so.
    pub fn prefer(&mut self, name: &str, code: &str) {
        self.exact.insert(folded(name), Some(code.to_owned()));
    }

    /// What `value` names.
    #[must_use]
    pub fn find(&self, value: &str) -> Found<'_> {
        if let Some(Some(code)) = self.exact.get(&folded(value)) {
            return Found::Exactly(code);
        }
        self.nearest(value).map_or(Found::Nothing, Found::Perhaps)
    }

    /// The code that is named exactly so.
    #[must_use]
    pub fn code(&self, value: &str) -> Option<&str> {
        match self.find(value) {
            Found::Exactly(code) => Some(code),
            Found::Perhaps(_) | Found::Nothing => None,
        }
    }

    /// The code whose name is nearest to `value`; `None` if nothing is near.
    #[must_use]
    pub fn nearest(&self, value: &str) -> Option<&str> {
        let value: Vec<char> = folded(value).chars().take(LONGEST).collect();
        if value.is_empty() {
            return None;
        }
        let near = self.all.iter().filter_map(|(name, code)| {
            let longer = value.len().max(name.len());
            let contained = value.len().min(name.len()) >= 4 && (contains(name, &value) || contains(&value, name));
            let distance = if contained { 1 } else { distance(&value, name) };
            // half of it may be wrong, or two fifths of a short word
            let near = if longer < 8 { distance * 5 <= longer * 2 } else { distance * 2 <= longer };
            near.then_some((distance * 1000 / longer.max(1), code.as_str()))
        });
        near.min_by_key(|(score, _)| *score).map(|(_, code)| code)
    }
}

/// Names are compared as search does: without accents, case, signs, or the ways to write one Arabic letter.
fn folded(text: &str) -> String {
    fold::fold(&text.replace(['_', '-'], " "))
}

fn contains(whole: &[char], part: &[char]) -> bool {
    !part.is_empty() && whole.windows(part.len()).any(|window| window == part)
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        names.add("MA-CHE", ["Chefchaouen", "شفشاون"]);
        names.add("MA-TNG", ["Tanger-Assilah", "طنجة-أصيلة"]);
        names.add("MA-TET", ["Tétouan"]);
        names
    }

    #[test]
    fn a_label_in_any_language_is_as_good_as_the_code() {
        for (value, code) in [
            ("MA-TNG", "MA-TNG"),
            ("ma-tng", "MA-TNG"),
            ("«طنجة أصيلة»", "MA-TNG"),
            ("Tanger-Assilah", "MA-TNG"),
            ("TANGER ASSILAH", "MA-TNG"),
            ("شفشاوُن", "MA-CHE"),
            ("tetouan", "MA-TET"),
        ] {
            assert_eq!(names().find(value), Found::Exactly(code), "{value}");
        }
    }

    #[test]
    fn a_slip_finds_what_was_meant_and_is_no_match() {
        for (value, code) in [
            ("MA-CHEE", "MA-CHE"),
            ("Chefchaoun", "MA-CHE"),
            ("Tanger", "MA-TNG"),
            ("طنجة اصيلا", "MA-TNG"),
            ("Tetwan", "MA-TET"),
        ] {
            assert_eq!(names().find(value), Found::Perhaps(code), "{value}");
        }
        for value in ["", "Casablanca", "xyz", "🙂"] {
            assert_eq!(names().find(value), Found::Nothing, "{value}");
        }
    }

    #[test]
    fn a_name_of_two_is_a_name_of_neither_until_somebody_says_which() {
        let mut names = names();
        names.add("MA-TET-2", ["Tetouan"]);
        assert_eq!(names.code("Tétouan"), None);
        names.prefer("Tétouan", "MA-TET");
        assert_eq!(names.code("tetouan"), Some("MA-TET"));
    }

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!([d("", ""), d("abc", ""), d("kitten", "sitting"), d("ab", "ba")], [0, 3, 3, 2]);
    }
}
