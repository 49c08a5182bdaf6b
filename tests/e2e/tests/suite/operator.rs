//! What leaves and is let go, through the rights that the manifest gives.

use http::Method;
use serde_json::{Value, json};

use sync300_fakes::{Call, Effect, Fault};
use sync300_sandbox::Platform;
use sync300_sandbox::platform::ADMIN;

use crate::connect::portal;
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

/// S1-45, S1-46: whoever erases has access to Clio given back, though HubSpot does not answer.
#[tokio::test(flavor = "multi_thread")]
async fn erasing_gives_access_back_while_hubspot_is_silent() {
    let platform = Platform::start(empty()).await.unwrap();
    let mut browser = platform.browser().unwrap();
    platform
        .install(&mut browser, portal(), ADMIN)
        .await
        .unwrap();
    platform
        .hubspot
        .fail(Fault::once("/appinstalls", Effect::answer(500, "{}")).times(9));
    let page = browser.open("/account").await.unwrap();
    let confirm = portal().to_string();
    let end = browser
        .press(&page, "Erase", &[("confirm", &confirm)])
        .await
        .unwrap();
    assert!(
        end.page.text.contains("HubSpot could not be told"),
        "{}",
        end.page.text
    );
    let given_back = |call: &Call| call.path == "/oauth/deauthorize" && call.status == 200;
    assert_eq!(platform.clio.calls().count(given_back), 1);
    assert_eq!(count(&platform, "portals").await, 0);
}
