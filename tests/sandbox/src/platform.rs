//! Starting the platform and driving it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_executor::block_on;
use http::Request;
use serde::Deserialize;
use sync300_fakes::clio::{AccountConfig, AccountHandle};
use sync300_fakes::data::{DataConfig, Expectation};
use sync300_fakes::hubspot::{PortalConfig, PortalHandle};
use sync300_fakes::{Clio, ClioConfig, Clock, FakeError, HubSpot, HubSpotConfig, data};
use sync300_host::{App, LogSink, Options, build};
use sync300_kit::secret::Secret;
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::runs::Counts;
use sync300_kit::vault::Vault;
use sync300_native_ports::NativePorts;

use crate::connect::{Connect, connect, random_hex};

/// What is started.
#[derive(Clone)]
pub struct PlatformConfig {
    /// How much data; none: both sides are empty.
    pub data: Option<DataConfig>,
    /// Time that every call to a fake takes.
    pub latency: Duration,
    /// Keep the bodies of all calls.
    pub record: bool,
    /// What the portal's admin chose.
    pub settings: Settings,
    /// Minutes between scheduled runs.
    pub frequency: i64,
    /// Variables beside those that the platform sets, or instead of them.
    pub variables: BTreeMap<String, String>,
    /// Takes what components write.
    pub logs: LogSink,
    /// How the portal is set up.
    pub portal: PortalConfig,
    /// How the account is set up.
    pub account: AccountConfig,
}

impl Default for PlatformConfig {
    fn default() -> Self {
        Self {
            data: Some(DataConfig::default()),
            latency: Duration::ZERO,
            record: false,
            settings: Settings::default(),
            frequency: 15,
            variables: BTreeMap::new(),
            logs: LogSink::default(),
            portal: PortalConfig::default(),
            account: AccountConfig::default(),
        }
    }
}

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
    /// The run does not come to an end.
    #[error("the run is not done after {0} ticks")]
    NotDone(usize),
}

/// What a tick answers with, as far as it is looked at here.
#[derive(Debug, Clone, Deserialize)]
pub struct Tick {
    /// The slices worked.
    pub slices: Vec<Slice>,
    /// Connections that were not reached.
    pub waiting: i64,
}

/// A slice of a tick.
#[derive(Debug, Clone, Deserialize)]
pub struct Slice {
    /// Connection id.
    pub connection: String,
    /// Run id.
    pub run: Option<i64>,
    /// `succeeded`, `failed`, `running`, `limited`, `retrying`, `lost`.
    pub status: String,
    /// The list that a failure concerns.
    pub reason_object: Option<String>,
    /// A code.
    pub reason: Option<String>,
    /// When the connection is due again, in unix milliseconds.
    pub due_at: Option<i64>,
    /// Calls in this slice.
    pub hubspot_calls: i64,
    /// Calls in this slice.
    pub provider_calls: i64,
    /// The run's counts so far.
    pub objects: BTreeMap<String, serde_json::Value>,
}

/// The platform.
pub struct Platform {
    /// The fake HubSpot.
    pub hubspot: HubSpot,
    /// The fake Clio.
    pub clio: Clio,
    /// The application.
    pub app: App,
    /// What a sync must make of the data.
    pub expectation: Expectation,
    /// The connection.
    pub connection: String,
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
        let hubspot = HubSpot::start(HubSpotConfig {
            portals: vec![config.portal.clone()],
            latency: config.latency,
            record: config.record,
            clock: clock.clone(),
            ..HubSpotConfig::default()
        })
        .await?;
        let clio = Clio::start(ClioConfig {
            accounts: vec![config.account.clone()],
            latency: config.latency,
            record: config.record,
            clock,
            ..ClioConfig::default()
        })
        .await?;
        let expectation = match &config.data {
            Some(size) => data::generate(size).install(
                &clio.account(config.account.id)?,
                &hubspot.portal(config.portal.id)?,
            )?,
            None => Expectation::default(),
        };

        let random = NativePorts::in_memory()?;
        let tick_token = random_hex(&random)?;
        let vault_ring = new_ring(&random)?;
        let mut options = Options {
            logs: config.logs.clone(),
            ..Options::default()
        }
        .variable("sync_tick_token", &tick_token)
        .variable("vault_keys", vault_ring.expose())
        .variable("hubspot_api_url", hubspot.url())
        .variable("clio_url_us", clio.url());
        options.variables.extend(config.variables.clone());
        let app = App::load(&root.join("spin.toml"), options)?;
        let database = app
            .database_file("default")
            .ok_or(PlatformError::NoDatabase)?
            .to_owned();

        let vault = Vault::from_ring(Some(&vault_ring)).map_err(sync300_kit::Error::from)?;
        let token = |tokens: &[String]| tokens.first().cloned().unwrap_or_default();
        let connection = connect(
            &NativePorts::in_file(&database)?,
            &vault,
            &Connect {
                portal: i64::try_from(config.portal.id).unwrap_or(i64::MAX),
                hubspot_token: &token(&config.portal.tokens),
                connector: "clio",
                region: "us",
                provider_token: &token(&config.account.tokens),
                settings: config.settings.clone(),
                frequency: config.frequency,
            },
        )?;
        Ok(Self {
            hubspot,
            clio,
            app,
            expectation,
            connection,
            portal: config.portal.id,
            account: config.account.id,
            tick_token,
            database,
            vault_ring,
        })
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
            if matches!(slice.status.as_str(), "succeeded" | "failed") {
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

fn new_ring(random: &NativePorts) -> Result<Secret, PlatformError> {
    use sync300_kit::ports::Random as _;

    let mut key = [0_u8; 32];
    random.fill(&mut key).map_err(sync300_kit::Error::from)?;
    Ok(Secret::new(format!("sandbox:{}", STANDARD.encode(key))))
}
