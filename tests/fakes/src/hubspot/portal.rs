//! One portal and the rules of writing into it.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::PortalConfig;
use super::associations::Associations;
use super::callbacks::Callbacks;
use super::defaults;
use super::error::ApiError;
use super::limits::Limits;
use super::lists::List;
use super::model::{ObjectType, Record, Source, Store};
use crate::clock::Clock;

/// A portal's records and settings.
#[derive(Debug)]
pub(super) struct Portal {
    pub(super) config: PortalConfig,
    pub(super) clock: Clock,
    pub(super) associations: Associations,
    pub(super) limits: Limits,
    /// By id, deleted ones among them.
    pub(super) lists: BTreeMap<u64, List>,
    pub(super) callbacks: Callbacks,
    contacts: Store,
    companies: Store,
    deals: Store,
    tickets: Store,
    last_id: u64,
}

/// Values ready to be written.
pub(super) type Values = BTreeMap<String, String>;

impl Portal {
    pub(super) fn new(config: PortalConfig, clock: Clock) -> Self {
        let now = clock.now();
        Self {
            config,
            clock,
            associations: Associations::default(),
            limits: Limits::default(),
            lists: BTreeMap::new(),
            callbacks: Callbacks::default(),
            contacts: defaults::store(ObjectType::Contacts, now),
            companies: defaults::store(ObjectType::Companies, now),
            deals: defaults::store(ObjectType::Deals, now),
            tickets: defaults::store(ObjectType::Tickets, now),
            // Real ids are long; that they do not start at 1 shows code that confuses ids with counts.
            last_id: 10_000_000,
        }
    }

    pub(super) fn store(&self, kind: ObjectType) -> &Store {
        match kind {
            ObjectType::Contacts => &self.contacts,
            ObjectType::Companies => &self.companies,
            ObjectType::Deals => &self.deals,
            ObjectType::Tickets => &self.tickets,
        }
    }

    pub(super) fn store_mut(&mut self, kind: ObjectType) -> &mut Store {
        match kind {
            ObjectType::Contacts => &mut self.contacts,
            ObjectType::Companies => &mut self.companies,
            ObjectType::Deals => &mut self.deals,
            ObjectType::Tickets => &mut self.tickets,
        }
    }

    pub(super) fn app(&self) -> Source {
        Source::Integration(self.config.app_id)
    }

    /// The time up to which the search index has seen writes.
    pub(super) fn indexed_until(&self) -> DateTime<Utc> {
        let lag = TimeDelta::from_std(self.config.search_lag).unwrap_or_default();
        self.clock.now() - lag
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// A record that is not archived, by its own id only.
    pub(super) fn live(&self, kind: ObjectType, id: &str) -> Option<&Record> {
        let record = self.store(kind).records.get(&id.parse().ok()?)?;
        record.archived_at.is_none().then_some(record)
    }

    /// Finds a record the way that `idProperty` says; None: no such record.
    pub(super) fn find(
        &self,
        kind: ObjectType,
        id: &str,
        id_property: Option<&str>,
    ) -> Result<Option<u64>, ApiError> {
        match id_property {
            None | Some("hs_object_id") => Ok(id.parse().ok()),
            Some(property) if self.store(kind).is_unique(property) => {
                Ok(self.store(kind).holder(property, id.trim()))
            }
            Some(property) => Err(ApiError::validation(format!(
                "idProperty {property} is not a unique property of {} in portal ID {}",
                kind.type_id(),
                self.config.id
            ))),
        }
    }

    /// Writes prepared values; returns the record's id.
    pub(super) fn write(
        &mut self,
        kind: ObjectType,
        target: Option<u64>,
        mut values: Values,
        source: &Source,
    ) -> u64 {
        let now = self.clock.now();
        let closed = self.entering_closed_stage(kind, target, &values);
        if let (Some(property), false) =
            (closed, closed.is_some_and(|name| values.contains_key(name)))
        {
            values.insert(property.to_owned(), crate::clock::iso_ms(now));
        }
        let id = target.unwrap_or_else(|| self.next_id());
        let store = self.store_mut(kind);
        let new = !store.records.contains_key(&id);
        let mut record = store
            .records
            .remove(&id)
            .unwrap_or_else(|| Record::new(id, now));
        let mut changed = new;
        for (name, value) in values {
            let before = record.value(&name).map(str::to_lowercase);
            if !record.set(&name, &value, now, source.clone()) {
                continue;
            }
            changed = true;
            if store.is_unique(&name) {
                let index = store.unique.entry(name).or_default();
                if let Some(before) = before {
                    index.remove(&before);
                }
                if !value.is_empty() {
                    index.insert(value.to_lowercase(), id);
                }
            }
        }
        if new {
            record.set("hs_object_id", &id.to_string(), now, Source::Calculated);
            record.set(
                "createdate",
                &crate::clock::iso_ms(now),
                now,
                Source::Calculated,
            );
            let made_by = source.source_type();
            let by = source.source_id().unwrap_or_default();
            for (name, value) in [
                ("hs_object_source", made_by),
                ("hs_object_source_label", made_by),
                ("hs_object_source_id", by.as_str()),
            ] {
                record.set(name, value, now, Source::Calculated);
            }
        }
        if changed {
            record.updated_at = now;
            record.set(
                kind.modified_property(),
                &crate::clock::iso_ms(now),
                now,
                Source::Calculated,
            );
        }
        store.records.insert(id, record);
        id
    }

    /// The date that HubSpot fills when a record is closed by this write.
    fn entering_closed_stage(
        &self,
        kind: ObjectType,
        target: Option<u64>,
        values: &Values,
    ) -> Option<&'static str> {
        let (pipeline_name, stage_name) = kind.pipeline_properties()?;
        let store = self.store(kind);
        let before = target.and_then(|id| store.records.get(&id));
        let old = |name: &str| {
            before
                .and_then(|record| record.value(name))
                .unwrap_or_default()
        };
        let stage = values.get(stage_name)?;
        let pipeline = values
            .get(pipeline_name)
            .map_or_else(|| old(pipeline_name), String::as_str);
        let closed = store
            .stage(pipeline, stage)
            .is_some_and(super::model::Stage::is_closed);
        let was_closed = store.stage(old(pipeline_name), old(stage_name));
        (closed && !was_closed.is_some_and(super::model::Stage::is_closed)).then_some(match kind {
            ObjectType::Tickets => "closed_date",
            _ => "closedate",
        })
    }

    /// Moves a record to the recycle bin; its unique values are free again.
    pub(super) fn archive(&mut self, kind: ObjectType, id: u64) {
        let now = self.clock.now();
        let store = self.store_mut(kind);
        if let Some(record) = store
            .records
            .get_mut(&id)
            .filter(|record| record.archived_at.is_none())
        {
            record.archived_at = Some(now);
            record.updated_at = now;
            for index in store.unique.values_mut() {
                index.retain(|_, holder| *holder != id);
            }
            self.associations.forget(kind, id);
        }
    }

    /// Removes a record for good.
    pub(super) fn purge(&mut self, kind: ObjectType, id: u64) {
        self.archive(kind, id);
        self.store_mut(kind).records.remove(&id);
    }

    pub(super) fn set_search_lag(&mut self, lag: Duration) {
        self.config.search_lag = lag;
    }
}
