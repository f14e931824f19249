//! The consultation, the accounts and the words that tests start with.

use std::collections::BTreeSet;

use api::{
    localised::Localised,
    store::{
        self, Store,
        consultation::{Competence, New, TerritoryKind},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    consultation::{ConsultationState, ModerationRule, Window},
    permission::{Role, Scope},
    proposal::CompetenceClass,
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// Where every clock starts: Tuesday 10 November 2026, 10:00 in Casablanca.
pub const START: &str = "2026-11-10T09:00:00Z";
/// The consultation that is open from 40 days before [`START`] to 50 days after it.
pub const SLUG: &str = "2024-2026";
/// The password of every account.
pub const PASSWORD: &str = "une phrase de passe 1";
/// The version of the consent text.
pub const CONSENT: &str = "2026-10";

/// In the consultation's order.
pub const AXES: [&str; 5] = [
    "economic-empowerment",
    "environment-climate",
    "transparency-digital",
    "gender-inclusion",
    "openness-participation",
];
/// In the consultation's order.
pub const TERRITORIES: [&str; 8] = ["MA-TNG", "MA-FAH", "MA-CHE", "MA-HOC", "MA-OUZ", "MA-LAR", "MA-MDF", "MA-TET"];

/// Who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum As {
    /// A moderator of all axes and territories.
    Moderator,
    /// Another one.
    SecondModerator,
    /// A moderator of `economic-empowerment` in `MA-CHE` only.
    ScopedModerator,
    /// One of the two coordinators.
    Coordinator,
    /// The other one.
    SecondCoordinator,
    /// An analyst.
    Analyst,
    /// An administrator.
    Administrator,
}

impl As {
    /// Everybody with an account.
    pub const ALL: [Self; 7] = [
        Self::Moderator,
        Self::SecondModerator,
        Self::ScopedModerator,
        Self::Coordinator,
        Self::SecondCoordinator,
        Self::Analyst,
        Self::Administrator,
    ];

    /// The name colleagues see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderator => "Amina",
            Self::SecondModerator => "Brahim",
            Self::ScopedModerator => "Chaimae",
            Self::Coordinator => "Driss",
            Self::SecondCoordinator => "Fatima",
            Self::Analyst => "Ghita",
            Self::Administrator => "Hassan",
        }
    }

    /// The address to sign in with.
    pub fn email(self) -> String {
        format!("{}@example.org", self.name().to_lowercase())
    }

    /// What the account may do.
    pub const fn role(self) -> Role {
        match self {
            Self::Moderator | Self::SecondModerator | Self::ScopedModerator => Role::Moderator,
            Self::Coordinator | Self::SecondCoordinator => Role::Coordinator,
            Self::Analyst => Role::Analyst,
            Self::Administrator => Role::Administrator,
        }
    }

    fn scope(self) -> Scope {
        match self {
            Self::ScopedModerator => Scope {
                axes: Some(BTreeSet::from([AXES[0].parse().unwrap()])),
                territories: Some(BTreeSet::from(["MA-CHE".parse().unwrap()])),
            },
            _ => Scope::default(),
        }
    }
}

/// Reads an instant.
pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A text in both languages.
pub fn both(ar: &str, fr: &str) -> Localised {
    Localised([("ar".to_owned(), ar.to_owned()), ("fr".to_owned(), fr.to_owned())].into())
}

/// The words of a consultation that opened 40 days before [`START`] and closes 50 days after it.
pub fn consultation(slug: &str) -> New {
    let start = instant(START);
    let competence = |code: &str, class, label: (&str, &str), body: Option<(&str, &str)>| Competence {
        code: code.into(),
        class,
        label: both(label.0, label.1),
        body: body.map(|(ar, fr)| both(ar, fr)),
        source: "LO 111-14".into(),
    };
    New {
        slug: slug.into(),
        prefix: "TTA".into(),
        state: ConsultationState::Open,
        moderation: ModerationRule::Before,
        window: Window::new(start - TimeDelta::days(40), start + TimeDelta::days(50)).unwrap(),
        title: both("تشاور 2024-2026", "Consultation 2024-2026"),
        description: both("ما الذي ينبغي تغييره؟", "Que faut-il changer ?"),
        consent_version: CONSENT.into(),
        consent_text: both("أوافق على معالجة معطياتي", "J'accepte le traitement de mes données"),
        attendance: Vec::new(),
        competences: vec![
            competence("rural-roads", CompetenceClass::Own, ("الطرق القروية", "Routes rurales"), None),
            competence(
                "primary-schools",
                CompetenceClass::Outside,
                ("المدارس", "Écoles primaires"),
                Some(("وزارة التربية", "Ministère de l'Éducation")),
            ),
        ],
        axes: AXES.map(|code| (code.to_owned(), both("محور", code), Localised::default())).to_vec(),
        territories: TERRITORIES
            .map(|code| {
                let kind = if matches!(code, "MA-TNG" | "MA-MDF") {
                    TerritoryKind::Prefecture
                } else {
                    TerritoryKind::Province
                };
                (code.to_owned(), kind, both("إقليم", code))
            })
            .to_vec(),
        demo: false,
    }
}

/// A proposal as the form sends it, with `changes` laid over it: objects are merged, everything else replaced,
/// and `"absent"` leaves a field out.
pub fn proposal(changes: Value) -> Value {
    let mut body = json!({
        "axis": AXES[0],
        "territory": "MA-CHE",
        "language": "fr",
        "title": "Un puits pour le douar",
        "problem": "Le puits du douar est sec de juin à septembre et les familles marchent une heure.",
        "solution": "Creuser un puits plus profond et poser une pompe solaire gérée par l'association.",
        "expected_change": "Chaque famille a de l'eau à moins de dix minutes.",
        "populations": ["women", "rural"], // a set, answered in the vocabulary's order
        "demographics": {
            "age_band": "25_34", "gender": "female", "participant_type": "citizen", "residence": "MA-CHE"
        },
        "organisation": null,
        "name_organisation": false,
        "email": null,
        "consent": {"version": CONSENT, "language": "fr"},
    });
    lay_over(&mut body, changes);
    body
}

fn lay_over(base: &mut Value, changes: Value) {
    match (base, changes) {
        (Value::Object(base), Value::Object(changes)) => {
            for (key, change) in changes {
                if change == "absent" {
                    base.remove(&key);
                } else {
                    lay_over(base.entry(key).or_insert(Value::Null), change);
                }
            }
        }
        (base, change) => *base = change,
    }
}

/// One hash for every account, made once a process: argon2 is slow on purpose.
async fn password_hash() -> String {
    static HASH: OnceCell<String> = OnceCell::const_new();
    let hash = async || api::auth::password::Passwords::default().hash(PASSWORD.into()).await.unwrap();
    HASH.get_or_init(hash).await.clone()
}

/// Fills an empty, migrated database.
pub async fn seed(store: &Store) {
    let hash = password_hash().await;
    let now = instant(START) - TimeDelta::days(40);
    let tx = store.write().await.unwrap();
    store::consultation::insert(&tx, consultation(SLUG), now).await.unwrap();
    for who in As::ALL {
        let new = store::account::New {
            email: who.email(),
            name: who.name().into(),
            role: who.role(),
            scope: who.scope(),
            password_hash: hash.clone(),
            language: domain::vocabulary::Language::Fr,
        };
        let account = store::account::insert(&tx, new, now).await.unwrap().unwrap();
        if who.role().needs_second_factor() {
            store::second_factor::enrol(&tx, account.id, who.name().into(), 0).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

/// A small photo: a JPEG of this size whose pixels differ.
pub fn photo(width: u32, height: u32) -> Vec<u8> {
    let pixels =
        image::RgbImage::from_fn(width, height, |x, y| image::Rgb([(x * 7 % 256) as u8, (y * 5 % 256) as u8, 90]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}
