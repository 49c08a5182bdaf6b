//! Which companions count, and what is taken of them.

use std::collections::{BTreeSet, HashMap};

use super::{Companions, read};
use crate::core::mapping::{Companion, HubspotRecord};
use crate::engine::object_work::ObjectWork;
use crate::engine::slice::Slice;
use crate::error::Result;
use crate::ports::Ports;

/// Fills in what the companions hold. Where there is none, their fields stay unknown, and what the provider has of them
/// stays.
pub(super) async fn add<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    companions: &Companions<'_>,
    records: &mut [HubspotRecord],
) -> Result<()> {
    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let chosen = slice
        .store
        .chosen_companions(&slice.connection.id, &work.object.name, &ids)
        .await?;
    let open: Vec<&str> = ids
        .into_iter()
        .filter(|id| !chosen.contains_key(*id))
        .collect();
    let (from, to) = (
        &work.object.hubspot_object,
        &companions.declared.hubspot_object,
    );
    let mut associated: HashMap<String, Vec<String>> = HashMap::new();
    for (record, companion) in slice.hubspot.associated(from, to, &open).await? {
        associated.entry(record).or_default().push(companion);
    }
    let wanted: BTreeSet<&String> = chosen
        .values()
        .chain(associated.values().flatten())
        .collect();
    let wanted: Vec<String> = wanted.into_iter().cloned().collect();
    let read: HashMap<String, Companion> = slice
        .hubspot
        .batch_read_companions(to, &work.plan, &companions.properties, &wanted)
        .await?
        .into_iter()
        .map(|companion| (companion.id.clone(), companion))
        .collect();
    for record in records {
        let companion = match chosen.get(&record.id) {
            Some(id) => read.get(id),
            None => {
                let ids = associated.get(&record.id).into_iter().flatten();
                newest(ids.filter_map(|id| read.get(id)))
            }
        };
        for (at, fingerprint, value) in companion.iter().flat_map(|one| &one.fields) {
            let at = *at as usize;
            if let (Some(field), Some(held)) =
                (record.fields.get_mut(at), record.values.get_mut(at))
            {
                *field = Some(*fingerprint);
                held.clone_from(value);
            }
        }
    }
    Ok(())
}

/// The most recently created; of one moment, the one with the higher id, which HubSpot gave later.
fn newest<'c>(companions: impl Iterator<Item = &'c Companion>) -> Option<&'c Companion> {
    companions.max_by_key(|one| (one.created_at, one.id.parse::<u64>().ok()))
}

/// Linked records, with their sides, that take values of these companions.
pub(in crate::engine) async fn taking<P: Ports>(
    slice: &Slice<'_, P>,
    work: &ObjectWork<'_>,
    companions: &Companions<'_>,
    changed: &[HubspotRecord],
) -> Result<Vec<HubspotRecord>> {
    let ids: Vec<&str> = changed.iter().map(|record| record.id.as_str()).collect();
    let (from, to) = (
        &companions.declared.hubspot_object,
        &work.object.hubspot_object,
    );
    let associated = slice.hubspot.associated(from, to, &ids).await?;
    let choosing = slice
        .store
        .choosing(&slice.connection.id, &work.object.name, &ids)
        .await?;
    let mut concerned: BTreeSet<String> =
        associated.into_iter().map(|(_, record)| record).collect();
    concerned.extend(choosing);
    let ids: Vec<&str> = concerned.iter().map(String::as_str).collect();
    let linked = slice
        .store
        .links_by_hubspot(&slice.connection.id, &work.object.name, &ids)
        .await?;
    let ids: Vec<String> = concerned
        .into_iter()
        .filter(|id| linked.contains_key(id))
        .collect();
    let mut records: Vec<HubspotRecord> = read(slice, work, &ids).await?.into_values().collect();
    records.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn companion(id: &str, created_at: Option<u64>) -> Companion {
        Companion {
            id: id.to_owned(),
            created_at,
            fields: Vec::new(),
        }
    }

    /// S2-12, S2-13
    #[test]
    fn the_most_recently_created_is_taken() {
        let known = [
            companion("7", Some(20)),
            companion("9", Some(30)),
            companion("10", Some(30)),
            companion("99", None),
        ];
        let ids = |of: &[Companion]| newest(of.iter()).map(|one| one.id.clone());
        assert_eq!(ids(&known).as_deref(), Some("10"));
        assert_eq!(ids(&known[..1]).as_deref(), Some("7"));
        assert_eq!(ids(&[]), None);
    }
}
