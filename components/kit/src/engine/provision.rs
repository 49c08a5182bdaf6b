//! What HubSpot needs before records can arrive: a property group, properties, pipelines. Done once for a version of
//! the declaration; a portal that may not add pipelines gets its stages mapped onto one it has, and is told so.

use super::slice::Slice;
use crate::core::catalog;
use crate::error::{Error, Result};
use crate::hubspot::pipelines::{Pipeline, Stage};
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::store::connections::{Alias, Provisioned};

/// Note: the stages stand for those of a pipeline that was there before.
const PIPELINE_FALLBACK: &str = "pipeline_fallback";

/// What HubSpot was given; none where it must be given something first.
pub(super) fn known<'s, P: Ports>(
    slice: &'s Slice<'_, P>,
    enabled: &[&catalog::Object],
) -> Option<&'s Provisioned> {
    let version = version(slice.connector, enabled);
    let known = slice.connection.provisioned.as_ref();
    known.filter(|known| known.version == version)
}

/// What HubSpot was given, given now if need be.
pub(super) async fn ensure<P: Ports>(
    slice: &Slice<'_, P>,
    enabled: &[&catalog::Object],
) -> Result<Provisioned> {
    if let Some(known) = known(slice, enabled) {
        return Ok(known.clone());
    }
    let mut provisioned = Provisioned {
        version: version(slice.connector, enabled),
        ..Provisioned::default()
    };
    for object in enabled {
        *slice.current.borrow_mut() = Some(object.name.clone());
        slice.budget.step(slice.ports)?;
        properties(slice, object).await?;
        if let Some(pipeline) = &object.pipeline {
            stages(slice, object, pipeline, &mut provisioned).await?;
        }
    }
    slice
        .store
        .set_provisioned(slice.connection, Some(&provisioned))
        .await?;
    Ok(provisioned)
}

/// Names everything that is provisioned, so that a new declaration or another choice of objects provisions anew.
fn version(connector: &catalog::Connector, enabled: &[&catalog::Object]) -> String {
    use sha2::{Digest, Sha256};

    let mut parts = vec![connector.group.as_str()];
    for object in enabled {
        parts.extend([object.name.as_str(), &object.hubspot_object]);
        for property in &object.properties {
            parts.extend([
                property.name.as_str(),
                &property.type_,
                &property.field_type,
            ]);
        }
        if let Some(pipeline) = &object.pipeline {
            parts.push(&pipeline.label);
            parts.extend(pipeline.stages.iter().map(|stage| stage.label.as_str()));
        }
    }
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn properties<P: Ports>(slice: &Slice<'_, P>, object: &catalog::Object) -> Result<()> {
    let existing = slice.hubspot.properties(&object.hubspot_object).await?;
    for property in object.properties.iter().filter(|property| property.unique) {
        // Uniqueness can be set at creation only; without it an upsert would be refused for every record.
        if existing
            .iter()
            .any(|known| known.name == property.name && !known.has_unique_value)
        {
            return Err(Error::Config(format!(
                "HubSpot property {} of {} exists without unique values: rename or delete it in HubSpot",
                property.name, object.hubspot_object
            )));
        }
    }
    let missing: Vec<&catalog::Property> = object
        .properties
        .iter()
        .filter(|property| existing.iter().all(|known| known.name != property.name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let connector = slice.connector;
    slice
        .hubspot
        .create_group(
            &object.hubspot_object,
            &connector.group,
            &connector.group_label,
        )
        .await?;
    slice
        .hubspot
        .create_properties(&object.hubspot_object, &connector.group, &missing)
        .await
}

async fn stages<P: Ports>(
    slice: &Slice<'_, P>,
    object: &catalog::Object,
    wanted: &catalog::Pipeline,
    provisioned: &mut Provisioned,
) -> Result<()> {
    let existing = slice.hubspot.pipelines(&object.hubspot_object).await?;
    let complete = |pipeline: &&Pipeline| {
        pipeline.label == wanted.label
            && wanted.stages.iter().all(|stage| {
                pipeline
                    .stages
                    .iter()
                    .any(|known| known.label == stage.label)
            })
    };
    let pipeline = match existing.iter().find(complete) {
        Some(pipeline) => pipeline.clone(),
        None => match slice
            .hubspot
            .create_pipeline(&object.hubspot_object, wanted)
            .await
        {
            Ok(pipeline) => pipeline,
            Err(Error::Api {
                status: 400 | 402 | 403,
                ..
            }) => {
                provisioned
                    .notes
                    .push((object.name.clone(), PIPELINE_FALLBACK.to_owned()));
                log::write(
                    slice.ports,
                    Level::Warn,
                    PIPELINE_FALLBACK,
                    &[
                        ("connection", slice.connection.id.as_str().into()),
                        ("object", object.name.as_str().into()),
                    ],
                );
                existing.into_iter().next().ok_or_else(|| {
                    Error::Config(format!(
                        "the portal has no pipeline for {} and may not add one",
                        object.hubspot_object
                    ))
                })?
            }
            Err(error) => return Err(error),
        },
    };
    for stage in &wanted.stages {
        let id = &stand_in(&pipeline, stage)
            .ok_or_else(|| {
                Error::Config(format!(
                    "a pipeline of {} has no stages",
                    object.hubspot_object
                ))
            })?
            .id;
        provisioned.aliases.push(Alias {
            object: object.name.clone(),
            property: wanted.stage_property.clone(),
            value: stage.value.clone(),
            id: id.clone(),
        });
    }
    provisioned.constants.push((
        object.name.clone(),
        wanted.pipeline_property.clone(),
        pipeline.id,
    ));
    Ok(())
}

/// The stage with the wanted label, else the one whose metadata is nearest: the same ticket state, the closest
/// probability. The first of equals.
fn stand_in<'p>(pipeline: &'p Pipeline, wanted: &catalog::Stage) -> Option<&'p Stage> {
    if let Some(stage) = pipeline
        .stages
        .iter()
        .find(|stage| stage.label == wanted.label)
    {
        return Some(stage);
    }
    let distance = |stage: &&Stage| -> u32 {
        wanted
            .metadata
            .iter()
            .map(|(name, wanted)| match stage.metadata.get(name) {
                Some(known) if known == wanted => 0,
                Some(known) => match (thousandths(known), thousandths(wanted)) {
                    (Some(known), Some(wanted)) => known.abs_diff(wanted),
                    _ => 1_000,
                },
                None => 1_000,
            })
            .sum()
    };
    pipeline.stages.iter().min_by_key(distance)
}

/// A probability such as `0.25` or `1.0`, in thousandths.
fn thousandths(probability: &str) -> Option<u32> {
    let (whole, part) = probability.split_once('.').unwrap_or((probability, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u32>().ok()?.checked_mul(1_000)? + part.parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipeline(stages: &[(&str, &str, &str)]) -> Pipeline {
        let stages = stages
            .iter()
            .map(|(id, name, value)| Stage {
                id: (*id).to_owned(),
                label: format!("Label {id}"),
                metadata: [((*name).to_owned(), (*value).to_owned())].into(),
            })
            .collect();
        Pipeline {
            id: "p".to_owned(),
            label: "Sales".to_owned(),
            stages,
        }
    }

    fn wanted(name: &str, value: &str) -> catalog::Stage {
        catalog::Stage {
            value: "any".to_owned(),
            label: "Any".to_owned(),
            metadata: vec![(name.to_owned(), value.to_owned())],
        }
    }

    /// S0-33: a portal that may not add pipelines still needs no configuration.
    #[test]
    fn the_nearest_stage_stands_in() {
        let sales = pipeline(&[
            ("appointment", "probability", "0.2"),
            ("contract", "probability", "0.8"),
            ("won", "probability", "1.0"),
            ("lost", "probability", "0.0"),
        ]);
        for (probability, stage) in [
            ("0.5", "appointment"),
            ("0.25", "appointment"),
            ("1.0", "won"),
            ("0.9", "contract"),
        ] {
            assert_eq!(
                stand_in(&sales, &wanted("probability", probability))
                    .unwrap()
                    .id,
                stage,
                "{probability}"
            );
        }
        let support = pipeline(&[
            ("new", "ticketState", "OPEN"),
            ("done", "ticketState", "CLOSED"),
        ]);
        assert_eq!(
            stand_in(&support, &wanted("ticketState", "CLOSED"))
                .unwrap()
                .id,
            "done"
        );
        assert!(stand_in(&pipeline(&[]), &wanted("probability", "1.0")).is_none());
    }
}
