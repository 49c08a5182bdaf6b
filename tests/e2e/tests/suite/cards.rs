//! Cards, settings and workflow actions through the WebAssembly, called as HubSpot's proxy calls.

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{Execution, Fetch, ObjectType};
use sync300_sandbox::Platform;
use sync300_sandbox::platform::ADMIN;

use crate::connect::{bare, connected, portal};
use crate::support::*;

async fn fetch(platform: &Platform, fetch: Fetch) -> Value {
    let answer = platform.fetch(portal(), &fetch).await.unwrap();
    assert_eq!(answer.status, 200);
    answer.body.unwrap()
}

async fn get(platform: &Platform, path: &str) -> Value {
    let url = format!("{}{path}", platform.public_url());
    fetch(platform, Fetch::get(ADMIN, url)).await
}

async fn post(platform: &Platform, path: &str, body: Value) -> Value {
    let url = format!("{}{path}", platform.public_url());
    fetch(platform, Fetch::post(ADMIN, url, body)).await
}

/// As a workflow executes an action.
async fn execute(platform: &Platform, execution: &Execution) -> Value {
    let request = platform.portal().unwrap().execution(execution).unwrap();
    let answer = platform.send(request).await.unwrap();
    assert_eq!(answer.status(), 200, "{:?}", answer.body());
    serde_json::from_slice(answer.body()).unwrap()
}

/// S0-57, S0-60 to S0-68, S0-71, S0-72, S0-87: in the component as it is deployed: the status of a record, its values on both
/// sides, a manual sync, the settings, and a contact that a workflow creates.
#[tokio::test(flavor = "multi_thread")]
async fn hubspots_surfaces_are_served() {
    let (platform, _) = connected(bare()).await;
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    assert_eq!(finish(&platform).await.status, "succeeded");
    let record = arrived(&platform, ObjectType::Contacts, ada);
    let place = format!("objectType=0-1&objectId={}", record.id);

    let status = get(&platform, &format!("/cards/status?{place}")).await;
    assert_eq!(
        (status["status"].as_str(), status["syncing"].as_str()),
        (Some("synced"), Some("no")),
        "{status}"
    );
    let card = get(&platform, &format!("/cards/record?{place}")).await;
    let connection = &card["connections"][0];
    assert_eq!(
        (
            connection["fields"].as_array().unwrap().len(),
            connection["differing"].as_i64()
        ),
        (9, Some(0)),
        "{card}"
    );
    assert!(
        connection["link"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/nc/#/contacts/{ada}"))
    );

    let asked = json!({ "objectType": "0-1", "objectId": record.id.to_string() });
    assert_eq!(
        post(&platform, "/cards/sync", asked).await["state"],
        "queued"
    );
    assert_eq!(
        get(&platform, &format!("/cards/status?{place}")).await["syncing"],
        "queued"
    );
    assert_eq!(finish(&platform).await.status, "succeeded");

    let settings = get(
        &platform,
        &format!("/cards/settings?connection={}", platform.connection),
    )
    .await;
    let change = json!({ "connection": platform.connection, "version": settings["version"], "frequency": 60 });
    assert_eq!(
        post(&platform, "/cards/settings", change).await["frequency"],
        60
    );
    let fields = get(
        &platform,
        &format!(
            "/cards/fields?connection={}&object=matters",
            platform.connection
        ),
    )
    .await;
    assert!(
        fields["sources"]
            .as_array()
            .unwrap()
            .iter()
            .any(|field| field["path"] == "practice_area.name"),
        "{fields}"
    );
    let history = get(
        &platform,
        &format!("/cards/history?connection={}", platform.connection),
    )
    .await;
    assert_eq!(history["runs"].as_array().unwrap().len(), 2);

    let by_hand = platform
        .portal()
        .unwrap()
        .create_by_hand(ObjectType::Contacts, &[("firstname", "Grace")])
        .unwrap();
    let inputs = [("first_name", "Grace"), ("last_name", "Hopper")];
    let execution = Execution {
        url: format!("{}/actions/clio/create_contact", platform.public_url()),
        callback_id: "ap-1-2-7-0".to_owned(),
        record: Some((ObjectType::Contacts, by_hand)),
        inputs: inputs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    };
    let before = platform.account().unwrap().count(Resource::Contacts);
    let first = execute(&platform, &execution).await;
    assert_eq!(
        first["outputFields"]["hs_execution_state"], "SUCCESS",
        "{first}"
    );
    assert_eq!(execute(&platform, &execution).await, first);
    assert_eq!(
        platform.account().unwrap().count(Resource::Contacts),
        before + 1
    );
    let linked = platform
        .portal()
        .unwrap()
        .record(ObjectType::Contacts, by_hand)
        .unwrap();
    assert_eq!(
        linked.value(SOURCE),
        first["outputFields"]["clio_contact_id"].as_str()
    );
}
