//! Which scope an endpoint asks for.
//!
//! The OpenAPI documents name, for the endpoints of all kinds of records, the scopes of all kinds; here it is those of the
//! kind in the path. That changing an association takes the write scopes of both ends is unverified.

use super::model::ObjectType;

/// Scopes that a call needs: one of each group.
pub(super) fn needed(method: &str, path: &str) -> Vec<Vec<String>> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let reads = method == "GET" || path.ends_with("/search") || path.ends_with("/batch/read");
    match parts.as_slice() {
        [
            "crm",
            "objects",
            _,
            from,
            _,
            "associations",
            "default",
            to,
            ..,
        ]
        | ["crm", "objects", _, from, _, "associations", to, ..]
        | ["crm", "associations", _, from, to, ..] => [from, to]
            .iter()
            .filter_map(|kind| object(kind, reads))
            .collect(),
        ["crm", "objects", _, kind, ..] => object(kind, reads).into_iter().collect(),
        ["crm", "properties" | "pipelines", _, kind, ..] => {
            definition(kind, reads).into_iter().collect()
        }
        ["crm", "owners", ..] => one("crm.objects.owners.read"),
        ["automation", ..] => one("automation"),
        ["crm", "lists", ..] if reads => one("crm.lists.read"),
        ["crm", "lists", ..] => one("crm.lists.write"),
        ["settings", "users", ..] => one("settings.users.read"),
        ["webhooks-journal", "journal", ..] => one("developer.webhooks_journal.read"),
        ["webhooks-journal", "subscriptions", ..] if reads => {
            one("developer.webhooks_journal.subscriptions.read")
        }
        ["webhooks-journal", "subscriptions", ..] => {
            one("developer.webhooks_journal.subscriptions.write")
        }
        ["account-info" | "appinstalls", ..] => one("oauth"),
        _ => Vec::new(),
    }
}

fn one(scope: &str) -> Vec<Vec<String>> {
    vec![vec![scope.to_owned()]]
}

/// Of a kind's records; None: no such kind, which the endpoint tells.
fn object(kind: &str, reads: bool) -> Option<Vec<String>> {
    let right = if reads { "read" } else { "write" };
    Some(match ObjectType::parse(kind)? {
        ObjectType::Tickets => vec!["tickets".to_owned()],
        kind => vec![format!("crm.objects.{}.{right}", kind.plural())],
    })
}

/// Of a kind's properties and pipelines.
fn definition(kind: &str, reads: bool) -> Option<Vec<String>> {
    let kind = ObjectType::parse(kind)?;
    let plural = kind.plural();
    let mut scopes = vec![format!("crm.schemas.{plural}.write")];
    if kind == ObjectType::Tickets {
        scopes.push("tickets".to_owned());
    }
    if reads {
        scopes.push(format!("crm.schemas.{plural}.read"));
        scopes.push(format!("crm.objects.{plural}.read"));
        scopes.push(format!("crm.objects.{plural}.write"));
    }
    Some(scopes)
}
