//! `spin.toml`, manifest version 2, read as strictly as Spin reads it.
//!
//! What Spin knows and this host does not run (other triggers, remote sources, mounted files,
//! models) is refused by name instead of being passed over.

mod dependency;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::IgnoredAny};

pub use self::dependency::{Dependency, DependencyName};

/// Why a manifest is refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The manifest.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not TOML, has an unknown key or lacks one.
    #[error("{0}")]
    Syntax(#[from] Box<toml::de::Error>),
    /// Another manifest version than 2.
    #[error("spin_manifest_version is {0}, only 2 is supported")]
    Version(u32),
    /// A component's or trigger's name is not kebab-case.
    #[error("{0:?} is not a component id: lower-case words joined by '-'")]
    ComponentId(String),
    /// A variable's name is not lower snake_case.
    #[error("{0:?} is not a variable name: lower-case words joined by '_'")]
    VariableName(String),
    /// A variable is neither required nor has a default, or is both.
    #[error("variable {0:?} must either be required or have a default")]
    VariableDefault(String),
    /// A label of a store or database is neither kebab-case nor snake_case.
    #[error("component {component:?}: {label:?} is not a label: words joined by '-' or '_'")]
    Label {
        /// The component.
        component: String,
        /// The label.
        label: String,
    },
    /// A trigger runs a component that does not exist.
    #[error("a trigger names the component {0:?}, which does not exist")]
    UnknownComponent(String),
    /// `route = { private = false }`.
    #[error("component {0:?}: a route is a pattern or {{ private = true }}")]
    NotPrivate(String),
    /// A dependency is not usable.
    #[error("component {component:?}: dependency {dependency:?} {reason}")]
    Dependency {
        /// The component.
        component: String,
        /// The dependency's key.
        dependency: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Spin knows it, this host does not.
    #[error("component {component:?}: {feature} is not supported by this host")]
    Unsupported {
        /// The component.
        component: String,
        /// What the manifest asks for.
        feature: &'static str,
    },
}

/// A whole manifest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    spin_manifest_version: u32,
    /// `[application]`
    pub application: Application,
    /// `[variables]`
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    /// `[[trigger.…]]`
    pub trigger: Triggers,
    /// `[component.…]`
    #[serde(default, rename = "component")]
    pub components: BTreeMap<String, Component>,
}

/// `[application]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Name of the application.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    #[serde(default, rename = "description")]
    _description: String,
    #[serde(default, rename = "authors")]
    _authors: Vec<String>,
    #[serde(default, rename = "targets")]
    _targets: Vec<IgnoredAny>,
    #[serde(default, rename = "tool")]
    _tool: BTreeMap<String, IgnoredAny>,
}

/// One entry of `[variables]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// For people.
    pub description: Option<String>,
    /// A value must be given at start.
    #[serde(default)]
    pub required: bool,
    /// The value where none is given.
    pub default: Option<String>,
    /// To be kept from logs.
    #[serde(default)]
    pub secret: bool,
}

/// `[[trigger.…]]`: this host knows HTTP alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    /// `[[trigger.http]]`
    #[serde(default)]
    pub http: Vec<HttpTrigger>,
}

/// `[[trigger.http]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTrigger {
    #[serde(default, rename = "id")]
    _id: String,
    /// Where the component answers.
    pub route: Route,
    /// Id of the component.
    pub component: String,
    #[serde(default, rename = "executor")]
    _executor: Option<Executor>,
}

/// `route = …`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a route is a pattern or { private = true }")]
pub enum Route {
    /// A path; `/...` at its end stands for everything below it.
    Pattern(String),
    /// Reachable from other components alone.
    Private(PrivateRoute),
}

/// `{ private = true }`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateRoute {
    private: bool,
}

/// `executor = { type = "http" }`: the default, and the only one this host has.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Executor {
    Http,
}

/// `[component.…]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    source: Source,
    #[serde(default, rename = "description")]
    _description: String,
    /// Names the component may ask for, and the templates of their values.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// The component's environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    files: Vec<IgnoredAny>,
    #[serde(default)]
    exclude_files: Vec<IgnoredAny>,
    #[serde(default)]
    allowed_http_hosts: Vec<IgnoredAny>,
    /// Templates of the addresses the component may call.
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    /// Labels of the stores it may open.
    #[serde(default)]
    pub key_value_stores: Vec<String>,
    /// Labels of the databases it may open.
    #[serde(default)]
    pub sqlite_databases: Vec<String>,
    #[serde(default)]
    ai_models: Vec<IgnoredAny>,
    /// `[component.….build]`
    pub build: Option<Build>,
    #[serde(default, rename = "tool")]
    _tool: BTreeMap<String, IgnoredAny>,
    /// Dependencies have the component's rights; they have none otherwise.
    #[serde(default)]
    pub dependencies_inherit_configuration: bool,
    /// What satisfies the component's imports.
    #[serde(default)]
    pub dependencies: BTreeMap<DependencyName, Dependency>,
}

/// `source = …`
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Source {
    Local(PathBuf),
    Remote(IgnoredAny),
}

/// `[component.….build]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    command: Commands,
    /// Where the commands run, relative to the manifest.
    pub workdir: Option<PathBuf>,
    #[serde(default, rename = "watch")]
    _watch: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Commands {
    One(String),
    Many(Vec<String>),
}

impl Build {
    /// The commands, in their order.
    #[must_use]
    pub fn commands(&self) -> &[String] {
        match &self.command {
            Commands::One(command) => std::slice::from_ref(command),
            Commands::Many(commands) => commands,
        }
    }
}

impl Component {
    /// Path of the component's wasm, as the manifest gives it.
    ///
    /// # Errors
    /// Where the source is not a path.
    pub fn source(&self, id: &str) -> Result<&Path, ManifestError> {
        match &self.source {
            Source::Local(path) => Ok(path),
            Source::Remote(_) => Err(unsupported(id, "a source that is not a path")),
        }
    }

    fn validate(&self, id: &str) -> Result<(), ManifestError> {
        self.source(id)?;
        for (present, feature) in [
            (!self.files.is_empty(), "files"),
            (!self.exclude_files.is_empty(), "exclude_files"),
            (!self.ai_models.is_empty(), "ai_models"),
            (!self.allowed_http_hosts.is_empty(), "allowed_http_hosts"),
        ] {
            if present {
                return Err(unsupported(id, feature));
            }
        }
        for label in self.key_value_stores.iter().chain(&self.sqlite_databases) {
            if !is_words(label, '-') && !is_words(label, '_') {
                return Err(ManifestError::Label {
                    component: id.to_owned(),
                    label: label.clone(),
                });
            }
        }
        for name in self.variables.keys() {
            check_variable_name(name)?;
        }
        dependency::validate(id, &self.dependencies)
    }
}

impl Manifest {
    /// Reads and checks a manifest file.
    ///
    /// # Errors
    /// Where Spin would refuse it, or where it asks for what this host has not.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = fs::read_to_string(path).map_err(|source| ManifestError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Checks a manifest's text.
    ///
    /// # Errors
    /// As [`Manifest::read`].
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(Box::new)?;
        manifest.validate()?;
        Ok(manifest)
    }

    fn validate(&self) -> Result<(), ManifestError> {
        if self.spin_manifest_version != 2 {
            return Err(ManifestError::Version(self.spin_manifest_version));
        }
        for (name, variable) in &self.variables {
            check_variable_name(name)?;
            if variable.required == variable.default.is_some() {
                return Err(ManifestError::VariableDefault(name.clone()));
            }
        }
        for (id, component) in &self.components {
            if !is_words(id, '-') {
                return Err(ManifestError::ComponentId(id.clone()));
            }
            component.validate(id)?;
        }
        for trigger in &self.trigger.http {
            if !self.components.contains_key(&trigger.component) {
                return Err(ManifestError::UnknownComponent(trigger.component.clone()));
            }
            if trigger.route == Route::Private(PrivateRoute { private: false }) {
                return Err(ManifestError::NotPrivate(trigger.component.clone()));
            }
        }
        Ok(())
    }
}

fn unsupported(component: &str, feature: &'static str) -> ManifestError {
    ManifestError::Unsupported {
        component: component.to_owned(),
        feature,
    }
}

fn check_variable_name(name: &str) -> Result<(), ManifestError> {
    if is_variable_name(name) {
        Ok(())
    } else {
        Err(ManifestError::VariableName(name.to_owned()))
    }
}

/// Whether Spin takes `name` for a variable's: lower-case words joined by single underscores.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    is_words(name, '_') && !name.contains(|c: char| c.is_ascii_uppercase())
}

/// Words of letters and digits, the first of which begins with a letter.
fn is_words(text: &str, separator: char) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .split(separator)
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests;
