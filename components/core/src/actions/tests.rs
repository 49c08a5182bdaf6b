use proptest::prelude::*;
use serde_json::json;

use super::*;

const BASE: &str = "https://eu.app.clio.com";

fn given(pairs: &[(&str, &str)]) -> Values {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn prepared(action: &str, pairs: &[(&str, &str)]) -> Result<Values, (String, String)> {
    prepare("clio", action, &given(pairs)).map_err(|error| (error.code, error.input))
}

fn write(action: &str, values: &[(String, String)]) -> (String, String, Value) {
    match next_step("clio", BASE, action, values, 9).unwrap() {
        Step::Write(request) => {
            let body = serde_json::from_slice(&request.body).unwrap();
            (request.method, request.url, body)
        }
        Step::LookUp(lookup) => panic!("a look-up: {}", lookup.request.url),
    }
}

/// S0-71: names, e-mail and phone; the company by its id.
#[test]
fn a_contact_is_created_in_clios_form() {
    let values = prepared(
        "create_contact",
        &[
            ("first_name", " Ada "),
            ("last_name", "Byron"),
            ("email", "Ada@Example.org"),
            ("phone", "+44 20 7946 0000"),
            ("company", "Babbage Ltd"),
            ("surprise", "x"),
        ],
    )
    .unwrap();
    let Step::LookUp(lookup) = next_step("clio", BASE, "create_contact", &values, 0).unwrap()
    else {
        panic!("the company is looked up first");
    };
    assert!(
        lookup
            .request
            .url
            .starts_with("https://eu.app.clio.com/api/v4/contacts.json?")
    );
    assert!(
        lookup.request.url.contains("query=Babbage+Ltd")
            && lookup.request.url.contains("type=Company")
    );
    let answer = json!({ "data": [{ "id": 7, "name": "babbage ltd" }, { "id": 8, "name": "Babbage Ltd & Sons" }] });
    let values = found(
        "clio",
        "create_contact",
        lookup.index,
        &values,
        answer.to_string().as_bytes(),
    )
    .unwrap();
    let (method, url, body) = write("create_contact", &values);
    assert_eq!(
        (method.as_str(), url.as_str()),
        (
            "POST",
            "https://eu.app.clio.com/api/v4/contacts.json?fields=id"
        )
    );
    assert_eq!(
        body,
        json!({ "data": {
        "type": "Person", "first_name": "Ada", "last_name": "Byron", "company": { "id": 7 },
        "email_addresses": [{ "name": "Work", "address": "ada@example.org", "default_email": true }],
        "phone_numbers": [{ "name": "Work", "number": "+44 20 7946 0000", "default_number": true }],
    } })
    );
    assert_eq!(
        written("clio", "create_contact", br#"{"data":{"id":42}}"#).as_deref(),
        Some("42")
    );
}

/// A company that is not there, or there twice, is nobody's: the contact is created without one.
#[test]
fn a_company_that_is_not_clear_is_left_out() {
    let values = prepared(
        "create_contact",
        &[("last_name", "Byron"), ("company", "Acme")],
    )
    .unwrap();
    for answer in [
        json!({ "data": [] }),
        json!({ "data": [{ "id": 1, "name": "Acme" }, { "id": 2, "name": "ACME" }] }),
    ] {
        let after = found(
            "clio",
            "create_contact",
            0,
            &values,
            answer.to_string().as_bytes(),
        )
        .unwrap();
        assert_eq!(
            write("create_contact", &after).2,
            json!({ "data": { "type": "Person", "last_name": "Byron" } })
        );
    }
}

/// S0-73, S0-74: the matter belongs to the client; without the client's id there is none.
#[test]
fn a_matter_needs_its_client() {
    let missing = prepared("create_matter", &[("name", "Byron v. Babbage")]);
    assert_eq!(
        missing,
        Err(("input_missing".to_owned(), "Clio contact ID".to_owned()))
    );
    let values = prepared(
        "create_matter",
        &[
            ("name", "Byron v. Babbage"),
            ("clio_contact_id", "7"),
            ("practice_area", "11"),
        ],
    )
    .unwrap();
    // An id is taken as it is.
    let (_, _, body) = write("create_matter", &values);
    assert_eq!(body["data"]["client"], json!({ "id": 7 }));
    assert_eq!(body["data"]["practice_area"], json!({ "id": 11 }));
    let values = prepared(
        "create_matter",
        &[
            ("name", "B"),
            ("clio_contact_id", "7"),
            ("practice_area", "Torts"),
        ],
    )
    .unwrap();
    let unknown = found("clio", "create_matter", 0, &values, br#"{"data":[]}"#).unwrap_err();
    assert_eq!(
        (unknown.code.as_str(), unknown.input.as_str()),
        ("input_not_found", "Practice area")
    );
}

/// S0-76, S0-77, DX-14: a given assignee, else the matter's responsible attorney, else the connected user.
#[test]
fn a_task_has_an_assignee() {
    let assignee =
        |values: &[(String, String)]| write("create_task", values).2["data"]["assignee"].clone();
    let named = prepared(
        "create_task",
        &[
            ("name", "Call"),
            ("assignee_id", "5"),
            ("clio_matter_id", "9"),
            ("due_date", "1773273600000"),
        ],
    )
    .unwrap();
    assert_eq!(assignee(&named), json!({ "id": 5, "type": "User" }));
    let (_, _, body) = write("create_task", &named);
    assert_eq!(body["data"]["due_at"], "2026-03-12");
    assert_eq!(body["data"]["description"], "Call");
    assert_eq!(body["data"]["matter"], json!({ "id": 9 }));

    let of_matter = prepared("create_task", &[("name", "Call"), ("clio_matter_id", "9")]).unwrap();
    let Step::LookUp(lookup) = next_step("clio", BASE, "create_task", &of_matter, 0).unwrap()
    else {
        panic!()
    };
    assert!(
        lookup.request.url.contains("/matters/9.json"),
        "{}",
        lookup.request.url
    );
    let answer = br#"{"data":{"id":9,"responsible_attorney":{"id":3}}}"#;
    let values = found("clio", "create_task", lookup.index, &of_matter, answer).unwrap();
    assert_eq!(assignee(&values), json!({ "id": 3, "type": "User" }));

    // No matter, or one without an attorney.
    let alone = prepared("create_task", &[("name", "Call")]).unwrap();
    let Step::LookUp(lookup) = next_step("clio", BASE, "create_task", &alone, 0).unwrap() else {
        panic!()
    };
    assert!(lookup.request.url.contains("/users/who_am_i.json"));
    let values = found(
        "clio",
        "create_task",
        lookup.index,
        &alone,
        br#"{"data":{"id":1}}"#,
    )
    .unwrap();
    assert_eq!(assignee(&values), json!({ "id": 1, "type": "User" }));
}

/// S0-78: three words, and no other spelling.
#[test]
fn a_status_is_one_of_three_words() {
    for status in ["open", "pending", "closed"] {
        let values = prepared(
            "update_matter_status",
            &[("clio_matter_id", "9"), ("status", status)],
        )
        .unwrap();
        let (method, url, body) = write("update_matter_status", &values);
        assert_eq!(
            (method.as_str(), body),
            ("PATCH", json!({ "data": { "status": status } }))
        );
        assert!(url.contains("/matters/9.json"));
    }
    for status in ["Open", "CLOSED", "done", "open,closed"] {
        let refused = prepared(
            "update_matter_status",
            &[("clio_matter_id", "9"), ("status", status)],
        );
        assert_eq!(
            refused,
            Err(("input_unknown_choice".to_owned(), "Status".to_owned()))
        );
    }
}

/// S0-79, DX-14: a contact or a matter; with both it is the matter's; with neither it is refused.
#[test]
fn a_note_belongs_to_one() {
    let body =
        |pairs: &[(&str, &str)]| write("log_activity", &prepared("log_activity", pairs).unwrap()).2;
    let text = "Called.\r\n\tWill call again.";
    assert_eq!(
        body(&[("note", text), ("clio_contact_id", "7")])["data"]["contact"],
        json!({ "id": 7 })
    );
    let both = body(&[
        ("note", text),
        ("clio_contact_id", "7"),
        ("clio_matter_id", "9"),
    ]);
    assert_eq!(
        (&both["data"]["type"], &both["data"]["matter"]),
        (&json!("Matter"), &json!({ "id": 9 }))
    );
    assert_eq!(both["data"].get("contact"), None);
    assert_eq!(both["data"]["detail"], text);
    let neither = prepared("log_activity", &[("note", text)]).unwrap_err();
    assert_eq!(neither.1, "Clio contact ID or Clio matter ID");
}

/// Empty, overlong and wrongly typed inputs are named, never quoted.
#[test]
fn bad_inputs_are_named() {
    let long = "x".repeat(256);
    for (action, pairs, code) in [
        (
            "create_contact",
            vec![("email", "not an address"), ("last_name", "B")],
            "input_invalid",
        ),
        ("create_contact", vec![("first_name", " ")], "input_missing"),
        (
            "create_contact",
            vec![("first_name", long.as_str())],
            "input_too_long",
        ),
        (
            "create_contact",
            vec![("first_name", "a\nb")],
            "input_invalid",
        ),
        (
            "create_matter",
            vec![("name", "m"), ("clio_contact_id", "7/../1")],
            "input_invalid",
        ),
        (
            "create_matter",
            vec![("name", "m"), ("clio_contact_id", "-7")],
            "input_invalid",
        ),
        (
            "create_task",
            vec![("name", "t"), ("due_date", "tomorrow")],
            "input_invalid",
        ),
        // Milliseconds of 1970, and of the year 9999: neither was meant.
        (
            "create_task",
            vec![("name", "t"), ("due_date", "20260312")],
            "input_invalid",
        ),
        (
            "create_task",
            vec![("name", "t"), ("due_date", "253370764800000")],
            "input_invalid",
        ),
        // S0-79: a note may have lines, and no other control characters.
        (
            "log_activity",
            vec![("note", "a\u{0}b"), ("clio_contact_id", "7")],
            "input_invalid",
        ),
        (
            "log_activity",
            vec![("note", "a\u{1b}[2Jb"), ("clio_contact_id", "7")],
            "input_invalid",
        ),
        ("fly", vec![], "action_unknown"),
    ] {
        let error = prepared(action, &pairs).unwrap_err();
        assert_eq!(error.0, code, "{action} {pairs:?}");
        assert!(
            !pairs
                .iter()
                .any(|(_, value)| value.len() > 4 && error.1.contains(value)),
            "{error:?}"
        );
    }
}

/// Practice areas and matters are searched and paged; a page elsewhere is not followed.
#[test]
fn options_are_searched_and_paged() {
    let request = options_request("clio", BASE, "practice_areas", Some("fam"), None).unwrap();
    assert!(
        request.url.contains("/practice_areas.json?") && request.url.contains("name=fam"),
        "{}",
        request.url
    );
    let body = json!({ "data": [{ "id": 1, "name": "Family" }], "meta": { "paging": { "next": format!("{BASE}/api/v4/practice_areas.json?page_token=x") } } });
    let page = read_options("clio", BASE, "practice_areas", body.to_string().as_bytes()).unwrap();
    assert_eq!(
        (
            page.choices[0].label.as_str(),
            page.choices[0].value.as_str()
        ),
        ("Family", "1")
    );
    assert_eq!(
        options_request("clio", BASE, "practice_areas", None, page.after.as_deref())
            .unwrap()
            .url,
        page.after.unwrap()
    );
    assert!(
        options_request(
            "clio",
            BASE,
            "practice_areas",
            None,
            Some("https://evil.example/")
        )
        .is_err()
    );
    assert!(options_request("clio", BASE, "bills", None, None).is_err());
}

/// The README's table is what the connectors declare.
#[test]
fn the_readme_has_the_same_actions() {
    let readme = include_str!("../../../../README.md");
    for id in crate::catalog::connectors() {
        let connector = declaration::find(&id).unwrap();
        let declared = &connector.declaration;
        for action in &declared.actions {
            let inputs = action.inputs.iter().map(|input| match input {
                input if input.required => format!("**`{}`**", input.name),
                input if action.any_of.contains(&input.name) => format!("*`{}`*", input.name),
                input => format!("`{}`", input.name),
            });
            let inputs: Vec<String> = inputs.collect();
            let row = format!(
                "| {}: {} | {} | `{}` |",
                declared.label,
                action.label,
                inputs.join(", "),
                action.output
            );
            assert!(readme.contains(&row), "the README lacks: {row}");
        }
    }
}

proptest! {
    /// Whatever is given, what is built stays on the account's host and within the API.
    #[test]
    fn no_input_leads_elsewhere(matter in ".{0,40}", name in ".{0,40}") {
        let pairs = [("clio_matter_id", matter.as_str()), ("name", name.as_str()), ("status", "open"), ("assignee_id", "5")];
        for action in ["create_task", "update_matter_status"] {
            if let Ok(values) = prepared(action, &pairs)
                && let Ok(Step::Write(request)) = next_step("clio", BASE, action, &values, 0)
            {
                prop_assert!(request.url.starts_with("https://eu.app.clio.com/api/v4/"));
                prop_assert!(!request.url.contains(".."));
            }
        }
    }
}
