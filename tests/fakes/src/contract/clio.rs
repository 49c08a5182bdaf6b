//! Clio's one document.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::document::{Document, close};
use super::{Contract, ContractError, without_nulls};

/// Clio's API v4.
#[derive(Debug)]
pub struct ClioContract {
    document: Document,
}

impl ClioContract {
    /// Reads `clio/openapi.json` of the folder.
    pub fn load(specs: &Path) -> Result<Self, ContractError> {
        let document =
            Document::load(&specs.join("clio").join("openapi.json"), "/api/v4", correct)?;
        Ok(Self { document })
    }

    /// The fields of a schema: plain ones, and nested ones with their schema and whether they are
    /// lists.
    pub fn fields(&self, schema: &str) -> (BTreeSet<String>, BTreeSet<(String, String, bool)>) {
        let (mut plain, mut nested) = (BTreeSet::new(), BTreeSet::new());
        self.collect(schema, &mut plain, &mut nested);
        (plain, nested)
    }

    fn collect(
        &self,
        schema: &str,
        plain: &mut BTreeSet<String>,
        nested: &mut BTreeSet<(String, String, bool)>,
    ) {
        let Some(schema) = self.document.schemas.get(schema) else {
            return;
        };
        let alone = std::slice::from_ref(schema);
        for part in schema
            .get("allOf")
            .and_then(Value::as_array)
            .map_or(alone, Vec::as_slice)
        {
            if let Some(other) = referred(part) {
                self.collect(other, plain, nested);
            }
            for (name, field) in part
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let one = referred(field);
                let many = field.get("items").and_then(referred);
                match (one, many) {
                    (Some(target), _) => nested.insert((name.clone(), target.to_owned(), false)),
                    (None, Some(target)) => nested.insert((name.clone(), target.to_owned(), true)),
                    (None, None) => plain.insert(name.clone()),
                };
            }
        }
    }

    /// The names under `data` of a request; None where there is no such request.
    pub fn writable(&self, method: &str, path: &str) -> Option<BTreeSet<String>> {
        let (_, operation) = self.document.find(method, path)?;
        let data = operation
            .request()?
            .pointer("/properties/data/properties")?
            .as_object()?;
        Some(data.keys().cloned().collect())
    }
}

fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// What the document has wrong, and unknown fields in requests, which it leaves open.
fn correct(document: &mut Value) {
    for (_, methods) in document
        .pointer_mut("/paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        for (_, operation) in methods.as_object_mut().into_iter().flatten() {
            if let Some(body) = operation.get_mut("requestBody") {
                close(body);
            }
        }
    }
    // A person has first and last name instead; a note is on a contact or on a matter.
    require(document, "contacts", &["type"]);
    require(document, "notes", &["type"]);
    // Written as `Mobile`, `Home` and so on, and read as that too.
    if let Some(name) = document.pointer_mut("/components/schemas/PhoneNumber_base/properties/name")
    {
        *name = serde_json::json!({ "type": "string" });
    }
}

fn require(document: &mut Value, resource: &str, required: &[&str]) {
    let pointer = format!(
        "/paths/~1{resource}.json/post/requestBody/content/application~1json/schema/properties/data/required"
    );
    if let Some(list) = document.pointer_mut(&pointer) {
        *list = serde_json::json!(required);
    }
}

impl Contract for ClioContract {
    fn validate_exchange(
        &self,
        method: &str,
        path: &str,
        request: &[u8],
        status: u16,
        response: &[u8],
    ) -> Result<(), ContractError> {
        let signing_in = ["/oauth/authorize", "/oauth/token", "/oauth/deauthorize"];
        if signing_in.contains(&path) || path.ends_with("/activate") {
            // In the guide alone.
            return Ok(());
        }
        let Some((_, operation)) = self.document.find(method, path) else {
            return Err(ContractError::NoSuchOperation {
                method: method.to_owned(),
                path: path.to_owned(),
            });
        };
        let broken = |side, problems: String| ContractError::Body {
            side,
            method: method.to_owned(),
            path: path.to_owned(),
            status,
            problems,
        };
        let parsed = |side, body: &[u8]| {
            serde_json::from_slice::<Value>(body).map_err(|error| broken(side, error.to_string()))
        };
        if let (Some(schema), true) = (operation.request(), status < 400) {
            let problems = self.document.problems(schema, &parsed("request", request)?);
            if !problems.is_empty() {
                return Err(broken("request", problems));
            }
        }
        // The OAuth layer answers before the API. That a version is gone, or a record not there to
        // be deleted, is in the guide alone.
        if matches!((method, status), (_, 401 | 410 | 429) | ("DELETE", 404)) {
            return Ok(());
        }
        match operation.response(status) {
            None => Err(ContractError::NoSuchStatus {
                method: method.to_owned(),
                path: path.to_owned(),
                status,
            }),
            Some(None) if response.is_empty() => Ok(()),
            Some(None) => Err(broken("response", "a body where none should be".to_owned())),
            Some(Some(schema)) => {
                let body = without_nulls(parsed("response", response)?);
                let problems = self.document.problems(schema, &body);
                if problems.is_empty() {
                    Ok(())
                } else {
                    Err(broken("response", problems))
                }
            }
        }
    }
}
