//! A portal with an admin and a member, a connection, and a way to ask as HubSpot, a browser or the operator would.

use futures_executor::block_on;
use serde_json::Value;
use sync300_kit::ports::{Clock as _, Sql as _, SqlValue};
use sync300_kit::secret::Secret;
use sync300_kit::settings::Settings;
use sync300_kit::signature::{Signed, sign_v3};
use sync300_kit::store::Store;
use sync300_kit::store::connections::NewConnection;
use sync300_kit::store::portals::Portal;
use sync300_kit::surface::{Answer, Incoming};
use sync300_kit::vault::{Purpose, Vault};
use sync300_native_ports::NativePorts;

use crate::routes;

pub const NOON: i64 = 1_800_000_000_000;
pub const OURS: i64 = 70_000_001;
pub const OTHERS: i64 = 70_000_002;
pub const ADMIN: i64 = 501;
pub const MEMBER: i64 = 502;
pub const RING: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const BASE: &str = "https://sync.example.com";
const CLIENT_SECRET: &str = "11111111-2222-3333-4444-555555555555";

pub fn world() -> NativePorts {
    world_with(&[("vault_keys", RING), ("operator_token", "operators")])
}

pub fn world_with(variables: &[(&str, &str)]) -> NativePorts {
    let mut ports = NativePorts::in_memory()
        .unwrap()
        .with_variable("public_url", BASE)
        .with_variable("hubspot_client_secret", CLIENT_SECRET);
    for (name, value) in variables {
        ports = ports.with_variable(name, value);
    }
    ports.set_now(NOON);
    let store = Store::new(&ports);
    block_on(store.migrate()).unwrap();
    for portal in [OURS, OTHERS] {
        install(&ports, portal);
    }
    ports
}

fn install(ports: &NativePorts, portal: i64) {
    let store = Store::new(ports);
    let row = Portal {
        id: portal,
        ui_domain: "app.hubspot.com".to_owned(),
        time_zone: None,
    };
    block_on(store.put_portal(&row)).unwrap();
    let id = format!("c{portal}");
    block_on(store.add_connection(&NewConnection {
        id: &id,
        portal,
        connector: "clio",
        region: "us",
        settings: &Settings::default(),
        frequency: 15,
        fingerprint_key: "v1.old.sealed",
    }))
    .unwrap();
    let vault = Vault::from_ring(Some(&Secret::new(RING))).unwrap();
    let purpose = Purpose {
        portal,
        connection: &id,
        name: "access_token",
    };
    let token = Secret::new(format!("token-{portal}"));
    block_on(store.put_credential(&vault, purpose, &token, None)).unwrap();
    for (user, role) in [(ADMIN, "admin"), (MEMBER, "member")] {
        rows(
            ports,
            "INSERT INTO roles VALUES (?1, ?2, ?3, ?4)",
            &[portal.into(), user.into(), role.into(), NOON.into()],
        );
    }
}

pub fn rows(ports: &NativePorts, statement: &str, params: &[SqlValue]) -> Vec<Vec<SqlValue>> {
    block_on(ports.execute(statement, params)).unwrap()
}

/// The actions of the audit trail, in order.
pub fn trail(ports: &NativePorts) -> Vec<String> {
    rows(ports, "SELECT action FROM audit ORDER BY audit_id", &[])
        .into_iter()
        .map(|mut row| match row.remove(0) {
            SqlValue::Text(action) => action,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// A request as anybody may send it.
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

pub fn send(ports: &NativePorts, incoming: &Incoming) -> Answer {
    block_on(routes::answer(ports, incoming))
}

/// As HubSpot's proxy sends it for a user of our portal.
pub fn signed(ports: &NativePorts, user: i64, method: &str, target: &str, body: &str) -> Answer {
    let separator = if target.contains('?') { '&' } else { '?' };
    let target = format!("{target}{separator}portalId={OURS}&userId={user}");
    let uri = format!("{BASE}{target}");
    let over = Signed {
        method,
        uri: &uri,
        body: body.as_bytes(),
    };
    let at = ports.now().to_string();
    let signature = sign_v3(&Secret::new(CLIENT_SECRET), over, &at).unwrap();
    let headers = [
        ("x-hubspot-signature-v3", signature.as_str()),
        ("x-hubspot-request-timestamp", at.as_str()),
        ("content-type", "application/json"),
    ];
    send(ports, &request(method, &target, &headers, body))
}

pub fn operator(ports: &NativePorts, method: &str, target: &str) -> Answer {
    let headers = [("authorization", "Bearer operators")];
    send(ports, &request(method, target, &headers, ""))
}

pub fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}
