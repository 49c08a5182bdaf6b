//! What an action's declaration must hold to: every value that it uses is one that it can have.

use super::{Finding, non_empty, unique};
use crate::actions::{names, parameter_name};
use crate::declaration::{Action, Connector, Problem};

pub(super) fn check(connector: &Connector) -> Result<(), Finding> {
    let declared = &connector.declaration;
    unique("actions", declared.actions.iter().map(|a| a.name.as_str()))?;
    unique("options", declared.options.iter().map(|o| o.name.as_str()))?;
    for action in &declared.actions {
        check_action(connector, action)
            .map_err(|problem| (format!("action {}", action.name), problem))?;
        non_empty("set", action.set.len())?;
        unique("inputs", action.inputs.iter().map(|i| i.name.as_str()))?;
    }
    Ok(())
}

fn check_action(connector: &Connector, action: &Action) -> Result<(), Problem> {
    let unknown = |name: &str| Err(Problem::UnknownValue(name.to_owned()));
    let mut known: Vec<&str> = action.inputs.iter().map(|i| i.name.as_str()).collect();
    if let Some(name) = action.any_of.iter().find(|n| !known.contains(&n.as_str())) {
        return unknown(name);
    }
    for lookup in &action.lookups {
        let parameters = lookup.parameters.values();
        let used = names(&lookup.path)
            .chain(parameters.filter_map(|text| parameter_name(text)))
            .chain(lookup.from.as_deref());
        for name in used {
            if !known.contains(&name) {
                return unknown(name);
            }
        }
        known.push(&lookup.sets);
    }
    let parts = action.set.iter();
    let parts = parts.flat_map(|set| [&set.from, &set.with, &set.without]);
    let parts = parts.flatten().map(String::as_str);
    let notes = action.notes.iter();
    let notes = notes.flat_map(|note| note.with.iter().chain(&note.without));
    let used = parts.chain(notes.map(String::as_str));
    for name in names(&action.path).chain(used) {
        if !known.contains(&name) {
            return unknown(name);
        }
    }
    for options in action
        .inputs
        .iter()
        .filter_map(|input| input.options.as_ref())
    {
        if !connector
            .declaration
            .options
            .iter()
            .any(|o| o.name == *options)
        {
            return unknown(options);
        }
    }
    match &action.object {
        Some(object) if connector.object(object).is_none() => unknown(object),
        _ => Ok(()),
    }
}
