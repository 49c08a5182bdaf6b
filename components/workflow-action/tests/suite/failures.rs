//! What HubSpot is told where something cannot be done; and that nothing is done twice.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::{Effect, Fault};
use sync300_kit::ports::{Sql as _, Variables as _};
use sync300_kit::secret::Secret;
use sync300_kit::store::Store;
use sync300_kit::vault::{Purpose, Vault};
use sync300_native_ports::firm::{Firm, PORTAL, at_once};

use crate::support::*;

fn matters(firm: &Firm) -> usize {
    firm.account.count(Resource::Matters)
}

/// S0-74, S0-78, S0-79: missing, empty, overlong and wrongly typed inputs, unknown ids and other spellings: a readable failure
/// that names the input and never quotes it; nothing is created, and the same execution may be put right.
#[test]
fn bad_inputs_create_nothing() {
    let firm = Firm::new().unwrap();
    let client = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    let matter = firm.matter("Old", client).unwrap();
    let long = "x".repeat(300);
    for (number, (action, inputs, code, named)) in [
        ("create_matter", json!({}), "input_missing", "Matter name"),
        (
            "create_matter",
            json!({ "name": "M" }),
            "input_missing",
            "Clio contact ID",
        ),
        (
            "create_matter",
            json!({ "name": " ", "clio_contact_id": "1" }),
            "input_missing",
            "Matter name",
        ),
        (
            "create_matter",
            json!({ "name": long, "clio_contact_id": "1" }),
            "input_too_long",
            "Matter name",
        ),
        (
            "create_matter",
            json!({ "name": "M", "clio_contact_id": "Ada" }),
            "input_invalid",
            "Clio contact ID",
        ),
        (
            "create_matter",
            json!({ "name": ["M"], "clio_contact_id": client }),
            "input_invalid",
            "Matter name",
        ),
        (
            "create_matter",
            json!({ "name": "M", "clio_contact_id": "987654321" }),
            "refused",
            "ids",
        ),
        (
            "create_matter",
            json!({ "name": "M", "clio_contact_id": client, "practice_area": "Zilch" }),
            "input_not_found",
            "practice area",
        ),
        (
            "update_matter_status",
            json!({ "clio_matter_id": matter, "status": "Closed" }),
            "input_unknown_choice",
            "Status",
        ),
        (
            "update_matter_status",
            json!({ "clio_matter_id": "987654321", "status": "closed" }),
            "not_found",
            "id",
        ),
        (
            "log_activity",
            json!({ "note": "n" }),
            "input_missing",
            "Clio contact ID or Clio matter ID",
        ),
        (
            "log_activity",
            json!({ "note": null, "clio_contact_id": client }),
            "input_missing",
            "Note",
        ),
        (
            "log_activity",
            json!({ "note": ["n"], "clio_contact_id": client }),
            "input_invalid",
            "Note",
        ),
        (
            "log_activity",
            json!({ "note": { "value": { "of": "n" } }, "clio_contact_id": client }),
            "input_invalid",
            "Note",
        ),
        (
            "create_contact",
            json!({ "email": "x@y.example" }),
            "input_missing",
            "First name or Last name",
        ),
        (
            "create_contact",
            json!({ "last_name": "B", "email": "no address" }),
            "input_invalid",
            "Email",
        ),
        (
            "create_task",
            json!({ "name": "t", "due_date": "soon" }),
            "input_invalid",
            "Due date",
        ),
        (
            "create_task",
            json!({ "name": "t", "due_date": 20_260_312 }),
            "input_invalid",
            "Due date",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let outputs = act(&firm, action, &number.to_string(), &inputs);
        let message = failed(&outputs, code);
        assert!(message.contains(named), "{action} {inputs}: {message}");
        for quoted in ["Ada", "no address", "soon", "Zilch", "xxx"] {
            assert!(!message.contains(quoted), "{message}");
        }
    }
    assert_eq!(
        (matters(&firm), firm.account.count(Resource::Contacts)),
        (1, 1)
    );
    for resource in [Resource::Notes, Resource::Tasks] {
        assert_eq!(firm.account.count(resource), 0, "{resource:?}");
    }
    assert_eq!(clio(&firm, Resource::Matters, matter)["status"], "Open");
    let right = json!({ "name": "M", "clio_contact_id": client });
    assert!(done(&act(&firm, "create_matter", "1", &right), "clio_matter_id") > 0);
}

/// A provider that is out of order before anything was done: HubSpot asks again, and then it is done, once.
#[test]
fn what_was_not_sent_is_asked_again() {
    let firm = Firm::new().unwrap();
    let client = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.account
        .add(Resource::PracticeAreas, &json!({ "name": "Torts" }))
        .unwrap();
    let body = request(
        "1",
        &json!({ "name": "M", "clio_contact_id": client, "practice_area": "Torts" }),
    );
    let send = || send(&firm, "/actions/clio/create_matter", &body);
    firm.services
        .clio
        .fail(Fault::once("/practice_areas.json", Effect::answer(503, "{}")).times(10));
    assert_eq!(send().status, 503);
    firm.services.clio.clear_faults();
    firm.services
        .clio
        .fail(Fault::once("/matters.json", Effect::answer(429, "{}")));
    let limited = send();
    assert_eq!(limited.status, 429);
    assert!(
        limited
            .header("retry-after")
            .unwrap()
            .parse::<i64>()
            .unwrap()
            >= 1_000,
        "milliseconds"
    );
    assert_eq!(matters(&firm), 0);
    let id = done(&outputs(&send()), "clio_matter_id");
    assert_eq!(done(&outputs(&send()), "clio_matter_id"), id);
    assert_eq!(matters(&firm), 1);
}

/// S0-81: a provider that cannot be reached has created nothing, nor has one whose token cannot be renewed, whatever became of
/// that call: HubSpot asks again, and then it is done, once.
#[test]
fn what_never_reached_the_provider_is_asked_again() {
    for renewing in [false, true] {
        let firm = Firm::new().unwrap();
        let client = firm.person("Ada", "Byron", "ada@example.org").unwrap();
        let body = request("1", &json!({ "name": "M", "clio_contact_id": client }));
        let send = || send(&firm, "/actions/clio/create_matter", &body);
        if renewing {
            let vault = Vault::from_ring(firm.ports.variable("vault_keys").as_ref()).unwrap();
            let purpose = Purpose {
                portal: PORTAL,
                connection: &firm.connection,
                name: "refresh_token",
            };
            let token = Secret::new("refresh");
            let store = Store::new(&firm.ports);
            let stored = store.put_credential(&vault, purpose, &token, None);
            at_once(stored).unwrap().unwrap();
            firm.sql("UPDATE credentials SET expires_at = 1 WHERE connection_id <> ''")
                .unwrap();
            firm.services
                .clio
                .fail(Fault::once("/oauth/token", Effect::Drop).times(10));
        } else {
            firm.ports.out_of_reach(&["/matters.json"]);
        }
        for _ in 0..2 {
            let answer = send();
            assert_eq!(answer.status, 503, "{}", answer.body);
        }
        firm.ports.out_of_reach(&[]);
        firm.services.clio.clear_faults();
        firm.sql("UPDATE credentials SET expires_at = NULL WHERE connection_id <> ''")
            .unwrap();
        let id = done(&outputs(&send()), "clio_matter_id");
        assert_eq!(done(&outputs(&send()), "clio_matter_id"), id);
        assert_eq!(matters(&firm), 1);
    }
}

/// S0-81: an answer that was lost on its way: whether it was done is not known, so it is not done again, and a person is told.
#[test]
fn what_may_have_been_done_is_not_done_again() {
    for effect in [
        Effect::PerformThenDrop,
        Effect::Drop,
        Effect::answer(502, "<html>"),
    ] {
        let firm = Firm::new().unwrap();
        let client = firm.person("Ada", "Byron", "ada@example.org").unwrap();
        let inputs = json!({ "name": "M", "clio_contact_id": client });
        firm.services
            .clio
            .fail(Fault::once("/matters.json", effect));
        let message = failed(
            &act(&firm, "create_matter", "1", &inputs),
            "outcome_unknown",
        );
        assert!(message.contains("Check in Clio"));
        let before = matters(&firm);
        // A retry at once is one that may still be under way; later it is one that nobody knows of.
        let asked = request("1", &inputs);
        assert_eq!(
            send(&firm, "/actions/clio/create_matter", &asked).status,
            503
        );
        firm.pass(60_000);
        failed(
            &act(&firm, "create_matter", "1", &inputs),
            "outcome_unknown",
        );
        assert_eq!(matters(&firm), before);
    }
}

/// A change that may be made twice is made until it is made.
#[test]
fn a_change_is_tried_again() {
    let firm = Firm::new().unwrap();
    let client = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    let matter = firm.matter("Old", client).unwrap();
    firm.services
        .clio
        .fail(Fault::once(format!("/matters/{matter}.json"), Effect::PerformThenDrop).times(10));
    let body = request(
        "1",
        &json!({ "clio_matter_id": matter, "status": "closed" }),
    );
    assert_eq!(
        send(&firm, "/actions/clio/update_matter_status", &body).status,
        503
    );
    firm.services.clio.clear_faults();
    assert_eq!(
        done(
            &outputs(&send(&firm, "/actions/clio/update_matter_status", &body)),
            "clio_matter_id"
        ),
        matter
    );
}

/// A connection that does not stand, a portal that is paused: told in words, and nothing is called.
#[test]
fn what_does_not_stand_does_nothing() {
    let firm = Firm::new().unwrap();
    firm.calls();
    for (change, code) in [
        ("UPDATE connections SET status = 'expired'", "disconnected"),
        (
            "UPDATE connections SET status = 'disconnected'",
            "disconnected",
        ),
        ("UPDATE portals SET status = 'restricted'", "restricted"),
        (
            "UPDATE portals SET status = 'uninstalled'",
            "portal_unknown",
        ),
    ] {
        firm.sql(change).unwrap();
        failed(
            &act(&firm, "create_contact", "1", &json!({ "last_name": "B" })),
            code,
        );
    }
    let sync = send(&firm, "/actions/trigger_sync", &request("2", &Value::Null));
    failed(&outputs(&sync), "portal_unknown");
    assert_eq!(firm.calls(), (0, 0));
    assert_eq!(
        firm.number("SELECT count(*) FROM action_calls").unwrap(),
        Some(0)
    );
}

/// Whatever Clio refuses with ends the action with a code that HubSpot has words for; but for what may be tried again.
#[test]
fn every_refusal_has_words() {
    let firm = Firm::new().unwrap();
    let client = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    let inputs = json!({ "name": "M", "clio_contact_id": client });
    for (status, code) in [
        (301, "provider_redirected"),
        (400, "refused"),
        (401, "provider_unauthorized"),
        (403, "provider_missing_scope"),
        (404, "not_found"),
        (405, "provider_gone"),
        (409, "provider_conflict"),
        (410, "provider_gone"),
        (412, "provider_stale"),
        (413, "provider_too_large"),
        (418, "provider_invalid"),
        (422, "refused"),
    ] {
        let fault = Fault::once("/matters.json", Effect::answer(status, "{}"));
        firm.services.clio.fail(fault);
        let told = act(&firm, "create_matter", &status.to_string(), &inputs);
        failed(&told, code);
    }
    for (body, code) in [
        (r#"{"error":"invalid_token"}"#, "provider_revoked"),
        (r#"{"error":"invalid_client"}"#, "provider_misconfigured"),
    ] {
        let fault = Fault::once("/matters.json", Effect::answer(401, body));
        firm.services.clio.fail(fault);
        failed(&act(&firm, "create_matter", code, &inputs), code);
    }
    firm.sql("UPDATE credentials SET expires_at = 1 WHERE connection_id <> ''")
        .unwrap();
    failed(
        &act(&firm, "create_matter", "expired", &inputs),
        "provider_token_expired",
    );
    assert_eq!(matters(&firm), 0);
}

/// The README names every code that HubSpot has words for, one by one or as a kind.
#[test]
fn the_readme_has_the_same_codes() {
    let readme = include_str!("../../../../README.md");
    let (_, section) = readme.split_once("## Workflow actions").unwrap();
    let (said, _) = section.split_once("| Action |").unwrap();
    let mut named = said.split('`').skip(1).step_by(2);
    assert!(named.all(|name| !name.starts_with("plan_") || codes().contains(&name.to_owned())));
    for code in codes() {
        let kind = code.starts_with("provider_") || OURS.contains(&code.as_str());
        assert!(kind || said.contains(&format!("`{code}`")), "{code}");
    }
}

/// Of what has to be put right on our side.
const OURS: [&str; 4] = ["unexpected_answer", "configuration", "vault", "database"];

/// S0-90, S0-92: no value of an execution lies in the tables or the log afterwards.
#[test]
fn an_execution_leaves_ids_alone() {
    let firm = Firm::new().unwrap();
    act(
        &firm,
        "create_contact",
        "1",
        &json!({ "first_name": "Zebedee", "last_name": "Quagga", "email": "zq@example.org" }),
    );
    act(
        &firm,
        "create_contact",
        "2",
        &json!({ "first_name": "Zebedee", "email": "zq at example" }),
    );
    let mut dump = firm.ports.log_lines().join("\n");
    for table in ["action_calls", "audit", "links", "connections"] {
        dump += &format!("{:?}", firm.sql(&format!("SELECT * FROM {table}")).unwrap());
    }
    for value in ["Zebedee", "Quagga", "zq@", "zq at"] {
        assert!(!dump.contains(value), "{value}");
    }
}

/// S0-46, S1-18: what the plan does not allow is told in words, creates nothing, and may be done once the plan allows it.
#[test]
fn a_plan_that_is_not_paid_does_nothing() {
    let mut firm = Firm::new().unwrap();
    firm.ports = firm.ports.with_variable("billing", "stripe");
    let sql = |statement: &str| {
        at_once(firm.ports.execute(statement, &[]))
            .unwrap()
            .unwrap()
    };
    sql(
        "INSERT INTO billing_customers (customer_id, portal_id, plan, status, status_since, changed_at) \
         SELECT 'cus_1', portal_id, 'starter', 'unpaid', 1, 1 FROM connections",
    );
    let inputs = json!({ "first_name": "Ada", "email": "ada@example.org" });
    let refused = failed(&act(&firm, "create_contact", "c1", &inputs), "plan_payment");
    assert!(refused.contains("subscription"), "{refused}");
    assert_eq!(firm.account.count(Resource::Contacts), 0);
    let asked = send(&firm, "/actions/trigger_sync", &request("c2", &json!({})));
    failed(&outputs(&asked), "plan_payment");

    sql("UPDATE billing_customers SET status = 'active'");
    done(
        &act(&firm, "create_contact", "c1", &inputs),
        "clio_contact_id",
    );
    assert_eq!(firm.account.count(Resource::Contacts), 1);
    let asked = send(&firm, "/actions/trigger_sync", &request("c2", &json!({})));
    assert_eq!(outputs(&asked)["hs_execution_state"], "SUCCESS");

    // What was done is answered again, whatever the plan says by now.
    sql("UPDATE billing_customers SET status = 'unpaid'");
    done(
        &act(&firm, "create_contact", "c1", &inputs),
        "clio_contact_id",
    );
    assert_eq!(firm.account.count(Resource::Contacts), 1);
}
