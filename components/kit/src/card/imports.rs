//! Fields of a provider that get a property of their own in HubSpot, of the same name and of a type that takes them (S2-28).

use super::fit;
use crate::core::catalog::{self, FieldType};
use crate::hubspot::properties::Described;
use crate::settings::{Direction, Rule};
use crate::surface::Problem;

/// Longest name of a property that HubSpot takes.
const MAX_NAME: usize = 100;

/// A property that a field gets.
pub(super) struct Import {
    pub property: catalog::Property,
    pub rule: Rule,
}

/// What these fields, by their paths, get.
///
/// # Errors
/// Names the field that cannot be imported.
pub(super) fn imports(
    connector: &catalog::Connector,
    sources: &[catalog::SourceField],
    paths: &[String],
) -> Result<Vec<Import>, Problem> {
    let declared = |path: &String| sources.iter().find(|field| field.path == *path);
    let imports = paths.iter().map(|path| {
        let field = declared(path).ok_or_else(super::mappings::source_unknown)?;
        import(connector, field).map_err(|reason| {
            Problem::new(422, "mapping_refused", format!("{}: {reason}", field.label))
        })
    });
    imports.collect()
}

fn import(
    connector: &catalog::Connector,
    field: &catalog::SourceField,
) -> Result<Import, &'static str> {
    let (kind, field_type) = match field.type_ {
        FieldType::Text => ("string", "text"),
        FieldType::Html => ("string", "textarea"),
        FieldType::Number => ("number", "number"),
        FieldType::Boolean => ("bool", "booleancheckbox"),
        FieldType::Date => ("date", "date"),
        FieldType::DateTime => ("datetime", "date"),
    };
    let yes_or_no = [("Yes", "true"), ("No", "false")]
        .map(|(label, value)| (label.to_owned(), value.to_owned()));
    let property = catalog::Property {
        name: name(&connector.id, &field.path),
        label: field.label.clone(),
        description: format!(
            "{} in {}. What is written over it here stays until it changes there.",
            field.label, connector.label
        ),
        type_: kind.to_owned(),
        field_type: field_type.to_owned(),
        unique: false,
        options: match field.type_ {
            FieldType::Boolean => yes_or_no.into(),
            _ => Vec::new(),
        },
    };
    let transform = fit::transform(field.type_, &described(&property))?;
    Ok(Import {
        rule: Rule {
            source: field.path.clone(),
            property: property.name.clone(),
            transform: transform.to_owned(),
            fallback: None,
            direction: Some(Direction::ToHubspot),
        },
        property,
    })
}

/// Ours, and the field's: `sync300_clio_date_of_birth`. HubSpot takes lower case, digits and underscores.
fn name(connector: &str, path: &str) -> String {
    let name = format!("sync300_{connector}_{path}").to_lowercase();
    let letters = name
        .chars()
        .map(|letter| match letter.is_ascii_alphanumeric() {
            true => letter,
            false => '_',
        });
    letters.take(MAX_NAME).collect()
}

/// As HubSpot will describe it.
fn described(property: &catalog::Property) -> Described {
    Described {
        name: property.name.clone(),
        label: property.label.clone(),
        kind: property.type_.clone(),
        field_type: property.field_type.clone(),
        calculated: false,
        hidden: false,
        referenced_object_type: None,
        modification_metadata: Default::default(),
    }
}
