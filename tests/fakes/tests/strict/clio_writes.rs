//! What Clio takes, and that e-mail addresses and the like are written otherwise than read.

use reqwest::Method;
use serde_json::{Value, json};
use sync300_fakes::clio::Resource;

use crate::clio_reads::{person, start};

fn data(data: Value) -> Value {
    json!({ "data": data })
}

#[tokio::test]
async fn primary_values_are_read_only_and_written_through_lists() {
    let (_clio, api, account) = start().await;
    let id = person(&account, "Ada");
    let path = format!(
        "/api/v4/contacts/{id}.json?fields=primary_email_address,email_addresses{{id,address,primary}}"
    );
    let direct = api
        .patch(
            &path,
            data(json!({ "primary_email_address": "new@example.com" })),
        )
        .await;
    assert_eq!(direct.status, 400);

    // No id adds, an id changes, an id with _destroy removes.
    let added = api
        .patch(
            &path,
            data(json!({ "email_addresses": [{ "address": "two@example.com" }] })),
        )
        .await;
    assert_eq!(
        added.body["data"]["email_addresses"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        added.body["data"]["primary_email_address"],
        "Ada@example.com"
    );
    let first = added.body["data"]["email_addresses"][0]["id"].clone();
    let changed = json!({ "email_addresses": [{ "id": first, "address": "one@example.com" }] });
    assert_eq!(
        api.patch(&path, data(changed)).await.body["data"]["primary_email_address"],
        "one@example.com"
    );
    let removed = json!({ "email_addresses": [{ "id": first, "_destroy": true }] });
    let left = api.patch(&path, data(removed)).await;
    assert_eq!(
        left.body["data"]["primary_email_address"],
        "two@example.com"
    );
    assert_eq!(
        left.body["data"]["email_addresses"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let unknown = json!({ "email_addresses": [{ "id": 1, "address": "x@example.com" }] });
    assert_eq!(api.patch(&path, data(unknown)).await.status, 422);
}

#[tokio::test]
async fn a_stale_etag_stops_a_write() {
    let (_clio, api, account) = start().await;
    let id = person(&account, "Ada");
    let path = format!("/api/v4/contacts/{id}.json");
    let etag = api.get(&path).await.header("etag").unwrap().to_owned();
    let body = |title: &str| data(json!({ "title": title }));
    let send = async |title: &str| {
        api.send(
            Method::PATCH,
            &path,
            &[("if-match", &etag)],
            Some(&body(title)),
        )
        .await
        .unwrap()
        .status
    };
    assert_eq!(send("Countess").await, 200);
    assert_eq!(send("Duchess").await, 412);
    assert_eq!(
        account.record(Resource::Contacts, id).unwrap()["title"],
        "Countess"
    );
}

#[tokio::test]
async fn what_is_required_must_be_there() {
    let (_clio, api, account) = start().await;
    let ada = person(&account, "Ada");
    let client = json!({ "id": ada });
    let user = json!({ "id": account.ids(Resource::Users)[0], "type": "User" });
    for (resource, body, status) in [
        ("contacts", json!({ "first_name": "A" }), 422),
        ("contacts", json!({ "type": "Person", "title": "T" }), 422),
        (
            "contacts",
            json!({ "type": "Person", "last_name": "A" }),
            201,
        ),
        ("contacts", json!({ "type": "Company" }), 422),
        ("contacts", json!({ "type": "Company", "name": "C" }), 201),
        ("contacts", json!({ "type": "Robot", "name": "C" }), 422),
        (
            "contacts",
            json!({ "type": "Company", "name": "C", "domain": "c.example" }),
            400,
        ),
        ("contacts", json!({ "type": "Company", "name": 7 }), 422),
        ("matters", json!({ "client": client }), 422),
        ("matters", json!({ "description": "D" }), 422),
        (
            "matters",
            json!({ "client": { "id": 1 }, "description": "D" }),
            422,
        ),
        (
            "matters",
            json!({ "client": client, "description": "D", "status": "Open" }),
            422,
        ),
        (
            "matters",
            json!({ "client": client, "description": "D", "open_date": "soon" }),
            422,
        ),
        (
            "matters",
            json!({ "client": client, "description": "D" }),
            201,
        ),
        ("tasks", json!({ "name": "T", "description": "D" }), 422),
        ("tasks", json!({ "name": "T", "assignee": user }), 422),
        (
            "tasks",
            json!({ "name": "T", "description": "D", "assignee": { "id": 1 } }),
            422,
        ),
        (
            "tasks",
            json!({ "name": "T", "description": "D", "assignee": user }),
            201,
        ),
        ("relationships", json!({ "contact": client }), 422),
        ("notes", json!({ "detail": "N" }), 422),
        ("notes", json!({ "type": "Contact", "detail": "N" }), 422),
        (
            "notes",
            json!({ "type": "Contact", "contact": client, "detail": "N" }),
            201,
        ),
    ] {
        let reply = api
            .post(&format!("/api/v4/{resource}.json"), data(body.clone()))
            .await;
        assert_eq!(reply.status, status, "{resource} {body}");
    }
    assert_eq!(
        api.post(
            "/api/v4/contacts.json",
            json!({ "type": "Company", "name": "C" })
        )
        .await
        .status,
        400
    );
}

#[tokio::test]
async fn statuses_are_written_small_and_read_with_a_capital() {
    let (_clio, api, account) = start().await;
    let client = person(&account, "Ada");
    let fields = "fields=id,status,display_number,close_date,client{id,type,name}";
    let body = data(json!({ "client": { "id": client }, "description": "D", "status": "pending" }));
    let made = api
        .post(&format!("/api/v4/matters.json?{fields}"), body)
        .await;
    assert_eq!(made.body["data"]["status"], "Pending");
    assert_eq!(made.body["data"]["display_number"], "00001-Lovelace");
    assert_eq!(
        made.body["data"]["client"],
        json!({ "id": client, "type": "Person", "name": "Ada Lovelace" })
    );
    let path = format!("/api/v4/matters/{}.json?{fields}", made.body["data"]["id"]);
    let closed = api.patch(&path, data(json!({ "status": "closed" }))).await;
    assert_eq!(closed.body["data"]["status"], "Closed");
    assert!(closed.body["data"]["close_date"].is_string());
}

#[tokio::test]
async fn assignees_are_users_people_or_companies_when_read() {
    let (_clio, api, account) = start().await;
    let ada = person(&account, "Ada");
    let user = account.ids(Resource::Users)[0];
    for (id, written, read) in [(ada, "Contact", "Person"), (user, "User", "User")] {
        let body =
            json!({ "name": "T", "description": "D", "assignee": { "id": id, "type": written } });
        let task = api
            .post(
                "/api/v4/tasks.json?fields=assignee{id,type,name},status",
                data(body),
            )
            .await;
        assert_eq!(task.body["data"]["assignee"]["type"], read);
        assert_eq!(task.body["data"]["assignee"]["id"], id);
        assert_eq!(task.body["data"]["status"], "pending");
    }
}

#[tokio::test]
async fn deleting_takes_relationships_along_and_spares_clients() {
    let (_clio, api, account) = start().await;
    let (ada, bob) = (person(&account, "Ada"), person(&account, "Bob"));
    let matter = account
        .add(
            Resource::Matters,
            &json!({ "client": { "id": ada }, "description": "D" }),
        )
        .unwrap();
    let link =
        json!({ "description": "Witness", "matter": { "id": matter }, "contact": { "id": bob } });
    let made = api
        .post(
            "/api/v4/relationships.json?fields=id,description,matter{id},contact{id}",
            data(link),
        )
        .await;
    assert_eq!(made.body["data"]["contact"]["id"], bob);
    assert_eq!(
        api.delete(&format!("/api/v4/contacts/{ada}.json"))
            .await
            .status,
        403
    );
    assert_eq!(
        api.delete(&format!("/api/v4/contacts/{bob}.json"))
            .await
            .status,
        204
    );
    assert_eq!(account.count(Resource::Relationships), 0);
    assert_eq!(
        api.delete(&format!("/api/v4/matters/{matter}.json"))
            .await
            .status,
        204
    );
    assert_eq!(
        api.delete(&format!("/api/v4/contacts/{ada}.json"))
            .await
            .status,
        204
    );
}
