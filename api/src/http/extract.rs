//! What a handler may ask of a request: a JSON body, query parameters, a version, an idempotency key.
//!
//! These replace actix's own extractors because theirs answer plain text, stop at the first mistake, and
//! do not say which field it was in.

use std::{cell::RefCell, future::Future, ops::Deref, pin::Pin, rc::Rc, time::Duration};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web};
use futures_util::StreamExt as _;
use serde::{
    Deserialize as _, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::Value;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::{
    application::State,
    http::problem::{FieldCode, FieldError, Problem, ProblemCode},
    picture::Room,
};

/// The largest body any route takes, in bytes. The longest legal proposal is about 40 KiB of Arabic.
pub const BODY_LIMIT: usize = 64 * 1024;

/// How long a body may take to arrive, from the end of the head. The server's own limit ends with the head, so that
/// without this one a byte every ten seconds would hold a connection for days.
const BODY_TIME: Duration = Duration::from_secs(10);
/// The same for a photo, which is larger: 5 MiB at 700 kbit/s, a slow telephone's.
pub const UPLOAD_TIME: Duration = Duration::from_secs(60);
/// The same for a file of rows: 64 MiB at 2 Mbit/s, an office's.
pub const FILE_TIME: Duration = Duration::from_secs(270);
/// What a photo may be called.
pub const PICTURES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// A JSON body that has been parsed and validated.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = Parsed::<T>::from_request(request, payload);
        Box::pin(async move {
            let Parsed(value) = parsed.await?;
            let mistakes = mistakes(&value);
            if mistakes.is_empty() { Ok(Self(value)) } else { Err(Problem::fields(mistakes)) }
        })
    }
}

/// A JSON body that has been parsed but not validated: for a handler that knows of more mistakes than the body
/// alone tells, and names them all in one answer with the help of [`mistakes`].
#[derive(Debug)]
pub struct Parsed<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Parsed<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request.content_type().eq_ignore_ascii_case("application/json");
        let body = collect(request, payload, BODY_LIMIT, BODY_TIME, |_| Ok(()));
        Box::pin(async move {
            if !is_json {
                return Err(Problem::new(ProblemCode::UnsupportedMediaType));
            }
            let bytes = body.await?;
            parse(&bytes).map(Self)
        })
    }
}

/// Reads a body of at most `limit` bytes within `time`; `admit` is asked before so many more of them are kept.
fn collect<F: FnMut(usize) -> Result<(), Problem>>(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
    time: Duration,
    mut admit: F,
) -> impl Future<Output = Result<Vec<u8>, Problem>> + use<F> {
    let announced =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let mut payload = payload.take();
    async move {
        let too_large = || Problem::new(ProblemCode::PayloadTooLarge).detail(format!("at most {limit} bytes"));
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(announced.unwrap_or(1024).min(BODY_LIMIT));
        let until = tokio::time::Instant::now() + time;
        let too_slow = |_| Problem::new(ProblemCode::RequestTimeout);
        while let Some(chunk) = tokio::time::timeout_at(until, payload.next()).await.map_err(too_slow)? {
            let chunk = chunk.map_err(|_| Problem::new(ProblemCode::MalformedJson).detail("the body was cut off"))?;
            if bytes.len() + chunk.len() > limit {
                return Err(too_large());
            }
            admit(chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// A photo as it was sent: any bytes, under the name of a picture.
#[derive(Debug)]
pub struct Upload {
    /// What was sent.
    pub bytes: Vec<u8>,
    /// The right to hold it.
    pub room: Room,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // what it is its content decides; a name is asked for so that no plain form of another page can send one
        let is_picture = PICTURES.iter().any(|name| request.content_type().eq_ignore_ascii_case(name));
        let pictures = request.app_data::<web::Data<State>>().map(|state| state.pictures.clone());
        let room = Rc::new(RefCell::new(Room::default()));
        let held = room.clone();
        let admit = move |bytes| match &pictures {
            Some(pictures) => pictures.make_room(&mut held.borrow_mut(), bytes),
            None => Err(Problem::new(ProblemCode::Internal)),
        };
        let body = collect(request, payload, domain::attachment::MOST_BYTES, UPLOAD_TIME, admit);
        Box::pin(async move {
            if !is_picture {
                return Err(Problem::new(ProblemCode::UnsupportedMediaType));
            }
            let bytes = body.await?;
            Ok(Self { bytes, room: room.take() })
        })
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        // serde stops at the first mistake and may call either kind the other; whether the body is JSON at all
        // is a question of its own
        if serde_json::from_slice::<Value>(bytes).is_ok() {
            shape(&path, &inner.to_string())
        } else {
            Problem::new(ProblemCode::MalformedJson).detail(place(&inner))
        }
    })?;
    json.end().map_err(|error| Problem::new(ProblemCode::MalformedJson).detail(place(&error)))?;
    Ok(value)
}

/// What is wrong with the fields of a body, one entry a field; empty if nothing is.
pub fn mistakes(value: &impl Validate) -> Vec<FieldError> {
    value.validate().err().map(|errors| flatten(&errors)).unwrap_or_default()
}

/// Where the JSON broke. Not serde's own message: it may quote what was sent.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// Turns serde's message about a wrong shape into a field and a code.
fn shape(path: &str, message: &str) -> Problem {
    let parent = if path == "." { "" } else { path };
    let join = |name: &str| match (parent, name) {
        ("", _) => name.to_owned(),
        (_, "") => parent.to_owned(),
        _ => format!("{parent}.{name}"),
    };
    if let Some((place, message)) = message.strip_prefix(PLACE).and_then(|rest| rest.split_once(PLACE_END)) {
        return shape(&join(place), message);
    }
    // The names that serde quotes are ours (of a missing field) or the caller's key (of an unknown one).
    let quoted = || message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("missing field") {
        Problem::field(join(quoted()), FieldCode::Required)
    } else if message.starts_with("unknown field") {
        // the path already ends with the unknown key
        let name = if parent.is_empty() { quoted().to_owned() } else { parent.to_owned() };
        Problem::field(name, FieldCode::Unknown)
    } else if message.starts_with("unknown variant") || message.starts_with("unknown code") {
        Problem::field(parent, FieldCode::Unknown)
    } else if message.starts_with("duplicate field") {
        Problem::field(if parent.is_empty() { quoted() } else { parent }, FieldCode::Duplicate)
    } else {
        Problem::field(parent, FieldCode::Invalid)
    }
}

/// What stands around a place inside a message of serde's, which has no other room for it.
const PLACE: &str = "at `";
const PLACE_END: &str = "`: ";

/// Reads an enum whose variant stands in the field `tag`, beside the variant's own fields. Serde can do that too,
/// but then it cannot say in which field a mistake is; so it is handed `{"variant": {...}}` instead, which
/// `read` takes.
///
/// # Errors
/// What is wrong, and where.
pub fn read_tagged<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    tag: &'static str,
    read: impl FnOnce(serde_path_to_error::Deserializer<'_, '_, Value>) -> Result<T, serde_json::Error>,
) -> Result<T, D::Error> {
    let mut fields = serde_json::Map::deserialize(deserializer)?;
    let variant = match fields.remove(tag) {
        Some(Value::String(variant)) => variant,
        Some(_) => return Err(D::Error::custom(format!("{PLACE}{tag}{PLACE_END}not a code"))),
        None => return Err(D::Error::missing_field(tag)),
    };
    let mut track = serde_path_to_error::Track::new();
    let tagged = Value::from_iter([(variant.clone(), Value::Object(fields))]);
    read(serde_path_to_error::Deserializer::new(tagged, &mut track)).map_err(|error| {
        let path = track.path().to_string();
        let place = match path.strip_prefix(&variant).filter(|_| !variant.is_empty()) {
            Some(inside) => inside.trim_start_matches('.'),
            None => tag,
        };
        D::Error::custom(format!("{PLACE}{place}{PLACE_END}{error}"))
    })
}

/// Query parameters; an unknown one is refused rather than ignored, so that a typo cannot widen a list.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let query = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|error| {
            let path = error.path().to_string();
            let message = error.into_inner().to_string();
            let quoted = message.split('`').nth(1).unwrap_or_default().to_owned();
            let name = if path == "." { quoted } else { path };
            let (code, field) = match message.split(' ').next() {
                Some("unknown") if message.starts_with("unknown field") => {
                    (ProblemCode::UnknownParameter, FieldCode::Unknown)
                }
                Some("missing") => (ProblemCode::InvalidParameter, FieldCode::Required),
                _ => (ProblemCode::InvalidParameter, FieldCode::Invalid),
            };
            let mut problem = Problem::new(code);
            problem.errors = vec![FieldError::new(name, field)];
            problem
        });
        std::future::ready(query.map(Self))
    }
}

/// The version that the caller has read, from `If-Match: "7"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let version = match request.headers().get(header::IF_MATCH) {
            None => Err(Problem::new(ProblemCode::IfMatchRequired)),
            Some(value) => value
                .to_str()
                .ok()
                .and_then(|value| value.trim().trim_start_matches("W/").trim_matches('"').parse().ok())
                .map(Self)
                .ok_or_else(|| Problem::new(ProblemCode::InvalidParameter).detail("If-Match: \"<version>\"")),
        };
        std::future::ready(version)
    }
}

/// The caller's name for one submission, from `Idempotency-Key`; absent is allowed.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = match request.headers().get("idempotency-key") {
            None => Ok(Self(None)),
            Some(key) => key
                .to_str()
                .ok()
                .filter(|key| {
                    (16..=64).contains(&key.len())
                        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                })
                .map(|key| Self(Some(key.to_owned())))
                .ok_or_else(|| {
                    Problem::new(ProblemCode::InvalidParameter)
                        .detail("Idempotency-Key: 16 to 64 letters, digits, - or _")
                }),
        };
        std::future::ready(key)
    }
}

impl<T> Deref for Body<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// The length of a text in characters, or of a list in items.
fn length(value: &Value) -> Option<u64> {
    let length = value.as_str().map(|text| text.chars().count()).or_else(|| value.as_array().map(Vec::len));
    length.and_then(|length| u64::try_from(length).ok())
}

/// Lists what `validator` found, one entry a field, in a stable order.
fn flatten(errors: &ValidationErrors) -> Vec<FieldError> {
    fn walk(prefix: &str, errors: &ValidationErrors, into: &mut Vec<FieldError>) {
        for (name, kind) in errors.errors() {
            let path = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
            match kind {
                ValidationErrorsKind::Struct(inner) => walk(&path, inner, into),
                ValidationErrorsKind::List(items) => {
                    for (index, inner) in items {
                        walk(&format!("{path}[{index}]"), inner, into);
                    }
                }
                ValidationErrorsKind::Field(found) => {
                    // one mistake per field is enough to mend it
                    if let Some(error) = found.first() {
                        let limit = |name: &str| error.params.get(name).and_then(Value::as_u64);
                        let (min, max) = (limit("min"), limit("max"));
                        let empty = error.params.get("value").is_some_and(|value| *value == "");
                        let short =
                            error.params.get("value").and_then(length).zip(min).is_some_and(|(is, min)| is < min);
                        let code = match error.code.as_ref() {
                            "length" if empty => FieldCode::Required,
                            "length" if short => FieldCode::TooShort,
                            "required" => FieldCode::Required,
                            "too_short" => FieldCode::TooShort,
                            "too_long" => FieldCode::TooLong,
                            "control_character" => FieldCode::ControlCharacter,
                            "unknown" => FieldCode::Unknown,
                            "not_allowed" => FieldCode::NotAllowed,
                            "duplicate" => FieldCode::Duplicate,
                            "length" => FieldCode::TooLong,
                            "range" => FieldCode::NotInRange,
                            _ => FieldCode::Invalid,
                        };
                        into.push(FieldError { field: path, code, min, max });
                    }
                }
            }
        }
    }
    let mut list = Vec::new();
    walk("", errors, &mut list);
    list.sort_by(|a, b| a.field.cmp(&b.field));
    list
}
