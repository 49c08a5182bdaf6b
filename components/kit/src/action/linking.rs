//! The HubSpot record that a workflow runs on, and its other side.

use super::attempt::Work;
use super::call::Object;
use crate::core::mapping;
use crate::error::Result;
use crate::hubspot::objects::Write;
use crate::live::Live;
use crate::objects;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::links::LinkState;

/// Where the new record's id could not be written to HubSpot's.
pub(super) const LATER: &str = "It is matched with this record by the next sync.";

/// The name under which a record is worked on by one execution at a time.
pub(super) const RECORD: &str = "record";

/// What was created or changed, or was there.
pub(super) struct Done {
    /// The provider's id of it.
    pub id: String,
    /// The other side that HubSpot's record had before, and that is gone.
    pub replaces: Option<String>,
    /// Something was written: what is there already is not made again.
    pub wrote: bool,
    /// Sentences on how it was done.
    pub notes: Vec<String>,
}

impl Done {
    /// What was there, or was done before.
    pub fn before(id: String) -> Self {
        Self {
            id,
            replaces: None,
            wrote: false,
            notes: Vec::new(),
        }
    }
}

/// The other side of a record, by the provider's id.
pub(super) enum Other {
    /// It is there.
    There(String),
    /// The provider's record is gone.
    Gone(String),
}

impl<P: Ports> Work<'_, P> {
    /// The record that the workflow runs on, where it is of the kind that the action creates.
    fn record(&self) -> Option<(&Object, &'static objects::Object)> {
        let object = self.action.object.as_deref()?;
        let known = objects::find(&self.held.connector, object)?;
        let record = self.call.object.as_ref()?;
        let fits = objects::hubspot_type(&record.object_type) == Some(known.hubspot_type_id);
        fits.then_some((record, known))
    }

    /// What names that record in this connection.
    pub fn of_record(&self) -> Option<String> {
        let (record, object) = self.record()?;
        Some(format!("{}/{}/{}", self.held.id, object.name, record.id()))
    }

    /// A record that has its other side already gets no second one. Whether it is there still is for the provider to say:
    /// what is deleted is not known here before the next look at all ids.
    pub async fn other_side(&self, live: &Live<'_, P>) -> Result<Option<Other>> {
        let Some((record, object)) = self.record() else {
            return Ok(None);
        };
        let id = record.id();
        let store = Store::new(self.ports);
        let mut links = store
            .links_by_hubspot(&self.held.id, object.name, &[id.as_str()])
            .await?;
        let Some((other, link)) = links.remove(&id) else {
            return Ok(None);
        };
        let gone = link.state == LinkState::ProviderGone
            || live.provider().await?.is_gone(object.name, &other).await?;
        Ok(Some(match gone {
            true => Other::Gone(other),
            false => Other::There(other),
        }))
    }

    /// Remembers which record the new one belongs to, before it is known to be done: a sync that sees it from now on
    /// makes no second one in HubSpot, whether or not its id gets there (S0-72).
    pub async fn note_link(&self, done: &Done) -> Result<()> {
        let Some((record, object)) = self.record() else {
            return Ok(());
        };
        let store = Store::new(self.ports);
        let (connection, hubspot_id) = (self.held.id.as_str(), record.id());
        if let Some(gone) = &done.replaces {
            store
                .unlink_gone(connection, object.name, gone, &hubspot_id)
                .await?;
        }
        store
            .link_created(connection, object.name, &done.id, &hubspot_id)
            .await
    }

    /// Writes the new record's id to HubSpot's, by which it is known there (S0-72). A note where it cannot yet, or may not:
    /// what is switched off is not written to (S0-14).
    pub async fn link(&self, id: &str) -> Result<Option<String>> {
        let Some((record, object)) = self.record() else {
            return Ok(None);
        };
        if !self.held.settings.object(object.name).enabled {
            return Ok(Some(format!(
                "{} are switched off in the settings of 300Sync, so the record in HubSpot was not changed.",
                object.plural
            )));
        }
        let live = Live::new(self.ports, self.budget, self.held)?;
        let declared = live.object(object.name)?;
        let plan = live.plan(object.name, None)?;
        let input = mapping::WriteInput {
            id: Some(record.id()),
            id_property: None,
            trace: "1".to_owned(),
            properties: vec![(declared.id_property.clone(), id.to_owned())],
        };
        let hubspot = live.hubspot().await?;
        let page = hubspot
            .batch_write(&declared.hubspot_object, &plan, Write::Update, &[input])
            .await?;
        Ok((!page.errors.is_empty()).then(|| LATER.to_owned()))
    }
}
