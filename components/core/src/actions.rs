//! What workflows may do at a provider: inputs are checked, names looked up, and the one request is built from the
//! connector's declaration.

use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value};
use url::Url;

pub use sync300_core_bindings::actions::{
    Action, ActionError, Choice, Input, InputKind, LookUp, OptionPage, Request, Step,
};

use crate::declaration::{self, Connector, Find, Method, Set};
use crate::provider;
use crate::transform::Transform;

/// Longest line of text, in characters: Clio's, and most others', limit of a name.
const MAX_LINE: usize = 255;
/// Longest text of many lines, in characters.
const MAX_NOTE: usize = 65_536;
/// Options of a page.
const OPTIONS: &str = "50";

/// Names and values: of inputs, and of what was looked up.
type Values = Vec<(String, String)>;

/// The actions of a connector.
///
/// # Errors
/// Where there is no such connector, or it does not load.
pub fn list(connector: &str) -> Result<Vec<Action>, String> {
    let connector = declaration::find(connector).map_err(|error| error.to_string())?;
    let declared = connector.declaration.actions.iter();
    Ok(declared
        .map(|action| Action {
            name: action.name.clone(),
            label: action.label.clone(),
            object: action.object.clone(),
            creates: action.method == Method::Post,
            inputs: action.inputs.iter().map(input_of).collect(),
            output: action.output.clone(),
            output_label: action.output_label.clone(),
        })
        .collect())
}

fn input_of(declared: &declaration::Input) -> Input {
    Input {
        name: declared.name.clone(),
        label: declared.label.clone(),
        kind: match declared.kind {
            declaration::InputKind::Text => InputKind::Text,
            declaration::InputKind::Note => InputKind::Note,
            declaration::InputKind::Email => InputKind::Email,
            declaration::InputKind::Phone => InputKind::Phone,
            declaration::InputKind::Id => InputKind::Id,
            declaration::InputKind::Date => InputKind::Date,
            declaration::InputKind::Choice => InputKind::Choice,
            declaration::InputKind::Named => InputKind::Named,
        },
        required: declared.required,
        choices: declared.choices.clone(),
        options: declared.options.clone(),
    }
}

/// Checks what was given, and puts it into the provider's form. Blank is not given; what is not asked for is left out.
///
/// # Errors
/// Names the input that is missing or wrong, never its value.
pub fn prepare(
    connector: &str,
    action: &str,
    given: &[(String, String)],
) -> Result<Values, ActionError> {
    let (_, action) = find(connector, action)?;
    let mut values = Values::new();
    for input in &action.inputs {
        let text = given
            .iter()
            .find(|(name, _)| *name == input.name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty());
        let Some(text) = text else {
            if input.required {
                return Err(refused("input_missing", input));
            }
            continue;
        };
        let value = value_of(input, text)?;
        // An id needs no look-up.
        if input.kind == declaration::InputKind::Named && is_id(&value) {
            let finds = action.lookups.iter();
            let mut finds = finds.filter(|find| find.from.as_ref() == Some(&input.name));
            if let Some(find) = finds.next() {
                values.push((find.sets.clone(), value.clone()));
            }
        }
        values.push((input.name.clone(), value));
    }
    let any = &action.any_of;
    if !any.is_empty() && !any.iter().any(|name| get(&values, name).is_some()) {
        let labels: Vec<&str> = action
            .inputs
            .iter()
            .filter(|input| any.contains(&input.name))
            .map(|input| input.label.as_str())
            .collect();
        return Err(ActionError {
            code: "input_missing".to_owned(),
            input: labels.join(" or "),
        });
    }
    Ok(values)
}

fn refused(code: &str, input: &declaration::Input) -> ActionError {
    ActionError {
        code: code.to_owned(),
        input: input.label.clone(),
    }
}

fn value_of(input: &declaration::Input, text: &str) -> Result<String, ActionError> {
    use declaration::InputKind as Kind;
    let wrong = || refused("input_invalid", input);
    let max = match input.kind {
        Kind::Note => MAX_NOTE,
        _ => MAX_LINE,
    };
    if text.chars().count() > max {
        return Err(refused("input_too_long", input));
    }
    let one_line = !text.chars().any(char::is_control);
    match input.kind {
        Kind::Note => Ok(text.to_owned()),
        _ if !one_line => Err(wrong()),
        Kind::Text | Kind::Phone | Kind::Named => Ok(text.to_owned()),
        Kind::Email => Transform::Email
            .apply(text, "")
            .ok()
            .flatten()
            .ok_or_else(wrong),
        Kind::Id if is_id(text) => Ok(text.to_owned()),
        Kind::Id => Err(wrong()),
        Kind::Date => date(text).ok_or_else(wrong),
        Kind::Choice if input.choices.iter().any(|choice| choice == text) => Ok(text.to_owned()),
        Kind::Choice => Err(refused("input_unknown_choice", input)),
    }
}

fn is_id(text: &str) -> bool {
    (1..=18).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('0')
}

/// `YYYY-MM-DD`; HubSpot gives dates of properties in unix milliseconds.
fn date(text: &str) -> Option<String> {
    let millis = || {
        let millis = text.parse().ok()?;
        Some(DateTime::from_timestamp_millis(millis)?.date_naive())
    };
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.or_else(millis)
        .map(|date| date.format("%Y-%m-%d").to_string())
}

/// What comes next, after so many look-ups were done: another one, or the request that does it.
///
/// # Errors
/// Where there is no such action.
pub fn next_step(
    connector: &str,
    base_url: &str,
    action: &str,
    values: &[(String, String)],
    done: u32,
) -> Result<Step, ActionError> {
    let (connector, action) = find(connector, action)?;
    for (index, lookup) in action.lookups.iter().enumerate().skip(done as usize) {
        let needed = lookup.from.as_deref();
        let ready = needed.is_none_or(|name| get(values, name).is_some());
        if ready && get(values, &lookup.sets).is_none() {
            let request = request(
                connector,
                base_url,
                "GET",
                &lookup.path,
                &lookup.parameters,
                values,
            )?;
            return Ok(Step::LookUp(LookUp {
                index: index as u32,
                request,
            }));
        }
    }
    let method = match action.method {
        Method::Post => "POST",
        Method::Patch => "PATCH",
    };
    let mut request = request(
        connector,
        base_url,
        method,
        &action.path,
        &action.parameters,
        values,
    )?;
    request.body = Value::Object(body(&action.set, values))
        .to_string()
        .into_bytes();
    Ok(Step::Write(request))
}

/// Takes what a look-up found into the values.
///
/// # Errors
/// Where nothing was found, or more than one, and it is needed; names the input.
pub fn found(
    connector: &str,
    action: &str,
    index: u32,
    values: &[(String, String)],
    body: &[u8],
) -> Result<Values, ActionError> {
    let (_, action) = find(connector, action)?;
    let lookup = action.lookups.get(index as usize).ok_or_else(unknown)?;
    let answer: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let mut values = values.to_vec();
    match looked_up(lookup, &values, &answer) {
        Some(value) => values.push((lookup.sets.clone(), value)),
        None if lookup.required => {
            let name = lookup.from.as_deref().unwrap_or(&lookup.sets);
            let input = action.inputs.iter().find(|input| input.name == name);
            return Err(ActionError {
                code: "input_not_found".to_owned(),
                input: input.map_or_else(|| name.to_owned(), |input| input.label.clone()),
            });
        }
        None => {}
    }
    Ok(values)
}

fn looked_up(lookup: &Find, values: &[(String, String)], answer: &Value) -> Option<String> {
    let (Some(records), Some(equals)) = (&lookup.records, &lookup.equals) else {
        return text(at(answer, &lookup.value)?);
    };
    let wanted = get(values, lookup.from.as_deref()?)?.to_lowercase();
    let mut fitting = at(answer, records)?.as_array()?.iter().filter(|record| {
        at(record, equals)
            .and_then(text)
            .is_some_and(|name| name.trim().to_lowercase() == wanted)
    });
    // Two of one name are nobody's.
    let (Some(record), None) = (fitting.next(), fitting.next()) else {
        return None;
    };
    text(at(record, &lookup.value)?)
}

/// The id in the answer of the request that did it.
pub fn written(connector: &str, action: &str, body: &[u8]) -> Option<String> {
    let (_, action) = find(connector, action).ok()?;
    let answer: Value = serde_json::from_slice(body).ok()?;
    text(at(&answer, &action.id)?)
}

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

fn find(
    connector: &str,
    action: &str,
) -> Result<(&'static Connector, &'static declaration::Action), ActionError> {
    let connector = declaration::find(connector).map_err(|_| unknown())?;
    let actions = connector.declaration.actions.iter();
    let mut actions = actions.filter(|known| known.name == action);
    let action = actions.next().ok_or_else(unknown)?;
    Ok((connector, action))
}

fn unknown() -> ActionError {
    ActionError {
        code: "action_unknown".to_owned(),
        input: String::new(),
    }
}

fn unreadable() -> ActionError {
    ActionError {
        code: "unexpected_answer".to_owned(),
        input: String::new(),
    }
}

fn get<'v>(values: &'v [(String, String)], name: &str) -> Option<&'v str> {
    let value = values.iter().find(|(known, _)| known == name);
    value.map(|(_, value)| value.as_str())
}

/// The names in a template such as `/matters/{matter_id}.json`.
pub(crate) fn names(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// The name that a query parameter stands for, where it is `{name}` as a whole: a selection has braces too.
pub(crate) fn parameter_name(template: &str) -> Option<&str> {
    template.strip_prefix('{')?.strip_suffix('}')
}

/// A template with its names filled in; what has no value is empty.
fn filled(template: &str, values: &[(String, String)]) -> String {
    let mut text = template.to_owned();
    for name in names(template) {
        text = text.replace(
            &format!("{{{name}}}"),
            get(values, name).unwrap_or_default(),
        );
    }
    text
}

fn address(connector: &Connector, base_url: &str, path: &str) -> Result<Url, ActionError> {
    let mut url = provider::origin(base_url).ok_or_else(unknown)?;
    url.set_path(&format!("{}{path}", connector.declaration.api.root));
    Ok(url)
}

fn request(
    connector: &Connector,
    base_url: &str,
    method: &str,
    path: &str,
    parameters: &std::collections::BTreeMap<String, String>,
    values: &[(String, String)],
) -> Result<Request, ActionError> {
    let mut url = address(connector, base_url, &filled(path, values))?;
    for (name, template) in parameters {
        let value = match parameter_name(template) {
            Some(name) => get(values, name).unwrap_or_default(),
            None => template.as_str(),
        };
        url.query_pairs_mut().append_pair(name, value);
    }
    Ok(Request {
        method: method.to_owned(),
        ..get_request(connector, url.into())
    })
}

fn get_request(connector: &Connector, url: String) -> Request {
    let headers = connector.declaration.api.headers.iter();
    Request {
        method: "GET".to_owned(),
        url,
        headers: headers
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        body: Vec::new(),
    }
}

fn body(set: &[Set], values: &[(String, String)]) -> Map<String, Value> {
    let mut body = Value::Object(Map::new());
    for part in set {
        let given = |name: &Option<String>| name.as_deref().and_then(|name| get(values, name));
        if part.with.is_some() && given(&part.with).is_none() || given(&part.without).is_some() {
            continue;
        }
        let value = match (given(&part.from), &part.text, part.flag) {
            (Some(text), ..) if part.number => text.parse().map(|id: u64| id.into()).ok(),
            (Some(text), ..) => Some(text.into()),
            (None, Some(text), _) => Some(text.as_str().into()),
            (None, None, true) => Some(Value::Bool(true)),
            _ => None,
        };
        if let Some(value) = value {
            place(&mut body, &part.path, value);
        }
    }
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

/// Puts a value where a path leads; a number is a place in a list.
fn place(body: &mut Value, path: &str, value: Value) {
    let mut level = body;
    for segment in path.split('.') {
        level = match segment.parse::<usize>() {
            Ok(index) => {
                if !level.is_array() {
                    *level = Value::Array(Vec::new());
                }
                let Value::Array(list) = level else { return };
                while list.len() <= index {
                    list.push(Value::Null);
                }
                let Some(element) = list.get_mut(index) else {
                    return;
                };
                element
            }
            Err(_) => {
                if !level.is_object() {
                    *level = Value::Object(Map::new());
                }
                let Value::Object(object) = level else { return };
                object.entry(segment).or_insert(Value::Null)
            }
        };
    }
    *level = value;
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
