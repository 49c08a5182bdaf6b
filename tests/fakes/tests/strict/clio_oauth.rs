//! Signing in at Clio: the authorize page, tokens, giving access back.

use std::time::Duration;

use serde_json::json;
use sync300_fakes::clio::{AccountConfig, AppConfig};
use sync300_fakes::{Clio, ClioConfig, Effect, Fault};

use crate::client::{Api, Reply};

const REDIRECT: &str = "https://sync.example.com/oauth/clio/callback";
const ME: &str = "/api/v4/users/who_am_i.json?fields=id,account{id,name}";

fn app() -> AppConfig {
    AppConfig {
        redirect_uris: vec![REDIRECT.to_owned()],
        ..AppConfig::default()
    }
}

async fn start() -> (Clio, Api) {
    let account = |id, name: &str| AccountConfig {
        id,
        name: name.to_owned(),
        tokens: Vec::new(),
        ..AccountConfig::default()
    };
    let config = ClioConfig {
        app: app(),
        accounts: vec![account(1, "Keller & Partners"), account(2, "Moss LLP")],
        ..ClioConfig::default()
    };
    let clio = Clio::start(config).await.unwrap();
    let api = Api::new(clio.url(), "");
    (clio, api)
}

fn fields(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut fields = vec![
        ("client_id", "fake-clio-app-key"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("state", "a&b"),
        ("account", "2"),
        ("decision", "allow"),
    ];
    for change in changes {
        fields.retain(|(name, _)| *name != change.0);
        fields.push(*change);
    }
    fields
}

async fn code(api: &Api) -> String {
    let reply = api.form("/oauth/authorize", &fields(&[])).await;
    assert_eq!(
        (reply.status, reply.parameters()["state"].as_str()),
        (302, "a&b")
    );
    reply.parameters()["code"].clone()
}

async fn ask(api: &Api, fields: &[(&str, &str)]) -> Reply {
    let app = app();
    let mut all = vec![
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.as_str()),
    ];
    all.extend(fields);
    api.form("/oauth/token", &all).await
}

async fn exchange(api: &Api, code: &str) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
        ("code", code),
    ];
    ask(api, &fields).await
}

async fn refresh(api: &Api, token: &str) -> Reply {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    ask(api, &fields).await
}

fn text(reply: &Reply, name: &str) -> String {
    reply.body[name].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_page_lets_one_choose_and_deny() {
    let (_clio, api) = start().await;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields(&[]))
        .finish();
    let page = api.get(&format!("/oauth/authorize?{query}")).await;
    for expected in [
        "Keller &amp; Partners",
        "Moss LLP",
        "Allow access",
        "value=\"a&amp;b\"",
    ] {
        assert!(page.text.contains(expected), "{expected}");
    }
    let denied = api
        .form("/oauth/authorize", &fields(&[("decision", "deny")]))
        .await;
    assert_eq!(denied.parameters()["error"], "access_denied");
    for (change, status) in [
        (("client_id", "other"), 401),
        (("redirect_uri", "https://evil.example/"), 400),
        (("account", "9"), 401),
        (("decision", ""), 400),
    ] {
        let reply = api.form("/oauth/authorize", &fields(&[change])).await;
        assert_eq!(
            (reply.status, reply.header("location")),
            (status, None),
            "{change:?}"
        );
    }
    let implicit = api
        .form("/oauth/authorize", &fields(&[("response_type", "token")]))
        .await;
    assert_eq!(implicit.parameters()["error"], "unsupported_response_type");
}

#[tokio::test]
async fn a_code_works_once_in_time_and_where_it_was_sent() {
    let (clio, api) = start().await;
    let used = code(&api).await;
    let first = exchange(&api, &used).await;
    assert_eq!(
        (first.status, &first.body["expires_in"]),
        (200, &json!(2_592_000))
    );
    for bad in [used.as_str(), "unknown", ""] {
        let reply = exchange(&api, bad).await;
        assert_eq!(
            (reply.status, text(&reply, "error").as_str()),
            (400, "invalid_grant")
        );
    }
    let late = code(&api).await;
    clio.clock().advance(Duration::from_secs(600));
    assert_eq!(exchange(&api, &late).await.status, 400);
    let wrong = [("grant_type", "refresh_token"), ("client_secret", "x")];
    let reply = api.form("/oauth/token", &wrong).await;
    assert_eq!(
        (reply.status, text(&reply, "error").as_str()),
        (401, "invalid_client")
    );
    let reply = ask(&api, &[("grant_type", "password")]).await;
    assert_eq!(text(&reply, "error"), "unsupported_grant_type");
    assert_eq!(api.post("/oauth/token", json!({})).await.status, 415);
}

/// S0-86: thirty days, then a refresh, which repeats no refresh token.
#[tokio::test]
async fn an_access_token_lives_thirty_days() {
    let (clio, api) = start().await;
    clio.clock().stop();
    let first = exchange(&api, &code(&api).await).await;
    let with = Api::new(clio.url(), &text(&first, "access_token"));
    let me = with.get(ME).await;
    assert_eq!(
        me.body["data"]["account"],
        json!({ "id": 2, "name": "Moss LLP" })
    );
    clio.clock().advance(Duration::from_secs(2_592_000));
    let expired = with.get(ME).await;
    assert_eq!(
        (expired.status, text(&expired, "error").as_str()),
        (401, "invalid_token")
    );

    let refresh_token = text(&first, "refresh_token");
    for _ in 0..2 {
        let renewed = refresh(&api, &refresh_token).await;
        assert_eq!(
            (renewed.status, renewed.body.get("refresh_token")),
            (200, None)
        );
        let with = Api::new(clio.url(), &text(&renewed, "access_token"));
        assert_eq!(with.get(ME).await.status, 200);
    }
}

#[tokio::test]
async fn access_is_given_back() {
    let (clio, api) = start().await;
    let first = exchange(&api, &code(&api).await).await;
    let other = exchange(&api, &code(&api).await).await;
    let with = Api::new(clio.url(), &text(&first, "access_token"));
    assert_eq!(with.post("/oauth/deauthorize", json!({})).await.status, 200);
    assert_eq!(with.get(ME).await.status, 401);
    assert_eq!(with.post("/oauth/deauthorize", json!({})).await.status, 401);
    assert_eq!(
        refresh(&api, &text(&first, "refresh_token")).await.status,
        400
    );
    // The other authorization stands, until the user takes it back at Clio.
    assert_eq!(
        refresh(&api, &text(&other, "refresh_token")).await.status,
        200
    );
    assert!(clio.account(2).unwrap().connected());
    clio.account(2).unwrap().revoke_tokens();
    assert_eq!(
        refresh(&api, &text(&other, "refresh_token")).await.status,
        400
    );
    assert!(!clio.account(2).unwrap().connected());
}

#[tokio::test]
async fn a_region_knows_its_own_tokens_alone() {
    let (_us, api) = start().await;
    let (eu, eu_api) = start().await;
    let first = exchange(&api, &code(&api).await).await;
    let with = Api::new(eu.url(), &text(&first, "access_token"));
    assert_eq!(with.get(ME).await.status, 401);
    assert_eq!(
        refresh(&eu_api, &text(&first, "refresh_token"))
            .await
            .status,
        400
    );
}

/// What the product must survive: a page in place of tokens, an error, silence.
#[tokio::test]
async fn the_token_endpoint_can_have_bad_days() {
    let (clio, api) = start().await;
    let code = code(&api).await;
    clio.fail(Fault::once(
        "/oauth/token",
        Effect::page(200, "<html>Maintenance</html>"),
    ));
    let page = exchange(&api, &code).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html"))
    );
    clio.fail(Fault::once("/oauth/token", Effect::answer(500, "{}")));
    assert_eq!(exchange(&api, &code).await.status, 500);
    clio.fail(Fault::once(
        "/oauth/token",
        Effect::Delay(Duration::from_millis(50)),
    ));
    assert_eq!(
        exchange(&api, &code).await.status,
        200,
        "the code was not used up before"
    );
}
