//! An account from the inside: what tests look at, and what a Clio user does by hand.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::account::{Account, Resource};
use super::api::Tenant;
use super::{RateLimit, Service, render, write};
use crate::calls::Call;
use crate::error::FakeError;
use crate::server::locked;

/// A handle on an account; it stays valid as long as the server.
#[derive(Clone)]
pub struct AccountHandle {
    pub(super) id: u64,
    pub(super) tenant: Tenant,
    pub(super) service: Arc<Service>,
}

impl std::fmt::Debug for AccountHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountHandle")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl AccountHandle {
    /// The account's id.
    pub fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Account) -> T) -> T {
        act(&mut locked(&self.tenant.0))
    }

    /// All records with all their fields, by id.
    pub fn records(&self, resource: Resource) -> Vec<Value> {
        self.with(|account| {
            account
                .rows(resource)
                .map(|row| render::whole(account, resource, row))
                .collect()
        })
    }

    /// One record with all its fields.
    pub fn record(&self, resource: Resource, id: u64) -> Option<Value> {
        self.with(|account| Some(render::whole(account, resource, account.row(resource, id)?)))
    }

    /// How many records there are.
    pub fn count(&self, resource: Resource) -> usize {
        self.with(|account| account.len(resource))
    }

    /// How many contacts are of a type: `Person` or `Company`.
    pub fn count_contacts(&self, kind: &str) -> usize {
        self.with(|account| {
            account
                .rows(Resource::Contacts)
                .filter(|row| row.text("type") == Some(kind))
                .count()
        })
    }

    /// The ids of all records, ascending.
    pub fn ids(&self, resource: Resource) -> Vec<u64> {
        self.with(|account| account.rows(resource).map(|row| row.id).collect())
    }

    /// Makes a record as the API would; `data` is what a `POST` has under `data`.
    pub fn add(&self, resource: Resource, data: &Value) -> Result<u64, FakeError> {
        let data = object(data)?;
        self.with(|account| write::create(account, resource, data))
            .map_err(|error| FakeError::Refused(error.message))
    }

    /// Adds one of the firm's people.
    pub fn add_user(&self, first: &str, last: &str) -> u64 {
        self.with(|account| account.add_user(first, last))
    }

    /// Edits a record as the API would; `data` is what a `PATCH` has under `data`.
    pub fn edit(&self, resource: Resource, id: u64, data: &Value) -> Result<(), FakeError> {
        let data = object(data)?;
        self.with(|account| write::update(account, resource, id, data))
            .map_err(|error| FakeError::Refused(error.message))
    }

    /// Deletes a record as the API would.
    pub fn delete(&self, resource: Resource, id: u64) -> Result<(), FakeError> {
        self.with(|account| write::delete(account, resource, id))
            .map_err(|error| FakeError::Refused(error.message))
    }

    /// Backdates a record.
    pub fn set_times(
        &self,
        resource: Resource,
        id: u64,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    ) -> Result<(), FakeError> {
        self.with(|account| {
            let row = account.row_mut(resource, id);
            let row = row.ok_or(FakeError::Unknown {
                kind: resource.plural(),
                id,
            })?;
            (row.created_at, row.updated_at) = (created_at, updated_at);
            Ok(())
        })
    }

    /// The calls with this account's tokens.
    pub fn calls(&self) -> Vec<Call> {
        let mut calls = self.service.gate.calls.list();
        calls.retain(|call| call.tenant == Some(self.id));
        calls
    }

    /// Sets how many calls a token has in a minute.
    pub fn set_rate_limit(&self, limit: RateLimit) {
        self.with(|account| account.config.rate_limit = limit);
    }

    /// Lets a further bearer token into the account, for ever.
    pub fn add_token(&self, token: impl Into<String>) {
        let opens = super::Token::unlimited(self.id);
        locked(&self.service.tokens)
            .access
            .insert(token.into(), opens);
    }

    /// Makes all access tokens of the account expire; they can be refreshed.
    pub fn expire_tokens(&self) {
        let now = self.service.gate.clock.now();
        for token in locked(&self.service.tokens).access.values_mut() {
            if token.account == self.id {
                token.expires_at = Some(now);
            }
        }
    }

    /// Voids all tokens of the account, as where a user takes the access back under "Settings".
    pub fn revoke_tokens(&self) {
        locked(&self.service.tokens).forget(self.id);
    }

    /// Whether someone is connected: there is a refresh token that works.
    pub fn connected(&self) -> bool {
        let tokens = locked(&self.service.tokens);
        tokens.refresh.values().any(|account| *account == self.id)
    }
}

fn object(data: &Value) -> Result<&Map<String, Value>, FakeError> {
    data.as_object()
        .ok_or_else(|| FakeError::Refused("data must be an object".to_owned()))
}
