//! `hubspot.fetch`: what the proxy adds, signs, retries and hides.

use std::cell::Cell;
use std::convert::Infallible;

use reqwest::header::HeaderMap;
use serde_json::json;
use sync300_fakes::HubSpot;
use sync300_fakes::hubspot::{AppConfig, Fetch, PortalHandle, sign};

use crate::hubspot::start;

type Answer = http::Response<bytes::Bytes>;

fn answer(status: u16, body: &'static str) -> Answer {
    let answer = http::Response::builder().status(status);
    answer
        .body(bytes::Bytes::from_static(body.as_bytes()))
        .unwrap()
}

async fn portal() -> (HubSpot, PortalHandle) {
    let (hubspot, _, portal) = start().await;
    (hubspot, portal)
}

/// The published vectors, and one of our own reading of them.
#[test]
fn signatures_are_hubspots() {
    let secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
    let url = "https://www.example.com/webhook_uri";
    let v3 = sign(
        secret,
        "POST",
        url,
        b"{'example_field':'example_value'}",
        1_693_657_560_000,
    )
    .v3;
    assert_eq!(v3, "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=");
    let body = br#"{"example_field":"example_value"}"#;
    assert_eq!(
        sign(secret, "POST", url, body, 0).v2,
        "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"
    );
    assert_eq!(
        sign(secret, "GET", url, b"", 0).v2,
        "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"
    );
}

/// S0-87: who asks is added by the proxy, and signed with the rest.
#[tokio::test]
async fn who_asks_is_added_and_signed() {
    let (hubspot, portal) = portal().await;
    hubspot.clock().stop();
    let mut fetch = Fetch::post(
        9_001,
        "https://sync.example.com/account?x=1",
        json!({ "a": 1 }),
    );
    fetch.authorization = Some("Bearer x".to_owned());
    let request = portal.signed(&fetch).unwrap();
    assert_eq!(
        request.uri(),
        "https://sync.example.com/account?x=1&portalId=4200001&userId=9001\
         &userEmail=admin%40portal-4200001.example&appId=3000300"
    );
    let now = hubspot.clock().now().timestamp_millis();
    let secret = AppConfig::default().client_secret;
    let uri = request.uri().to_string();
    let expected = sign(&secret, "POST", &uri, b"{\"a\":1}", now);
    let headers: &HeaderMap = request.headers();
    assert_eq!(headers["x-hubspot-signature-v3"], expected.v3);
    assert_eq!(headers["x-hubspot-signature"], expected.v2);
    assert_eq!(headers["x-hubspot-request-timestamp"], now.to_string());
    assert_eq!(headers["authorization"], "Bearer x");
    assert_eq!(request.body(), "{\"a\":1}".as_bytes());

    fetch.method = "GET".to_owned();
    assert!(portal.signed(&fetch).unwrap().body().is_empty());
    fetch.user = 1;
    assert!(portal.signed(&fetch).is_err(), "nobody of this portal");
}

#[tokio::test]
async fn a_failing_server_is_asked_once_more() {
    let (_hubspot, portal) = portal().await;
    let fetch = Fetch::get(9_001, "https://sync.example.com/account");
    for (answers, asked, status, body) in [
        (
            [Some(answer(200, "{\"ok\":true}")), None],
            1,
            200,
            Some(json!({ "ok": true })),
        ),
        (
            [Some(answer(503, "{}")), Some(answer(200, "{}"))],
            2,
            200,
            Some(json!({})),
        ),
        ([None, Some(answer(200, "{}"))], 2, 200, Some(json!({}))),
        ([None, None], 2, 502, None),
        // What is no success is hidden, and what is no failure of the server's is final.
        ([Some(answer(404, "{\"why\":1}")), None], 1, 404, None),
    ] {
        let times = Cell::new(0);
        let send = async |_| {
            let at = times.replace(times.get() + 1);
            answers[at].clone().ok_or(())
        };
        let got = portal.fetch(&fetch, send).await.unwrap();
        assert_eq!((times.get(), got.status, got.body), (asked, status, body));
    }
    let huge = http::Response::new(bytes::Bytes::from(vec![b' '; 2 << 20]));
    let send = async |_| Ok::<_, Infallible>(huge.clone());
    assert_eq!(portal.fetch(&fetch, send).await.unwrap().body, None);
}
