//! Properties and their group.

use serde::Deserialize;
use serde_json::json;

use super::{BATCH, HubSpot, VERSION};
use crate::core::catalog;
use crate::error::{Error, Result};
use crate::ports::Ports;

/// A property as HubSpot has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Property {
    /// Internal name.
    pub name: String,
    /// Set at creation only.
    #[serde(default)]
    pub has_unique_value: bool,
}

#[derive(Deserialize)]
struct Properties {
    results: Vec<Property>,
}

/// A property with what tells whether it can be mapped.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Described {
    /// Internal name.
    pub name: String,
    /// For people.
    pub label: String,
    /// `string`, `number`, `date`, `datetime`, `enumeration`, `bool`, `phone_number`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// `text`, `textarea`, `select`, `file`, …
    pub field_type: String,
    /// HubSpot calculates it.
    #[serde(default)]
    pub calculated: bool,
    /// HubSpot does not show it.
    #[serde(default)]
    pub hidden: bool,
    /// The kind of record that its values are ids of, e.g. `OWNER`.
    #[serde(default)]
    pub referenced_object_type: Option<String>,
    /// What may be changed.
    #[serde(default)]
    pub modification_metadata: Modification,
}

/// See [`Described::modification_metadata`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Modification {
    /// HubSpot alone writes the value.
    #[serde(default)]
    pub read_only_value: bool,
}

#[derive(Deserialize)]
struct DescribedProperties {
    results: Vec<Described>,
}

impl<P: Ports> HubSpot<'_, P> {
    /// All properties of an object.
    pub async fn properties(&self, object: &str) -> Result<Vec<Property>> {
        let answer: Properties = self
            .get(&format!("/crm/properties/{VERSION}/{object}"))
            .await?;
        Ok(answer.results)
    }

    /// All properties of an object, for people to choose from.
    pub async fn described_properties(&self, object: &str) -> Result<Vec<Described>> {
        let answer: DescribedProperties = self
            .get(&format!("/crm/properties/{VERSION}/{object}"))
            .await?;
        Ok(answer.results)
    }

    /// Creates a property group; one that exists already is fine.
    pub async fn create_group(&self, object: &str, name: &str, label: &str) -> Result<()> {
        let body = json!({ "name": name, "label": label })
            .to_string()
            .into_bytes();
        let path = format!("/crm/properties/{VERSION}/{object}/groups");
        match self.call("POST", &path, body).await {
            Ok(_) => Ok(()),
            Err(Error::Api { status: 409, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Creates properties, at most 100 a call; those that exist already are left as they are.
    pub async fn create_properties(
        &self,
        object: &str,
        group: &str,
        properties: &[&catalog::Property],
    ) -> Result<()> {
        let path = format!("/crm/properties/{VERSION}/{object}/batch/create");
        for chunk in properties.chunks(BATCH) {
            let inputs: Vec<_> = chunk
                .iter()
                .map(|property| input(property, group))
                .collect();
            let body = json!({ "inputs": inputs }).to_string().into_bytes();
            match self.call("POST", &path, body).await {
                Ok(_) => {}
                Err(Error::Api { status: 409, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn input(property: &catalog::Property, group: &str) -> serde_json::Value {
    let options: Vec<_> = property
        .options
        .iter()
        .enumerate()
        .map(|(order, (label, value))| json!({ "label": label, "value": value, "displayOrder": order, "hidden": false }))
        .collect();
    let mut input = json!({
        "name": property.name,
        "label": property.label,
        "description": property.description,
        "groupName": group,
        "type": property.type_,
        "fieldType": property.field_type,
        "hasUniqueValue": property.unique,
    });
    if let (false, Some(input)) = (options.is_empty(), input.as_object_mut()) {
        input.insert("options".to_owned(), options.into());
    }
    input
}
