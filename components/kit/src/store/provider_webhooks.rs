//! The provider's webhooks as they were asked for, and the records that their events put in doubt. See
//! `migrations/0017_provider_webhooks.sql`. Secrets lie with the other credentials.

use super::connections::{Connection, FENCE};
use super::{Columns, Store, first, json_list};
use crate::error::{Error, Result};
use crate::ports::Ports;
use crate::settings::Settings;

/// The purpose under which a webhook's secret is sealed.
pub fn secret_of(model: &str) -> String {
    ["webhook_secret/", model].concat()
}

/// A webhook that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The provider's name of the kind of record.
    pub model: String,
    /// Digest of the token in its address.
    pub digest: String,
    /// Scheme and host of its address.
    pub public_url: String,
    /// The provider's id; none = not told yet.
    pub id: Option<String>,
    /// The secret is agreed.
    pub active: bool,
    /// Unix milliseconds; none = not told yet.
    pub expires_at: Option<i64>,
    /// When the provider is asked how it stands, in unix milliseconds.
    pub check_at: i64,
}

/// Who an address belongs to.
#[derive(Debug, Clone)]
pub struct Addressee {
    /// Connection id.
    pub connection: String,
    /// HubSpot portal.
    pub portal: i64,
    /// Connector id.
    pub connector: String,
    /// What the admin chose.
    pub settings: Settings,
    /// The provider's name of the kind of record.
    pub model: String,
    /// The provider's id of the webhook; none = not told yet.
    pub id: Option<String>,
    /// The secret is agreed.
    pub active: bool,
}

impl<P: Ports> Store<'_, P> {
    /// Whether anything is to be done about a connection's webhooks, or about records of these objects that their events
    /// put in doubt: one of these models has none at this address or is to be looked at, or there is one too many.
    pub async fn webhooks_wait(
        &self,
        connection: &str,
        public_url: &str,
        models: &[&str],
        objects: &[&str],
    ) -> Result<bool> {
        let rows = self
            .execute(
                "SELECT count(*), count(*) FILTER (WHERE public_url = ?2 AND check_at > ?4 \
                   AND model IN (SELECT value FROM json_each (?3))), \
                   EXISTS (SELECT 1 FROM suspects WHERE connection_id = ?1 AND object IN (SELECT value FROM json_each (?5))) \
                 FROM provider_webhooks WHERE connection_id = ?1",
                &[
                    connection.into(),
                    public_url.into(),
                    json_list(models)?,
                    self.ports().now().into(),
                    json_list(objects)?,
                ],
            )
            .await?;
        let mut row = first(rows).ok_or(Error::Row)?;
        let (all, well, suspects) = (row.integer()?, row.integer()?, row.integer()?);
        Ok(suspects != 0 || all != well || usize::try_from(well) != Ok(models.len()))
    }

    /// A connection's webhooks.
    pub async fn webhooks_asked(&self, connection: &str) -> Result<Vec<Asked>> {
        let rows = self
            .execute(
                "SELECT model, token_digest, public_url, webhook_id, state = 'active', expires_at, check_at \
                 FROM provider_webhooks WHERE connection_id = ?1 ORDER BY model",
                &[connection.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let mut row = Columns::of(row);
                Ok(Asked {
                    model: row.text()?,
                    digest: row.text()?,
                    public_url: row.text()?,
                    id: row.optional_text()?,
                    active: row.integer()? != 0,
                    expires_at: row.optional_integer()?,
                    check_at: row.integer()?,
                })
            })
            .collect()
    }

    /// Notes how a webhook stands, in place of another one of its model.
    pub async fn put_webhook(&self, connection: &Connection, asked: &Asked) -> Result<()> {
        self.fenced(
            &format!(
                "INSERT INTO provider_webhooks (connection_id, model, token_digest, public_url, webhook_id, state, expires_at, check_at) \
                 SELECT ?1, ?4, ?5, ?6, ?7, iif (?8, 'active', 'asked'), ?9, ?10 WHERE {FENCE} \
                 ON CONFLICT (connection_id, model) DO UPDATE SET \
                   webhook_id = iif (token_digest = excluded.token_digest, coalesce (excluded.webhook_id, webhook_id), excluded.webhook_id), \
                   state = iif (token_digest = excluded.token_digest AND state = 'active', state, excluded.state), \
                   token_digest = excluded.token_digest, public_url = excluded.public_url, \
                   expires_at = excluded.expires_at, check_at = excluded.check_at RETURNING 1"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                asked.model.as_str().into(),
                asked.digest.as_str().into(),
                asked.public_url.as_str().into(),
                asked.id.clone().into(),
                i64::from(asked.active).into(),
                asked.expires_at.into(),
                asked.check_at.into(),
            ],
        )
        .await
    }

    /// Looks at a webhook at another time.
    pub async fn delay_webhook(
        &self,
        connection: &Connection,
        model: &str,
        check_at: i64,
    ) -> Result<()> {
        self.execute(
            &format!(
                "UPDATE provider_webhooks SET check_at = ?5 WHERE connection_id = ?1 AND model = ?4 AND {FENCE}"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                model.into(),
                check_at.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Forgets a webhook: what it still sends is refused.
    pub async fn drop_webhook(&self, connection: &Connection, model: &str) -> Result<()> {
        self.execute(
            &format!(
                "DELETE FROM provider_webhooks WHERE connection_id = ?1 AND model = ?4 AND {FENCE}"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                model.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Who an address belongs to; none where nobody (any more) asked for it.
    pub async fn addressee(&self, digest: &str) -> Result<Option<Addressee>> {
        let rows = self
            .execute(
                "SELECT c.connection_id, c.portal_id, c.connector, c.settings, w.model, w.webhook_id, w.state = 'active' \
                 FROM provider_webhooks w JOIN connections c ON c.connection_id = w.connection_id \
                 JOIN portals p ON p.portal_id = c.portal_id \
                 WHERE w.token_digest = ?1 AND c.status <> 'disconnected' AND p.status <> 'uninstalled'",
                &[digest.into()],
            )
            .await?;
        let Some(mut row) = first(rows) else {
            return Ok(None);
        };
        Ok(Some(Addressee {
            connection: row.text()?,
            portal: row.integer()?,
            connector: row.text()?,
            settings: serde_json::from_str(&row.text()?).map_err(|_| {
                Error::Config("a connection's settings are not readable".to_owned())
            })?,
            model: row.text()?,
            id: row.optional_text()?,
            active: row.integer()? != 0,
        }))
    }

    /// The secret of a webhook is agreed. False where that was so already, or nobody asks for it any more.
    pub async fn agree_webhook(&self, digest: &str, id: Option<&str>) -> Result<bool> {
        let rows = self
            .execute(
                "UPDATE provider_webhooks SET state = 'active', webhook_id = coalesce (webhook_id, ?2) \
                 WHERE token_digest = ?1 AND state = 'asked' RETURNING 1",
                &[digest.into(), id.map(str::to_owned).into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Puts the links of a record in doubt; false where it has none that could end.
    pub async fn suspect(&self, connection: &str, objects: &[&str], id: &str) -> Result<bool> {
        let rows = self
            .execute(
                "INSERT INTO suspects (connection_id, object, provider_id) \
                 SELECT l.connection_id, l.object, l.provider_id FROM json_each (?2) o \
                 CROSS JOIN links l ON l.connection_id = ?1 AND l.object = o.value AND l.provider_id = ?3 \
                 WHERE l.state IN ('active', 'failed', 'ambiguous') \
                 ON CONFLICT (connection_id, object, provider_id) DO UPDATE SET object = excluded.object RETURNING 1",
                &[connection.into(), json_list(objects)?, id.into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Has an object's records in doubt asked about as those that a list of all ids did not name; false where there are
    /// none. Each is in doubt until it was asked about.
    pub async fn miss_suspects(&self, connection: &Connection, object: &str) -> Result<bool> {
        let rows = self
            .execute(
                &format!(
                    "INSERT INTO missing (connection_id, object, provider_id) \
                     SELECT s.connection_id, s.object, s.provider_id FROM suspects s \
                     WHERE s.connection_id = ?1 AND s.object = ?4 AND {FENCE} \
                     ON CONFLICT (connection_id, object, provider_id) DO UPDATE SET object = excluded.object RETURNING 1"
                ),
                &[
                    connection.id.as_str().into(),
                    connection.epoch.into(),
                    self.ports().now().into(),
                    object.into(),
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// What is not asked about before somebody says yes is no news any more.
    pub async fn forget_suspects(&self, connection: &Connection, object: &str) -> Result<()> {
        self.execute(
            &format!(
                "DELETE FROM suspects WHERE connection_id = ?1 AND object = ?4 AND {FENCE} \
                 AND provider_id IN (SELECT provider_id FROM missing WHERE connection_id = ?1 AND object = ?4)"
            ),
            &[
                connection.id.as_str().into(),
                connection.epoch.into(),
                self.ports().now().into(),
                object.into(),
            ],
        )
        .await?;
        Ok(())
    }
}
