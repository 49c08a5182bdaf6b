use super::*;

fn refusal(plan: &Plan) -> String {
    match map_page(plan, b"{\"data\":[]}") {
        Err(PageError::Plan(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

fn version_of(plan: &Plan) -> String {
    describe_plan(plan).unwrap().version
}

#[test]
fn names_what_it_reads() {
    let properties = describe_plan(&plan("companies")).unwrap().properties;
    assert_eq!(
        properties,
        [
            "sync300_clio_id",
            "name",
            "domain",
            "phone",
            "address",
            "city",
            "state"
        ]
    );
    let mut custom = plan("companies");
    custom.rules = Some(vec![rule("name", "legal_name", "trim")]);
    assert_eq!(plan_fields(&custom), ["legal_name"]);
    // What the keys are made of is read although it is not mapped.
    assert_eq!(
        describe_plan(&custom).unwrap().properties,
        ["sync300_clio_id", "legal_name", "name", "domain"]
    );
}

#[test]
fn says_what_is_wrong() {
    let with = |change: fn(&mut Plan)| {
        let mut plan = plan("contacts");
        change(&mut plan);
        refusal(&plan)
    };
    assert_eq!(
        with(|p| p.connector = "x".into()),
        "there is no connector `x`"
    );
    assert_eq!(
        with(|p| p.object = "x".into()),
        "connector `clio` has no object `x`"
    );
    assert_eq!(
        with(|p| p.region = "x".into()),
        "connector `clio` has no region `x`"
    );
    assert_eq!(
        with(|p| p.fingerprint_key = vec![1]),
        "the fingerprint key must have 32 bytes"
    );
    assert_eq!(
        with(|p| p.base_url = "https://app.clio.com/".into()),
        "the base URL must be scheme and host, without a trailing slash"
    );
    assert_eq!(
        with(|p| p.rules = Some(Vec::new())),
        "at least one field must be mapped"
    );
    let rules: [(&[Rule], &str); 5] = [
        (
            &[
                rule("title", "jobtitle", "trim"),
                rule("name", "jobtitle", "trim"),
            ],
            "property `jobtitle` is mapped twice: keep one mapping",
        ),
        (
            &[rule("id", "sync300_clio_id", "trim")],
            "property `sync300_clio_id` is kept by the sync itself and cannot be mapped",
        ),
        (
            &[rule("title", "Job Title", "trim")],
            "`Job Title` is no property name: lower-case letters, digits and `_`",
        ),
        (
            &[rule("ssn", "ssn", "trim")],
            "mapping of `ssn`: `ssn` cannot be selected: it is neither in `fields` nor in \
             `optional_fields`",
        ),
        (
            &[rule("title", "jobtitle", "upper")],
            "mapping of `jobtitle`: `upper` is no transform: use trim, email_normalise, \
             phone_e164_or_raw, registrable_domain, date, datetime, \
             date_to_datetime_utc_midnight, plain_text or enum:A=a,B=b",
        ),
    ];
    for (rules, reason) in rules {
        let mut plan = plan("contacts");
        plan.rules = Some(rules.to_vec());
        assert_eq!(refusal(&plan), reason);
    }
}

/// S0-96: another mapping is another version; another key or host is not.
#[test]
fn has_a_version_of_what_it_maps() {
    let base = plan("matters");
    let version = |change: fn(&mut Plan)| {
        let mut plan = plan("matters");
        change(&mut plan);
        version_of(&plan)
    };
    let first = version_of(&base);
    assert_eq!(first, version(|p| p.fingerprint_key = vec![9; 32]));
    assert_eq!(
        first,
        version(|p| p.base_url = "https://eu.app.clio.com".into())
    );
    let mut versions = vec![
        first,
        version(|p| p.region = "eu".into()),
        version(|p| p.object = "tasks".into()),
        version(|p| p.rules = Some(vec![rule("description", "dealname", "trim")])),
        version(|p| p.rules = Some(vec![rule("description", "dealname", "plain_text")])),
        version(|p| {
            p.aliases = vec![Alias {
                property: "dealstage".into(),
                value: "open".into(),
                id: "1".into(),
            }];
        }),
    ];
    versions.sort();
    versions.dedup();
    assert_eq!(versions.len(), 6);
}

/// Where the rules are the default ones, saying so or not is no difference.
#[test]
fn default_rules_written_out_are_the_same_version() {
    let mut custom = plan("tasks");
    let defaults = &crate::declaration::find("clio")
        .unwrap()
        .object("tasks")
        .unwrap()
        .rules;
    custom.rules = Some(
        defaults
            .iter()
            .map(|r| rule(&r.source, &r.property, &r.transform))
            .collect(),
    );
    assert_eq!(version_of(&custom), version_of(&plan("tasks")));
}
