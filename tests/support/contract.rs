//! Checks every answer against the OpenAPI document the program makes of itself.
//!
//! The status must be documented (or be a problem under `default`), the content type must be, and a JSON body must
//! fit its schema with nothing undocumented in it. A body that was accepted must fit the documented input.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::client::Answer;

/// The document, and the validators made from it so far.
pub struct Contract {
    document: Value,
    operations: Vec<Operation>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// One method on one path.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// In upper case.
    pub method: String,
    /// With `{parameters}`.
    pub path: String,
    /// The object of the document.
    pub object: Value,
}

impl Operation {
    fn matches(&self, path: &str) -> bool {
        let (own, given): (Vec<_>, Vec<_>) = (self.path.split('/').collect(), path.split('/').collect());
        own.len() == given.len()
            && own.iter().zip(given).all(|(own, given)| match own.split_once('{') {
                // a parameter may be the end of a name, as in `statistics.{format}`
                Some((start, _)) => given.len() > start.len() && given.starts_with(start),
                None => *own == given,
            })
    }
}

impl Contract {
    /// The document of this program.
    pub fn get() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| {
            let document = serde_json::to_value(api::http::openapi()).unwrap();
            let mut operations = Vec::new();
            for (path, item) in document["paths"].as_object().unwrap() {
                for (method, object) in item.as_object().unwrap() {
                    if ["get", "put", "post", "delete", "patch"].contains(&method.as_str()) {
                        operations.push(Operation {
                            id: object["operationId"].as_str().unwrap().into(),
                            method: method.to_uppercase(),
                            path: path.clone(),
                            object: object.clone(),
                        });
                    }
                }
            }
            // a literal path goes before one with a parameter in its place
            operations.sort_by_key(|operation| operation.path.matches('{').count());
            let document = closed(document);
            Self { document, operations, validators: Mutex::default() }
        })
    }

    /// Every operation.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Panics if an answer is not what the document promises.
    pub fn check(&self, method: &str, path: &str, sent: Option<&Value>, answer: &Answer) {
        if method == "HEAD" || method == "OPTIONS" {
            return;
        }
        let here: Vec<_> = self.operations.iter().filter(|operation| operation.matches(path)).collect();
        let Some(operation) = here.iter().find(|operation| operation.method == method) else {
            let expected = if here.is_empty() { 404 } else { 405 };
            assert_eq!(answer.status, expected, "{}: no such operation: {}", answer.call, answer.text());
            return self.check_problem(answer);
        };
        let status = answer.status.to_string();
        let Some(documented) = operation.object["responses"].get(&status) else {
            assert!(answer.status >= 400, "{}: {status} is not documented", answer.call);
            return self.check_problem(answer);
        };
        match documented.get("content") {
            None => assert!(answer.bytes.is_empty(), "{}: {status} is documented without a body", answer.call),
            Some(content) => {
                let content_type = media_type(answer.header("content-type").unwrap_or_default());
                let Some(media) = content.get(content_type) else {
                    panic!("{}: {content_type:?} is not documented for {status}", answer.call)
                };
                if content_type == "application/json" || content_type.ends_with("+json") {
                    let pointer = format!("{}/{status}", operation.id);
                    self.fits(&pointer, &media["schema"], &answer.json(), &answer.call);
                }
            }
        }
        if answer.status < 300
            && let Some(sent) = sent
        {
            let schema = &operation.object["requestBody"]["content"]["application/json"]["schema"];
            assert!(schema.is_object(), "{}: takes a body that is not documented", answer.call);
            self.fits(&format!("{}/sent", operation.id), schema, sent, &format!("{} (what was accepted)", answer.call));
        }
    }

    fn check_problem(&self, answer: &Answer) {
        let content_type = answer.header("content-type").map(media_type);
        let shown = String::from_utf8_lossy(&answer.bytes);
        assert_eq!(content_type, Some("application/problem+json"), "{}: {} {shown}", answer.call, answer.status);
        let problem = answer.json();
        self.fits("problem", &json!({"$ref": "#/components/schemas/Problem"}), &problem, &answer.call);
        assert_eq!(problem["status"], answer.status, "{}", answer.call);
        assert_eq!(problem["type"], format!("urn:tachawor:problem:{}", problem["code"].as_str().unwrap()));
    }

    fn fits(&self, key: &str, schema: &Value, value: &Value, call: &str) {
        let validator = {
            let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
            let make = || {
                let schema = json!({"allOf": [closed(schema.clone())], "components": self.document["components"]});
                Arc::new(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
            };
            validators.entry(key.to_owned()).or_insert_with(make).clone()
        };
        let mistakes: Vec<_> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path)).collect();
        assert!(mistakes.is_empty(), "{call}: not as documented:\n{}\n{value:#}", mistakes.join("\n"));
    }
}

fn media_type(header: &str) -> &str {
    header.split(';').next().unwrap_or_default().trim()
}

/// The same schemas, but an object has only the properties it names: what is not documented must not be sent.
fn closed(mut schema: Value) -> Value {
    close(&mut schema, false);
    schema
}

fn close(value: &mut Value, is_part: bool) {
    match value {
        Value::Object(object) => {
            if !is_part && object.get("properties").is_some_and(Value::is_object) && object.get("type").is_some() {
                object.entry("additionalProperties").or_insert(false.into());
            }
            for (key, inner) in object {
                // the parts of an intersection each see the properties of the others
                close_each(inner, key == "allOf");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, false)),
        _ => {}
    }
}

fn close_each(value: &mut Value, is_part: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, is_part)),
        other => close(other, false),
    }
}
