//! The limits of every text, by hand, and what reading one back does to it.

use domain::text::{
    Answer, AppealReason, CompetentBody, DisplayName, DraftTitle, EmailAddress, ExpectedChange, NoteText,
    OrganisationName, PASSWORD, Problem, Question, RemarkText, Response, SetAsideReason, Solution, TextProblem, Title,
    check_password,
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
