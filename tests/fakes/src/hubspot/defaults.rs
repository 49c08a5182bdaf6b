//! What a new portal has: HubSpot's own properties and pipelines, as far as the product meets them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::model::{
    ModificationMetadata, ObjectType, Pipeline, Property, PropertyGroup, PropertyOption, Stage,
    Store,
};

/// Name, label, type, field type, values are HubSpot's to set.
type Row = (&'static str, &'static str, &'static str, &'static str, bool);

const COMMON: &[Row] = &[
    ("createdate", "Create Date", "datetime", "date", true),
    ("hs_object_id", "Record ID", "number", "number", true),
    (
        "hs_merged_object_ids",
        "Merged Record IDs",
        "enumeration",
        "checkbox",
        true,
    ),
    (
        "hs_createdate",
        "Object create date/time",
        "datetime",
        "date",
        true,
    ),
    (
        "hs_lastmodifieddate",
        "Last Modified Date",
        "datetime",
        "date",
        true,
    ),
    ("hubspot_owner_id", "Owner", "string", "text", false),
    // HubSpot, "View and use record source properties".
    (
        "hs_object_source",
        "Record creation source",
        "string",
        "text",
        true,
    ),
    (
        "hs_object_source_id",
        "Record creation source ID",
        "string",
        "text",
        true,
    ),
    (
        "hs_object_source_label",
        "Record source",
        "enumeration",
        "select",
        true,
    ),
];

const CONTACTS: &[Row] = &[
    (
        "lastmodifieddate",
        "Last Modified Date",
        "datetime",
        "date",
        true,
    ),
    (
        "hs_additional_emails",
        "Additional email addresses",
        "string",
        "text",
        true,
    ),
    ("email", "Email", "string", "text", false),
    ("firstname", "First Name", "string", "text", false),
    ("lastname", "Last Name", "string", "text", false),
    ("phone", "Phone Number", "string", "phonenumber", false),
    (
        "mobilephone",
        "Mobile Phone Number",
        "string",
        "phonenumber",
        false,
    ),
    ("jobtitle", "Job Title", "string", "text", false),
    ("company", "Company Name", "string", "text", false),
    ("website", "Website URL", "string", "text", false),
    ("address", "Street Address", "string", "text", false),
    ("city", "City", "string", "text", false),
    ("state", "State/Region", "string", "text", false),
    ("zip", "Postal Code", "string", "text", false),
    ("country", "Country/Region", "string", "text", false),
    (
        "lifecyclestage",
        "Lifecycle Stage",
        "enumeration",
        "radio",
        false,
    ),
    (
        "hs_legal_basis",
        "Legal basis for processing contact's data",
        "enumeration",
        "checkbox",
        false,
    ),
    (
        "hs_email_optout",
        "Unsubscribed from all email",
        "bool",
        "booleancheckbox",
        true,
    ),
    (
        "hs_marketable_status",
        "Marketing contact status",
        "enumeration",
        "booleancheckbox",
        true,
    ),
];

const COMPANIES: &[Row] = &[
    ("name", "Company name", "string", "text", false),
    ("domain", "Company Domain Name", "string", "text", false),
    ("phone", "Phone Number", "string", "phonenumber", false),
    ("website", "Website URL", "string", "text", false),
    ("address", "Street Address", "string", "text", false),
    ("city", "City", "string", "text", false),
    ("state", "State/Region", "string", "text", false),
    ("zip", "Postal Code", "string", "text", false),
    ("country", "Country/Region", "string", "text", false),
    ("description", "Description", "string", "textarea", false),
    ("industry", "Industry", "enumeration", "select", false),
    (
        "lifecyclestage",
        "Lifecycle Stage",
        "enumeration",
        "radio",
        false,
    ),
    (
        "numberofemployees",
        "Number of Employees",
        "number",
        "number",
        false,
    ),
];

const DEALS: &[Row] = &[
    ("dealname", "Deal Name", "string", "text", false),
    ("pipeline", "Pipeline", "enumeration", "select", false),
    ("dealstage", "Deal Stage", "enumeration", "radio", false),
    ("amount", "Amount", "number", "number", false),
    ("closedate", "Close Date", "datetime", "date", false),
    (
        "description",
        "Deal Description",
        "string",
        "textarea",
        false,
    ),
    ("dealtype", "Deal Type", "enumeration", "radio", false),
    (
        "hs_is_closed",
        "Is Deal Closed?",
        "bool",
        "booleancheckbox",
        true,
    ),
    (
        "hs_is_closed_won",
        "Is Closed Won",
        "bool",
        "booleancheckbox",
        true,
    ),
];

const TICKETS: &[Row] = &[
    ("subject", "Ticket name", "string", "text", false),
    ("content", "Ticket description", "string", "textarea", false),
    ("hs_pipeline", "Pipeline", "enumeration", "select", false),
    (
        "hs_pipeline_stage",
        "Ticket status",
        "enumeration",
        "select",
        false,
    ),
    (
        "hs_ticket_priority",
        "Priority",
        "enumeration",
        "select",
        false,
    ),
    ("closed_date", "Close date", "datetime", "date", true),
];

/// Property and its choices (value, label).
const OPTIONS: &[(&str, &[(&str, &str)])] = &[
    (
        "hs_legal_basis",
        &[
            ("Not applicable", "Not applicable"),
            (
                "Freely given consent from contact",
                "Freely given consent from contact",
            ),
        ],
    ),
    (
        "hs_marketable_status",
        &[
            ("true", "Marketing contact"),
            ("false", "Non-marketing contact"),
        ],
    ),
    (
        "hs_object_source_label",
        &[
            ("API", "API"),
            ("CRM_UI", "CRM UI"),
            ("IMPORT", "Import"),
            ("INTEGRATION", "Integration"),
        ],
    ),
    (
        "lifecyclestage",
        &[
            ("subscriber", "Subscriber"),
            ("lead", "Lead"),
            ("opportunity", "Opportunity"),
            ("customer", "Customer"),
            ("other", "Other"),
        ],
    ),
    (
        "hs_ticket_priority",
        &[
            ("LOW", "Low"),
            ("MEDIUM", "Medium"),
            ("HIGH", "High"),
            ("URGENT", "Urgent"),
        ],
    ),
    (
        "dealtype",
        &[
            ("newbusiness", "New Business"),
            ("existingbusiness", "Existing Business"),
        ],
    ),
    (
        "industry",
        &[
            ("LEGAL_SERVICES", "Legal Services"),
            ("LAW_PRACTICE", "Law Practice"),
            ("REAL_ESTATE", "Real Estate"),
        ],
    ),
];

/// The properties that every answer holds, asked for or not.
pub(super) fn default_properties(kind: ObjectType) -> &'static [&'static str] {
    match kind {
        ObjectType::Contacts => &[
            "createdate",
            "email",
            "firstname",
            "hs_object_id",
            "lastmodifieddate",
            "lastname",
        ],
        ObjectType::Companies => &[
            "createdate",
            "domain",
            "hs_lastmodifieddate",
            "hs_object_id",
            "name",
        ],
        ObjectType::Deals => &[
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ],
        ObjectType::Tickets => &[
            "content",
            "createdate",
            "hs_lastmodifieddate",
            "hs_object_id",
            "hs_pipeline",
            "hs_pipeline_stage",
            "hs_ticket_priority",
            "subject",
        ],
    }
}

/// The default group of an object type.
fn group(kind: ObjectType) -> (&'static str, &'static str) {
    match kind {
        ObjectType::Contacts => ("contactinformation", "Contact information"),
        ObjectType::Companies => ("companyinformation", "Company information"),
        ObjectType::Deals => ("dealinformation", "Deal information"),
        ObjectType::Tickets => ("ticketinformation", "Ticket information"),
    }
}

pub(super) fn store(kind: ObjectType, at: DateTime<Utc>) -> Store {
    let (group, label) = group(kind);
    let own = match kind {
        ObjectType::Contacts => CONTACTS,
        ObjectType::Companies => COMPANIES,
        ObjectType::Deals => DEALS,
        ObjectType::Tickets => TICKETS,
    };
    let mut store = Store {
        pipelines: pipelines(kind, at),
        ..Store::default()
    };
    let group = PropertyGroup {
        name: group.to_owned(),
        label: label.to_owned(),
        display_order: -1,
        archived: false,
    };
    for row in COMMON.iter().chain(own) {
        store
            .properties
            .insert(row.0.to_owned(), property(*row, &group.name, at));
    }
    store.groups.insert(group.name.clone(), group);
    store
}

fn property(
    (name, label, kind, field_type, read_only): Row,
    group: &str,
    at: DateTime<Utc>,
) -> Property {
    let choices = OPTIONS
        .iter()
        .find(|(property, _)| *property == name)
        .map_or(&[][..], |(_, list)| list);
    let options = choices
        .iter()
        .zip(0..)
        .map(|((value, label), display_order)| PropertyOption {
            label: (*label).to_owned(),
            value: (*value).to_owned(),
            display_order,
            hidden: false,
        });
    Property {
        name: name.to_owned(),
        label: label.to_owned(),
        description: String::new(),
        group_name: group.to_owned(),
        kind: kind.to_owned(),
        field_type: field_type.to_owned(),
        options: options.collect(),
        display_order: -1,
        has_unique_value: false,
        hidden: false,
        form_field: !read_only,
        hubspot_defined: true,
        calculated: read_only,
        archived: false,
        modification_metadata: ModificationMetadata {
            archivable: false,
            read_only_definition: true,
            read_only_value: read_only,
        },
        created_at: at,
        updated_at: at,
    }
}

fn pipelines(kind: ObjectType, at: DateTime<Utc>) -> Vec<Pipeline> {
    let (id, label, key, stages): (_, _, _, &[(&str, &str, &str)]) = match kind {
        ObjectType::Contacts | ObjectType::Companies => return Vec::new(),
        ObjectType::Deals => (
            "default",
            "Sales Pipeline",
            "probability",
            &[
                ("appointmentscheduled", "Appointment Scheduled", "0.2"),
                ("qualifiedtobuy", "Qualified To Buy", "0.4"),
                ("presentationscheduled", "Presentation Scheduled", "0.6"),
                ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
                ("contractsent", "Contract Sent", "0.9"),
                ("closedwon", "Closed Won", "1.0"),
                ("closedlost", "Closed Lost", "0.0"),
            ],
        ),
        ObjectType::Tickets => (
            "0",
            "Support Pipeline",
            "ticketState",
            &[
                ("1", "New", "OPEN"),
                ("2", "Waiting on contact", "OPEN"),
                ("3", "Waiting on us", "OPEN"),
                ("4", "Closed", "CLOSED"),
            ],
        ),
    };
    let stages = stages
        .iter()
        .zip(0..)
        .map(|((id, label, value), display_order)| Stage {
            id: (*id).to_owned(),
            label: (*label).to_owned(),
            display_order,
            metadata: with_is_closed(BTreeMap::from([(key.to_owned(), (*value).to_owned())])),
            write_permissions: "CRM_PERMISSIONS_ENFORCEMENT",
            archived: false,
            created_at: at,
            updated_at: at,
        });
    vec![Pipeline {
        id: id.to_owned(),
        label: label.to_owned(),
        display_order: 0,
        stages: stages.collect(),
        archived: false,
        created_at: at,
        updated_at: at,
    }]
}

/// HubSpot adds `isClosed` to a stage's metadata itself.
pub(super) fn with_is_closed(mut metadata: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let closed = match (metadata.get("probability"), metadata.get("ticketState")) {
        (Some(probability), _) => {
            matches!(probability.parse::<f64>(), Ok(p) if p <= 0.0 || p >= 1.0)
        }
        (None, state) => state.map(String::as_str) == Some("CLOSED"),
    };
    metadata.insert("isClosed".to_owned(), closed.to_string());
    metadata
}
