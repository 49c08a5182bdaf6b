//! Lists: filters, order, paging.

use std::cmp::Ordering;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::account::{Account, Resource, Row};
use super::api::{Answer, Ctx};
use super::error::ApiError;
use super::fields::parse;
use super::render;
use crate::query::Query;
use crate::server;

/// Most records of a page, and how many there are unless told.
const MAX_LIMIT: usize = 200;
/// How far offsets reach.
const MAX_OFFSET: usize = 10_000;
/// Parameters that choose a part of a list and how it is shown, but not what is in it.
const PAGING: &[&str] = &["fields", "limit", "offset", "order", "page_token"];

pub(super) async fn list(ctx: Ctx, resource: Resource) -> Answer {
    let fields = parse(ctx.query.get("fields"), resource.shape())?;
    let limit = match ctx.query.get("limit").map(str::parse::<usize>) {
        None => MAX_LIMIT,
        Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
        Some(_) => {
            return Err(ApiError::unprocessable(format!(
                "limit must be between 1 and {MAX_LIMIT}"
            )));
        }
    };
    let filter = Filter::new(resource, &ctx.query)?;
    let order = Order::parse(resource, ctx.query.get("order"))?;
    let mut account = ctx.account();
    let host = ctx
        .headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let link = |name: &str, value: &str| {
        format!(
            "http://{host}{}?{}",
            ctx.url_path,
            ctx.query.with(name, value)
        )
    };

    // Without a limit to paging, but in the order of ids alone.
    let cursor = ctx.query.get("order") == Some("id(asc)") && ctx.query.get("offset").is_none();
    let (page, records, paging) = if cursor {
        let after = match ctx.query.get("page_token") {
            None => 0,
            Some(token) => {
                read_token(token).ok_or_else(|| ApiError::bad_request("page_token is invalid"))?
            }
        };
        let key = format!("{} {}", resource.plural(), ctx.query.without(PAGING));
        let records = account.count(resource, key, |account, row| filter.admits(account, row));
        let account = &account;
        let mut rest = account
            .rows_after(resource, after)
            .filter(|row| filter.admits(account, row));
        let page: Vec<&Row> = rest.by_ref().take(limit).collect();
        let mut paging = Map::new();
        if let (Some(last), true) = (page.last(), rest.next().is_some()) {
            paging.insert(
                "next".to_owned(),
                link("page_token", &page_token(last.id)).into(),
            );
        }
        (page, records, paging)
    } else {
        let offset = match ctx.query.get("offset").map(str::parse::<usize>) {
            None => 0,
            Some(Ok(offset)) => offset,
            Some(Err(_)) => return Err(ApiError::bad_request("offset is invalid")),
        };
        if offset + limit > MAX_OFFSET {
            let message = format!("Offset pagination is limited to {MAX_OFFSET} records");
            return Err(ApiError::unprocessable(message));
        }
        let mut all: Vec<&Row> = account
            .rows(resource)
            .filter(|row| filter.admits(&account, row))
            .collect();
        all.sort_by(|one, other| order.compare(&account, resource, one, other));
        let mut paging = Map::new();
        if offset > 0 {
            let before = offset.saturating_sub(limit).to_string();
            paging.insert("previous".to_owned(), link("offset", &before).into());
        }
        if offset + limit < all.len() {
            paging.insert(
                "next".to_owned(),
                link("offset", &(offset + limit).to_string()).into(),
            );
        }
        let records = all.len();
        (
            all.into_iter().skip(offset).take(limit).collect(),
            records,
            paging,
        )
    };

    let data: Vec<Value> = page
        .into_iter()
        .map(|row| render::record(&account, resource, row, &fields))
        .collect();
    let body = json!({ "data": data, "meta": { "paging": paging, "records": records } });
    Ok(server::json(StatusCode::OK, &body))
}

/// Opaque to clients.
fn page_token(last: u64) -> String {
    format!("BAh7Bj{:016x}", last ^ 0x005a_5a5a_5a5a_5a5a)
}

fn read_token(token: &str) -> Option<u64> {
    let number = u64::from_str_radix(token.strip_prefix("BAh7Bj")?, 16).ok()?;
    Some(number ^ 0x005a_5a5a_5a5a_5a5a)
}

/// Query parameters that must equal a plain field.
fn equalities(resource: Resource) -> &'static [(&'static str, &'static str)] {
    match resource {
        Resource::Contacts | Resource::Notes => &[("type", "type")],
        Resource::PracticeAreas => &[("name", "name"), ("code", "code")],
        _ => &[],
    }
}

/// Query parameters that must be the id of a referenced record.
fn references(resource: Resource) -> &'static [(&'static str, &'static str)] {
    match resource {
        Resource::Matters => &[
            ("client_id", "client"),
            ("practice_area_id", "practice_area"),
            ("responsible_attorney_id", "responsible_attorney"),
        ],
        Resource::Tasks => &[("matter_id", "matter"), ("assignee_id", "assignee")],
        Resource::Relationships | Resource::Notes => {
            &[("matter_id", "matter"), ("contact_id", "contact")]
        }
        _ => &[],
    }
}

/// The plain fields that `query` looks into.
const QUERIED: &[&str] = &[
    "name",
    "title",
    "primary_email_address",
    "primary_phone_number",
    "description",
    "display_number",
];

/// Which records a list holds. Every list is counted as a whole, so what the query says is read once.
struct Filter {
    equal: Vec<(&'static str, String)>,
    refers: Vec<(&'static str, u64)>,
    ids: Vec<u64>,
    excluded: Vec<u64>,
    updated_since: Option<DateTime<Utc>>,
    created_since: Option<DateTime<Utc>>,
    statuses: Vec<String>,
    clients: bool,
    with_email: bool,
    query: Option<String>,
}

impl Filter {
    fn new(resource: Resource, query: &Query) -> Result<Self, ApiError> {
        let invalid = |name: &str| ApiError::bad_request(format!("{name} is invalid"));
        let time = |name: &str| {
            let time = query
                .get(name)
                .map(DateTime::parse_from_rfc3339)
                .transpose();
            time.map(|time| time.map(|time| time.to_utc()))
                .map_err(|_| invalid(name))
        };
        let ids = |name: &str| {
            let ids = query
                .all(name)
                .map(str::parse)
                .collect::<Result<Vec<u64>, _>>();
            ids.map_err(|_| invalid(name))
        };
        let kinds: &[&str] = match resource {
            Resource::Contacts => &["Company", "Person"],
            Resource::Notes => &["Contact", "Matter"],
            _ => &[],
        };
        match query.get("type") {
            Some(kind) if !kinds.is_empty() && !kinds.contains(&kind) => {
                return Err(invalid("type"));
            }
            None if resource == Resource::Notes => {
                return Err(ApiError::bad_request("type is required"));
            }
            _ => {}
        }
        let equal = equalities(resource).iter();
        let equal = equal.filter_map(|(name, field)| Some((*field, query.get(name)?.to_owned())));
        let mut refers = Vec::new();
        for (name, field) in references(resource) {
            if let Some(id) = query.get(name) {
                refers.push((*field, id.parse().map_err(|_| invalid(name))?));
            }
        }
        let mut statuses = query.list("status");
        statuses.extend(query.all("statuses[]").map(str::to_owned));
        let contacts = resource == Resource::Contacts;
        Ok(Self {
            equal: equal.collect(),
            refers,
            ids: ids("ids[]")?,
            excluded: ids("exclude_ids[]")?,
            updated_since: time("updated_since")?,
            created_since: time("created_since")?,
            statuses,
            clients: contacts && query.flag("client_only"),
            with_email: contacts && query.flag("email_only"),
            query: query.get("query").map(str::to_lowercase),
        })
    }

    fn admits(&self, account: &Account, row: &Row) -> bool {
        let has_status = || {
            let status = row.text("status").map(str::to_lowercase);
            status.is_some_and(|status| self.statuses.contains(&status))
        };
        let queried = |query: &String| {
            let mut texts = QUERIED.iter().filter_map(|name| row.text(name));
            texts.any(|text| text.to_lowercase().contains(query))
        };
        (self.ids.is_empty() || self.ids.contains(&row.id))
            && !self.excluded.contains(&row.id)
            && self
                .updated_since
                .is_none_or(|since| row.updated_at >= since)
            && self
                .created_since
                .is_none_or(|since| row.created_at >= since)
            && self
                .equal
                .iter()
                .all(|(field, wanted)| row.text(field) == Some(wanted))
            && self
                .refers
                .iter()
                .all(|(field, id)| row.reference(field) == Some(*id))
            && (self.statuses.is_empty() || has_status())
            && (!self.clients || render::is_client(account, row.id))
            && (!self.with_email || row.text("primary_email_address").is_some())
            && self.query.as_ref().is_none_or(queried)
    }
}

/// `name(asc)`.
struct Order {
    field: String,
    descending: bool,
}

impl Order {
    fn parse(resource: Resource, order: Option<&str>) -> Result<Self, ApiError> {
        let order = order.unwrap_or("id(asc)");
        let parts = order
            .strip_suffix(')')
            .and_then(|order| order.split_once('('));
        match parts {
            Some((field, direction @ ("asc" | "desc")))
                if field == "id" || resource.orders().contains(&field) =>
            {
                Ok(Self {
                    field: field.to_owned(),
                    descending: direction == "desc",
                })
            }
            _ => Err(ApiError::bad_request(format!("order {order} is invalid"))),
        }
    }

    fn compare(&self, account: &Account, resource: Resource, one: &Row, other: &Row) -> Ordering {
        let value = |row: &Row| match render::scalar(account, resource, row, &self.field) {
            Value::String(text) => text.to_lowercase(),
            _ => String::new(),
        };
        let order = match self.field.as_str() {
            "id" => one.id.cmp(&other.id),
            _ => value(one).cmp(&value(other)).then(one.id.cmp(&other.id)),
        };
        if self.descending {
            order.reverse()
        } else {
            order
        }
    }
}
