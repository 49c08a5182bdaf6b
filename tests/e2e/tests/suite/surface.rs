//! The HTTP surface of all components.

use bytes::Bytes;
use http::{Method, Request, Response};
use sync300_kit::surface::SECURITY_HEADERS;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

async fn call(
    platform: &Platform,
    method: Method,
    path: &str,
    authorization: Option<&str>,
) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    platform
        .app
        .request(request.body(Bytes::new()).unwrap())
        .await
}

/// S0-89, S1-38: every route of the manifest answers with the security headers, whatever it answers; what is not built yet
/// says so.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_carries_the_security_headers() {
    let platform = Platform::start(empty()).await.unwrap();
    let routes: Vec<String> = platform
        .app
        .routes()
        .map(|(route, _)| route.to_owned())
        .collect();
    assert_eq!(routes.len(), 7);
    for route in routes {
        let path = route.replace("/...", "/anything");
        let answer = call(&platform, Method::POST, &path, None).await;
        for (name, value) in SECURITY_HEADERS {
            assert_eq!(
                answer.headers().get(name).map(|set| set.as_bytes()),
                Some(value.as_bytes()),
                "{path}: {name}"
            );
        }
        let status = answer.status().as_u16();
        let expected = match path.split('/').nth(1).unwrap() {
            "sync" => 401,
            "oauth" | "account" | "operator" => 404,
            _ => 501,
        };
        assert_eq!(status, expected, "{path}");
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert!(
            body["error"]["request_id"]
                .as_str()
                .is_some_and(|id| id.len() == 16),
            "{body}"
        );
    }
}

/// A tick needs its token: wrong, missing and malformed ones are refused, and nothing is worked on.
#[tokio::test(flavor = "multi_thread")]
async fn a_tick_needs_its_token() {
    let platform = Platform::start(empty()).await.unwrap();
    platform.request_sync().unwrap();
    let right = format!("Bearer {}", platform.tick_token());
    let almost = &right[..right.len() - 1];
    for wrong in [
        None,
        Some("Bearer "),
        Some("Bearer x"),
        Some(almost),
        Some("Basic eDp5"),
    ] {
        assert_eq!(
            call(&platform, Method::POST, "/sync/tick", wrong)
                .await
                .status(),
            401,
            "{wrong:?}"
        );
    }
    assert_eq!(
        call(&platform, Method::GET, "/sync/tick", Some(&right))
            .await
            .status(),
        405
    );
    assert_eq!(platform.clio.calls().list().len(), 0);
    assert_eq!(
        call(&platform, Method::POST, "/sync/tick", Some(&right))
            .await
            .status(),
        200
    );
}

/// Without a configured token, key ring or address nobody is let in and nothing is worked on.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_configuration_is_a_refusal() {
    for (variable, status) in [
        ("sync_tick_token", 503),
        ("vault_keys", 500),
        ("hubspot_api_url", 500),
    ] {
        let variables = [(variable.to_owned(), String::new())].into();
        let started = Platform::start(PlatformConfig {
            variables,
            ..empty()
        })
        .await;
        let Ok(platform) = started else {
            // Spin itself refuses an empty host among the allowed ones.
            assert_eq!(variable, "hubspot_api_url");
            continue;
        };
        let token = format!("Bearer {}", platform.tick_token());
        let answer = call(&platform, Method::POST, "/sync/tick", Some(&token)).await;
        assert_eq!(answer.status(), status, "{variable}: {:?}", answer.body());
        assert_eq!(
            platform.clio.calls().list().len() + platform.hubspot.calls().list().len(),
            0,
            "{variable}"
        );
    }
}
