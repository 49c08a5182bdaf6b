//! What takes longer than HubSpot waits.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{Executed, ObjectType};
use sync300_fakes::{Effect, Fault};
use sync300_kit::surface::Answer;
use sync300_native_ports::firm::Firm;

use crate::support::*;

const CONTACT: &str = "/actions/clio/create_contact";
/// The first call: a look-up of the company, where there is one to look up, else creating.
const FIRST: &str = "/contacts.json";

/// The company is looked up before the person is created.
fn inputs() -> Value {
    json!({ "first_name": "Zebedee", "last_name": "Quagga", "email": "zq@example.org", "company": "Byron Ltd" })
}

/// Created at once.
fn alone() -> Value {
    json!({ "first_name": "Zebedee", "last_name": "Quagga", "email": "zq@example.org" })
}

/// A firm with the company that the inputs name.
fn firm() -> Firm {
    let firm = Firm::new().unwrap();
    let company = json!({ "type": "Company", "name": "Byron Ltd" });
    firm.account.add(Resource::Contacts, &company).unwrap();
    firm
}

fn people(firm: &Firm) -> usize {
    firm.account.count(Resource::Contacts) - 1
}

/// HubSpot takes in an answer; it waits now.
fn blocked(firm: &Firm, callback: &str, answer: &Answer) {
    let told = outputs(answer);
    assert_eq!(told["hs_execution_state"], "BLOCK", "{told}");
    assert_eq!(told["hs_expiration_duration"], "P1D");
    let executed = firm
        .portal
        .executed(callback, answer.status, answer.body.as_bytes());
    assert!(matches!(executed, Ok(Executed::Waits(_))), "{executed:?}");
}

/// What the workflow goes on with; none while it waits.
fn ended(firm: &Firm, callback: &str) -> Option<Value> {
    match firm.portal.execution_state(callback)? {
        Executed::Ended(outputs) => Some(json!(outputs)),
        _ => None,
    }
}

/// Time for a tick.
fn tick(firm: &Firm, millis: i64) -> i64 {
    firm.pass(millis);
    firm.sync().unwrap().iter().map(|tick| tick.actions).sum()
}

fn held(firm: &Firm) -> Option<i64> {
    firm.number("SELECT count(*) FROM action_waiting").unwrap()
}

fn signed(firm: &Firm, body: &Value) -> sync300_kit::surface::Incoming {
    firm.signed_raw("POST", CONTACT, &body.to_string())
}

/// S0-81: the provider is slow: HubSpot waits, the instance ends what it began, and the tick completes it, once. What was
/// given lies sealed while it is needed, and HubSpot's retries meanwhile are answered alike.
#[test]
fn what_is_slow_is_completed_by_the_tick() {
    let firm = firm();
    let ada = firm
        .portal
        .create_by_hand(ObjectType::Contacts, &[("firstname", "Zebedee")])
        .unwrap();
    let body = on_record("cb-1", &alone(), "CONTACT", &ada.to_string());
    firm.ports.slow_down(FIRST);
    let told = answer(&firm, &signed(&firm, &body));
    blocked(&firm, "cb-1", &told);
    assert_eq!(people(&firm), 1);
    assert_eq!(answer(&firm, &signed(&firm, &body)).body, told.body);
    assert_eq!(ended(&firm, "cb-1"), None);

    assert_eq!(tick(&firm, 60_000), 1);
    let outputs = ended(&firm, "cb-1").unwrap();
    let id = done(&outputs, "clio_contact_id");
    let linked = firm.portal.record(ObjectType::Contacts, ada).unwrap();
    assert_eq!(
        linked.value("sync300_clio_id"),
        Some(id.to_string().as_str())
    );
    assert_eq!((people(&firm), held(&firm)), (1, Some(0)));
    assert_eq!(tick(&firm, 60_000), 0);
    // Asked again, it is the same one.
    let again = crate::support::outputs(&answer(&firm, &signed(&firm, &body)));
    assert_eq!(done(&again, "clio_contact_id"), id);
    assert_eq!(people(&firm), 1);
}

/// An instance that is ended behind its answer, before it has created anything: the tick does it, once. Nothing that was
/// given is to be read at rest, and none of it is left afterwards.
#[test]
fn what_was_cut_off_is_done_by_the_tick() {
    let firm = firm();
    firm.ports.slow_down(FIRST);
    let body = request("cb-1", &inputs());
    let told = killed_behind_answer(&firm, &signed(&firm, &body));
    blocked(&firm, "cb-1", &told);
    assert_eq!((people(&firm), held(&firm)), (0, Some(1)));
    let rows = format!("{:?}", firm.sql("SELECT * FROM action_waiting").unwrap());
    for value in ["Zebedee", "Quagga", "zq@", "Byron"] {
        assert!(!rows.contains(value), "{value}: {rows}");
    }
    assert_eq!(answer(&firm, &signed(&firm, &body)).body, told.body);
    assert_eq!(people(&firm), 0);
    assert_eq!(tick(&firm, 60_000), 1);
    done(&ended(&firm, "cb-1").unwrap(), "clio_contact_id");
    assert_eq!((people(&firm), held(&firm)), (1, Some(0)));
    let mut dump = firm.ports.log_lines().join("\n");
    for table in ["action_calls", "audit", "links"] {
        dump += &format!("{:?}", firm.sql(&format!("SELECT * FROM {table}")).unwrap());
    }
    assert!(!dump.contains("Quagga"), "{dump}");
}

/// Ended while the provider was asked to create: nobody knows whether it did, so it is not asked again.
#[test]
fn what_may_have_been_created_is_told_so() {
    let firm = firm();
    firm.ports.slow_down(FIRST);
    let body = request("cb-1", &alone());
    let told = killed_behind_answer(&firm, &signed(&firm, &body));
    blocked(&firm, "cb-1", &told);
    assert_eq!(tick(&firm, 60_000), 1);
    failed(&ended(&firm, "cb-1").unwrap(), "outcome_unknown");
    assert_eq!((people(&firm), held(&firm)), (1, Some(0)));
}

/// What the provider refuses, or an input that is wrong, ends the wait as it would have ended the call.
#[test]
fn what_cannot_be_done_ends_the_wait() {
    for behind in [true, false] {
        let firm = firm();
        firm.ports.slow_down(FIRST);
        let mut inputs = inputs();
        inputs["company"] = "Nobody & Sons".into();
        inputs["last_name"] = "".into();
        inputs["first_name"] = "Zebedee".into();
        let refusal = Effect::answer(422, r#"{"error":{"type":"InvalidFields","message":"no"}}"#);
        firm.services
            .clio
            .fail(Fault::once("/contacts.json", refusal).method("POST"));
        let body = request("cb-1", &inputs);
        let told = match behind {
            true => answer(&firm, &signed(&firm, &body)),
            false => killed_behind_answer(&firm, &signed(&firm, &body)),
        };
        blocked(&firm, "cb-1", &told);
        assert_eq!(tick(&firm, 60_000), 1);
        failed(&ended(&firm, "cb-1").unwrap(), "refused");
        assert_eq!((people(&firm), held(&firm)), (0, Some(0)));
    }
}

/// A provider that stays out of order is tried again and again; before HubSpot would go on by itself it is told that it was
/// not done, and what was given is gone.
#[test]
fn what_is_never_done_is_told_in_time() {
    let firm = firm();
    firm.ports.slow_down(FIRST);
    let told = killed_behind_answer(&firm, &signed(&firm, &request("cb-1", &inputs())));
    blocked(&firm, "cb-1", &told);
    firm.services
        .clio
        .fail(Fault::once("/contacts.json", Effect::answer(503, "{}")).times(10_000));
    for _ in 0..3 {
        assert_eq!(tick(&firm, 60 * 60_000), 0);
        assert_eq!(held(&firm), Some(1));
    }
    assert_eq!(tick(&firm, 20 * 60 * 60_000), 1);
    failed(&ended(&firm, "cb-1").unwrap(), "out_of_time");
    assert_eq!((people(&firm), held(&firm)), (0, Some(0)));
}

/// Several that are due are completed together; one that HubSpot does not wait for keeps none of the others back, and is
/// not told about for ever.
#[test]
fn several_are_completed_in_one_call() {
    let firm = firm();
    for callback in ["cb-1", "cb-2", "cb-3"] {
        firm.ports.slow_down(FIRST);
        let told = answer(&firm, &signed(&firm, &request(callback, &inputs())));
        blocked(&firm, callback, &told);
    }
    firm.calls();
    assert_eq!(tick(&firm, 60_000), 3);
    let completions = |part: &str| {
        let calls = firm.services.hubspot.calls();
        calls.count(|call| call.path.contains("/callbacks/") && call.path.contains(part))
    };
    assert_eq!(completions(""), 1, "one batch");
    assert_eq!(people(&firm), 3);

    for callback in ["cb-4", "cb-5"] {
        firm.ports.slow_down(FIRST);
        let told = answer(&firm, &signed(&firm, &request(callback, &inputs())));
        assert_eq!(outputs(&told)["hs_execution_state"], "BLOCK");
        // HubSpot never got the other answer.
        if callback == "cb-4" {
            blocked(&firm, callback, &told);
        }
    }
    firm.calls();
    assert_eq!(tick(&firm, 60_000), 1);
    assert!(ended(&firm, "cb-4").is_some() && ended(&firm, "cb-5").is_none());
    assert_eq!(held(&firm), Some(1));
    for _ in 0..12 {
        tick(&firm, 10 * 60_000);
    }
    assert_eq!(held(&firm), Some(0));
    assert!(completions("") < 15, "{}", completions(""));
}

/// A lost answer to a completion: it is completed again, and then left alone.
#[test]
fn a_completion_whose_answer_is_lost_is_not_done_twice() {
    let firm = firm();
    firm.ports.slow_down(FIRST);
    let told = answer(&firm, &signed(&firm, &request("cb-1", &inputs())));
    blocked(&firm, "cb-1", &told);
    firm.services
        .hubspot
        .fail(Fault::once("/callbacks/", Effect::PerformThenDrop));
    tick(&firm, 60_000);
    let first = ended(&firm, "cb-1").unwrap();
    for _ in 0..12 {
        tick(&firm, 10 * 60_000);
    }
    assert_eq!(ended(&firm, "cb-1").unwrap(), first);
    assert_eq!((people(&firm), held(&firm)), (1, Some(0)));
}

/// An agent cannot be told to wait, and a portal without workflows could not be told the end: HubSpot asks again, and gets
/// what was done meanwhile. Nothing is put aside.
#[test]
fn who_cannot_wait_asks_again() {
    for (source, scopes) in [
        ("AGENTS", "oauth automation"),
        ("WORKFLOWS", "oauth automations"),
    ] {
        let firm = firm();
        firm.sql(&format!("UPDATE installs SET scopes = '{scopes}'"))
            .unwrap();
        let mut body = request("cb-1", &alone());
        body["context"] = json!({ "source": source });
        firm.ports.slow_down(FIRST);
        assert_eq!(answer(&firm, &signed(&firm, &body)).status, 503);
        assert_eq!(held(&firm), Some(0));
        let again = outputs(&answer(&firm, &signed(&firm, &body)));
        done(&again, "clio_contact_id");
        assert_eq!(people(&firm), 1);
    }
}

/// S1-45, S1-51: a portal that leaves, or is erased, leaves nothing of it behind; nobody is called.
#[test]
fn who_leaves_leaves_nothing() {
    let firm = firm();
    firm.ports.slow_down(FIRST);
    killed_behind_answer(&firm, &signed(&firm, &request("cb-1", &inputs())));
    assert_eq!(held(&firm), Some(1));
    firm.sql("UPDATE portals SET status = 'uninstalled'")
        .unwrap();
    firm.calls();
    assert_eq!(tick(&firm, 60_000), 0);
    assert_eq!(held(&firm), Some(0));
    assert_eq!(firm.calls(), (0, 0));
}

/// A key that is replaced while something waits: it is sealed anew when it is looked at; without its key it is told that it
/// was not done.
#[test]
fn keys_are_replaced_under_what_waits() {
    let (old, new) = (
        "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "k2:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    );
    let sealed_by = |firm: &Firm, key: &str| {
        let statement =
            format!("SELECT count(*) FROM action_waiting WHERE sealed LIKE 'v1.{key}.%'");
        firm.number(&statement).unwrap()
    };
    let mut firm = firm();
    firm.ports.slow_down(FIRST);
    let told = killed_behind_answer(&firm, &signed(&firm, &request("cb-1", &inputs())));
    blocked(&firm, "cb-1", &told);
    assert_eq!(sealed_by(&firm, "k1"), Some(1));
    firm.ports = firm
        .ports
        .with_variable("vault_keys", &format!("{new},{old}"));
    firm.services
        .clio
        .fail(Fault::once("/contacts.json", Effect::answer(503, "{}")).times(100));
    assert_eq!(tick(&firm, 60_000), 0);
    assert_eq!(sealed_by(&firm, "k2"), Some(1));

    // The tokens were not sealed anew, so the ring still needs their key; what waits does not open any more.
    firm.services.clio.clear_faults();
    firm.sql("UPDATE action_waiting SET sealed = 'v1.k3.AAAA'")
        .unwrap();
    assert_eq!(tick(&firm, 10 * 60_000), 1);
    failed(&ended(&firm, "cb-1").unwrap(), "out_of_time");
    assert_eq!((people(&firm), held(&firm)), (0, Some(0)));
}
