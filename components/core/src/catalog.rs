//! What is declared about each provider.

pub use sync300_core_bindings::catalog::{
    Companion, Connector, Direction, FieldType, Lookup, Object, Pipeline, Property, Region,
    Relation, RelationStream, Rule, SourceField, Stage, Tier,
};

use crate::declaration::{self, Declaration};

/// The ids of all connectors.
#[must_use]
pub fn connectors() -> Vec<String> {
    declaration::ids().map(str::to_owned).collect()
}

/// One connector.
///
/// # Errors
/// Where there is none of that id, or why it does not load.
pub fn describe(id: &str) -> Result<Connector, String> {
    declaration::find(id)
        .map(|connector| connector_of(&connector.declaration))
        .map_err(|error| error.to_string())
}

/// The fields of an object that mappings may read, in the order declared. Lists are left out: a mapping chooses one of their
/// elements by a path of its own.
///
/// # Errors
/// Where there is no such connector or object.
pub fn source_fields(connector: &str, object: &str) -> Result<Vec<SourceField>, String> {
    let connector = declaration::find(connector).map_err(|error| error.to_string())?;
    let (Some(declared), Some(stream)) = (connector.object(object), connector.stream(object))
    else {
        return Err(format!("there is no object `{object}`"));
    };
    let kind = |path: &str| declared.types.get(path).copied();
    let listed = |path: &str| {
        let first = path.split('.').next().unwrap_or(path);
        kind(first) == Some(declaration::FieldType::List)
    };
    let leaves = stream.selectable.leaves().into_iter();
    Ok(leaves
        .filter(|path| !listed(path))
        .map(|path| SourceField {
            label: label_of(&path),
            type_: type_of(kind(&path)),
            path,
        })
        .collect())
}

/// `primary_address.city` as people read it: `Primary address: city`.
fn label_of(path: &str) -> String {
    let words = path.replace('_', " ").replace('.', ": ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn type_of(declared: Option<declaration::FieldType>) -> FieldType {
    match declared {
        Some(declaration::FieldType::Number) => FieldType::Number,
        Some(declaration::FieldType::Boolean) => FieldType::Boolean,
        Some(declaration::FieldType::Date) => FieldType::Date,
        Some(declaration::FieldType::DateTime) => FieldType::DateTime,
        Some(declaration::FieldType::Html) => FieldType::Html,
        Some(declaration::FieldType::List) | None => FieldType::Text,
    }
}

fn connector_of(declared: &Declaration) -> Connector {
    Connector {
        id: declared.id.clone(),
        label: declared.label.clone(),
        group: declared.group.clone(),
        group_label: declared.group_label.clone(),
        regions: declared.regions.iter().map(region_of).collect(),
        objects: declared
            .objects
            .iter()
            .map(|object| object_of(declared, object))
            .collect(),
        relations: declared.relations.iter().map(relation_of).collect(),
        relation_streams: declared
            .relation_streams
            .iter()
            .map(|stream| RelationStream {
                name: stream.name.clone(),
                label: stream.label.clone(),
                ascending_ids: stream.ascending_ids,
            })
            .collect(),
        overlap_seconds: declared.changes.overlap_seconds,
        sweep_seconds: declared.changes.sweep_seconds,
        remaining_header: declared.limits.remaining_header.clone(),
        reset_header: declared.limits.reset_header.clone(),
        reserve: declared.limits.reserve,
        default_strategy: declared.default_strategy.name().to_owned(),
    }
}

fn region_of(declared: &declaration::Region) -> Region {
    Region {
        id: declared.id.clone(),
        label: declared.label.clone(),
        url: declared.url.clone(),
    }
}

fn object_of(connector: &Declaration, declared: &declaration::Object) -> Object {
    let properties = connector.properties.iter().chain(&declared.properties);
    Object {
        name: declared.name.clone(),
        label: declared.label.clone(),
        plural: declared.plural.clone(),
        hubspot_object: declared.hubspot_object.clone(),
        hubspot_type_id: declared.hubspot_type_id.clone(),
        id_property: connector.system.id.clone(),
        modified_property: declared.modified_property.clone(),
        bidirectional: declared.bidirectional,
        creatable: declared.create.is_some(),
        required: declared.required.clone(),
        properties: properties.map(property_of).collect(),
        pipeline: declared.pipeline.as_ref().map(pipeline_of),
        rules: declared.rules.iter().map(rule_of).collect(),
        tiers: declared.tiers.iter().map(tier_of).collect(),
        companion: declared.companion.as_ref().map(|companion| Companion {
            hubspot_object: companion.hubspot_object.clone(),
            modified_property: companion.modified_property.clone(),
        }),
        ascending_ids: declared.ascending_ids,
    }
}

fn property_of(declared: &declaration::Property) -> Property {
    Property {
        name: declared.name.clone(),
        label: declared.label.clone(),
        description: declared.description.clone(),
        type_: declared.kind.clone(),
        field_type: declared.field_type.clone(),
        unique: declared.unique,
        options: declared
            .options
            .iter()
            .map(|option| (option.label.clone(), option.value.clone()))
            .collect(),
    }
}

fn pipeline_of(declared: &declaration::Pipeline) -> Pipeline {
    let stage_of = |stage: &declaration::Stage| Stage {
        value: stage.value.clone(),
        label: stage.label.clone(),
        metadata: stage
            .metadata
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    };
    Pipeline {
        label: declared.label.clone(),
        pipeline_property: declared.pipeline_property.clone(),
        stage_property: declared.stage_property.clone(),
        stages: declared.stages.iter().map(stage_of).collect(),
    }
}

fn rule_of(declared: &declaration::Rule) -> Rule {
    Rule {
        source: declared.source.clone(),
        property: declared.property.clone(),
        transform: declared.transform.clone(),
        fallback: declared.fallback.clone(),
        direction: match declared.direction {
            declaration::Direction::ToHubspot => Direction::ToHubspot,
            declaration::Direction::ToProvider => Direction::ToProvider,
            declaration::Direction::Both => Direction::Both,
        },
    }
}

fn tier_of(declared: &declaration::Tier) -> Tier {
    Tier {
        name: declared.name.clone(),
        lookup: match declared.lookup {
            declaration::Lookup::UniqueProperty => Lookup::UniqueProperty,
            declaration::Lookup::Index => Lookup::Index,
        },
        properties: declared.properties.clone(),
    }
}

fn relation_of(declared: &declaration::Relation) -> Relation {
    Relation {
        kind: declared.kind.clone(),
        from_object: declared.from.object.clone(),
        to_object: declared.to.object.clone(),
        category: declared.category.clone(),
        type_id: declared.type_id,
        stream: declared.stream.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S2-25: what can be mapped has a name and a type.
    #[test]
    fn fields_have_names_and_types() {
        let fields = source_fields("clio", "matters").unwrap();
        let field = |path: &str| fields.iter().find(|field| field.path == path).unwrap();
        assert_eq!(field("open_date").type_, FieldType::Date);
        assert_eq!(field("billable").type_, FieldType::Boolean);
        assert_eq!(field("practice_area.name").label, "Practice area: name");
        assert_eq!(field("description").type_, FieldType::Text);
        assert!(
            !fields
                .iter()
                .any(|field| field.path.starts_with("custom_field_values"))
        );
        assert!(source_fields("clio", "bills").is_err());
        assert!(source_fields("nobody", "matters").is_err());
    }
}
