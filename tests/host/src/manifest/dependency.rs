//! `[component.….dependencies]`.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use semver::Version;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny},
};

use super::ManifestError;

/// The key of a dependency: which imports it satisfies.
///
/// Either a package with or without an interface and a version (`ns:pkg`, `ns:pkg/iface@1.0.0`),
/// or the plain name of one import.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DependencyName {
    /// The plain name of an import.
    Plain(String),
    /// Interfaces of a package.
    Package {
        /// `namespace:name`
        package: String,
        /// None: all of them.
        interface: Option<String>,
        /// None: any.
        version: Option<Version>,
    },
}

impl DependencyName {
    /// Whether an import of this name is meant.
    #[must_use]
    pub fn matches(&self, import: &str) -> bool {
        let Ok(import) = import.parse() else {
            return false;
        };
        match (self, import) {
            (Self::Plain(own), Self::Plain(other)) => *own == other,
            (
                Self::Package {
                    package,
                    interface,
                    version,
                },
                Self::Package {
                    package: other_package,
                    interface: other_interface,
                    version: other_version,
                },
            ) => {
                *package == other_package
                    && (interface.is_none() || *interface == other_interface)
                    && (version.is_none() || *version == other_version)
            }
            _ => false,
        }
    }

    /// Whether an import exists that both could mean.
    fn overlaps(&self, other: &Self) -> bool {
        fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.is_some() && other.is_some() && one != other
        }
        match (self, other) {
            (
                Self::Package {
                    package,
                    interface,
                    version,
                },
                Self::Package {
                    package: other_package,
                    interface: other_interface,
                    version: other_version,
                },
            ) => {
                package == other_package
                    && !differ(interface.as_ref(), other_interface.as_ref())
                    && !differ(
                        version.as_ref().map(compatible),
                        other_version.as_ref().map(compatible),
                    )
            }
            _ => false,
        }
    }
}

/// What versions must differ in to be incompatible, by semantic versioning.
fn compatible(version: &Version) -> (u64, u64, u64, &str) {
    match version {
        v if !v.pre.is_empty() => (v.major, v.minor, v.patch, v.pre.as_str()),
        v if v.major > 0 => (v.major, 0, 0, ""),
        v if v.minor > 0 => (0, v.minor, 0, ""),
        v => (0, 0, v.patch, ""),
    }
}

impl FromStr for DependencyName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.contains([':', '/']) {
            return Ok(Self::Plain(text.to_owned()));
        }
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => {
                let version = Version::parse(version).map_err(|_| "has no semantic version")?;
                (name, Some(version))
            }
            None => (text, None),
        };
        let (package, interface) = match name.split_once('/') {
            Some((package, interface)) => (package, Some(interface.to_owned())),
            None => (name, None),
        };
        if !package.contains(':') {
            return Err("has no namespace");
        }
        Ok(Self::Package {
            package: package.to_owned(),
            interface,
            version,
        })
    }
}

impl fmt::Display for DependencyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(name) => f.write_str(name),
            Self::Package {
                package,
                interface,
                version,
            } => {
                f.write_str(package)?;
                if let Some(interface) = interface {
                    write!(f, "/{interface}")?;
                }
                if let Some(version) = version {
                    write!(f, "@{version}")?;
                }
                Ok(())
            }
        }
    }
}

impl<'de> Deserialize<'de> for DependencyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|reason| D::Error::custom(format!("dependency {text:?} {reason}")))
    }
}

/// Where a dependency comes from.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Dependency {
    /// `{ path = "…", export = "…" }`
    Local(LocalDependency),
    /// A registry, an URL or a version: not supported here.
    Remote(IgnoredAny),
}

/// `{ path = "…", export = "…" }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalDependency {
    path: PathBuf,
    export: Option<String>,
}

impl Dependency {
    /// Path of the dependency's wasm, as the manifest gives it.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Local(local) => Some(&local.path),
            Self::Remote(_) => None,
        }
    }

    /// The export that satisfies the import, where it bears another name.
    #[must_use]
    pub fn export(&self) -> Option<&str> {
        match self {
            Self::Local(local) => local.export.as_deref(),
            Self::Remote(_) => None,
        }
    }
}

/// Checks all dependencies of one component, alone and against each other.
pub(super) fn validate(
    component: &str,
    dependencies: &BTreeMap<DependencyName, Dependency>,
) -> Result<(), ManifestError> {
    let refuse = |name: &DependencyName, reason| {
        Err(ManifestError::Dependency {
            component: component.to_owned(),
            dependency: name.to_string(),
            reason,
        })
    };
    let mut seen: Vec<&DependencyName> = Vec::new();
    for (name, dependency) in dependencies {
        if dependency.path().is_none() {
            return refuse(name, "must have a path: this host has no registry");
        }
        let whole_package = matches!(
            name,
            DependencyName::Package {
                interface: None,
                ..
            }
        );
        if whole_package && dependency.export().is_some() {
            return refuse(name, "names a package, which one export cannot satisfy");
        }
        if seen.iter().any(|other| name.overlaps(other)) {
            return refuse(name, "conflicts with another one of the same package");
        }
        seen.push(name);
    }
    Ok(())
}
