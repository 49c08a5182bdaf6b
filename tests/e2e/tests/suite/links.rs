//! Rules of links, whichever the connector: when two records belong together, and what becomes of that.

use serde_json::json;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;
use sync300_kit::review::{self, Record as Reviewed};
use sync300_kit::settings::Settings;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

async fn platform(settings: Settings) -> Platform {
    Platform::start(PlatformConfig {
        settings,
        ..empty()
    })
    .await
    .unwrap()
}

fn by_hand(platform: &Platform, kind: ObjectType, values: &[(&str, &str)]) -> u64 {
    platform
        .portal()
        .unwrap()
        .create_by_hand(kind, values)
        .unwrap()
}

/// A company in Clio with a web site, if it has one.
fn with_site(platform: &Platform, name: &str, site: Option<&str>) -> u64 {
    let id = company(platform, name);
    if let Some(site) = site {
        let site =
            json!({ "web_sites": [{ "name": "Work", "address": site, "default_web_site": true }] });
        let account = platform.account().unwrap();
        account.edit(Resource::Contacts, id, &site).unwrap();
    }
    id
}

fn linked(platform: &Platform, kind: ObjectType, source: u64) -> Option<u64> {
    let portal = platform.portal().unwrap();
    let found = portal.find(kind, SOURCE, &source.to_string());
    found.first().map(|record| record.id)
}

/// S2-06, S2-07: by its domain, whatever it is called; S2-08: nobody is taken for one of another domain; S2-10: nor for one
/// without.
#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_linked_by_its_domain_alone() {
    let platform = platform(only(&["companies"])).await;
    let kind = ObjectType::Companies;
    let acme = by_hand(
        &platform,
        kind,
        &[("name", "Acme"), ("domain", "acme.example")],
    );
    let bare = by_hand(&platform, kind, &[("name", "Bare Ltd")]);
    let known = with_site(
        &platform,
        "Acme Holdings",
        Some("https://www.acme.example/"),
    );
    let other = with_site(&platform, "Other Ltd", Some("https://other.example/"));
    let none = with_site(&platform, "No Site Ltd", None);
    let counts = sync(&platform).await;
    assert_eq!(linked(&platform, kind, known), Some(acme));
    for source in [other, none] {
        let made = linked(&platform, kind, source).unwrap();
        assert!(made != acme && made != bare, "{source}");
    }
    let portal = platform.portal().unwrap();
    assert_eq!(portal.record(kind, bare).unwrap().value(SOURCE), None);
    assert_eq!(
        (counts["companies"].linked, counts["companies"].created),
        (1, 2)
    );
}

/// S2-09: several of one domain bind nobody, and nothing is made in their place.
#[tokio::test(flavor = "multi_thread")]
async fn several_of_one_domain_bind_nobody() {
    let platform = platform(only(&["companies"])).await;
    let (kind, portal) = (ObjectType::Companies, platform.portal().unwrap());
    let values = |name| [("name", name), ("domain", "acme.example")];
    by_hand(&platform, kind, &values("Acme One"));
    by_hand(&platform, kind, &values("Acme Two"));
    let acme = with_site(&platform, "Acme", Some("https://acme.example/"));
    let counts = sync(&platform).await;
    assert_eq!(counts["companies"].ambiguous, 1, "{counts:?}");
    assert_eq!(
        (linked(&platform, kind, acme), portal.count(kind)),
        (None, 2)
    );
}

/// S2-49: linked is linked: a better match that comes later changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_not_reconsidered() {
    let platform = platform(only(&["contacts"])).await;
    let kind = ObjectType::Contacts;
    let byron = by_hand(
        &platform,
        kind,
        &[("firstname", "Ada"), ("lastname", "Byron")],
    );
    let ada = person(&platform, "Ada", "Byron", None);
    sync(&platform).await;
    assert_eq!(linked(&platform, kind, ada), Some(byron));
    by_hand(&platform, kind, &[("email", "ada@example.org")]);
    let email = json!({ "title": "Countess", "email_addresses": [{ "name": "Work", "address": "ada.byron@example.org", "default_email": true }] });
    let account = platform.account().unwrap();
    account.edit(Resource::Contacts, ada, &email).unwrap();
    sync(&platform).await;
    assert_eq!(linked(&platform, kind, ada), Some(byron));
    let record = arrived(&platform, kind, ada);
    assert_eq!(record.value("jobtitle"), Some("Countess"));
}

/// S2-37: linked by hand while the object is off: the link is kept, and no value travels before it is on.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_made_while_off_brings_nothing() {
    let platform = platform(only(&["contacts"])).await;
    let kind = ObjectType::Contacts;
    let one = by_hand(
        &platform,
        kind,
        &[("firstname", "Ada"), ("lastname", "Byron")],
    );
    by_hand(
        &platform,
        kind,
        &[("firstname", "Ada"), ("lastname", "Byron")],
    );
    let ada = person(&platform, "Ada", "Byron", Some("ada@example.org"));
    sync(&platform).await;
    assert_eq!(linked(&platform, kind, ada), None);

    platform.choose(&only(&["companies"]), 15).await.unwrap();
    let portal = platform.portal().unwrap();
    let connection = platform.connection_of(portal.id()).await.unwrap();
    let ports = platform.ports().unwrap();
    let record = Reviewed {
        portal: i64::try_from(portal.id()).unwrap(),
        user: 9,
        connection: &connection,
        object: "contacts",
        id: &ada.to_string(),
    };
    review::link(&ports, record, &one.to_string(), None)
        .await
        .unwrap();
    sync(&platform).await;
    assert_eq!(portal.record(kind, one).unwrap().value("email"), None);

    platform.choose(&only(&["contacts"]), 15).await.unwrap();
    sync(&platform).await;
    assert_eq!(linked(&platform, kind, ada), Some(one));
    let record = portal.record(kind, one).unwrap();
    assert_eq!(record.value("email"), Some("ada@example.org"));
}

/// S4-06, S4-20, DX-19: a link whose record is gone ends, and its record stays and takes no other's place, while others are
/// made, linked and updated in the same run. S4-13, S4-34: then everything is in step, and a second run changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn one_run_unlinks_links_creates_and_updates() {
    let platform = platform(both(&["contacts", "companies"], None)).await;
    let (portal, account) = (platform.portal().unwrap(), platform.account().unwrap());
    let kind = ObjectType::Contacts;
    let lost = person(&platform, "Lost", "Byron", Some("lost@example.org"));
    let kept = person(&platform, "Kept", "Byron", None);
    let firm = company(&platform, "Analytical Engines Ltd");
    sync(&platform).await;

    portal
        .archive(kind, linked(&platform, kind, lost).unwrap())
        .unwrap();
    let title = |id, title: &str| {
        let data = json!({ "title": title });
        account.edit(Resource::Contacts, id, &data).unwrap();
    };
    title(lost, "Gone");
    title(kept, "Countess");
    let hand = by_hand(
        &platform,
        kind,
        &[("firstname", "Match"), ("lastname", "Byron")],
    );
    let matched = person(&platform, "Match", "Byron", None);
    let fresh = person(&platform, "Fresh", "Byron", None);
    sync(&platform).await;
    sync(&platform).await;
    let there = portal.find(kind, SOURCE, &lost.to_string());
    assert!(there.iter().all(|record| record.archived_at.is_some()));
    assert_eq!(
        account.record(Resource::Contacts, lost).unwrap()["title"],
        "Gone"
    );
    assert_eq!(linked(&platform, kind, matched), Some(hand));
    assert!(linked(&platform, kind, fresh).is_some());
    assert_eq!(
        arrived(&platform, kind, kept).value("jobtitle"),
        Some("Countess")
    );
    assert!(linked(&platform, ObjectType::Companies, firm).is_some());
    assert_eq!(portal.count(kind), 3);

    let before = state(&platform);
    reset_calls(&platform);
    sync(&platform).await;
    let clio_writes = platform.clio.calls().count(|call| call.method != "GET");
    assert_eq!((hubspot_writes(&platform), clio_writes), (0, 0));
    assert_eq!(state(&platform), before);
}
