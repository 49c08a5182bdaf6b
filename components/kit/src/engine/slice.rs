//! What a slice works with, and how it goes on with a list.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::budget::Budget;
use crate::core::catalog;
use crate::error::{Error, Result};
use crate::hubspot::HubSpot;
use crate::ports::Ports;
use crate::provider::Provider;
use crate::store::Store;
use crate::store::connections::Connection;
use crate::store::page::{PageCommit, Position};
use crate::store::runs::Run;
use crate::store::streams::{Phase, StreamState};
use crate::vault::Vault;

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
    pub vault: &'a Vault,
    pub fingerprint_key: Vec<u8>,
    /// The list being worked on, for the reason of a failure.
    pub current: RefCell<Option<String>>,
}

impl<'a, P: Ports> Slice<'a, P> {
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

    /// Names the list that is worked on.
    pub fn enter(&self, list: &str) {
        *self.current.borrow_mut() = Some(list.to_owned());
    }

    /// Whether this run is done with a list.
    pub fn is_done(&self, state: &StreamState) -> bool {
        state.run == self.run.id && state.phase == Phase::Done
    }

    /// The state of a list in this run, begun if need be; none when the run is done with it.
    pub async fn begin(
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

    /// Walks over everything that ended after this time (unix milliseconds) need not be repeated.
    pub fn fresh_after(&self) -> i64 {
        self.ports.now() - i64::from(self.connector.sweep_seconds) * 1_000
    }

    /// The objects of this run, in the order in which they must be synced.
    ///
    /// # Errors
    /// Where the settings ask for what the connector cannot do.
    pub fn enabled(&self) -> Result<Vec<&'a catalog::Object>> {
        let settings = &self.run.settings;
        settings
            .check(self.connector)
            .map_err(|error| Error::Config(error.to_string()))?;
        Ok(settings.enabled(self.connector))
    }
}
