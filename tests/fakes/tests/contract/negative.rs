//! The check itself: it finds what is wrong.

use sync300_fakes::contract::{ClioContract, Contract, ContractError, HubSpotContract, specs};

const READ: &str = "/crm/objects/2026-03/contacts/batch/read";
const EMPTY: &[u8] = br#"{"status":"COMPLETE","results":[],"startedAt":"2026-01-01T00:00:00Z","completedAt":"2026-01-01T00:00:00Z"}"#;

#[test]
fn wrong_exchanges_with_hubspot_are_found() {
    let Some(specs) = specs() else { return };
    let contract = HubSpotContract::load(&specs).unwrap();
    let check = |method, path, request: &[u8], status, response: &[u8]| {
        contract.validate_exchange(method, path, request, status, response)
    };
    assert!(check("POST", READ, br#"{"inputs":[{"id":"1"}]}"#, 200, EMPTY).is_ok());
    for request in [
        &br#"{"inputs":[{"id":1}]}"#[..],
        br#"{"inputs":[{"id":"1","colour":"red"}]}"#,
        br#"{"input":[]}"#,
        br#"{"inputs":"#,
        b"",
    ] {
        let outcome = check("POST", READ, request, 200, EMPTY);
        assert!(
            matches!(
                outcome,
                Err(ContractError::Body {
                    side: "request",
                    ..
                })
            ),
            "{request:?}"
        );
    }
    for response in [
        &b"{}"[..],
        br#"{"status":"DONE","results":[],"startedAt":"x","completedAt":"y"}"#,
        b"",
    ] {
        let outcome = check("POST", READ, br#"{"inputs":[]}"#, 200, response);
        assert!(
            matches!(
                outcome,
                Err(ContractError::Body {
                    side: "response",
                    ..
                })
            ),
            "{response:?}"
        );
    }
    let token = "/oauth/2026-03/token";
    let answer = br#"{"access_token":"a","refresh_token":"r","expires_in":1800,"token_type":"bearer","token_use":"access_token"}"#;
    assert!(
        check(
            "POST",
            token,
            b"grant_type=refresh_token&refresh_token=r",
            200,
            answer
        )
        .is_ok()
    );
    for request in [
        &b"grant_type=password"[..],
        b"grant_type=refresh_token&colour=red",
    ] {
        assert!(
            check("POST", token, request, 200, answer).is_err(),
            "{request:?}"
        );
    }
    assert!(check("POST", token, b"", 200, b"{}").is_err());
    for (method, path) in [
        ("GET", READ),
        ("POST", "/oauth/v1/token"),
        ("POST", "/crm/v3/objects/contacts/batch/read"),
        ("GET", "/nowhere"),
    ] {
        assert!(matches!(
            check(method, path, b"", 200, b"{}"),
            Err(ContractError::NoSuchOperation { .. })
        ));
    }
}

#[test]
fn wrong_exchanges_with_clio_are_found() {
    let Some(specs) = specs() else { return };
    let contract = ClioContract::load(&specs).unwrap();
    let check = |method, path, request: &[u8], status, response: &[u8]| {
        contract.validate_exchange(method, path, request, status, response)
    };
    assert!(
        check(
            "GET",
            "/api/v4/contacts.json",
            b"",
            200,
            br#"{"data":[{"id":1,"name":null}]}"#
        )
        .is_ok()
    );
    for response in [
        &br#"{"data":{}}"#[..],
        br#"{"data":[{"id":"1"}]}"#,
        br#"{"data":[{"created_at":"today"}]}"#,
    ] {
        assert!(check("GET", "/api/v4/contacts.json", b"", 200, response).is_err());
    }
    let task = br#"{"data":{"name":"T","description":"D","assignee":{"id":1,"type":"User"}}}"#;
    let shown = br#"{"data":{"id":1}}"#;
    assert!(check("POST", "/api/v4/tasks.json", task, 201, shown).is_ok());
    assert!(
        check(
            "POST",
            "/api/v4/tasks.json",
            br#"{"data":{"name":"T"}}"#,
            201,
            shown
        )
        .is_err()
    );
    let unknown = br#"{"data":{"name":"T","description":"D","assignee":{"id":1,"type":"User"},"colour":"red"}}"#;
    assert!(check("POST", "/api/v4/tasks.json", unknown, 201, shown).is_err());
    assert!(matches!(
        check("GET", "/api/v4/companies.json", b"", 200, b"{}"),
        Err(ContractError::NoSuchOperation { .. })
    ));
    assert!(matches!(
        check("GET", "/api/v4/contacts.json", b"", 418, b"{}"),
        Err(ContractError::NoSuchStatus { status: 418, .. })
    ));
}
