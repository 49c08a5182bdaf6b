//! `GET /account`: what a portal has connected, how it stands, and what can be done.

use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::finish::ACCOUNT_NAME;
use super::{door, told, vault};
use crate::caller::{Caller, Reply, as_user};
use crate::config;
use crate::core::catalog;
use crate::page::Page;
use crate::plan;
use crate::ports::Ports;
use crate::roles;
use crate::store::Store;
use crate::store::accounts::Listed;
use crate::surface::{Answer, Incoming, Problem};
use crate::vault::Purpose;

/// A connection as people see it.
struct View {
    listed: Listed,
    /// The connector's name for people.
    label: String,
    /// The region's name for people.
    region: String,
    /// The connected account's name; none where it is not kept.
    account: Option<String>,
}

/// Shows a portal's connections to any of its users; what admins may do besides, to admins. Whoever comes by a ticket is
/// given a session first, which gets the ticket out of the address.
pub async fn view<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let query = incoming.query().ok();
    if let Some(ticket) = query.as_ref().and_then(|query| query.get("ticket")) {
        return match door::enter(ports, ticket).await {
            Ok(cookie) => Answer::redirect("/account".to_owned()).with_cookie(cookie),
            Err(problem) => told(ports, incoming, &problem, html! {}),
        };
    }
    as_user(ports, incoming, async |caller| viewed(ports, caller).await).await
}

async fn viewed<P: Ports>(ports: &P, caller: &Caller) -> Result<Reply, Problem> {
    // Where HubSpot cannot be asked, the page shows what everyone may see.
    let admin = roles::is_admin(ports, caller.portal, caller.user)
        .await
        .unwrap_or(false);
    let vault = vault(ports)?;
    let store = Store::new(ports);
    let mut views = Vec::new();
    for listed in store.list_connections(caller.portal).await? {
        let purpose = Purpose {
            portal: caller.portal,
            connection: &listed.id,
            name: ACCOUNT_NAME,
        };
        let account = store.credential(&vault, purpose).await?;
        let connector = catalog::describe(&listed.connector).map_err(crate::Error::Config)?;
        let region = connector
            .regions
            .iter()
            .find(|region| region.id == listed.region)
            .map_or_else(|| listed.region.clone(), |region| region.label.clone());
        views.push(View {
            label: connector.label,
            region,
            account: account.map(|(name, _)| name.expose().to_owned()),
            listed,
        });
    }
    let available: Vec<catalog::Connector> = catalog::connectors()
        .iter()
        .filter(|id| !views.iter().any(|view| view.listed.connector == **id))
        .map(|id| catalog::describe(id).map_err(crate::Error::Config))
        .collect::<Result<_, _>>()?;
    Ok(Reply {
        json: as_json(caller, admin, &views, &available),
        page: page(caller, admin, config::billing(ports)?, &views, &available),
    })
}

/// What to do about a reason, in words (S0-95, S0-101 to S0-103). None where nothing needs doing.
pub fn advice(status: &str, reason: Option<&str>) -> Option<&'static str> {
    match (status, reason) {
        (_, Some("missing_scope")) => {
            Some("Some access is missing: re-authorize with the updated scopes.")
        }
        ("active", Some(code)) if code.starts_with("plan_") => Some(plan::explain(code).0),
        ("expired", _) => Some("The access has expired or was withdrawn: reconnect."),
        ("disconnected", _) => Some("Connect again to go on; settings and links are kept."),
        ("paused", Some("account_switched")) => Some("The switch was not finished: connect again."),
        ("paused", _) => Some("The sync is paused."),
        (_, Some("rate_limited" | "hubspot_limited" | "provider_limited")) => {
            Some("A rate limit was reached; the next scheduled sync tries again by itself.")
        }
        _ => None,
    }
}

fn reason(listed: &Listed) -> Option<&str> {
    listed
        .reason
        .as_deref()
        .or(listed.last_run_reason.as_deref())
}

fn as_json(
    caller: &Caller,
    admin: bool,
    views: &[View],
    available: &[catalog::Connector],
) -> Map<String, Value> {
    let connections: Vec<Value> = views
        .iter()
        .map(|view| {
            let listed = &view.listed;
            json!({
                "id": listed.id,
                "connector": listed.connector,
                "label": view.label,
                "region": listed.region,
                "account": view.account,
                "status": listed.status,
                "reason": listed.reason,
                "advice": advice(&listed.status, reason(listed)),
                "connected_at": listed.connected_at,
                "last_run": listed.last_run_at.map(|at| json!({
                    "at": at, "status": listed.last_run, "reason": listed.last_run_reason,
                })),
            })
        })
        .collect();
    let available: Vec<Value> = available
        .iter()
        .map(|connector| {
            let regions = connector.regions.iter();
            let regions: Vec<Value> = regions
                .map(|region| json!({ "id": region.id, "label": region.label }))
                .collect();
            json!({ "connector": connector.id, "label": connector.label, "regions": regions })
        })
        .collect();
    let mut reply = Map::new();
    reply.insert("portal".to_owned(), caller.portal.into());
    reply.insert("user".to_owned(), caller.user.into());
    reply.insert("admin".to_owned(), admin.into());
    reply.insert("restricted".to_owned(), caller.restricted.into());
    reply.insert("connections".to_owned(), connections.into());
    reply.insert("available".to_owned(), available.into());
    reply
}

fn page(
    caller: &Caller,
    admin: bool,
    bills: bool,
    views: &[View],
    available: &[catalog::Connector],
) -> Page {
    let content = html! {
        p { "HubSpot account " strong { (caller.portal) } " at " (caller.ui_domain) }
        @if caller.restricted { p.notice { "Processing is paused for this account: nothing is synced until it is resumed." } }
        @if !admin { p.notice { "You can look. Changes are for the user who installed 300Sync and for super admins." } }
        @for view in views { (connection(view, admin)) }
        @if admin {
            @for connector in available {
                p { a.button href={ "/oauth/" (connector.id) "/start" } { "Connect " (connector.label) } }
            }
            (for_admins(caller))
        }
        @if bills { p { a href="/billing" { "Plan and billing" } } }
        p { a href="/account/privacy" { "What is kept about this account" } }
    };
    Page::new("300Sync", content)
}

fn connection(view: &View, admin: bool) -> Markup {
    let listed = &view.listed;
    let (class, word) = match listed.status.as_str() {
        "active" => ("good", "Connected"),
        "expired" => ("bad", "Expired"),
        "paused" => ("bad", "Paused"),
        _ => ("bad", "Not connected"),
    };
    html! {
        section {
            h2 { (view.label) }
            dl {
                dt { "Status" } dd { span class=(class) { (word) } }
                @if let Some(account) = &view.account { dt { "Account" } dd { (account) " (" (view.region) ")" } }
                dt { "Last sync" }
                dd {
                    @match (listed.last_run_at, listed.last_run.as_deref()) {
                        (Some(at), Some("succeeded")) => { (time(at)) ", succeeded" }
                        (Some(at), _) => { (time(at)) ", failed" }
                        (None, _) => "None yet"
                    }
                }
            }
            @if let Some(advice) = advice(&listed.status, reason(listed)) { p.notice { (advice) } }
            @if admin {
                @if listed.status != "active" {
                    p { a.button href={ "/oauth/" (listed.connector) "/start" } { "Reconnect" } }
                }
                @if listed.status != "disconnected" {
                    form method="post" action="/account/disconnect" {
                        input type="hidden" name="connection" value=(listed.id);
                        button.plain type="submit" { "Disconnect " (view.label) }
                    }
                    p.help { "Disconnecting deletes the access to " (view.label) " at once. Records stay where they are." }
                }
            }
        }
    }
}

fn for_admins(caller: &Caller) -> Markup {
    html! {
        section {
            h2 { "Data" }
            p {
                a href="/account/export?format=json" { "Export as JSON" } ", "
                a href="/account/export?format=csv" { "as CSV" } ". "
                a href="/account/audit" { "Who did what" } "."
            }
            @let (action, word) = match caller.restricted {
                true => ("/account/resume", "Resume processing"),
                false => ("/account/restrict", "Pause processing"),
            };
            form method="post" action=(action) { button.plain type="submit" { (word) } }
            details {
                summary { "Uninstall 300Sync" }
                p {
                    "All access to HubSpot and the connected systems is deleted at once; settings and links are deleted after 30 \
                     days, in case you come back. Records stay where they are."
                }
                form method="post" action="/account/uninstall" { button type="submit" { "Uninstall" } }
            }
            details {
                summary { "Erase everything" }
                p { "Everything that is kept about this account is deleted at once. This cannot be undone." }
                form method="post" action="/account/erase" {
                    label for="confirm" { "To confirm, repeat the id of your HubSpot account" }
                    input id="confirm" name="confirm" inputmode="numeric" autocomplete="off" required;
                    button type="submit" { "Erase" }
                }
            }
        }
    }
}

/// A time that browsers and people read, in UTC.
pub(super) fn time(millis: i64) -> Markup {
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis(millis.unsigned_abs());
    html! { (httpdate::fmt_http_date(at)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0-101 to S0-103: each reason has its own advice.
    #[test]
    fn every_reason_has_its_advice() {
        assert!(
            advice("expired", Some("token_expired"))
                .unwrap()
                .contains("reconnect")
        );
        assert!(
            advice("active", Some("missing_scope"))
                .unwrap()
                .contains("re-authorize")
        );
        assert!(
            advice("active", Some("rate_limited"))
                .unwrap()
                .contains("by itself")
        );
        assert!(
            advice("active", Some("plan_records"))
                .unwrap()
                .contains("Nothing is lost")
        );
        assert_eq!(advice("active", None), None);
    }
}
