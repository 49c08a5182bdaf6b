//! `GET /account/audit`: who did what when (S0-94), for admins.

use maud::html;
use serde_json::{Map, json};

use super::account::time;
use crate::caller::{Reply, as_admin};
use crate::page::Page;
use crate::plan;
use crate::ports::Ports;
use crate::store::Store;
use crate::surface::{Answer, Incoming};

/// How many entries are shown, newest first; an export holds all.
const ENTRIES: i64 = 200;

/// Shows the newest entries of the portal's audit trail.
pub async fn trail<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        let entries = Store::new(ports).audit(caller.portal, ENTRIES).await?;
        let mut reply = Map::new();
        reply.insert("entries".to_owned(), json!(entries));
        let content = html! {
            p { "The newest " (ENTRIES) " entries. Users are HubSpot's user ids." }
            table {
                thead { tr { th scope="col" { "When" } th scope="col" { "User" } th scope="col" { "What" } th scope="col" { "Connection" } } }
                tbody {
                    @for entry in &entries {
                        tr {
                            td { (time(entry.at)) }
                            td { @match entry.user { Some(user) => (user), None => "the system" } }
                            td {
                                (entry.action) @if let Some(detail) = &entry.detail { " (" (detail) ")" }
                                @if let Some(why) = why(&entry.action) { br; span.help { (why) } }
                            }
                            td { @if let Some(connection) = &entry.connection { code { (connection) } } }
                        }
                    }
                }
            }
            p { a href="/account" { "Back" } }
        };
        Ok(Reply {
            json: reply,
            page: Page::new("Who did what", content),
        })
    })
    .await
}

/// What a plan kept from being as it was chosen, in words; none where no plan did.
fn why(action: &str) -> Option<&'static str> {
    match action {
        "plan_frequency" | "plan_mappings" => Some(plan::explain(action).0),
        _ => None,
    }
}
