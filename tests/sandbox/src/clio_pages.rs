//! Clio in a browser, as far as a record's page goes: its fields as a form, so that a person can edit at this end too. What
//! is saved is written as Clio's API writes it, with its time and version.

mod fields;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as At, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;
use sync300_fakes::FakeError;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;

use crate::form::{changed, form};
use crate::{Platform, PlatformError};

type Shared = State<Arc<Platform>>;

/// Records of each kind to begin with.
const LISTED: usize = 8;

/// Why a page of Clio's cannot be shown.
#[derive(Debug, thiserror::Error)]
enum PagesError {
    /// The platform does not answer.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// There is no such record.
    #[error("there is no {0}")]
    Unknown(String),
}

impl IntoResponse for PagesError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Platform(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, self.to_string()).into_response()
    }
}

/// A record of the account's.
struct Record {
    resource: Resource,
    id: u64,
    whole: Value,
}

impl Record {
    fn find(platform: &Platform, kind: &str, id: u64) -> Result<Self, PagesError> {
        let unknown = || PagesError::Unknown(format!("{kind} {id}"));
        let resource = [Resource::Contacts, Resource::Matters, Resource::Tasks]
            .into_iter()
            .find(|resource| resource.plural() == kind)
            .ok_or_else(unknown)?;
        let whole = platform.account()?.record(resource, id);
        Ok(Self {
            resource,
            id,
            whole: whole.ok_or_else(unknown)?,
        })
    }

    fn text(&self, name: &str) -> &str {
        let value = self.whole.get(name).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    fn name(&self) -> &str {
        match self.resource {
            Resource::Matters => self.text("display_number"),
            _ => self.text("name"),
        }
    }

    /// The kind of record that it is in HubSpot.
    fn kind(&self) -> ObjectType {
        match self.resource {
            Resource::Matters => ObjectType::Deals,
            Resource::Tasks => ObjectType::Tickets,
            _ if self.text("type") == "Company" => ObjectType::Companies,
            _ => ObjectType::Contacts,
        }
    }
}

/// Where the page of a HubSpot record's other side is, by the kind of record.
pub(crate) fn path(kind: ObjectType, id: &str) -> String {
    let resource = match kind {
        ObjectType::Contacts | ObjectType::Companies => Resource::Contacts,
        ObjectType::Deals => Resource::Matters,
        ObjectType::Tickets => Resource::Tasks,
    };
    format!("/clio/{}/{id}", resource.plural())
}

/// The routes below `/clio`.
pub fn router(platform: Arc<Platform>) -> Router {
    Router::new()
        .route("/clio", get(list))
        .route("/clio/{kind}/{id}", get(show).post(save))
        .with_state(platform)
}

/// A few records of each kind.
async fn list(State(platform): Shared) -> Result<Html<String>, PagesError> {
    let account = platform.account()?;
    let contacts = account.records(Resource::Contacts);
    let of_type = |kind: &'static str| {
        let records = contacts
            .iter()
            .filter(move |record| record.get("type").and_then(Value::as_str) == Some(kind));
        records.take(LISTED).cloned().collect::<Vec<_>>()
    };
    let first = |resource| account.records(resource).into_iter().take(LISTED).collect();
    let kinds: [(&str, Resource, Vec<Value>); 4] = [
        ("People", Resource::Contacts, of_type("Person")),
        ("Companies", Resource::Contacts, of_type("Company")),
        ("Matters", Resource::Matters, first(Resource::Matters)),
        ("Tasks", Resource::Tasks, first(Resource::Tasks)),
    ];
    let content = html! {
        @for (title, resource, records) in kinds {
            section.extension {
                h2 { (title) }
                ul {
                    @for whole in records {
                        @let id = whole.get("id").and_then(Value::as_u64).unwrap_or_default();
                        @let record = Record { resource, id, whole };
                        li { a href={ "/clio/" (resource.plural()) "/" (id) } { (record.name()) } }
                    }
                }
            }
        }
    };
    Ok(Html(page("Clio", &content)))
}

async fn show(
    State(platform): Shared,
    At((kind, id)): At<(String, u64)>,
) -> Result<Html<String>, PagesError> {
    let record = Record::find(&platform, &kind, id)?;
    shown(&platform, &record, None)
}

/// Writes what was changed, as the API would.
async fn save(
    State(platform): Shared,
    At((kind, id)): At<(String, u64)>,
    body: Bytes,
) -> Result<Response, PagesError> {
    let record = Record::find(&platform, &kind, id)?;
    let editable = fields::of(record.resource, &record.whole);
    let changes = changed(&fields::form(editable, &record.whole), &body);
    let patch = fields::patch(editable, &record.whole, &changes);
    match platform.account()?.edit(record.resource, id, &patch) {
        Ok(()) => Ok(Redirect::to(&format!("/clio/{kind}/{id}")).into_response()),
        Err(error @ FakeError::Unknown { .. }) => Err(PagesError::Unknown(error.to_string())),
        Err(error) => {
            let page = shown(&platform, &record, Some(&error.to_string()))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn shown(
    platform: &Platform,
    record: &Record,
    problem: Option<&str>,
) -> Result<Html<String>, PagesError> {
    let kind = record.kind();
    let id = record.id.to_string();
    let found = platform.portal()?.find(kind, "sync300_clio_id", &id);
    let other = found.first().map(|found| {
        let (kind, id) = (kind.type_id(), found.id);
        format!("/hubspot/record/{kind}/{id}")
    });
    let fields = fields::form(fields::of(record.resource, &record.whole), &record.whole);
    let content = html! {
        section.extension {
            h1 { (record.name()) }
            p {
                @match other {
                    Some(other) => a href=(other) { "The same record in HubSpot" },
                    None => "Not in HubSpot",
                }
            }
            p.microcopy { "Last changed " (record.text("updated_at")) }
        }
        section.extension { h2 { "In Clio" } (form(&fields, problem)) }
    };
    Ok(Html(page(record.name(), &content)))
}

fn page(title: &str, content: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) " | Clio" }
                link rel="stylesheet" href="/hubspot/assets/preview/host.css";
            }
            body {
                header.clio {
                    strong { "A Clio of the sandbox" }
                    nav { a href="/clio" { "Records" } " " a href="/hubspot" { "HubSpot" } " " a href="/" { "Sandbox" } }
                }
                main { (content) }
            }
        }
    };
    markup.into_string()
}
