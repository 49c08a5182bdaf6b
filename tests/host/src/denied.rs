//! What a dependency gets that uses a right it does not have: the answers of Spin's own
//! `deny-all` adapter. Opening something fails, asking for a variable finds none, a request is
//! not sent, the environment is empty; anything else traps.

use std::collections::BTreeSet;

use wasmtime::{
    Engine, Result,
    component::{Component, Linker, ResourceType, Val, types::ComponentItem},
    format_err,
};

use crate::compose::original_name;

/// Type of the resources of refused interfaces; none is ever made.
struct Denied;

/// Defines every import of `component` that is in `denied`.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    engine: &Engine,
    component: &Component,
    denied: &BTreeSet<String>,
) -> Result<()> {
    // A resource belongs to the first interface that has it; the later ones only use it, and get
    // no definition of their own.
    let mut resources: Vec<ResourceType> = Vec::new();
    for (import, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            continue;
        };
        let mut own = Vec::new();
        for (name, item) in instance.exports(engine) {
            if let ComponentItem::Resource(resource) = item.ty
                && !resources.contains(&resource)
            {
                resources.push(resource);
                own.push(name);
            }
        }
        if !denied.contains(import) {
            continue;
        }
        let interface = original_name(import).unwrap_or_else(|| import.to_owned());
        let mut definitions = linker.instance(import)?;
        for name in own {
            definitions.resource(name, ResourceType::host::<Denied>(), |_, _| Ok(()))?;
        }
        for (name, item) in instance.exports(engine) {
            let ComponentItem::ComponentFunc(_) = item.ty else {
                continue;
            };
            let interface = interface.clone();
            let function = name.to_owned();
            definitions.func_new(name, move |_, _, arguments, results| {
                let value = answer(&interface, &function, arguments).ok_or_else(|| {
                    format_err!("a dependency has no right to {interface}#{function}")
                })?;
                if let Some(result) = results.first_mut() {
                    *result = value;
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn answer(interface: &str, function: &str, arguments: &[Val]) -> Option<Val> {
    let interface = interface.split('@').next().unwrap_or(interface);
    Some(match (interface, function) {
        ("fermyon:spin/key-value", "[static]store.open") => error("no-such-store", None),
        ("fermyon:spin/sqlite" | "spin:sqlite/sqlite", "[static]connection.open") => {
            error("no-such-database", None)
        }
        ("fermyon:spin/variables", "get") => error("undefined", arguments.first().cloned()),
        ("wasi:http/outgoing-handler", "handle") => {
            let reason = format!("a dependency has no right to {interface}");
            let reason = Val::Option(Some(Box::new(Val::String(reason))));
            error("internal-error", Some(reason))
        }
        ("wasi:cli/environment", "initial-cwd") => Val::Option(None),
        ("wasi:cli/environment", _) | ("wasi:filesystem/preopens", "get-directories") => {
            Val::List(Vec::new())
        }
        _ => return None,
    })
}

/// The error case `name` of a variant, as the result of a function.
fn error(name: &str, payload: Option<Val>) -> Val {
    let variant = Val::Variant(name.to_owned(), payload.map(Box::new));
    Val::Result(Err(Some(Box::new(variant))))
}
