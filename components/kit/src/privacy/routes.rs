//! `/account/export`, `/account/restrict`, `/account/resume` and `/account/erase`: for admins, by HubSpot's signature or
//! a session.

use maud::html;
use serde_json::{Map, json};

use super::{Asked, Erasure, ExportError};
use crate::audit::{self, Action};
use crate::caller::{self, Caller, Reply, as_admin};
use crate::connect;
use crate::log::{self, Level};
use crate::page::Page;
use crate::ports::Ports;
use crate::store::Store;
use crate::surface::{Answer, Incoming, Problem};
use crate::vault::Vault;

/// Milliseconds that an erasure may take while the caller waits: HubSpot's own limit is 15 s.
const ERASE_MILLIS: i64 = 10_000;

/// `GET /account/export?format=json|csv[&table=…[&after=…]]`: a file, or a page of one with `next` in it and in `Link`
/// (RFC 8288).
pub async fn export<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let caller = match Caller::of(ports, incoming).await {
        Ok(caller) => caller,
        Err(problem) => return caller::refuse(ports, incoming, &problem),
    };
    match exported(ports, incoming, &caller).await {
        Ok(answer) => answer,
        Err(problem) => caller.refuse(ports, incoming, &problem),
    }
}

async fn exported<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    caller: &Caller,
) -> Result<Answer, Problem> {
    caller.require_admin(ports).await?;
    let vault = Vault::from_ring(ports.variable("vault_keys").as_ref())
        .map_err(|error| Problem::from(crate::Error::from(error)))?;
    let query = incoming.query()?;
    let (format, table, after) = (query.get("format"), query.get("table"), query.get("after"));
    let asked = Asked::new(format, table, after)?;
    let export = super::export(ports, &vault, caller.portal, &asked).await?;
    if asked.after.is_none() {
        write(ports, caller, Action::Exported, table).await?;
    }
    let mut answer = Answer::file(export.content_type, &export.file_name, export.body);
    if let (Some(next), Some(table)) = (export.next, table) {
        let format = format.unwrap_or("json");
        answer.headers.push((
            "link".into(),
            format!("</account/export?format={format}&table={table}&after={next}>; rel=\"next\""),
        ));
    }
    Ok(answer)
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        let (status, message) = (error.status(), error.to_string());
        match error {
            ExportError::Failed(error) => error.into(),
            ExportError::UnknownFormat => Self::new(status, "unknown_format", message),
            ExportError::UnknownTable => Self::new(status, "unknown_table", message),
            ExportError::MalformedCursor => Self::new(status, "malformed_cursor", message),
            ExportError::TooLarge => Self::new(status, "export_too_large", message),
            ExportError::UnknownPortal => Self::new(status, "unknown_portal", message),
        }
    }
}

/// `POST /account/restrict`: nothing is processed until `POST /account/resume`. Asking twice is asking once.
pub async fn restrict<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        if super::restrict(ports, caller.portal).await? {
            write(ports, caller, Action::Restricted, None).await?;
        }
        let content = html! {
            p { "Nothing of this HubSpot account is synced until an admin resumes it. What is stored stays as it is." }
            p { a href="/account" { "Back" } }
        };
        Ok(reply("restricted", "Processing is paused", content))
    })
    .await
}

/// `POST /account/resume`.
pub async fn resume<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        if super::resume(ports, caller.portal).await? {
            write(ports, caller, Action::Resumed, None).await?;
        }
        let content = html! {
            p { "Syncing goes on where it stood." }
            p { a href="/account" { "Back" } }
        };
        Ok(reply("active", "Processing goes on", content))
    })
    .await
}

/// `POST /account/erase` with `confirm`, the id of the HubSpot account: what cannot be taken back must be meant.
pub async fn erase<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    as_admin(ports, incoming, async |caller| {
        let fields = incoming.fields()?;
        if fields.get("confirm") != Some(caller.portal.to_string().as_str()) {
            return Err(Problem::new(
                400,
                "not_confirmed",
                "Erasing cannot be taken back, and was not confirmed.",
            )
            .action("Repeat the id of your HubSpot account as confirmation."));
        }
        erased(ports, incoming, caller).await
    })
    .await
}

async fn erased<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    caller: &Caller,
) -> Result<Reply, Problem> {
    // The trail goes with the rest: who asked for it stays in the log.
    log::write(
        ports,
        Level::Info,
        "erasure_requested",
        &[
            ("portal", caller.portal.into()),
            ("user", caller.user.into()),
            ("request_id", incoming.request_id.as_str().into()),
        ],
    );
    write(ports, caller, Action::ErasureRequested, None).await?;
    // Giving access back is tried, but nobody's answer is waited for to erase.
    let uninstalled = connect::left(ports, caller).await;
    let erasure = super::erase(ports, caller.portal, ports.now() + ERASE_MILLIS).await?;
    let status = match erasure {
        Erasure::Complete | Erasure::Unknown => "erased",
        Erasure::UnderWay => "erasing",
    };
    let content = html! {
        @if erasure == Erasure::UnderWay {
            p { "All access is deleted. There is much to erase; the rest is gone within the hour." }
        } @else {
            p { "Nothing about this HubSpot account is stored any more. Backups lose it within 30 days." }
        }
        p { "Records in HubSpot and in the connected systems stay where they are." }
        @if !uninstalled {
            p { "HubSpot could not be told. Uninstall 300Sync there under Settings, Connected Apps." }
        }
    };
    let mut reply = reply(status, "Your data is erased", content);
    reply
        .json
        .insert("uninstalled".to_owned(), json!(uninstalled));
    Ok(reply)
}

fn reply(status: &str, title: &str, content: maud::Markup) -> Reply {
    let mut members = Map::new();
    members.insert("status".to_owned(), json!(status));
    Reply {
        json: members,
        page: Page::new(title, content),
    }
}

async fn write<P: Ports>(
    ports: &P,
    caller: &Caller,
    action: Action,
    detail: Option<&str>,
) -> Result<(), Problem> {
    let (portal, user) = (caller.portal, Some(caller.user));
    audit::write(&Store::new(ports), portal, user, action, None, detail).await?;
    Ok(())
}
