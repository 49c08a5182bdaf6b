use super::*;

const CLIO: &str = include_str!("../../connectors/clio.toml");

/// The file with one passage replaced by another.
fn clio_with(passage: &str, by: &str) -> String {
    assert!(CLIO.contains(passage), "no `{passage}` in the file");
    CLIO.replacen(passage, by, 1)
}

fn refusal(text: &str) -> String {
    load("clio", text).expect_err("must not load").to_string()
}

#[test]
fn every_embedded_connector_loads() {
    let tests = TEST_FILES.iter().map(|(id, _)| *id);
    assert!(
        !ids().any(|id| id.starts_with("test_")),
        "tests' own are never listed"
    );
    for id in ids().chain(tests) {
        assert!(find(id).is_ok(), "{:?}", find(id).err());
    }
    assert_eq!(
        find("none").unwrap_err().to_string(),
        "there is no connector `none`"
    );
}

/// S0-19, S0-24, S0-25: four objects, 27 default mappings, as agreed.
#[test]
fn clio_has_the_27_default_mappings() {
    let clio = &find("clio").unwrap().declaration;
    let mut lines = String::new();
    for object in &clio.objects {
        for rule in &object.rules {
            lines += &format!(
                "{} | {} | {:?} | {} | {} | {} | {:?} | {:?}\n",
                object.name,
                rule.source,
                rule.fallback.as_deref().unwrap_or_default(),
                object.hubspot_object,
                rule.property,
                rule.transform,
                rule.direction,
                rule.write.as_deref().unwrap_or_default(),
            );
        }
    }
    assert_eq!(lines.lines().count(), 27);
    insta::assert_snapshot!(lines);
}

/// S0-30, S0-31, S0-32, S0-33: the stages that provisioning makes.
#[test]
fn matters_have_a_stage_for_every_status() {
    let clio = find("clio").unwrap();
    let pipeline = clio.object("matters").unwrap().pipeline.as_ref().unwrap();
    let stages: Vec<(&str, &str)> = pipeline
        .stages
        .iter()
        .map(|stage| (stage.value.as_str(), stage.metadata["probability"].as_str()))
        .collect();
    assert_eq!(
        stages,
        [("open", "0.5"), ("pending", "0.2"), ("closed", "1.0")]
    );
}

/// S0-39: people and companies, then matters, then tasks.
#[test]
fn objects_stand_in_the_order_of_their_sync() {
    let clio = &find("clio").unwrap().declaration;
    let names: Vec<&str> = clio.objects.iter().map(|o| o.name.as_str()).collect();
    assert_eq!(names, ["contacts", "companies", "matters", "tasks"]);
}

/// S0-42, S0-43: tasks are one-way.
#[test]
fn tasks_alone_are_one_way() {
    let clio = &find("clio").unwrap().declaration;
    for object in &clio.objects {
        assert_eq!(
            object.bidirectional,
            object.name != "tasks",
            "{}",
            object.name
        );
    }
}

#[test]
fn says_where_an_unknown_key_stands() {
    let error = refusal(&clio_with(
        "label = \"Clio\"",
        "label = \"Clio\"\ncolour = \"blue\"",
    ));
    assert!(error.starts_with("clio.toml: "), "{error}");
    assert!(
        error.contains("line 6") && error.contains("unknown field `colour`"),
        "{error}"
    );
}

#[test]
fn says_what_is_missing() {
    for (line, key) in [
        ("group = \"sync300_clio\"\n", "group"),
        (
            "modified_property = \"lastmodifieddate\"\n",
            "modified_property",
        ),
        ("ids_parameter = \"ids[]\"\n", "ids_parameter"),
        ("reserve = 10\n", "reserve"),
        ("phone_country = \"US\"\n", "phone_country"),
        ("pkce = false\n", "pkce"),
        ("token_path = \"/oauth/token\"\n", "token_path"),
        ("id = \"data.account.id\"\n", "id"),
        ("path = \"/users/who_am_i.json\"\n", "path"),
    ] {
        let error = refusal(&clio_with(line, ""));
        assert!(error.contains(&format!("missing field `{key}`")), "{error}");
    }
}

#[test]
fn says_what_cannot_be_and_what_to_do() {
    for (passage, by, error) in [
        (
            "source = \"title\"",
            "source = \"prefix\"",
            "object contacts, rule jobtitle: `prefix` is not selected: add it to `fields`",
        ),
        (
            "fallback = \"display_number\"",
            "fallback = \"matter_name\"",
            "object matters, rule dealname: `matter_name` is not selected: add it to `fields`",
        ),
        (
            "property = \"lastname\"",
            "property = \"firstname\"",
            "object contacts, rules: `firstname` is declared twice: keep one",
        ),
        (
            "transform = \"phone_e164_or_raw\"",
            "transform = \"phone\"",
            "object contacts, rule phone: `phone` is no transform: use trim",
        ),
        (
            "Closed=closed",
            "Closed=open",
            "object matters, rule dealstage: option `Closed=open` is listed twice",
        ),
        (
            "Closed=closed",
            "Closed=won",
            "object matters, pipeline: value `",
        ),
        (
            "properties = [\"email\"]",
            "properties = [\"hs_email\"]",
            "object contacts, tier email: `hs_email` is not mapped: add a rule for it",
        ),
        (
            "guard = \"email\"",
            "guard = \"phone\"",
            "object contacts, tier name: guard `phone` must name a tier above this one",
        ),
        (
            "properties = [\"firstname\", \"lastname\"]",
            "properties = [\"lastname\"]",
            "object contacts, tier name: a person-name key is made of two properties",
        ),
        (
            "to = { object = \"companies\", path = \"company.id\" }",
            "to = { object = \"firms\", path = \"company.id\" }",
            "relation contact_company: `firms` is no object of this connector",
        ),
        (
            "stream = \"relationships\"",
            "stream = \"links\"",
            "relation matter_contact: `links` is neither an object nor a relation stream",
        ),
        (
            "from = { object = \"contacts\", path = \"id\" }",
            "from = { object = \"companies\", path = \"id\" }",
            "relation contact_company: the record itself must be an end whose object is `contacts`",
        ),
        (
            "when = { path = \"client.type\", is = \"Person\" }",
            "when = { path = \"client.kind\", is = \"Person\" }",
            "relation matter_client: `client.kind` is not selected: add it to `fields`",
        ),
        (
            "name = \"sync300_clio_due_date\"",
            "name = \"sync300_clio_due\"",
            "object tasks, properties: property `sync300_clio_due_date` is ours and not declared",
        ),
        (
            "direction = \"both\"\nwrite = \"title\"",
            "direction = \"both\"",
            "object contacts, rule jobtitle: `write` is missing",
        ),
        (
            "transform = \"plain_text\"\ndirection = \"to-hubspot\"",
            "transform = \"plain_text\"\ndirection = \"both\"\nwrite = \"description\"",
            "object tasks, rule content: the object is not `bidirectional`",
        ),
        (
            "required = [\"name\"]",
            "required = [\"name\", \"industry\"]",
            "object companies, required: `industry` is not mapped: add a rule for it",
        ),
        (
            "url = \"https://eu.app.clio.com\"",
            "url = \"https://eu.app.clio.com/\"",
            "region eu: `https://eu.app.clio.com/` must be `https://` and a host",
        ),
        (
            "phone_country = \"GB\"",
            "phone_country = \"Britain\"",
            "region eu: `Britain` is no country code",
        ),
        (
            "aliases = { address = \"primary_address\" }",
            "aliases = { address = \"postal_address\" }",
            "object contacts, fields: alias `address` must stand for a selected field",
        ),
        (
            "\"{base}/nc/#/contacts/{id}\"",
            "\"{base}/nc/#/contacts/{number}\"",
            "object contacts, deep_links: `number` is not selected",
        ),
        (
            "unique = true\n",
            "",
            "system: system property `sync300_clio_id` must be declared as a `unique` `string`",
        ),
        (
            "id = \"clio\"",
            "id = \"cleo\"",
            "id: the id must be the file's name, `clio`",
        ),
        (
            "token_path = \"/oauth/token\"",
            "token_path = \"oauth/token\"",
            "auth: `oauth/token` must begin with `/`",
        ),
        (
            "id = \"data.account.id\"",
            "id = \"data..id\"",
            "account: `data..id` is no path",
        ),
        (
            "id = \"data.account.id\"",
            "id = \"{organization}\"",
            "account: `{organization}` is neither a parameter nor",
        ),
        (
            "path = \"/users/who_am_i.json\"",
            "path = \"/users/{who_am_i.json\"",
            "account: `/users/{who_am_i.json` is no template",
        ),
        (
            "reserve = 10",
            "reserve = 50",
            "limits: `reserve` must be less than `requests`",
        ),
        (
            "\"company{id,name}\"",
            "\"company{id\"",
            "object contacts, fields: `company{id` is not",
        ),
    ] {
        let refused = refusal(&clio_with(passage, by));
        assert!(
            refused.starts_with(&format!("clio.toml: {error}")),
            "{by}\n gave: {refused}\n want: {error}"
        );
    }
}

/// S1-34, S3-07, DX-03: a connector that would keep a password, put a secret into a URL or ask for what it has no use for
/// does not load.
#[test]
fn says_what_is_wrong_with_parameters() {
    for (id, passage, by, error) in [
        (
            "test_password",
            "password = \"{password}\", ",
            "",
            "auth: parameter `password` is secret and must stand in `form`",
        ),
        (
            "test_password",
            "path = \"/me\"",
            "path = \"/me/{password}\"",
            "account: parameter `password` is secret and must not stand in a URL",
        ),
        (
            "test_api_key",
            "id = \"{domain}\"",
            "id = \"{api_key}\"",
            "account: parameter `api_key` is secret and must not stand in a URL",
        ),
        (
            "test_api_key",
            "{app_secret}/{api_key}",
            "{app_secret}",
            "parameter api_key: parameter `api_key` is asked for and used nowhere",
        ),
        (
            "test_api_key",
            "{app_secret}/{api_key}",
            "{app_secret}/{key}",
            "auth: `{key}` is neither a parameter nor `{app_id}` or `{app_secret}`",
        ),
        (
            "test_api_key",
            "{app_secret}/{api_key}",
            "{app_secret}/{api_key",
            "auth: `KEY {app_secret}/{api_key` is no template",
        ),
        (
            "test_api_key",
            "X-Domain",
            "Content-Length",
            "auth: `Content-Length` cannot be a header here",
        ),
        (
            "test_api_key",
            "name = \"domain\"\nlabel",
            "name = \"api_key\"\nlabel",
            "parameters: `api_key` is declared twice",
        ),
        (
            "test_client_credentials",
            "headers = { X-App-Key = \"{app_id}\" }",
            "headers = { Authorization = \"{app_id}\" }",
            "auth: `Authorization` cannot be a header here",
        ),
        (
            "test_client_credentials",
            "headers = { X-App-Key = \"{app_id}\" }",
            "headers = { X-App-Key = \"{client_secret}\" }",
            "auth: `{client_secret}` is neither a parameter nor",
        ),
        (
            "test_client_credentials",
            "form = { client_id",
            "form = { grant_type = \"x\", client_id",
            "auth: `grant_type` is declared twice",
        ),
        (
            "test_client_credentials",
            "path = \"/organizations/{organization}\"",
            "path = \"/organizations/{client_secret}/{organization}\"",
            "account: parameter `client_secret` is secret and must not stand in a URL",
        ),
        (
            "test_client_credentials",
            "requirements = [\"An administrator on the paid plan.\"]",
            "requirements = []",
            "requirements: `requirements` must have at least one entry",
        ),
    ] {
        let (_, text) = TEST_FILES.iter().find(|(known, _)| *known == id).unwrap();
        assert!(text.contains(passage), "no `{passage}` in {id}");
        let refused = load(id, &text.replacen(passage, by, 1))
            .unwrap_err()
            .to_string();
        assert!(
            refused.starts_with(&format!("{id}.toml: {error}")),
            "{by}\n gave: {refused}\n want: {error}"
        );
    }
}

/// Webhooks that could not be made, or whose events would mean nothing, are refused when the file is read.
#[test]
fn webhooks_are_checked() {
    for (passage, by, says) in [
        (
            "record_path = \"/webhooks/{id}.json\"",
            "record_path = \"/webhooks.json\"",
            "must have `{id}`",
        ),
        (
            "life_seconds = 2592000",
            "life_seconds = 60",
            "an hour at least",
        ),
        (
            "secret_header = \"X-Hook-Secret\"",
            "secret_header = \"Authorization\"",
            "cannot be a header here",
        ),
        (
            "objects = [\"matters\"]\nevents",
            "objects = [\"bills\"]\nevents",
            "`bills` is no object",
        ),
        (
            "objects = [\"matters\"]\nevents",
            "objects = [\"contacts\"]\nevents",
            "`contacts` is declared twice",
        ),
        (
            "created = \"changed\", updated",
            "updated",
            "event `created` is asked for",
        ),
        (
            "deleted = \"deleted\" }",
            "deleted = \"deleted\", moved = \"changed\" }",
            "event `moved` is in `means`",
        ),
        (
            "signature_encodings = [\"hex\", \"base64\"]",
            "signature_encodings = []",
            "at least one entry",
        ),
        (
            "selection = [\"id\", \"etag\", \"updated_at\"]",
            "selection = [\"id\", \"domain\"]",
            "cannot be selected",
        ),
    ] {
        let refused = refusal(&clio_with(passage, by));
        assert!(refused.contains(says), "{by}: {refused}");
    }
    // Without the section the provider is asked alone.
    let (before, after) = CLIO.split_once("[webhooks]").unwrap();
    let (_, after) = after.split_once("[limits]").unwrap();
    let without = load("clio", &format!("{before}[limits]{after}")).unwrap();
    assert!(without.declaration.webhooks.is_none());
}

/// S0-22: `address.city` is the documented name of `primary_address.city`.
#[test]
fn resolves_aliases_and_refuses_what_cannot_be_selected() {
    let contacts = find("clio").unwrap().stream("contacts").unwrap();
    let city = contacts.source("address.city").unwrap();
    assert_eq!(city.to_string(), "primary_address.city");
    for path in [
        "middle_name",
        "custom_field_values[field_name=Referred by].value",
        "email_addresses[primary].address",
    ] {
        assert!(contacts.source(path).is_ok(), "{path}");
    }
    for path in [
        "primary_address",
        "ssn",
        "email_addresses[main].address",
        "a..b",
    ] {
        assert!(contacts.source(path).is_err(), "{path}");
    }
}

/// S2-15: what is taken of a companion goes one way, and needs one.
#[test]
fn a_rule_about_a_companion_needs_one() {
    let with = |property: &str, direction: &str| {
        let rule = "property = \"firstname\"\ntransform = \"trim\"\ndirection = \"both\"";
        let other =
            format!("property = \"{property}\"\ntransform = \"trim\"\ndirection = \"{direction}\"");
        refusal(&clio_with(rule, &other))
    };
    let asked = "needs a `companion` of this name, and the direction `to-provider`";
    assert!(with("deals.amount", "to-provider").ends_with(asked));
    let customers = include_str!("../../tests/connectors/test_customers.toml");
    let turned = customers.replacen(
        "property = \"deals.amount\"\ntransform = \"trim\"\ndirection = \"to-provider\"",
        "property = \"deals.amount\"\ntransform = \"trim\"\ndirection = \"both\"",
        1,
    );
    assert_ne!(turned, customers);
    let refused = load("test_customers", &turned).expect_err("must not load");
    assert!(refused.to_string().ends_with(asked), "{refused}");
}
