//! The fields that can be selected, as Clio's OpenAPI document has them; a contract test compares.

/// What can be selected of one kind of record.
#[derive(Debug)]
pub struct Shape {
    /// Name of the schema.
    pub name: &'static str,
    /// Plain values.
    pub scalars: &'static [&'static str],
    /// Other records: name, schema, whether it is a list.
    pub nested: &'static [(&'static str, &'static str, bool)],
}

/// A schema's shape; `Contact_base` and `Contact` are one.
pub(super) fn shape(schema: &str) -> Option<&'static Shape> {
    let full = schema.strip_suffix("_base").unwrap_or(schema);
    SHAPES
        .iter()
        .find(|shape| shape.name == full || shape.name == schema)
}

/// All shapes.
#[rustfmt::skip]
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "Contact",
        scalars: &[
            "client_connect_user_id", "clio_connect_email", "created_at", "currency", "date_of_birth", "etag",
            "first_name", "has_clio_for_clients_permission", "id", "initials", "is_bill_recipient",
            "is_client", "is_clio_for_client_user", "is_co_counsel", "last_name", "ledes_client_id",
            "locked_clio_connect_email", "middle_name", "name", "prefix", "primary_email_address",
            "primary_phone_number", "sales_tax_number", "secondary_email_address", "secondary_phone_number",
            "title", "type", "updated_at",
        ],
        nested: &[
            ("account_balances", "AccountBalance_base", true), ("activity_rates", "ActivityRate_base", true),
            ("addresses", "Address_base", true), ("avatar", "Avatar_base", false),
            ("co_counsel_rate", "ActivityRate_base", false), ("company", "Contact_base", false),
            ("custom_field_set_associations", "CustomFieldSetAssociation_base", true),
            ("custom_field_values", "CustomFieldValue", true), ("email_addresses", "EmailAddress_base", true),
            ("folder", "Folder_base", false), ("instant_messengers", "InstantMessenger_base", true),
            ("legal_aid_uk_contact", "LegalAidUkContact_base", false),
            ("notification_methods", "NotificationMethod_base", true),
            ("payment_profile", "PaymentProfile_base", false), ("phone_numbers", "PhoneNumber_base", true),
            ("primary_address", "Address_base", false), ("primary_web_site", "WebSite_base", false),
            ("primary_work_address", "Address_base", false), ("related_contacts", "Contact_base", true),
            ("secondary_address", "Address_base", false), ("web_sites", "WebSite_base", true),
        ],
    },
    Shape {
        name: "Matter",
        scalars: &[
            "billable", "billing_method", "client_id", "client_reference", "close_date", "created_at",
            "currency", "custom_number", "description", "display_number", "etag", "has_tasks", "id",
            "last_activity_date", "location", "maildrop_address", "matter_stage_updated_at", "number",
            "open_date", "pending_date", "shared", "status", "updated_at",
        ],
        nested: &[
            ("account_balances", "AccountBalance_base", true), ("client", "Contact_base", false),
            ("contingency_fee", "ContingencyFee_base", false),
            ("custom_field_set_associations", "CustomFieldSetAssociation_base", true),
            ("custom_field_values", "CustomFieldValue", true), ("custom_rate", "MatterCustomRate", false),
            ("evergreen_retainer", "EvergreenRetainer_base", false), ("folder", "Folder_base", false),
            ("group", "Group_base", false), ("legal_aid_uk_matter", "LegalAidUkMatter_base", false),
            ("matter_bill_recipients", "MatterBillRecipient", true),
            ("matter_budget", "MatterBudget_base", false), ("matter_stage", "MatterStage_base", false),
            ("originating_attorney", "User_base", false), ("practice_area", "PracticeArea_base", false),
            ("relationships", "Relationship_base", true), ("responsible_attorney", "User_base", false),
            ("split_invoice_payers", "SplitInvoicePayer_base", true),
            ("statute_of_limitations", "Task_base", false),
            ("task_template_list_instances", "TaskTemplateListInstace_base", true),
            ("user", "User_base", false),
        ],
    },
    Shape {
        name: "Task",
        scalars: &[
            "completed_at", "created_at", "description", "description_text_type", "due_at", "etag", "id",
            "name", "notify_completion", "permission", "priority", "status", "statute_of_limitations",
            "time_entries_count", "time_estimated", "updated_at",
        ],
        nested: &[
            ("assignee", "Participant", false), ("assigner", "User_base", false),
            ("matter", "Matter_base", false), ("reminders", "Reminder_base", true),
            ("task_type", "TaskType_base", false), ("time_entries", "Activity_base", true),
        ],
    },
    Shape {
        name: "User",
        scalars: &[
            "account_owner", "clio_connect", "court_rules_default_attendee", "created_at",
            "default_calendar_id", "email", "enabled", "etag", "first_name", "id", "initials", "last_name",
            "name", "phone_number", "rate", "roles", "subscription_type", "time_zone", "updated_at",
        ],
        nested: &[
            ("account", "Account_base", false), ("avatar", "Avatar_base", false),
            ("contact", "Contact_base", false),
            ("default_activity_description", "ActivityDescription_base", false),
            ("groups", "Group_base", true), ("job_title", "JobTitle_base", false),
            ("notification_methods", "NotificationMethod_base", true),
        ],
    },
    Shape {
        name: "PracticeArea",
        scalars: &[
            "category", "code", "created_at", "etag", "id", "name", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Relationship",
        scalars: &[
            "created_at", "description", "etag", "id", "updated_at",
        ],
        nested: &[
            ("contact", "Contact_base", false), ("matter", "Matter_base", false),
        ],
    },
    Shape {
        name: "Note",
        scalars: &[
            "created_at", "date", "detail", "detail_text_type", "etag", "id", "subject", "time_entries_count",
            "type", "updated_at",
        ],
        nested: &[
            ("author", "User_base", false), ("contact", "Contact_base", false),
            ("matter", "Matter_base", false),
            ("notification_event_subscribers", "NotificationEventSubscriber_base", true),
            ("time_entries", "Activity_base", true),
        ],
    },
    Shape {
        name: "AccountBalance_base",
        scalars: &[
            "balance", "currency_id", "id", "name", "type",
        ],
        nested: &[],
    },
    Shape {
        name: "Account_base",
        scalars: &[
            "created_at", "etag", "id", "name", "state", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "ActivityDescription_base",
        scalars: &[
            "accessible_to_user", "category_type", "created_at", "currency", "default", "etag", "id", "name",
            "type", "updated_at", "utbms_activity_id", "utbms_task_id", "utbms_task_name",
            "visible_to_co_counsel", "xero_service_code",
        ],
        nested: &[],
    },
    Shape {
        name: "ActivityRate_base",
        scalars: &[
            "co_counsel_contact_id", "contact_id", "created_at", "etag", "flat_rate", "id", "rate",
            "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Activity_base",
        scalars: &[
            "billed", "contingency_fee", "created_at", "currency", "date", "etag", "flat_rate", "id",
            "no_charge", "non_billable", "non_billable_total", "note", "on_bill", "price", "quantity",
            "quantity_in_hours", "quantity_redacted", "reference", "rounded_quantity",
            "rounded_quantity_in_hours", "tax_setting", "total", "type", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Address_base",
        scalars: &[
            "city", "country", "created_at", "etag", "id", "name", "postal_code", "primary", "province",
            "street", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Avatar_base",
        scalars: &[
            "_destroy", "created_at", "etag", "id", "updated_at", "url",
        ],
        nested: &[],
    },
    Shape {
        name: "ContingencyFee_base",
        scalars: &[
            "created_at", "etag", "id", "show_contingency_award", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "CustomFieldSetAssociation_base",
        scalars: &[
            "created_at", "display_order", "etag", "id", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "CustomFieldValue",
        scalars: &[
            "created_at", "etag", "field_display_order", "field_displayed", "field_name", "field_required",
            "field_type", "id", "soft_deleted", "updated_at", "value",
        ],
        nested: &[
            ("contact", "Contact_base", false), ("custom_field", "CustomField", false),
            ("matter", "CustomFieldMatterSelection_base", false), ("picklist_option", "PicklistOption", false),
        ],
    },
    Shape {
        name: "EmailAddress_base",
        scalars: &[
            "address", "created_at", "etag", "id", "name", "primary", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "EvergreenRetainer_base",
        scalars: &[
            "created_at", "etag", "id", "minimum_threshold", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Folder_base",
        scalars: &[
            "created_at", "deleted_at", "etag", "id", "locked", "name", "root", "type", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Group_base",
        scalars: &[
            "client_connect_user", "etag", "id", "name", "type", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "InstantMessenger_base",
        scalars: &[
            "address", "created_at", "etag", "id", "name", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "JobTitle_base",
        scalars: &[
            "etag", "id", "initials", "name",
        ],
        nested: &[],
    },
    Shape {
        name: "LegalAidUkContact_base",
        scalars: &[
            "disability", "disability_code", "ethnicity", "ethnicity_title", "financially_eligible", "gender",
            "gender_title", "id", "national_insurance_number",
        ],
        nested: &[],
    },
    Shape {
        name: "LegalAidUkMatter_base",
        scalars: &[
            "access_point", "ait_hearing_centre", "attended_several_hearings_acting_for_multiple_clients",
            "bill_ho_ucn", "bill_number_of_attendances", "bill_outcome_for_the_client_code",
            "bill_stage_reached_code", "case_reference", "case_start_date", "category", "category_as_string",
            "certificate_effective_date", "certificate_expiration_date", "certificate_number",
            "certificate_scope", "certification_type", "change_of_solicitor",
            "client_equal_opportunity_monitoring", "client_type", "clr_start_date", "clr_total_profit_costs",
            "cost_limit", "counsel", "court", "court_id", "court_id_code", "created_at", "delivery_location",
            "dscc_number", "duty_solicitor", "etag", "exceptional_case_funding_reference", "expense_limit",
            "fee_scheme", "first_conducting_solicitor", "id", "irc_surgery", "laa_office_number",
            "legacy_case", "legal_representation_number", "lh_start_date", "lh_total_disbursements",
            "lh_total_profit_costs", "linked_matter_id", "local_authority_number", "maat_id", "matter_type",
            "matter_type_1", "matter_type_1_code", "matter_type_1_title", "matter_type_2",
            "matter_type_2_code", "matter_type_2_title", "matter_type_code", "matter_types_combined",
            "number_of_clients", "number_of_clients_seen_at_surgery", "party", "police_station",
            "post_transfer_clients_represented", "postal_application_accepted", "prior_authority_reference",
            "prison_id", "prison_law_prior_approval_number", "procurement_area", "region",
            "related_claims_number", "representation_order_date", "schedule_reference_number", "scheme_id",
            "session_type", "solicitor_type", "standard_fee_category", "surgery_clients",
            "surgery_clients_resulting_in_a_legal_help_matter_opened", "surgery_date", "transfer_date",
            "type_of_advice", "type_of_service", "ucn", "ufn", "undesignated_area_court", "updated_at",
            "user_type", "youth_court",
        ],
        nested: &[],
    },
    Shape {
        name: "MatterBillRecipient",
        scalars: &[
            "created_at", "etag", "id", "updated_at",
        ],
        nested: &[
            ("recipient", "Contact_base", false),
        ],
    },
    Shape {
        name: "MatterBudget_base",
        scalars: &[
            "budget", "created_at", "etag", "id", "include_expenses", "notification_threshold", "notify_users",
            "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "MatterCustomRate",
        scalars: &[
            "on_invoice", "type",
        ],
        nested: &[
            ("rates", "PolymorphicCustomRate", true),
        ],
    },
    Shape {
        name: "MatterStage_base",
        scalars: &[
            "created_at", "etag", "id", "name", "order", "practice_area_id", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "NotificationEventSubscriber_base",
        scalars: &[
            "created_at", "etag", "id", "name", "updated_at", "user_id",
        ],
        nested: &[],
    },
    Shape {
        name: "NotificationMethod_base",
        scalars: &[
            "created_at", "email_address", "etag", "id", "is_default_email_address", "type", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Participant",
        scalars: &[
            "created_at", "enabled", "etag", "id", "identifier", "initials", "job_title_name", "name",
            "secondary_identifier", "type", "updated_at",
        ],
        nested: &[
            ("avatar", "Avatar_base", false),
        ],
    },
    Shape {
        name: "PaymentProfile_base",
        scalars: &[
            "billing_setting_id", "created_at", "discount_period", "discount_rate", "etag", "id",
            "interest_period", "interest_rate", "interest_type", "name", "terms", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "PhoneNumber_base",
        scalars: &[
            "created_at", "etag", "id", "name", "number", "primary", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Reminder_base",
        scalars: &[
            "created_at", "duration", "etag", "id", "next_delivery_at", "state", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "SplitInvoicePayer_base",
        scalars: &[
            "contact_id", "created_at", "etag", "id", "matter_id", "send_to_bill_recipients", "split_portion",
            "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "TaskTemplateListInstace_base",
        scalars: &[
            "created_at", "etag", "id", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "TaskType_base",
        scalars: &[
            "created_at", "deleted_at", "etag", "id", "name", "updated_at",
        ],
        nested: &[],
    },
    Shape {
        name: "Webhook",
        scalars: &[
            "created_at", "etag", "events", "expires_at", "fields", "id", "model", "shared_secret", "status",
            "updated_at", "url",
        ],
        nested: &[
            ("user", "User_base", false),
        ],
    },
    Shape {
        name: "WebSite_base",
        scalars: &[
            "address", "created_at", "default_web_site", "etag", "id", "name", "updated_at",
        ],
        nested: &[],
    },
];
