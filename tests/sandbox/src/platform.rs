//! Starting the platform and driving it.

mod config;
mod people;
mod tick;
mod traffic;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_executor::block_on;
use http::Request;
use sync300_fakes::clio::{self, AccountConfig, AccountHandle};
use sync300_fakes::data::Expectation;
use sync300_fakes::hubspot::{self, PortalConfig, PortalHandle};
use sync300_fakes::{
    Clio, ClioConfig, Clock, FakeError, HubSpot, HubSpotConfig, Stripe, StripeConfig, data,
};
use sync300_host::{App, Options, WallClock, build};
use sync300_kit::oauth::{OPTIONAL_SCOPES, SCOPES};
use sync300_kit::ports::{Random as _, Sql as _, SqlValue};
use sync300_kit::secret::Secret;
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::runs::Counts;
use sync300_native_ports::NativePorts;

use crate::browser::{Browser, BrowserError};

pub use config::PlatformConfig;
pub use tick::{Slice, Tick};

/// Why the platform does not start or answer.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The WebAssembly could not be built.
    #[error(transparent)]
    Build(#[from] build::BuildError),
    /// The host refuses the application.
    #[error(transparent)]
    Host(#[from] sync300_host::Error),
    /// A fake does not start or refuses the data.
    #[error(transparent)]
    Fake(#[from] FakeError),
    /// The product's own store refuses.
    #[error(transparent)]
    Kit(#[from] sync300_kit::Error),
    /// The database file cannot be opened.
    #[error(transparent)]
    Database(#[from] sync300_native_ports::DatabaseError),
    /// The application keeps its database elsewhere.
    #[error("the application has no database file")]
    NoDatabase,
    /// A request that is none.
    #[error(transparent)]
    Request(#[from] http::Error),
    /// A tick that did not work.
    #[error("a tick answered {status}: {body}")]
    Tick {
        /// HTTP status.
        status: u16,
        /// The answer.
        body: String,
    },
    /// An answer that is none.
    #[error(transparent)]
    Answer(#[from] serde_json::Error),
    /// A person does not get through.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// A person ends up somewhere else than they should.
    #[error("{what}, but the browser is at {url} ({status}): {text}")]
    Astray {
        /// What should have happened.
        what: &'static str,
        /// Where the browser is.
        url: String,
        /// The page's status.
        status: u16,
        /// The page's words.
        text: String,
    },
    /// The run does not come to an end.
    #[error("the run is not done after {0} ticks")]
    NotDone(usize),
}

/// The platform.
pub struct Platform {
    /// The fake HubSpot.
    pub hubspot: HubSpot,
    /// The fake Clio.
    pub clio: Clio,
    /// The fake Stripe, where portals pay.
    pub stripe: Option<Stripe>,
    /// The application.
    pub app: App,
    /// What a sync must make of the data.
    pub expectation: Expectation,
    /// The portal's connection; empty where there is none.
    pub connection: String,
    public_url: String,
    operator_token: String,
    portal: u64,
    account: u64,
    tick_token: String,
    database: PathBuf,
    vault_ring: Secret,
}

impl Platform {
    /// Builds the WebAssembly if need be, starts everything, and connects.
    pub async fn start(config: PlatformConfig) -> Result<Self, PlatformError> {
        let root = build::wasm()?;
        let clock = Clock::default();
        let callback = |name: &str| format!("{}/oauth/{name}/callback", config.public_url);
        let hubspot_app = hubspot::AppConfig {
            redirect_urls: vec![callback("hubspot")],
            required_scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            optional_scopes: OPTIONAL_SCOPES
                .iter()
                .map(|scope| (*scope).to_owned())
                .collect(),
            ..hubspot::AppConfig::default()
        };
        let clio_app = clio::AppConfig {
            redirect_uris: vec![callback("clio")],
            ..clio::AppConfig::default()
        };
        // What opens a portal or an account is what installing and connecting issue, and nothing else.
        let portals = [config.portal.clone()].into_iter();
        let portals = portals.chain(config.more_portals.clone());
        let accounts = [config.account.clone()].into_iter();
        let accounts = accounts.chain(config.more_accounts.clone());
        let hubspot = HubSpot::start(HubSpotConfig {
            app: hubspot_app.clone(),
            portals: portals
                .map(|portal| PortalConfig {
                    tokens: Vec::new(),
                    ..portal
                })
                .collect(),
            latency: config.latency,
            record: config.record,
            clock: clock.clone(),
            ..HubSpotConfig::default()
        })
        .await?;
        let clio = Clio::start(ClioConfig {
            app: clio_app.clone(),
            accounts: accounts
                .map(|account| AccountConfig {
                    tokens: Vec::new(),
                    ..account
                })
                .collect(),
            latency: config.latency,
            record: config.record,
            clock: clock.clone(),
            ..ClioConfig::default()
        })
        .await?;
        let stripe = match config.billing {
            true => {
                let config = StripeConfig {
                    latency: config.latency,
                    record: config.record,
                    clock: clock.clone(),
                    ..StripeConfig::default()
                };
                Some(Stripe::start(config).await?)
            }
            false => None,
        };
        let expectation = match &config.data {
            Some(size) => data::generate(size).install(
                &clio.account(config.account.id)?,
                &hubspot.portal(config.portal.id)?,
            )?,
            None => Expectation::default(),
        };

        let random = NativePorts::in_memory()?;
        let (tick_token, operator_token) = (random_hex(&random)?, random_hex(&random)?);
        let vault_ring = new_ring(&random)?;
        let mut options = Options {
            logs: config.logs.clone(),
            wall_clock: WallClock::new(move || clock.now().into()),
            ..Options::default()
        };
        let limit = config.portal.rate_limit.per_ten_seconds;
        let limit = limit.unwrap_or(1_000_000).to_string();
        let variables = [
            ("hubspot_limit", limit.as_str()),
            ("sync_tick_token", tick_token.as_str()),
            ("operator_token", &operator_token),
            ("vault_keys", vault_ring.expose()),
            ("public_url", &config.public_url),
            ("hubspot_api_url", &hubspot.url()),
            ("hubspot_journal_url", &hubspot.journal_url()),
            ("hubspot_app_url", &hubspot.url()),
            ("hubspot_app_id", &hubspot_app.app_id.to_string()),
            ("hubspot_client_id", &hubspot_app.client_id),
            ("hubspot_client_secret", &hubspot_app.client_secret),
            ("clio_client_id", &clio_app.client_id),
            ("clio_client_secret", &clio_app.client_secret),
            ("clio_url_us", &clio.url()),
        ];
        for (name, value) in variables {
            options = options.variable(name, value);
        }
        if let Some(stripe) = &stripe {
            let known = StripeConfig::default();
            for (name, value) in [
                ("billing", "stripe"),
                ("stripe_secret_key", &known.secret_key),
                ("stripe_webhook_secrets", &known.webhook_secrets.join(",")),
                ("stripe_api_url", &stripe.url()),
            ] {
                options = options.variable(name, value);
            }
        }
        options.variables.extend(config.variables.clone());
        let app = App::load(&root.join("spin.toml"), options)?;
        let database = app
            .database_file("default")
            .ok_or(PlatformError::NoDatabase)?
            .to_owned();
        let mut platform = Self {
            hubspot,
            clio,
            stripe,
            app,
            expectation,
            connection: String::new(),
            public_url: config.public_url,
            operator_token,
            portal: config.portal.id,
            account: config.account.id,
            tick_token,
            database,
            vault_ring,
        };
        if config.connected {
            let mut browser = platform.browser()?;
            platform
                .install(&mut browser, config.portal.id, ADMIN)
                .await?;
            platform
                .connect(&mut browser, "us", config.account.id)
                .await?;
            platform.connection = platform.connection_of(config.portal.id).await?;
            platform.choose(&config.settings, config.frequency).await?;
            platform.hubspot.calls().reset();
            platform.clio.calls().reset();
        }
        Ok(platform)
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Result<Browser, PlatformError> {
        Ok(Browser::new(&self.app, &self.public_url)?)
    }

    /// Scheme and host under which browsers and HubSpot know the application.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The id of a portal's connection; empty where there is none.
    pub async fn connection_of(&self, portal: u64) -> Result<String, PlatformError> {
        let statement = "SELECT connection_id FROM connections WHERE portal_id = ?1";
        let portal = i64::try_from(portal).unwrap_or(i64::MAX);
        let rows = self.ports()?.execute(statement, &[portal.into()]).await;
        let id = rows
            .map_err(sync300_kit::Error::from)?
            .into_iter()
            .flatten();
        match id.into_iter().next() {
            Some(SqlValue::Text(id)) => Ok(id),
            _ => Ok(String::new()),
        }
    }

    /// What the portal's admin chose.
    pub async fn choose(&self, settings: &Settings, frequency: i64) -> Result<(), PlatformError> {
        let statement =
            "UPDATE connections SET settings = ?1, frequency = ?2 WHERE connection_id = ?3";
        let settings = serde_json::to_string(settings)?;
        let parameters = [
            settings.into(),
            frequency.into(),
            self.connection.as_str().into(),
        ];
        let done = self.ports()?.execute(statement, &parameters).await;
        done.map_err(sync300_kit::Error::from)?;
        Ok(())
    }

    /// The portal from the inside.
    pub fn portal(&self) -> Result<PortalHandle, PlatformError> {
        Ok(self.hubspot.portal(self.portal)?)
    }

    /// The account from the inside.
    pub fn account(&self) -> Result<AccountHandle, PlatformError> {
        Ok(self.clio.account(self.account)?)
    }

    /// The ports over the application's database, beside the application.
    pub fn ports(&self) -> Result<NativePorts, PlatformError> {
        Ok(NativePorts::in_file(&self.database)?)
    }

    /// The application's database file.
    pub fn database(&self) -> &std::path::Path {
        &self.database
    }

    /// The key ring of this platform's vault.
    pub fn vault_ring(&self) -> &Secret {
        &self.vault_ring
    }

    /// The bearer token of `POST /sync/tick`.
    pub fn tick_token(&self) -> &str {
        &self.tick_token
    }

    /// The bearer token of `/operator/…`.
    pub fn operator_token(&self) -> &str {
        &self.operator_token
    }

    /// Wakes the sync once.
    pub async fn tick(&self) -> Result<Tick, PlatformError> {
        let request = Request::post("/sync/tick")
            .header("authorization", format!("Bearer {}", self.tick_token))
            .body(Bytes::new())?;
        let response = self.app.request(request).await;
        if response.status() != 200 {
            return Err(PlatformError::Tick {
                status: response.status().as_u16(),
                body: String::from_utf8_lossy(response.body()).into_owned(),
            });
        }
        Ok(serde_json::from_slice(response.body())?)
    }

    /// Ticks until the run under way (or one that begins now) is over, and gives its last slice.
    ///
    /// A connection that must wait (a rate limit) is waited for; `ticks` bounds how often.
    pub async fn run(&self, ticks: usize) -> Result<Slice, PlatformError> {
        for _ in 0..ticks {
            let Some(slice) = self.tick().await?.slices.pop() else {
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            };
            if matches!(slice.status.as_str(), "succeeded" | "failed" | "waiting") {
                return Ok(slice);
            }
        }
        Err(PlatformError::NotDone(ticks))
    }

    /// Asks for a sync, as "Sync now" does.
    pub fn request_sync(&self) -> Result<bool, PlatformError> {
        let ports = self.ports()?;
        Ok(block_on(Store::new(&ports).request_sync(&self.connection))?)
    }

    /// The counts of a run by list.
    pub fn counts(&self, run: i64) -> Result<BTreeMap<String, Counts>, PlatformError> {
        let ports = self.ports()?;
        Ok(block_on(Store::new(&ports).counts(run))?)
    }
}

/// The user of a portal who installs and connects, unless a test chooses another.
pub const ADMIN: u64 = 9_001;

/// 128 random bits in hex.
fn random_hex(random: &NativePorts) -> Result<String, PlatformError> {
    let mut bytes = [0_u8; 16];
    random.fill(&mut bytes).map_err(sync300_kit::Error::from)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn new_ring(random: &NativePorts) -> Result<Secret, PlatformError> {
    let mut key = [0_u8; 32];
    random.fill(&mut key).map_err(sync300_kit::Error::from)?;
    Ok(Secret::new(format!("sandbox:{}", STANDARD.encode(key))))
}
