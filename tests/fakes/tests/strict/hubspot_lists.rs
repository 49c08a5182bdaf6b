//! Lists: who is in them, and who may ask.

use serde_json::{Value, json};
use sync300_fakes::hubspot::{ObjectType, PortalHandle, Processing};

use crate::hubspot::start;

const LISTS: &str = "/crm/lists/2026-03";

/// Some people; their ids.
fn people(portal: &PortalHandle, count: usize) -> Vec<u64> {
    (0..count)
        .map(|n| {
            let name = n.to_string();
            portal
                .create_by_hand(ObjectType::Contacts, &[("firstname", &name)])
                .unwrap()
        })
        .collect()
}

fn ids(page: &Value) -> Vec<u64> {
    let results = page["results"].as_array().unwrap();
    results
        .iter()
        .map(|member| member["recordId"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// Every member once, in the order of ids, by pages of 250 at most.
#[tokio::test]
async fn members_are_paged() {
    let (_hubspot, api, portal) = start().await;
    let people = people(&portal, 7);
    let list = portal.create_list(ObjectType::Contacts, "Clients", Processing::Manual);
    portal.add_to_list(list, &people[..6]).unwrap();
    let path = format!("{LISTS}/{list}/memberships");
    let whole = api.get(&path).await;
    assert_eq!(
        (whole.status, ids(&whole.body)),
        (200, people[..6].to_vec())
    );
    assert!(whole.body["paging"].is_null());
    let (mut seen, mut after) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = api.get(&format!("{path}?limit=2{after}")).await;
        seen.extend(ids(&page.body));
        let next = page.body["paging"]["next"]["after"].as_str();
        after = next.map_or_else(String::new, |next| format!("&after={next}"));
    }
    assert_eq!((seen, after.as_str()), (people[..6].to_vec(), ""));
    for query in ["limit=0", "limit=251", "limit=x", "after=7"] {
        assert_eq!(
            api.get(&format!("{path}?{query}")).await.status,
            400,
            "{query}"
        );
    }
}

/// A merged record's place is its survivor's; who is deleted, or taken out, is in no list.
#[tokio::test]
async fn membership_follows_the_records() {
    let (_hubspot, api, portal) = start().await;
    let people = people(&portal, 4);
    let list = portal.create_list(ObjectType::Contacts, "Clients", Processing::Manual);
    portal.add_to_list(list, &people[..3]).unwrap();
    portal.archive(ObjectType::Contacts, people[0]).unwrap();
    portal
        .merge(ObjectType::Contacts, people[3], people[1])
        .unwrap();
    let members = portal.list_members(list).unwrap();
    assert_eq!(members, [people[2], people[3]]);
    portal.remove_from_list(list, &[people[3]]).unwrap();
    let page = api.get(&format!("{LISTS}/{list}/memberships")).await;
    assert_eq!(ids(&page.body), [people[2]]);
    let asked = |id: u64| json!({ "objectTypeId": "0-1", "recordId": id.to_string() });
    let body = json!({ "inputs": [asked(people[2]), asked(people[3])] });
    let of = api
        .post(&format!("{LISTS}/records/memberships/batch/read"), body)
        .await;
    let lists = |at: usize| of.body["results"][at]["recordListMemberships"].clone();
    assert_eq!(lists(0)[0]["listId"], list.to_string());
    assert_eq!(lists(1), json!([]));
}

/// Found by name and type; one in the recycle bin is shown by its id alone, and has no members to read.
#[tokio::test]
async fn lists_are_found_until_they_are_deleted() {
    let (_hubspot, api, portal) = start().await;
    let clients = portal.create_list(ObjectType::Contacts, "All clients", Processing::Dynamic);
    portal.create_list(ObjectType::Companies, "Client firms", Processing::Manual);
    let search = async |body: Value| {
        let found = api.post(&format!("{LISTS}/search"), body).await;
        let lists = found.body["lists"].as_array().cloned().unwrap_or_default();
        let names: Vec<String> = lists
            .iter()
            .map(|list| list["name"].as_str().unwrap().to_owned())
            .collect();
        (found.status, names)
    };
    let (status, both) = search(json!({ "query": "client", "offset": 0 })).await;
    assert_eq!((status, both.len()), (200, 2));
    let (_, people) = search(json!({ "query": "CLIENT", "objectTypeId": "0-1" })).await;
    assert_eq!(people, ["All clients"]);
    let page = api
        .post(
            &format!("{LISTS}/search"),
            json!({ "count": 1, "offset": 1 }),
        )
        .await;
    assert_eq!(page.body["lists"][0]["name"], "Client firms");
    assert_eq!(
        (&page.body["hasMore"], &page.body["offset"]),
        (&json!(false), &json!(2))
    );
    for wrong in [
        json!({ "count": 501 }),
        json!({ "objectTypeId": "0-99" }),
        json!({ "processingTypes": ["STATIC"] }),
        json!({ "name": "client" }),
    ] {
        assert_eq!(search(wrong.clone()).await.0, 400, "{wrong}");
    }
    let path = format!("{LISTS}/{clients}");
    assert!(api.get(&path).await.body["list"]["deletedAt"].is_null());
    portal.delete_list(clients).unwrap();
    let deleted = api.get(&path).await;
    assert!(deleted.status == 200 && deleted.body["list"]["deletedAt"].is_string());
    assert_eq!(api.get(&format!("{path}/memberships")).await.status, 404);
    assert_eq!(search(json!({ "query": "all" })).await.1, [""; 0]);
    assert_eq!(api.get(&format!("{LISTS}/99")).await.status, 404);
}
