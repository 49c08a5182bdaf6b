//! The app's definitions, as HubSpot has them after an upload: with a profile's variables in their places.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sync300_fakes::hubspot::ObjectType;

use super::PagesError;
use super::shell::Extension;

/// What the app has.
pub(super) struct Definitions {
    app: Value,
    cards: Vec<Value>,
    actions: Vec<Value>,
}

impl Definitions {
    /// Reads them from the project's `src/app`, for an application at this address.
    pub fn read(folder: &Path, public_url: &str) -> Result<Self, PagesError> {
        let mut app = all(folder, public_url)?;
        Ok(Self {
            app: app.pop().unwrap_or_default(),
            cards: all(&folder.join("cards"), public_url)?,
            actions: all(&folder.join("workflow-actions"), public_url)?,
        })
    }

    /// The cards on records of a kind: the tab first, then the sidebar.
    pub fn cards(&self, kind: ObjectType) -> Vec<Extension> {
        let on = |card: &&Value| {
            let types = card.pointer("/config/objectTypes");
            let types = types.and_then(Value::as_array);
            types.is_some_and(|types| types.iter().any(|name| name == kind.plural()))
        };
        let cards = self.cards.iter().filter(on);
        cards
            .map(|card| {
                let text = |name: &str| {
                    let value = card.get("config").and_then(|config| config.get(name));
                    value.and_then(Value::as_str).unwrap_or_default()
                };
                let entry = text("entrypoint").rsplit('/').next().unwrap_or_default();
                Extension::new(
                    text("name"),
                    text("location"),
                    entry.trim_end_matches(".tsx"),
                )
            })
            .collect()
    }

    /// All workflow actions.
    pub fn actions(&self) -> &[Value] {
        &self.actions
    }

    /// An action by its `uid`.
    pub fn action(&self, uid: &str) -> Result<&Value, PagesError> {
        let named = |action: &&Value| action.get("uid").and_then(Value::as_str) == Some(uid);
        let found = self.actions.iter().find(named);
        found.ok_or_else(|| PagesError::Unknown(format!("action {uid}")))
    }

    /// Whether pages of the app may ask for this address (`permittedUrls.fetch`).
    pub fn permits(&self, url: &str) -> bool {
        let permitted = self.app.pointer("/config/permittedUrls/fetch");
        let permitted = permitted.and_then(Value::as_array).into_iter().flatten();
        let mut permitted = permitted.filter_map(Value::as_str);
        permitted.any(|known| {
            url.strip_prefix(known)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }
}

/// Every definition of a folder, in the order of their files.
fn all(folder: &Path, public_url: &str) -> Result<Vec<Value>, PagesError> {
    let failed =
        |error: &dyn ToString| PagesError::Definition(folder.to_owned(), error.to_string());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(&error))? {
        let path = entry.map_err(|error| failed(&error))?.path();
        if path.to_string_lossy().ends_with("-hsmeta.json") {
            files.push(path);
        }
    }
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
        serde_json::from_str(&text.replace("${PUBLIC_URL}", public_url))
            .map_err(|error| failed(&error))
    };
    files.iter().map(read).collect()
}
