//! HubSpot's documents, one a family of endpoints.

use std::path::Path;

use serde_json::{Value, json};

use super::document::{Document, close, form_fields};
use super::{Contract, ContractError, without_nulls};

const FILES: &[&str] = &[
    "contacts",
    "companies",
    "deals",
    "tickets",
    "objects",
    "properties",
    "pipelines",
    "associations",
    "associationsSchema",
    "crmOwners",
    "accountInfo",
    "oauth",
    "appUninstalls",
    "webhooksJournal",
    "actionsV4",
];

/// What HubSpot has but none of the documents: pages for browsers, and APIs of which the
/// reference alone is published.
fn undocumented(path: &str) -> bool {
    let prefixes = ["/integrations-settings/", "/crm/lists/", "/settings/users/"];
    prefixes.iter().any(|prefix| path.starts_with(prefix))
        || path.starts_with("/oauth/") && path.ends_with("/authorize")
}

/// Answers that the document of their endpoint leaves out or has wrong: OAuth's errors are RFC 6749's, a token that is not
/// active is described by that alone, revoking answers without a body, and what reading the journal answers is in the
/// reference.
fn differs(path: &str, status: u16, response: &[u8]) -> bool {
    let oauth = path.starts_with("/oauth/");
    let inactive = response == br#"{"active":false}"#;
    oauth && (status >= 400 || inactive || path.ends_with("/revoke"))
        || path.starts_with("/webhooks-journal/journal/") && status < 300
}

/// HubSpot's API, version 2026-03.
#[derive(Debug)]
pub struct HubSpotContract {
    documents: Vec<Document>,
}

impl HubSpotContract {
    /// Reads `hubspot/*.json` of the folder.
    pub fn load(specs: &Path) -> Result<Self, ContractError> {
        let load = |name: &&str| {
            Document::load(
                &specs.join("hubspot").join(format!("{name}.json")),
                "",
                correct,
            )
        };
        Ok(Self {
            documents: FILES.iter().map(load).collect::<Result<_, _>>()?,
        })
    }
}

/// What the documents have wrong, and unknown fields, which they leave open.
fn correct(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas") else {
        return;
    };
    close(schemas);
    // A text like `crm.associations.NO_ASSOCIATIONS_FOUND` in reality.
    if let Some(sub_category) = schemas.pointer_mut("/StandardError/properties/subCategory") {
        *sub_category = json!({ "type": "string" });
    }
    // Texts here, `{propertyName, direction}` in the guide; the API takes both.
    if let Some(sorts) = schemas.pointer_mut("/PublicObjectSearchRequest/properties/sorts/items") {
        *sorts = json!({});
    }
}

impl Contract for HubSpotContract {
    fn validate_exchange(
        &self,
        method: &str,
        path: &str,
        request: &[u8],
        status: u16,
        response: &[u8],
    ) -> Result<(), ContractError> {
        if undocumented(path) {
            return Ok(());
        }
        // The deals' document has them under their type id alone.
        let by_id = path.replace("/deals", "/0-3");
        let found = self.documents.iter().flat_map(|document| {
            let found = [path, &by_id]
                .into_iter()
                .filter_map(|path| document.find(method, path));
            found.map(move |(fit, operation)| (fit, document, operation))
        });
        let Some((_, document, operation)) = found.max_by_key(|(fit, ..)| *fit) else {
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
        // A refused request may be the very thing that a test is about.
        if let (Some(schema), true) = (operation.request(), status < 400) {
            let problems = document.problems(schema, &parsed("request", request)?);
            if !problems.is_empty() {
                return Err(broken("request", problems));
            }
        }
        if let (Some(schema), true) = (operation.form(), status < 400) {
            let problems = document.problems(schema, &form_fields(request));
            if !problems.is_empty() {
                return Err(broken("request", problems));
            }
        }
        if differs(path, status, response) {
            return Ok(());
        }
        // The gateway's refusal comes before the API and is in no document.
        if status == 429 {
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
                let mut body = without_nulls(parsed("response", response)?);
                if let (true, Some(body)) = (status >= 400, body.as_object_mut()) {
                    // All errors have it, the schema of errors does not.
                    body.remove("status");
                }
                let problems = document.problems(schema, &body);
                if problems.is_empty() {
                    Ok(())
                } else {
                    Err(broken("response", problems))
                }
            }
        }
    }
}
