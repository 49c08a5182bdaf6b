//! `/account-info` and `/crm/owners`.

use serde_json::{Value, json};

use super::context::{Answer, Ctx, ok};
use super::error::ApiError;
use crate::clock::iso_ms;

pub(super) async fn details(ctx: Ctx) -> Answer {
    let portal = ctx.portal();
    ok(&json!({
        "portalId": portal.config.id,
        "accountType": "STANDARD",
        "timeZone": portal.config.time_zone,
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": offset(portal.config.utc_offset),
        "utcOffsetMilliseconds": portal.config.utc_offset * 60_000,
        "uiDomain": portal.config.ui_domain,
        "dataHostingLocation": portal.config.hublet,
    }))
}

/// Minutes as HubSpot writes them: `-05:00`.
fn offset(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The one owner that every portal has: its super admin.
fn owner(ctx: &Ctx) -> Value {
    let portal = ctx.portal();
    let made = iso_ms(portal.clock.now());
    json!({
        "id": (portal.config.id + 1).to_string(),
        "email": format!("admin@portal-{}.example", portal.config.id),
        "firstName": "Avery",
        "lastName": "Admin",
        "userId": 9_001,
        "userIdIncludingInactive": 9_001,
        "type": "PERSON",
        "archived": false,
        "createdAt": made,
        "updatedAt": made,
        "teams": [],
    })
}

pub(super) async fn owners(ctx: Ctx) -> Answer {
    let owner = owner(&ctx);
    let wanted = ctx.query.get("email");
    let fits = !ctx.query.flag("archived")
        && wanted.is_none_or(|email| owner.get("email").is_some_and(|own| own == email));
    ok(&json!({ "results": if fits { vec![owner] } else { Vec::new() } }))
}

pub(super) async fn read_owner(ctx: Ctx) -> Answer {
    let owner = owner(&ctx);
    let key = if ctx.query.get("idProperty") == Some("userId") {
        "userId"
    } else {
        "id"
    };
    let id = owner
        .get(key)
        .map(|id| id.to_string().trim_matches('"').to_owned());
    if id.as_deref() == Some(ctx.path("ownerId")) {
        ok(&owner)
    } else {
        Err(ApiError::not_found("resource not found"))
    }
}
