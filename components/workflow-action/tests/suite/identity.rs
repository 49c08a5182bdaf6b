//! Who may ask at all.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_native_ports::firm::{Firm, OTHER_PORTAL};

use crate::support::*;

const ROUTES: [&str; 3] = [
    "/actions/trigger_sync",
    "/actions/clio/create_contact",
    "/actions/clio/options/matters",
];

/// S0-87, S1-36: unsigned, stale, for another address or body: refused, and nothing is done. Version 3 counts where it is
/// there; version 2 alone is what workflows may come with.
#[test]
fn nobody_is_believed_without_a_signature() {
    let firm = Firm::new().unwrap();
    firm.sync().unwrap();
    firm.calls();
    for route in ROUTES {
        let good = || {
            firm.signed_raw(
                "POST",
                route,
                &request("1", &json!({ "last_name": "B" })).to_string(),
            )
        };
        let mut unsigned = good();
        unsigned
            .headers
            .retain(|(name, _)| !name.starts_with("x-hubspot"));
        let mut changed = good();
        changed.body.push(b' ');
        let mut elsewhere = good();
        elsewhere.target += "?x=1";
        let mut third_broken = good();
        for (name, value) in &mut third_broken.headers {
            if name == "x-hubspot-signature-v3" {
                *value = b"AAAA".to_vec();
            }
        }
        let late = good();
        for incoming in [unsigned, changed, elsewhere, third_broken] {
            assert_eq!(answer(&firm, &incoming).status, 401, "{route}");
        }
        firm.pass(300_001);
        assert_eq!(answer(&firm, &late).status, 401, "{route}");
        let mut second = good();
        second
            .headers
            .retain(|(name, _)| name != "x-hubspot-signature-v3");
        assert_eq!(answer(&firm, &second).status, 200, "{route}");
    }
    assert_eq!(firm.account.count(Resource::Contacts), 1);
}

/// A portal does nothing at another portal's account.
#[test]
fn portals_do_not_reach_each_other() {
    let firm = Firm::new().unwrap();
    let mut body = request("1", &json!({ "last_name": "B" }));
    body["origin"]["portalId"] = json!(OTHER_PORTAL);
    firm.calls();
    failed(
        &outputs(&send(&firm, "/actions/clio/create_contact", &body)),
        "disconnected",
    );
    assert_eq!(
        send(&firm, "/actions/clio/options/matters", &body).status,
        409
    );
    failed(
        &outputs(&send(&firm, "/actions/trigger_sync", &body)),
        "not_connected",
    );
    assert_eq!(firm.calls(), (0, 0));
    assert_eq!(firm.account.count(Resource::Contacts), 0);
}

/// What is no request of HubSpot's is refused for good (4xx): HubSpot does not ask again.
#[test]
fn what_is_not_understood_is_refused() {
    let firm = Firm::new().unwrap();
    let status =
        |path: &str, body: &str| answer(&firm, &firm.signed_raw("POST", path, body)).status;
    let good = request("1", &json!({})).to_string();
    assert_eq!(status("/actions/clio/fly", &good), 404);
    assert_eq!(status("/actions/nobody/create_contact", &good), 404);
    assert_eq!(status("/actions/clio/options/bills", &good), 404);
    assert_eq!(status("/actions/clio/create_contact", "{"), 400);
    assert_eq!(status("/actions/clio/create_contact", "{}"), 400);
    let nameless = request("", &json!({ "last_name": "B" })).to_string();
    assert_eq!(status("/actions/clio/create_contact", &nameless), 400);
    let endless = request(&"x".repeat(200), &json!({})).to_string();
    assert_eq!(status("/actions/trigger_sync", &endless), 400);
    let get = answer(&firm, &firm.signed_raw("GET", "/actions/trigger_sync", ""));
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
}
