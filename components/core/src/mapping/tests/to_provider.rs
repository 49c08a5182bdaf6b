use serde_json::json;

use super::*;

/// What would be sent for these `(property, value)` changes of a record as it stands.
fn sent(plan: &Plan, record: Value, changes: &[(&str, &str)]) -> ProviderRequest {
    requested(plan, record, changes, &[])
}

fn requested(
    plan: &Plan,
    record: Value,
    changes: &[(&str, &str)],
    found: &[(&str, &str)],
) -> ProviderRequest {
    let indexed = |pairs: &[(&str, &str)]| {
        let pair =
            |(name, value): &(&str, &str)| (index_of(plan, name) as u32, (*value).to_owned());
        pairs.iter().map(pair).collect()
    };
    let write = ProviderWrite {
        id: "7".to_owned(),
        changes: indexed(changes),
        found: indexed(found),
    };
    let page = page_of(json!([{ "id": 6 }, record]));
    let mut requests = write_requests(plan, &page, &[write]).unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn data(request: &ProviderRequest) -> Value {
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    body["data"].take()
}

fn person() -> Value {
    json!({
        "id": 7, "etag": "\"abc\"", "first_name": "Anna",
        "email_addresses": [
            { "id": 1, "address": "old@example.com", "primary": false },
            { "id": 2, "address": "anna@example.com", "primary": true },
        ],
        "phone_numbers": [],
        "addresses": [{ "id": 5, "street": "1 Main St", "primary": true }],
    })
}

/// Names the version that was read, and asks for what a list would give.
#[test]
fn a_change_names_the_version_it_is_made_to() {
    let request = sent(&plan("contacts"), person(), &[("firstname", "Ann")]);
    assert_eq!(data(&request), json!({ "first_name": "Ann" }));
    assert_eq!(request.method, "PATCH");
    let url = "https://app.clio.com/api/v4/contacts/7.json?fields=id%2Cetag%2C";
    assert!(request.url.starts_with(url), "{}", request.url);
    let header = ("If-Match".to_owned(), "\"abc\"".to_owned());
    assert!(request.headers.contains(&header), "{:?}", request.headers);
}

/// What Clio calls primary is written through its lists: the primary element changes, a new one comes, an empty one goes.
#[test]
fn writes_reach_the_primary_element() {
    let plan = plan("contacts");
    let changes = [
        ("email", "ann@example.com"),
        ("phone", "+14155552671"),
        ("address", "2 Side St"),
        ("city", "Oakland"),
    ];
    let request = sent(&plan, person(), &changes);
    assert_eq!(
        data(&request),
        json!({
            "email_addresses": [{ "id": 2, "address": "ann@example.com" }],
            "phone_numbers": [{ "name": "Work", "default_number": true, "number": "+14155552671" }],
            "addresses": [{ "id": 5, "street": "2 Side St", "city": "Oakland" }],
        })
    );
    let cleared = sent(
        &plan,
        person(),
        &[
            ("email", ""),
            ("phone", ""),
            ("address", ""),
            ("jobtitle", ""),
        ],
    );
    assert_eq!(
        data(&cleared),
        json!({
            "email_addresses": [{ "id": 2, "_destroy": true }],
            "addresses": [{ "id": 5, "street": null }],
            "title": null,
        })
    );
}

/// Clio reads `Open` and writes `open`; HubSpot holds the stage's id.
#[test]
fn a_stage_goes_back_as_the_word_that_is_written() {
    let mut plan = plan("matters");
    for (value, id) in [("open", "11"), ("pending", "12"), ("closed", "13")] {
        plan.aliases.push(Alias {
            property: "dealstage".to_owned(),
            value: value.to_owned(),
            id: id.to_owned(),
        });
    }
    let matter = json!({ "id": 7, "status": "Open" });
    let request = sent(
        &plan,
        matter.clone(),
        &[("dealstage", "13"), ("closedate", "2026-03-01T15:00:00Z")],
    );
    assert_eq!(
        data(&request),
        json!({ "status": "closed", "close_date": "2026-03-01" })
    );
    let foreign = sent(
        &plan,
        matter,
        &[("dealstage", "won"), ("dealname", "Lee v. Ray")],
    );
    assert_eq!(foreign.errors[0].code, "unknown_option");
    assert_eq!(foreign.errors[0].property, "dealstage");
    assert_eq!(data(&foreign), json!({ "description": "Lee v. Ray" }));
}

/// A practice area is read by its name and written by its id.
#[test]
fn a_name_is_looked_up_before_its_id_is_written() {
    let plan = plan("matters");
    let matter = || json!({ "id": 7, "practice_area": { "id": 3, "name": "Family" } });
    let changes = [("sync300_clio_practice_area", "Tax & Estate")];
    let first = sent(&plan, matter(), &changes);
    assert!(first.body.is_empty());
    let lookup = &first.lookups[0];
    assert_eq!(
        lookup.url,
        "https://app.clio.com/api/v4/practice_areas.json?fields=id%2Cname&name=Tax+%26+Estate"
    );
    let answer = page_of(json!([{ "id": 8, "name": "Tax" }, { "id": 9, "name": "Tax & Estate" }]));
    let id = read_lookup(&plan, lookup.field, &lookup.value, &answer)
        .unwrap()
        .unwrap();
    assert_eq!(id, "9");
    let request = requested(&plan, matter(), &changes, &[(changes[0].0, &id)]);
    assert_eq!(data(&request), json!({ "practice_area": { "id": 9 } }));
    let unknown = requested(&plan, matter(), &changes, &[(changes[0].0, "")]);
    assert_eq!(
        (unknown.errors[0].code.as_str(), unknown.body.len()),
        ("unknown_option", 0)
    );
    let cleared = sent(&plan, matter(), &[(changes[0].0, "")]);
    assert_eq!(data(&cleared), json!({ "practice_area": null }));
    let twins = page_of(json!([{ "id": 8, "name": "Tax" }, { "id": 9, "name": "Tax" }]));
    assert_eq!(
        read_lookup(&plan, lookup.field, "Tax", &twins).unwrap(),
        None
    );
}

/// A bare domain does not replace the page that Clio has.
#[test]
fn a_domain_fills_a_blank_and_replaces_nothing() {
    let plan = plan("companies");
    let change = [("domain", "acme.com")];
    let known = json!({
        "id": 7, "primary_web_site": { "id": 1, "address": "https://acme.org/about" },
        "web_sites": [{ "id": 1, "address": "https://acme.org/about", "default_web_site": true }],
    });
    let kept = sent(&plan, known, &change);
    assert!(kept.body.is_empty() && kept.errors.is_empty());
    let filled = sent(&plan, json!({ "id": 7, "web_sites": [] }), &change);
    let site = json!({ "name": "Work", "default_web_site": true, "address": "https://acme.com" });
    assert_eq!(data(&filled), json!({ "web_sites": [site] }));
}

fn new_record(plan: &Plan, values: &[(&str, &str)]) -> ProviderRequest {
    let changes = values
        .iter()
        .map(|(name, value)| (index_of(plan, name) as u32, (*value).to_owned()));
    let record = ProviderWrite {
        id: "900".to_owned(),
        changes: changes.collect(),
        found: Vec::new(),
    };
    create_requests(plan, &[record]).unwrap().remove(0)
}

/// S4-10: a new record has what is mapped, what the connector adds, and new elements of its lists.
#[test]
fn a_new_record_is_made_of_what_hubspot_holds() {
    let request = new_record(
        &plan("contacts"),
        &[
            ("lastname", "Byron"),
            ("email", "ada@example.org"),
            ("city", "London"),
            ("jobtitle", ""),
        ],
    );
    assert_eq!(
        (request.id.as_str(), request.method.as_str()),
        ("900", "POST")
    );
    let url = "https://app.clio.com/api/v4/contacts.json?fields=id%2Cetag%2C";
    assert!(request.url.starts_with(url), "{}", request.url);
    assert!(request.headers.iter().all(|(name, _)| name != "If-Match"));
    let email = json!({ "name": "Work", "default_email": true, "address": "ada@example.org" });
    let expected = json!({
        "type": "Person", "last_name": "Byron", "email_addresses": [email],
        "addresses": [{ "name": "Work", "city": "London" }],
    });
    assert_eq!(data(&request), expected);
    assert!(request.errors.is_empty());
}

/// S3-22: what the provider would refuse is not sent, and says by which property.
#[test]
fn a_new_record_without_what_it_needs_is_not_sent() {
    let request = new_record(&plan("contacts"), &[("email", "ada@example.org")]);
    assert!(request.body.is_empty());
    let missing = FieldError {
        property: "lastname".to_owned(),
        code: "provider_required".to_owned(),
    };
    assert_eq!(request.errors, [missing]);
    assert!(create_requests(&plan("matters"), &[]).is_err());
    assert!(create_requests(&plan("tasks"), &[]).is_err());
}

/// S0-43: what the connector keeps one-way has no way back, whoever asks.
#[test]
fn what_is_one_way_is_not_written() {
    let tasks = plan("tasks");
    let write = ProviderWrite {
        id: "7".to_owned(),
        changes: vec![(0, "x".to_owned())],
        found: Vec::new(),
    };
    let refused = write_requests(&tasks, &page_of(json!([{ "id": 7 }])), &[write]);
    assert!(matches!(refused, Err(PageError::Plan(_))), "{refused:?}");
    let number = sent(
        &plan("matters"),
        json!({ "id": 7 }),
        &[("sync300_clio_matter_number", "1")],
    );
    assert_eq!(number.errors[0].code, "not_writable");
}

/// S4-17, S4-18: a mapping of one's own travels as far as the connector declares for its source.
#[test]
fn says_how_far_each_field_may_travel() {
    let mut own = plan("contacts");
    own.rules = Some(vec![
        rule("address.city", "town", "trim"),
        rule("prefix", "salutation", "trim"),
    ]);
    let summary = describe_plan(&own).unwrap();
    let directions: Vec<Direction> = summary.fields.iter().map(|field| field.direction).collect();
    assert_eq!(directions, [Direction::Both, Direction::ToHubspot]);
    assert_eq!(
        summary.write_paths,
        ["addresses[primary].city", "addresses[primary].id"]
    );
    let request = sent(&own, person(), &[("town", "Oakland")]);
    assert_eq!(
        data(&request),
        json!({ "addresses": [{ "id": 5, "city": "Oakland" }] })
    );
}

/// A record that the page does not hold has no request.
#[test]
fn what_is_not_there_is_not_written() {
    let write = ProviderWrite {
        id: "8".to_owned(),
        changes: vec![(0, "x".to_owned())],
        found: Vec::new(),
    };
    let page = page_of(json!([{ "id": 7 }]));
    assert_eq!(
        write_requests(&plan("contacts"), &page, &[write]).unwrap(),
        []
    );
}

/// A read or write of one record answers it alone.
#[test]
fn one_record_maps_like_a_page_of_one() {
    let alone = map_page(&plan("contacts"), &page_of(person())).unwrap();
    assert_eq!(
        alone,
        map_page(&plan("contacts"), &page_of(json!([person()]))).unwrap()
    );
    assert_eq!(alone.records.len(), 1);
}

/// The newest change of each field, whatever the order of its history.
#[test]
fn reads_when_fields_changed() {
    let body = json!({ "results": [{ "id": "501", "propertiesWithHistory": {
        "firstname": [
            { "value": "b", "timestamp": "2026-01-02T00:00:00.500Z", "sourceType": "CRM_UI" },
            { "value": "a", "timestamp": "2026-01-01T00:00:00Z" },
        ],
        "lastname": [],
        "sync300_last_synced_at": [{ "value": "1", "timestamp": "2026-01-02T00:00:00.500Z" }],
    }}]});
    let body = body.to_string();
    let read = |written| read_history(&plan("contacts"), written, body.as_bytes()).unwrap();
    assert_eq!(read("sync300_other")[0].written_at, None);
    let times = read("sync300_last_synced_at");
    assert_eq!(times[0].written_at, Some(1_767_312_000_500));
    assert_eq!((times[0].id.as_str(), times[0].times.len()), ("501", 9));
    assert_eq!(times[0].times[..3], [Some(1_767_312_000_500), None, None]);
}

/// With values, HubSpot's side can be written back; without, they stay behind.
#[test]
fn values_come_along_where_they_are_asked_for() {
    let body = json!({ "results": [{ "id": "1", "properties": { "firstname": " Anna ", "email": null } }] });
    let read = |values| {
        let body = body.to_string();
        read_hubspot(&plan("contacts"), body.as_bytes(), values)
            .unwrap()
            .records
            .remove(0)
    };
    assert!(read(false).values.is_empty());
    assert_eq!(read(true).values[..3], ["Anna", "", ""]);
    assert_eq!(read(true).fields, read(false).fields);
}
