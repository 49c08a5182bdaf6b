//! Installing: the authorize page, tokens and their end, users, uninstalling.

use std::time::Duration;

use serde_json::json;
use sync300_fakes::hubspot::{AppConfig, PortalConfig};
use sync300_fakes::{HubSpot, HubSpotConfig};

use crate::client::{Api, Reply};
use crate::hubspot::CONTACTS;

const REDIRECT: &str = "https://sync.example.com/oauth/hubspot/callback";
const TOKEN: &str = "/oauth/2026-03/token";

fn app() -> AppConfig {
    AppConfig {
        redirect_urls: vec![REDIRECT.to_owned()],
        required_scopes: ["oauth", "crm.objects.contacts.read", "settings.users.read"]
            .map(str::to_owned)
            .into(),
        optional_scopes: vec!["tickets".to_owned()],
        ..AppConfig::default()
    }
}

async fn start() -> (HubSpot, Api) {
    let config = HubSpotConfig {
        app: app(),
        portals: vec![PortalConfig::numbered(41), PortalConfig::numbered(42)],
        ..HubSpotConfig::default()
    };
    let hubspot = HubSpot::start(config).await.unwrap();
    let api = Api::new(hubspot.url(), "");
    (hubspot, api)
}

fn install_url(changes: &[(&str, Option<&str>)]) -> String {
    let client_id = app().client_id;
    let mut fields = vec![
        ("client_id", client_id.as_str()),
        ("redirect_uri", REDIRECT),
        (
            "scope",
            "settings.users.read oauth crm.objects.contacts.read",
        ),
        ("state", "a&b=c"),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.extend(value.map(|value| (*name, value)));
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .finish();
    format!("/oauth/authorize?{query}")
}

/// Presses a button of the authorize page.
async fn press(api: &Api, account: &str, decision: &str, scope: &str) -> Reply {
    let client_id = app().client_id;
    let fields = [
        ("client_id", client_id.as_str()),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("optional_scope", "tickets"),
        ("state", "a&b=c"),
        ("account", account),
        ("decision", decision),
    ];
    api.form("/oauth/authorize", &fields).await
}

const SCOPE: &str = "oauth crm.objects.contacts.read settings.users.read";

async fn code(api: &Api, account: &str) -> String {
    let reply = press(api, account, "connect", SCOPE).await;
    assert_eq!(reply.status, 302, "{}", reply.text);
    reply.parameters()["code"].clone()
}

/// Asks for tokens with the right client.
async fn ask(api: &Api, fields: &[(&str, &str)]) -> Reply {
    let app = app();
    let mut all = vec![
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.as_str()),
    ];
    all.extend(fields);
    api.form(TOKEN, &all).await
}

async fn exchange(api: &Api, code: &str) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
        ("code", code),
    ];
    ask(api, &fields).await
}

async fn install(api: &Api, account: &str) -> (String, String) {
    let reply = exchange(api, &code(api, account).await).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let token = |name: &str| reply.body[name].as_str().unwrap().to_owned();
    (token("access_token"), token("refresh_token"))
}

fn refusal(reply: &Reply) -> (u16, &str, &str) {
    let word = |name: &str| reply.body[name].as_str().unwrap_or_default();
    (reply.status, word("error"), word("status"))
}

/// S0-04, S0-05: accounts to choose from, and the scopes, before "Connect app".
#[tokio::test]
async fn the_page_shows_accounts_and_scopes() {
    let (_hubspot, api) = start().await;
    let page = api.get(&install_url(&[])).await;
    assert_eq!(page.status, 200);
    for text in [
        "Account 41",
        "Account 42",
        "crm.objects.contacts.read",
        "Connect app",
        "Cancel",
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    // The state is carried as it is, and cannot break out of the page.
    assert!(page.text.contains("value=\"a&amp;b=c\""));
    let of_one = api
        .get(&install_url(&[]).replace("/oauth/", "/oauth/42/"))
        .await;
    assert!(of_one.text.contains("Account 42") && !of_one.text.contains("Account 41"));
}

#[tokio::test]
async fn a_faulty_install_url_ends_at_hubspot() {
    let (hubspot, api) = start().await;
    for (change, why) in [
        (("client_id", Some("other")), "client_id"),
        (("client_id", None), "client_id"),
        (("redirect_uri", None), "redirect_uri"),
        (
            (
                "redirect_uri",
                Some("https://sync.example.com/oauth/hubspot/callback/"),
            ),
            "registered",
        ),
        (
            (
                "redirect_uri",
                Some("https://evil.example/oauth/hubspot/callback"),
            ),
            "registered",
        ),
        (("scope", Some("oauth")), "mismatch"),
        (
            (
                "scope",
                Some("oauth crm.objects.contacts.read settings.users.read tickets"),
            ),
            "mismatch",
        ),
        (("scope", None), "mismatch"),
        (("optional_scope", Some("crm.import")), "mismatch"),
    ] {
        let page = api.get(&install_url(&[change])).await;
        assert_eq!(page.status, 400, "{change:?}");
        assert!(page.text.contains(why), "{change:?}: {}", page.text);
    }
    let reply = press(&api, "41:9001", "connect", "oauth").await;
    assert_eq!(reply.status, 400, "the form is checked as the address is");
    assert!(hubspot.issued().is_empty());
}

#[tokio::test]
async fn only_who_may_can_install() {
    let (_hubspot, api) = start().await;
    for (account, status) in [
        ("41:9001", 302),
        ("41:9002", 302),
        ("41:9003", 403),
        ("41:1", 403),
        ("7:9001", 403),
        ("nonsense", 403),
    ] {
        let reply = press(&api, account, "connect", SCOPE).await;
        assert_eq!(reply.status, status, "{account}");
    }
    let denied = press(&api, "41:9003", "cancel", SCOPE).await.parameters();
    assert_eq!(denied["error"], "access_denied");
    assert_eq!(
        (denied["state"].as_str(), denied.get("code")),
        ("a&b=c", None)
    );
}

#[tokio::test]
async fn a_code_works_once_in_time_and_where_it_was_sent() {
    let (hubspot, api) = start().await;
    let used = code(&api, "41:9001").await;
    assert_eq!(exchange(&api, &used).await.status, 200);
    let bad_code = (400, "invalid_grant", "BAD_AUTH_CODE");
    assert_eq!(refusal(&exchange(&api, &used).await), bad_code);
    assert_eq!(refusal(&exchange(&api, "unknown").await), bad_code);

    let elsewhere = code(&api, "41:9001").await;
    for (redirect, expected) in [
        (
            "https://sync.example.com/",
            (400, "invalid_request", "BAD_REDIRECT_URI"),
        ),
        // The first attempt has used the code up.
        (REDIRECT, bad_code),
    ] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect),
            ("code", elsewhere.as_str()),
        ];
        assert_eq!(refusal(&ask(&api, &fields).await), expected, "{redirect}");
    }
    let late = code(&api, "41:9001").await;
    hubspot.clock().advance(Duration::from_secs(300));
    assert_eq!(refusal(&exchange(&api, &late).await), bad_code);
}

#[tokio::test]
async fn the_client_is_in_the_body_alone() {
    let (_hubspot, api) = start().await;
    let app = app();
    let code = code(&api, "41:9001").await;
    let (id, secret) = (app.client_id.as_str(), app.client_secret.as_str());
    for (fields, status) in [
        (vec![("client_secret", secret)], "BAD_CLIENT_ID"),
        (
            vec![("client_id", "x"), ("client_secret", secret)],
            "BAD_CLIENT_ID",
        ),
        (vec![("client_id", id)], "BAD_CLIENT_SECRET"),
        (
            vec![("client_id", id), ("client_secret", "x")],
            "BAD_CLIENT_SECRET",
        ),
    ] {
        let reply = api.form(TOKEN, &fields).await;
        assert_eq!(refusal(&reply), (400, "invalid_client", status));
    }
    let query = format!(
        "{TOKEN}?grant_type=authorization_code&client_id={id}&client_secret={secret}&code={code}&redirect_uri={REDIRECT}"
    );
    assert_eq!(refusal(&api.form(&query, &[]).await).2, "BAD_CLIENT_ID");
    assert_eq!(
        api.post(TOKEN, json!({ "client_id": id })).await.status,
        415
    );
    assert_eq!(
        refusal(&ask(&api, &[("grant_type", "password")]).await).2,
        "BAD_GRANT_TYPE"
    );
    assert_eq!(api.form("/oauth/2020-01/token", &[]).await.status, 404);
    assert_eq!(
        exchange(&api, &code).await.status,
        200,
        "nothing has used the code up"
    );
}

/// S0-86: an access token opens its portal for 1,800 seconds, with the scopes that were granted.
#[tokio::test]
async fn an_access_token_lives_half_an_hour() {
    let (hubspot, api) = start().await;
    hubspot.clock().stop();
    let reply = exchange(&api, &code(&api, "42:9002").await).await;
    assert_eq!(
        (
            &reply.body["expires_in"],
            &reply.body["hub_id"],
            &reply.body["user_id"]
        ),
        (&json!(1800), &json!(42), &json!(9002))
    );
    let refresh_token = reply.body["refresh_token"].as_str().unwrap();
    let with = Api::new(hubspot.url(), reply.body["access_token"].as_str().unwrap());
    assert_eq!(
        with.get("/account-info/2026-03/details").await.body["portalId"],
        42
    );
    assert_eq!(with.get(CONTACTS).await.status, 200);

    let beyond = with.get("/crm/objects/2026-03/companies").await;
    assert_eq!(
        (beyond.status, &beyond.body["category"]),
        (403, &json!("MISSING_SCOPES"))
    );
    assert_eq!(
        beyond.body["errors"][0]["context"]["requiredGranularScopes"],
        json!(["crm.objects.companies.read"])
    );
    let lists = with.get("/crm/lists/2026-03/1").await;
    assert_eq!(lists.status, 403);
    let written = with
        .post(CONTACTS, json!({ "properties": { "city": "Bern" } }))
        .await;
    assert_eq!(written.status, 403, "reading is not writing");

    hubspot.clock().advance(Duration::from_secs(1_799));
    assert_eq!(with.get(CONTACTS).await.status, 200);
    hubspot.clock().advance(Duration::from_secs(1));
    let expired = with.get(CONTACTS).await;
    assert_eq!(
        (expired.status, &expired.body["category"]),
        (401, &json!("EXPIRED_AUTHENTICATION"))
    );
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    let renewed = ask(&api, &fields).await;
    assert_eq!(
        renewed.body["refresh_token"], refresh_token,
        "it does not rotate"
    );
    let with = Api::new(
        hubspot.url(),
        renewed.body["access_token"].as_str().unwrap(),
    );
    assert_eq!(with.get(CONTACTS).await.status, 200);
}

#[tokio::test]
async fn refresh_tokens_may_rotate() {
    let (hubspot, api) = start().await;
    hubspot.set_rotates_refresh_tokens(true);
    let (_, old) = install(&api, "41:9001").await;
    let refresh = async |token: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        ask(&api, &fields).await
    };
    let renewed = refresh(&old).await;
    let new = renewed.body["refresh_token"].as_str().unwrap();
    assert_ne!(new, old);
    assert_eq!(
        refusal(&refresh(&old).await),
        (400, "invalid_grant", "BAD_REFRESH_TOKEN")
    );
    assert_eq!(refresh(new).await.status, 200);
}

#[tokio::test]
async fn a_token_is_looked_into_and_given_back() {
    let (hubspot, api) = start().await;
    hubspot
        .portal(41)
        .unwrap()
        .withhold_scopes(&["settings.users.read"]);
    let (access, refresh) = install(&api, "41:9001").await;
    let app = app();
    let at = async |path: &str, token: &str| {
        let fields = [
            ("client_id", app.client_id.as_str()),
            ("client_secret", app.client_secret.as_str()),
            ("token", token),
        ];
        api.form(&format!("{TOKEN}/{path}"), &fields).await
    };
    let seen = at("introspect", &access).await.body;
    assert_eq!(
        (&seen["active"], &seen["hub_id"]),
        (&json!(true), &json!(41))
    );
    assert_eq!(seen["user"], "admin@portal-41.example");
    assert_eq!(
        seen["scopes"],
        json!(["crm.objects.contacts.read", "oauth", "tickets"]),
        "what the portal withholds is not granted"
    );
    assert_eq!(seen["signed_access_token"]["hublet"], "na1");
    assert_eq!(
        at("introspect", &refresh).await.body["token_use"],
        "refresh_token"
    );
    assert_eq!(
        api.form(&format!("{TOKEN}/introspect"), &[("token", &access)])
            .await
            .status,
        400
    );

    assert_eq!(at("revoke", &refresh).await.status, 200);
    assert_eq!(
        at("introspect", &refresh).await.body,
        json!({ "active": false })
    );
    let with = Api::new(hubspot.url(), &access);
    assert_eq!(
        with.get(CONTACTS).await.status,
        200,
        "the access token lives on"
    );
    assert_eq!(at("revoke", "unknown").await.status, 200);
    hubspot.clock().advance(Duration::from_secs(1_800));
    assert_eq!(
        at("introspect", &access).await.body,
        json!({ "active": false })
    );
}

#[tokio::test]
async fn uninstalling_voids_one_portals_tokens() {
    let (hubspot, api) = start().await;
    let (one, refresh) = install(&api, "41:9001").await;
    let (two, _) = install(&api, "42:9001").await;
    let (one, two) = (Api::new(hubspot.url(), &one), Api::new(hubspot.url(), &two));
    assert!(hubspot.portal(41).unwrap().installed());
    let uninstall = "/appinstalls/2026-03/external-install";
    assert_eq!(one.get(uninstall).await.status, 405);
    assert_eq!(one.delete(uninstall).await.status, 204);
    assert_eq!(one.delete(uninstall).await.status, 401);
    assert_eq!(
        one.get(CONTACTS).await.body["category"],
        "INVALID_AUTHENTICATION"
    );
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    assert_eq!(refusal(&ask(&api, &fields).await).2, "BAD_REFRESH_TOKEN");
    assert!(!hubspot.portal(41).unwrap().installed());
    assert_eq!(two.get(CONTACTS).await.status, 200);
}

#[tokio::test]
async fn a_portal_knows_its_users() {
    let (hubspot, api) = start().await;
    let (access, _) = install(&api, "41:9002").await;
    let with = Api::new(hubspot.url(), &access);
    let users = "/settings/users/2026-03";
    assert_eq!(
        with.get(&format!("{users}/9001")).await.body["superAdmin"],
        true
    );
    assert_eq!(
        with.get(&format!("{users}/9002")).await.body["superAdmin"],
        false
    );
    let by_email = with
        .get(&format!("{users}/admin@portal-41.example?idProperty=EMAIL"))
        .await;
    assert_eq!(by_email.body["id"], "9001");
    assert_eq!(with.get(&format!("{users}/7")).await.status, 404);
    assert_eq!(
        with.get(users).await.body["results"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    hubspot.portal(41).unwrap().set_super_admin(9001, false);
    assert_eq!(
        with.get(&format!("{users}/9001")).await.body["superAdmin"],
        false
    );
}
