//! A portal with a connection, and a token endpoint that answers by a script.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures_executor::block_on;
use sync300_kit::budget::Budget;
use sync300_kit::core::catalog;
use sync300_kit::oauth::TokenSet;
use sync300_kit::oauth::provider::Server;
use sync300_kit::ports::{HttpError, HttpRequest, HttpResponse, Sql as _, SqlValue};
use sync300_kit::secret::Secret;
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::NewConnection;
use sync300_kit::store::portals::Portal;
use sync300_kit::tokens::{self, Owner};
use sync300_kit::vault::Vault;
use sync300_native_ports::NativePorts;

pub const NOON: i64 = 1_800_000_000_000;
pub const MINUTE: i64 = 60_000;
pub const PORTAL: i64 = 4_711;
pub const CONNECTION: &str = "c0ffee";
pub const OLD_KEY: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
pub const NEW_KEY: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// The requests that were sent, and the answers to come.
#[derive(Default)]
pub struct Script {
    answers: RefCell<VecDeque<Result<(u16, String), HttpError>>>,
    sent: RefCell<Vec<HttpRequest>>,
}

impl Script {
    pub fn answer(&self, status: u16, body: &str) {
        let answer = Ok((status, body.to_owned()));
        self.answers.borrow_mut().push_back(answer);
    }

    pub fn fail(&self) {
        self.answers.borrow_mut().push_back(Err(HttpError::Network));
    }

    pub fn calls(&self) -> usize {
        self.sent.borrow().len()
    }

    /// Method, URL, headers and body of a request.
    pub fn shown(&self, index: usize) -> String {
        let sent = self.sent.borrow();
        let request = &sent[index];
        let mut text = format!("{} {}\n", request.method, request.url);
        for (name, value) in &request.headers {
            text += &format!("{name}: {value}\n");
        }
        text + &String::from_utf8_lossy(&request.body)
    }
}

/// Variables and a script; a database in memory.
pub fn ports() -> (NativePorts, Rc<Script>) {
    scripted(NativePorts::in_memory().unwrap())
}

/// The same over a database of one's own.
pub fn scripted(ports: NativePorts) -> (NativePorts, Rc<Script>) {
    let script = Rc::new(Script::default());
    let shared = Rc::clone(&script);
    let ports = configured(ports).with_http(Box::new(move |request| {
        shared.sent.borrow_mut().push(request);
        let answer = shared.answers.borrow_mut().pop_front();
        answer
            .unwrap_or_else(|| panic!("a request that the script does not know"))
            .map(|(status, body)| response(status, &body))
    }));
    ports.set_now(NOON);
    (ports, script)
}

pub fn configured(ports: NativePorts) -> NativePorts {
    ports
        .with_variable("hubspot_api_url", "https://api.hubapi.com")
        .with_variable("hubspot_client_id", "our-app")
        .with_variable("hubspot_client_secret", "our-hubspot-secret")
        .with_variable("clio_client_id", "clio-app")
        .with_variable("clio_client_secret", "our-clio-secret")
}

pub fn response(status: u16, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

/// A portal with one connection, and no tokens.
pub fn install(ports: &NativePorts, connector: &str) {
    let store = Store::new(ports);
    block_on(async {
        store.migrate().await.unwrap();
        let portal = Portal {
            id: PORTAL,
            ui_domain: "app.hubspot.com".to_owned(),
            time_zone: None,
        };
        store.put_portal(&portal).await.unwrap();
        store
            .add_connection(&NewConnection {
                id: CONNECTION,
                portal: PORTAL,
                connector,
                region: "us",
                settings: &Settings::default(),
                frequency: 15,
                fingerprint_key: "sealed",
            })
            .await
            .unwrap();
    });
}

pub fn vault(ring: &str) -> Vault {
    Vault::from_ring(Some(&Secret::new(ring))).unwrap()
}

pub fn server(ports: &NativePorts, connector: &str) -> Server {
    Server::new(ports, &catalog::describe(connector).unwrap(), "us").unwrap()
}

pub fn budget() -> Budget {
    Budget::new(i64::MAX, i64::MAX, 100)
}

/// Tokens with so many milliseconds to live.
pub fn tokens(access: &str, refresh: Option<&str>, millis: Option<i64>) -> TokenSet {
    TokenSet {
        access_token: Secret::new(access),
        refresh_token: refresh.map(Secret::new),
        expires_in: millis.map(|millis| millis / 1_000),
    }
}

pub fn store(ports: &NativePorts, connection: &str, set: &TokenSet) {
    block_on(tokens::store(
        ports,
        &vault(OLD_KEY),
        PORTAL,
        connection,
        set,
    ))
    .unwrap();
}

/// The portal's token at HubSpot, as a call would use it.
pub fn hubspot(ports: &NativePorts) -> Result<String, sync300_kit::Error> {
    access(ports, OLD_KEY, Owner::HubSpot)
}

/// The connection's at Clio.
pub fn clio(ports: &NativePorts) -> Result<String, sync300_kit::Error> {
    let server = server(ports, "clio");
    let owner = Owner::Provider {
        connection: CONNECTION,
        server: &server,
    };
    access(ports, OLD_KEY, owner)
}

pub fn access(
    ports: &NativePorts,
    ring: &str,
    owner: Owner<'_>,
) -> Result<String, sync300_kit::Error> {
    block_on(tokens::access(
        ports,
        &budget(),
        &vault(ring),
        PORTAL,
        owner,
    ))
    .map(|token| token.expose().to_owned())
}

/// The first column of the first row.
pub fn value(ports: &NativePorts, statement: &str) -> SqlValue {
    block_on(ports.execute(statement, &[])).unwrap()[0][0].clone()
}

pub fn text(ports: &NativePorts, statement: &str) -> String {
    match value(ports, statement) {
        SqlValue::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

/// A token endpoint's good answer.
pub const GOOD: &str = r#"{"access_token":"new-access","refresh_token":"new-refresh","expires_in":1800,"token_type":"bearer"}"#;
/// HubSpot's answer once the app is uninstalled.
pub const REVOKED: &str = r#"{"error":"invalid_grant","error_description":"refresh token is invalid, expired or revoked","status":"BAD_REFRESH_TOKEN","message":"refresh token is invalid, expired or revoked"}"#;
