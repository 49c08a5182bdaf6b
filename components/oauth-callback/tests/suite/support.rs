//! A browser, HubSpot's proxy, and the services on the other side.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_executor::block_on;
use serde_json::{Value, json};
use sync300_kit::oauth::SCOPES;
use sync300_kit::ports::{HttpError, HttpRequest, HttpResponse, Sql as _, SqlValue};
use sync300_kit::secret::Secret;
use sync300_kit::signature::{Signed, sign_v3};
use sync300_kit::surface::{Answer, Incoming};
use sync300_native_ports::NativePorts;

use crate::routes;

pub const BASE: &str = "https://sync.example.com";
pub const CLIENT_SECRET: &str = "11111111-2222-3333-4444-555555555555";
pub const NOON: i64 = 1_800_000_000_000;
pub const PORTAL: i64 = 4711;
/// Who installs.
pub const INSTALLER: i64 = 1;
/// Neither installed nor is a super admin.
pub const MEMBER: i64 = 2;
/// A super admin who did not install.
pub const SUPER_ADMIN: i64 = 3;

/// HubSpot and Clio, as far as these routes need them.
pub struct Services {
    pub calls: RefCell<Vec<String>>,
    pub portal: Cell<i64>,
    pub scopes: RefCell<Vec<String>>,
    /// Clio account id and name of whoever signs in next.
    pub clio_account: RefCell<(u64, &'static str)>,
    /// Calls whose URL ends so are answered with this status and body.
    pub fault: RefCell<Option<(&'static str, u16, &'static str)>>,
    tokens: Cell<u32>,
}

impl Services {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let (_, rest) = request.url.split_once("://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let path = path.split('?').next().unwrap();
        self.calls
            .borrow_mut()
            .push(format!("{} {host}/{path}", request.method));
        if let Some((end, status, body)) = *self.fault.borrow()
            && path.ends_with(end)
        {
            return Ok(response(status, body.to_owned()));
        }
        let token = self.tokens.get() + 1;
        self.tokens.set(token);
        let form = String::from_utf8_lossy(&request.body).into_owned();
        let ok = |body: Value| Ok(response(200, body.to_string()));
        let header = |name: &str| {
            let mut headers = request.headers.iter();
            headers.find_map(|(known, value)| {
                (known.eq_ignore_ascii_case(name)).then_some(value.as_str())
            })
        };
        match (request.method, path) {
            // Connectors that have no OAuth.
            ("POST", "login") if form.contains("password=right") => ok(
                json!({ "access_token": format!("password-access-{token}"), "expires_in": 3600 }),
            ),
            ("POST", "login") => Ok(response(401, r#"{"error":"invalid_grant"}"#.to_owned())),
            ("GET", "v1/me") => {
                ok(json!({ "organization": { "id": "o1", "name": "Organisation" } }))
            }
            ("GET", "v1/people") => match header("authorization") {
                Some("KEY app-secret/right") => ok(json!({ "data": [] })),
                _ => Ok(response(401, "{}".to_owned())),
            },
            ("POST", "oauth/2026-03/token") => {
                assert!(form.contains("grant_type=authorization_code"), "{form}");
                ok(json!({
                    "access_token": format!("hubspot-access-{token}"), "refresh_token": format!("hubspot-refresh-{token}"),
                    "expires_in": 1800, "token_type": "bearer", "token_use": "access_token",
                }))
            }
            ("POST", "oauth/2026-03/token/introspect") => ok(json!({
                "active": true, "hub_id": self.portal.get(), "user_id": INSTALLER, "scopes": *self.scopes.borrow(),
            })),
            ("GET", "account-info/2026-03/details") => ok(json!({
                "portalId": self.portal.get(), "accountType": "STANDARD", "timeZone": "Europe/Berlin",
                "uiDomain": "app-eu1.hubspot.com", "dataHostingLocation": "eu1",
            })),
            ("GET", path) if path.starts_with("settings/users/2026-03/") => {
                let user: i64 = path.rsplit('/').next().unwrap().parse().unwrap();
                ok(
                    json!({ "id": user.to_string(), "email": "a@b.example", "superAdmin": user == SUPER_ADMIN }),
                )
            }
            ("DELETE", "appinstalls/2026-03/external-install") => Ok(response(204, String::new())),
            ("POST", "oauth/token") => ok(json!({
                "access_token": format!("clio-access-{token}"), "refresh_token": format!("clio-refresh-{token}"),
                "expires_in": 2_592_000, "token_type": "bearer",
            })),
            ("GET", "api/v4/users/who_am_i.json") => {
                let (id, name) = *self.clio_account.borrow();
                ok(json!({ "data": { "id": 9, "account": { "id": id, "name": name } } }))
            }
            ("POST", "oauth/deauthorize") => Ok(response(200, String::new())),
            other => panic!("{other:?}"),
        }
    }

    pub fn count(&self, call: &str) -> usize {
        let calls = self.calls.borrow();
        calls.iter().filter(|known| *known == call).count()
    }
}

fn response(status: u16, body: String) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.into_bytes(),
    }
}

/// The application with its services.
pub struct App {
    pub ports: NativePorts,
    pub services: Rc<Services>,
}

impl App {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// With some variables set otherwise.
    pub fn with(variables: &[(&str, &str)]) -> Self {
        let services = Rc::new(Services {
            calls: RefCell::default(),
            portal: Cell::new(PORTAL),
            scopes: RefCell::new(SCOPES.iter().map(|scope| (*scope).to_owned()).collect()),
            clio_account: RefCell::new((77, "Firm & <Partners>")),
            fault: RefCell::default(),
            tokens: Cell::new(0),
        });
        let handler = Rc::clone(&services);
        let mut ports = NativePorts::in_memory()
            .unwrap()
            .with_http(Box::new(move |request| handler.answer(&request)));
        ports.set_now(NOON);
        let usual = [
            ("public_url", BASE),
            (
                "vault_keys",
                "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ),
            ("hubspot_client_id", "our-app"),
            ("hubspot_client_secret", CLIENT_SECRET),
            ("hubspot_app_id", "99"),
            ("hubspot_api_url", "https://api.hubapi.com"),
            ("clio_client_id", "our-clio-app"),
            ("clio_client_secret", "clio-secret"),
        ];
        for (name, value) in usual.iter().chain(variables) {
            ports = ports.with_variable(name, value);
        }
        Self { ports, services }
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser {
            app: self,
            cookies: RefCell::default(),
            policy: RefCell::default(),
        }
    }

    /// As HubSpot's proxy calls: signed, with who asks in the query.
    pub fn signed(&self, method: &str, path: &str, body: &str, portal: i64, user: i64) -> Answer {
        let target =
            format!("{path}?portalId={portal}&userId={user}&userEmail=a%40b.example&appId=99");
        self.call(&signed_request(method, &target, body, NOON))
    }

    pub fn call(&self, incoming: &Incoming) -> Answer {
        block_on(routes::answer(&self.ports, incoming))
    }

    /// The first column of the first row.
    pub fn value(&self, statement: &str) -> SqlValue {
        let mut rows = block_on(self.ports.execute(statement, &[])).unwrap();
        rows.swap_remove(0).swap_remove(0)
    }

    pub fn count(&self, from: &str) -> i64 {
        match self.value(&format!("SELECT count(*) FROM {from}")) {
            SqlValue::Integer(count) => count,
            other => panic!("{other:?}"),
        }
    }

    pub fn text(&self, statement: &str) -> String {
        match self.value(statement) {
            SqlValue::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    /// Changes what lies there.
    pub fn execute(&self, statement: &str) {
        block_on(self.ports.execute(statement, &[])).unwrap();
    }

    /// Everything that lies in the tables.
    pub fn dump(&self) -> String {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
        let mut dump = String::new();
        for row in block_on(self.ports.execute(tables, &[])).unwrap() {
            let SqlValue::Text(name) = &row[0] else {
                continue;
            };
            let rows = block_on(self.ports.execute(&format!("SELECT * FROM {name}"), &[])).unwrap();
            dump.push_str(&format!("{name}: {rows:?}\n"));
        }
        dump
    }
}

pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Incoming {
    Incoming {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body: body.as_bytes().to_vec(),
        request_id: "0123456789abcdef".to_owned(),
    }
}

pub fn signed_request(method: &str, target: &str, body: &str, at: i64) -> Incoming {
    let at = at.to_string();
    let over = Signed {
        method,
        uri: &format!("{BASE}{target}"),
        body: body.as_bytes(),
    };
    let signature = sign_v3(&Secret::new(CLIENT_SECRET), over, &at).unwrap();
    let headers = [
        ("content-type", "application/json"),
        ("x-hubspot-signature-v3", &signature),
        ("x-hubspot-request-timestamp", &at),
    ];
    request(method, target, &headers, body)
}

/// A browser: keeps cookies, follows nothing by itself.
pub struct Browser<'a> {
    pub app: &'a App,
    pub cookies: RefCell<BTreeMap<String, String>>,
    /// The referrer policy of the page that was shown last.
    policy: RefCell<Option<String>>,
}

impl Browser<'_> {
    pub fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], "")
    }

    /// A form of the page that was shown last, with the origin that a browser sends along: none is told where the page's
    /// policy says `no-referrer` (Fetch, "Append a request `Origin` header").
    pub fn post(&self, target: &str, form: &str) -> Answer {
        let origin = match self.policy.borrow().as_deref() {
            None | Some("no-referrer") => "null",
            Some(_) => BASE,
        };
        self.send("POST", target, &[("origin", origin)], form)
    }

    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let target = target.strip_prefix(BASE).unwrap_or(target);
        let cookies: Vec<String> = self
            .cookies
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let mut all = vec![("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        if method == "POST" {
            all.push(("content-type", "application/x-www-form-urlencoded"));
        }
        all.extend_from_slice(headers);
        let answer = self.app.call(&request(method, target, &all, body));
        if answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
        {
            *self.policy.borrow_mut() = answer.header("referrer-policy").map(str::to_owned);
        }
        for (_, line) in answer
            .headers
            .iter()
            .filter(|(name, _)| *name == "set-cookie")
        {
            for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
                assert!(line.contains(part), "{line}");
            }
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{name}");
            self.cookies
                .borrow_mut()
                .insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Begins an install; gives the state.
    pub fn begin_install(&self) -> String {
        let page = self.get("/oauth/hubspot/start");
        assert_eq!(page.status, 200, "{}", page.body);
        parameter(&link(&page, "/oauth/authorize?"), "state")
    }

    /// Installs as [`INSTALLER`].
    pub fn install(&self) -> Answer {
        let state = self.begin_install();
        self.get(&format!("/oauth/hubspot/callback?code=c&state={state}"))
    }

    /// Goes on to Clio by the page in between; gives the state.
    pub fn begin_connect(&self, region: &str) -> String {
        let page = self.get("/oauth/clio/start");
        assert_eq!(page.status, 200, "{}", page.body);
        let onward = link(&page, &format!("region={region}&"));
        let sent = self.get(&onward);
        assert_eq!(sent.status, 303, "{}", sent.body);
        parameter(location(&sent), "state")
    }

    /// Connects Clio.
    pub fn connect(&self, region: &str) -> Answer {
        let state = self.begin_connect(region);
        self.get(&format!("/oauth/clio/callback?code=c&state={state}"))
    }
}

pub fn location(answer: &Answer) -> &str {
    answer.header("location").expect("a redirect")
}

/// The first link on a page that holds this.
pub fn link(answer: &Answer, part: &str) -> String {
    answer
        .body
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"))
        .find(|href| href.contains(part))
        .unwrap_or_else(|| panic!("no link with {part}: {}", answer.body))
}

pub fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        .unwrap_or_else(|| panic!("no {name} in {url}"))
        .to_owned()
}

pub fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}
