//! Lists that a person chooses inputs from.

use serde_json::Value;

use super::request::{address, at, get_request, text};
use super::{Choice, OptionPage, Request};
use crate::declaration::{self, Connector};
use crate::provider;

/// Options of a page.
const OPTIONS: &str = "50";

/// Asks for a page of a list that a person may choose from.
///
/// # Errors
/// Where there is no such list, or `after` leads elsewhere.
pub fn options_request(
    connector: &str,
    base_url: &str,
    name: &str,
    search: Option<&str>,
    after: Option<&str>,
) -> Result<Request, String> {
    let connector = declaration::find(connector).map_err(|error| error.to_string())?;
    let options = options(connector, name)?;
    if let Some(after) = after {
        if !provider::same_origin(base_url, after) {
            return Err("the next page lies on another host: refused".to_owned());
        }
        return Ok(get_request(connector, after.to_owned()));
    }
    let mut url = address(connector, base_url, &options.path).map_err(|error| error.code)?;
    url.query_pairs_mut()
        .extend_pairs(&options.parameters)
        .append_pair("limit", OPTIONS);
    if let Some(search) = search.map(str::trim).filter(|text| !text.is_empty()) {
        url.query_pairs_mut()
            .append_pair(&options.search_parameter, search);
    }
    Ok(get_request(connector, url.into()))
}

/// Reads such a page.
///
/// # Errors
/// Where it is none.
pub fn read_options(
    connector: &str,
    base_url: &str,
    name: &str,
    body: &[u8],
) -> Result<OptionPage, String> {
    let connector = declaration::find(connector).map_err(|error| error.to_string())?;
    let options = options(connector, name)?;
    let answer: Value = serde_json::from_slice(body).map_err(|_| "not JSON".to_owned())?;
    let declaration::Paging::NextLink { records, next, .. } = &connector.declaration.paging;
    let rows = at(&answer, records).and_then(Value::as_array);
    let rows = rows.ok_or_else(|| "no list".to_owned())?;
    let choices = rows.iter().filter_map(|record| {
        Some(Choice {
            label: at(record, &options.label).and_then(text)?,
            value: at(record, "id").and_then(text)?,
            description: options
                .description
                .as_deref()
                .and_then(|path| at(record, path))
                .and_then(text),
        })
    });
    let next = at(&answer, next).and_then(text);
    Ok(OptionPage {
        choices: choices.collect(),
        after: next.filter(|link| provider::same_origin(base_url, link)),
    })
}

fn options<'c>(connector: &'c Connector, name: &str) -> Result<&'c declaration::Options, String> {
    let options = connector.declaration.options.iter();
    let mut options = options.filter(|options| options.name == name);
    options
        .next()
        .ok_or_else(|| "there is no such list".to_owned())
}
