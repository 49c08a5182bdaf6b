//! A portal and a connection, as installing and connecting leave them behind: written through the product's own store
//! and vault.

use futures_executor::block_on;
use sync300_kit::ports::Random;
use sync300_kit::secret::Secret;
use sync300_kit::settings::Settings;
use sync300_kit::store::Store;
use sync300_kit::store::connections::NewConnection;
use sync300_kit::store::portals::Portal;
use sync300_kit::vault::{Purpose, Vault};
use sync300_native_ports::NativePorts;

/// What is connected.
#[derive(Debug, Clone)]
pub struct Connect<'a> {
    /// HubSpot portal id.
    pub portal: i64,
    /// HubSpot access token.
    pub hubspot_token: &'a str,
    /// Connector id.
    pub connector: &'a str,
    /// Region id.
    pub region: &'a str,
    /// The provider's access token.
    pub provider_token: &'a str,
    /// What the admin chose.
    pub settings: Settings,
    /// Minutes between scheduled runs; 0 = manual only.
    pub frequency: i64,
}

/// Stores the portal and the connection, and gives the connection's id. The database is migrated first.
///
/// Statements of native ports are done when they return, so nothing is waited for.
pub fn connect(
    ports: &NativePorts,
    vault: &Vault,
    new: &Connect<'_>,
) -> sync300_kit::Result<String> {
    block_on(async {
        let store = Store::new(ports);
        store.migrate().await?;
        let portal = Portal {
            id: new.portal,
            ui_domain: "app.hubspot.com".to_owned(),
            time_zone: Some("America/New_York".to_owned()),
        };
        store.put_portal(&portal).await?;
        let id = random_hex(ports)?;
        let mut key = [0_u8; 32];
        ports.fill(&mut key)?;
        let purpose = |connection, name| Purpose {
            portal: new.portal,
            connection,
            name,
        };
        let sealed = vault.seal(ports, purpose(&id, "fingerprint_key"), &key)?;
        store
            .add_connection(&NewConnection {
                id: &id,
                portal: new.portal,
                connector: new.connector,
                region: new.region,
                settings: &new.settings,
                frequency: new.frequency,
                fingerprint_key: &sealed,
            })
            .await?;
        for (connection, token) in [("", new.hubspot_token), (id.as_str(), new.provider_token)] {
            store
                .put_credential(
                    vault,
                    purpose(connection, "access_token"),
                    &Secret::new(token),
                    None,
                )
                .await?;
        }
        Ok(id)
    })
}

/// 128 random bits in hex.
pub fn random_hex(random: &impl Random) -> sync300_kit::Result<String> {
    let mut bytes = [0_u8; 16];
    random.fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
