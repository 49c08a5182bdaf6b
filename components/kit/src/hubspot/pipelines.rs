//! Pipelines and their stages.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{HubSpot, VERSION};
use crate::core::catalog;
use crate::error::Result;
use crate::ports::Ports;

/// A pipeline as HubSpot has it.
#[derive(Debug, Clone, Deserialize)]
pub struct Pipeline {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// In display order.
    #[serde(default)]
    pub stages: Vec<Stage>,
}

/// A stage as HubSpot has it.
#[derive(Debug, Clone, Deserialize)]
pub struct Stage {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// `probability` (deals), `ticketState` (tickets), `isClosed`.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Pipelines {
    results: Vec<Pipeline>,
}

impl<P: Ports> HubSpot<'_, P> {
    /// All pipelines of an object.
    pub async fn pipelines(&self, object: &str) -> Result<Vec<Pipeline>> {
        let answer: Pipelines = self
            .get(&format!("/crm/pipelines/{VERSION}/{object}"))
            .await?;
        Ok(answer.results)
    }

    /// Creates a pipeline with its stages.
    pub async fn create_pipeline(
        &self,
        object: &str,
        pipeline: &catalog::Pipeline,
    ) -> Result<Pipeline> {
        let stages: Vec<Value> = pipeline
            .stages
            .iter()
            .enumerate()
            .map(|(order, stage)| {
                let metadata: Map<String, Value> = stage
                    .metadata
                    .iter()
                    .map(|(name, value)| (name.clone(), value.as_str().into()))
                    .collect();
                json!({ "label": stage.label, "displayOrder": order, "metadata": metadata })
            })
            .collect();
        let body = json!({ "label": pipeline.label, "displayOrder": 0, "stages": stages });
        self.post(&format!("/crm/pipelines/{VERSION}/{object}"), &body)
            .await
    }
}
