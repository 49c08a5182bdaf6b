//! A record that an action creates belongs to the HubSpot record it was created for, whatever a sync sees meanwhile.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_fakes::{Effect, Fault};
use sync300_kit::ports::{Sql as _, SqlValue};
use sync300_kit::settings::{ObjectSettings, Settings};
use sync300_native_ports::firm::{Firm, at_once};

use crate::routes;
use crate::support::*;

/// Nothing by which a sync could match it.
fn nameless() -> Value {
    json!({ "first_name": "Zebedee" })
}

fn on_nobody(firm: &Firm, callback: &str) -> (u64, Value) {
    let record = firm
        .portal
        .create_by_hand(ObjectType::Contacts, &[("jobtitle", "Clerk")])
        .unwrap();
    let body = on_record(callback, &nameless(), "CONTACT", &record.to_string());
    (record, body)
}

fn once(firm: &Firm, record: u64) {
    assert_eq!(firm.account.count(Resource::Contacts), 1);
    assert_eq!(firm.portal.count(ObjectType::Contacts), 1);
    let linked = firm.portal.record(ObjectType::Contacts, record).unwrap();
    let id = firm.account.ids(Resource::Contacts).remove(0);
    assert_eq!(
        linked.value("sync300_clio_id"),
        Some(id.to_string().as_str())
    );
    assert_eq!(
        firm.hubspot_id("contacts", id).unwrap(),
        Some(record.to_string())
    );
}

/// S0-72: a sync that lists the new contact before its id is known here makes no second one in HubSpot.
#[test]
fn a_sync_in_between_makes_no_second_record() {
    let firm = Firm::new().unwrap();
    firm.sync().unwrap();
    firm.pass(60_000);
    let (record, body) = on_nobody(&firm, "cb-1");
    let incoming = firm.signed_raw("POST", "/actions/clio/create_contact", &body.to_string());
    firm.ports.slow_down("/contacts.json");
    at_once(routes::handle(
        &firm.ports,
        &incoming,
        |_| (),
        async |told| {
            // It stands in Clio, and nobody was told its id yet.
            assert_eq!(outputs(&told)["hs_execution_state"], "BLOCK");
            assert_eq!(firm.account.count(Resource::Contacts), 1);
            firm.sync_again().unwrap();
            assert_eq!(firm.portal.count(ObjectType::Contacts), 1);
        },
    ))
    .unwrap();
    for _ in 0..2 {
        firm.pass(120_000);
        firm.sync_again().unwrap();
        once(&firm, record);
    }
}

/// S0-72: where HubSpot did not take the new contact's id, the link is remembered, and the next sync writes it.
#[test]
fn a_link_that_hubspot_did_not_take_is_not_lost() {
    let firm = Firm::new().unwrap();
    firm.sync().unwrap();
    firm.pass(60_000);
    let (record, body) = on_nobody(&firm, "cb-1");
    firm.services
        .hubspot
        .fail(Fault::once("/batch/update", Effect::answer(503, "{}")).times(3));
    let answer = send(&firm, "/actions/clio/create_contact", &body);
    assert_eq!(answer.status, 503);
    firm.services.hubspot.clear_faults();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    once(&firm, record);
    let id = firm.account.ids(Resource::Contacts).remove(0);
    let again = outputs(&send(&firm, "/actions/clio/create_contact", &body));
    assert_eq!(done(&again, "clio_contact_id"), id);
}

/// A contact that a person makes in Clio while an action is under way arrives all the same, a minute later.
#[test]
fn others_arrive_all_the_same() {
    let firm = Firm::new().unwrap();
    let (_, body) = on_nobody(&firm, "cb-1");
    let incoming = firm.signed_raw("POST", "/actions/clio/create_contact", &body.to_string());
    firm.ports.slow_down("/contacts.json");
    killed_behind_answer(&firm, &incoming);
    firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.sync_again().unwrap();
    assert_eq!(firm.portal.count(ObjectType::Contacts), 1);
    firm.pass(120_000);
    firm.sync_again().unwrap();
    assert_eq!(firm.portal.count(ObjectType::Contacts), 3);
}

fn records(firm: &Firm) -> i64 {
    let statement = "SELECT coalesce (sum (records), 0) FROM usage_by_month";
    match at_once(firm.ports.execute(statement, &[]))
        .unwrap()
        .unwrap()[0][0]
    {
        SqlValue::Integer(records) => records,
        ref other => panic!("{other:?}"),
    }
}

/// S1-11: a record that an action creates or changes counts, once, however often HubSpot asks; what was there already does
/// not.
#[test]
fn what_an_action_writes_is_counted() {
    let firm = Firm::new().unwrap();
    firm.sync().unwrap();
    let before = records(&firm);
    let (_, body) = on_nobody(&firm, "cb-1");
    for _ in 0..2 {
        assert_eq!(
            send(&firm, "/actions/clio/create_contact", &body).status,
            200
        );
        assert_eq!(records(&firm) - before, 1);
    }
    let mut again = body.clone();
    again["callbackId"] = json!("cb-2");
    assert_eq!(
        send(&firm, "/actions/clio/create_contact", &again).status,
        200
    );
    assert_eq!(records(&firm) - before, 1, "it has its other side already");
    let refused = json!({ "callbackId": "cb-3" });
    let mut unknown = body;
    unknown["callbackId"] = refused["callbackId"].clone();
    unknown["inputFields"] = json!({});
    send(&firm, "/actions/clio/create_matter", &unknown);
    assert_eq!(records(&firm) - before, 1, "nothing was written");
}

/// S0-71, S0-72: a contact that was deleted in Clio is nobody's other side any more, whether or not a run has seen that: another
/// is made, and the record belongs to it. Its id is never told of again.
#[test]
fn what_is_gone_is_made_anew() {
    for seen in [false, true] {
        let firm = Firm::new().unwrap();
        firm.sync().unwrap();
        let (record, body) = on_nobody(&firm, "cb-1");
        let create = |body: &Value| {
            let answer = send(&firm, "/actions/clio/create_contact", body);
            done(&outputs(&answer), "clio_contact_id")
        };
        let first = create(&body);
        firm.pass(60_000);
        firm.sync_again().unwrap();
        once(&firm, record);
        firm.account.delete(Resource::Contacts, first).unwrap();
        if seen {
            firm.pass(26 * 60 * 60_000);
            firm.sync_again().unwrap();
            let gone = "SELECT count(*) FROM links WHERE state = 'provider_gone' AND hubspot_id IS NOT NULL";
            assert_eq!(firm.number(gone).unwrap(), Some(1));
        }
        let other = on_record("cb-2", &nameless(), "CONTACT", &record.to_string());
        let second = create(&other);
        assert_ne!(second, first);
        once(&firm, record);
        assert_eq!(create(&other), second);
        firm.pass(26 * 60 * 60_000);
        firm.sync_again().unwrap();
        once(&firm, record);
        assert_eq!(firm.hubspot_id("contacts", first).unwrap(), None);
    }
}

/// S0-14, S0-72: where contacts are switched off, nothing is written to HubSpot's record, and the message says so. The link is
/// remembered: no second contact is made then, nor once they are switched on.
#[test]
fn what_is_switched_off_is_not_written_to() {
    let mut settings = Settings::default();
    let off = ObjectSettings {
        enabled: false,
        ..ObjectSettings::default()
    };
    settings.objects.insert("contacts".to_owned(), off);
    let firm = Firm::with(&settings).unwrap();
    firm.sync().unwrap();
    let (record, body) = on_nobody(&firm, "cb-1");
    firm.calls();
    let told = outputs(&send(&firm, "/actions/clio/create_contact", &body));
    let id = done(&told, "clio_contact_id");
    assert_eq!(
        told["message"],
        "Done in Clio. Contacts are switched off in the settings of 300Sync, so the record in HubSpot was not changed."
    );
    assert_eq!(firm.calls().0, 0);
    let other = on_record("cb-2", &nameless(), "CONTACT", &record.to_string());
    let again = outputs(&send(&firm, "/actions/clio/create_contact", &other));
    assert_eq!(done(&again, "clio_contact_id"), id);
    firm.pass(60_000);
    firm.sync_again().unwrap();
    let untouched = firm.portal.record(ObjectType::Contacts, record).unwrap();
    assert_eq!(untouched.value("sync300_clio_id"), None);

    firm.sql("UPDATE connections SET settings = '{}'").unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    once(&firm, record);
}

/// S0-72, S0-81: two executions on one record at once: one creates, the other is asked again, and finds what was created.
#[test]
fn two_at_once_create_one() {
    let firm = Firm::new().unwrap();
    firm.sync().unwrap();
    let (record, body) = on_nobody(&firm, "cb-1");
    let (_, elsewhere) = on_nobody(&firm, "cb-3");
    let other = on_record("cb-2", &nameless(), "CONTACT", &record.to_string());
    let incoming = firm.signed_raw("POST", "/actions/clio/create_contact", &body.to_string());
    firm.ports.slow_down("/contacts.json");
    at_once(routes::handle(
        &firm.ports,
        &incoming,
        |_| (),
        async |told| {
            assert_eq!(outputs(&told)["hs_execution_state"], "BLOCK");
            let busy = send(&firm, "/actions/clio/create_contact", &other);
            assert_eq!(busy.status, 503, "{}", busy.body);
            assert_eq!(firm.account.count(Resource::Contacts), 1);
            // Another record is nobody's business.
            let answer = send(&firm, "/actions/clio/create_contact", &elsewhere);
            done(&outputs(&answer), "clio_contact_id");
        },
    ))
    .unwrap();
    let id = firm.account.ids(Resource::Contacts).remove(0);
    let found = outputs(&send(&firm, "/actions/clio/create_contact", &other));
    assert_eq!(done(&found, "clio_contact_id"), id);
    assert_eq!(firm.account.count(Resource::Contacts), 2);
    assert_eq!(
        firm.number("SELECT count(*) FROM action_calls WHERE action = 'record'")
            .unwrap(),
        Some(0)
    );
}
