//! What is started.

use std::collections::BTreeMap;
use std::time::Duration;

use sync300_fakes::clio::AccountConfig;
use sync300_fakes::data::DataConfig;
use sync300_fakes::hubspot::PortalConfig;
use sync300_host::LogSink;
use sync300_kit::settings::Settings;

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
    /// Portals beside it.
    pub more_portals: Vec<PortalConfig>,
    /// Accounts beside it.
    pub more_accounts: Vec<AccountConfig>,
    /// Whether the portal has the app installed and the account connected, as its admin does it in a browser.
    pub connected: bool,
    /// Whether portals pay: then the portal is on Free until somebody subscribes.
    pub billing: bool,
    /// Scheme and host under which browsers and HubSpot know the application.
    pub public_url: String,
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
            more_portals: Vec::new(),
            more_accounts: Vec::new(),
            connected: true,
            billing: false,
            public_url: "http://localhost:3000".to_owned(),
        }
    }
}
