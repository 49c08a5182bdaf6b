//! One slice: the order of work within a run.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{associate, pages, provision, relations};
use crate::budget::Budget;
use crate::core::{catalog, mapping};
use crate::error::{Error, Result};
use crate::hubspot::HubSpot;
use crate::ports::Ports;
use crate::provider::Provider;
use crate::settings::ObjectSettings;
use crate::store::Store;
use crate::store::connections::{Connection, Provisioned};
use crate::store::page::{PageCommit, Position};
use crate::store::runs::Run;
use crate::store::streams::{Phase, StreamState};

/// Everything a slice works with.
pub(super) struct Slice<'a, P> {
    pub ports: &'a P,
    pub store: Store<'a, P>,
    pub budget: &'a Budget,
    pub connection: &'a Connection,
    pub connector: &'a catalog::Connector,
    pub run: &'a Run,
    pub hubspot: HubSpot<'a, P>,
    pub provider: Provider<'a, P>,
    pub base_url: &'a str,
    pub fingerprint_key: Vec<u8>,
    /// The list being worked on, for the reason of a failure.
    pub current: RefCell<Option<String>>,
}

/// One object of a slice, and how its records are mapped.
pub(super) struct ObjectWork<'a> {
    pub object: &'a catalog::Object,
    pub plan: mapping::Plan,
    /// Mapped properties, in the order of every list of fields.
    pub fields: Vec<String>,
    /// HubSpot properties to read where a record is compared.
    pub properties: Vec<String>,
    /// Source paths of custom rules.
    pub extra_paths: Vec<String>,
    /// Properties every new record gets.
    pub constants: Vec<(String, String)>,
    /// Changes whenever records must be mapped anew.
    pub version: String,
}

impl<'a, P: Ports> Slice<'a, P> {
    /// Works until the run is complete or the budget is spent (an error that says so).
    pub async fn work(&self) -> Result<()> {
        let provisioned = provision::ensure(self).await?;
        let mut states = self.store.streams(&self.connection.id).await?;
        let enabled = self.run.settings.enabled(self.connector);
        for object in &enabled {
            let work = self.object_work(object, &provisioned)?;
            self.enter(&object.name);
            if let Some(state) = self
                .begin(&mut states, &object.name, |state| {
                    let known = state.version.as_deref() == Some(work.version.as_str());
                    state.watermark.filter(|_| known)
                })
                .await?
            {
                pages::walk(self, &work, state).await?;
            }
        }
        for stream in &self.connector.relation_streams {
            self.enter(&stream.name);
            let fresh_after = self.ports.now() - i64::from(self.connector.sweep_seconds) * 1_000;
            if let Some(state) = self
                .begin(&mut states, &stream.name, |state| {
                    let swept = state.full_at.is_some_and(|at| at > fresh_after);
                    state.watermark.filter(|_| swept)
                })
                .await?
            {
                relations::walk(self, stream, state).await?;
            }
        }
        self.enter("associations");
        associate::all(self, &enabled).await
    }

    /// Commits a page of a list, with the calls that it has cost.
    pub async fn commit(
        &self,
        list: &str,
        mut page: PageCommit,
        phase: Phase,
        position: &Position,
    ) -> Result<()> {
        let calls = self.budget.uncounted();
        page.calls = calls;
        let committed = self
            .store
            .commit_page(self.connection, self.run.id, list, &page, phase, position)
            .await;
        // Also where the plan says that it was the last one.
        if let Ok(()) | Err(Error::Plan(_)) = committed {
            self.budget.count(calls);
        }
        committed
    }

    fn enter(&self, list: &str) {
        *self.current.borrow_mut() = Some(list.to_owned());
    }

    /// The state of a list in this run, begun if need be; none when the run is done with it.
    async fn begin(
        &self,
        states: &mut BTreeMap<String, StreamState>,
        name: &str,
        since: impl Fn(&StreamState) -> Option<i64>,
    ) -> Result<Option<StreamState>> {
        match states.remove(name) {
            Some(state) if state.run == self.run.id => {
                Ok((state.phase != Phase::Done).then_some(state))
            }
            earlier => {
                self.budget.step(self.ports)?;
                let since = earlier.as_ref().and_then(since);
                self.store
                    .begin_walk(self.connection, name, self.run.id, since)
                    .await?;
                let mut begun = self.store.streams(&self.connection.id).await?;
                begun.remove(name).map(Some).ok_or(Error::Row)
            }
        }
    }

    fn object_work<'o>(
        &self,
        object: &'o catalog::Object,
        provisioned: &Provisioned,
    ) -> Result<ObjectWork<'o>> {
        let ObjectSettings { rules, .. } = self.run.settings.object(&object.name);
        let extra_paths = rules
            .iter()
            .flatten()
            .flat_map(|rule| std::iter::once(rule.source.clone()).chain(rule.fallback.clone()))
            .collect();
        let plan = mapping::Plan {
            connector: self.connector.id.clone(),
            object: object.name.clone(),
            region: self.connection.region.clone(),
            base_url: self.base_url.to_owned(),
            fingerprint_key: self.fingerprint_key.clone(),
            rules: rules.map(|rules| rules.iter().map(mapping::Rule::from).collect()),
            aliases: provisioned
                .aliases
                .iter()
                .filter(|alias| alias.object == object.name)
                .map(mapping::Alias::from)
                .collect(),
        };
        let constants = provisioned
            .constants
            .iter()
            .filter(|(name, _, _)| *name == object.name)
            .map(|(_, property, value)| (property.clone(), value.clone()))
            .collect();
        Ok(ObjectWork {
            object,
            fields: mapping::plan_fields(&plan).map_err(Error::Config)?,
            properties: mapping::plan_properties(&plan).map_err(Error::Config)?,
            version: mapping::plan_version(&plan).map_err(Error::Config)?,
            plan,
            extra_paths,
            constants,
        })
    }
}
