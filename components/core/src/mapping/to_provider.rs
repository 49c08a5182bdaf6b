//! The way back: HubSpot's values as changes of the provider's records.
//!
//! A change is made to the record as it was read, and names that version: what somebody else changes in between
//! makes the provider refuse, instead of being lost.

mod body;

use serde_json::{Map, Value};
use url::Url;

use super::plan::{Compiled, CompiledRule};
use super::{FieldError, Lookup, PageError, Plan, ProviderRequest, ProviderWrite};
use crate::declaration::{Connector, Create, Object, Paging, Writing};
use crate::path::SourcePath;
use crate::provider;
use crate::transform::Transform;
use body::Body;

/// The requests that change these records; `body` is a page that holds them as they are.
///
/// A record that the page does not hold has no request. Where the provider wants an id, the look-ups that find it are
/// told, and the request is complete once `found` holds their results.
///
/// # Errors
/// Where the body is no page of records, the plan is not usable, or the connector does not write this object.
pub fn write_requests(
    plan: &Plan,
    body: &[u8],
    writes: &[ProviderWrite],
) -> Result<Vec<ProviderRequest>, PageError> {
    let compiled = Compiled::new(plan).map_err(|error| PageError::Plan(error.to_string()))?;
    let page: Value = serde_json::from_slice(body)
        .map_err(|error| PageError::Malformed(error.column() as u64))?;
    let Paging::NextLink { records, .. } = &compiled.connector.declaration.paging;
    let records = match page.get(records) {
        Some(Value::Array(records)) => records.as_slice(),
        Some(record @ Value::Object(_)) => std::slice::from_ref(record),
        _ => return Err(PageError::Unexpected(format!("`{records}` is no list"))),
    };
    let writer = Writer::new(plan, &compiled)?;
    let mut requests = Vec::with_capacity(writes.len());
    for write in writes {
        let id =
            |record: &&Value| text(record.get(&writer.object.id)).is_some_and(|id| id == write.id);
        if let Some(record) = records.iter().find(id) {
            requests.push(writer.request(record, write));
        }
    }
    Ok(requests)
}

/// The requests that make records which only HubSpot has, named by HubSpot's ids.
///
/// A field that takes a look-up is left to a later change. A record that lacks what the provider needs has an error
/// `provider_required` and no body.
///
/// # Errors
/// Where the plan is not usable, or the connector makes no such records.
pub fn create_requests(
    plan: &Plan,
    records: &[ProviderWrite],
) -> Result<Vec<ProviderRequest>, PageError> {
    let compiled = Compiled::new(plan).map_err(|error| PageError::Plan(error.to_string()))?;
    let writer = Writer::new(plan, &compiled)?;
    let create = writer.object.create.as_ref().ok_or_else(|| {
        PageError::Plan(format!(
            "`{}` are not made at the provider",
            writer.object.name
        ))
    })?;
    Ok(records
        .iter()
        .map(|record| writer.new_record(create, record))
        .collect())
}

/// The id that a look-up's answer gives a name: that of the one record of exactly this name.
///
/// # Errors
/// As [`write_requests`].
pub fn read_lookup(
    plan: &Plan,
    field: u32,
    name: &str,
    body: &[u8],
) -> Result<Option<String>, PageError> {
    let compiled = Compiled::new(plan).map_err(|error| PageError::Plan(error.to_string()))?;
    let lookup = rule(&compiled, field).and_then(|rule| rule.declared?.lookup.as_ref());
    let Some(lookup) = lookup else {
        return Ok(None);
    };
    let page: Value = serde_json::from_slice(body)
        .map_err(|error| PageError::Malformed(error.column() as u64))?;
    let Paging::NextLink { records, .. } = &compiled.connector.declaration.paging;
    let same = |record: &&Value| {
        record
            .get(&lookup.name)
            .and_then(Value::as_str)
            .map(str::trim)
            == Some(name)
    };
    let mut fitting = page
        .get(records)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(same);
    Ok(match (fitting.next(), fitting.next()) {
        (Some(only), None) => text(only.get(&lookup.id)),
        _ => None,
    })
}

/// What must be selected of a record beyond a list's own fields before it can be written.
pub(super) fn write_paths(compiled: &Compiled<'_>) -> Vec<String> {
    let mut paths = Vec::new();
    for rule in compiled.fields() {
        let Some(path) = rule.write() else { continue };
        // Only what lies in lists is changed by what is there already.
        if let Some((head, key)) = path.split_once(']') {
            paths.push(path.to_owned());
            paths.push(format!("{head}].id"));
            debug_assert!(
                key.starts_with('.'),
                "checked when the connector was loaded"
            );
        }
    }
    paths.sort();
    paths.dedup();
    paths
}

fn rule<'c, 'a>(compiled: &'c Compiled<'a>, field: u32) -> Option<&'c CompiledRule<'a>> {
    compiled.fields().nth(field as usize)
}

/// A scalar as text.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

struct Writer<'p> {
    compiled: &'p Compiled<'p>,
    connector: &'static Connector,
    object: &'static Object,
    writing: &'static Writing,
    record_path: &'static str,
    /// What the answer is to hold.
    selection: String,
}

impl<'p> Writer<'p> {
    fn new(plan: &Plan, compiled: &'p Compiled<'p>) -> Result<Self, PageError> {
        let (connector, object) = (compiled.connector, compiled.object);
        let not_written =
            || PageError::Plan(format!("`{}` is not written to the provider", object.name));
        let writing = connector
            .declaration
            .writing
            .as_ref()
            .ok_or_else(not_written)?;
        let record_path = object
            .record_path
            .as_deref()
            .filter(|_| object.bidirectional)
            .ok_or_else(not_written)?;
        let stream = connector.stream(&object.name).ok_or_else(not_written)?;
        let mut selection = stream.selection.clone();
        for rule in plan.rules.iter().flatten() {
            for path in std::iter::once(&rule.source).chain(&rule.fallback) {
                let path = stream
                    .source(path)
                    .map_err(|problem| PageError::Plan(problem.to_string()))?;
                selection.include(&path);
            }
        }
        Ok(Self {
            compiled,
            connector,
            object,
            writing,
            record_path,
            selection: selection.render(),
        })
    }

    fn request(&self, record: &Value, write: &ProviderWrite) -> ProviderRequest {
        let mut body = Body::new(&self.object.lists, &self.writing.destroy, record);
        let mut errors = Vec::new();
        let mut lookups = Vec::new();
        for (field, value) in &write.changes {
            let Some(rule) = rule(self.compiled, *field) else {
                continue;
            };
            match self.value(rule, *field, value, record, &write.found) {
                Ok(Wanted::Nothing) => {}
                Ok(Wanted::Lookup(lookup)) => lookups.push(lookup),
                Ok(Wanted::Value(path, value)) => body.set(&path, value),
                Err(code) => errors.push(FieldError {
                    property: rule.property.to_owned(),
                    code: code.to_owned(),
                }),
            }
        }
        let fields = body.into_fields();
        let body = if fields.is_empty() || !lookups.is_empty() {
            Vec::new()
        } else {
            let mut whole = Map::new();
            whole.insert(self.writing.body.clone(), Value::Object(fields));
            // Written to memory: nothing in here can fail.
            serde_json::to_vec(&Value::Object(whole)).unwrap_or_default()
        };
        ProviderRequest {
            id: write.id.clone(),
            method: self.writing.method.clone(),
            url: self.url(
                &self.record_path.replace("{id}", &write.id),
                &[("fields", &self.selection)],
            ),
            headers: self.headers(record),
            body,
            errors,
            lookups,
        }
    }

    fn new_record(&self, create: &Create, record: &ProviderWrite) -> ProviderRequest {
        let nothing = Value::Null;
        let mut body = Body::new(&self.object.lists, &self.writing.destroy, &nothing);
        let mut errors = Vec::new();
        let mut given: Vec<&str> = Vec::new();
        for (field, value) in &record.changes {
            let Some(rule) = rule(self.compiled, *field) else {
                continue;
            };
            if value.is_empty() {
                continue;
            }
            match self.value(rule, *field, value, &nothing, &[]) {
                Ok(Wanted::Nothing | Wanted::Lookup(_)) => {}
                Ok(Wanted::Value(path, value)) => {
                    body.set(&path, value);
                    given.extend(rule.write());
                }
                Err(code) => errors.push(FieldError {
                    property: rule.property.to_owned(),
                    code: code.to_owned(),
                }),
            }
        }
        let lacks = |group: &&Vec<String>| !group.iter().any(|path| given.contains(&path.as_str()));
        let missing = create.needs.iter().find(lacks);
        let body = match missing {
            Some(group) => {
                errors.push(FieldError {
                    property: self.property_of(group),
                    code: "provider_required".to_owned(),
                });
                Vec::new()
            }
            None => {
                let mut fields = create.constants.clone();
                fields.extend(body.into_fields());
                let mut whole = Map::new();
                whole.insert(self.writing.body.clone(), Value::Object(fields));
                // Written to memory: nothing in here can fail.
                serde_json::to_vec(&Value::Object(whole)).unwrap_or_default()
            }
        };
        ProviderRequest {
            id: record.id.clone(),
            method: "POST".to_owned(),
            url: self.url(&create.path, &[("fields", &self.selection)]),
            headers: self.headers(&nothing),
            body,
            errors,
            lookups: Vec::new(),
        }
    }

    /// HubSpot's property that is written to the first of these paths.
    fn property_of(&self, paths: &[String]) -> String {
        let mut rules = self.compiled.fields();
        rules
            .find(|rule| {
                rule.write()
                    .is_some_and(|path| paths.first().is_some_and(|first| first == path))
            })
            .map_or_else(String::new, |rule| rule.property.to_owned())
    }

    fn value(
        &self,
        rule: &CompiledRule<'_>,
        field: u32,
        value: &str,
        record: &Value,
        found: &[(u32, String)],
    ) -> Result<Wanted, &'static str> {
        let (Some(declared), Some(path)) = (rule.declared, rule.write()) else {
            return Err("not_writable");
        };
        let path = SourcePath::parse(path).map_err(|_| "not_writable")?;
        if declared.write_if_blank && !self.is_blank(&declared.source, record) {
            return Ok(Wanted::Nothing);
        }
        if value.is_empty() {
            return Ok(Wanted::Value(path, Value::Null));
        }
        let written = rule.backward(value).ok_or("unknown_option")?;
        let Some(lookup) = &declared.lookup else {
            return Ok(Wanted::Value(path, written.into()));
        };
        match found.iter().find(|(known, _)| *known == field) {
            None => Ok(Wanted::Lookup(Lookup {
                field,
                url: self.url(
                    &lookup.path,
                    &[
                        ("fields", &format!("{},{}", lookup.id, lookup.name)),
                        (&lookup.parameter, &written),
                    ],
                ),
                headers: self.headers(&Value::Null),
                value: written,
            })),
            Some((_, id)) if id.is_empty() => Err("unknown_option"),
            Some((_, id)) => Ok(Wanted::Value(
                path,
                id.parse::<u64>()
                    .map_or_else(|_| id.clone().into(), Value::from),
            )),
        }
    }

    fn is_blank(&self, source: &str, record: &Value) -> bool {
        let stream = self.connector.stream(&self.object.name);
        let path = stream.and_then(|stream| stream.source(source).ok());
        path.is_none_or(|path| {
            let value = path
                .segments()
                .iter()
                .try_fold(record, |value, segment| value.get(&segment.key));
            text(value).is_none_or(|text| text.trim().is_empty())
        })
    }

    /// A URL under the API's root, with parameters.
    fn url(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let root = &self.connector.declaration.api.root;
        provider::origin(self.compiled.base_url).map_or_else(String::new, |mut url: Url| {
            url.set_path(&format!("{root}{path}"));
            url.query_pairs_mut().extend_pairs(parameters);
            url.into()
        })
    }

    fn headers(&self, record: &Value) -> Vec<(String, String)> {
        let declared = &self.connector.declaration.api.headers;
        let mut headers: Vec<_> = declared
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let etag = self
            .object
            .etag
            .as_ref()
            .and_then(|key| text(record.get(key)));
        if let (Some(name), Some(etag)) = (&self.writing.precondition, etag) {
            headers.push((name.clone(), etag));
        }
        headers
    }
}

/// What a field needs.
enum Wanted {
    /// It stays as it is.
    Nothing,
    /// An id is looked up first.
    Lookup(Lookup),
    /// This value goes there.
    Value(SourcePath, Value),
}

impl CompiledRule<'_> {
    /// Path that a write sets.
    pub(super) fn write(&self) -> Option<&'static str> {
        self.declared?.write.as_deref()
    }

    /// A value of HubSpot's in the form in which the provider takes it.
    fn backward(&self, value: &str) -> Option<String> {
        let word = self.aliases.iter().find(|(_, id)| *id == value);
        let back = self
            .transform
            .inverse(word.map_or(value, |(word, _)| word))?;
        let declared = self.declared?;
        let Some(written) = &declared.write_transform else {
            return Some(back);
        };
        let forward = Transform::parse(&declared.transform).ok()?;
        let word = forward.apply(&back, "").ok()??;
        Transform::parse(written).ok()?.inverse(&word)
    }
}
