use chrono::NaiveDate;

use super::{
    ImportColumn as Column, Mistake, MistakeCode,
    mapping::{HeaderProblem, Mapping},
    row::{Cell, Named, Reading, Row},
};

fn named(code: &str, labels: &[&str]) -> Named {
    Named { code: code.into(), labels: labels.iter().map(ToString::to_string).collect() }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// The first line of a file that a province kept, and what it means.
const HEADERS: [&str; 8] = ["العنوان", "المشكل", "الحل المقترح", "الإقليم", "المحور", "الجنس", "التاريخ", "ملاحظات"];

fn mapping() -> Mapping {
    let mut mapping = Mapping::guess(&strings(&HEADERS));
    mapping.defaults.insert(Column::Channel, "territorial_meeting".into());
    mapping.defaults.insert(Column::Language, "العربية".into());
    mapping
}

fn reading(mapping: &Mapping) -> Result<Reading, Vec<HeaderProblem>> {
    let axes = [named("water", &["الماء", "L'eau"]), named("roads", &["الطرق", "Les routes"])];
    let territories = [named("MA-TNG", &["طنجة-أصيلة", "Tanger-Assilah"]), named("MA-CHE", &["شفشاون", "Chefchaouen"])];
    Reading::new(mapping, &strings(&HEADERS), &axes, &territories)
}

const RIGHT: [&str; 8] = [
    "بئر جماعية",
    "جفت بئر الدوار كل صيف منذ سنوات",
    "حفر بئر جماعية جديدة في الدوار",
    "«طنجة أصيلة»",
    "الماء",
    "أنثى",
    "2026-03-05",
    "",
];

fn read(mapping: &Mapping, cells: &[&str]) -> Result<Row, Vec<Mistake>> {
    let cells: Vec<_> = cells.iter().map(|cell| Cell::Text((*cell).into())).collect();
    reading(mapping).unwrap().row(&cells, NaiveDate::from_ymd_opt(2026, 3, 20).unwrap())
}

#[test]
fn headers_are_guessed_in_three_languages() {
    let guess = |headers: &[&str]| {
        let guess = Mapping::guess(&strings(headers)).columns;
        guess.into_iter().map(|(column, header)| (column.as_str(), header)).collect::<Vec<_>>()
    };
    let ours = |pairs: &[(&'static str, &str)]| pairs.iter().map(|(a, b)| (*a, (*b).to_owned())).collect::<Vec<_>>();
    assert_eq!(
        guess(&HEADERS),
        ours(&[
            ("axis", "المحور"),
            ("territory", "الإقليم"),
            ("title", "العنوان"),
            ("problem", "المشكل"),
            ("solution", "الحل المقترح"),
            ("submitted_on", "التاريخ"),
            ("gender", "الجنس"),
        ])
    );
    assert_eq!(
        guess(&["TITRE", "Problématique", "Province", "Tranche d’âge", "Remarques"]),
        ours(&[
            ("territory", "Province"),
            ("title", "TITRE"),
            ("problem", "Problématique"),
            ("age_band", "Tranche d’âge")
        ])
    );
    assert_eq!(guess(&["Title", "age group", "Date", "Date"]), ours(&[("title", "Title"), ("age_band", "age group")]));
}

#[test]
fn a_row_in_a_files_own_words_becomes_ours() {
    let row = read(&mapping(), &RIGHT).unwrap();
    assert_eq!((row.axis.as_str(), row.place.to_string().as_str()), ("water", "MA-TNG"));
    assert_eq!((row.channel.as_str(), row.language.as_str()), ("territorial_meeting", "ar"));
    assert_eq!(row.demographics.gender.as_str(), "female");
    assert_eq!(row.demographics.age_band.as_str(), "not_stated");
    assert_eq!((row.external_id, row.submitted_on.to_string()), (None, "2026-03-05".into()));
}

#[test]
fn a_files_words_mean_what_the_mapping_says() {
    let mut mapping = mapping();
    let words = [("الضفة".to_owned(), "MA-CHE".to_owned()), ("طنجة أصيلة".to_owned(), "شفشاون".to_owned())];
    mapping.values.insert(Column::Territory, words.into());
    let place = |cell| {
        let mut cells = RIGHT;
        cells[3] = cell;
        read(&mapping, &cells).map(|row| row.place.to_string())
    };
    assert_eq!(place("الضفه").unwrap(), "MA-CHE");
    assert_eq!(place("طنجة-أصيلة").unwrap(), "MA-CHE", "what a person said goes before what a label says");
    assert_eq!(place("MA-TNG").unwrap(), "MA-TNG");
}

#[test]
fn a_mapping_that_does_not_fit_says_all_that_does_not() {
    let mut wrong = mapping();
    wrong.columns.insert(Column::AgeBand, "العمر".into());
    wrong.columns.remove(&Column::Title);
    wrong.defaults.insert(Column::Channel, "meeting".into());
    wrong.defaults.insert(Column::Problem, "same".into());
    wrong.values.insert(Column::Gender, [("x".to_owned(), "mail".to_owned())].into());
    assert_eq!(
        reading(&wrong).unwrap_err(),
        [
            HeaderProblem::Absent { column: Column::AgeBand, header: "العمر".into() },
            HeaderProblem::Missing(vec![Column::Title]),
            HeaderProblem::NotCoded(Column::Problem),
            HeaderProblem::UnknownCode { column: Column::Gender, code: "mail".into() },
            HeaderProblem::BadDefault { column: Column::Channel, value: "meeting".into() },
        ]
    );
}

#[test]
fn every_mistake_is_named_once() {
    let cells = [
        Cell::Text("بئر".into()),
        Cell::Formula,
        Cell::Error,
        Cell::Text("Tanger-Asila".into()),
        Cell::Text(String::new()),
        Cell::Text("xx".into()),
        Cell::Text("2026-03-21".into()),
        Cell::Formula, // in a column that is not read
    ];
    let today = NaiveDate::from_ymd_opt(2026, 3, 20).unwrap();
    let mistakes = reading(&mapping()).unwrap().row(&cells, today).unwrap_err();
    let unknown = |column, found: &str| Mistake::new(column, MistakeCode::UnknownCode).found(found);
    assert_eq!(
        mistakes,
        [
            Mistake::new(Column::Problem, MistakeCode::Formula),
            Mistake::new(Column::Solution, MistakeCode::ErrorValue),
            Mistake::new(Column::Axis, MistakeCode::Required),
            Mistake { suggestion: Some("MA-TNG".into()), ..unknown(Column::Territory, "Tanger-Asila") },
            Mistake::new(Column::Title, MistakeCode::TooShort).number(5_usize),
            Mistake::new(Column::SubmittedOn, MistakeCode::InTheFuture).found("2026-03-21"),
            unknown(Column::Gender, "xx"),
        ]
    );
    let narrow = reading(&mapping()).unwrap().row(&cells[..7], today).unwrap_err();
    assert_eq!(narrow, [Mistake::new(None, MistakeCode::Width).number(7_usize)]);
}

#[test]
fn whom_it_serves_is_a_list() {
    let headers = strings(&["populations"]);
    let mut mapping = Mapping::guess(&headers);
    for column in Column::ALL.iter().filter(|column| column.is_required()) {
        mapping.columns.insert(*column, "populations".into());
    }
    let reading = Reading::new(&mapping, &headers, &[], &[]).unwrap();
    let mistakes = |cell: &str| {
        let today = NaiveDate::from_ymd_opt(2026, 3, 20).unwrap();
        let mistakes = reading.row(&[Cell::Text(cell.into())], today).unwrap_err();
        let about = mistakes.into_iter().filter(|mistake| mistake.column == Some(Column::Populations));
        about.map(|mistake| (mistake.found.unwrap(), mistake.suggestion)).collect::<Vec<_>>()
    };
    assert_eq!(mistakes("rural  women"), []);
    assert_eq!(mistakes("Les personnes âgées، الشباب; rural"), []);
    assert_eq!(mistakes("rural wommen"), [("wommen".to_owned(), Some("women".to_owned()))]);
    assert_eq!(mistakes("véhicules utilitaires"), [("véhicules utilitaires".to_owned(), None)]);
}

/// What a column is called is stored in mappings and reports.
#[test]
fn what_a_default_may_stand_for() {
    let having = |has: fn(Column) -> bool| {
        Column::ALL.iter().copied().filter(|column| has(*column)).map(Column::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(having(Column::is_required), "axis territory channel language title problem solution submitted_on");
    assert_eq!(
        having(Column::may_have_default),
        "axis territory channel language populations submitted_on age_band gender participant_type residence"
    );
    assert_eq!(having(Column::is_about_author), "age_band gender participant_type residence organisation");
}
