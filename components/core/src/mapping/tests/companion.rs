use serde_json::json;

use super::*;

fn customers() -> Plan {
    Plan {
        connector: "test_customers".to_owned(),
        ..plan("customers")
    }
}

/// S2-15: a companion's properties are read of it, under HubSpot's own names, and never of the linked record.
#[test]
fn a_companions_properties_are_its_own() {
    let summary = describe_plan(&customers()).unwrap();
    assert_eq!(summary.companion_properties, ["dealname", "amount"]);
    assert_eq!(
        summary.properties,
        ["sync300_test_customers_id", "name", "domain", "city"]
    );
    let ways: Vec<Direction> = summary.fields.iter().map(|field| field.direction).collect();
    let (here, there) = (Direction::ToHubspot, Direction::ToProvider);
    assert_eq!(ways, [here, here, there, there, there]);
}

/// S2-15, F3: a companion's value has the fingerprint that the provider's own has once it is written there.
#[test]
fn reads_what_an_object_takes() {
    let plan = customers();
    let body = json!({ "status": "COMPLETE", "results": [
        { "id": "7", "createdAt": "2026-01-02T03:04:05.006Z", "archived": false,
          "properties": { "dealname": " Roof ", "amount": null, "pipeline": "default" } },
        { "id": "8", "properties": {} },
    ]});
    let read = read_companions(&plan, body.to_string().as_bytes()).unwrap();
    let [roof, bare] = &read[..] else { panic!() };
    assert_eq!(
        (roof.id.as_str(), roof.created_at),
        ("7", Some(1_767_323_045_006))
    );
    let ours = mapped(&plan, json!({ "id": 1, "deal_name": "Roof" }));
    let name = ours.fields[3].fingerprint.unwrap();
    assert_eq!(
        roof.fields,
        [(3, name, "Roof".to_owned()), (4, (0, 0), String::new())]
    );
    // What an answer does not hold is unknown, which is not blank.
    assert_eq!((bare.created_at, bare.fields.len()), (None, 0));
}

#[test]
fn what_is_no_answer_is_refused() {
    let read = |body: &[u8]| read_companions(&customers(), body).unwrap_err();
    assert!(matches!(read(b"{\"results\":"), PageError::Malformed(_)));
    assert!(matches!(read(b"{\"total\":1}"), PageError::Unexpected(_)));
    assert!(matches!(
        read_companions(
            &Plan {
                region: "x".to_owned(),
                ..customers()
            },
            b"{}"
        ),
        Err(PageError::Plan(_))
    ));
}

/// S2-14: a person's own mapping may take a companion's property, of the declared kind alone.
#[test]
fn a_custom_mapping_takes_a_companions_property() {
    let with = |property: &str| {
        let rules = Some(vec![rule("deal_name", property, "trim")]);
        describe_plan(&Plan {
            rules,
            ..customers()
        })
    };
    let summary = with("deals.hs_priority").unwrap();
    assert_eq!(summary.companion_properties, ["hs_priority"]);
    assert_eq!(summary.fields[0].direction, Direction::ToProvider);
    for wrong in ["tickets.subject", "deals.", "deals.a.b", "deals"] {
        let refused = with(wrong).is_err();
        assert_eq!(refused, wrong != "deals", "{wrong}");
    }
}
