//! Which of HubSpot's objects each connector's object is, known at build time: what must answer fast asks here and not the
//! core, which reads a declaration as a whole.

/// An object of a connector.
#[derive(Debug, PartialEq, Eq)]
pub struct Object {
    /// Connector id.
    pub connector: &'static str,
    /// The connector's name for people.
    pub connector_label: &'static str,
    /// Object name in the connector, e.g. `matters`.
    pub name: &'static str,
    /// For people, in the provider's words, e.g. `Matter`.
    pub label: &'static str,
    /// As `label`, of several.
    pub plural: &'static str,
    /// HubSpot's object type in paths, e.g. `deals`.
    pub hubspot_object: &'static str,
    /// HubSpot's object type id, e.g. `0-3`.
    pub hubspot_type_id: &'static str,
}

/// All objects of all connectors.
pub const OBJECTS: &[Object] = include!(concat!(env!("OUT_DIR"), "/objects.rs"));

/// HubSpot's own names of the types that cards stand on: `(type id, in paths, in definitions)`.
const TYPES: [(&str, &str, &str); 4] = [
    ("0-1", "contacts", "CONTACT"),
    ("0-2", "companies", "COMPANY"),
    ("0-3", "deals", "DEAL"),
    ("0-5", "tickets", "TICKET"),
];

/// HubSpot's type id of a type, by any of its names; none where cards do not stand on it.
pub fn hubspot_type(name: &str) -> Option<&'static str> {
    TYPES
        .iter()
        .find(|(id, path, word)| name == *id || name == *path || name == *word)
        .map(|(id, _, _)| *id)
}

/// The objects of all connectors that are this HubSpot type, by its type id.
pub fn of_type(type_id: &str) -> impl Iterator<Item = &'static Object> {
    OBJECTS
        .iter()
        .filter(move |object| object.hubspot_type_id == type_id)
}

/// A connector's object.
pub fn find(connector: &str, name: &str) -> Option<&'static Object> {
    OBJECTS
        .iter()
        .find(|object| object.connector == connector && object.name == name)
}

/// A connector's name for people; its id where it is not known any more.
pub fn connector_label(connector: &str) -> &str {
    OBJECTS
        .iter()
        .find(|object| object.connector == connector)
        .map_or(connector, |object| object.connector_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::catalog;

    /// The index says what the declarations say.
    #[test]
    fn the_index_is_that_of_the_connectors() {
        for object in OBJECTS {
            let connector = catalog::describe(object.connector).unwrap();
            assert_eq!(connector.label, object.connector_label);
            let declared = connector
                .objects
                .iter()
                .find(|declared| declared.name == object.name)
                .unwrap();
            assert_eq!(declared.hubspot_type_id, object.hubspot_type_id);
            assert_eq!(declared.hubspot_object, object.hubspot_object);
            assert_eq!(
                (declared.label.as_str(), declared.plural.as_str()),
                (object.label, object.plural)
            );
        }
        assert!(find("clio", "matters").is_some() && find("clio", "bills").is_none());
    }

    /// DX-01: contacts, companies, deals and tickets alike.
    #[test]
    fn cards_stand_on_four_types() {
        for (id, path, word) in TYPES {
            for name in [id, path, word] {
                assert_eq!(hubspot_type(name), Some(id));
            }
            assert_eq!(of_type(id).count(), 1);
        }
        for other in ["0-4", "", "contact", "0-1 ", "products"] {
            assert_eq!(hubspot_type(other), None, "{other}");
        }
    }
}
