//! What a run would do, before it does.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_native_ports::firm::{ADMIN, Firm, MEMBER, OTHER_PORTAL, PORTAL};

use crate::support::*;

pub fn preview(firm: &Firm, object: &str) -> Value {
    let connection = &firm.connection;
    get(
        firm,
        &format!("/cards/preview?connection={connection}&object={object}"),
    )
}

/// A firm with people of every fate.
pub fn with_every_fate() -> Firm {
    let firm = Firm::new().unwrap();
    let by_hand = |values: &[(&str, &str)]| {
        let made = firm.portal.create_by_hand(ObjectType::Contacts, values);
        made.unwrap()
    };
    by_hand(&[("firstname", "Mary"), ("email", "mary@example.org")]);
    by_hand(&[("firstname", "Grace"), ("lastname", "Hopper")]);
    by_hand(&[("firstname", "John"), ("lastname", "Doe")]);
    firm.pass(120_000);
    firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.person("Mary", "Shelley", "mary@example.org").unwrap();
    firm.person("Grace", "Hopper", "").unwrap();
    firm.person("John", "Doe", "").unwrap();
    firm.person("John", "Doe", "").unwrap();
    firm
}

fn outcomes(view: &Value) -> Vec<(String, String)> {
    let records = view["records"].as_array().unwrap().iter();
    let text =
        |record: &Value, member: &str| record[member].as_str().unwrap_or_default().to_owned();
    records
        .map(|record| (text(record, "name"), text(record, "outcome")))
        .collect()
}

/// What a run would create, link, and leave to a person is said by name, and done so by the run; nothing is written before.
#[test]
fn a_preview_says_what_the_run_does() {
    let firm = with_every_fate();
    let before = firm.portal.count(ObjectType::Contacts);
    let view = preview(&firm, "contacts");
    assert_eq!(view["ok"], true, "{view}");
    let fates = outcomes(&view);
    let expected = [
        ("Ada Byron ada@example.org", "create"),
        ("Mary Shelley mary@example.org", "link"),
        ("Grace Hopper", "link"),
        ("John Doe", "review"),
        ("John Doe", "review"),
    ];
    assert_eq!(
        fates,
        expected.map(|(name, fate)| (name.to_owned(), fate.to_owned()))
    );
    assert_eq!(
        (
            &view["counts"]["create"],
            &view["counts"]["link"],
            &view["counts"]["review"]
        ),
        (&json!(1), &json!(2), &json!(2))
    );
    assert_eq!(
        (&view["more"], &view["note"]),
        (&json!(false), &Value::Null)
    );
    // Nothing was written: neither there, nor here.
    assert_eq!(firm.portal.count(ObjectType::Contacts), before);
    for table in ["links", "runs", "candidates", "streams"] {
        let count = firm.number(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(count.unwrap(), Some(0), "{table}");
    }

    firm.sync().unwrap();
    assert_eq!(firm.portal.count(ObjectType::Contacts), before + 1);
    let count = |sql: &str| {
        firm.number(&format!("SELECT count(*) FROM links WHERE {sql}"))
            .unwrap()
    };
    assert_eq!(count("object = 'contacts' AND state = 'active'"), Some(3));
    assert_eq!(
        count("object = 'contacts' AND state = 'ambiguous'"),
        Some(2)
    );
}

/// What is in step stays; what changed is named by its fields; what was taken out stays out.
#[test]
fn a_preview_of_a_later_run_tells_changes() {
    let (firm, ada, _) = with_ada();
    assert_eq!(preview(&firm, "contacts")["records"], json!([]));
    firm.pass(60_000);
    let title = json!({ "title": "Countess" });
    firm.account.edit(Resource::Contacts, ada, &title).unwrap();
    let view = preview(&firm, "contacts");
    assert_eq!(view["counts"]["update"], 1, "{view}");
    let record = &view["records"][0];
    assert_eq!(
        (&record["outcome"], &record["fields"]),
        (&json!("update"), &json!(["jobtitle"]))
    );
    firm.sync_again().unwrap();

    let unlink = json!({ "connection": firm.connection, "object": "contacts", "id": ada.to_string(), "decision": "unlink" });
    assert_eq!(post(&firm, "/cards/review", &unlink)["ok"], true);
    firm.sync_again().unwrap();
    firm.pass(60_000);
    let title = json!({ "title": "Lady" });
    firm.account.edit(Resource::Contacts, ada, &title).unwrap();
    let view = preview(&firm, "contacts");
    assert_eq!(
        outcomes(&view),
        [("Ada Byron ada@example.org".to_owned(), "skip".to_owned())]
    );
    assert!(
        view["records"][0]["message"]
            .as_str()
            .unwrap()
            .contains("out of the sync")
    );
}

/// S1-40: for admins, of their own portal; and where a side is down it says so.
#[test]
fn a_preview_is_for_admins() {
    let firm = with_every_fate();
    let target = format!(
        "/cards/preview?connection={}&object=contacts",
        firm.connection
    );
    assert_eq!(get_as(&firm, &target, PORTAL, MEMBER)["code"], "not_admin");
    assert_eq!(
        get_as(&firm, &target, OTHER_PORTAL, ADMIN)["code"],
        "connection_unknown"
    );
    assert_eq!(preview(&firm, "tables")["code"], "object_unknown");
    let down = sync300_fakes::Fault::once(
        "/api/v4/contacts.json",
        sync300_fakes::Effect::answer(503, "{}"),
    );
    firm.services.clio.fail(down.times(100));
    assert_eq!(preview(&firm, "contacts")["code"], "not_read");
}

/// What HubSpot's side would send is told as well: an edit of a linked record by its fields, and a record that Clio would get;
/// the run does so.
#[test]
fn a_preview_tells_the_way_back() {
    let (firm, ada, record) = with_ada();
    let both = json!({ "objects": { "contacts": { "direction": "both", "create": true } } });
    let saved = crate::settings::change(&firm, both);
    assert_eq!(saved["ok"], true, "{saved}");
    firm.sync_again().unwrap();
    firm.pass(200_000);
    let edit = [("jobtitle", "Countess")];
    let record = record.parse().unwrap();
    firm.portal
        .edit(ObjectType::Contacts, record, &edit)
        .unwrap();
    let grace = [("firstname", "Grace"), ("lastname", "Hopper")];
    let grace = firm
        .portal
        .create_by_hand(ObjectType::Contacts, &grace)
        .unwrap();
    let view = preview(&firm, "contacts");
    assert_eq!(
        outcomes(&view),
        [
            ("Ada Byron ada@example.org", "send"),
            ("Grace Hopper", "make")
        ]
        .map(|(name, fate)| (name.to_owned(), fate.to_owned())),
        "{view}"
    );
    let [sent, made] = [&view["records"][0], &view["records"][1]];
    assert_eq!(
        (&sent["id"], &sent["fields"]),
        (&json!(ada.to_string()), &json!(["jobtitle"]))
    );
    assert_eq!(made["hubspot_id"], json!(grace.to_string()));
    let people = || firm.account.ids(Resource::Contacts).len();
    assert_eq!(people(), 1, "nothing is written");

    firm.sync_again().unwrap();
    assert_eq!(people(), 2);
    let there = firm.account.record(Resource::Contacts, ada).unwrap();
    assert_eq!(there["title"], "Countess");
    firm.pass(10_000);
    let view = preview(&firm, "contacts");
    assert_eq!(view["records"], json!([]), "{view}");
}
