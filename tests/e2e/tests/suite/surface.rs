//! The HTTP surface of all components.

use bytes::Bytes;
use http::{Method, Request, Response};
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::NewConnection;
use sync300_kit::store::portals::Portal;
use sync300_kit::surface::SECURITY_HEADERS;
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

pub async fn call(
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

/// One call of every route, and the status for someone who is not known.
const UNKNOWN: [(Method, &str, u16); 44] = [
    (Method::POST, "/sync/tick", 401),
    (Method::GET, "/oauth/hubspot/callback", 400),
    (Method::GET, "/oauth/clio/callback", 400),
    (Method::POST, "/oauth/clio/ticket", 401),
    (Method::GET, "/oauth/clio/start?region=us", 401),
    (Method::POST, "/oauth/clio/account", 401),
    (Method::GET, "/oauth/clio/parameters", 404),
    (Method::GET, "/oauth/anything", 404),
    (Method::GET, "/account", 401),
    (Method::GET, "/account/audit", 401),
    (Method::POST, "/account/disconnect", 401),
    (Method::POST, "/account/uninstall", 401),
    (Method::GET, "/account/anything", 404),
    (Method::POST, "/account", 405),
    (Method::GET, "/operator/anything", 404),
    (Method::GET, "/cards/status", 401),
    (Method::GET, "/cards/record", 401),
    (Method::POST, "/cards/sync", 401),
    (Method::GET, "/cards/review", 401),
    (Method::POST, "/cards/review", 401),
    (Method::GET, "/cards/preview", 401),
    (Method::GET, "/cards/anything", 404),
    (Method::POST, "/cards/anything", 404),
    (Method::GET, "/actions/anything", 405),
    (Method::POST, "/actions/anything", 404),
    (Method::POST, "/actions/trigger_sync", 401),
    (Method::POST, "/actions/clio/create_contact", 401),
    (Method::POST, "/actions/clio/options/matters", 401),
    (Method::GET, "/account/export", 401),
    (Method::POST, "/account/restrict", 401),
    (Method::POST, "/account/resume", 401),
    (Method::POST, "/account/erase", 401),
    (Method::POST, "/account/privacy", 405),
    (Method::GET, "/stripe/anything", 404),
    (Method::GET, "/stripe/webhook", 405),
    (Method::POST, "/stripe/webhook", 503),
    (Method::GET, "/billing", 401),
    (Method::POST, "/billing/checkout", 401),
    (Method::POST, "/billing/portal", 401),
    (Method::POST, "/hubspot/webhooks", 401),
    (Method::GET, "/hubspot/webhooks", 405),
    (
        Method::POST,
        "/provider/webhooks/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        410,
    ),
    (Method::POST, "/provider/webhooks/anything", 404),
    (Method::GET, "/provider/webhooks/anything", 405),
];

/// A platform that browsers reach by https.
async fn public() -> Platform {
    let variables = [
        ("public_url", "https://sync.example.com"),
        ("hubspot_client_id", "our-app"),
        ("hubspot_client_secret", "s3cret"),
        ("clio_client_id", "our-clio-app"),
        ("clio_client_secret", "s3cret"),
    ];
    Platform::start(PlatformConfig {
        variables: variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        connected: false,
        ..empty()
    })
    .await
    .unwrap()
}

async fn send(
    platform: &Platform,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &'static [u8],
) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Bytes::from_static(body)).unwrap();
    platform.app.request(request).await
}

/// S0-87, S0-89, S1-36, S1-38, S1-41, DX-11, DX-12: on every route of the manifest someone unknown is refused, with the
/// security headers, a reference to quote, and never a value of the request.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_who_is_not_known() {
    let platform = public().await;
    for (route, _) in platform.app.routes() {
        let prefix = route.trim_end_matches("...");
        let covered = UNKNOWN
            .iter()
            .any(|(_, path, _)| path.starts_with(prefix) || *path == route);
        assert!(covered, "{route}");
    }
    for (method, path, status) in UNKNOWN {
        let answer = send(&platform, method.clone(), path, &[], b"").await;
        assert_eq!(
            answer.status(),
            status,
            "{method} {path}: {:?}",
            answer.body()
        );
        for (name, value) in SECURITY_HEADERS {
            let set: Vec<_> = answer.headers().get_all(name).iter().collect();
            assert_eq!(set, [value], "{method} {path}: {name}");
        }
        assert_eq!(answer.headers()["vary"], "Origin");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
        assert!(!answer.headers().contains_key("set-cookie"));
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert!(
            body["error"]["request_id"]
                .as_str()
                .is_some_and(|id| id.len() == 16),
            "{body}"
        );
    }
}

/// S0-05, S0-89, S1-38: pages run what is ours alone by a nonce, set a narrow cookie, and cannot be framed; a person is told
/// in words what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn pages_carry_a_policy_of_their_own() {
    let platform = public().await;
    let browser = [("accept", "text/html")];
    for (path, status) in [
        ("/oauth/hubspot/start", 200),
        ("/oauth/hubspot/callback?code=c&state=s", 400),
        ("/account", 401),
    ] {
        let answer = send(&platform, Method::GET, path, &browser, b"").await;
        assert_eq!(answer.status(), status, "{path}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with("text/html"));
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; base-uri 'none'; style-src 'nonce-"),
            "{policy}"
        );
        assert!(
            policy.ends_with("form-action 'self'; frame-ancestors 'none'"),
            "{policy}"
        );
        for (name, value) in SECURITY_HEADERS {
            match name {
                "content-security-policy" => {}
                // Without an origin no browser could send a page's form.
                "referrer-policy" => assert_eq!(header(name), "same-origin", "{path}"),
                _ => assert_eq!(header(name), value, "{path}: {name}"),
            }
        }
        let page = std::str::from_utf8(answer.body()).unwrap();
        assert!(page.contains("Reference: "));
        assert!(!page.contains("onclick") && !page.contains("style="));
    }
    let start = send(
        &platform,
        Method::GET,
        "/oauth/hubspot/start",
        &browser,
        b"",
    )
    .await;
    let cookie = start.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-sync300-state="));
    assert!(cookie.ends_with("; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"));
}

/// S0-88: HubSpot's pages may read answers, no other site may; preflights say the same.
#[tokio::test(flavor = "multi_thread")]
async fn only_hubspots_pages_may_read() {
    let platform = public().await;
    for path in ["/account", "/cards/x", "/oauth/clio/ticket"] {
        for (origin, allowed) in [
            ("https://app.hubspot.com", true),
            ("https://app-eu1.hubspot.com", true),
            ("https://evil.example", false),
            ("https://app.hubspot.com.evil.example", false),
        ] {
            let asked = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
            ];
            let preflight = send(&platform, Method::OPTIONS, path, &asked, b"").await;
            assert_eq!(
                preflight.status(),
                if allowed { 204 } else { 403 },
                "{path} {origin}"
            );
            let answer = send(&platform, Method::GET, path, &asked[..1], b"").await;
            for answer in [preflight, answer] {
                let origins = answer.headers().get("access-control-allow-origin");
                assert_eq!(
                    origins.map(|set| set.as_bytes()),
                    allowed.then_some(origin.as_bytes())
                );
                assert!(
                    !answer
                        .headers()
                        .contains_key("access-control-allow-credentials")
                );
            }
        }
    }
}

/// Requests past the limits are refused before anything looks at them.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused() {
    let platform = public().await;
    let headers = "x".repeat(100_000);
    static BODY: [u8; 1024 * 1024 + 1] = [b' '; 1024 * 1024 + 1];
    for path in ["/account", "/cards/x", "/stripe/x", "/sync/tick"] {
        let large = [("x-large", headers.as_str())];
        let answer = send(&platform, Method::POST, path, &large, b"").await;
        assert_eq!(answer.status(), 431, "{path}");
        let answer = send(&platform, Method::POST, path, &[], &BODY).await;
        assert_eq!(answer.status(), 413, "{path}");
        let long = format!("{path}?{}", "x".repeat(9_000));
        let answer = send(&platform, Method::GET, &long, &[], b"").await;
        assert_eq!(answer.status(), 414, "{path}");
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

/// Slices are the tick's business: nobody outside reaches the component that works them, whatever host is named.
#[tokio::test(flavor = "multi_thread")]
async fn slices_are_reached_by_the_tick_alone() {
    let platform = Platform::start(empty()).await.unwrap();
    let token = format!("Bearer {}", platform.tick_token());
    for (host, path) in [
        ("localhost", "/slice"),
        ("sync-prepare.spin.internal", "/slice"),
        ("sync-to-hubspot.spin.internal", "/slice"),
        ("sync-to-provider.spin.internal", "/slice"),
        ("localhost", "/waiting"),
        ("localhost", "/actions/waiting"),
        ("workflow-action.spin.internal", "/waiting"),
    ] {
        let headers = [("authorization", token.as_str()), ("host", host)];
        let answer = send(&platform, Method::POST, path, &headers, b"{}").await;
        assert_eq!(answer.status(), 404, "{host}{path}");
    }
}

/// A connection whose turn it is.
async fn something_due(platform: &Platform) {
    let ports = platform.ports().unwrap();
    let store = Store::new(&ports);
    store.migrate().await.unwrap();
    let portal = Portal {
        id: 1,
        ui_domain: "app.hubspot.com".to_owned(),
        time_zone: None,
    };
    store.put_portal(&portal).await.unwrap();
    let connection = NewConnection {
        id: "a",
        portal: 1,
        connector: "clio",
        region: "us",
        settings: &Settings::default(),
        frequency: 15,
        fingerprint_key: "sealed",
    };
    store.add_connection(&connection).await.unwrap();
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
            connected: false,
            ..empty()
        })
        .await;
        let Ok(platform) = started else {
            // Spin itself refuses an empty host among the allowed ones.
            assert_eq!(variable, "hubspot_api_url");
            continue;
        };
        something_due(&platform).await;
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
