//! The settings page.

use serde_json::{Value, json};
use sync300_native_ports::firm::{ADMIN, Firm, MEMBER, OTHER_PORTAL, PORTAL};

use crate::support::*;

fn seen(firm: &Firm) -> Value {
    get(
        firm,
        &format!("/cards/settings?connection={}", firm.connection),
    )
}

pub fn change(firm: &Firm, change: Value) -> Value {
    let mut body = change;
    body["connection"] = json!(firm.connection);
    if body["version"].is_null() {
        body["version"] = seen(firm)["version"].clone();
    }
    post(firm, "/cards/settings", &body)
}

/// S0-12, S0-13, S0-17, S0-20, S0-25, S0-45, DX-02, S0-106: everything is set inside HubSpot; the defaults are on.
#[test]
fn the_settings_are_shown() {
    let firm = Firm::new().unwrap();
    let view = seen(&firm);
    assert_eq!(
        (view["label"].as_str(), view["status"].as_str()),
        (Some("Clio"), Some("active"))
    );
    assert_eq!(view["admin"], true);
    let objects = view["objects"].as_array().unwrap();
    let names: Vec<&str> = objects
        .iter()
        .map(|object| object["plural"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Contacts", "Companies", "Matters", "Tasks"]);
    assert!(
        objects
            .iter()
            .all(|object| object["enabled"] == true && object["custom"] == false)
    );
    let mappings: usize = objects
        .iter()
        .map(|object| object["mappings"].as_array().unwrap().len())
        .sum();
    assert_eq!(mappings, 27);
    let minutes: Vec<i64> = view["frequencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["minutes"].as_i64().unwrap())
        .collect();
    assert_eq!(minutes, [5, 15, 30, 60, 1_440, 0]);
    assert_eq!(view["frequency"], 15);
    assert!(view["support"].as_str().unwrap().contains("9am to 6pm ET"));
    for path in ["reconnect", "disconnect", "export", "erase"] {
        assert!(
            view["paths"][path].as_str().unwrap().starts_with('/'),
            "{path}"
        );
    }
}

/// S1-39, S1-40: everyone looks, admins change; and nobody sees another portal's.
#[test]
fn admins_alone_change() {
    let firm = Firm::new().unwrap();
    let target = format!("/cards/settings?connection={}", firm.connection);
    let shown = get_as(&firm, &target, PORTAL, MEMBER);
    assert_eq!(
        (shown["ok"].as_bool(), shown["admin"].as_bool()),
        (Some(true), Some(false))
    );
    let body =
        json!({ "connection": firm.connection, "version": shown["version"], "frequency": 60 });
    for route in ["settings", "mappings", "test"] {
        let refused = post_as(&firm, &format!("/cards/{route}"), &body, PORTAL, MEMBER);
        assert_eq!(refused["code"], "not_admin", "{route}");
    }
    assert_eq!(
        get_as(&firm, &target, OTHER_PORTAL, ADMIN)["code"],
        "connection_unknown"
    );
    let refused = post_as(&firm, "/cards/settings", &body, OTHER_PORTAL, ADMIN);
    assert_eq!(refused["code"], "connection_unknown");
    assert_eq!(seen(&firm)["frequency"], 15);
}

/// S0-13, S0-17, S0-51: an object is switched off, a schedule chosen; manual only means that nothing is scheduled any more.
#[test]
fn a_change_is_kept_and_counts() {
    let (firm, _, _) = with_ada();
    let changed = change(
        &firm,
        json!({ "frequency": 0, "objects": { "tasks": { "enabled": false } } }),
    );
    assert_eq!(changed["frequency"], 0, "{changed}");
    assert_eq!(changed["objects"][3]["enabled"], false);
    assert_eq!(changed, seen(&firm));
    assert_eq!(firm.number("SELECT due_at FROM connections").unwrap(), None);
    assert_eq!(
        firm.number("SELECT count(*) FROM audit WHERE action = 'settings_changed'")
            .unwrap(),
        Some(1)
    );
    // Back to a schedule: due that long from now.
    change(&firm, json!({ "frequency": 30 }));
    let due = firm.number("SELECT due_at FROM connections").unwrap();
    assert_eq!(due, Some(sync300_native_ports::firm::START + 30 * 60_000));
}

/// DX-05, S2-19, S2-82: a kind of record that is switched on is synced at once, whatever the schedule; off, and by any other
/// change, nothing is asked for.
#[test]
fn what_is_switched_on_is_synced_at_once() {
    let firm = Firm::new().unwrap();
    let task = |on: bool| json!({ "frequency": 0, "objects": { "tasks": { "enabled": on } } });
    firm.sync().unwrap();
    let off = change(&firm, task(false));
    assert_eq!(off["syncing"], "no", "{off}");
    assert_eq!(firm.number("SELECT due_at FROM connections").unwrap(), None);
    let deleted = json!({ "objects": { "tasks": { "on_delete": "archive" } } });
    assert_eq!(change(&firm, deleted)["syncing"], "no");
    assert!(
        firm.sync()
            .unwrap()
            .iter()
            .all(|tick| tick.slices.is_empty())
    );

    firm.pass(60_000);
    let on = change(&firm, task(true));
    assert_eq!(on["syncing"], "queued", "{on}");
    let ticks = firm.sync().unwrap();
    let slices: Vec<_> = ticks.iter().flat_map(|tick| &tick.slices).collect();
    assert_eq!(slices.last().unwrap().status, "succeeded");
    assert_eq!(
        firm.number("SELECT count(*) FROM run_counts WHERE run_id = 2 AND object = 'tasks'")
            .unwrap(),
        Some(1)
    );
    assert_eq!(seen(&firm)["syncing"], "no");
}

/// S0-51: "manual only", chosen while a run is under way, schedules no other.
#[test]
fn manual_only_during_a_run_schedules_nothing() {
    let firm = Firm::new().unwrap();
    assert_eq!(change(&firm, json!({ "frequency": 0 }))["frequency"], 0);
    // The first sync was asked for by connecting: it stays due.
    let ticks = firm.sync().unwrap();
    let slices: Vec<_> = ticks.iter().flat_map(|tick| &tick.slices).collect();
    assert_eq!(slices.last().unwrap().status, "succeeded");
    assert!(slices.iter().all(|slice| slice.run == slices[0].run));
    assert_eq!(firm.number("SELECT due_at FROM connections").unwrap(), None);
}

/// S0-23: a run under way keeps the settings that it began with; the next one has the new ones.
#[test]
fn a_run_keeps_its_snapshot() {
    let firm = Firm::new().unwrap();
    firm.sync().unwrap();
    let run = |what: &str| {
        firm.sql(&format!(
            "SELECT {what} FROM runs ORDER BY run_id DESC LIMIT 1"
        ))
        .unwrap()[0][0]
            .clone()
    };
    firm.sql("UPDATE runs SET status = 'running', finished_at = NULL")
        .unwrap();
    let before = run("settings");
    change(
        &firm,
        json!({ "objects": { "tasks": { "enabled": false } } }),
    );
    assert_eq!(run("settings"), before);
    firm.sql("UPDATE runs SET status = 'succeeded', finished_at = started_at")
        .unwrap();
    firm.sync_again().unwrap();
    assert!(format!("{:?}", run("settings")).contains("false"));
}

/// Two admins: the second is told, and overwrites nothing; what the proxy sends twice is done once.
#[test]
fn nobody_is_overwritten_silently() {
    let firm = Firm::new().unwrap();
    let version = seen(&firm)["version"].clone();
    let first = json!({ "version": version, "frequency": 30 });
    assert_eq!(change(&firm, first.clone())["ok"], true);
    let second = json!({ "version": version, "frequency": 60 });
    let refused = change(&firm, second);
    assert_eq!(
        (refused["ok"].as_bool(), refused["code"].as_str()),
        (Some(false), Some("settings_changed"))
    );
    assert!(refused["action"].is_string());
    assert_eq!(change(&firm, first)["ok"], true);
    assert_eq!(seen(&firm)["frequency"], 30);
    assert_eq!(
        firm.number("SELECT count(*) FROM audit WHERE action = 'settings_changed'")
            .unwrap(),
        Some(1)
    );
}

/// What cannot be chosen is refused, with a reason, and changes nothing.
#[test]
fn what_is_not_offered_is_refused() {
    let firm = Firm::new().unwrap();
    let before = seen(&firm);
    for (body, code) in [
        (json!({ "frequency": 10 }), "frequency_unknown"),
        (json!({ "frequency": -5 }), "frequency_unknown"),
        (
            json!({ "objects": { "bills": { "enabled": true } } }),
            "settings_refused",
        ),
        (json!({ "frequency": "soon" }), "bad_json"),
        (json!({ "surprise": 1 }), "bad_json"),
        (
            json!({ "objects": { "tasks": { "enabeld": true } } }),
            "bad_json",
        ),
        (
            json!({ "version": "old", "frequency": 60 }),
            "settings_changed",
        ),
    ] {
        let refused = change(&firm, body.clone());
        assert_eq!(
            (refused["ok"].as_bool(), refused["code"].as_str()),
            (Some(false), Some(code)),
            "{body}"
        );
    }
    assert_eq!(seen(&firm), before);
}

/// S0-95: an expired connection says so, with the link to reconnect.
#[test]
fn an_expired_connection_says_what_to_do() {
    let firm = Firm::new().unwrap();
    firm.sql("UPDATE connections SET status = 'expired', status_reason = 'provider_token_expired'")
        .unwrap();
    let view = seen(&firm);
    assert_eq!(view["status"], "expired");
    assert!(view["action"].as_str().unwrap().contains("Reconnect Clio"));
    assert_eq!(view["paths"]["reconnect"], "/oauth/clio/ticket");
}

/// S0-15, S0-16, S0-41, S0-42, S0-43, DX-04: an object's way, its conflict strategy and what a deletion does are chosen for
/// each; tasks go one way, and the server refuses anything else.
#[test]
fn ways_and_strategies_are_chosen_by_object() {
    let firm = Firm::new().unwrap();
    let view = seen(&firm);
    let both: Vec<bool> = view["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["bidirectional"].as_bool().unwrap())
        .collect();
    assert_eq!(both, [true, true, true, false]);
    let labels: Vec<&str> = view["strategies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|strategy| strategy["label"].as_str().unwrap())
        .collect();
    assert_eq!(
        labels,
        ["The newer change wins", "HubSpot wins", "Clio wins"]
    );
    let contacts = |view: &Value| {
        let contacts = &view["objects"][0];
        ["direction", "strategy", "on_delete"].map(|member| contacts[member].clone())
    };
    assert_eq!(contacts(&view), ["to_hubspot", "last_write_wins", "mark"]);
    let chosen = json!({ "objects": { "contacts":
        { "direction": "both", "strategy": "hubspot_wins", "on_delete": "archive" } } });
    assert_eq!(change(&firm, chosen)["ok"], true);
    let view = seen(&firm);
    assert_eq!(contacts(&view), ["both", "hubspot_wins", "archive"]);
    assert_eq!(view["objects"][1]["direction"], "to_hubspot");

    for (object, direction, words) in [
        ("tasks", "both", "to HubSpot alone"),
        ("contacts", "to_provider", "single fields"),
    ] {
        let chosen = json!({ "objects": { object: { "direction": direction } } });
        let refused = change(&firm, chosen);
        assert_eq!(refused["code"], "settings_refused", "{refused}");
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
    let unknown = json!({ "objects": { "contacts": { "strategy": "dice" } } });
    assert_eq!(change(&firm, unknown)["code"], "bad_json");
    assert_eq!(contacts(&seen(&firm)), ["both", "hubspot_wins", "archive"]);
}

/// S4-10: creating at the provider what HubSpot alone has is off until an admin wants it, and offered only where changes
/// follow and the connector can create; one way again, it is off again.
#[test]
fn creating_at_the_provider_is_chosen_by_object() {
    let firm = Firm::new().unwrap();
    let view = seen(&firm);
    let of = |view: &Value, member: &str| -> Vec<bool> {
        let objects = view["objects"].as_array().unwrap();
        let read = objects.iter().map(|object| object[member].as_bool());
        read.map(Option::unwrap).collect()
    };
    assert_eq!(of(&view, "creatable"), [true, true, false, false]);
    assert_eq!(of(&view, "create"), [false; 4]);
    let choose =
        |object: &str, chosen: Value| change(&firm, json!({ "objects": { object: chosen } }));
    for (object, chosen) in [
        ("contacts", json!({ "create": true })),
        (
            "contacts",
            json!({ "create": true, "direction": "to_hubspot" }),
        ),
        ("matters", json!({ "create": true, "direction": "both" })),
        ("tasks", json!({ "create": true })),
    ] {
        let refused = choose(object, chosen);
        assert_eq!(refused["code"], "settings_refused", "{object}: {refused}");
    }
    assert_eq!(seen(&firm), view);

    let both = choose("contacts", json!({ "direction": "both" }));
    assert_eq!(of(&both, "create"), [false; 4]);
    let created = choose("contacts", json!({ "create": true }));
    assert_eq!(of(&created, "create"), [true, false, false, false]);
    let other = choose("contacts", json!({ "on_delete": "archive" }));
    assert_eq!(of(&other, "create"), [true, false, false, false]);
    let one_way = choose("contacts", json!({ "direction": "to_hubspot" }));
    assert_eq!(of(&one_way, "create"), [false; 4], "{one_way}");
    let both = choose("contacts", json!({ "direction": "both" }));
    assert_eq!(of(&both, "create"), [false; 4]);
}

/// S4-14 to S4-18: a field's own way is chosen in its mapping, as far as the connector lets it go.
#[test]
fn a_field_has_its_own_way() {
    let firm = Firm::new().unwrap();
    let view = seen(&firm);
    let mappings = view["objects"][0]["mappings"].as_array().unwrap();
    let way = |mappings: &[Value], property: &str| {
        let found = mappings
            .iter()
            .find(|mapping| mapping["property"] == property);
        let found = found.unwrap();
        (
            found["direction"].clone(),
            found["directions"].as_array().unwrap().len(),
        )
    };
    assert_eq!(way(mappings, "jobtitle"), (json!("both"), 3));
    let rules: Vec<Value> = mappings
        .iter()
        .map(|mapping| {
            let mut rule = json!({ "source": mapping["source"], "property": mapping["property"],
                "transform": mapping["transform"], "fallback": mapping["fallback"] });
            if mapping["property"] == "jobtitle" {
                rule["direction"] = json!("to_provider");
            }
            rule
        })
        .collect();
    let body = json!({ "connection": firm.connection, "version": view["version"], "object": "contacts", "rules": rules });
    let stored = post(&firm, "/cards/mappings", &body);
    assert_eq!(stored["ok"], true, "{stored}");
    let mappings = stored["objects"][0]["mappings"].as_array().unwrap().clone();
    assert_eq!(way(&mappings, "jobtitle").0, "to_provider");
    assert_eq!(way(&mappings, "firstname").0, "both");
}
