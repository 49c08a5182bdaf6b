//! What people edit of each kind of record, and what it is called at both ends.

use serde_json::Value;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;

use crate::plan::Kind;
use crate::world::Firm;

/// A mapped field that people edit at both ends, by the index in [`fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    /// The HubSpot property.
    pub property: &'static str,
    /// Under which name, or in which list of parts, Clio has it.
    pub clio: &'static str,
}

const fn field(property: &'static str, clio: &'static str) -> Field {
    Field { property, clio }
}

const CONTACT: &[Field] = &[
    field("firstname", "first_name"),
    field("lastname", "last_name"),
    field("jobtitle", "title"),
    field("email", "email_addresses"),
    field("phone", "phone_numbers"),
    field("city", "addresses.city"),
    field("address", "addresses.street"),
];

const COMPANY: &[Field] = &[
    field("name", "name"),
    field("domain", "web_sites"),
    field("phone", "phone_numbers"),
    field("city", "addresses.city"),
];

const DEAL: &[Field] = &[
    field("dealname", "description"),
    field("dealstage", "status"),
    field("sync300_clio_open_date", "open_date"),
];

const TICKET: &[Field] = &[
    field("subject", "name"),
    field("content", "description"),
    field("hs_pipeline_stage", "status"),
    field("hs_ticket_priority", "priority"),
];

/// The fields that people edit.
pub(crate) fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Contact => CONTACT,
        Kind::Company => COMPANY,
        Kind::Deal => DEAL,
        Kind::Ticket => TICKET,
    }
}

impl Kind {
    /// In HubSpot.
    pub(crate) fn object(self) -> ObjectType {
        match self {
            Self::Contact => ObjectType::Contacts,
            Self::Company => ObjectType::Companies,
            Self::Deal => ObjectType::Deals,
            Self::Ticket => ObjectType::Tickets,
        }
    }

    /// In Clio.
    pub(crate) fn resource(self) -> Resource {
        match self {
            Self::Contact | Self::Company => Resource::Contacts,
            Self::Deal => Resource::Matters,
            Self::Ticket => Resource::Tasks,
        }
    }

    /// In the engine's tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Company => "companies",
            Self::Deal => "matters",
            Self::Ticket => "tasks",
        }
    }
}

impl Firm {
    /// The Clio records of a kind, by id.
    pub(crate) fn records(&self, kind: Kind) -> Vec<(u64, Value)> {
        let wanted = match kind {
            Kind::Contact => Some("Person"),
            Kind::Company => Some("Company"),
            Kind::Deal | Kind::Ticket => None,
        };
        self.account
            .records(kind.resource())
            .into_iter()
            .filter(|record| {
                wanted.is_none_or(|wanted| record.get("type").is_some_and(|is| is == wanted))
            })
            .filter_map(|record| Some((record.get("id")?.as_u64()?, record)))
            .collect()
    }
}

/// What nobody goes without.
pub(super) fn is_name(kind: Kind, property: &str) -> bool {
    property != "email" && is_key(kind, property)
}

/// What records of a kind are found by.
pub(crate) fn is_key(kind: Kind, property: &str) -> bool {
    match kind {
        Kind::Contact => ["email", "firstname", "lastname"].contains(&property),
        Kind::Company => ["domain", "name"].contains(&property),
        Kind::Deal => property == "dealname",
        Kind::Ticket => property == "subject",
    }
}

/// A property that no mapping knows.
pub(crate) fn unmapped(kind: Kind) -> &'static str {
    match kind {
        Kind::Contact => "website",
        Kind::Company => "description",
        Kind::Deal => "amount",
        Kind::Ticket => "hubspot_owner_id",
    }
}
