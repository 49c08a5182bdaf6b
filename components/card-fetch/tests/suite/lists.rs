//! Inclusion lists: the door of a kind of record, and what cards and settings say of it (S3-10, S3-21).

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{ObjectType, Processing};
use sync300_fakes::{Effect, Fault};
use sync300_kit::settings::{Direction, ObjectSettings, Settings};
use sync300_native_ports::firm::{ADMIN, Firm, MEMBER, OTHER_PORTAL, PORTAL};

use crate::preview::preview;
use crate::support::*;

const CONTACTS: ObjectType = ObjectType::Contacts;

fn settings(firm: &Firm) -> Value {
    let connection = &firm.connection;
    get(firm, &format!("/cards/settings?connection={connection}"))
}

fn lists(firm: &Firm, more: &str) -> Value {
    let connection = &firm.connection;
    get(firm, &format!("/cards/lists?connection={connection}{more}"))
}

/// Chooses a list of an object's records, or none.
pub fn choose(firm: &Firm, object: &str, list: Value) -> Value {
    let version = settings(firm)["version"].clone();
    let chosen = json!({ "inclusion_list": list });
    let change =
        json!({ "connection": firm.connection, "version": version, "objects": { object: chosen } });
    post(firm, "/cards/settings", &change)
}

/// Somebody in HubSpot alone.
fn by_hand(firm: &Firm, first: &str, last: &str) -> u64 {
    let values = [("firstname", first), ("lastname", last)];
    firm.portal.create_by_hand(CONTACTS, &values).unwrap()
}

/// A list that is chosen for contacts, with these members.
pub fn with_list(firm: &Firm, members: &[u64]) -> u64 {
    let list = firm
        .portal
        .create_list(CONTACTS, "Clients of Mrs Doe", Processing::Manual);
    firm.portal.add_to_list(list, members).unwrap();
    let chosen = choose(firm, "contacts", json!(list.to_string()));
    assert_eq!(chosen["ok"], true, "{chosen}");
    list
}

/// State and reason of a person's link.
fn link(firm: &Firm, person: u64) -> (String, String) {
    let statement = format!(
        "SELECT state || ' ' || coalesce (reason, '') FROM links WHERE object = 'contacts' AND provider_id = '{person}'"
    );
    let rows = firm.sql(&statement).unwrap();
    let text = format!("{:?}", rows[0][0]);
    let words = text.trim_start_matches("Text(\"").trim_end_matches("\")");
    let (state, reason) = words.split_once(' ').unwrap();
    (state.to_owned(), reason.to_owned())
}

fn waits(firm: &Firm, person: u64) -> bool {
    link(firm, person) == ("failed".to_owned(), "not_listed".to_owned())
}

fn value(firm: &Firm, id: u64, property: &str) -> Option<String> {
    let record = firm.portal.record(CONTACTS, id).unwrap();
    record.value(property).map(str::to_owned)
}

/// S3-10: lists are found by their names, page by page, those of this kind of record alone; and by admins.
#[test]
fn lists_are_offered() {
    let firm = Firm::new().unwrap();
    for n in 0..22 {
        let name = format!("Clients {n}");
        firm.portal
            .create_list(CONTACTS, &name, Processing::Dynamic);
    }
    firm.portal
        .create_list(ObjectType::Companies, "Clients", Processing::Manual);
    let page = lists(&firm, "&object=contacts");
    assert_eq!(page["lists"].as_array().unwrap().len(), 20);
    let next = page["next"].as_str().unwrap();
    let page = lists(&firm, &format!("&object=contacts&after={next}"));
    assert_eq!(page["lists"].as_array().unwrap().len(), 2);
    assert!(page["next"].is_null());
    let found = lists(&firm, "&object=contacts&q=CLIENTS+21");
    assert_eq!(found["lists"][0]["name"], "Clients 21");
    assert_eq!(found["lists"][0]["size"], 0);
    let long = format!("&object=contacts&q={}", "x".repeat(201));
    for (more, code) in [
        ("&object=bills", "object_unknown"),
        ("&object=contacts&after=x", "bad_search"),
        (&long, "bad_search"),
    ] {
        assert_eq!(lists(&firm, more)["code"], code, "{more}");
    }
    let target = format!(
        "/cards/lists?connection={}&object=contacts",
        firm.connection
    );
    assert_eq!(get_as(&firm, &target, PORTAL, MEMBER)["code"], "not_admin");
    let stranger = get_as(&firm, &target, OTHER_PORTAL, ADMIN);
    assert_eq!(stranger["code"], "connection_unknown");
}

/// S3-10, S3-21: a list is kept by its id, shown by its name, size and last change; null takes it away. Nothing of its name
/// is stored.
#[test]
fn a_list_is_chosen_and_taken_away() {
    let firm = Firm::new().unwrap();
    let ada = by_hand(&firm, "Ada", "Byron");
    let list = with_list(&firm, &[ada]);
    firm.pass(180_000);
    let shown = &settings(&firm)["objects"][0]["inclusion_list"];
    assert_eq!(shown["id"], list.to_string());
    assert_eq!(shown["name"], "Clients of Mrs Doe");
    assert_eq!(
        (&shown["size"], &shown["changed"]["ago"]),
        (&json!(1), &json!("3 minutes ago"))
    );
    assert_eq!(shown["filled"], "It is filled by hand.");
    for table in ["connections", "runs", "audit"] {
        let rows = format!("{:?}", firm.sql(&format!("SELECT * FROM {table}")).unwrap());
        assert!(!rows.contains("Mrs Doe"), "{table}");
    }
    // Another change leaves it, and asks nothing of HubSpot but what is shown.
    let version = settings(&firm)["version"].clone();
    let other = json!({ "connection": firm.connection, "version": version, "frequency": 60 });
    let shown = post(&firm, "/cards/settings", &other);
    assert_eq!(
        shown["objects"][0]["inclusion_list"]["id"],
        list.to_string()
    );
    let cleared = choose(&firm, "contacts", Value::Null);
    assert!(cleared["objects"][0]["inclusion_list"].is_null());
    firm.calls();
    settings(&firm);
    assert_eq!(firm.calls(), (0, 0));
}

/// S3-10: what is no list of these records is refused, and changes nothing.
#[test]
fn a_list_must_be_one_of_these_records() {
    let firm = Firm::new().unwrap();
    let firms = firm
        .portal
        .create_list(ObjectType::Companies, "Firms", Processing::Manual);
    let gone = firm
        .portal
        .create_list(CONTACTS, "Gone", Processing::Manual);
    firm.portal.delete_list(gone).unwrap();
    for list in [
        firms.to_string(),
        gone.to_string(),
        "4711".to_owned(),
        String::new(),
        "1/memberships".to_owned(),
        "1".repeat(21),
    ] {
        let refused = choose(&firm, "contacts", json!(list));
        assert_eq!(refused["code"], "list_refused", "{list}: {refused}");
        assert!(!refused["action"].as_str().unwrap().is_empty());
    }
    assert_eq!(choose(&firm, "contacts", json!(7))["ok"], false);
    assert!(settings(&firm)["objects"][0]["inclusion_list"].is_null());
    let tasks = firm
        .portal
        .create_list(ObjectType::Tickets, "To do", Processing::Manual);
    let chosen = choose(&firm, "tasks", json!(tasks.to_string()));
    assert_eq!(chosen["objects"][3]["inclusion_list"]["name"], "To do");
}

fn forbid(firm: &Firm) {
    let body = r#"{"status":"error","message":"x","category":"MISSING_SCOPES"}"#;
    let fault = Fault::once("/crm/lists/", Effect::answer(403, body));
    firm.services.hubspot.fail(fault.times(100));
}

/// S3-10: a portal that was installed without the scope is told so where lists are chosen; without a list it syncs as ever.
#[test]
fn without_the_scope_lists_cannot_be_chosen() {
    let firm = Firm::new().unwrap();
    let list = firm
        .portal
        .create_list(CONTACTS, "Clients", Processing::Manual);
    forbid(&firm);
    for refused in [
        lists(&firm, "&object=contacts"),
        choose(&firm, "contacts", json!(list.to_string())),
    ] {
        assert_eq!(refused["code"], "lists_forbidden", "{refused}");
        assert!(
            refused["action"]
                .as_str()
                .unwrap()
                .contains("Install 300Sync again")
        );
    }
    firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.sync().unwrap();
    assert_eq!(firm.portal.count(CONTACTS), 1);
}

/// S3-10: only members sync. Who is no member is neither linked, nor written to, nor made; the cards say why.
#[test]
fn only_members_sync() {
    let firm = Firm::new().unwrap();
    let [ada, grace] = [("Ada", "Byron"), ("Grace", "Hopper")].map(|(a, b)| by_hand(&firm, a, b));
    let list = with_list(&firm, &[ada]);
    let [in_list, outside, alone] = [("Ada", "Byron"), ("Grace", "Hopper"), ("Mary", "Shelley")]
        .map(|(first, last)| firm.person(first, last, "").unwrap());
    let fates: Vec<Value> = preview(&firm, "contacts")["records"]
        .as_array()
        .unwrap()
        .clone();
    let outcomes: Vec<&str> = fates
        .iter()
        .map(|fate| fate["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["link", "skip", "skip"]);
    assert!(
        fates[2]["message"]
            .as_str()
            .unwrap()
            .contains("not in the HubSpot list")
    );

    firm.sync().unwrap();
    assert_eq!(firm.portal.count(CONTACTS), 2);
    assert_eq!(
        value(&firm, ada, "sync300_clio_id"),
        Some(in_list.to_string())
    );
    assert_eq!(value(&firm, grace, "sync300_clio_id"), None);
    assert!(waits(&firm, outside) && waits(&firm, alone));
    let card = status_of(&firm, "0-1", &grace.to_string());
    assert_eq!(
        (&card["status"], &card["connections"][0]["code"]),
        (&json!("not_synced"), &json!("not_listed"))
    );
    let history = get(
        &firm,
        &format!("/cards/history?connection={}", firm.connection),
    );
    let errors = history["runs"][0]["errors"].as_array().unwrap();
    assert!(
        errors.iter().any(|error| error["code"] == "left_out"),
        "{history}"
    );
    let review = get(
        &firm,
        &format!("/cards/review?connection={}", firm.connection),
    );
    assert_eq!(review["records"], json!([]));

    // Nothing to do: one look at the list, one page of members.
    firm.pass(3_600_000);
    firm.sync_again().unwrap();
    firm.calls();
    firm.pass(3_600_000);
    firm.sync_again().unwrap();
    assert_eq!(firm.calls().0, 2);
    // The one comes in: matched, though nobody touched either side.
    firm.portal.add_to_list(list, &[grace]).unwrap();
    firm.sync_again().unwrap();
    assert_eq!(
        value(&firm, grace, "sync300_clio_id"),
        Some(outside.to_string())
    );
    assert!(waits(&firm, alone));
    // No list: everybody.
    choose(&firm, "contacts", Value::Null);
    firm.sync_again().unwrap();
    assert_eq!(firm.portal.count(CONTACTS), 3);
    assert_eq!(link(&firm, alone).0, "active");
    assert_eq!(
        firm.number("SELECT count(*) FROM list_members").unwrap(),
        Some(0)
    );
}

/// S3-10: a link rests while its record is out of the list. What both sides did meanwhile is compared with what was
/// remembered, and nothing is lost.
#[test]
fn a_link_rests_and_goes_on() {
    let firm = Firm::new().unwrap();
    let change = json!({ "connection": firm.connection, "version": settings(&firm)["version"],
        "objects": { "contacts": { "direction": "both" } } });
    assert_eq!(post(&firm, "/cards/settings", &change)["ok"], true);
    let ada = firm.person("Ada", "Byron", "ada@example.org").unwrap();
    firm.sync().unwrap();
    let id: u64 = firm
        .hubspot_id("contacts", ada)
        .unwrap()
        .unwrap()
        .parse()
        .unwrap();
    let list = with_list(&firm, &[]);
    firm.pass(600_000);
    firm.sync_again().unwrap();
    assert!(waits(&firm, ada));
    let card = status_of(&firm, "0-1", &id.to_string());
    assert_eq!(card["connections"][0]["code"], "not_listed");

    firm.pass(600_000);
    firm.account
        .edit(Resource::Contacts, ada, &json!({ "title": "Countess" }))
        .unwrap();
    firm.portal
        .edit(CONTACTS, id, &[("firstname", "Augusta")])
        .unwrap();
    sync_now(&firm, "0-1", &id.to_string());
    firm.pass(600_000);
    firm.sync_again().unwrap();
    assert_eq!(value(&firm, id, "jobtitle"), None);
    let clio = || firm.account.record(Resource::Contacts, ada).unwrap();
    assert_eq!(clio()["first_name"], "Ada");

    firm.portal.add_to_list(list, &[id]).unwrap();
    firm.pass(600_000);
    firm.sync_again().unwrap();
    assert_eq!(value(&firm, id, "jobtitle").as_deref(), Some("Countess"));
    assert_eq!(clio()["first_name"], "Augusta");
    assert_eq!(link(&firm, ada).0, "active");
}

/// S3-10, S4-10: of those whom HubSpot alone has, members are made at the provider, and whoever comes in; without a list all.
#[test]
fn members_alone_are_made_at_the_provider() {
    let object = ObjectSettings {
        direction: Direction::Both,
        create: true,
        ..ObjectSettings::default()
    };
    let firm = Firm::with(&Settings {
        objects: [("contacts".to_owned(), object)].into(),
    })
    .unwrap();
    let [ada, grace, mary] = [("Ada", "Byron"), ("Grace", "Hopper"), ("Mary", "Shelley")]
        .map(|(first, last)| by_hand(&firm, first, last));
    let list = with_list(&firm, &[ada]);
    let clio = || firm.account.count(Resource::Contacts);
    firm.pass(600_000);
    firm.sync().unwrap();
    assert_eq!(
        (clio(), value(&firm, ada, "sync300_clio_id").is_some()),
        (1, true)
    );
    firm.portal
        .edit(CONTACTS, grace, &[("city", "London")])
        .unwrap();
    firm.pass(600_000);
    firm.sync_again().unwrap();
    assert_eq!(clio(), 1, "an edit lets nobody in");
    firm.portal.add_to_list(list, &[grace]).unwrap();
    firm.pass(600_000);
    firm.sync_again().unwrap();
    assert_eq!(
        (clio(), value(&firm, grace, "sync300_clio_id").is_some()),
        (2, true)
    );
    choose(&firm, "contacts", Value::Null);
    firm.pass(600_000);
    firm.sync_again().unwrap();
    assert_eq!(
        (clio(), value(&firm, mary, "sync300_clio_id").is_some()),
        (3, true)
    );
    firm.sync_again().unwrap();
    assert_eq!((clio(), firm.portal.count(CONTACTS)), (3, 3));
}

/// S3-10: a list that is gone lets nobody through; the run says so, the other kinds of records go on.
#[test]
fn a_list_that_is_gone_shuts_the_door() {
    let firm = Firm::new().unwrap();
    let ada = by_hand(&firm, "Ada", "Byron");
    let list = with_list(&firm, &[ada]);
    let person = firm.person("Ada", "Byron", "").unwrap();
    firm.sync().unwrap();
    firm.portal.delete_list(list).unwrap();
    firm.account
        .edit(Resource::Contacts, person, &json!({ "title": "Countess" }))
        .unwrap();
    firm.person("Mary", "Shelley", "").unwrap();
    let firms = json!({ "type": "Company", "name": "Acme" });
    firm.account.add(Resource::Contacts, &firms).unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    assert_eq!(firm.portal.count(CONTACTS), 1);
    assert_eq!(value(&firm, ada, "jobtitle"), None);
    assert_eq!(firm.portal.count(ObjectType::Companies), 1);
    let shown = settings(&firm);
    let said = shown["last_run"]["message"].as_str().unwrap();
    assert!(
        said.starts_with("Contacts: ") && said.contains("does not exist"),
        "{said}"
    );
    let gone = &shown["objects"][0]["inclusion_list"];
    assert!(gone["name"].is_null() && gone["message"].as_str().unwrap().contains("does not exist"));
    let card = status_of(&firm, "0-1", &ada.to_string());
    assert_eq!(
        (&card["status"], &card["connections"][0]["code"]),
        (&json!("error"), &json!("list_gone"))
    );
    let fates = preview(&firm, "contacts");
    assert!(
        fates["records"]
            .as_array()
            .unwrap()
            .iter()
            .all(|fate| fate["outcome"] == "skip")
    );

    // Back from the recycle bin: it goes on where it stood.
    firm.portal.restore_list(list).unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    assert_eq!(value(&firm, ada, "jobtitle").as_deref(), Some("Countess"));
    assert_eq!(firm.portal.count(CONTACTS), 1);
}

/// S3-10: a list that may not be read any more is not taken for "all".
#[test]
fn a_list_that_may_not_be_read_shuts_the_door() {
    let firm = Firm::new().unwrap();
    with_list(&firm, &[]);
    firm.person("Mary", "Shelley", "").unwrap();
    forbid(&firm);
    firm.sync().unwrap();
    assert_eq!(firm.portal.count(CONTACTS), 0);
    let shown = settings(&firm);
    let said = shown["last_run"]["message"].as_str().unwrap();
    assert!(said.contains("may not read lists"), "{said}");
    let unread = &shown["objects"][0]["inclusion_list"];
    assert!(
        unread["name"].is_null()
            && unread["action"]
                .as_str()
                .unwrap()
                .contains("Install 300Sync")
    );
}

/// S0-99, S3-10: a record that left the list because it was merged lives on in the list's record.
#[test]
fn a_merge_is_followed_into_the_list() {
    let firm = Firm::new().unwrap();
    let [ada, twin] = [("Ada", "Byron"), ("A.", "Byron")].map(|(a, b)| by_hand(&firm, a, b));
    let list = with_list(&firm, &[ada, twin]);
    let person = firm.person("Ada", "Byron", "").unwrap();
    firm.sync().unwrap();
    assert_eq!(
        firm.hubspot_id("contacts", person).unwrap(),
        Some(ada.to_string())
    );
    firm.portal.merge(CONTACTS, twin, ada).unwrap();
    firm.pass(60_000);
    firm.sync_again().unwrap();
    assert_eq!(
        firm.hubspot_id("contacts", person).unwrap(),
        Some(twin.to_string())
    );
    assert_eq!(link(&firm, person).0, "active");
    // Merged into one outside: the link goes along, and rests.
    let outside = by_hand(&firm, "Augusta", "King");
    firm.portal.remove_from_list(list, &[twin]).unwrap();
    let survivor = firm.portal.merge(CONTACTS, outside, twin).unwrap();
    let before = firm.portal.record(CONTACTS, survivor).unwrap().updated_at;
    firm.pass(60_000);
    firm.sync_again().unwrap();
    assert!(waits(&firm, person));
    assert_eq!(
        firm.hubspot_id("contacts", person).unwrap(),
        Some(survivor.to_string())
    );
    assert_eq!(
        firm.portal.record(CONTACTS, survivor).unwrap().updated_at,
        before
    );
}

/// S3-10: the members of a long list are read page by page, each committed; a run that ends in between goes on where it was.
#[test]
fn a_long_list_is_read_in_pages() {
    let firm = Firm::new().unwrap();
    let people: Vec<u64> = (0..260)
        .map(|n| by_hand(&firm, "Ada", &format!("Byron {n}")))
        .collect();
    with_list(&firm, &people);
    firm.person("Ada", "Byron 259", "").unwrap();
    let drop = Fault::once("/memberships", Effect::answer(503, "{}"));
    firm.services.hubspot.fail(drop.after(1).times(9));
    firm.sync().unwrap();
    let members = || firm.number("SELECT count(*) FROM list_members").unwrap();
    assert_eq!(members(), Some(250));
    firm.services.hubspot.clear_faults();
    firm.pass(3_600_000);
    firm.sync().unwrap();
    assert_eq!(members(), Some(260));
    let page = "SELECT read FROM run_counts WHERE object = 'contacts/members'";
    assert_eq!(firm.number(page).unwrap(), Some(260));
    assert!(value(&firm, people[259], "sync300_clio_id").is_some());
}
