//! A firm: a HubSpot portal and a Clio account on the fakes, connected as installing and connecting leave them behind, in one
//! thread and without a socket. For tests of what is asked inside HubSpot.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};
use sync300_fakes::clio::{AccountConfig, AccountHandle, RateLimit, Resource};
use sync300_fakes::hubspot::{AppConfig, PortalConfig, PortalHandle, sign};
use sync300_fakes::{Clio, ClioConfig, Clock as FakeClock, FakeError, HubSpot, HubSpotConfig};
use sync300_kit::engine::{self, TickSummary};
use sync300_kit::ports::{
    Clock as _, HttpError, HttpRequest, HttpResponse, Random as _, Sql as _, SqlRows, SqlValue,
    Variables as _,
};
use sync300_kit::secret::Secret;
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::NewConnection;
use sync300_kit::store::portals::Portal;
use sync300_kit::surface::Incoming;
use sync300_kit::vault::{Purpose, Vault};

use crate::{DatabaseError, Handler, NativePorts};

/// Scheme and host of the application.
pub const BASE: &str = "https://sync.example.com";
/// When a firm's story begins, in unix milliseconds.
pub const START: i64 = 1_800_000_000_000;
/// The firm's portal.
pub const PORTAL: i64 = 4_200_001;
/// Somebody else's portal.
pub const OTHER_PORTAL: i64 = 4_200_002;
/// Who installed: an admin.
pub const ADMIN: i64 = 9_001;
/// A user who only looks.
pub const MEMBER: i64 = 9_003;
/// Ticks that a run may take.
const TICKS: usize = 100;

/// Why a firm cannot be set up or worked with.
#[derive(Debug, thiserror::Error)]
pub enum FirmError {
    /// The product refuses.
    #[error(transparent)]
    Kit(#[from] sync300_kit::Error),
    /// A fake refuses.
    #[error(transparent)]
    Fake(#[from] FakeError),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database refuses a statement.
    #[error("{0}")]
    Statement(String),
    /// Something waited in a world where nothing takes time.
    #[error("a future did not end at once")]
    Waits,
    /// The run does not come to an end.
    #[error("the run is not done after {TICKS} ticks")]
    NotDone,
}

/// Both services.
pub struct Services {
    /// The fake HubSpot.
    pub hubspot: HubSpot,
    /// The fake Clio.
    pub clio: Clio,
    /// Answers what neither of them serves.
    pub other: RefCell<Option<Handler>>,
}

/// See the module.
pub struct Firm {
    /// The product's ports.
    pub ports: NativePorts,
    /// The services on the other side.
    pub services: Rc<Services>,
    /// The portal.
    pub portal: PortalHandle,
    /// The account.
    pub account: AccountHandle,
    /// The connection's id.
    pub connection: String,
    clock: FakeClock,
    client_secret: String,
}

impl Firm {
    /// Connected, with the default settings, and nothing synced yet.
    pub fn new() -> Result<Self, FirmError> {
        Self::with(&Settings::default())
    }

    /// With these settings.
    pub fn with(settings: &Settings) -> Result<Self, FirmError> {
        let clock = FakeClock::stopped_at(START);
        let number = |id: i64| id.unsigned_abs();
        let portal = |id: i64| PortalConfig {
            tokens: vec![format!("hubspot-token-{id}")],
            ui_domain: "app-eu1.hubspot.com".to_owned(),
            ..PortalConfig::numbered(number(id))
        };
        let app = AppConfig::default();
        let client_secret = app.client_secret.clone();
        let services = Rc::new(Services {
            hubspot: HubSpot::in_process(HubSpotConfig {
                app,
                portals: vec![portal(PORTAL), portal(OTHER_PORTAL)],
                clock: clock.clone(),
                ..HubSpotConfig::default()
            }),
            clio: Clio::in_process(ClioConfig {
                accounts: vec![AccountConfig {
                    rate_limit: RateLimit(None),
                    ..AccountConfig::default()
                }],
                clock: clock.clone(),
                ..ClioConfig::default()
            }),
            other: RefCell::default(),
        });
        let handler = Rc::clone(&services);
        let mut ports =
            NativePorts::in_memory()?.with_http(Box::new(move |request| handler.deliver(&request)));
        ports.set_now(START);
        let (hubspot_url, clio_url) = (services.hubspot.url(), services.clio.url());
        for (name, value) in [
            ("public_url", BASE),
            (
                "vault_keys",
                "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ),
            ("hubspot_client_id", "our-app"),
            ("hubspot_client_secret", &client_secret),
            ("hubspot_api_url", &hubspot_url),
            ("clio_client_id", "our-clio-app"),
            ("clio_client_secret", "clio-secret"),
            ("clio_url_eu", &clio_url),
        ] {
            ports = ports.with_variable(name, value);
        }
        let firm = Self {
            portal: services.hubspot.portal(number(PORTAL))?,
            account: services.clio.account(AccountConfig::default().id)?,
            connection: "c0ffee00000000000000000000000001".to_owned(),
            ports,
            services,
            clock,
            client_secret,
        };
        at_once(firm.connect(settings))??;
        Ok(firm)
    }

    async fn connect(&self, settings: &Settings) -> Result<(), FirmError> {
        let store = Store::new(&self.ports);
        store.migrate().await?;
        let ring = self.ports.variable("vault_keys");
        let vault = Vault::from_ring(ring.as_ref()).map_err(sync300_kit::Error::from)?;
        for id in [PORTAL, OTHER_PORTAL] {
            let portal = Portal {
                id,
                ui_domain: "app-eu1.hubspot.com".to_owned(),
                time_zone: Some("Europe/Berlin".to_owned()),
            };
            store.put_portal(&portal).await?;
            self.sql(&format!(
                "INSERT INTO installs (portal_id, scopes, installed_by, installed_at) VALUES ({id}, 'oauth automation', {ADMIN}, {START})"
            ))?;
            let purpose = Purpose {
                portal: id,
                connection: "",
                name: "access_token",
            };
            let token = Secret::new(format!("hubspot-token-{id}"));
            store.put_credential(&vault, purpose, &token, None).await?;
        }
        let purpose = |name| Purpose {
            portal: PORTAL,
            connection: &self.connection,
            name,
        };
        let mut key = [0_u8; 32];
        self.ports
            .fill(&mut key)
            .map_err(sync300_kit::Error::from)?;
        let sealed = vault
            .seal(&self.ports, purpose("fingerprint_key"), &key)
            .map_err(sync300_kit::Error::from)?;
        store
            .add_connection(&NewConnection {
                id: &self.connection,
                portal: PORTAL,
                connector: "clio",
                region: "eu",
                settings,
                frequency: 15,
                fingerprint_key: &sealed,
            })
            .await?;
        let token = AccountConfig::default().tokens;
        let token = Secret::new(token.into_iter().next().unwrap_or_default());
        store
            .put_credential(&vault, purpose("access_token"), &token, None)
            .await?;
        Ok(())
    }

    /// Ticks until nothing is due; the last slice of each run is told.
    pub fn sync(&self) -> Result<Vec<TickSummary>, FirmError> {
        let mut ticks = Vec::new();
        for _ in 0..TICKS {
            let tick = at_once(engine::tick(&self.ports, &engine::Here(&self.ports)))??;
            let idle = tick.slices.is_empty();
            ticks.push(tick);
            if idle {
                return Ok(ticks);
            }
        }
        Err(FirmError::NotDone)
    }

    /// Asks for a run and has it done.
    pub fn sync_again(&self) -> Result<Vec<TickSummary>, FirmError> {
        at_once(Store::new(&self.ports).request_sync(&self.connection))??;
        self.sync()
    }

    /// Time passes for everybody.
    pub fn pass(&self, millis: i64) {
        let now = self.ports.now() + millis;
        self.ports.set_now(now);
        self.clock.set_offset_ms(now - START);
    }

    /// A person at the provider.
    pub fn person(&self, first: &str, last: &str, email: &str) -> Result<u64, FirmError> {
        let data = json!({
            "type": "Person", "first_name": first, "last_name": last,
            "email_addresses": [{ "name": "Work", "address": email, "default_email": true }],
        });
        Ok(self.account.add(Resource::Contacts, &data)?)
    }

    /// A matter of a client at the provider.
    pub fn matter(&self, description: &str, client: u64) -> Result<u64, FirmError> {
        let data =
            json!({ "description": description, "client": { "id": client }, "status": "open" });
        Ok(self.account.add(Resource::Matters, &data)?)
    }

    /// As HubSpot's proxy calls for a card: signed, with portal and user in the query.
    pub fn signed(
        &self,
        method: &str,
        target: &str,
        body: &Value,
        portal: i64,
        user: i64,
    ) -> Incoming {
        let join = if target.contains('?') { '&' } else { '?' };
        let target = format!(
            "{target}{join}portalId={portal}&userId={user}&userEmail=a%40b.example&appId=99"
        );
        let body = match method {
            "GET" => String::new(),
            _ => body.to_string(),
        };
        self.signed_raw(method, &target, &body)
    }

    /// Signed as it stands, in versions 2 and 3.
    pub fn signed_raw(&self, method: &str, target: &str, body: &str) -> Incoming {
        let now = self.ports.now();
        let url = format!("{BASE}{target}");
        let signatures = sign(&self.client_secret, method, &url, body.as_bytes(), now);
        let headers = [
            ("content-type", b"application/json".to_vec()),
            ("x-hubspot-signature-version", b"v2".to_vec()),
            ("x-hubspot-signature", signatures.v2.as_bytes().to_vec()),
            ("x-hubspot-signature-v3", signatures.v3.as_bytes().to_vec()),
            ("x-hubspot-request-timestamp", now.to_string().into_bytes()),
        ];
        Incoming {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: body.as_bytes().to_vec(),
            request_id: "0123456789abcdef".to_owned(),
        }
    }

    /// A statement on the product's database.
    pub fn sql(&self, statement: &str) -> Result<SqlRows, FirmError> {
        at_once(self.ports.execute(statement, &[]))?
            .map_err(|error| FirmError::Statement(format!("{error}: {statement}")))
    }

    /// The number in the first column of the first row; none where there is no row, or no number.
    pub fn number(&self, statement: &str) -> Result<Option<i64>, FirmError> {
        match self.sql(statement)?.first().and_then(|row| row.first()) {
            Some(SqlValue::Integer(number)) => Ok(Some(*number)),
            _ => Ok(None),
        }
    }

    /// The HubSpot record of a provider's record.
    pub fn hubspot_id(&self, object: &str, provider: u64) -> Result<Option<String>, FirmError> {
        let statement = format!(
            "SELECT hubspot_id FROM links WHERE object = '{object}' AND provider_id = '{provider}'"
        );
        match self.sql(&statement)?.first().and_then(|row| row.first()) {
            Some(SqlValue::Text(id)) => Ok(Some(id.clone())),
            _ => Ok(None),
        }
    }

    /// Calls to HubSpot and to the provider since this was last asked.
    pub fn calls(&self) -> (usize, usize) {
        let count = |calls: &sync300_fakes::CallLog| {
            let count = calls.list().len();
            calls.reset();
            count
        };
        (
            count(self.services.hubspot.calls()),
            count(self.services.clio.calls()),
        )
    }
}

impl Services {
    fn deliver(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let hubspot = request.url.strip_prefix(&self.hubspot.url());
        let clio = request.url.strip_prefix(&self.clio.url());
        let Some(target) = hubspot.or(clio) else {
            return match &*self.other.borrow() {
                Some(other) => other(request.clone()),
                None => Err(HttpError::Forbidden),
            };
        };
        let host = request.url.split('/').nth(2).unwrap_or_default();
        let mut built = http::Request::builder()
            .method(request.method)
            .uri(target)
            .header("host", host);
        for (name, value) in &request.headers {
            built = built.header(name, value);
        }
        let built = built
            .body(request.body.clone())
            .map_err(|_| HttpError::BadRequest)?;
        let answer = match hubspot {
            Some(_) => at_once(self.hubspot.answer(built)),
            None => at_once(self.clio.answer(built)),
        };
        let answer = answer.ok().flatten().ok_or(HttpError::Network)?;
        let (parts, body) = answer.into_parts();
        let headers = parts.headers.iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        Ok(HttpResponse {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body,
        })
    }
}

/// The result of a future that waits for nothing.
pub fn at_once<T>(future: impl Future<Output = T>) -> Result<T, FirmError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err(FirmError::Waits),
    }
}
