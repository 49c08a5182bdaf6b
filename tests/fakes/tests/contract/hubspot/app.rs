//! The app's own endpoints: installing, tokens, journal, users, uninstalling.

use reqwest::Method;
use serde_json::{Value, json};
use sync300_fakes::hubspot::AppConfig;

use super::Drive;

/// Where the fake's authorizations end in these tests.
pub const REDIRECT: &str = "https://sync.example.com/oauth/hubspot/callback";
const TOKEN: &str = "/oauth/2026-03/token";

async fn form(drive: &Drive, path: &str, fields: &[(&str, &str)]) -> reqwest::Response {
    let app = AppConfig::default();
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs([("client_id", app.client_id.as_str())]);
    if path.starts_with(TOKEN) {
        body.extend_pairs([("client_secret", app.client_secret.as_str())]);
    }
    body.extend_pairs(fields);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client
        .build()
        .unwrap()
        .post(format!("{}{path}", drive.hubspot.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish())
        .send()
        .await
        .unwrap()
}

async fn tokens(drive: &Drive, fields: &[(&str, &str)]) -> Value {
    let response = form(drive, TOKEN, fields).await;
    let body = response.bytes().await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

pub async fn app(drive: &Drive) {
    let client_id = AppConfig::default().client_id;
    let query = format!("client_id={client_id}&redirect_uri={REDIRECT}&scope=oauth");
    for path in ["/oauth/authorize", "/oauth/4200001/authorize"] {
        let page = drive
            .send(Method::GET, &format!("{path}?{query}"), None)
            .await;
        assert_eq!(page.0, 200);
    }
    let fields = [
        ("redirect_uri", REDIRECT),
        ("scope", "oauth"),
        ("account", "4200001:9001"),
        ("decision", "connect"),
    ];
    let sent = form(drive, "/oauth/authorize", &fields).await;
    let location = sent.headers()["location"].to_str().unwrap().to_owned();
    let (_, code) = location.split_once("code=").unwrap();

    let grant = ("grant_type", "authorization_code");
    let first = tokens(drive, &[grant, ("code", code), ("redirect_uri", REDIRECT)]).await;
    assert_eq!(
        tokens(drive, &[grant, ("code", code)]).await["status"],
        "BAD_AUTH_CODE"
    );
    let (access, refresh) = (&first["access_token"], &first["refresh_token"]);
    let (access, refresh) = (access.as_str().unwrap(), refresh.as_str().unwrap());
    tokens(
        drive,
        &[("grant_type", "refresh_token"), ("refresh_token", refresh)],
    )
    .await;
    for token in [access, refresh, "unknown"] {
        let answer = form(drive, &format!("{TOKEN}/introspect"), &[("token", token)]).await;
        assert_eq!(answer.status(), 200);
    }
    journal(drive).await;
    let (status, _) = crate::send(
        &drive.hubspot.url(),
        access,
        Method::DELETE,
        "/appinstalls/2026-03/external-install",
        None,
    )
    .await;
    assert_eq!(status, 204);
    read_journal(drive).await;
    form(drive, &format!("{TOKEN}/revoke"), &[("token", refresh)]).await;
    // Uninstalling has voided the token that the rest of the drive goes by.
    drive.portal.add_token("hubspot-access-token");
    let settings = "/integrations-settings/4200001/installed/framework/3000300/general-settings";
    assert_eq!(drive.send(Method::GET, settings, None).await.0, 200);
    for path in ["/settings/users/2026-03", "/settings/users/2026-03/9001"] {
        drive.get(path).await;
    }
}

const SUBSCRIPTIONS: &str = "/webhooks-journal/subscriptions/2026-03";

async fn as_app(drive: &Drive, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let scope = "developer.webhooks_journal.read developer.webhooks_journal.subscriptions.read \
                 developer.webhooks_journal.subscriptions.write";
    let fields = [("grant_type", "client_credentials"), ("scope", scope)];
    let token = tokens(drive, &fields).await;
    let token = token["access_token"].as_str().unwrap().to_owned();
    crate::send(&drive.hubspot.url(), &token, method, path, body).await
}

async fn journal(drive: &Drive) {
    let new = json!({ "subscriptionType": "APP_LIFECYCLE_EVENT", "eventTypeId": "4-1916193", "properties": [] });
    assert_eq!(
        as_app(drive, Method::POST, SUBSCRIPTIONS, Some(new))
            .await
            .0,
        200
    );
    assert_eq!(as_app(drive, Method::GET, SUBSCRIPTIONS, None).await.0, 200);
}

async fn read_journal(drive: &Drive) {
    let at = |rest: &str| format!("/webhooks-journal/journal/2026-03/{rest}");
    let (_, first) = as_app(drive, Method::GET, &at("earliest"), None).await;
    let offset = first["currentOffset"].as_str().unwrap();
    as_app(drive, Method::GET, &at("latest"), None).await;
    as_app(
        drive,
        Method::GET,
        &at(&format!("offset/{offset}/next")),
        None,
    )
    .await;
    as_app(drive, Method::GET, &at("offset/unknown/next"), None).await;
    let id = as_app(drive, Method::GET, SUBSCRIPTIONS, None).await.1["results"][0]["id"].clone();
    let path = format!("{SUBSCRIPTIONS}/{id}");
    assert_eq!(as_app(drive, Method::DELETE, &path, None).await.0, 204);
}
