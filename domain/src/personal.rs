//! Personal data in a text: what tells who somebody is or how to reach them, found before everybody can read it.
//!
//! Finding is a warning, never a refusal: an author may want an association's telephone to be read. The rules lean to
//! finding what is written as people write it (spaces, dots, Arabic digits, characters that nobody sees in between),
//! and away from what a proposal is full of: sums, years, dates, distances, articles of law.

use crate::{reference::latin_digit, text::is_invisible};

codes! {
    /// What was found.
    PersonalKind {
        /// An e-mail address.
        Email = "email",
        /// A telephone number, Moroccan or with a country's code.
        Phone = "phone",
        /// The number of a Moroccan identity card (CIN).
        NationalId = "national_id",
        /// A Moroccan bank account (RIB) or an IBAN.
        BankAccount = "bank_account",
        /// A Moroccan number plate.
        VehiclePlate = "vehicle_plate",
    }
}

/// Where something was found. Places count UTF-16 code units, as the strings of a browser do: `text.slice(start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonalData {
    /// What it looks like.
    pub kind: PersonalKind,
    /// The first UTF-16 code unit.
    pub start: usize,
    /// The one after the last.
    pub end: usize,
}

/// One character as it is read: digits of any script are Latin, and what prints nothing is left out.
#[derive(Clone, Copy)]
struct Seen {
    read: char,
    start: usize,
    end: usize,
}

/// The text as it is read, with the place of each character in what is stored.
fn seen(text: &str) -> Vec<Seen> {
    let mut all = Vec::with_capacity(text.len());
    let mut at = 0;
    for character in text.chars() {
        let (start, end) = (at, at + character.len_utf16());
        at = end;
        // the tatweel and the marks over letters stretch a plate's letter, they are none
        if is_invisible(character)
            || matches!(character, '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}')
        {
            continue;
        }
        let read = match character {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => '\n',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '\u{00B7}' | '\u{2022}' | '\u{06D4}' => '.',
            other if other.is_whitespace() => ' ',
            other => latin_digit(other),
        };
        all.push(Seen { read, start, end });
    }
    all
}

/// Everything that looks like personal data in `text`, in its order; no two overlap.
#[must_use]
pub fn find(text: &str) -> Vec<PersonalData> {
    let seen = seen(text);
    let mut found: Vec<(usize, usize, PersonalKind)> = Vec::new();
    // the longest forms first: an account number has telephone numbers in it
    for (kind, look) in [
        (PersonalKind::Email, email as fn(&[Seen], usize) -> Option<(usize, usize)>),
        (PersonalKind::BankAccount, iban),
        (PersonalKind::BankAccount, rib),
        (PersonalKind::Phone, phone),
        (PersonalKind::VehiclePlate, plate),
        (PersonalKind::NationalId, national_id),
    ] {
        let mut at = 0;
        while at < seen.len() {
            match look(&seen, at) {
                Some((from, to)) if to > from && !found.iter().any(|(start, end, _)| from < *end && *start < to) => {
                    found.push((from, to, kind));
                    at = at.max(to - 1) + 1;
                }
                _ => at += 1,
            }
        }
    }
    found.sort_unstable();
    found
        .iter()
        .map(|(from, to, kind)| PersonalData { kind: *kind, start: seen[*from].start, end: seen[*to - 1].end })
        .collect()
}

fn read(seen: &[Seen], at: usize) -> Option<char> {
    seen.get(at).map(|one| one.read)
}

fn before(seen: &[Seen], at: usize) -> Option<char> {
    at.checked_sub(1).and_then(|at| read(seen, at))
}

fn is_digit(character: Option<char>) -> bool {
    character.is_some_and(|one| one.is_ascii_digit())
}

fn is_word(character: Option<char>) -> bool {
    character.is_some_and(char::is_alphanumeric)
}

/// How many characters before a find may say what it is.
const CONTEXT: usize = 32;

/// Whether the words shortly before `at` hold one of `words`.
fn said_before(seen: &[Seen], at: usize, words: &[&str]) -> bool {
    let from = at.saturating_sub(CONTEXT);
    let context: String = seen[from..at].iter().flat_map(|one| one.read.to_lowercase()).collect();
    words.iter().any(|word| context.contains(word))
}

/// Digits from `at` on, with single separators (`two` allows a second beside it) between them: the digits, the length of each group, and the
/// place after each digit.
struct Run {
    digits: Vec<u8>,
    groups: Vec<usize>,
    ends: Vec<usize>,
}

fn run(seen: &[Seen], at: usize, separators: &[char], two: bool, most: usize) -> Run {
    let mut run = Run { digits: Vec::new(), groups: vec![0], ends: Vec::new() };
    let mut place = at;
    while run.digits.len() < most {
        if let Some(digit) = read(seen, place).and_then(|one| one.to_digit(10)) {
            run.digits.push(u8::try_from(digit).unwrap_or_default());
            if let Some(group) = run.groups.last_mut() {
                *group += 1;
            }
            place += 1;
            run.ends.push(place);
            continue;
        }
        let separates = |place: usize| read(seen, place).is_some_and(|one| separators.contains(&one));
        let width = if separates(place) && is_digit(read(seen, place + 1)) {
            1
        } else if two && separates(place) && separates(place + 1) && is_digit(read(seen, place + 2)) {
            2
        } else {
            break;
        };
        place += width;
        run.groups.push(0);
    }
    run
}

/// A telephone number: `06…`, `05…`, `07…`, `+212…`, `00212…`, or a plus with another country's code.
fn phone(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    const SEPARATORS: [char; 8] = [' ', '.', '-', '_', '/', '(', ')', '*'];
    let first = read(seen, at)?;
    let previous = before(seen, at);
    if is_digit(previous) || previous == Some('+') {
        return None;
    }
    // the decimals or the next part of another number
    if matches!(previous, Some('.' | ',' | '-' | '/' | '٫')) && at >= 2 && is_digit(read(seen, at - 2)) {
        return None;
    }
    let digits_at = if first == '+' { at + 1 } else { at };
    let digits_at =
        if first == '+' && matches!(read(seen, digits_at), Some(' ' | '(')) { digits_at + 1 } else { digits_at };
    if !is_digit(read(seen, digits_at)) {
        return None;
    }
    let run = run(seen, digits_at, &SEPARATORS, true, 16);
    let digits = run.digits.as_slice();
    // how many digits belong to the number, the country's code included
    let length = match (first, digits) {
        ('+', [2, 1, 2, 0, 5..=7, ..]) => 13,
        ('+', [2, 1, 2, 5..=7, ..]) => 12,
        ('0', [0, 0, 2, 1, 2, 0, 5..=7, ..]) => 15,
        ('0', [0, 0, 2, 1, 2, 5..=7, ..]) => 14,
        ('2', [2, 1, 2, 5..=7, ..]) if run.groups.first().is_some_and(|group| matches!(group, 3 | 12)) => 12,
        ('0', [0, 5..=7, ..]) => 10,
        ('+', [1..=9, ..]) => {
            let thousands = run.groups.len() > 1 && run.groups[1..].iter().all(|group| *group == 3);
            return ((10..=14).contains(&digits.len()) && !thousands && !is_word(read(seen, *run.ends.last()?)))
                .then_some((at, *run.ends.last()?));
        }
        _ => return None,
    };
    let end = *run.ends.get(length - 1)?;
    if is_digit(read(seen, end)) || is_date(seen, at) {
        return None;
    }
    // a list of short numbers (05 06 07 08 09) rises by one; a telephone number does not
    if length == 10 && run.groups.starts_with(&[2, 2, 2, 2, 2]) {
        let pairs: Vec<u8> = digits[..10].chunks(2).map(|pair| pair[0] * 10 + pair[1]).collect();
        if pairs.windows(2).all(|two| two[1] == two[0] + 1) {
            return None;
        }
    }
    Some((at, end))
}

/// Whether `at` starts a date such as `06/11/2025`.
fn is_date(seen: &[Seen], at: usize) -> bool {
    let part: String = seen[at..].iter().take(11).map(|one| one.read).collect();
    let bytes = part.as_bytes();
    if !part.is_ascii() || bytes.len() < 10 || bytes[2] != bytes[5] || !matches!(bytes[2], b'/' | b'.' | b'-' | b' ') {
        return false;
    }
    let number = |range: std::ops::Range<usize>| part[range].parse::<u32>().ok();
    let day_and_month = number(0..2).is_some_and(|day| day <= 31) && number(3..5).is_some_and(|month| month <= 12);
    day_and_month
        && number(6..10).is_some_and(|year| (1900..2100).contains(&year))
        && !bytes.get(10).is_some_and(u8::is_ascii_digit)
}

/// The remainder of a number, written in digits, by 97.
fn modulo_97(digits: impl Iterator<Item = u32>) -> u32 {
    digits.fold(0, |rest, digit| if digit > 9 { (rest * 100 + digit) % 97 } else { (rest * 10 + digit) % 97 })
}

/// An IBAN whose check digits are right (ISO 13616).
fn iban(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    if is_word(before(seen, at)) || !read(seen, at)?.is_ascii_alphabetic() || !read(seen, at + 1)?.is_ascii_alphabetic()
    {
        return None;
    }
    let country: String = seen[at..at + 2].iter().map(|one| one.read.to_ascii_uppercase()).collect();
    let most = if country == "MA" { 28 } else { 34 };
    let (mut letters, mut place) = (Vec::new(), at);
    let mut best = None;
    while letters.len() < most {
        let Some(one) = read(seen, place) else { break };
        if one.is_ascii_alphanumeric() {
            letters.push(one.to_digit(36).unwrap_or_default());
            place += 1;
        } else if matches!(one, ' ' | '-' | '.')
            && !letters.is_empty()
            && read(seen, place + 1).is_some_and(|next| next.is_ascii_alphanumeric())
        {
            place += 1;
            continue;
        } else {
            break;
        }
        if letters.len() == 4 && letters[2..].iter().any(|digit| *digit > 9) {
            return None;
        }
        let long_enough = if country == "MA" { letters.len() == 28 } else { letters.len() >= 15 };
        if long_enough
            && !is_word(read(seen, place))
            && modulo_97(letters[4..].iter().chain(&letters[..4]).copied()) == 1
        {
            best = Some((at, place));
        }
    }
    best
}

/// A Moroccan account: 24 digits, of which the last two check the others.
fn rib(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    if !is_digit(read(seen, at)) || is_word(before(seen, at)) {
        return None;
    }
    // no further: a number may follow, and in Latin letters some Moroccan Arabic words begin with a digit (3afak)
    let run = run(seen, at, &[' ', '-', '.', '/'], false, 24);
    if run.digits.len() != 24 {
        return None;
    }
    let end = *run.ends.last()?;
    let right = modulo_97(run.digits.iter().map(|digit| u32::from(*digit))) == 0;
    let as_printed = matches!(run.groups.as_slice(), [24] | [3, 3, 16, 2] | [3, 3, 14, 2, 2]);
    let said = || said_before(seen, at, &["rib", "iban", "compte", "حساب", "البنك", "banc", "bank", "7sab", "hsab"]);
    (!is_word(read(seen, end)) && (right || as_printed || said())).then_some((at, end))
}

/// The words that say that a plate follows.
const PLATE_WORDS: [&str; 12] = [
    "سيار",
    "لوحة",
    "ترقيم",
    "شاحن",
    "matricul",
    "plaque",
    "voiture",
    "véhicule",
    "vehicule",
    "camion",
    "immatric",
    "tomobil",
];

/// A plate: up to five digits, a letter, the number of the prefecture or province (`12345-أ-6`), either way round; or
/// a provisional one with `WW`.
fn plate(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    if is_word(before(seen, at)) || matches!(before(seen, at), Some('-' | '/' | '.' | ',' | '|')) {
        return None;
    }
    provisional(seen, at).or_else(|| ordinary(seen, at))
}

/// `WW 123456` and `123456 WW`.
fn provisional(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    let is_ww = |at: usize| [at, at + 1].iter().all(|at| matches!(read(seen, *at), Some('W' | 'w')));
    let skip = |at: usize| if matches!(read(seen, at), Some(' ' | '-')) { at + 1 } else { at };
    let digits = |at: usize| (at..).take_while(|at| is_digit(read(seen, *at))).count();
    let end = if is_ww(at) {
        let from = skip(at + 2);
        (5..=6).contains(&digits(from)).then(|| from + digits(from))?
    } else {
        if !(5..=6).contains(&digits(at)) {
            return None;
        }
        let from = skip(at + digits(at));
        is_ww(from).then_some(from + 2)?
    };
    (!is_word(read(seen, end))).then_some((at, end))
}

fn ordinary(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    let digits = |at: usize| (at..).take_while(|at| is_digit(read(seen, *at))).take(6).count();
    /// How two parts are parted: nothing, a space, or a sign.
    fn gap(seen: &[Seen], mut at: usize) -> (usize, bool) {
        let (start, mut sign) = (at, false);
        while let Some(one) = read(seen, at).filter(|one| matches!(one, ' ' | '-' | '|' | '/')) {
            if at - start == 3 {
                break;
            }
            sign |= one != ' ';
            at += 1;
        }
        (at, sign)
    }
    let first = digits(at);
    let (letter_at, sign_before) = gap(seen, at + first);
    let letter = read(seen, letter_at)?;
    let arabic = matches!(letter, '\u{0621}'..='\u{064A}');
    if !(arabic || letter.is_ascii_uppercase()) {
        return None;
    }
    let (second_at, sign_after) = gap(seen, letter_at + 1);
    let second = digits(second_at);
    let end = second_at + second;
    let signs = sign_before && sign_after;
    let (serial, region) = match (first, second) {
        (1..=5, 1..=2) => (at..at + first, second_at..end),
        (1..=2, 3..=5) => (second_at..end, at..at + first),
        _ => return None,
    };
    let number = |range: std::ops::Range<usize>| {
        seen[range].iter().fold(0, |sum, one| sum * 10 + one.read.to_digit(10).unwrap_or_default())
    };
    let (places, serial, region) = (serial.len(), number(serial), number(region));
    if !(1..=89).contains(&region)
        || is_word(read(seen, end))
        || (is_digit(read(seen, end + 1)) && matches!(read(seen, end), Some('-' | '/' | '.' | ',')))
    {
        return None;
    }
    let said = said_before(seen, at, &PLATE_WORDS);
    // "between 1500 and 20", "1000 for 50": these letters are words of one letter, and a year stands before others
    let is_a_word = matches!(letter, 'و' | 'ب' | 'ل' | 'ف' | 'ك');
    let is_a_year = places == 4 && (1900..2100).contains(&serial);
    let right = if said {
        places >= 2 || signs
    } else if arabic {
        (signs && places >= 3 && !(is_a_year && is_a_word)) || (places >= 4 && !is_a_word && !is_a_year)
    } else {
        signs && places == 5
    };
    right.then_some((at, end))
}

/// French words and units of one or two letters that stand before numbers.
const NO_SERIES: [&str; 48] = [
    "A", "À", "DE", "DU", "EN", "LE", "LA", "ET", "OU", "AU", "UN", "SI", "NE", "SE", "CE", "Y", "DH", "DA", "KM",
    "KG", "HA", "CM", "MM", "ML", "MW", "KW", "GW", "M", "N", "NO", "RN", "RR", "RP", "P", "BP", "CP", "MA", "TN",
    "NM", "EN", "AO", "PV", "PK", "MO", "GO", "KO", "L", "T",
];

/// The words that say that an identity card's number follows.
const CARD_WORDS: [&str; 14] = [
    "cin",
    "cnie",
    "carte nationale",
    "carte d'identit",
    "carte d’identit",
    "n° de carte",
    "البطاقة الوطنية",
    "بطاقة التعريف",
    "ب.ت.و",
    "ب ت و",
    "رقم البطاقة",
    "بطاقتي",
    "lakart",
    "la carte",
];

/// An identity card: one or two letters and five or six digits.
fn national_id(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    if is_word(before(seen, at)) || matches!(before(seen, at), Some('-' | '/' | '_' | '@' | '#')) {
        return None;
    }
    let letters = (at..).take_while(|at| read(seen, *at).is_some_and(|one| one.is_ascii_alphabetic())).take(3).count();
    if !(1..=2).contains(&letters) {
        return None;
    }
    let series: String = seen[at..at + letters].iter().map(|one| one.read).collect();
    let gap =
        (at + letters..).take_while(|at| matches!(read(seen, *at), Some(' ' | '-' | '.' | '/' | '_'))).take(3).count();
    let run = run(seen, at + letters + gap, &[' ', '.', '-'], false, 8);
    if !(5..=6).contains(&run.digits.len()) {
        return None;
    }
    let end = *run.ends.last()?;
    if is_word(read(seen, end))
        || (matches!(read(seen, end), Some('/' | ',' | '-' | '.' | '٫')) && is_digit(read(seen, end + 1)))
    {
        return None;
    }
    if said_before(seen, at, &CARD_WORDS) {
        return Some((at, end));
    }
    // without a word that says so, only as it is printed: capitals, at most one sign between, digits together
    let capitals = series.chars().all(|one| one.is_ascii_uppercase());
    let small = series.chars().all(|one| one.is_ascii_lowercase()) && gap == 0;
    let upper = series.to_ascii_uppercase();
    let word = NO_SERIES.contains(&upper.as_str()) && (gap > 0 || letters == 2);
    let unit =
        matches!(read(seen, end), Some('%')) || said_after(seen, end, &["dh", "درهم", "euro", "km", "m²", "habitant"]);
    ((capitals || small) && gap <= 1 && run.groups.len() == 1 && !word && !unit).then_some((at, end))
}

/// Whether the word right after `at` starts with one of `words`.
fn said_after(seen: &[Seen], at: usize, words: &[&str]) -> bool {
    let after: String = seen[at..].iter().take(12).flat_map(|one| one.read.to_lowercase()).collect();
    words.iter().any(|word| after.trim_start().starts_with(word))
}

/// The most characters of a mail address that is looked at.
const ADDRESS: usize = 100;

/// A mail address, found by its at sign.
fn email(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    let (from, to) = at_sign(seen, at)?;
    let local_part = |one: char| one.is_alphanumeric() || matches!(one, '.' | '_' | '%' | '+' | '-');
    let mut start = from;
    while start > 0 && from - start < ADDRESS && local_part(seen[start - 1].read) {
        start -= 1;
    }
    while start < from && matches!(seen[start].read, '.' | '-' | '%' | '+') {
        start += 1;
    }
    // the place after the last label that can end a name of the network
    let (mut place, mut labels, mut end) = (to, 0, None);
    loop {
        let label = (place..)
            .take(ADDRESS)
            .take_while(|at| read(seen, *at).is_some_and(|one| one.is_alphanumeric() || one == '-'))
            .count();
        if label == 0 {
            break;
        }
        labels += 1;
        let last = &seen[place..place + label];
        if labels > 1 && label >= 2 && last.iter().all(|one| one.read.is_alphabetic()) {
            end = Some(place + label);
        }
        place += label;
        let spaced = read(seen, place) == Some(' ') && read(seen, place + 1) == Some('.');
        let dot = if spaced { place + 1 } else { place };
        if read(seen, dot) != Some('.') {
            break;
        }
        place = dot + 1;
        if spaced && read(seen, place) == Some(' ') {
            place += 1;
        }
    }
    let end = end?;
    (start < from && seen[start..from].iter().any(|one| one.read.is_alphanumeric())).then_some((start, end))
}

/// The at sign that starts at `at`, also in the forms that are to mislead programs: what stands before its end of the local
/// part and after its start of the host.
fn at_sign(seen: &[Seen], at: usize) -> Option<(usize, usize)> {
    let one = read(seen, at)?;
    let space = |at: usize| read(seen, at) == Some(' ');
    let (mut from, mut to) = match one {
        '@' => (at, at + 1),
        '(' | '[' | '{' | 'a' | 'A' => {
            let rest: String = seen[at..].iter().take(10).map(|one| one.read.to_ascii_lowercase()).collect();
            let form = ["(at)", "[at]", "{at}", "(a)", "arobase ", "arobas ", "at "]
                .into_iter()
                .find(|form| rest.starts_with(form))?;
            // as a bare word it must stand alone
            if form.starts_with('a') && before(seen, at) != Some(' ') {
                return None;
            }
            let letters = form.trim_end().chars().count();
            (at, at + letters)
        }
        _ => return None,
    };
    if from > 0 && space(from - 1) {
        from -= 1;
    }
    if space(to) {
        to += 1;
    }
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slice(text: &str, found: PersonalData) -> String {
        let units: Vec<u16> = text.encode_utf16().collect();
        String::from_utf16(&units[found.start..found.end]).unwrap()
    }

    fn found(text: &str) -> Vec<(PersonalKind, String)> {
        find(text).into_iter().map(|one| (one.kind, slice(text, one))).collect()
    }

    #[test]
    fn places_are_what_a_browser_slices() {
        // a character outside the basic plane is two units of UTF-16, one of Rust and four bytes
        let text = "🌊🌊 اتصلوا بي: ٠٦ ١٢\u{200B}٣٤ ٥٦ ٧٨ 🌊 ثم a@b.example.org";
        assert_eq!(
            found(text),
            [(PersonalKind::Phone, "٠٦ ١٢\u{200B}٣٤ ٥٦ ٧٨".into()), (PersonalKind::Email, "a@b.example.org".into())]
        );
        // by hand: four units of two waves, a space, six letters, a space, two letters, a colon, a space
        assert_eq!(find(text)[0].start, 16);
    }

    #[test]
    fn check_digits_are_checked() {
        // the example of the Moroccan registry of IBANs, and the same with two digits changed over
        assert_eq!(found("MA64 0115 1900 0001 2050 0053 4921")[0].0, PersonalKind::BankAccount);
        assert!(found("MA64 0115 1900 0001 2050 0053 4912").iter().all(|one| one.0 != PersonalKind::BankAccount));
        assert_eq!(found("011 519 0000012050005349 21")[0].0, PersonalKind::BankAccount);
        assert!(found("2024 2025 2026 2027 2028 2029").is_empty());
    }

    #[test]
    fn a_text_of_a_bad_author_takes_no_time() {
        for piece in ["0", "0 ", "a@", "@", "MA64 ", "1-أ-", "(at)", "W", "a.b@c."] {
            let text = piece.repeat(4000 / piece.chars().count());
            assert!(find(&text).len() < 4000);
        }
    }

    proptest! {
        #[test]
        fn places_never_cut_a_character(text in "([0-9٠-٩۰-۹A-Zaأبو@.+ \\-/|\u{200B}\u{1F30A}é(]|06|\\+212|@b\\.org){0,60}") {
            let units = text.encode_utf16().count();
            let mut last = 0;
            for one in find(&text) {
                prop_assert!(last <= one.start && one.start < one.end && one.end <= units);
                slice(&text, one); // would fail on half a character
                last = one.end;
            }
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = find(&text);
        }
    }
}
