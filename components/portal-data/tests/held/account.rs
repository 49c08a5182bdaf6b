use futures_executor::block_on;
use sync300_kit::ports::{HttpError, HttpResponse, SqlValue};
use sync300_kit::secret::Secret;
use sync300_kit::store::Store;
use sync300_kit::vault::{Purpose, Vault};

use crate::world::*;

const CHANGES: [(&str, &str); 4] = [
    ("GET", "/account/export"),
    ("POST", "/account/restrict"),
    ("POST", "/account/resume"),
    ("POST", "/account/erase"),
];

fn status(ports: &sync300_native_ports::NativePorts) -> Vec<Vec<SqlValue>> {
    rows(ports, "SELECT portal_id, status FROM portals", &[])
}

/// S1-39, S1-40: nobody who is not known, and no member, exports or changes anything; nothing is changed by trying.
#[test]
fn only_an_admin_exports_and_changes() {
    let ports = world();
    let before = status(&ports);
    for (method, path) in CHANGES {
        let nobody = send(&ports, &request(method, path, &[], ""));
        assert_eq!(nobody.status, 401, "{path}");
        let member = signed(&ports, MEMBER, method, path, "");
        assert_eq!(member.status, 200, "a card reads only these");
        let told = json(&member);
        assert_eq!(
            (&told["ok"], &told["code"]),
            (&false.into(), &"not_admin".into()),
            "{path}"
        );
        let wrong = if method == "GET" { "POST" } else { "GET" };
        assert_eq!(signed(&ports, ADMIN, wrong, path, "").status, 405, "{path}");
    }
    assert_eq!(status(&ports), before);
    assert!(trail(&ports).is_empty());
}

/// S1-49, S1-52: an admin has everything, as JSON or CSV, and it is written that they had it.
#[test]
fn an_admin_exports_everything() {
    let ports = world();
    let answer = signed(&ports, ADMIN, "GET", "/account/export", "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let file = format!("attachment; filename=\"sync300-{OURS}.json\"");
    assert_eq!(answer.header("content-disposition"), Some(file.as_str()));
    let held = json(&answer);
    assert_eq!(held["ok"], true);
    assert_eq!(held["tables"]["connections"][0]["connector"], "clio");
    assert_eq!(held["tables"]["credentials"][0]["sealed"], true);
    assert!(!answer.body.contains("v1.old.") && !answer.body.contains(&OTHERS.to_string()));
    assert_eq!(trail(&ports), ["data_exported"]);

    let csv = signed(
        &ports,
        ADMIN,
        "GET",
        "/account/export?format=csv&table=roles",
        "",
    );
    let kind = "text/csv; charset=utf-8; header=present";
    assert_eq!(csv.header("content-type"), Some(kind));
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines[0], "portal_id,user_id,role,checked_at");
    assert_eq!(lines.len(), 3);
}

/// A page says where the next one begins, in itself and in `Link` (RFC 8288); following it ends.
#[test]
fn pages_lead_on() {
    let ports = world();
    rows(
        &ports,
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 9000) \
         INSERT INTO links (connection_id, object, provider_id, state, base, synced_at) \
         SELECT ?1, 'contacts', 'p' || n, 'active', ?2, 1 FROM n",
        &[format!("c{OURS}").into(), "f".repeat(100).into()],
    );
    let mut path = "/account/export?format=json&table=links".to_owned();
    let (mut found, mut pages) = (0, 0);
    loop {
        let answer = signed(&ports, ADMIN, "GET", &path, "");
        let page = json(&answer);
        assert!(answer.body.len() < 1_000_000);
        found += page["rows"].as_array().unwrap().len();
        pages += 1;
        let Some(link) = answer.header("link") else {
            assert!(page["next"].is_null());
            break;
        };
        let next = link
            .strip_prefix('<')
            .unwrap()
            .strip_suffix(">; rel=\"next\"")
            .unwrap();
        assert!(next.ends_with(page["next"].as_str().unwrap()));
        path = next.to_owned();
    }
    assert_eq!(found, 9_000);
    assert!(pages > 1);
    assert_eq!(trail(&ports), ["data_exported"], "once, not for every page");
}

/// What is asked for wrongly is told in words.
#[test]
fn a_wrong_question_is_answered_in_words() {
    let ports = world();
    for (query, code) in [
        ("format=xml", "unknown_format"),
        ("table=chores", "unknown_table"),
        ("table=links&after=x", "malformed_cursor"),
    ] {
        let path = format!("/account/export?{query}");
        let told = json(&signed(&ports, ADMIN, "GET", &path, ""));
        assert_eq!((&told["ok"], &told["code"]), (&false.into(), &code.into()));
    }
    let keyless = world_with(&[]);
    let told = json(&signed(&keyless, ADMIN, "GET", "/account/export", ""));
    assert_eq!(told["ok"], false, "without a key ring nothing is served");
}

/// S1-53: an admin pauses all processing, may still export, and resumes it.
#[test]
fn an_admin_restricts_and_resumes() {
    let ports = world();
    let ask = |path: &str| json(&signed(&ports, ADMIN, "POST", path, ""));
    let now = || status(&ports)[0][1].clone();
    for _ in 0..2 {
        assert_eq!(ask("/account/restrict")["status"], "restricted");
        assert_eq!(now(), "restricted".into());
    }
    assert_eq!(
        signed(&ports, ADMIN, "GET", "/account/export", "").status,
        200
    );
    assert_eq!(ask("/account/resume")["status"], "active");
    assert_eq!(now(), "active".into());
    assert_eq!(
        trail(&ports),
        [
            "processing_restricted",
            "data_exported",
            "processing_resumed"
        ]
    );
}

/// Whatever HubSpot says, or does not, access to providers is given back before it is forgotten.
#[test]
fn erasing_gives_access_back_whatever_hubspot_says() {
    for status in [500, 0] {
        let asked = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let seen = asked.clone();
        let ports = world_with(&[
            ("vault_keys", RING),
            ("hubspot_api_url", "https://api.hubapi.com"),
            ("hubspot_client_id", "app"),
        ])
        .with_http(Box::new(move |request| {
            let token = request
                .headers
                .iter()
                .find(|(name, _)| name == "authorization");
            let token = token.map_or("", |(_, token)| token.as_str());
            seen.borrow_mut().push(format!("{} {token}", request.url));
            let status = match request.url.contains("hubapi") {
                true => status,
                false => 200,
            };
            if status == 0 {
                return Err(HttpError::Network);
            }
            Ok(HttpResponse {
                status,
                headers: Vec::new(),
                body: b"{}".to_vec(),
            })
        }));
        let vault = Vault::from_ring(Some(&Secret::new(RING))).unwrap();
        let of_hubspot = Purpose {
            portal: OURS,
            connection: "",
            name: "access_token",
        };
        let (store, token) = (Store::new(&ports), Secret::new("of-hubspot"));
        block_on(store.put_credential(&vault, of_hubspot, &token, None)).unwrap();
        let confirm = format!(r#"{{"confirm":"{OURS}"}}"#);
        let told = json(&signed(&ports, ADMIN, "POST", "/account/erase", &confirm));
        assert_eq!(
            (&told["status"], &told["uninstalled"]),
            (&"erased".into(), &false.into())
        );
        let given_back = format!("https://app.clio.com/oauth/deauthorize Bearer token-{OURS}");
        let asked = asked.borrow();
        assert_eq!(
            asked.iter().filter(|one| **one == given_back).count(),
            1,
            "{asked:?}"
        );
    }
}

/// S1-46, S1-51: erasing must be meant; then nothing is left, and the caller is not known any more.
#[test]
fn an_admin_erases_on_confirmation() {
    let ports = world();
    for body in ["", "{}", r#"{"confirm":true}"#, r#"{"confirm":"70000002"}"#] {
        let told = json(&signed(&ports, ADMIN, "POST", "/account/erase", body));
        assert_eq!(told["ok"], false, "{body}");
    }
    assert_eq!(status(&ports).len(), 2);
    assert!(trail(&ports).is_empty());

    let confirm = format!(r#"{{"confirm":"{OURS}"}}"#);
    let told = json(&signed(&ports, ADMIN, "POST", "/account/erase", &confirm));
    assert_eq!(
        (&told["ok"], &told["status"]),
        (&true.into(), &"erased".into())
    );
    assert_eq!(
        told["uninstalled"], false,
        "HubSpot does not answer here, and is not waited for"
    );
    assert_eq!(status(&ports), [vec![OTHERS.into(), "active".into()]]);
    for table in ["connections", "credentials", "roles", "audit", "installs"] {
        let statement = format!("SELECT 1 FROM {table} WHERE portal_id = ?1");
        assert!(
            rows(&ports, &statement, &[OURS.into()]).is_empty(),
            "{table}"
        );
    }
    for (method, target) in [("POST", "/account/erase"), ("GET", "/account/export")] {
        let gone = signed(&ports, ADMIN, method, target, &confirm);
        assert_eq!(gone.status, 200, "HubSpot's proxy hides other bodies");
        let gone = json(&gone);
        assert_eq!(
            (&gone["ok"], &gone["code"]),
            (&false.into(), &"portal_unknown".into())
        );
    }
    let log = ports.log_lines().join("\n");
    assert!(log.contains("erasure_requested") && log.contains("portal_erased"));
}
