//! An OpenAPI 3.0 document, as far as exchanges need it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::{ContractError, read};

/// One endpoint of a document.
#[derive(Debug)]
pub(super) struct Operation {
    method: String,
    segments: Vec<String>,
    request: Option<Value>,
    form: Option<Value>,
    /// By status; `default` for all others.
    responses: BTreeMap<String, Option<Value>>,
}

impl Operation {
    /// How many segments are the same; None where one differs.
    fn fit(&self, method: &str, path: &[&str]) -> Option<usize> {
        let same_length = self.segments.len() == path.len() && self.method == method;
        let mut literal = 0;
        for (template, segment) in self.segments.iter().zip(path).filter(|_| same_length) {
            let (start, end) = template
                .split_once('{')
                .zip(template.rsplit_once('}'))
                .map_or((template.as_str(), None), |((start, _), (_, end))| {
                    (start, Some(end))
                });
            match end {
                None if start == *segment => literal += 1,
                Some(end) if segment.starts_with(start) && segment.ends_with(end) => {}
                _ => return None,
            }
        }
        same_length.then_some(literal)
    }

    pub(super) fn request(&self) -> Option<&Value> {
        self.request.as_ref()
    }

    /// The schema of a body of `application/x-www-form-urlencoded`.
    pub(super) fn form(&self) -> Option<&Value> {
        self.form.as_ref()
    }

    /// The schema of an answer; None: no such answer, Some(None): an answer without a body.
    pub(super) fn response(&self, status: u16) -> Option<Option<&Value>> {
        let known = self.responses.get(&status.to_string());
        known
            .or_else(|| self.responses.get("default"))
            .map(Option::as_ref)
    }
}

/// A document with its schemas.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) schemas: Value,
    operations: Vec<Operation>,
    /// By schema, because building a validator takes long.
    validators: Mutex<BTreeMap<String, std::sync::Arc<Validator>>>,
}

impl Document {
    /// Reads a document; `prefix` stands before its paths, `correct` puts right what it has wrong.
    pub(super) fn load(
        path: &Path,
        prefix: &str,
        correct: impl FnOnce(&mut Value),
    ) -> Result<Self, ContractError> {
        let mut document = read(path)?;
        correct(&mut document);
        let wrong = |reason: &str| ContractError::Document {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let paths = document
            .get("paths")
            .and_then(Value::as_object)
            .ok_or_else(|| wrong("no paths"))?;
        let mut operations = Vec::new();
        for (template, methods) in paths {
            let segments: Vec<String> = format!("{prefix}{template}")
                .split('/')
                .map(str::to_owned)
                .collect();
            for (method, operation) in methods.as_object().into_iter().flatten() {
                if operation.get("responses").is_none() {
                    continue;
                }
                operations.push(Operation {
                    method: method.to_uppercase(),
                    segments: segments.clone(),
                    request: operation.get("requestBody").and_then(json_schema).cloned(),
                    form: operation.get("requestBody").and_then(form_schema),
                    responses: responses(&document, operation),
                });
            }
        }
        let schemas = document.pointer("/components/schemas").cloned();
        let schemas = schemas.ok_or_else(|| wrong("no schemas"))?;
        Ok(Self {
            schemas,
            operations,
            validators: Mutex::default(),
        })
    }

    /// The endpoint that fits best, and how well.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<(usize, &Operation)> {
        let path: Vec<&str> = path.split('/').collect();
        let fitting = self
            .operations
            .iter()
            .filter_map(|operation| Some((operation.fit(method, &path)?, operation)));
        fitting.max_by_key(|(literal, _)| *literal)
    }

    /// What is wrong with a value; empty: nothing.
    pub(super) fn problems(&self, schema: &Value, value: &Value) -> String {
        let validator = match self.validator(schema) {
            Ok(validator) => validator,
            Err(error) => return format!("the schema is no schema: {error}"),
        };
        let problems = validator.iter_errors(value).take(5);
        let problems: Vec<String> = problems
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        problems.join("; ")
    }

    fn validator(&self, schema: &Value) -> Result<std::sync::Arc<Validator>, String> {
        let mut validators = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let key = schema.to_string();
        if let Some(validator) = validators.get(&key) {
            return Ok(validator.clone());
        }
        // OpenAPI 3.0 schemas are JSON Schema of draft 4 but for `nullable`, which neither vendor uses.
        let whole = json!({ "allOf": [schema], "components": { "schemas": self.schemas } });
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .build(&whole)
            .map_err(|error| error.to_string())?;
        let validator = std::sync::Arc::new(validator);
        validators.insert(key, validator.clone());
        Ok(validator)
    }
}

fn responses(document: &Value, operation: &Value) -> BTreeMap<String, Option<Value>> {
    let responses = operation
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    responses
        .map(|(status, response)| {
            let target = response.get("$ref").and_then(Value::as_str);
            let target = target.and_then(|target| document.pointer(target.trim_start_matches('#')));
            (
                status.clone(),
                json_schema(target.unwrap_or(response)).cloned(),
            )
        })
        .collect()
}

/// The schema of a body in JSON.
fn json_schema(body: &Value) -> Option<&Value> {
    let content = body.get("content")?.as_object()?;
    let json = content
        .iter()
        .find(|(kind, _)| kind.starts_with("application/json"));
    json?.1.get("schema")
}

/// The schema of a body that is a form, closed against fields that are not declared.
fn form_schema(body: &Value) -> Option<Value> {
    let form = body.pointer("/content/application~1x-www-form-urlencoded/schema");
    let mut schema = form?.clone();
    close(&mut schema);
    Some(schema)
}

/// The fields of a form as an object of texts.
pub(super) fn form_fields(body: &[u8]) -> Value {
    let fields = url::form_urlencoded::parse(body);
    Value::Object(
        fields
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect(),
    )
}

/// Lets objects hold what is declared and nothing else.
pub(super) fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            let declares = map.get("properties").is_some_and(|properties| {
                properties
                    .as_object()
                    .is_some_and(|properties| !properties.is_empty())
            });
            if declares && !map.contains_key("additionalProperties") && !map.contains_key("allOf") {
                map.insert("additionalProperties".to_owned(), false.into());
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}
