//! What a write must fulfil before anything is written.

use std::collections::{BTreeMap, HashSet};

use super::error::{ApiError, InvalidValue};
use super::model::ObjectType;
use super::portal::{Portal, Values};
use super::values;

/// Unique values that earlier inputs of the same batch will take: (property, value in lower case).
pub(super) type Claimed = HashSet<(String, String)>;

impl Portal {
    /// Checks the values of a write and normalises them. `target`: the record that is changed, None
    /// for a new one.
    pub(super) fn prepare(
        &self,
        kind: ObjectType,
        target: Option<u64>,
        properties: &BTreeMap<String, Option<String>>,
        claimed: &mut Claimed,
    ) -> Result<Values, ApiError> {
        let mut values = self.normalised(kind, properties)?;
        if target.is_none() {
            self.complete(kind, &mut values)?;
        }
        self.check_stage(kind, target, &values)?;
        self.check_unique(kind, target, &values, claimed)?;
        Ok(values)
    }

    fn normalised(
        &self,
        kind: ObjectType,
        properties: &BTreeMap<String, Option<String>>,
    ) -> Result<Values, ApiError> {
        let mut values = Values::new();
        let mut problems = Vec::new();
        for (name, value) in properties {
            match self
                .store(kind)
                .properties
                .get(name)
                .filter(|property| !property.archived)
            {
                None => problems.push(InvalidValue {
                    name: name.clone(),
                    error: "PROPERTY_DOESNT_EXIST",
                    message: format!("Property \"{name}\" does not exist"),
                }),
                Some(property) => {
                    match values::normalise(property, value.as_deref().unwrap_or_default()) {
                        Ok(value) => {
                            values.insert(name.clone(), value);
                        }
                        Err(problem) => problems.push(problem),
                    }
                }
            }
        }
        if problems.is_empty() {
            Ok(values)
        } else {
            Err(ApiError::invalid_values(&problems, self.config.id))
        }
    }

    /// What a new record must have, and what HubSpot adds.
    fn complete(&self, kind: ObjectType, values: &mut Values) -> Result<(), ApiError> {
        let filled = |values: &Values, name: &str| values.get(name).is_some_and(|v| !v.is_empty());
        let required: &[&str] = match kind {
            ObjectType::Contacts | ObjectType::Companies => &[],
            ObjectType::Deals => &["dealname", "dealstage"],
            ObjectType::Tickets => &["subject", "hs_pipeline_stage"],
        };
        let mut missing: Vec<String> = required
            .iter()
            .filter(|name| !filled(values, name))
            .map(|name| (*name).to_owned())
            .collect();
        if kind == ObjectType::Companies && !filled(values, "name") && !filled(values, "domain") {
            missing.extend(["name".to_owned(), "domain".to_owned()]);
        }
        if !missing.is_empty() {
            return Err(ApiError::required(
                &kind.singular().to_uppercase(),
                &missing,
            ));
        }
        if let Some((pipeline, _)) = kind.pipeline_properties()
            && !filled(values, pipeline)
        {
            let first = self.store(kind).pipelines.first();
            let default = first
                .map(|pipeline| pipeline.id.clone())
                .unwrap_or_default();
            values.insert(pipeline.to_owned(), default);
        }
        Ok(())
    }

    /// A stage must be one of the record's pipeline.
    fn check_stage(
        &self,
        kind: ObjectType,
        target: Option<u64>,
        values: &Values,
    ) -> Result<(), ApiError> {
        let Some((pipeline_name, stage_name)) = kind.pipeline_properties() else {
            return Ok(());
        };
        if !values.contains_key(pipeline_name) && !values.contains_key(stage_name) {
            return Ok(());
        }
        let store = self.store(kind);
        let before = target.and_then(|id| store.records.get(&id));
        let current = |name: &str| {
            let old = || before.and_then(|record| record.value(name));
            values
                .get(name)
                .map(String::as_str)
                .or_else(old)
                .unwrap_or_default()
        };
        let (pipeline, stage) = (current(pipeline_name), current(stage_name));
        let refuse = |name: &str, error, message| {
            let problem = InvalidValue {
                name: name.to_owned(),
                error,
                message,
            };
            Err(ApiError::invalid_values(&[problem], self.config.id))
        };
        if !store
            .pipelines
            .iter()
            .any(|candidate| candidate.id == pipeline && !candidate.archived)
        {
            let message = format!("{pipeline} was not one of the allowed options");
            return refuse(pipeline_name, "INVALID_OPTION", message);
        }
        if store.stage(pipeline, stage).is_none() {
            let message = format!("{stage} is not a valid stage of pipeline {pipeline}");
            return refuse(stage_name, "INVALID_OPTION", message);
        }
        Ok(())
    }

    fn check_unique(
        &self,
        kind: ObjectType,
        target: Option<u64>,
        values: &Values,
        claimed: &mut Claimed,
    ) -> Result<(), ApiError> {
        let store = self.store(kind);
        let mut keys = Vec::new();
        for (name, value) in values
            .iter()
            .filter(|(name, value)| store.is_unique(name) && !value.is_empty())
        {
            let holder = store
                .holder(name, value)
                .filter(|holder| Some(*holder) != target);
            let key = (name.clone(), value.to_lowercase());
            if holder.is_some() || claimed.contains(&key) {
                return Err(self.unique_conflict(kind, target, name, value, holder));
            }
            keys.push(key);
        }
        claimed.extend(keys);
        Ok(())
    }

    /// `holder` is None where the value is taken by another input of the same batch.
    fn unique_conflict(
        &self,
        kind: ObjectType,
        target: Option<u64>,
        name: &str,
        value: &str,
        holder: Option<u64>,
    ) -> ApiError {
        if name == "email" {
            return match holder {
                Some(id) => ApiError::conflict(
                    "CONFLICT",
                    format!("Contact already exists. Existing ID: {id}"),
                ),
                None => ApiError::conflict("CONFLICT", "Contact already exists."),
            };
        }
        let target = target.map_or_else(|| "new object".to_owned(), |id| id.to_string());
        let holder = holder.map_or_else(|| "another input".to_owned(), |id| id.to_string());
        ApiError::validation(format!(
            "Cannot set PropertyValueCoordinates{{portalId={}, objectTypeId=ObjectTypeId{{legacyObjectType={}}}, \
             propertyName={name}, value={value}}} on {target}. {holder} already has that value.",
            self.config.id,
            kind.singular().to_uppercase(),
        ))
    }
}
