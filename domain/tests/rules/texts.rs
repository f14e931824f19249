//! The limits of every text, by hand, and what reading one back does to it.

use domain::text::{
    Answer, AppealReason, CompetentBody, DisplayName, DraftTitle, EmailAddress, ExpectedChange, NoteText,
    OrganisationName, PASSWORD, Problem, Question, RemarkText, Response, SetAsideReason, Solution, TextProblem, Title,
    check_free, check_password,
};
use proptest::prelude::*;

macro_rules! limits {
    ($($test:ident: $name:ident $min:literal $max:literal $lines:ident;)+) => { $(
        #[test]
        fn $test() {
            assert_eq!(($name::MIN, $name::MAX), ($min, $max));
            let of = |length: usize| "ن".repeat(length);
            let too_short = if $min == 1 { TextProblem::Required } else { TextProblem::TooShort { min: $min } };
            assert_eq!($name::check(&of($min - 1)), Err(too_short));
            assert!($name::check(&of($min)).is_ok() && $name::check(&of($max)).is_ok());
            assert_eq!($name::check(&of($max + 1)), Err(TextProblem::TooLong { max: $max }));
            // outer space is not length, at either end of the range
            assert_eq!($name::check(&format!(" {} \n", of($min - 1))), Err(too_short));
            assert_eq!($name::parse(&format!("\t {}  ", of($max))).unwrap().as_str(), of($max));

            let broken = format!("{}\n{}", of($min), of(2));
            let one_line = stringify!($lines) == "line";
            assert_eq!($name::check(&broken).err(), one_line.then_some(TextProblem::ControlCharacter));
            assert_eq!($name::check(&format!("{}\u{0}", of($min))), Err(TextProblem::ControlCharacter));

            let text = $name::parse(&of($min)).unwrap();
            let json = serde_json::to_string(&text).unwrap();
            assert_eq!(json, format!("\"{}\"", of($min)));
            assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), text);
            assert_eq!(text.into_string(), of($min));
            assert!(serde_json::from_str::<$name>(&format!("\"{}\"", of($max + 1))).is_err());
        }
    )+ };
}

limits! {
    title: Title 5 150 line;
    problem: Problem 20 4000 lines;
    solution: Solution 20 4000 lines;
    expected_change: ExpectedChange 1 2000 lines;
    question: Question 10 2000 lines;
    answer: Answer 2 4000 lines;
    response: Response 20 4000 lines;
    appeal_reason: AppealReason 10 2000 lines;
    note: NoteText 1 4000 lines;
    remark: RemarkText 1 2000 lines;
    set_aside_reason: SetAsideReason 10 2000 lines;
    organisation: OrganisationName 2 150 line;
    display_name: DisplayName 2 100 line;
    competent_body: CompetentBody 2 200 line;
    draft_title: DraftTitle 5 200 line;
}

#[test]
fn problems_have_the_codes_forms_know() {
    let problems = [
        TextProblem::Required,
        TextProblem::TooShort { min: 5 },
        TextProblem::TooLong { max: 9 },
        TextProblem::ControlCharacter,
        TextProblem::Invalid,
    ];
    assert_eq!(problems.map(TextProblem::code), ["required", "too_short", "too_long", "control_character", "invalid"]);
}

#[test]
fn an_address_has_a_length() {
    let host = format!("{}.org", "h".repeat(185));
    let address = |local: usize| format!("{}@{host}", "a".repeat(local));
    assert!(EmailAddress::check(&address(64)).is_ok());
    assert_eq!(EmailAddress::check(&address(65)), Err(TextProblem::TooLong { max: 254 }));
    assert_eq!(EmailAddress::check(&format!("{}@b.org", "a".repeat(65))), Err(TextProblem::Invalid));
    assert_eq!(EmailAddress::check(" "), Err(TextProblem::Required));
    assert_eq!(EmailAddress::parse(" a@b.org\n").unwrap().as_str(), "a@b.org");
}

#[test]
fn passwords_are_counted_in_characters() {
    assert_eq!((*PASSWORD.start(), *PASSWORD.end()), (12, 128));
    assert_eq!(check_password(""), Err(TextProblem::Required));
    assert!(check_password(&"ن".repeat(12)).is_ok() && check_password(&"ن".repeat(128)).is_ok());
    assert_eq!(check_password(&"ن".repeat(11)), Err(TextProblem::TooShort { min: 12 }));
}

proptest! {
    /// What is stored is what would be stored again: the text on the receipt is the text in the database.
    #[test]
    fn a_line_read_back_is_the_same(text in "[\\PC\u{0301}\u{064E}]{0,80}") {
        if let Ok(title) = Title::parse(&text) {
            prop_assert_eq!(Title::parse(title.as_str()), Ok(title.clone()));
            prop_assert!((Title::MIN..=Title::MAX).contains(&title.as_str().chars().count()));
        }
    }

    #[test]
    fn no_text_panics(text: String) {
        let _ = (Title::check(&text), Problem::check(&text), EmailAddress::check(&text), check_password(&text));
    }
}

/// The marks of CVE-2021-42574 (Trojan Source), and what else prints nothing.
const HIDDEN: [char; 14] = [
    '\u{202A}',
    '\u{202B}',
    '\u{202C}',
    '\u{202D}',
    '\u{202E}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{206A}',
    '\u{FFF9}',
    '\u{3164}',
    '\u{E0041}',
    '\u{2028}',
];
/// Letters of other alphabets that look like a Latin one (Unicode TS 39, confusables).
const LOOK_ALIKES: [(char, char); 14] = [
    ('a', 'а'),
    ('e', 'е'),
    ('o', 'о'),
    ('p', 'р'),
    ('c', 'с'),
    ('i', 'і'),
    ('o', 'ο'),
    ('a', 'α'),
    ('i', 'ι'),
    ('A', 'Α'),
    ('C', 'С'),
    ('M', 'М'),
    ('a', '𝐚'),
    ('o', 'օ'),
];

/// S14: 100 % of a hostile corpus of more than 200 lines is caught.
#[test]
fn s14_nothing_misleads_in_a_line() {
    let mut corpus = Vec::new();
    for text in ["Un puits pour le douar", "مدرسة في الجبل", "Région TTA مدرسة", "ⵜⴰⵎⴰⵣⵉⵖⵜ ⴷ ⵓⴷⵔⴰⵔ"]
    {
        let middle = text.char_indices().nth(7).unwrap().0;
        for hidden in HIDDEN {
            let (start, end) = text.split_at(middle);
            corpus.extend([
                format!("{start}{hidden}{end}"),
                format!("{start}{hidden}{hidden}{end}"),
                format!("{start}\u{200F}{hidden}\u{200F}{end}"),
            ]);
        }
    }
    let mut forged = Vec::new();
    for name in ["Association Amal", "Conseil communal", "Coopérative", "Ministère de la Santé", "Administration"] {
        for (latin, other) in LOOK_ALIKES {
            if name.contains(latin) {
                forged.push(name.replacen(latin, &other.to_string(), 1));
            }
        }
    }
    println!("S14: {} hidden, {} forged", corpus.len(), forged.len());
    assert!(corpus.len() + forged.len() >= 200);
    for text in &corpus {
        for caught in [
            Title::check(text),
            OrganisationName::check(text),
            DisplayName::check(text),
            CompetentBody::check(text),
            DraftTitle::check(text),
        ] {
            assert_eq!(caught, Err(TextProblem::ControlCharacter), "{text:?}");
        }
        assert!(EmailAddress::check(&format!("{text}@example.org").replace(' ', "")).is_err());
        // a longer text loses the marks and nothing else
        let body = Problem::parse(&format!("{text} {text} {text}")).unwrap();
        assert!(!body.as_str().contains(|one| HIDDEN.contains(&one) && one != '\u{2028}'), "{text:?}");
    }
    for text in &forged {
        assert_eq!(OrganisationName::check(text), Err(TextProblem::Invalid), "{text}");
        assert_eq!(Title::check(text), Err(TextProblem::Invalid), "{text}");
        assert!(EmailAddress::check(&format!("contact@{}.org", text.replace(' ', "-"))).is_err());
    }
}

/// S14: none of a thousand genuine lines is refused.
#[test]
fn s14_a_thousand_genuine_lines_are_taken() {
    let subjects = [
        "إنارة الطريق",
        "بئر للدوار",
        "مدرسة بعيدة",
        "الـCNSS والتغطية الصحية",
        "تطبيق WhatsApp للجماعة",
        "می\u{200C}خواهم مدرسه",
        "دراسة \u{200F}TTA",
        "مستشفى ٢٤/٢٤",
        "مقر الجماعة (قرية)",
        "سوقُ الخضرِ واللّحم",
        "Un puits pour l’école",
        "L'eau à 5 µm près",
        "Une prise de 10 kΩ",
        "Œuvres d'art au cœur",
        "Où est l’hôpital ?",
        "Naïma, ça suffit…",
        "khassna tri9 f douar",
        "bghina l7afila 🚌",
        "ⵉⵙⵇⵇⵉⵎⵏ ⵏ ⵓⴷⵔⴰⵔ",
        "ⴰⵎⴰⵏ ⵉ ⵎⴰⵔⵔⴰ",
        "تامازيغت ⵜⴰⵎⴰⵣⵉⵖⵜ",
        "Drapeau 🇲🇦 et 👩\u{200D}🌾",
        "π ≈ 3,14 à l'école",
        "СССР en russe",
        "Αθήνα jumelée",
        "cafe\u{301} bleu",
        "100 % d’énergie solaire",
        "A/B — C",
        "1ᵉʳ étage",
        "«الماء» حق للجميع",
    ];
    let places = [
        "طنجة",
        "أصيلة",
        "الفحص أنجرة",
        "شفشاون",
        "الحسيمة",
        "وزان",
        "العرائش",
        "المضيق",
        "الفنيدق",
        "تطوان",
        "القصر الكبير",
        "Tanger",
        "Asilah",
        "Fahs-Anjra",
        "Chefchaouen",
        "Al Hoceïma",
        "Ouezzane",
        "Larache",
        "M’diq",
        "Fnideq",
        "Tétouan",
        "Ksar El Kébir",
        "Bab Taza",
        "Targuist",
        "ⵜⵉⵟⵟⴰⵡⵉⵏ",
        "ⵟⴰⵏⵊⴰ",
        "ⵍⵃⵓⵙⵉⵎⴰ",
        "الجبهة",
        "باب برد",
        "Oued Laou",
        "واد لاو",
        "Jebha",
        "تارجيست",
        "Martil",
    ];
    let mut taken = 0;
    for subject in subjects {
        for place in places {
            let line = format!("{subject} {place}");
            assert_eq!(Title::check(&line), Ok(()), "{line}");
            assert_eq!(OrganisationName::check(&line), Ok(()), "{line}");
            assert_eq!(Problem::check(&format!("{line}. {line}")), Ok(()), "{line}");
            taken += 1;
        }
    }
    println!("S14: {taken} genuine lines, 0 refused");
    assert!(taken >= 1_000);
}

#[test]
fn texts_of_staff_hide_nothing_either() {
    for hidden in ['\u{202D}', '\u{202E}', '\u{E0041}', '\u{3164}', '\u{0}'] {
        assert_eq!(check_free(&format!("a{hidden}b"), 10), Err(TextProblem::ControlCharacter), "{hidden:?}");
    }
    assert_eq!(check_free("\u{202B}نص ملصق\u{202C}\n", 20), Ok(()), "as word processors paste it");
}
