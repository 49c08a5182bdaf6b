//! `POST /cards/mappings`, `GET /cards/fields`, `POST /cards/test`: which field of the provider fills which property
//! (S0-19 to S0-23, S3-11, S3-12).

use serde::{Deserialize, Serialize};
use sync300_plans::Feature;

use super::fit;
use super::imports::{Import, imports};
use super::object_view::same;
use super::record::{FieldView, fields as side_by_side, provider_record};
use super::settings::{self, View, declared};
use super::{answer_admin, held};
use crate::core::{catalog, mapping};
use crate::error::Error;
use crate::hubspot::properties::Described;
use crate::live::{self, Live};
use crate::plan;
use crate::ports::Ports;
use crate::settings::Rule;
use crate::store::Store;
use crate::store::cards::Held;
use crate::surface::{Answer, Incoming, Problem};
use crate::words;

/// Mappings that an object may have.
const MAX_RULES: usize = 200;

/// All mappings of an object at once: adding, changing and removing one are a new list; none = back to the defaults, or with
/// `imports` as they are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    connection: String,
    version: String,
    object: String,
    rules: Option<Vec<Rule>>,
    /// Fields of the provider that get a property of their own, beside these.
    #[serde(default)]
    imports: Vec<String>,
}

/// What mappings to try, on which record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    connection: String,
    object: String,
    /// HubSpot's record id; none = the record that was synced last.
    record: Option<String>,
    /// Instead of those that are stored.
    rules: Option<Vec<Rule>>,
}

#[derive(Debug, Serialize)]
struct Tested {
    /// The record that was read.
    record: String,
    fields: Vec<FieldView>,
}

/// What can be mapped.
#[derive(Debug, Serialize)]
struct Fields {
    properties: Vec<PropertyView>,
    sources: Vec<SourceView>,
}

#[derive(Debug, Serialize)]
struct PropertyView {
    name: String,
    label: String,
    /// For people, e.g. `Number`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The mapping that fills it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    mapped: Option<String>,
    disabled: bool,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// How the asked-for source gets in.
    #[serde(skip_serializing_if = "Option::is_none")]
    transform: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct SourceView {
    path: String,
    label: String,
    #[serde(rename = "type")]
    kind: &'static str,
    mapped: bool,
}

/// Stores an object's mappings.
pub async fn change_mappings<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer_admin(ports, incoming, async |caller| {
        let change: Change = incoming.json()?;
        let held = held(ports, caller, &change.connection).await?;
        let mut changed = held.settings.clone();
        let object = object(&held, &change.object)?;
        let imports = imported(&held, &object, &change.imports)?;
        let rules = match (change.rules, imports.is_empty()) {
            (None, true) => None,
            (rules, _) => {
                let mut rules = rules.unwrap_or_else(|| mapped_now(&held, &object));
                rules.extend(imports.iter().map(|import| import.rule.clone()));
                Some(rules)
            }
        };
        if let Some(rules) = &rules {
            // Everybody chooses among the connector's own, who pays makes others (S3-11, S3-12).
            if !rules.iter().all(|rule| is_default(&object, rule)) {
                plan::require(ports, caller.portal, Feature::CustomMappings).await?;
            }
            let new: Vec<&catalog::Property> =
                imports.iter().map(|import| &import.property).collect();
            let missing = check(ports, &held, &object, rules, &new).await?;
            // What would not be stored is not made.
            if !missing.is_empty() && settings::is_of(&held, &change.version) {
                make(ports, &held, &object, &missing).await?;
            }
        }
        changed.objects.entry(change.object).or_default().rules = rules;
        let frequency = held.frequency;
        let saved: View =
            settings::save(ports, caller, &held, &change.version, &changed, frequency).await?;
        Ok(saved)
    })
    .await
}

/// What the fields get that are imported.
fn imported(
    held: &Held,
    object: &catalog::Object,
    paths: &[String],
) -> Result<Vec<Import>, Problem> {
    let sources = catalog::source_fields(&held.connector, &object.name).map_err(Error::Config)?;
    imports(&declared(held)?, &sources, paths)
}

/// The mappings as they are.
fn mapped_now(held: &Held, object: &catalog::Object) -> Vec<Rule> {
    let chosen = held.settings.object(&object.name).rules;
    let declared = object.rules.iter().map(|rule| Rule {
        source: rule.source.clone(),
        property: rule.property.clone(),
        transform: rule.transform.clone(),
        fallback: rule.fallback.clone(),
        direction: None,
    });
    chosen.unwrap_or_else(|| declared.collect())
}

/// Makes properties in HubSpot, in the connector's group.
async fn make<P: Ports>(
    ports: &P,
    held: &Held,
    object: &catalog::Object,
    missing: &[&catalog::Property],
) -> Result<(), Problem> {
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let hubspot = live.hubspot().await?;
    let (kind, group) = (&object.hubspot_object, &live.connector.group);
    let made = async {
        hubspot
            .create_group(kind, group, &live.connector.group_label)
            .await?;
        hubspot.create_properties(kind, group, missing).await
    };
    made.await
        .map_err(|error| said(&error, settings::label(held)))
}

fn is_default(object: &catalog::Object, rule: &Rule) -> bool {
    object.rules.iter().any(|declared| same(rule, declared))
}

fn object(held: &Held, name: &str) -> Result<catalog::Object, Problem> {
    let objects = declared(held)?.objects;
    let found = objects.into_iter().find(|object| object.name == name);
    found.ok_or_else(|| {
        Problem::new(
            404,
            "object_unknown",
            format!("{} has no such kind of record.", settings::label(held)),
        )
    })
}

/// Refuses mappings that could not be worked with, naming the property and the reason. Answers with those of the new properties
/// that HubSpot does not have yet.
async fn check<'n, P: Ports>(
    ports: &P,
    held: &Held,
    object: &catalog::Object,
    rules: &[Rule],
    new: &[&'n catalog::Property],
) -> Result<Vec<&'n catalog::Property>, Problem> {
    let refused = |message: String| Problem::new(422, "mapping_refused", message);
    if rules.len() > MAX_RULES {
        return Err(refused(format!(
            "At most {MAX_RULES} fields can be mapped."
        )));
    }
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let plan = live.plan(&object.name, Some(rules))?;
    mapping::describe_plan(&plan).map_err(|problem| {
        refused(problem).action("Correct the mapping, or set the mappings back to the defaults.")
    })?;
    if let Some(missing) = object
        .required
        .iter()
        .find(|name| !rules.iter().any(|rule| rule.property == **name))
    {
        return Err(refused(format!(
            "HubSpot takes no new {} without {missing}: it must stay mapped.",
            object.hubspot_object
        )));
    }
    let custom = rules.iter().filter(|rule| !is_default(object, rule));
    let custom: Vec<&Rule> = custom.collect();
    let mut missing = Vec::new();
    if custom.is_empty() {
        return Ok(missing);
    }
    let properties = live
        .hubspot()
        .await?
        .described_properties(&object.hubspot_object)
        .await?;
    for rule in custom {
        let property = properties
            .iter()
            .find(|property| property.name == rule.property);
        let Some(property) = property else {
            if let Some(new) = new.iter().find(|new| new.name == rule.property) {
                missing.push(*new);
                continue;
            }
            // A property of ours is made by the next run, where it is not there yet.
            if object
                .properties
                .iter()
                .any(|own| own.name == rule.property)
            {
                continue;
            }
            return Err(
                refused(format!("HubSpot has no property {}.", rule.property))
                    .action("Choose one of the properties that are offered."),
            );
        };
        // Whoever maps a stage keeps the connector's own way of writing it.
        let declared = object
            .rules
            .iter()
            .find(|known| known.property == rule.property);
        if declared.is_some_and(|known| known.transform == rule.transform) {
            continue;
        }
        fit::gives(&rule.transform, property)
            .map_err(|reason| refused(format!("{}: {reason}", property.label)))?;
    }
    Ok(missing)
}

/// Lists HubSpot's properties and the provider's fields of an object, with their types. With `source`, what does not take that
/// field is disabled and says why; what does says by which transform.
pub async fn fields<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer_admin(ports, incoming, async |caller| {
        let query = incoming.query()?;
        let id = query.get("connection").unwrap_or_default();
        let held = held(ports, caller, id).await?;
        let object = object(&held, query.get("object").unwrap_or_default())?;
        let sources = catalog::source_fields(&held.connector, &object.name);
        let sources = sources.map_err(Error::Config)?;
        let asked = match query.get("source") {
            None => None,
            Some(path) => Some(source(&sources, path)?),
        };
        let budget = live::budget(ports);
        let live = Live::new(ports, &budget, &held)?;
        let properties = live
            .hubspot()
            .await?
            .described_properties(&object.hubspot_object)
            .await?;
        let chosen = held.settings.object(&object.name).rules;
        let mapped: Vec<(String, String)> = match &chosen {
            Some(rules) => rules
                .iter()
                .map(|rule| (rule.property.clone(), rule.source.clone()))
                .collect(),
            None => object
                .rules
                .iter()
                .map(|rule| (rule.property.clone(), rule.source.clone()))
                .collect(),
        };
        let reserved = reserved(&held, &object)?;
        Ok(Fields {
            properties: properties
                .iter()
                .filter(|property| !property.hidden && !reserved.contains(&property.name))
                .map(|property| property_view(property, asked, &mapped))
                .collect(),
            sources: sources
                .iter()
                .map(|field| SourceView {
                    path: field.path.clone(),
                    label: field.label.clone(),
                    kind: fit::type_label(field.type_),
                    mapped: mapped.iter().any(|(_, source)| *source == field.path),
                })
                .collect(),
        })
    })
    .await
}

/// The properties that the sync itself writes: those of the connector that are on every object.
fn reserved(held: &Held, object: &catalog::Object) -> Result<Vec<String>, Problem> {
    let connector = declared(held)?;
    let on_all = |name: &str| {
        connector.objects.iter().all(|other| {
            other
                .properties
                .iter()
                .any(|property| property.name == name)
        })
    };
    let names = object
        .properties
        .iter()
        .map(|property| property.name.clone());
    Ok(names.filter(|name| on_all(name)).collect())
}

/// A declared field; a path of a list's element, e.g. of a custom field, is a text.
fn source(sources: &[catalog::SourceField], path: &str) -> Result<catalog::FieldType, Problem> {
    if let Some(field) = sources.iter().find(|field| field.path == path) {
        return Ok(field.type_);
    }
    match path.contains('[') && path.len() <= 200 {
        true => Ok(catalog::FieldType::Text),
        false => Err(source_unknown()),
    }
}

pub(super) fn source_unknown() -> Problem {
    Problem::new(422, "source_unknown", "There is no such field.")
        .action("Choose one of the fields that are offered.")
}

fn property_view(
    property: &Described,
    asked: Option<catalog::FieldType>,
    mapped: &[(String, String)],
) -> PropertyView {
    let holds = fit::holds(property);
    let fits = match asked {
        Some(field) => fit::transform(field, property).map(Some),
        None => holds.map(|_| None).ok_or(fit::UNSUPPORTED),
    };
    let mapped = mapped.iter().find(|(name, _)| *name == property.name);
    // What is mapped is shown, and is no choice: no property is filled twice (S2-45).
    let taken = mapped.map(|_| "This property is mapped already.");
    PropertyView {
        name: property.name.clone(),
        label: property.label.clone(),
        kind: holds.map_or("Not supported", fit::Holds::label),
        mapped: mapped.map(|(_, source)| source.clone()),
        disabled: fits.is_err() || taken.is_some(),
        reason: taken.or(fits.err()),
        transform: fits.ok().flatten(),
    }
}

/// Reads one live record by mappings that are not stored yet, and changes nothing.
pub async fn test<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    answer_admin(ports, incoming, async |caller| {
        let asked: Test = incoming.json()?;
        let held = held(ports, caller, &asked.connection).await?;
        let object = object(&held, &asked.object)?;
        let record = asked.record.as_deref();
        let pair = Store::new(ports)
            .linked_pair(&held.id, &object.name, record)
            .await?;
        let (provider_id, hubspot_id) = pair.ok_or_else(|| {
            Problem::new(
                404,
                "not_linked",
                format!("There is no {} in step yet to try this on.", object.label),
            )
            .action("Sync first, then try again.")
        })?;
        if let Some(rules) = &asked.rules {
            check(ports, &held, &object, rules, &[]).await?;
        }
        tested(ports, &held, &object, asked.rules, provider_id, hubspot_id)
            .await
            .map_err(|error| said(&error, settings::label(&held)))
    })
    .await
}

async fn tested<P: Ports>(
    ports: &P,
    held: &Held,
    object: &catalog::Object,
    rules: Option<Vec<Rule>>,
    provider_id: String,
    hubspot_id: String,
) -> crate::Result<Tested> {
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let plan = live.plan(&object.name, rules.as_deref())?;
    let provided = provider_record(&live, &plan, &provider_id).await?;
    let summary = mapping::describe_plan(&plan).map_err(Error::Config)?;
    let read = live
        .hubspot()
        .await?
        .read_values(
            &object.hubspot_object,
            &plan,
            &summary.properties,
            &hubspot_id,
        )
        .await?
        .ok_or_else(super::record::gone_in_hubspot)?;
    Ok(Tested {
        fields: side_by_side(object, &plan, &provided, &read)?,
        record: hubspot_id,
    })
}

/// An error of a call, in the words that cards have for it.
pub(super) fn said(error: &Error, label: &str) -> Problem {
    let code = super::record::code_of(error);
    let words = words::explain(&code, label);
    Problem {
        detail: Some(code),
        ..Problem::new(502, "not_read", words.message).action(words.action)
    }
}
