//! `/statistics` and `/exports`, on both engines: sums by hand, and what must never leave.

use std::collections::BTreeMap;

use api::store::consultation::Consultation;
use domain::{
    proposal::{RefusalReason, Remark, Step, WithholdReason},
    text::Response,
    vocabulary::Language,
};

use crate::{
    files::{command, import_right, plan, take},
    on_both_engines,
    support::*,
};

/// Ten proposals. 8 is withdrawn, 9 was retained and is withheld now, 10 is retained, 5 merged into it, 3 refused;
/// the others wait. 6 and 7 arrived half an hour before midnight UTC, during Ramadan (UTC+0) and after it (UTC+1).
pub const PROPOSALS: &str = "\
external_id,axis,territory,channel,language,age_band,gender,participant_type,organisation,submitted_on,title,problem,solution
1,water,MA-TNG,territorial_meeting,ar,15_24,female,citizen,,2026-03-02,waiting title,waiting problem waiting,waiting solution waiting
2,water,MA-TNG,territorial_meeting,ar,15_24,male,,,2026-03-02,waiting title,waiting problem waiting,waiting solution waiting
3,water,MA-CHE,petition,fr,25_34,female,civil_society,Association Discrete,2026-03-03,\"=HYPERLINK(\"\"http://x\"\";\"\"a\"\")\",\"- une longue liste\n- de deux\",\"@here, and \"\"there\"\", again\"
4,water,whole_region,digital,fr,,,,,2026-03-03,waiting title,waiting problem waiting,waiting solution waiting
5,roads,MA-CHE,territorial_meeting,ar,65_plus,female,,,2026-03-05,طريق إلى السوق,الطريق إلى السوق مقطوعة كل شتاء,بناء قنطرة على الواد
6,roads,MA-CHE,territorial_meeting,ar,65_plus,male,,,2026-03-05,waiting title,waiting problem waiting,waiting solution waiting
7,roads,MA-TNG,thematic_meeting,fr,15_24,female,,,2026-03-05,waiting title,waiting problem waiting,waiting solution waiting
8,water,MA-TNG,digital,ar,15_24,female,,,2026-03-02,withdrawn title,withdrawn problem withdrawn,withdrawn solution withdrawn
9,roads,whole_region,petition,ar,50_64,male,,,2026-03-06,withheld title,withheld problem withheld,withheld solution withheld
10,water,MA-CHE,territorial_meeting,ar,25_34,male,private_sector,Cooperative Nommee,2026-03-07,قنطرة على الواد,الواد يقطع الطريق على التلاميذ,قنطرة للراجلين قرب المدرسة
";

pub async fn fill(app: &App, plan: &Consultation) {
    assert_eq!(import_right(app, plan, PROPOSALS).await.imported, 10);
    let response = || (Response::parse("La région finance déjà ce programme depuis 2024.").unwrap(), Language::Fr);
    let retain = |_| Step::Retain { remarks: Some(vec![Remark::Original, Remark::NoIndicator]), response: None };
    let refuse = |_| Step::Refuse { reason: RefusalReason::DuplicateOfExistingProgramme, response: response() };
    let withhold = |_| Step::RequestWithhold { reason: WithholdReason::Threat, note: None };
    take(app, plan, "3", None, Some(As::Moderator), refuse).await;
    take(app, plan, "10", None, Some(As::Moderator), retain).await;
    take(app, plan, "5", Some("10"), Some(As::Moderator), |target| Step::Merge { target, response: None }).await;
    take(app, plan, "8", None, None, |_| Step::Withdraw).await;
    take(app, plan, "9", None, Some(As::Moderator), retain).await;
    take(app, plan, "9", None, Some(As::Moderator), withhold).await;
    take(app, plan, "9", None, Some(As::Coordinator), |_| Step::Withhold).await;
    app.execute("UPDATE proposal SET submitted_at = '2026-03-10T23:30:00+00:00' WHERE external_id = '6'").await;
    app.execute("UPDATE proposal SET submitted_at = '2026-03-25T23:30:00+00:00' WHERE external_id = '7'").await;
    app.execute("UPDATE proposal SET name_organisation = true WHERE external_id = '10'").await;
}

/// The counts of a list that are not zero.
fn counts(list: &Value) -> Vec<(&str, u64)> {
    let items = list.as_array().unwrap().iter();
    let items = items.map(|item| (item["code"].as_str().unwrap(), item["count"].as_u64().unwrap()));
    items.filter(|(_, count)| *count > 0).collect()
}

fn sum<'a>(items: impl IntoIterator<Item = &'a Value>) -> u64 {
    items.into_iter().map(|item| item["count"].as_u64().unwrap()).sum()
}

async fn count(analyst: &Client, rows: &str, columns: &str) -> Value {
    let columns = if columns.is_empty() { String::new() } else { format!("&columns={columns}") };
    analyst.get(&format!("/statistics?consultation=plan&rows={rows}{columns}")).await.ok()
}

/// What [`PROPOSALS`] come to.
async fn count_by_hand(analyst: &Client) {
    let one = count(analyst, "axis", "").await;
    assert_eq!((&one["unit"], &one["base"], &one["taken_at"]), (&json!("participations"), &json!(9), &json!(START)));
    assert_eq!(one["columns"], Value::Null);
    assert_eq!(
        one["cells"],
        json!([{"row": "water", "column": null, "count": 5}, {"row": "roads", "column": null, "count": 4}])
    );
    assert_eq!(one["column_totals"], json!([]));

    let two = count(analyst, "axis", "gender").await;
    let cells: Vec<_> = two["cells"].as_array().unwrap().iter().map(|cell| cell["count"].as_u64().unwrap()).collect();
    assert_eq!(cells, [2, 2, 1, 2, 2, 0], "female, male, not stated on water, then on roads");
    assert_eq!(counts(&two["row_totals"]), [("water", 5), ("roads", 4)]);
    assert_eq!(counts(&two["column_totals"]), [("female", 4), ("male", 4), ("not_stated", 1)]);

    let expected: [(&str, &[(&str, u64)]); 8] = [
        ("age_band", &[("15_24", 3), ("25_34", 2), ("50_64", 1), ("65_plus", 2), ("not_stated", 1)]),
        ("participant_type", &[("citizen", 1), ("civil_society", 1), ("private_sector", 1), ("not_stated", 6)]),
        ("residence", &[("not_stated", 9)]),
        ("territory", &[("MA-TNG", 3), ("MA-CHE", 4), ("whole_region", 2)]),
        ("language", &[("ar", 6), ("fr", 3)]),
        ("channel", &[("digital", 1), ("territorial_meeting", 5), ("thematic_meeting", 1), ("petition", 2)]),
        // hidden text counts, what was taken back does not
        ("state", &[("submitted", 5), ("retained", 1), ("merged", 1), ("not_retained", 1), ("withheld", 1)]),
        (
            "day",
            &[
                ("2026-03-02", 2),
                ("2026-03-03", 2),
                ("2026-03-05", 1),
                ("2026-03-06", 1),
                ("2026-03-07", 1),
                ("2026-03-10", 1), // 23:30 UTC in Ramadan is 23:30
                ("2026-03-26", 1), // after it, it is half past midnight
            ],
        ),
    ];
    for (dimension, totals) in expected {
        assert_eq!(counts(&count(analyst, dimension, "").await["row_totals"]), totals, "{dimension}");
    }
}

on_both_engines! {
    async fn counts_are_what_one_counts_by_hand(app: App) {
        fill(&app, &plan(&app).await).await;
        let analyst = app.signed_in(As::Analyst).await;

        count_by_hand(&analyst).await;
        // the same when what waited has been added up
        api::jobs::run_once(app.state()).await.unwrap();
        assert_eq!(app.count("SELECT count(*) FROM tally_change").await, 0);
        count_by_hand(&analyst).await;
    }

    async fn what_is_kept_is_what_one_counts(app: App) {
        let plan = plan(&app).await;
        fill(&app, &plan).await;
        let agree = async || api::store::tally::verify(app.store()).await.unwrap();
        assert_eq!(agree().await, (9, vec![]), "before anything is added up");
        // two add up at once
        let (one, other) = tokio::join!(api::store::tally::fold(app.store()), api::store::tally::fold(app.store()));
        assert!(one.unwrap() + other.unwrap() > 10);
        assert_eq!(app.count("SELECT count(*) FROM tally_change").await, 0);
        assert_eq!(agree().await, (9, vec![]), "after");
        // every way in which a proposal changes
        app.execute("UPDATE proposal SET age_band = '25_34', axis_id = (SELECT max(id) FROM axis) WHERE external_id = '1'").await;
        app.execute("UPDATE proposal SET state = 'withdrawn' WHERE external_id = '2'").await;
        app.execute("UPDATE proposal SET state = 'submitted' WHERE external_id = '8'").await;
        app.execute("UPDATE proposal SET remarks = '', public = true WHERE external_id = '10'").await;
        app.execute("UPDATE proposal SET version = version + 1").await;
        assert_eq!(app.count("SELECT count(*) FROM tally_change").await, 6, "a change of what is counted by, and no other");
        assert_eq!(agree().await, (9, vec![]));
        api::store::tally::fold(app.store()).await.unwrap();
        assert_eq!(agree().await, (9, vec![]));

        app.execute("UPDATE tally SET count = count + 1 WHERE dimension = 'gender' AND other_dimension = '' AND code = 'female'").await;
        app.execute("DELETE FROM tally WHERE dimension = 'axis' AND other_dimension = 'channel' AND other_code = 'digital'").await;
        let (_, differences) = agree().await;
        let cells: Vec<_> = differences.iter().map(|d| (d.kept - d.counted, d.cell.contains("gender female"))).collect();
        assert!(cells.contains(&(1, true)) && cells.len() >= 2, "{differences:?}");
        let ran = command(&app, &["reconcile"], "").await;
        assert!(!ran.right && ran.printed().contains("gender female: kept"), "{}", ran.printed());
    }

    async fn how_long_authors_waited(app: App) {
        let plan = plan(&app).await;
        fill(&app, &plan).await;
        let analyst = app.signed_in(As::Analyst).await;
        // four were decided on 22 March, two days after they were entered, to the hour
        let waited = [("2", 4), ("none", 5)];
        assert_eq!(counts(&count(&analyst, "first_answer_days", "").await["row_totals"]), waited);
        let remarks = count(&analyst, "remark", "axis").await;
        // nine proposals, two of them with two remarks
        assert_eq!((&remarks["unit"], &remarks["base"]), (&json!("remarks"), &json!(11)));
        assert_eq!(counts(&remarks["row_totals"]), [("no_indicator", 2), ("original", 2), ("none", 7)]);
        let weeks = count(&analyst, "week", "").await;
        assert_eq!(counts(&weeks["row_totals"]), [("2026-03-02", 7), ("2026-03-09", 1), ("2026-03-23", 1)]);
    }

    async fn every_table_has_every_cell_and_adds_up(app: App) {
        fill(&app, &plan(&app).await).await;
        let analyst = app.signed_in(As::Analyst).await;
        // how many codes each dimension has; the window ends an hour into 1 April in Casablanca, so it has 32 days
        let dimensions = [
            ("axis", 2), ("age_band", 7), ("gender", 3), ("participant_type", 7), ("residence", 4), ("territory", 3),
            ("channel", 5), ("state", 9), ("language", 2), ("day", 32),
        ];
        for (rows, height) in dimensions {
            for (columns, width) in dimensions.into_iter().filter(|(columns, _)| *columns != rows) {
                let table = count(&analyst, rows, columns).await;
                let list = |name: &str| table[name].as_array().unwrap();
                let cells = list("cells");
                assert_eq!(cells.len(), height * width, "{rows} x {columns}");
                assert_eq!([sum(cells), sum(list("row_totals")), sum(list("column_totals"))], [9; 3], "{rows} x {columns}");
                for (margin, side) in [("row_totals", "row"), ("column_totals", "column")] {
                    for total in list(margin) {
                        let part = sum(cells.iter().filter(|cell| cell[side] == total["code"]));
                        assert_eq!(total["count"], part, "{margin} of {rows} x {columns}");
                    }
                }
            }
        }
    }

    async fn counts_and_files_are_for_analysts_and_coordinators(app: App) {
        fill(&app, &plan(&app).await).await;
        let paths = [
            "/statistics?consultation=plan&rows=axis",
            "/exports/proposals.csv?consultation=plan",
            "/exports/counts.csv?consultation=plan&rows=axis",
            "/exports/decisions.xlsx?consultation=plan",
        ];
        for path in paths {
            app.public().get(path).await.refused(401, "unauthenticated");
            for who in [As::Moderator, As::Administrator] {
                app.signed_in(who).await.get(path).await.refused(403, "forbidden");
            }
            for who in [As::Analyst, As::Coordinator] {
                assert_eq!(app.signed_in(who).await.get(path).await.status, 200, "{who:?} {path}");
            }
        }
    }

    async fn parameters_are_checked(app: App) {
        plan(&app).await;
        let analyst = app.signed_in(As::Analyst).await;
        for (path, status, code) in [
            ("/statistics?consultation=plan&rows=axis&columns=axis", 400, "invalid_parameter"),
            ("/statistics?consultation=plan&rows=title", 400, "invalid_parameter"),
            ("/statistics?consultation=plan&rows=axis%3BDROP", 400, "invalid_parameter"),
            ("/statistics?consultation=plan", 400, "invalid_parameter"),
            ("/statistics?consultation=plan&rows=axis&where=1", 400, "unknown_parameter"),
            ("/statistics?consultation=none&rows=axis", 404, "not_found"),
            ("/exports/proposals.csv?consultation=none", 404, "not_found"),
            ("/exports/proposals.csv?consultation=plan&bom=yes", 400, "invalid_parameter"),
            ("/exports/counts.csv?consultation=plan&rows=day&columns=day", 400, "invalid_parameter"),
            ("/statistics?consultation=plan&rows=week&columns=day", 400, "invalid_parameter"),
        ] {
            analyst.get(path).await.refused(status, code);
        }
    }

    async fn a_file_shows_what_the_public_list_shows_and_runs_nothing(app: App) {
        fill(&app, &plan(&app).await).await;
        let answer = app.signed_in(As::Analyst).await.get("/exports/proposals.csv?consultation=plan&bom=true").await;
        let name = "attachment; filename=\"plan-proposals-2026-11-10.csv\"";
        assert_eq!(answer.header("content-disposition"), Some(name));
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/csv; charset=utf-8")));
        let text = std::str::from_utf8(answer.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap()).unwrap();
        assert_eq!(
            text.lines().next().unwrap(),
            "reference,consultation,state,channel,language,axis,territory,populations,submitted_at,decided_at,title,problem,\
             solution,expected_change,organisation,merged_into,remarks,reason,response,response_language"
        );
        for never in [
            "waiting", "withdrawn", "withheld", "Discrete", "female", "15_24", "25_34", "civil_society", "private_sector",
            "example.org",
        ] {
            assert!(!text.contains(never), "{never} in {text}");
        }

        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
        let column = |name: &str| rows.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
        assert_eq!(column("reference"), ["TTA-26-000003", "TTA-26-000005", "TTA-26-000010"]);
        assert_eq!(column("state"), ["not_retained", "merged", "retained"]);
        assert_eq!(column("title"), ["'=HYPERLINK(\"http://x\";\"a\")", "طريق إلى السوق", "قنطرة على الواد"]);
        assert_eq!(rows[0]["problem"], "'- une longue liste\n- de deux");
        assert_eq!(rows[0]["solution"], "'@here, and \"there\", again");
        assert_eq!(column("organisation"), ["", "", "Cooperative Nommee"]);
        assert_eq!(column("merged_into"), ["", "TTA-26-000010", ""]);
        assert_eq!(column("remarks"), ["", "", "no_indicator original"]);
        assert_eq!(column("reason"), ["duplicate_of_existing_programme", "", ""]);
        assert_eq!(column("response"), ["La région finance déjà ce programme depuis 2024.", "", ""]);
        assert_eq!(column("decided_at"), ["2026-03-22T10:00:00Z"; 3]);
        assert_eq!(rows[0]["submitted_at"], "2026-03-03T12:00:00Z");

        // the operator's file is the same one
        let export = ["export", "proposals", "--consultation", "plan", "--bom"];
        let ran = command(&app, &export, "").await;
        assert!(ran.right, "{}", ran.complaint);
        assert_eq!(ran.bytes, answer.bytes);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv").display().to_string();
        assert!(command(&app, &[&export[..], &["--output", &path]].concat(), "").await.right);
        assert_eq!(std::fs::read(&path).unwrap(), answer.bytes);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(!command(&app, &["export", "proposals", "--consultation", "none"], "").await.right);
    }

    async fn a_file_longer_than_a_batch_has_every_row_once(app: App) {
        let plan = plan(&app).await;
        let head = "external_id,axis,territory,channel,language,submitted_on,title,problem,solution\n";
        let line = |id: u32| {
            format!("{id},water,MA-TNG,digital,fr,2026-03-02,Titre {id:04},un problème assez long,une solution assez longue\n")
        };
        import_right(&app, &plan, &(head.to_owned() + &(1..=700).map(line).collect::<String>())).await;
        app.execute("UPDATE proposal SET public = (id % 50 <> 0), state = 'retained'").await;
        let analyst = app.signed_in(As::Analyst).await;
        let answer = analyst.get("/exports/proposals.csv?consultation=plan").await;
        let mut reader = csv::Reader::from_reader(&answer.bytes[..]);
        let titles: Vec<_> = reader.records().map(|row| row.unwrap()[10].to_owned()).collect();
        let expected: Vec<_> = (1..=700).filter(|id| id % 50 != 0).map(|id| format!("Titre {id:04}")).collect();
        assert_eq!(titles, expected);
    }

    async fn a_count_as_a_file_tells_its_unit_and_base(app: App) {
        fill(&app, &plan(&app).await).await;
        let analyst = app.signed_in(As::Analyst).await;
        let two = analyst.get("/exports/counts.csv?consultation=plan&rows=axis&columns=language").await;
        assert_eq!(
            two.text(),
            "axis,language,count,unit,base,taken_at\r\n\
             water,ar,3,participations,9,2026-11-10T09:00:00Z\r\n\
             water,fr,2,participations,9,2026-11-10T09:00:00Z\r\n\
             roads,ar,3,participations,9,2026-11-10T09:00:00Z\r\n\
             roads,fr,1,participations,9,2026-11-10T09:00:00Z\r\n"
        );
        let one = analyst.get("/exports/counts.csv?consultation=plan&rows=language&bom=true").await.text();
        assert!(one.starts_with("\u{FEFF}language,count,unit,base,taken_at\r\nar,6,participations,9,"), "{one}");
        let ran = command(&app, &["export", "counts", "--consultation", "plan", "--rows", "language"], "").await;
        assert!(ran.right && ran.printed().contains("\r\nfr,3,participations,9,"), "{}", ran.complaint);
    }
}
