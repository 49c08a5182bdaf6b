//! Composes a component with its dependencies, as Spin does before it runs either.
//!
//! A dependency has no rights: each of its imports that would reach a store, a database, a
//! variable, the network, the environment or files is renamed, and what the host serves under
//! the new name refuses (see [`crate::denied`]).

use std::collections::{BTreeMap, BTreeSet};

use wac_graph::{
    CompositionGraph, EncodeOptions, NodeId,
    types::{Package, WorldId},
};

use crate::manifest::DependencyName;

/// Namespace of the imports that are refused.
const DENIED: &str = "denied:";

/// Why a component cannot be composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The key of a dependency matches no import.
    #[error("dependency {0:?} matches none of the component's imports")]
    Unmatched(String),
    /// Two dependencies satisfy the same import.
    #[error("import {import:?} is satisfied by both {first:?} and {second:?}")]
    Conflict {
        /// The import.
        import: String,
        /// One dependency.
        first: String,
        /// The other.
        second: String,
    },
    /// A dependency lacks what it should satisfy an import with.
    #[error("dependency {dependency:?} does not export {export:?}")]
    MissingExport {
        /// The dependency.
        dependency: String,
        /// The export.
        export: String,
    },
    /// A file is not a component.
    #[error("{name:?} is not a WebAssembly component: {reason}")]
    NotAComponent {
        /// Component or dependency.
        name: String,
        /// What the parser says.
        reason: String,
    },
    /// Types do not fit, or the result is not valid.
    #[error("{name:?} cannot be composed: {reason}")]
    Composition {
        /// Component or dependency.
        name: String,
        /// What the composer says.
        reason: String,
    },
}

/// A dependency's bytes and how it is to be used.
pub struct Part<'a> {
    /// Which imports it satisfies.
    pub name: &'a DependencyName,
    /// The wasm component.
    pub bytes: Vec<u8>,
    /// The export that satisfies them, where it bears another name.
    pub export: Option<&'a str>,
}

/// A component without open dependencies.
#[derive(Debug)]
pub struct Composed {
    /// The wasm component.
    pub bytes: Vec<u8>,
    /// Names of imports that the host must refuse.
    pub denied: BTreeSet<String>,
}

/// Composes `bytes`, the component `id`, with `dependencies`.
///
/// # Errors
/// Where Spin would refuse the composition.
pub fn compose(
    id: &str,
    bytes: Vec<u8>,
    dependencies: &[Part<'_>],
    inherit_rights: bool,
) -> Result<Composed, ComposeError> {
    let mut denied = BTreeSet::new();
    if dependencies.is_empty() {
        return Ok(Composed { bytes, denied });
    }
    let mut graph = CompositionGraph::new();
    let (world, component) = instantiate(&mut graph, id, bytes)?;
    let imports: Vec<String> = graph.types()[world].imports.keys().cloned().collect();

    let mut satisfied: BTreeMap<&str, &DependencyName> = BTreeMap::new();
    for dependency in dependencies {
        let name = dependency.name.to_string();
        let bytes = if inherit_rights {
            dependency.bytes.clone()
        } else {
            deny(&name, dependency.bytes.clone(), &mut denied)?
        };
        let (_, instance) = instantiate(&mut graph, &name, bytes)?;

        let matched: Vec<&str> = imports
            .iter()
            .map(String::as_str)
            .filter(|import| dependency.name.matches(import))
            .collect();
        if matched.is_empty() {
            return Err(ComposeError::Unmatched(name));
        }
        for import in matched {
            if let Some(first) = satisfied.insert(import, dependency.name) {
                return Err(ComposeError::Conflict {
                    import: import.to_owned(),
                    first: first.to_string(),
                    second: name,
                });
            }
            let export = dependency.export.unwrap_or(import);
            let argument = graph.alias_instance_export(instance, export).map_err(|_| {
                ComposeError::MissingExport {
                    dependency: name.clone(),
                    export: export.to_owned(),
                }
            })?;
            graph
                .set_instantiation_argument(component, import, argument)
                .map_err(|error| failed(&name, &error))?;
        }
    }
    let bytes = finish(&mut graph, id, world, component)?;
    Ok(Composed { bytes, denied })
}

/// Renames what `bytes` imports by right, and adds the new names to `denied`.
fn deny(
    name: &str,
    bytes: Vec<u8>,
    denied: &mut BTreeSet<String>,
) -> Result<Vec<u8>, ComposeError> {
    let mut graph = CompositionGraph::new();
    let (world, instance) = instantiate(&mut graph, name, bytes)?;
    let imports = graph.types()[world].imports.clone();
    for (import, kind) in imports {
        let Some(new_name) = denied_name(&import) else {
            continue;
        };
        let argument = graph
            .import(&new_name, kind)
            .map_err(|error| failed(name, &error))?;
        graph
            .set_instantiation_argument(instance, &import, argument)
            .map_err(|error| failed(name, &error))?;
        denied.insert(new_name);
    }
    finish(&mut graph, name, world, instance)
}

/// The name under which the host refuses `import`; none for what needs no right.
fn denied_name(import: &str) -> Option<String> {
    let (package, interface) = import.split_once('/')?;
    let (namespace, package) = package.split_once(':')?;
    let right = match (namespace, package) {
        ("fermyon" | "spin", _) | ("wasi", "keyvalue" | "config") => true,
        ("wasi", "http") => interface.starts_with("outgoing-handler@"),
        ("wasi", "cli") => interface.starts_with("environment@"),
        ("wasi", "filesystem") => interface.starts_with("preopens@"),
        _ => false,
    };
    right.then(|| format!("{DENIED}{namespace}-{package}/{interface}"))
}

/// The name a denied import had, with its version.
pub fn original_name(denied: &str) -> Option<String> {
    denied
        .strip_prefix(DENIED)
        .map(|name| name.replacen('-', ":", 1))
}

fn instantiate(
    graph: &mut CompositionGraph,
    name: &str,
    bytes: Vec<u8>,
) -> Result<(WorldId, NodeId), ComposeError> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut()).map_err(|error| {
        ComposeError::NotAComponent {
            name: name.to_owned(),
            reason: format!("{error:#}"),
        }
    })?;
    let world = package.ty();
    let package = graph
        .register_package(package)
        .map_err(|error| failed(name, &error))?;
    Ok((world, graph.instantiate(package)))
}

/// Exports what `instance` exports and encodes the graph.
fn finish(
    graph: &mut CompositionGraph,
    name: &str,
    world: WorldId,
    instance: NodeId,
) -> Result<Vec<u8>, ComposeError> {
    let exports: Vec<String> = graph.types()[world].exports.keys().cloned().collect();
    for export in exports {
        let node = graph
            .alias_instance_export(instance, &export)
            .map_err(|error| failed(name, &error))?;
        graph
            .export(node, &export)
            .map_err(|error| failed(name, &error))?;
    }
    graph
        .encode(EncodeOptions::default())
        .map_err(|error| failed(name, &error))
}

fn failed(name: &str, error: &dyn std::error::Error) -> ComposeError {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        reason += &format!(": {error}");
        source = error.source();
    }
    ComposeError::Composition {
        name: name.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests;
