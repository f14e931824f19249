//! What is asked of the product and, so that both do the same work, of the limit.

use std::rc::Rc;

use serde_json::json;

use crate::{
    client::Requests,
    limit::{PASSWORD, Submission},
    rows::{AXES, CONSENT, Dice, Idea, PREFIX, SLUG, TERRITORIES, answered, year},
    server::{EMAIL, Engine, Filled},
};

/// When a workload is good enough.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// This share of the limit's rate.
    Ratio(f64),
    /// All but one of a hundred answers within so many milliseconds on one connection.
    P99(f64),
    /// None was set.
    None,
}

/// One kind of request.
pub struct Workload {
    /// As the table calls it.
    pub name: &'static str,
    /// When it is good enough.
    pub goal: Goal,
    /// How many connections send it.
    pub connections: &'static [usize],
    /// To the product.
    pub product: Requests,
    /// To the limit.
    pub limit: Requests,
    /// Whether both must answer the same.
    pub same_answer: bool,
}

/// How many different requests of each kind there are.
const VARIETY: usize = 500;
/// A request without a body.
pub fn get(path: &str, cookie: &str) -> Vec<u8> {
    let cookie = if cookie.is_empty() { String::new() } else { format!("cookie: {cookie}\r\n") };
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{cookie}\r\n").into_bytes()
}

/// The first page of the public list.
pub fn first_page() -> Vec<u8> {
    get(&format!("/api/v1/consultations/{SLUG}/proposals"), "")
}

/// Every workload over so many rows, in the order of the table: the one that writes comes last.
pub fn all(engine: Engine, rows: i64, filled: &Filled) -> Vec<Workload> {
    let cookie = filled.cookie.as_str();
    let mut dice = Dice::new(2_026);
    let mut between = |low: i64, high: i64| low + dice.below(usize::try_from(high - low).unwrap()) as i64;

    // what most people see, the same on one axis, and a page further down
    let answered = answered(rows);
    let lists: Vec<(String, String)> = (0..VARIETY)
        .map(|place| {
            let axis = place % AXES.len();
            let before = between(answered / 10, answered);
            match place % 3 {
                0 => (String::new(), String::new()),
                1 => (format!("?axis={}", AXES[axis]), format!("/{}", axis + 1)),
                _ => (format!("?axis={}&cursor=c{before}", AXES[axis]), format!("/{}/{before}", axis + 1)),
            }
        })
        .collect();
    // where the committee stands, and a page further down
    let queues: Vec<_> =
        (0..VARIETY).map(|place| (place % 2 == 1).then(|| between(answered, rows - rows / 20))).collect();
    let searches = searches();
    let (words, terms): (Vec<_>, Vec<_>) = searches.iter().map(|text| (text, expression(engine, text))).unzip();

    vec![
        Workload {
            name: "list of 20",
            goal: Goal::Ratio(0.6),
            connections: &[1, 16, 64],
            product: any_of(
                lists.iter().map(|(query, _)| get(&format!("/api/v1/consultations/{SLUG}/proposals{query}"), "")),
            ),
            limit: any_of(lists.iter().map(|(_, path)| get(&format!("/list{path}"), ""))),
            same_answer: true,
        },
        Workload {
            name: "search",
            goal: Goal::P99(50.0),
            connections: &[1, 16],
            product: any_of(words.iter().map(|text| {
                let query = query("text", text);
                get(&format!("/api/v1/consultations/{SLUG}/proposals?{query}"), "")
            })),
            limit: any_of(terms.into_iter().map(|words| get(&format!("/search?{}", query("words", &words)), ""))),
            same_answer: true,
        },
        show(&filled.public),
        Workload {
            name: "desk queue of 20",
            goal: Goal::None,
            connections: &[1, 16],
            product: any_of(queues.iter().map(|after| {
                let cursor = after.map(|after| format!("&cursor=c{after}")).unwrap_or_default();
                get(&format!("/api/v1/desk/queue?consultation={SLUG}{cursor}"), cookie)
            })),
            limit: any_of(queues.iter().map(|after| get(&format!("/queue/{}", after.unwrap_or_default()), cookie))),
            same_answer: true,
        },
        Workload {
            name: "statistics 5 x 7",
            goal: Goal::Ratio(1.0 / 1.5),
            connections: &[1, 16],
            product: any_of([get(
                &format!("/api/v1/statistics?consultation={SLUG}&rows=axis&columns=age_band"),
                cookie,
            )]),
            limit: any_of([get("/statistics", cookie)]),
            same_answer: true,
        },
        sign_in(),
        submit(),
    ]
}

/// One proposal, by its reference.
fn show(public: &[i64]) -> Workload {
    Workload {
        name: "one proposal",
        goal: Goal::None,
        connections: &[1, 16],
        product: any_of(public.iter().map(|id| get(&format!("/api/v1/proposals/{PREFIX}-{}-{id:06}", year(*id)), ""))),
        limit: any_of(public.iter().map(|id| get(&format!("/proposal/{id}"), ""))),
        same_answer: true,
    }
}

/// A sign-in with the right password.
pub fn sign_in() -> Workload {
    let body = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    Workload {
        name: "sign-in",
        goal: Goal::Ratio(0.9),
        connections: &[16],
        product: any_of([post("/api/v1/session", "", &body)]),
        limit: any_of([post("/sign-in", "", &body)]),
        same_answer: false,
    }
}

fn submit() -> Workload {
    let mut dice = Dice::new(7);
    let ideas: Vec<_> = (0..VARIETY).map(|_| Idea::throw(&mut dice)).collect();
    let product = ideas.iter().map(|idea| {
        json!({
            "axis": AXES[idea.axis],
            "territory": idea.territory.map_or("whole_region", |place| TERRITORIES[place]),
            "language": idea.language,
            "title": idea.title,
            "problem": idea.problem,
            "solution": idea.solution,
            "populations": ["rural", "women"],
            "demographics": {
                "age_band": idea.age_band,
                "gender": idea.gender,
                "participant_type": idea.participant_type,
                "residence": TERRITORIES[idea.residence],
            },
            "email": EMAIL,
            "consent": {"version": CONSENT, "language": idea.language},
        })
        .to_string()
    });
    let limit = ideas.iter().map(|idea| {
        let submission = Submission {
            key: String::new(),
            axis_id: idea.axis as i64 + 1,
            territory_id: idea.territory.map(|place| place as i64 + 1),
            language: idea.language.to_string(),
            age_band: idea.age_band.to_string(),
            gender: idea.gender.to_string(),
            participant_type: idea.participant_type.to_string(),
            residence: TERRITORIES[idea.residence].into(),
            populations: vec!["rural".into(), "women".into()],
            email: EMAIL.into(),
            title: idea.title.clone(),
            problem: idea.problem.clone(),
            solution: idea.solution.clone(),
            terms: idea.terms(),
        };
        serde_json::to_string(&submission).unwrap()
    });
    Workload {
        name: "submit",
        goal: Goal::Ratio(0.5),
        connections: &[1, 16, 64],
        product: each_once(&format!("/api/v1/consultations/{SLUG}/proposals"), product.collect()),
        limit: each_once("/submit", limit.collect()),
        same_answer: false,
    }
}

fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn any_of(requests: impl IntoIterator<Item = Vec<u8>>) -> Requests {
    let requests: Vec<_> = requests.into_iter().collect();
    Rc::new(move |number, into| into.extend_from_slice(&requests[number as usize % requests.len()]))
}

/// Bodies over and over, each time with another idempotency key.
fn each_once(path: &str, bodies: Vec<String>) -> Requests {
    let path = path.to_owned();
    Rc::new(move |number, into| {
        let key = format!("idempotency-key: bench-of-{path_length}-{number:020}\r\n", path_length = path.len());
        into.extend_from_slice(&post(&path, &key, &bodies[number as usize % bodies.len()]));
    })
}

fn query(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

/// What people look for: one word that many texts hold, one that few hold, and two together; most in Arabic.
fn searches() -> Vec<String> {
    use domain::vocabulary::Language::{Ar, Fr};
    let mut dice = Dice::new(11);
    (0..VARIETY)
        .map(|place| {
            let language = if place % 10 < 7 { Ar } else { Fr };
            match place % 3 {
                0 => dice.common_word(language),
                1 => dice.rare_word(language),
                _ => format!("{} {}", dice.common_word(language), dice.rare_word(language)),
            }
        })
        .collect()
}

/// The search as the engine reads it; the same as `store::search` makes, or the answers would differ.
fn expression(engine: Engine, text: &str) -> String {
    let (or, and, quote, prefix) =
        if engine == Engine::Postgres { (" | ", " & ", '\'', ":*") } else { (" OR ", " AND ", '"', "*") };
    let words = domain::fold::query_terms(text);
    let last = words.len() - 1;
    let groups = words.iter().enumerate().map(|(place, alternatives)| {
        let mut group: Vec<_> = alternatives.iter().map(|word| format!("{quote}{word}{quote}")).collect();
        if place == last && alternatives[0].chars().count() >= 3 {
            group.push(format!("{quote}{}{quote}{prefix}", alternatives[0]));
        }
        format!("({})", group.join(or))
    });
    groups.collect::<Vec<_>>().join(and)
}
