//! The OpenAPI document itself: in step with the code, and complete enough to be a promise.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::contract::Contract;

fn document() -> Value {
    serde_json::to_value(api::http::openapi()).unwrap()
}

#[test]
fn the_checked_in_document_is_the_programs_own() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let checked_in = std::fs::read_to_string(path).unwrap();
    let made = api::http::openapi().to_pretty_json().unwrap();
    // not assert_eq: two documents of thousands of lines tell nobody anything
    assert!(checked_in.trim_end() == made.trim_end(), "openapi/openapi.json is out of step: run `make openapi`");
}

#[test]
fn every_operation_is_named_described_and_promises_an_answer() {
    let operations = Contract::get().operations();
    let ids: BTreeSet<_> = operations.iter().map(|operation| &operation.id).collect();
    assert_eq!(ids.len(), operations.len(), "an operationId stands twice");
    let document = document();
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    for operation in operations {
        let (id, object) = (&operation.id, &operation.object);
        assert!(
            id.split('_').count() > 1 && id.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
            "{id} is not verb_noun"
        );
        let own_tags = object["tags"].as_array().unwrap();
        assert!(own_tags.len() == 1 && tags.contains(own_tags[0].as_str().unwrap()), "{id}: {own_tags:?}");
        assert!(object["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{id} has no summary");
        let responses = object["responses"].as_object().unwrap();
        // part of a file is part of the same success
        let successes = responses.keys().filter(|status| status.starts_with('2') && *status != "206");
        assert_eq!(successes.count(), 1, "{id}: one success");
        let problem = &responses["default"]["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(problem, "#/components/schemas/Problem", "{id}");
        for parameter in object["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["schema"].is_object(), "{id}: {parameter}");
            if parameter["in"] == "path" {
                assert!(
                    operation.path.contains(&format!("{{{}}}", parameter["name"].as_str().unwrap())),
                    "{id}: {parameter}"
                );
            }
        }
        assert_eq!(
            operation.path.matches('{').count(),
            object["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path").count(),
            "{id}"
        );
    }
}

#[test]
fn an_input_takes_no_field_it_does_not_name() {
    let document = document();
    let mut seen = BTreeSet::new();
    for operation in Contract::get().operations() {
        if let Some(body) = operation.object.get("requestBody") {
            closed(&document, body, &operation.id, &mut seen);
        }
    }
    assert!(seen.contains("#/components/schemas/ConsentInput"), "nested inputs are looked into: {seen:?}");
}

/// Follows references and checks every object that lists properties.
fn closed(document: &Value, value: &Value, place: &str, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                if seen.insert(reference.clone()) {
                    let target = document.pointer(reference.trim_start_matches('#')).unwrap();
                    closed(document, target, reference, seen);
                }
                return;
            }
            if object.get("properties").is_some_and(Value::is_object) && object.get("type").is_some() {
                assert_eq!(
                    object.get("additionalProperties"),
                    Some(&Value::Bool(false)),
                    "{place} takes unknown fields: {value}"
                );
            }
            object.values().for_each(|inner| closed(document, inner, place, seen));
        }
        Value::Array(items) => items.iter().for_each(|inner| closed(document, inner, place, seen)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = document();
    let mut referenced = BTreeSet::new();
    references(&document, &mut referenced);
    for reference in &referenced {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(referenced.contains(&format!("#/components/schemas/{name}")), "{name} is used nowhere");
    }
}

fn references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            into.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|inner| references(inner, into));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, into)),
        _ => {}
    }
}

#[test]
fn codes_in_the_document_are_the_codes_on_the_wire() {
    let document = document();
    let schema = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    for (name, codes) in [
        ("Channel", serde_json::to_value(domain::vocabulary::Channel::ALL)),
        ("AgeBand", serde_json::to_value(domain::vocabulary::AgeBand::ALL)),
        ("ProposalState", serde_json::to_value(domain::proposal::ProposalState::ALL)),
        ("Edge", serde_json::to_value(domain::proposal::Edge::ALL)),
        ("Role", serde_json::to_value(domain::permission::Role::ALL)),
    ] {
        assert_eq!(schema(name), codes.unwrap(), "{name}");
    }
}
