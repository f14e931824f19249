//! `/statistics` and `/exports`, on both engines: sums by hand, and what must never leave.

use domain::{
    permission::{Actor, Role},
    proposal::{RefusalReason, Remark, Step, WithholdReason},
    text::Response,
    vocabulary::Language,
};
use serde_json::{Value, json};

use crate::files::{Database, each_engine, signed_in};

const NOW: &str = "2026-03-27T10:00:00Z";

/// Ten proposals. 8 is withdrawn, 9 was retained and is withheld now, 10 is retained, 5 merged into it, 3 refused;
/// the others wait. 6 and 7 arrived half an hour before midnight UTC, during Ramadan (UTC+0) and after it (UTC+1).
const PROPOSALS: &str = "\
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

async fn fill(db: &Database) {
    assert_eq!(db.import(PROPOSALS.into(), "2026-03-20T10:00:00Z").await.imported, 10);
    let coordinator = db.account("coordinator", Role::Coordinator).await;
    let moderator = db.account("moderator", Role::Moderator).await;
    db.account("analyst", Role::Analyst).await;
    db.account("administrator", Role::Administrator).await;
    let response = || (Response::parse("La région finance déjà ce programme depuis 2024.").unwrap(), Language::Fr);
    let retain = |_| Step::Retain { remarks: vec![Remark::Original, Remark::NoIndicator], response: None };
    db.take("3", None, &moderator, |_| Step::Refuse {
        reason: RefusalReason::DuplicateOfExistingProgramme,
        response: response(),
    })
    .await;
    db.take("10", None, &moderator, retain).await;
    db.take("5", Some("10"), &moderator, |target| Step::Merge { target, response: None }).await;
    db.take("8", None, &Actor::Participant, |_| Step::Withdraw).await;
    db.take("9", None, &moderator, retain).await;
    db.take("9", None, &moderator, |_| Step::RequestWithhold { reason: WithholdReason::Threat, note: None }).await;
    db.take("9", None, &coordinator, |_| Step::Withhold).await;
    db.execute("UPDATE proposal SET submitted_at = '2026-03-10T23:30:00+00:00' WHERE external_id = '6'").await;
    db.execute("UPDATE proposal SET submitted_at = '2026-03-25T23:30:00+00:00' WHERE external_id = '7'").await;
    db.execute("UPDATE proposal SET name_organisation = true WHERE external_id = '10'").await;
}

/// The counts of a list that are not zero.
fn counts(list: &Value) -> Vec<(String, u64)> {
    let items = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["code"].as_str().unwrap().to_owned(), item["count"].as_u64().unwrap()));
    items.filter(|(_, count)| *count > 0).collect()
}

fn sum(list: &Value) -> u64 {
    list.as_array().unwrap().iter().map(|item| item["count"].as_u64().unwrap()).sum()
}

fn pairs<const N: usize>(list: [(&str, u64); N]) -> Vec<(String, u64)> {
    list.map(|(code, count)| (code.to_owned(), count)).to_vec()
}

#[actix_web::test]
async fn counts_are_right_and_add_up() {
    each_engine(async |db| {
        fill(&db).await;
        let api = db.serve(NOW).await;
        let analyst = signed_in(&api, "analyst").await;
        let get = async |rows: &str, columns: &str| {
            let columns = if columns.is_empty() { String::new() } else { format!("&columns={columns}") };
            let answer =
                analyst.get(format!("{api}/statistics?consultation=plan&rows={rows}{columns}")).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.json::<Value>().await.unwrap()
        };

        let one = get("axis", "").await;
        assert_eq!(
            (&one["unit"], &one["base"], &one["taken_at"], &one["columns"]),
            (&json!("participations"), &json!(9), &json!(NOW), &Value::Null)
        );
        assert_eq!(
            one["cells"],
            json!([{"row": "water", "column": null, "count": 5}, {"row": "roads", "column": null, "count": 4}])
        );
        assert_eq!(one["column_totals"], json!([]));

        let two = get("axis", "gender").await;
        let cells: Vec<_> =
            two["cells"].as_array().unwrap().iter().map(|cell| cell["count"].as_u64().unwrap()).collect();
        assert_eq!(cells, [2, 2, 1, 2, 2, 0], "female, male, not stated on water, then on roads");
        assert_eq!(counts(&two["row_totals"]), pairs([("water", 5), ("roads", 4)]));
        assert_eq!(counts(&two["column_totals"]), pairs([("female", 4), ("male", 4), ("not_stated", 1)]));

        let totals = async |rows: &str| counts(&get(rows, "").await["row_totals"]);
        assert_eq!(
            totals("age_band").await,
            pairs([("15_24", 3), ("25_34", 2), ("50_64", 1), ("65_plus", 2), ("not_stated", 1)])
        );
        assert_eq!(
            totals("participant_type").await,
            pairs([("citizen", 1), ("civil_society", 1), ("private_sector", 1), ("not_stated", 6)])
        );
        assert_eq!(totals("residence").await, pairs([("not_stated", 9)]));
        assert_eq!(totals("territory").await, pairs([("MA-TNG", 3), ("MA-CHE", 4), ("whole_region", 2)]));
        assert_eq!(totals("language").await, pairs([("ar", 6), ("fr", 3)]));
        assert_eq!(
            totals("channel").await,
            pairs([("digital", 1), ("territorial_meeting", 5), ("thematic_meeting", 1), ("petition", 2)])
        );
        let states = pairs([("submitted", 5), ("retained", 1), ("merged", 1), ("not_retained", 1), ("withheld", 1)]);
        assert_eq!(totals("state").await, states, "hidden text counts, what was taken back does not");
        let days = get("day", "").await;
        assert_eq!(
            counts(&days["row_totals"]),
            pairs([
                ("2026-03-02", 2),
                ("2026-03-03", 2),
                ("2026-03-05", 1),
                ("2026-03-06", 1),
                ("2026-03-07", 1),
                ("2026-03-10", 1), // 23:30 in Ramadan is 23:30
                ("2026-03-26", 1), // 23:30 after it is half past midnight
            ])
        );
        assert_eq!(days["row_totals"].as_array().unwrap().len(), 27, "every day of the window so far");

        // every pair: all cells of the vocabulary, and nothing lost on the way to any sum
        let dimensions = [
            "axis",
            "age_band",
            "gender",
            "participant_type",
            "residence",
            "territory",
            "channel",
            "state",
            "language",
            "day",
        ];
        let sizes = [2, 7, 3, 7, 4, 3, 5, 9, 2, 27];
        for (rows, height) in dimensions.iter().zip(sizes) {
            for (columns, width) in dimensions.iter().zip(sizes).filter(|(columns, _)| columns != &rows) {
                let table = get(rows, columns).await;
                let cells = table["cells"].as_array().unwrap();
                assert_eq!(cells.len(), height * width, "{rows} x {columns}");
                for list in ["cells", "row_totals", "column_totals"] {
                    assert_eq!(sum(&table[list]), 9, "{list} of {rows} x {columns}");
                }
                for (margin, side) in [("row_totals", "row"), ("column_totals", "column")] {
                    for total in table[margin].as_array().unwrap() {
                        let part: u64 = cells
                            .iter()
                            .filter(|cell| cell[side] == total["code"])
                            .map(|cell| cell["count"].as_u64().unwrap())
                            .sum();
                        assert_eq!(total["count"], part, "{margin} of {rows} x {columns}");
                    }
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn counts_are_for_analysts_and_coordinators_and_parameters_are_checked() {
    each_engine(async |db| {
        fill(&db).await;
        let api = db.serve(NOW).await;
        let paths = [
            "statistics?consultation=plan&rows=axis",
            "exports/proposals.csv?consultation=plan",
            "exports/counts.csv?consultation=plan&rows=axis",
        ];
        for (name, status) in [("analyst", 200), ("coordinator", 200), ("moderator", 403), ("administrator", 403)] {
            let client = signed_in(&api, name).await;
            for path in paths {
                assert_eq!(client.get(format!("{api}/{path}")).send().await.unwrap().status(), status, "{name} {path}");
            }
        }
        for path in paths {
            assert_eq!(reqwest::get(format!("{api}/{path}")).await.unwrap().status(), 401, "{path}");
        }
        let analyst = signed_in(&api, "analyst").await;
        for (query, status, code) in [
            ("statistics?consultation=plan&rows=axis&columns=axis", 400, "invalid_parameter"),
            ("statistics?consultation=plan&rows=title", 400, "invalid_parameter"),
            ("statistics?consultation=plan&rows=axis;DROP", 400, "invalid_parameter"),
            ("statistics?consultation=plan", 400, "invalid_parameter"),
            ("statistics?consultation=plan&rows=axis&where=1", 400, "unknown_parameter"),
            ("statistics?consultation=none&rows=axis", 404, "not_found"),
            ("exports/proposals.csv?consultation=none", 404, "not_found"),
            ("exports/proposals.csv?consultation=plan&bom=yes", 400, "invalid_parameter"),
            ("exports/counts.csv?consultation=plan&rows=day&columns=day", 400, "invalid_parameter"),
        ] {
            let answer = analyst.get(format!("{api}/{query}")).send().await.unwrap();
            assert_eq!(answer.status(), status, "{query}");
            assert_eq!(answer.json::<Value>().await.unwrap()["code"], code, "{query}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_file_shows_what_the_public_list_shows_and_runs_nothing() {
    each_engine(async |db| {
        fill(&db).await;
        let api = db.serve(NOW).await;
        let analyst = signed_in(&api, "analyst").await;
        let answer =
            analyst.get(format!("{api}/exports/proposals.csv?consultation=plan&bom=true")).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-disposition"), "attachment; filename=\"plan-proposals-2026-03-27.csv\"");
        assert!(header("content-type").starts_with("text/csv; charset=utf-8"));
        let bytes = answer.bytes().await.unwrap();
        let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap()).unwrap();

        for never in [
            "waiting",
            "withdrawn",
            "withheld",
            "Discrete",
            "female",
            "15_24",
            "25_34",
            "civil_society",
            "private_sector",
            "example.org",
        ] {
            assert!(!text.contains(never), "{never} in {text}");
        }
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<std::collections::BTreeMap<_, _>> = reader
            .records()
            .map(|row| names.iter().cloned().zip(row.unwrap().iter().map(str::to_owned)).collect())
            .collect();
        let column = |name: &str| rows.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
        assert_eq!(column("state"), ["not_retained", "merged", "retained"]);
        assert_eq!(column("reference"), ["TTA-26-000003", "TTA-26-000005", "TTA-26-000010"]);
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
        assert_eq!(text.lines().next().unwrap(), api::http::export::proposals::COLUMNS.join(","));

        // the operator's file is the same one
        let (right, printed, complaint) =
            db.command(&["export", "proposals", "--consultation", "plan", "--bom"], "").await;
        assert!(right, "{complaint}");
        assert_eq!(printed, bytes);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv").display().to_string();
        assert!(db.command(&["export", "proposals", "--consultation", "plan", "--bom", "--output", &path], "").await.0);
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert!(!db.command(&["export", "proposals", "--consultation", "none"], "").await.0);
    })
    .await;
}

#[actix_web::test]
async fn a_file_longer_than_a_batch_has_every_row_once() {
    each_engine(async |db| {
        let head = "external_id,axis,territory,channel,language,submitted_on,title,problem,solution\n";
        let line = |id: u32| format!("{id},water,MA-TNG,digital,fr,2026-03-02,Titre numero {id},un problème assez long,une solution assez longue\n");
        db.import(head.to_owned() + &(1..=700).map(line).collect::<String>(), "2026-03-20T10:00:00Z").await;
        db.execute("UPDATE proposal SET public = (id % 50 <> 0), state = 'retained'").await;
        let (right, printed, complaint) = db.command(&["export", "proposals", "--consultation", "plan"], "").await;
        assert!(right, "{complaint}");
        let titles: Vec<_> = csv::Reader::from_reader(&printed[..]).records().map(|row| row.unwrap()[10].to_owned()).collect();
        let expected: Vec<_> = (1..=700).filter(|id| id % 50 != 0).map(|id| format!("Titre numero {id}")).collect();
        assert_eq!(titles, expected);
    })
    .await;
}

#[actix_web::test]
async fn a_count_as_a_file_tells_its_unit_and_base() {
    each_engine(async |db| {
        fill(&db).await;
        let api = db.serve(NOW).await;
        let analyst = signed_in(&api, "analyst").await;
        let get = async |query: &str| {
            let answer =
                analyst.get(format!("{api}/exports/counts.csv?consultation=plan&{query}")).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.text().await.unwrap()
        };
        assert_eq!(
            get("rows=axis&columns=language").await,
            "axis,language,count,unit,base,taken_at\r\n\
             water,ar,3,participations,9,2026-03-27T10:00:00Z\r\n\
             water,fr,2,participations,9,2026-03-27T10:00:00Z\r\n\
             roads,ar,3,participations,9,2026-03-27T10:00:00Z\r\n\
             roads,fr,1,participations,9,2026-03-27T10:00:00Z\r\n"
        );
        assert!(get("rows=language").await.starts_with("language,count,unit,base,taken_at\r\nar,6,participations,9,"));
        let (right, printed, complaint) =
            db.command(&["export", "counts", "--consultation", "plan", "--rows", "language"], "").await;
        assert!(right && String::from_utf8(printed).unwrap().contains("\r\nfr,3,participations,9,"), "{complaint}");
    })
    .await;
}
