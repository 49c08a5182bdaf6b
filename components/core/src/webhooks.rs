//! A provider's own webhooks: how they are asked for, kept alive and given up, and what an event says. Of a record an
//! event gives its id alone: whatever else its body holds is not read.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

pub use sync300_core_bindings::webhooks::{
    Activation, Encoding, Event, EventKind, NewWebhook, Renewal, Request, Scheme, Status,
    Subscription, Webhook, Wish,
};

use crate::declaration::{self, Connector, DeclarationError, Webhooks};
use crate::provider::origin;

/// Why there is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum WebhookError {
    #[error(transparent)]
    Connector(#[from] DeclarationError),
    #[error("connector `{0}` declares no webhooks")]
    None(String),
    #[error("connector `{connector}` declares no webhook about `{model}`")]
    Model { connector: String, model: String },
    #[error("the base URL must be scheme and host, without a trailing slash")]
    BaseUrl,
    #[error("that is no id of a webhook")]
    Id,
    #[error("the secret cannot stand in a header")]
    Secret,
    #[error("the time is out of range")]
    Time,
}

/// How a connector's webhooks work; none where it declares none.
///
/// # Errors
/// Where there is no such connector, or why it does not load.
pub fn describe(connector: &str) -> Result<Option<Scheme>, String> {
    let connector = declaration::find(connector).map_err(|error| error.to_string())?;
    Ok(connector.declaration.webhooks.as_ref().map(scheme_of))
}

fn scheme_of(declared: &Webhooks) -> Scheme {
    let subscriptions = declared.subscriptions.iter().map(|declared| Subscription {
        model: declared.model.clone(),
        objects: declared.objects.clone(),
    });
    let encodings = declared.signature_encodings.iter();
    Scheme {
        subscriptions: subscriptions.collect(),
        secret_header: declared.secret_header.to_ascii_lowercase(),
        signature_header: declared.signature_header.to_ascii_lowercase(),
        encodings: encodings
            .map(|encoding| match encoding {
                declaration::Encoding::Hex => Encoding::Hex,
                declaration::Encoding::Base64 => Encoding::Base64,
            })
            .collect(),
        life_seconds: declared.life_seconds,
    }
}

/// A request without credentials, which the caller adds.
///
/// # Errors
/// Where the connector declares no webhooks, or none of that model; where an id, a secret or a time cannot be sent.
pub fn request_for(connector: &str, base_url: &str, wish: &Wish) -> Result<Request, String> {
    request(connector, base_url, wish).map_err(|error| error.to_string())
}

fn request(id: &str, base_url: &str, wish: &Wish) -> Result<Request, WebhookError> {
    let connector = declaration::find(id)?;
    let declared = connector.declaration.webhooks.as_ref();
    let declared = declared.ok_or_else(|| WebhookError::None(id.to_owned()))?;
    let fields = &declared.fields;
    let plain = [
        &fields.id,
        &fields.address,
        &fields.status,
        &fields.expires_at,
    ];
    let (method, path, body) = match wish {
        Wish::Create(new) => (
            "POST",
            declared.path.clone(),
            Some(created(connector, declared, new)?),
        ),
        Wish::List => ("GET", declared.path.clone(), None),
        Wish::Read(id) | Wish::ReadSecret(id) => ("GET", one(&declared.record_path, id)?, None),
        Wish::Renew(renewal) => {
            let mut data = Map::new();
            data.insert(fields.expires_at.clone(), time(renewal.expires_at)?);
            (
                "PATCH",
                one(&declared.record_path, &renewal.id)?,
                Some(data),
            )
        }
        Wish::Activate(activation) => {
            if !sendable(&activation.secret) {
                return Err(WebhookError::Secret);
            }
            ("PUT", one(&declared.activate_path, &activation.id)?, None)
        }
        Wish::Delete(id) => ("DELETE", one(&declared.record_path, id)?, None),
    };
    let mut url = origin(base_url).ok_or(WebhookError::BaseUrl)?;
    url.set_path(&[connector.declaration.api.root.as_str(), &path].concat());
    let selected = match wish {
        Wish::Activate(_) | Wish::Delete(_) => None,
        Wish::ReadSecret(_) => Some([plain.as_slice(), &[&fields.secret]].concat()),
        _ => Some(plain.to_vec()),
    };
    if let Some(selected) = selected {
        let names: Vec<&str> = selected.into_iter().map(String::as_str).collect();
        url.query_pairs_mut()
            .append_pair("fields", &names.join(","));
    }
    let mut headers: Vec<(String, String)> = connector
        .declaration
        .api
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Wish::Activate(activation) = wish {
        headers.push((declared.secret_header.clone(), activation.secret.clone()));
    }
    let body = match body {
        Some(data) => {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
            json!({ declared.body.as_str(): data })
                .to_string()
                .into_bytes()
        }
        None => Vec::new(),
    };
    Ok(Request {
        method: method.to_owned(),
        url: url.into(),
        headers,
        body,
    })
}

fn created(
    connector: &Connector,
    declared: &Webhooks,
    new: &NewWebhook,
) -> Result<Map<String, Value>, WebhookError> {
    let subscription = declared.subscriptions.iter().find(|s| s.model == new.model);
    let subscription = subscription.ok_or_else(|| WebhookError::Model {
        connector: connector.declaration.id.clone(),
        model: new.model.clone(),
    })?;
    let fields = &declared.fields;
    Ok(Map::from_iter([
        (fields.address.clone(), new.address.as_str().into()),
        (fields.model.clone(), new.model.as_str().into()),
        (fields.events.clone(), subscription.events.clone().into()),
        (
            fields.selection.clone(),
            subscription.selection.join(",").into(),
        ),
        (fields.expires_at.clone(), time(new.expires_at)?),
    ]))
}

/// A path of one webhook.
fn one(path: &str, id: &str) -> Result<String, WebhookError> {
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match plain {
        true => Ok(path.replace("{id}", id)),
        false => Err(WebhookError::Id),
    }
}

fn time(millis: u64) -> Result<Value, WebhookError> {
    let millis = i64::try_from(millis).map_err(|_| WebhookError::Time)?;
    let time = DateTime::from_timestamp_millis(millis).ok_or(WebhookError::Time)?;
    Ok(time.to_rfc3339_opts(SecondsFormat::Secs, true).into())
}

/// Fit for a header.
fn sendable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Reads the webhooks of an answer, one or a list. What has no id is none.
#[must_use]
pub fn read_webhooks(connector: &str, body: &[u8]) -> Vec<Webhook> {
    let Some((declared, answer)) = read(connector, body) else {
        return Vec::new();
    };
    let all = match answer.get(&declared.body) {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    all.iter()
        .filter_map(|webhook| webhook_of(declared, webhook))
        .collect()
}

fn webhook_of(declared: &Webhooks, webhook: &Value) -> Option<Webhook> {
    let fields = &declared.fields;
    let told = |name: &str| text(webhook.get(name)?);
    let status = told(&fields.status);
    Some(Webhook {
        id: told(&fields.id)?,
        address: told(&fields.address),
        status: match status {
            Some(status) if status == declared.states.pending => Status::Pending,
            Some(status) if status == declared.states.active => Status::Active,
            _ => Status::Ended,
        },
        expires_at: told(&fields.expires_at)
            .and_then(|at| DateTime::parse_from_rfc3339(&at).ok())
            .and_then(|at| u64::try_from(at.timestamp_millis()).ok()),
        secret: told(&fields.secret).filter(|secret| sendable(secret)),
    })
}

/// Reads an event; none where it is not one that was asked for.
#[must_use]
pub fn read_event(connector: &str, body: &[u8]) -> Option<Event> {
    let (declared, event) = read(connector, body)?;
    let paths = &declared.event;
    let kind = match paths.means.get(&at(&event, &paths.name)?)? {
        declaration::Meaning::Changed => EventKind::Changed,
        declaration::Meaning::Deleted => EventKind::Deleted,
    };
    Some(Event {
        kind,
        id: at(&event, &paths.id)?,
        webhook: at(&event, &paths.webhook),
    })
}

/// The webhook's id in a handshake; none where it does not tell.
#[must_use]
pub fn read_handshake(connector: &str, body: &[u8]) -> Option<String> {
    let (declared, handshake) = read(connector, body)?;
    declared
        .handshake_ids
        .iter()
        .find_map(|path| at(&handshake, path))
}

fn read(connector: &str, body: &[u8]) -> Option<(&'static Webhooks, Value)> {
    let declared = &declaration::find(connector).ok()?.declaration.webhooks;
    Some((declared.as_ref()?, serde_json::from_slice(body).ok()?))
}

/// A text or a number at a dot path.
fn at(value: &Value, path: &str) -> Option<String> {
    text(path.split('.').try_fold(value, |at, key| at.get(key))?)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
