//! Requests to a provider's API, without credentials, which the caller adds.

use chrono::{DateTime, SecondsFormat};
use url::{Origin, Url};

pub use sync300_core_bindings::provider::{Request, Target};

use crate::declaration::{self, Connector, DeclarationError, Paging, Problem, Stream};

/// Most ids of one request: they are part of the URL.
const MAX_IDS: usize = 200;

/// Why there is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum RequestError {
    #[error(transparent)]
    Connector(#[from] DeclarationError),
    #[error("connector `{connector}` has no list `{stream}`")]
    Stream { connector: String, stream: String },
    #[error("the base URL must be scheme and host, without a trailing slash")]
    BaseUrl,
    #[error("mapping: {0}")]
    Path(#[from] Problem),
    #[error("the next page lies on another host: refused")]
    ForeignCursor,
    #[error("a request asks for 1 to {MAX_IDS} ids")]
    Ids,
    #[error("a record of `{0}` cannot be read by itself")]
    NoRecord(String),
    #[error("the time is out of range")]
    Since,
}

/// The first page: everything, or what changed at or after `since` (unix milliseconds).
///
/// # Errors
/// Where the target names what is not declared, or a path that cannot be selected.
pub fn list_request(target: &Target, since: Option<u64>) -> Result<Request, String> {
    list(target, since).map_err(|error| error.to_string())
}

/// The page behind a cursor that `map_page` gave.
///
/// # Errors
/// Where the cursor leads to another scheme, host or port: it would be sent the connection's token.
pub fn next_request(target: &Target, cursor: &str) -> Result<Request, String> {
    next(target, cursor).map_err(|error| error.to_string())
}

/// Up to 200 records by id.
///
/// # Errors
/// As [`list_request`]; or where there is no id, or too many.
pub fn ids_request(target: &Target, ids: &[String]) -> Result<Request, String> {
    by_ids(target, ids).map_err(|error| error.to_string())
}

/// The first page of all ids, in ascending order. None where the connector declares no way to look for what is gone: its
/// ids are in no order, or a record cannot be read by itself.
///
/// # Errors
/// As [`list_request`].
pub fn sweep_request(target: &Target) -> Result<Option<Request>, String> {
    sweep(target).map_err(|error| error.to_string())
}

/// One record's id: the provider answers 404 where it is gone.
///
/// # Errors
/// As [`list_request`]; or where the connector declares no path of a record.
pub fn record_request(target: &Target, id: &str) -> Result<Request, String> {
    record(target, id).map_err(|error| error.to_string())
}

fn sweep(target: &Target) -> Result<Option<Request>, RequestError> {
    let (connector, stream) = find(target)?;
    let swept = connector
        .object(&target.stream)
        .is_some_and(|object| object.ascending_ids && object.record_path.is_some());
    if !swept {
        return Ok(None);
    }
    let mut url = list_url(target, connector, stream)?;
    only_id(&mut url, stream);
    Ok(Some(get(connector, url)))
}

fn record(target: &Target, id: &str) -> Result<Request, RequestError> {
    let (connector, stream) = find(target)?;
    let path = connector
        .object(&target.stream)
        .and_then(|object| object.record_path.as_deref())
        .ok_or_else(|| RequestError::NoRecord(target.stream.clone()))?;
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !plain {
        return Err(RequestError::Ids);
    }
    let mut url = origin(&target.base_url).ok_or(RequestError::BaseUrl)?;
    let root = &connector.declaration.api.root;
    url.set_path(&format!("{root}{}", path.replace("{id}", id)));
    only_id(&mut url, stream);
    Ok(get(connector, url))
}

/// Selects the id, and nothing else.
fn only_id(url: &mut Url, stream: &Stream) {
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "fields")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .append_pair("fields", &stream.id)
        .extend_pairs(others);
}

fn list(target: &Target, since: Option<u64>) -> Result<Request, RequestError> {
    let (connector, stream) = find(target)?;
    let mut url = list_url(target, connector, stream)?;
    if let Some(since) = since {
        let millis = i64::try_from(since).map_err(|_| RequestError::Since)?;
        let time = DateTime::from_timestamp_millis(millis).ok_or(RequestError::Since)?;
        let since = time.to_rfc3339_opts(SecondsFormat::Secs, true);
        url.query_pairs_mut()
            .append_pair(&connector.declaration.changes.since_parameter, &since);
    }
    Ok(get(connector, url))
}

fn next(target: &Target, cursor: &str) -> Result<Request, RequestError> {
    let (connector, _) = find(target)?;
    if !same_origin(&target.base_url, cursor) {
        return Err(RequestError::ForeignCursor);
    }
    let url = Url::parse(cursor).map_err(|_| RequestError::ForeignCursor)?;
    Ok(get(connector, url))
}

fn by_ids(target: &Target, ids: &[String]) -> Result<Request, RequestError> {
    if ids.is_empty() || ids.len() > MAX_IDS {
        return Err(RequestError::Ids);
    }
    let (connector, stream) = find(target)?;
    let mut url = list_url(target, connector, stream)?;
    url.query_pairs_mut()
        .extend_pairs(ids.iter().map(|id| (&stream.ids_parameter, id)));
    Ok(get(connector, url))
}

fn find(target: &Target) -> Result<(&'static Connector, &'static Stream), RequestError> {
    let connector = declaration::find(&target.connector)?;
    let stream = connector
        .stream(&target.stream)
        .ok_or_else(|| RequestError::Stream {
            connector: target.connector.clone(),
            stream: target.stream.clone(),
        })?;
    Ok((connector, stream))
}

fn list_url(target: &Target, connector: &Connector, stream: &Stream) -> Result<Url, RequestError> {
    let mut selection = stream.selection.clone();
    for path in &target.extra_paths {
        selection.include(&stream.source(path)?);
    }
    let mut url = origin(&target.base_url).ok_or(RequestError::BaseUrl)?;
    url.set_path(&format!(
        "{}{}",
        connector.declaration.api.root, stream.path
    ));
    let Paging::NextLink {
        size_parameter,
        size,
        ..
    } = &connector.declaration.paging;
    url.query_pairs_mut()
        .append_pair("fields", &selection.render())
        .append_pair(size_parameter, &size.to_string())
        .extend_pairs(&stream.parameters);
    Ok(url)
}

fn get(connector: &Connector, url: Url) -> Request {
    let headers = &connector.declaration.api.headers;
    Request {
        method: "GET".to_owned(),
        url: url.into(),
        headers: headers
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
    }
}

/// A base URL: scheme and host (and port) alone.
pub(crate) fn origin(base_url: &str) -> Option<Url> {
    let url = Url::parse(base_url).ok()?;
    let is_http = matches!(url.scheme(), "http" | "https");
    let is_bare = url.origin().ascii_serialization() == base_url;
    (is_http && is_bare).then_some(url)
}

/// Whether a link leads to the scheme, host and port of a base URL, and carries no credentials.
pub(crate) fn same_origin(base_url: &str, link: &str) -> bool {
    let (Ok(base), Ok(link)) = (Url::parse(base_url), Url::parse(link)) else {
        return false;
    };
    let plain = link.username().is_empty() && link.password().is_none();
    plain && matches!(base.origin(), Origin::Tuple(..)) && base.origin() == link.origin()
}

#[cfg(test)]
mod tests;
