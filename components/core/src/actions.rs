//! What workflows may do at a provider: inputs are checked, names looked up, and the one request is built from the
//! connector's declaration.

mod inputs;
mod options;
mod request;

use serde_json::Value;

pub use sync300_core_bindings::actions::{
    Action, ActionError, Choice, Input, InputKind, LookUp, OptionPage, Request, Step,
};

pub use inputs::prepare;
pub use options::{options_request, read_options};
pub(crate) use request::{names, parameter_name};

use crate::declaration::{self, Connector, Find, Method};
use request::{at, body, request, text};

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

/// What is to be said of how it was done, by the inputs and what was looked up.
pub fn notes(connector: &str, action: &str, values: &[(String, String)]) -> Vec<String> {
    let Ok((_, action)) = find(connector, action) else {
        return Vec::new();
    };
    let given = |name: &String| get(values, name).is_some();
    let said = action
        .notes
        .iter()
        .filter(|note| note.with.iter().all(given) && !note.without.as_ref().is_some_and(given));
    said.map(|note| note.text.clone()).collect()
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

#[cfg(test)]
mod tests;
