//! What the operator may do, through the rights that the manifest gives.

use http::Method;
use serde_json::{Value, json};
use sync300_fakes::{Effect, Fault};
use sync300_sandbox::Platform;

use crate::support::*;
use crate::surface::call;

async fn read_journal(platform: &Platform) -> Value {
    let token = format!("Bearer {}", platform.operator_token());
    let answer = call(platform, Method::POST, "/operator/lifecycle", Some(&token)).await;
    assert_eq!(answer.status(), 200, "{:?}", answer.body());
    serde_json::from_slice(answer.body()).unwrap()
}

/// S1-46: HubSpot tells of an uninstall in a file on another host than its API, which the component may call as well.
#[tokio::test(flavor = "multi_thread")]
async fn an_uninstall_is_read_from_the_journal() {
    let platform = Platform::start(empty()).await.unwrap();
    assert_ne!(platform.hubspot.url(), platform.hubspot.journal_url());
    let first = read_journal(&platform).await;
    assert_eq!(
        (&first["files"], &first["complete"]),
        (&json!(0), &json!(true))
    );

    // An event from before the portal's newest sign-in would be passed over.
    platform
        .hubspot
        .clock()
        .advance(std::time::Duration::from_secs(60));
    platform.portal().unwrap().uninstall();
    platform
        .hubspot
        .fail(Fault::once("/earliest", Effect::answer(500, "{}")));
    let told = read_journal(&platform).await;
    assert_eq!(
        (&told["files"], &told["uninstalled"], &told["complete"]),
        (&json!(1), &json!(1), &json!(true)),
        "{told}"
    );
    assert_eq!(
        count(&platform, "portals WHERE status = 'uninstalled'").await,
        1
    );
}
