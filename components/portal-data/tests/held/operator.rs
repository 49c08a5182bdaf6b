use crate::world::*;

const ROUTES: [(&str, &str); 3] = [
    ("GET", "/operator/portals/70000001"),
    ("POST", "/operator/reseal"),
    ("GET", "/operator/usage"),
];

/// S1-39, S1-41: without a configured token nobody is let in; with one, only who has it. HubSpot's signature is not it.
#[test]
fn only_the_operator_is_let_in() {
    let closed = world_with(&[("vault_keys", RING)]);
    let ports = world();
    for (method, path) in ROUTES {
        assert_eq!(operator(&closed, method, path).status, 503, "{path}");
        for headers in [
            &[][..],
            &[("authorization", "Bearer operator")],
            &[("authorization", "Bearer ")],
            &[("authorization", "operators")],
            &[
                ("authorization", "Bearer operators"),
                ("authorization", "Bearer operators"),
            ],
        ] {
            let answer = send(&ports, &request(method, path, headers, ""));
            assert_eq!(answer.status, 401, "{path} {headers:?}");
            assert!(answer.header("strict-transport-security").is_some());
        }
        assert_eq!(
            signed(&ports, ADMIN, method, path, "").status,
            401,
            "{path}"
        );
        assert_eq!(operator(&ports, method, path).status, 200, "{path}");
    }
    assert_eq!(operator(&ports, "POST", ROUTES[0].1).status, 405);
    assert_eq!(operator(&ports, "GET", ROUTES[1].1).status, 405);
}

/// S1-21: what support sees, and that it looked.
#[test]
fn support_sees_how_a_portal_stands() {
    let ports = world();
    let view = json(&operator(&ports, "GET", ROUTES[0].1));
    assert_eq!(view["portal_id"], OURS);
    assert_eq!(view["connections"][0]["status"], "active");
    assert!(!view.to_string().contains(&ADMIN.to_string()));
    assert!(ports.log_lines().join("").contains("portal_viewed"));
    for id in [
        "1",
        "",
        "x",
        "-1",
        "+70000001",
        "70000001 ",
        "99999999999999999999",
    ] {
        let path = format!("/operator/portals/{id}");
        assert_eq!(operator(&ports, "GET", &path).status, 404, "{id}");
    }
}

/// S1-20: most used integrations and average frequency, of so many portals that none can be recognised; no id of any.
#[test]
fn usage_is_told_in_figures_of_many() {
    let ports = world();
    let told = json(&operator(&ports, "GET", "/operator/usage"));
    assert_eq!(
        (&told["usage"], &told["connectors"]),
        (&serde_json::Value::Null, &serde_json::json!([])),
        "of two portals nothing is told"
    );
    rows(&ports, "DELETE FROM connections", &[]);
    rows(&ports, "DELETE FROM usage_by_month", &[]);
    rows(
        &ports,
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 6) \
         INSERT INTO portals (portal_id, ui_domain, status, created_at) \
         SELECT 90000000 + n, 'app.hubspot.com', 'active', 1 FROM n",
        &[],
    );
    let connect = "INSERT INTO connections (connection_id, portal_id, connector, region, status, settings, frequency, \
         fingerprint_key, created_at) SELECT ?1 || portal_id, portal_id, ?1, 'us', 'active', '{}', \
         iif (portal_id % 2, 15, ?2), '', 1 FROM portals WHERE portal_id BETWEEN 90000001 AND ?3";
    for (connector, frequency, last) in [
        ("clio", 60, 90_000_006),
        ("manual", 0, 90_000_005),
        ("rare", 5, 90_000_004),
    ] {
        rows(
            &ports,
            connect,
            &[
                connector.into(),
                i64::from(frequency).into(),
                i64::from(last).into(),
            ],
        );
    }
    rows(
        &ports,
        "INSERT INTO usage_by_month SELECT portal_id, '2027-01', 10, 3 FROM portals WHERE portal_id > 90000000",
        &[],
    );
    let told = json(&operator(&ports, "GET", "/operator/usage"));
    assert_eq!(
        told,
        serde_json::json!({
            "month": "2027-01",
            "usage": { "portals": 6, "records": 60, "api_calls": 18 },
            "connectors": [
                { "connector": "clio", "portals": 6, "average_frequency": 38 },
                { "connector": "manual", "portals": 5, "average_frequency": 15 },
            ],
        })
    );
}

/// A key that was replaced can go after this; without a usable ring nothing is touched.
#[test]
fn everything_is_sealed_anew() {
    let ring = format!("new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=,{RING}");
    let ports = world_with(&[("vault_keys", &ring), ("operator_token", "operators")]);
    let done = json(&operator(&ports, "POST", "/operator/reseal"));
    assert_eq!(
        (&done["resealed"], &done["complete"]),
        (&2.into(), &true.into())
    );
    assert_eq!(
        done["unopened"], 2,
        "the fingerprint keys of this test are none"
    );
    let keyless = world_with(&[("operator_token", "operators")]);
    let answer = operator(&keyless, "POST", "/operator/reseal");
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("vault"));
}

/// S1-46: HubSpot's journal of the app's own life is read for the operator alone; without an app nothing is read.
#[test]
fn the_journal_is_read_for_the_operator() {
    let ports = world();
    let path = "/operator/lifecycle";
    assert_eq!(send(&ports, &request("POST", path, &[], "")).status, 401);
    assert_eq!(operator(&ports, "GET", path).status, 405);
    let answer = operator(&ports, "POST", path);
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("configuration"), "{}", answer.body);
}
