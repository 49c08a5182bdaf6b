use super::*;

fn target(stream: &str) -> Target {
    Target {
        connector: "clio".to_owned(),
        base_url: "https://app.clio.com".to_owned(),
        stream: stream.to_owned(),
        extra_paths: Vec::new(),
    }
}

/// The parts of a request, parameters decoded.
fn shown(request: Request) -> String {
    let url = Url::parse(&request.url).unwrap();
    let mut text = format!(
        "{} {}{}\n",
        request.method,
        url.origin().ascii_serialization(),
        url.path()
    );
    for (name, value) in url.query_pairs() {
        text += &format!("  {name} = {value}\n");
    }
    for (name, value) in request.headers {
        text += &format!("{name}: {value}\n");
    }
    text
}

#[test]
fn asks_for_every_list() {
    let streams = ["contacts", "companies", "matters", "tasks", "relationships"];
    let requests: Vec<String> = streams
        .into_iter()
        .map(|stream| shown(list_request(&target(stream), None).unwrap()))
        .collect();
    insta::assert_snapshot!(requests.join("\n"));
}

#[test]
fn asks_for_changes_and_for_ids() {
    let changed = list_request(&target("tasks"), Some(1_709_164_800_999)).unwrap();
    assert!(
        changed
            .url
            .ends_with("&updated_since=2024-02-29T00%3A00%3A00Z"),
        "{}",
        changed.url
    );
    let ids = ["1".to_owned(), "2".to_owned()];
    let some = ids_request(&target("contacts"), &ids).unwrap();
    assert!(
        some.url.ends_with("&ids%5B%5D=1&ids%5B%5D=2"),
        "{}",
        some.url
    );
    assert!(ids_request(&target("contacts"), &[]).is_err());
    assert!(ids_request(&target("contacts"), &vec![String::new(); 201]).is_err());
    assert!(list_request(&target("contacts"), Some(u64::MAX)).is_err());
}

/// What is gone is found by ids alone, and proven by the record's own answer.
#[test]
fn asks_for_ids_alone() {
    let all = sweep_request(&target("companies")).unwrap().unwrap();
    assert!(
        all.url
            .ends_with("/api/v4/contacts.json?fields=id&limit=200&order=id%28asc%29&type=Company"),
        "{}",
        all.url
    );
    assert_eq!(sweep_request(&target("relationships")), Ok(None));
    let one = record_request(&target("tasks"), "7").unwrap();
    assert!(
        one.url.ends_with("/api/v4/tasks/7.json?fields=id"),
        "{}",
        one.url
    );
    for id in ["", "7/8", "../7", "7?x"] {
        assert!(record_request(&target("tasks"), id).is_err(), "{id}");
    }
}

/// S0-21: what custom mappings read is asked for besides, once.
#[test]
fn asks_for_what_custom_mappings_read() {
    let mut target = target("contacts");
    target.extra_paths = [
        "middle_name",
        "address.country",
        "custom_field_values[field_name=Referred by].value",
        "first_name",
    ]
    .map(str::to_owned)
    .into();
    let request = list_request(&target, None).unwrap();
    let url = Url::parse(&request.url).unwrap();
    let (_, fields) = url
        .query_pairs()
        .find(|(name, _)| name == "fields")
        .unwrap();
    assert!(
        fields.ends_with(",middle_name,custom_field_values{field_name,value}"),
        "{fields}"
    );
    assert_eq!(fields.matches("first_name").count(), 1);
    target.extra_paths = vec!["ssn".to_owned()];
    let refused = list_request(&target, None).unwrap_err();
    assert!(
        refused.starts_with("mapping: `ssn` cannot be selected"),
        "{refused}"
    );
}

/// A cursor to another host would be sent the connection's token.
#[test]
fn follows_cursors_on_the_same_host_only() {
    let next = "https://app.clio.com/api/v4/contacts.json?page_token=x%3D";
    let request = next_request(&target("contacts"), next).unwrap();
    assert_eq!(request.url, next);
    assert!(
        request
            .headers
            .iter()
            .any(|(name, _)| name == "X-API-VERSION")
    );
    for foreign in [
        "https://eu.app.clio.com/api/v4/contacts.json",
        "http://app.clio.com/api/v4/contacts.json",
        "https://app.clio.com:444/api/v4/contacts.json",
        "https://x:y@app.clio.com/",
        "file:///etc/passwd",
        "data:text/plain,x",
        "",
    ] {
        let refused = next_request(&target("contacts"), foreign).unwrap_err();
        assert_eq!(
            refused, "the next page lies on another host: refused",
            "{foreign}"
        );
    }
}

#[test]
fn refuses_what_is_not_declared() {
    let mut unknown = target("bills");
    assert_eq!(
        list_request(&unknown, None).unwrap_err(),
        "connector `clio` has no list `bills`"
    );
    unknown.connector = "none".to_owned();
    assert_eq!(
        list_request(&unknown, None).unwrap_err(),
        "there is no connector `none`"
    );
    for base in [
        "https://app.clio.com/",
        "app.clio.com",
        "ftp://app.clio.com",
        "https://a@b.c",
        "",
    ] {
        let mut target = target("contacts");
        target.base_url = base.to_owned();
        assert!(list_request(&target, None).is_err(), "{base}");
    }
}
