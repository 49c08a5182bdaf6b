//! `/settings/users`: who uses the portal, and who is a super admin.

use serde_json::{Value, json};

use super::app::User;
use super::context::{Answer, Ctx, ok};
use super::error::ApiError;

fn shown(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "email": user.email,
        "firstName": "Fake",
        "lastName": format!("User {}", user.id),
        "roleIds": [],
        "superAdmin": user.super_admin,
    })
}

/// `GET /settings/users/{version}`.
pub(super) async fn list(ctx: Ctx) -> Answer {
    let portal = ctx.portal();
    let results: Vec<Value> = portal.config.users.iter().map(shown).collect();
    ok(&json!({ "results": results }))
}

/// `GET /settings/users/{version}/{userId}`, by id or, with `idProperty=EMAIL`, by address.
pub(super) async fn read(ctx: Ctx) -> Answer {
    let portal = ctx.portal();
    let wanted = ctx.path("userId");
    let by_email = match ctx.query.get("idProperty") {
        None | Some("USER_ID") => false,
        Some("EMAIL") => true,
        Some(_) => return Err(ApiError::validation("idProperty must be USER_ID or EMAIL")),
    };
    let mut users = portal.config.users.iter();
    let user = users.find(|user| match by_email {
        true => user.email.eq_ignore_ascii_case(wanted),
        false => user.id.to_string() == wanted,
    });
    match user {
        Some(user) => ok(&shown(user)),
        None => Err(ApiError::not_found("resource not found")),
    }
}
