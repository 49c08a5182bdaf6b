//! `GET /cards/record`: a record's values on both sides, read live and kept nowhere (S0-62, S0-91): at most one call to
//! HubSpot and one to the provider for each connection that has the record.

use serde::Serialize;

use super::status::{self, ConnectionView};
use super::{Place, answer, held};
use crate::caller::Caller;
use crate::core::{catalog, mapping};
use crate::error::{Error, Result, Side};
use crate::hubspot::objects::ReadRecord;
use crate::live::{self, Live};
use crate::ports::Ports;
use crate::store::cards::{Held, Standing};
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

/// The record at each connection.
#[derive(Debug, Serialize)]
struct View {
    connections: Vec<RecordView>,
}

#[derive(Debug, Serialize)]
struct RecordView {
    #[serde(flatten)]
    status: ConnectionView,
    /// Opens the very record at the provider, on the host of the connection's region (S0-64).
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// In the order of the mappings.
    fields: Vec<FieldView>,
    /// How many of them differ.
    differing: usize,
    /// Why there are no fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemView>,
}

/// One mapped field.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldView {
    /// HubSpot's property name.
    pub property: String,
    /// For people.
    pub label: String,
    /// The path at the provider.
    pub source: String,
    /// The provider's value as HubSpot would hold it; none where it is blank.
    pub provider: Option<String>,
    /// HubSpot's value; none where it is blank.
    pub hubspot: Option<String>,
    /// Whether the two say different things, however they are written.
    pub differs: bool,
    /// What is wrong with the provider's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProblemView {
    code: String,
    message: String,
    action: String,
}

/// Shows a record's values on both sides.
pub async fn record<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer(ports, incoming, async |caller| {
        let query = incoming.query()?;
        let place = Place::of(&query)?;
        view(ports, caller, &place).await
    })
    .await
}

async fn view<P: Ports>(ports: &P, caller: &Caller, place: &Place<'_>) -> Result<View, Problem> {
    let standing = status::standing(ports, caller.portal, place).await?;
    let views = status::connections(&standing, ports.now());
    let mut connections = Vec::with_capacity(views.len());
    for (known, status) in standing.connections.iter().zip(views) {
        connections.push(at_connection(ports, caller, place, known, status).await?);
    }
    Ok(View { connections })
}

async fn at_connection<P: Ports>(
    ports: &P,
    caller: &Caller,
    place: &Place<'_>,
    known: &Standing,
    status: ConnectionView,
) -> Result<RecordView, Problem> {
    let mut view = RecordView {
        status,
        link: None,
        fields: Vec::new(),
        differing: 0,
        problem: None,
    };
    let (Some(provider_id), "active", false) =
        (&known.provider_id, known.status.as_str(), caller.restricted)
    else {
        // What keeps it from being read is what its status says.
        return Ok(view);
    };
    let held = held(ports, caller, &known.connection).await?;
    match read(ports, &held, known, place.id, provider_id).await {
        Ok((link, fields)) => {
            view.differing = fields.iter().filter(|field| field.differs).count();
            view.link = link;
            view.fields = fields;
        }
        Err(error) => {
            let words = words::explain(&code_of(&error), &view.status.label);
            view.problem = Some(ProblemView {
                code: code_of(&error),
                message: words.message.into_owned(),
                action: words.action.into_owned(),
            });
        }
    }
    Ok(view)
}

/// A code with the side that it concerns.
pub(crate) fn code_of(error: &Error) -> String {
    match (error.side(), error.code()) {
        // The link says that there is such a record: it is hidden, or deleted a moment ago.
        (Some(side), "not_found") => format!("{}_gone", side.name()),
        (Some(side), code) => format!("{}_{code}", side.name()),
        (None, code) => code.to_owned(),
    }
}

/// Reads both sides: the deep link, and the fields.
async fn read<P: Ports>(
    ports: &P,
    held: &Held,
    known: &Standing,
    hubspot_id: &str,
    provider_id: &str,
) -> Result<(Option<String>, Vec<FieldView>)> {
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let object = live.object(&known.object)?;
    let plan = live.plan(&known.object, None)?;
    let provided = provider_record(&live, &plan, provider_id).await?;
    let summary = mapping::describe_plan(&plan).map_err(Error::Config)?;
    let hubspot = live.hubspot().await?;
    let read = hubspot
        .read_values(
            &object.hubspot_object,
            &plan,
            &summary.properties,
            hubspot_id,
        )
        .await?
        .ok_or_else(gone_in_hubspot)?;
    let link = deep_link(object, &provided);
    Ok((link, fields(object, &plan, &provided, &read)?))
}

/// The provider's record, mapped.
pub(super) async fn provider_record<P: Ports>(
    live: &Live<'_, P>,
    plan: &mapping::Plan,
    id: &str,
) -> Result<mapping::MappedRecord> {
    let extra = Live::<P>::extra_paths(plan);
    let provider = live.provider().await?;
    let raw = provider
        .by_ids(&plan.object, &extra, &[id.to_owned()])
        .await?;
    let page = mapping::map_page(plan, &raw.body).map_err(|error| Error::Answer {
        side: Side::Provider,
        error,
    })?;
    let mut records = page.records.into_iter();
    records
        .find(|record| record.id == id)
        .ok_or_else(|| gone(Side::Provider))
}

/// The record is not there any more.
pub(super) fn gone_in_hubspot() -> Error {
    gone(Side::HubSpot)
}

fn gone(side: Side) -> Error {
    Error::Api {
        side,
        status: 404,
        class: crate::Class::Invalid,
        code: "not_found".to_owned(),
    }
}

/// The link that the record carries in HubSpot too.
pub(super) fn deep_link(
    object: &catalog::Object,
    record: &mapping::MappedRecord,
) -> Option<String> {
    let ours = |name: &str| {
        object
            .properties
            .iter()
            .any(|property| property.name == name)
    };
    record
        .system
        .iter()
        .find(|(name, value)| ours(name) && value.starts_with("http"))
        .map(|(_, value)| value.clone())
}

/// Both sides of every field, side by side.
pub(super) fn fields(
    object: &catalog::Object,
    plan: &mapping::Plan,
    provided: &mapping::MappedRecord,
    read: &ReadRecord,
) -> Result<Vec<FieldView>> {
    let summary = mapping::describe_plan(plan).map_err(Error::Config)?;
    let sides = provided.fields.iter().zip(&read.record.fields);
    // What an object takes of a companion stands on the companion's own card.
    let own = |property: &String| summary.properties.contains(property);
    Ok(summary
        .fields
        .iter()
        .zip(sides)
        .filter(|(field, _)| own(&field.property))
        .map(|(field, (there, here))| {
            let property = field.property.clone();
            let hubspot = read.values.get(&property).cloned().flatten();
            let hubspot = hubspot.filter(|value| !value.is_empty());
            let problem = provided
                .errors
                .iter()
                .find(|error| error.property == property)
                .map(|error| words::explain(&error.code, "").message.into_owned());
            FieldView {
                label: label(object, &property),
                source: source(object, plan, &property),
                provider: shown(plan, object, &property, there.value.clone()),
                hubspot: shown(plan, object, &property, hubspot),
                // A value that cannot be read is not known to differ.
                differs: there.fingerprint.is_some_and(|there| Some(there) != *here),
                problem,
                property,
            }
        })
        .collect())
}

/// An id that provisioning gave a value, e.g. of a stage, is shown by the name that the value has.
fn shown(
    plan: &mapping::Plan,
    object: &catalog::Object,
    property: &str,
    value: Option<String>,
) -> Option<String> {
    let value = value?;
    let alias = plan
        .aliases
        .iter()
        .find(|alias| alias.property == property && alias.id == value);
    let Some(alias) = alias else {
        return Some(value);
    };
    let stages = object.pipeline.iter().flat_map(|pipeline| &pipeline.stages);
    let stage = stages.into_iter().find(|stage| stage.value == alias.value);
    Some(stage.map_or_else(|| alias.value.clone(), |stage| stage.label.clone()))
}

/// A property's name for people: that of the connector's own properties is known, HubSpot's is its name.
pub(super) fn label(object: &catalog::Object, property: &str) -> String {
    let own = object
        .properties
        .iter()
        .find(|known| known.name == property);
    own.map_or_else(|| property.to_owned(), |known| known.label.clone())
}

fn source(object: &catalog::Object, plan: &mapping::Plan, property: &str) -> String {
    let custom = plan.rules.iter().flatten();
    let custom = custom
        .filter(|rule| rule.property == property)
        .map(|rule| rule.source.clone())
        .next();
    custom.unwrap_or_else(|| {
        let declared = object.rules.iter().find(|rule| rule.property == property);
        declared.map_or_else(String::new, |rule| rule.source.clone())
    })
}
