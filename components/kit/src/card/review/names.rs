//! What records are called on both sides: read live, and nothing of it is stored.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::record::deep_link;
use crate::core::{catalog, mapping};
use crate::error::{Error, Result, Side};
use crate::live::{self, Live};
use crate::ports::Ports;
use crate::store::cards::Held;
use crate::store::review::Waiting;

/// What records are called, by object and id, on both sides; and their links.
#[derive(Default)]
pub(super) struct Names {
    pub provider: BTreeMap<(String, String), Told>,
    pub hubspot: BTreeMap<(String, String), String>,
}

/// What the provider's record tells.
#[derive(Clone, Default)]
pub(super) struct Told {
    pub name: Option<String>,
    pub link: Option<String>,
    /// The tier that it has no key of, where that is the strongest.
    pub lacks: Option<String>,
}

/// Reads names: one call an object and side.
pub(super) async fn names<P: Ports>(ports: &P, held: &Held, records: &[Waiting]) -> Result<Names> {
    let mut names = Names::default();
    let budget = live::budget(ports);
    let live = Live::new(ports, &budget, held)?;
    let kinds: BTreeSet<&str> = records
        .iter()
        .map(|record| record.object.as_str())
        .collect();
    for kind in kinds {
        let Ok(object) = live.object(kind) else {
            continue;
        };
        let plan = live.plan(kind, None)?;
        let summary = mapping::describe_plan(&plan).map_err(Error::Config)?;
        let called = |name: &&String| {
            summary
                .fields
                .iter()
                .position(|field| field.property == **name)
        };
        let at: Vec<usize> = telling(object)
            .iter()
            .filter_map(|name| called(&name))
            .collect();
        let of_kind = || records.iter().filter(|record| record.object == kind);

        let ids: Vec<String> = of_kind().map(|record| record.id.clone()).collect();
        let extra = Live::<P>::extra_paths(&plan);
        let raw = live.provider().await?.by_ids(kind, &extra, &ids).await?;
        let page = mapping::map_page(&plan, &raw.body).map_err(|error| Error::Answer {
            side: Side::Provider,
            error,
        })?;
        for record in page.records {
            let values = at
                .iter()
                .filter_map(|at| record.fields.get(*at)?.value.as_deref());
            let strongest = object.tiers.first().filter(|tier| {
                let has = |key: &mapping::MatchKey| key.tier == tier.name;
                object.tiers.len() > 1 && !record.keys.iter().any(has)
            });
            let told = Told {
                name: joined(values),
                link: deep_link(object, &record),
                lacks: strongest.map(|tier| tier.name.clone()),
            };
            names.provider.insert((kind.to_owned(), record.id), told);
        }

        let ids: BTreeSet<String> = of_kind()
            .flat_map(|record| record.candidates.clone())
            .collect();
        if ids.is_empty() {
            continue;
        }
        let ids: Vec<String> = ids.into_iter().collect();
        let hubspot = live.hubspot().await?;
        let found = hubspot
            .batch_read_values(&object.hubspot_object, &plan, &summary.properties, &ids)
            .await?;
        for record in found {
            let values = at
                .iter()
                .filter_map(|at| record.values.get(*at))
                .map(String::as_str);
            if let Some(name) = joined(values) {
                names.hubspot.insert((kind.to_owned(), record.id), name);
            }
        }
    }
    Ok(names)
}

/// The properties that people tell records by: of the weakest tier of matching, which is the name, and of the others.
pub(in crate::card) fn telling(object: &catalog::Object) -> Vec<String> {
    let tiers = object.tiers.iter().rev().flat_map(|tier| &tier.properties);
    let mut names: Vec<String> = tiers.cloned().collect();
    if names.is_empty() {
        names.clone_from(&object.required);
    }
    names
}

/// One text of several; none where all are empty.
pub(in crate::card) fn joined<'v>(values: impl Iterator<Item = &'v str>) -> Option<String> {
    let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
    (!values.is_empty()).then(|| values.join(" "))
}
