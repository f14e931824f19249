//! `tachawor import`, on both engines: what is taken in, what is refused and how that is said.

use api::{
    cli::import::{Options, import},
    clock::Clock,
    config::SecretKey,
    import::{Summary, report::Report, table::Source},
    store::{self, consultation::Consultation, list},
};
use indicatif::ProgressBar;

use crate::{
    files::plan,
    on_both_engines,
    support::{sample::instant, *},
};

/// The columns every file must have.
const HEAD: &str = "external_id,axis,territory,channel,language,title,problem,solution,submitted_on";

/// A row that is right.
fn row(id: &str) -> String {
    format!(
        "{id},water,MA-CHE,territorial_meeting,fr,Titre {id},Le puits du douar est sec en été,Creuser un nouveau puits collectif,2026-03-05"
    )
}

fn file(lines: impl IntoIterator<Item = String>) -> String {
    std::iter::once(HEAD.to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

/// What an import did: its outcome, the table on the terminal and the lines of the report.
pub struct Done {
    pub outcome: anyhow::Result<Summary>,
    pub table: String,
    pub report: String,
}

impl Done {
    pub fn summary(&self) -> Summary {
        *self.outcome.as_ref().unwrap()
    }

    pub fn refusal(&self) -> String {
        format!("{:#}", self.outcome.as_ref().unwrap_err())
    }
}

/// Our own columns, and all rows or none.
pub fn plain() -> Options {
    Options::new(SecretKey::from_bytes([7; 32]))
}

pub async fn run(app: &App, consultation: &Consultation, bytes: impl AsRef<[u8]>, options: Options) -> Done {
    let folder = tempfile::tempdir().unwrap();
    let (path, report_path) = (folder.path().join("in"), folder.path().join("report.csv"));
    std::fs::write(&path, bytes).unwrap();
    let mut report = Report::new(Some(&report_path)).unwrap();
    let clock = Clock::manual(instant("2026-03-20T10:00:00Z"));
    let progress = ProgressBar::hidden();
    let outcome = import(app.store(), consultation, &Source::File(path), options, &clock, &mut report, &progress).await;
    let table = report.finish().unwrap();
    Done { outcome, table, report: std::fs::read_to_string(report_path).unwrap() }
}

pub async fn count(app: &App, consultation: &Consultation) -> u64 {
    store::consultation::participations(app.store().read(), consultation.row.id).await.unwrap()
}

on_both_engines! {
    async fn a_file_in_any_usual_form_is_taken_in(app: App) {
        let plan = plan(&app).await;
        let commas = "\u{FEFF}external_id,axis,territory,channel,language,title,problem,solution,submitted_on,populations,title_ar,gender,organisation,participant_type\r\n\
            a-1,water,whole_region,petition,fr,Un titre,\"Une ligne, puis\r\nune \"\"autre\"\" ligne\",Creuser un nouveau puits collectif,2026-03-05,rural  women,عنوان بالعربية,female,Association Nour,civil_society\r\n";
        assert_eq!(run(&app, &plan, commas, plain()).await.summary(), Summary { rows: 1, new: 1, known: 0, wrong: 0, imported: 1 });
        let semicolons = file([row("b-1"), row("b-2")]).replace(',', ";");
        assert_eq!(run(&app, &plan, semicolons, Options { batch: 1, ..plain() }).await.summary().imported, 2);

        let found = store::import::existing(app.store().read(), plan.row.id, ["a-1"].into_iter()).await.unwrap();
        let stored = &found["a-1"];
        assert_eq!(stored.problem, "Une ligne, puis\nune \"autre\" ligne");
        assert_eq!(stored.territory_id, None);
        assert_eq!(stored.title_translations.0.0["ar"], "عنوان بالعربية");
        assert_eq!(stored.gender.0.as_str(), "female");
        assert_eq!(stored.age_band.0.as_str(), "not_stated");
        assert_eq!(stored.populations.0.len(), 2);
        assert!(!stored.name_organisation, "nobody was asked whether to name it");
        assert!(stored.code_hash.is_none() && stored.email.is_none() && !stored.public);
        // said on the 5th, waiting since the import
        assert_eq!(domain::calendar::day(stored.submitted_at).to_string(), "2026-03-05");
        assert_eq!(stored.state_since, instant("2026-03-20T10:00:00Z"));
        let events = store::proposal::events(app.store().read(), stored.id).await.unwrap();
        assert_eq!(events.iter().map(|event| (event.edge.0.as_str(), event.actor.as_str())).collect::<Vec<_>>(), [("submit", "import")]);
        // and it is found by its words
        let filter = list::Filter { text: Some("autre ligne".into()), ..list::Filter::desk(plan.row.id) };
        assert_eq!(list::page(app.store().read(), &filter, list::Order::Oldest, None, 10).await.unwrap().len(), 1);
    }

    async fn a_dry_run_writes_nothing(app: App) {
        let plan = plan(&app).await;
        let options = Options { dry_run: true, ..plain() };
        let done = run(&app, &plan, file([row("1"), row("2")]), options).await;
        assert_eq!(done.summary(), Summary { rows: 2, new: 2, ..Summary::default() });
        assert_eq!(count(&app, &plan).await, 0);
    }

    async fn the_same_file_again_adds_nothing_and_a_changed_row_is_a_conflict(app: App) {
        let plan = plan(&app).await;
        let lines = || (1..=7).map(|id| row(&id.to_string()));
        assert_eq!(run(&app, &plan, file(lines()), Options { batch: 3, ..plain() }).await.summary().imported, 7);
        let again = run(&app, &plan, file(lines().chain([row("8")])), Options { batch: 3, ..plain() }).await;
        assert_eq!(again.summary(), Summary { rows: 8, new: 1, known: 7, wrong: 0, imported: 1 });

        let changed = row("3").replace("Titre 3", "Un autre titre").replace("MA-CHE", "MA-TNG");
        let done = run(&app, &plan, file([row("9"), changed]), plain()).await;
        assert_eq!(done.summary(), Summary { rows: 2, new: 1, known: 0, wrong: 1, imported: 0 });
        assert!(
            done.report.contains("3,territory,conflict") && done.report.contains("3,title,conflict"),
            "{}",
            done.report
        );
        assert!(!done.report.contains("Un autre titre"), "a report does not repeat what stands in a cell");
        let found =
            store::import::existing(app.store().read(), plan.row.id, ["3", "9"].into_iter()).await.unwrap();
        assert_eq!(found["3"].title, "Titre 3");
        assert!(!found.contains_key("9"), "nothing is written while a row is wrong");
    }

    async fn every_mistake_is_named_by_row_and_column(app: App) {
        let plan = plan(&app).await;
        let right = row("1");
        let wrong = [
            row("2").replace("water", "watr"),
            row("3").replace("MA-CHE", "شفشون"),
            row("4").replace("territorial_meeting", "territorial-meting").replace(",fr,", ",de,"),
            row("5").replace("Titre 5", "Ab").replace("2026-03-05", "2026-03-21"),
            row("6").replace("Creuser un nouveau puits collectif", " "),
            row("1"),
            row("8") + ",one,too,many",
            row("").replace("Titre ", "Titre vide"),
            row("10").replace("2026-03-05", "5/3/2026"),
        ];
        let bytes = file(std::iter::once(right).chain(wrong));
        let done = run(&app, &plan, &bytes, plain()).await;
        assert_eq!(done.summary(), Summary { rows: 10, new: 1, known: 0, wrong: 9, imported: 0 });
        assert_eq!(count(&app, &plan).await, 0);
        let lines: Vec<_> = done.report.trim_start_matches('\u{FEFF}').lines().map(str::trim_end).collect();
        assert_eq!(
            lines,
            [
                "row,column,code,found,what to do",
                "3,axis,unknown_code,watr,\"is it water? write that, or map the word\"",
                "4,territory,unknown_code,شفشون,\"is it MA-CHE? write that, or map the word\"",
                "5,channel,unknown_code,territorial-meting,\"is it territorial_meeting? write that, or map the word\"",
                "5,language,unknown_code,de,\"write one of the codes or labels, or map the word\"",
                "6,title,too_short,,write at least 5 characters",
                "6,submitted_on,in_the_future,2026-03-21,lies in the future",
                "7,solution,required,,\"fill it in, or give the column a default\"",
                "8,external_id,duplicate,,row 2 is the same: remove one",
                "9,,width,,\"has 12 cells, the first line another number: look at separators and quotes\"",
                "10,external_id,required,,\"fill it in, or give the column a default\"",
                "11,submitted_on,not_a_day,5/3/2026,write the day as YYYY-MM-DD",
            ]
        );
        assert!(done.table.contains("4    territory     unknown_code   شفشون"), "{}", done.table);

        let done = run(&app, &plan, &bytes, Options { skip_invalid: true, batch: 2, ..plain() }).await;
        assert_eq!(done.summary(), Summary { rows: 10, new: 1, known: 0, wrong: 9, imported: 1 });
        assert_eq!(count(&app, &plan).await, 1);
    }

    async fn a_file_that_is_not_ours_is_refused_as_a_whole(app: App) {
        let plan = plan(&app).await;
        for (bytes, said) in [
            (b"".to_vec(), "empty"),
            (b"external_id,axis\n1,water\n".to_vec(), "missing required columns: territory"),
            ((HEAD.to_owned() + ",colour\n").into_bytes(), "unknown column \"colour\""),
            ([file([row("1"), row("2")]).as_bytes(), b"\n3,\xC7\xE1"].concat(), "row 4, column 2: not UTF-8"),
        ] {
            let refusal = run(&app, &plan, bytes, Options { skip_invalid: true, ..plain() }).await.refusal();
            assert!(refusal.contains(said), "{refusal}");
        }
        assert_eq!(count(&app, &plan).await, 0);
    }

    async fn a_batch_is_written_whole_or_not_at_all_and_the_next_run_goes_on(app: App) {
        let plan = plan(&app).await;
        // the disk is full, the server is stopped: something that no check foresees
        let trap = if app.store().is_postgres() {
            "ALTER TABLE proposal ADD CONSTRAINT trap CHECK (external_id <> '6')"
        } else {
            "CREATE TRIGGER trap BEFORE INSERT ON proposal WHEN NEW.external_id = '6' BEGIN SELECT RAISE(ABORT, 'trap'); END"
        };
        app.execute(trap).await;
        let bytes = file((1..=10).map(|id| row(&id.to_string())));
        let options = Options { batch: 4, ..plain() };
        let refusal = run(&app, &plan, &bytes, options.clone()).await.refusal();
        assert!(refusal.contains("row 7"), "{refusal}");
        assert_eq!(count(&app, &plan).await, 4, "the first batch stays, of the second nothing");

        app.execute(if app.store().is_postgres() { "ALTER TABLE proposal DROP CONSTRAINT trap" } else { "DROP TRIGGER trap" }).await;
        assert_eq!(run(&app, &plan, &bytes, options).await.summary(), Summary { rows: 10, new: 6, known: 4, wrong: 0, imported: 6 });
    }

    async fn a_published_consultation_takes_no_more(app: App) {
        plan(&app).await;
        app.execute("UPDATE consultation SET state = 'published'").await;
        let plan = store::consultation::by_slug(app.store().read(), "plan").await.unwrap().unwrap();
        assert!(run(&app, &plan, file([row("1")]), plain()).await.refusal().contains("published"));
    }
}
