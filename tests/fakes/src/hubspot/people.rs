//! A portal from the inside: what tests look at, and what a HubSpot user does by hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::checks::Claimed;
use super::context::Tenant;
use super::error::ApiError;
use super::merge::merge_records;
use super::model::{ObjectType, Pipeline, Property, Record, Source};
use super::portal::Portal;
use super::tokens::AccessToken;
use super::{PipelineRights, RateLimit, Service};
use crate::calls::Call;
use crate::error::FakeError;
use crate::server::locked;

/// The user that edits by hand.
const USER: Source = Source::User(9_001);

/// One association as a test sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssociationRow {
    /// Record id.
    pub from: u64,
    /// Record id.
    pub to: u64,
    /// `HUBSPOT_DEFINED`, `USER_DEFINED`.
    pub category: String,
    /// From → to.
    pub type_id: u32,
}

/// A handle on a portal; it stays valid as long as the server.
#[derive(Clone)]
pub struct PortalHandle {
    pub(super) id: u64,
    pub(super) tenant: Tenant,
    pub(super) service: Arc<Service>,
}

impl std::fmt::Debug for PortalHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PortalHandle")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn refused(error: ApiError) -> FakeError {
    FakeError::Refused(error.message)
}

impl PortalHandle {
    /// The portal's id.
    pub fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Portal) -> T) -> T {
        act(&mut locked(&self.tenant.0))
    }

    pub(super) fn live(portal: &Portal, kind: ObjectType, id: u64) -> Result<u64, FakeError> {
        let record = portal.live(kind, &id.to_string()).map(|record| record.id);
        record.ok_or(FakeError::Unknown {
            kind: kind.plural(),
            id,
        })
    }

    /// All records that are not archived, by id.
    pub fn records(&self, kind: ObjectType) -> Vec<Record> {
        self.with(|portal| {
            let all = portal.store(kind).records.values();
            all.filter(|record| record.archived_at.is_none())
                .cloned()
                .collect()
        })
    }

    /// How many records are not archived.
    pub fn count(&self, kind: ObjectType) -> usize {
        self.with(|portal| {
            let all = portal.store(kind).records.values();
            all.filter(|record| record.archived_at.is_none()).count()
        })
    }

    /// One record, archived or not.
    pub fn record(&self, kind: ObjectType, id: u64) -> Option<Record> {
        self.with(|portal| portal.store(kind).records.get(&id).cloned())
    }

    /// The records of which a property has a value.
    pub fn find(&self, kind: ObjectType, property: &str, value: &str) -> Vec<Record> {
        let fits = |record: &Record| record.value(property) == Some(value);
        self.records(kind).into_iter().filter(fits).collect()
    }

    /// The record that is left of one that was merged away; the id itself where it was not.
    pub fn survivor(&self, kind: ObjectType, id: u64) -> u64 {
        self.with(|portal| portal.store(kind).survivor(id))
    }

    /// All associations from one kind to another, sorted.
    pub fn associations(&self, from: ObjectType, to: ObjectType) -> Vec<AssociationRow> {
        self.with(|portal| {
            let all = portal.associations.all(from, to);
            let mut rows: Vec<AssociationRow> = all
                .map(|(from, to, kind)| AssociationRow {
                    from,
                    to,
                    category: kind.category.clone(),
                    type_id: kind.type_id,
                })
                .collect();
            rows.sort();
            rows
        })
    }

    /// The properties that are not archived, by name.
    pub fn properties(&self, kind: ObjectType) -> BTreeMap<String, Property> {
        self.with(|portal| {
            let all = portal.store(kind).properties.iter();
            let live = all.filter(|(_, property)| !property.archived);
            live.map(|(name, property)| (name.clone(), property.clone()))
                .collect()
        })
    }

    /// The names of the property groups.
    pub fn groups(&self, kind: ObjectType) -> Vec<String> {
        self.with(|portal| portal.store(kind).groups.keys().cloned().collect())
    }

    /// All pipelines.
    pub fn pipelines(&self, kind: ObjectType) -> Vec<Pipeline> {
        self.with(|portal| portal.store(kind).pipelines.clone())
    }

    /// The calls with this portal's tokens.
    pub fn calls(&self) -> Vec<Call> {
        let mut calls = self.service.gate.calls.list();
        calls.retain(|call| call.tenant == Some(self.id));
        calls
    }

    /// Makes a record by hand.
    pub fn create_by_hand(
        &self,
        kind: ObjectType,
        values: &[(&str, &str)],
    ) -> Result<u64, FakeError> {
        self.with(|portal| {
            let values = pairs(values);
            let values = portal
                .prepare(kind, None, &values, &mut Claimed::new())
                .map_err(refused)?;
            Ok(portal.write(kind, None, values, &USER))
        })
    }

    /// Edits a record by hand; an empty value clears.
    pub fn edit(
        &self,
        kind: ObjectType,
        id: u64,
        values: &[(&str, &str)],
    ) -> Result<(), FakeError> {
        self.with(|portal| {
            let id = Self::live(portal, kind, id)?;
            let values = pairs(values);
            let values = portal
                .prepare(kind, Some(id), &values, &mut Claimed::new())
                .map_err(refused)?;
            portal.write(kind, Some(id), values, &USER);
            Ok(())
        })
    }

    /// Archives a record by hand.
    pub fn archive(&self, kind: ObjectType, id: u64) -> Result<(), FakeError> {
        self.with(|portal| {
            let id = Self::live(portal, kind, id)?;
            portal.archive(kind, id);
            Ok(())
        })
    }

    /// Takes a record back out of the recycle bin.
    pub fn restore(&self, kind: ObjectType, id: u64) -> Result<(), FakeError> {
        self.with(|portal| {
            let store = portal.store_mut(kind);
            let record = store
                .records
                .get_mut(&id)
                .filter(|record| record.archived_at.is_some());
            let record = record.ok_or(FakeError::Unknown {
                kind: kind.plural(),
                id,
            })?;
            record.archived_at = None;
            let values: Vec<(String, String)> = record
                .values()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_lowercase()))
                .collect();
            for (name, value) in values {
                if store.is_unique(&name) {
                    store
                        .unique
                        .entry(name)
                        .or_default()
                        .entry(value)
                        .or_insert(id);
                }
            }
            Ok(())
        })
    }

    /// Merges `other` into `primary` by hand; the id of what is left.
    pub fn merge(&self, kind: ObjectType, primary: u64, other: u64) -> Result<u64, FakeError> {
        self.with(|portal| {
            let (primary, other) = (
                Self::live(portal, kind, primary)?,
                Self::live(portal, kind, other)?,
            );
            Ok(merge_records(portal, kind, primary, other, &USER))
        })
    }

    /// Associates two records by hand, without a label.
    pub fn associate(
        &self,
        from: (ObjectType, u64),
        to: (ObjectType, u64),
    ) -> Result<(), FakeError> {
        self.with(|portal| {
            let ends = (
                (from.0, Self::live(portal, from.0, from.1)?),
                (to.0, Self::live(portal, to.0, to.1)?),
            );
            let pair = portal.associations.default_type(from.0, to.0);
            let pair = pair.ok_or_else(|| FakeError::Refused("no such association".to_owned()))?;
            portal.associations.link(ends.0, ends.1, &pair);
            Ok(())
        })
    }

    /// How long writes take to become searchable.
    pub fn set_search_lag(&self, lag: Duration) {
        self.with(|portal| portal.set_search_lag(lag));
    }

    /// Sets the rate limits.
    pub fn set_rate_limit(&self, limit: RateLimit) {
        self.with(|portal| portal.config.rate_limit = limit);
    }

    /// Sets whether pipelines may be added.
    pub fn set_pipeline_rights(&self, rights: PipelineRights) {
        self.with(|portal| portal.config.pipelines = rights);
    }

    /// Sets whether a merge gives the survivor a new id.
    pub fn set_merge_creates_new_id(&self, new_id: bool) {
        self.with(|portal| portal.config.merge_creates_new_id = new_id);
    }

    /// Sets whether one bad input of an update or upsert refuses all, whatever traces they carry.
    pub fn set_batches_fail_together(&self, together: bool) {
        self.with(|portal| portal.config.traces_for_all = !together);
    }

    /// Lets a further bearer token into the portal, for everything and for ever.
    pub fn add_token(&self, token: impl Into<String>) {
        let opens = AccessToken::unlimited(self.id);
        locked(&self.service.tokens)
            .access
            .insert(token.into(), opens);
    }

    /// Makes all access tokens of the portal expire.
    pub fn expire_tokens(&self) {
        let now = self.service.gate.clock.now();
        for token in locked(&self.service.tokens).access.values_mut() {
            if token.portal() == Some(self.id) {
                token.expires_at = Some(now);
            }
        }
    }

    /// Forgets all tokens of the portal without a word in the journal, as where a connection is revoked by hand.
    pub fn revoke_tokens(&self) {
        locked(&self.service.tokens).forget(self.id);
    }

    /// Takes the app out of the portal, as a super admin does under "Connected apps": tokens are void, the journal tells.
    pub fn uninstall(&self) {
        self.service.uninstall(self.id);
    }

    /// Whether the app is installed: there is a refresh token that works.
    pub fn installed(&self) -> bool {
        let tokens = locked(&self.service.tokens);
        tokens.refresh.values().any(|grant| grant.portal == self.id)
    }

    /// Sets which scopes are not granted in this portal.
    pub fn withhold_scopes(&self, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.with(|portal| portal.config.withheld_scopes = scopes);
    }

    /// Makes a user a super admin, or none any more.
    pub fn set_super_admin(&self, user: u64, super_admin: bool) {
        self.with(|portal| {
            for known in &mut portal.config.users {
                if known.id == user {
                    known.super_admin = super_admin;
                }
            }
        });
    }
}

fn pairs(values: &[(&str, &str)]) -> BTreeMap<String, Option<String>> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
        .collect()
}
