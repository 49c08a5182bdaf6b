//! Connectors as data: one TOML file a provider, embedded, read and checked once.

mod problem;
mod schema;
mod validate;

use std::sync::LazyLock;

pub use problem::{DeclarationError, Problem};
pub use schema::*;

use crate::path::SourcePath;
use crate::selection::Selection;

/// The embedded files: id and text.
const FILES: [(&str, &str); 1] = [("clio", include_str!("../../connectors/clio.toml"))];

/// Declarations that only tests know: found by id, never listed.
#[cfg(any(test, feature = "test-connectors"))]
const TEST_FILES: &[(&str, &str)] = &[
    (
        "test_client_credentials",
        include_str!("../../tests/connectors/test_client_credentials.toml"),
    ),
    (
        "test_password",
        include_str!("../../tests/connectors/test_password.toml"),
    ),
    (
        "test_customers",
        include_str!("../../tests/connectors/test_customers.toml"),
    ),
    (
        "test_api_key",
        include_str!("../../tests/connectors/test_api_key.toml"),
    ),
];
#[cfg(not(any(test, feature = "test-connectors")))]
const TEST_FILES: &[(&str, &str)] = &[];

type Loaded = Vec<(&'static str, Result<Connector, DeclarationError>)>;

static CONNECTORS: LazyLock<Loaded> = LazyLock::new(|| {
    FILES
        .iter()
        .chain(TEST_FILES)
        .map(|(id, text)| (*id, load(id, text)))
        .collect()
});

/// The ids of the embedded connectors.
pub fn ids() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(id, _)| *id)
}

/// An embedded connector.
///
/// # Errors
/// Where there is none of that id, or its file does not load.
pub fn find(id: &str) -> Result<&'static Connector, DeclarationError> {
    match CONNECTORS.iter().find(|(known, _)| *known == id) {
        Some((_, Ok(connector))) => Ok(connector),
        Some((_, Err(error))) => Err(error.clone()),
        None => Err(DeclarationError::Unknown { id: id.to_owned() }),
    }
}

/// Reads and checks a connector's file; `id` is the file's name without its ending.
///
/// # Errors
/// Where the file is not TOML, has an unknown key or lacks one, or declares what cannot be: the
/// error names the file, the place and what to do.
pub fn load(id: &str, text: &str) -> Result<Connector, DeclarationError> {
    let file = format!("{id}.toml");
    let declaration: Declaration =
        toml::from_str(text).map_err(|error| DeclarationError::Syntax {
            file: file.clone(),
            message: error.to_string(),
        })?;
    validate::check(id, declaration).map_err(|(place, problem)| DeclarationError::Invalid {
        file,
        place,
        problem,
    })
}

/// A declaration that was found sound.
#[derive(Debug)]
pub struct Connector {
    /// As read.
    pub declaration: Declaration,
    streams: Vec<Stream>,
}

/// A list that can be walked: of an object's records, or of relations alone.
#[derive(Debug)]
pub struct Stream {
    /// Name of the object or relation stream.
    pub name: String,
    /// Path of the list, under the API's root.
    pub path: String,
    /// Fixed query parameters.
    pub parameters: Vec<(String, String)>,
    /// Query parameter (repeated) that asks for records by id.
    pub ids_parameter: String,
    /// Path of a record's id.
    pub id: String,
    /// What is selected by default.
    pub selection: Selection,
    /// What can be selected.
    pub selectable: Selection,
    aliases: Vec<(String, String)>,
}

impl Stream {
    /// Reads a path, with aliases resolved, and checks that the list can give it.
    ///
    /// # Errors
    /// Where it is no path, or leads to nothing that can be selected.
    pub fn source(&self, text: &str) -> Result<SourcePath, Problem> {
        let path = self.resolve(text)?;
        if self.selectable.holds(&path) {
            Ok(path)
        } else {
            Err(Problem::NotSelectable(text.to_owned()))
        }
    }

    /// Whether a path names something that can be selected, a single value or a list.
    #[must_use]
    pub fn names(&self, path: &str) -> bool {
        let within = |leaf: &String| {
            leaf == path
                || leaf
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        self.selectable.leaves().iter().any(within)
    }

    fn resolve(&self, text: &str) -> Result<SourcePath, Problem> {
        let mut path = SourcePath::parse(text).map_err(|error| Problem::Path {
            path: text.to_owned(),
            error,
        })?;
        path.resolve(|first| {
            let alias = self.aliases.iter().find(|(alias, _)| alias == first);
            alias.map(|(_, name)| name.as_str())
        });
        Ok(path)
    }
}

impl Connector {
    /// The object of a name.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&Object> {
        self.declaration.objects.iter().find(|o| o.name == name)
    }

    /// The region of an id.
    #[must_use]
    pub fn region(&self, id: &str) -> Option<&Region> {
        self.declaration.regions.iter().find(|r| r.id == id)
    }

    /// The list of an object or relation stream.
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|s| s.name == name)
    }

    /// The relations that a list tells.
    pub fn relations<'a>(&'a self, stream: &'a str) -> impl Iterator<Item = &'a Relation> {
        self.declaration
            .relations
            .iter()
            .filter(move |r| r.stream == stream)
    }
}

#[cfg(test)]
mod tests;
