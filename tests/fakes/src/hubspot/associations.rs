//! Associations between records: which kinds there are, and who is associated with whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::error::ApiError;
use super::model::ObjectType;
use super::portal::Portal;

/// An association's category and type id, in one direction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssociationType {
    /// `HUBSPOT_DEFINED` or `USER_DEFINED`.
    pub category: String,
    /// Type id, direction included.
    pub type_id: u32,
    /// What people call it; none for HubSpot's unlabelled ones.
    pub label: Option<String>,
}

impl AssociationType {
    /// `contact_to_company`, as the objects API has it.
    pub(super) fn name(&self, from: ObjectType, to: ObjectType) -> String {
        match &self.label {
            Some(label) => label.to_lowercase().replace(' ', "_"),
            None => format!("{}_to_{}", from.singular(), to.singular()),
        }
    }
}

/// From, to, type id, inverse type id, label. The first of a pair is its default.
type Kind = (ObjectType, ObjectType, u32, u32, Option<&'static str>);

/// HubSpot's own association types between the four kinds of records.
const KINDS: &[Kind] = &[
    (ObjectType::Contacts, ObjectType::Companies, 279, 280, None),
    (
        ObjectType::Contacts,
        ObjectType::Companies,
        1,
        2,
        Some("Primary"),
    ),
    (ObjectType::Contacts, ObjectType::Deals, 4, 3, None),
    (ObjectType::Contacts, ObjectType::Tickets, 15, 16, None),
    (ObjectType::Contacts, ObjectType::Contacts, 449, 449, None),
    (ObjectType::Companies, ObjectType::Deals, 342, 341, None),
    (
        ObjectType::Companies,
        ObjectType::Deals,
        6,
        5,
        Some("Primary"),
    ),
    (ObjectType::Companies, ObjectType::Tickets, 340, 339, None),
    (
        ObjectType::Companies,
        ObjectType::Tickets,
        25,
        26,
        Some("Primary"),
    ),
    (ObjectType::Companies, ObjectType::Companies, 450, 450, None),
    (
        ObjectType::Companies,
        ObjectType::Companies,
        13,
        14,
        Some("Child Company"),
    ),
    (ObjectType::Deals, ObjectType::Tickets, 27, 28, None),
    (ObjectType::Deals, ObjectType::Deals, 451, 451, None),
    (ObjectType::Tickets, ObjectType::Tickets, 452, 452, None),
];

/// A type with its inverse.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) there: AssociationType,
    pub(super) back: AssociationType,
}

/// One direction of an association: from whom.
type End = (ObjectType, u64);

/// Who is associated with whom; both directions are kept.
#[derive(Debug, Default)]
pub(super) struct Associations {
    links: BTreeMap<End, BTreeMap<End, BTreeSet<AssociationType>>>,
    labels: Vec<(ObjectType, ObjectType, Pair)>,
}

impl Associations {
    /// The types from one kind to another, HubSpot's first.
    pub(super) fn types(&self, from: ObjectType, to: ObjectType) -> Vec<Pair> {
        let defined = |type_id, label: Option<&str>| AssociationType {
            category: "HUBSPOT_DEFINED".to_owned(),
            type_id,
            label: label.map(str::to_owned),
        };
        let forward = KINDS
            .iter()
            .filter(|kind| kind.0 == from && kind.1 == to)
            .map(|kind| Pair {
                there: defined(kind.2, kind.4),
                back: defined(kind.3, kind.4),
            });
        let backward = KINDS
            .iter()
            .filter(|kind| kind.0 == to && kind.1 == from && from != to);
        let backward = backward.map(|kind| Pair {
            there: defined(kind.3, kind.4),
            back: defined(kind.2, kind.4),
        });
        let own = self
            .labels
            .iter()
            .filter(|label| label.0 == from && label.1 == to);
        forward
            .chain(backward)
            .chain(own.map(|label| label.2.clone()))
            .collect()
    }

    pub(super) fn resolve(
        &self,
        from: ObjectType,
        to: ObjectType,
        spec: &Spec,
    ) -> Result<Pair, ApiError> {
        let found = self.types(from, to).into_iter().find(|pair| {
            pair.there.category == spec.association_category
                && pair.there.type_id == spec.association_type_id
        });
        found.ok_or_else(|| {
            ApiError::validation(format!(
                "One or more association types are not valid between {} and {}: {} {}",
                from.singular(),
                to.singular(),
                spec.association_category,
                spec.association_type_id
            ))
            .sub("crm.associations.INVALID_ASSOCIATION_TYPE")
        })
    }

    pub(super) fn default_type(&self, from: ObjectType, to: ObjectType) -> Option<Pair> {
        self.types(from, to).into_iter().next()
    }

    /// Adds a label of the portal's own, in both directions.
    pub(super) fn add_label(&mut self, from: ObjectType, to: ObjectType, pair: Pair) {
        if from != to {
            let back = Pair {
                there: pair.back.clone(),
                back: pair.there.clone(),
            };
            self.labels.push((to, from, back));
        }
        self.labels.push((from, to, pair));
    }

    pub(super) fn link(&mut self, from: End, to: End, pair: &Pair) {
        self.links
            .entry(from)
            .or_default()
            .entry(to)
            .or_default()
            .insert(pair.there.clone());
        self.links
            .entry(to)
            .or_default()
            .entry(from)
            .or_default()
            .insert(pair.back.clone());
    }

    /// Takes away one type, or all of them.
    pub(super) fn unlink(&mut self, from: End, to: End, pair: Option<&Pair>) {
        for (one, other, kind) in [
            (from, to, pair.map(|pair| &pair.there)),
            (to, from, pair.map(|pair| &pair.back)),
        ] {
            let Some(others) = self.links.get_mut(&one) else {
                continue;
            };
            if let (Some(kind), Some(types)) = (kind, others.get_mut(&other)) {
                types.remove(kind);
                if !types.is_empty() {
                    continue;
                }
            }
            others.remove(&other);
        }
    }

    /// The records of one kind that a record is associated with.
    pub(super) fn of(
        &self,
        from: ObjectType,
        id: u64,
        to: ObjectType,
    ) -> impl Iterator<Item = (u64, &BTreeSet<AssociationType>)> {
        let others = self.links.get(&(from, id)).into_iter().flatten();
        others
            .filter(move |((kind, _), _)| *kind == to)
            .map(|((_, id), types)| (*id, types))
    }

    /// All pairs from one kind to another with their types.
    pub(super) fn all(
        &self,
        from: ObjectType,
        to: ObjectType,
    ) -> impl Iterator<Item = (u64, u64, &AssociationType)> {
        let links = self
            .links
            .iter()
            .filter(move |((kind, _), _)| *kind == from);
        links.flat_map(move |((_, id), others)| {
            others
                .iter()
                .filter(move |((kind, _), _)| *kind == to)
                .flat_map(move |((_, other), types)| {
                    types.iter().map(move |kind| (*id, *other, kind))
                })
        })
    }

    /// Drops all associations of a record.
    pub(super) fn forget(&mut self, kind: ObjectType, id: u64) {
        for (other, _) in self.links.remove(&(kind, id)).unwrap_or_default() {
            if let Some(others) = self.links.get_mut(&other) {
                others.remove(&(kind, id));
            }
        }
    }

    /// Gives a merged record's associations to the survivor.
    pub(super) fn inherit(&mut self, kind: ObjectType, from: u64, to: u64) {
        for (other, types) in self.links.remove(&(kind, from)).unwrap_or_default() {
            let back = self
                .links
                .entry(other)
                .or_default()
                .remove(&(kind, from))
                .unwrap_or_default();
            if other != (kind, to) {
                self.links
                    .entry(other)
                    .or_default()
                    .entry((kind, to))
                    .or_default()
                    .extend(back);
                self.links
                    .entry((kind, to))
                    .or_default()
                    .entry(other)
                    .or_default()
                    .extend(types);
            }
        }
    }
}

/// Category and type id of a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Spec {
    pub(super) association_category: String,
    pub(super) association_type_id: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct To {
    pub(super) id: String,
}

/// An association that comes with a new record.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAssociation {
    to: To,
    types: Vec<Spec>,
}

/// The kind that a new record's association leads to follows from its type id.
fn target(portal: &Portal, from: ObjectType, spec: &Spec) -> Result<(ObjectType, Pair), ApiError> {
    let resolve = |to| {
        portal
            .associations
            .resolve(from, to, spec)
            .ok()
            .map(|pair| (to, pair))
    };
    ObjectType::ALL
        .into_iter()
        .find_map(resolve)
        .ok_or_else(|| {
            ApiError::validation(format!(
                "Invalid association type {}",
                spec.association_type_id
            ))
        })
}

/// Checks the associations of a record that is about to be made.
pub(super) fn check_new(
    portal: &Portal,
    from: ObjectType,
    new: &[NewAssociation],
) -> Result<(), ApiError> {
    for association in new {
        for spec in &association.types {
            let (to, _) = target(portal, from, spec)?;
            if portal.live(to, &association.to.id).is_none() {
                return Err(ApiError::not_found(format!(
                    "No {} with ID {} exists",
                    to.singular(),
                    association.to.id
                )));
            }
        }
    }
    Ok(())
}

/// Makes the associations of a new record, which were checked before.
pub(super) fn associate_new(
    portal: &mut Portal,
    from: ObjectType,
    id: u64,
    new: &[NewAssociation],
) {
    for association in new {
        for spec in &association.types {
            if let (Ok((to, pair)), Ok(other)) =
                (target(portal, from, spec), association.to.id.parse())
            {
                portal.associations.link((from, id), (to, other), &pair);
            }
        }
    }
}
