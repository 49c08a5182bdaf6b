//! `/crm/objects/{version}/{objectType}/search`.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::context::{Answer, Ctx, Json, Shown, ok, shown};
use super::error::ApiError;
use super::model::{ObjectType, Record};
use super::portal::Portal;
use super::values;

/// Longest request, in characters.
const MAX_CHARACTERS: usize = 3_000;
/// Most results that paging reaches.
const MAX_RESULTS: usize = 10_000;
/// Most results of a page.
const MAX_LIMIT: usize = 200;
const MAX_GROUPS: usize = 5;
const MAX_FILTERS_IN_GROUP: usize = 6;
const MAX_FILTERS: usize = 18;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Search {
    #[serde(default)]
    filter_groups: Vec<Group>,
    #[serde(default)]
    sorts: Vec<Sort>,
    query: Option<String>,
    #[serde(default)]
    properties: Vec<String>,
    limit: Option<usize>,
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Filter {
    property_name: String,
    operator: Operator,
    value: Option<String>,
    #[serde(default)]
    values: Vec<String>,
    high_value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    In,
    NotIn,
    HasProperty,
    NotHasProperty,
    ContainsToken,
    NotContainsToken,
}

/// The OpenAPI document has sorts as texts, the guide as objects; HubSpot takes both.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sort {
    /// `createdate`, `-createdate`.
    Name(String),
    Object {
        #[serde(rename = "propertyName")]
        property: String,
        direction: Option<Direction>,
    },
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Direction {
    Ascending,
    Descending,
}

impl Sort {
    fn parts(&self) -> (&str, bool) {
        match self {
            Self::Name(name) => match name.strip_prefix('-') {
                Some(name) => (name, true),
                None => (name, false),
            },
            Self::Object {
                property,
                direction,
            } => (property, *direction == Some(Direction::Descending)),
        }
    }
}

pub(super) async fn search(ctx: Ctx, Json(input): Json<Value>) -> Answer {
    let kind = ctx.kind()?;
    // Blanks between tokens are not counted here; nobody sends any.
    if input.to_string().chars().count() > MAX_CHARACTERS {
        return Err(ApiError::validation(format!(
            "The request body is longer than {MAX_CHARACTERS} characters"
        )));
    }
    let input: Search = serde_json::from_value(input)
        .map_err(|error| ApiError::validation(format!("Invalid input JSON: {error}")))?;
    let limit = input.limit.unwrap_or(10);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::validation(format!(
            "limit must be between 1 and {MAX_LIMIT}"
        )));
    }
    let offset: usize = match input.after.as_deref().map(str::parse) {
        None => 0,
        Some(Ok(offset)) => offset,
        Some(Err(_)) => return Err(ApiError::validation("after must be a number")),
    };
    if offset + limit > MAX_RESULTS {
        return Err(ApiError::validation(format!(
            "Paging through search results is limited to {MAX_RESULTS} results"
        )));
    }
    let portal = ctx.portal();
    check(&portal, kind, &input)?;

    let until = portal.indexed_until();
    let mut hits: Vec<&Record> = candidates(&portal, kind, &input)
        .filter(|record| record.archived_at.is_none() && record.created_at <= until)
        .filter(|record| matches(&portal, kind, record, until, &input))
        .collect();
    if let Some(sort) = input.sorts.first() {
        let (property, descending) = sort.parts();
        let number = is_number(&portal, kind, property);
        hits.sort_by(|one, other| {
            let order = compare_optional(
                one.value_at(property, until),
                other.value_at(property, until),
                number,
            );
            if descending { order.reverse() } else { order }
        });
    }
    let total = hits.len();
    let asked = Shown {
        properties: input.properties,
        at: Some(until),
        ..Shown::default()
    };
    let page = hits.iter().skip(offset).take(limit);
    let results: Vec<Value> = page
        .map(|record| shown(&portal, kind, record, &asked))
        .collect();
    let mut body = json!({ "total": total, "results": results });
    if let (true, Some(body)) = (offset + limit < total, body.as_object_mut()) {
        let after = (offset + limit).to_string();
        body.insert("paging".to_owned(), json!({ "next": { "after": after } }));
    }
    ok(&body)
}

fn check(portal: &Portal, kind: ObjectType, input: &Search) -> Result<(), ApiError> {
    let filters = || input.filter_groups.iter().flat_map(|group| &group.filters);
    if input.filter_groups.len() > MAX_GROUPS
        || filters().count() > MAX_FILTERS
        || input
            .filter_groups
            .iter()
            .any(|group| group.filters.len() > MAX_FILTERS_IN_GROUP)
    {
        return Err(ApiError::validation(format!(
            "At most {MAX_GROUPS} filterGroups with {MAX_FILTERS_IN_GROUP} filters each and {MAX_FILTERS} filters in all are allowed"
        )));
    }
    if input.sorts.len() > 1 {
        return Err(ApiError::validation("At most one sort is allowed"));
    }
    let sorted = input.sorts.iter().map(|sort| sort.parts().0);
    let mut named = filters()
        .map(|filter| filter.property_name.as_str())
        .chain(sorted);
    let known = &portal.store(kind).properties;
    if let Some(unknown) = named.find(|name| !known.contains_key(*name)) {
        return Err(
            ApiError::validation("There was a problem with the request.")
                .with("propertyName", unknown),
        );
    }
    for filter in filters() {
        let complete = match filter.operator {
            Operator::HasProperty | Operator::NotHasProperty => true,
            Operator::In | Operator::NotIn => !filter.values.is_empty(),
            Operator::Between => filter.value.is_some() && filter.high_value.is_some(),
            _ => filter.value.is_some(),
        };
        if !complete {
            return Err(ApiError::validation(format!(
                "The operator of the filter on {} lacks its value",
                filter.property_name
            )));
        }
    }
    Ok(())
}

/// The records that can match at all: a lower bound on the id, as keyset paging has it, spares the
/// records below it.
fn candidates<'a>(
    portal: &'a Portal,
    kind: ObjectType,
    input: &Search,
) -> impl Iterator<Item = &'a Record> + use<'a> {
    let bound = match input.filter_groups.as_slice() {
        [group] => group.filters.iter().find_map(|filter| {
            let is_bound = filter.property_name == "hs_object_id"
                && matches!(filter.operator, Operator::Gt | Operator::Gte);
            is_bound
                .then(|| filter.value.as_deref()?.parse().ok())
                .flatten()
        }),
        _ => None,
    };
    portal
        .store(kind)
        .records
        .range(bound.unwrap_or(0u64)..)
        .map(|(_, record)| record)
}

fn matches(
    portal: &Portal,
    kind: ObjectType,
    record: &Record,
    until: DateTime<Utc>,
    input: &Search,
) -> bool {
    let in_groups = input.filter_groups.is_empty()
        || input.filter_groups.iter().any(|group| {
            group.filters.iter().all(|filter| {
                let number = is_number(portal, kind, &filter.property_name);
                fulfils(
                    record.value_at(&filter.property_name, until),
                    filter,
                    number,
                )
            })
        });
    let queried = || {
        let Some(query) = input.query.as_deref().filter(|query| !query.is_empty()) else {
            return true;
        };
        let names = [
            "email",
            "firstname",
            "lastname",
            "phone",
            "name",
            "domain",
            "dealname",
            "subject",
        ];
        let texts = names.iter().filter_map(|name| record.value_at(name, until));
        let text = texts.collect::<Vec<_>>().join(" ").to_lowercase();
        query
            .to_lowercase()
            .split_whitespace()
            .all(|word| text.contains(word))
    };
    in_groups && queried()
}

fn is_number(portal: &Portal, kind: ObjectType, property: &str) -> bool {
    let definition = portal.store(kind).properties.get(property);
    definition.is_some_and(|definition| {
        matches!(definition.kind.as_str(), "number" | "date" | "datetime")
    })
}

fn fulfils(value: Option<&str>, filter: &Filter, number: bool) -> bool {
    let wanted = filter.value.as_deref().unwrap_or_default();
    let Some(value) = value else {
        // Filters other than this one leave out records without a value.
        return filter.operator == Operator::NotHasProperty;
    };
    let against = |wanted: &str| compare(value, wanted, number);
    match filter.operator {
        Operator::HasProperty => true,
        Operator::NotHasProperty => false,
        Operator::Eq => against(wanted) == Ordering::Equal,
        Operator::Neq => against(wanted) != Ordering::Equal,
        Operator::Lt => against(wanted) == Ordering::Less,
        Operator::Lte => against(wanted) != Ordering::Greater,
        Operator::Gt => against(wanted) == Ordering::Greater,
        Operator::Gte => against(wanted) != Ordering::Less,
        Operator::Between => {
            against(wanted) != Ordering::Less
                && against(filter.high_value.as_deref().unwrap_or_default()) != Ordering::Greater
        }
        // Values in upper case match nothing: the index holds lower case.
        Operator::In => filter
            .values
            .iter()
            .any(|wanted| *wanted == value.to_lowercase()),
        Operator::NotIn => !filter
            .values
            .iter()
            .any(|wanted| *wanted == value.to_lowercase()),
        Operator::ContainsToken => contains_token(value, wanted),
        Operator::NotContainsToken => !contains_token(value, wanted),
    }
}

fn contains_token(value: &str, wanted: &str) -> bool {
    let (value, wanted) = (value.to_lowercase(), wanted.to_lowercase());
    match (wanted.strip_prefix('*'), wanted.strip_suffix('*')) {
        (Some(_), Some(_)) => value.contains(wanted.trim_matches('*')),
        (Some(end), None) => value.ends_with(end),
        (None, Some(start)) => value.starts_with(start),
        (None, None) => {
            value
                .split(|c: char| !c.is_alphanumeric())
                .any(|token| token == wanted)
                || value == wanted
        }
    }
}

fn compare_optional(one: Option<&str>, other: Option<&str>, number: bool) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => compare(one, other, number),
        (one, other) => one.is_some().cmp(&other.is_some()).reverse(),
    }
}

fn compare(one: &str, other: &str, number: bool) -> Ordering {
    if number {
        let value = |text: &str| {
            let time = || values::datetime(text).map(|time| time.timestamp_millis() as f64);
            text.parse().ok().or_else(time)
        };
        if let (Some(one), Some(other)) = (value(one), value(other)) {
            return one.total_cmp(&other);
        }
    }
    one.to_lowercase().cmp(&other.to_lowercase())
}
