//! What people do at both ends, and what must be remembered of it to judge the end.

mod fields;
mod in_clio;
mod in_hubspot;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_kit::ports::SqlValue;

pub(crate) use fields::{fields, is_key, unmapped};
pub(crate) use words::{CANARY, CANARY_PHONE, mark, word};

use in_clio::{change, new_record, relate};
use in_hubspot::{answer, touch};
use words::{domain, email};

use crate::plan::{Act, Edit, Kind};
use crate::world::{Firm, START, World};

/// A person, company, matter or task that is at both ends before any sync.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Twin {
    pub firm: usize,
    pub kind: Kind,
    pub clio: u64,
    pub hubspot: u64,
}

/// What people did.
pub(crate) struct People {
    world: Rc<World>,
    /// When a field last changed in Clio, in unix milliseconds: by firm, Clio id and HubSpot property.
    pub changes: BTreeMap<(usize, u64, &'static str), i64>,
    /// What people last said of it there, and when; a blank that a record began with says nothing.
    pub said: BTreeMap<(usize, u64, &'static str), (i64, Option<String>)>,
    /// What that took the place of.
    pub replaced: BTreeMap<(usize, u64, &'static str), String>,
    /// Who was ever in Clio.
    added: BTreeSet<(usize, Kind, u32)>,
    /// HubSpot records made by hand, by who they are: id and time.
    by_hand: BTreeMap<(usize, Kind, u32), (u64, i64)>,
    /// Clio records that have a HubSpot record made by hand which the engine must find.
    pub twins: Vec<Twin>,
    /// HubSpot records whose fate is people's: archived, merged.
    pub disturbed: BTreeSet<(usize, Kind, u64)>,
    /// HubSpot records that were ever in the list that is the door of their kind.
    pub listed: BTreeSet<(usize, Kind, u64)>,
    /// HubSpot records that were merged, or came of a merge.
    pub merged: BTreeSet<(usize, Kind, u64)>,
    /// What people decided of Clio records: the HubSpot record, or none.
    pub decided: BTreeMap<(usize, Kind, u64), Option<u64>>,
    /// Values set by hand in properties that no mapping knows.
    pub remarks: BTreeMap<(usize, Kind, u64), String>,
}

/// A hand-made record is searchable, whatever the lag and the clocks, when it is this old.
const SURELY_SEARCHABLE: i64 = 5 * 60_000;

impl People {
    pub fn new(world: Rc<World>) -> Self {
        Self {
            world,
            changes: BTreeMap::new(),
            said: BTreeMap::new(),
            replaced: BTreeMap::new(),
            added: BTreeSet::new(),
            by_hand: BTreeMap::new(),
            twins: Vec::new(),
            disturbed: BTreeSet::new(),
            listed: BTreeSet::new(),
            merged: BTreeSet::new(),
            decided: BTreeMap::new(),
            remarks: BTreeMap::new(),
        }
    }

    /// Does it. What the services refuse does not happen.
    pub fn act(&mut self, edit: &Edit) {
        let world = self.world.clone();
        let Some(firm) = world.firms.get(edit.firm) else {
            return;
        };
        let done = match &edit.act {
            Act::Add {
                kind,
                serial,
                pick,
                bare,
            } => self.add(edit.firm, firm, *kind, *serial, *pick, *bare),
            Act::Change {
                kind,
                pick,
                field,
                serial,
            } => self.change(edit.firm, firm, (*kind, *pick, *field), Some(*serial)),
            Act::Clear { kind, pick, field } => {
                self.change(edit.firm, firm, (*kind, *pick, *field), None)
            }
            Act::Delete { kind, pick } => chosen(&firm.records(*kind), *pick)
                .is_some_and(|(id, _)| firm.account.delete(kind.resource(), *id).is_ok()),
            Act::Relate { contact, matter } => relate(firm, *contact, *matter),
            Act::Unrelate { pick } => chosen(&firm.account.ids(Resource::Relationships), *pick)
                .is_some_and(|id| firm.account.delete(Resource::Relationships, *id).is_ok()),
            Act::ByHand {
                kind,
                serial,
                nameless_key,
            } => self.by_hand(edit.firm, firm, *kind, *serial, *nameless_key),
            Act::Touch {
                kind,
                pick,
                field,
                serial,
            } => self.edited(
                firm,
                *kind,
                touch(edit.firm, firm, (*kind, *pick, *field), *serial),
            ),
            Act::Answer {
                kind,
                pick,
                field,
                serial,
            } => self.edited(
                firm,
                *kind,
                answer(edit.firm, firm, (*kind, *pick, *field), *serial),
            ),
            Act::Remark { kind, pick, serial } => {
                self.remark(edit.firm, firm, *kind, *pick, *serial)
            }
            Act::Archive { kind, pick } => self.archive(edit.firm, firm, *kind, *pick),
            Act::Merge { kind, pick, other } => self.merge(edit.firm, firm, *kind, *pick, *other),
            Act::Enter { pick } => self.enter(edit.firm, firm, *pick),
            Act::Leave { pick } => firm.list.is_some_and(|list| {
                let members = firm.portal.list_members(list).unwrap_or_default();
                chosen(&members, *pick)
                    .is_some_and(|id| firm.portal.remove_from_list(list, &[*id]).is_ok())
            }),
            Act::Decide { kind, pick, choice } => {
                self.decide(edit.firm, firm, *kind, *pick, *choice)
            }
            Act::SyncNow => self.sync_now(firm),
        };
        world.note(|| {
            let done = if done { "" } else { " (refused)" };
            format!("-- {edit:?}{done}")
        });
    }

    fn add(
        &mut self,
        at: usize,
        firm: &Firm,
        kind: Kind,
        serial: u32,
        pick: usize,
        bare: bool,
    ) -> bool {
        // Who is in HubSpot arrives by itself.
        if self.world.shape.creates && self.by_hand.contains_key(&(at, kind, serial)) {
            return false;
        }
        // One person is entered once: two of one name are another story.
        if !self.added.insert((at, kind, serial)) {
            return false;
        }
        let Some(data) = new_record(at, firm, kind, serial, pick, bare) else {
            return false;
        };
        let Ok(id) = firm.account.add(kind.resource(), &data) else {
            return false;
        };
        let now = self.world.now();
        let record = firm.account.record(kind.resource(), id).unwrap_or_default();
        for (property, value) in crate::oracle::expected(kind, &record) {
            self.changes.insert((at, id, property), now);
            if value.is_some() {
                self.said.insert((at, id, property), (now, value));
            }
        }
        if let Some((hubspot, made)) = self.by_hand.get(&(at, kind, serial))
            && now - made >= SURELY_SEARCHABLE
        {
            self.twins.push(Twin {
                firm: at,
                kind,
                clio: id,
                hubspot: *hubspot,
            });
        }
        true
    }

    fn change(
        &mut self,
        at: usize,
        firm: &Firm,
        (kind, pick, field): (Kind, usize, usize),
        serial: Option<u32>,
    ) -> bool {
        let records = firm.records(kind);
        let (Some((id, record)), Some(field)) =
            (chosen(&records, pick), chosen(fields(kind), field))
        else {
            return false;
        };
        let Some(data) = change(at, record, kind, *field, serial) else {
            return false;
        };
        if firm.account.edit(kind.resource(), *id, &data).is_err() {
            return false;
        }
        let before = crate::oracle::expected(kind, record);
        let record = firm
            .account
            .record(kind.resource(), *id)
            .unwrap_or_default();
        for (property, value) in crate::oracle::expected(kind, &record) {
            let was = before.iter().find(|(name, _)| *name == property);
            if was.is_some_and(|(_, was)| *was == value) {
                continue;
            }
            let now = self.world.now();
            self.changes.insert((at, *id, property), now);
            self.said.insert((at, *id, property), (now, value));
            match was.and_then(|(_, was)| was.clone()) {
                Some(was) => self.replaced.insert((at, *id, property), was),
                None => self.replaced.remove(&(at, *id, property)),
            };
            // Who changes what a record is known by is no twin any more.
            if is_key(kind, property) {
                self.twins
                    .retain(|twin| (twin.firm, twin.clio) != (at, *id));
            }
        }
        true
    }

    fn by_hand(
        &mut self,
        at: usize,
        firm: &Firm,
        kind: Kind,
        serial: u32,
        nameless_key: bool,
    ) -> bool {
        let word = word(at, serial);
        let mut values: Vec<(&str, String)> = match kind {
            Kind::Contact => vec![
                ("firstname", word.clone()),
                ("lastname", "Stripe".to_owned()),
            ],
            Kind::Company => vec![("name", format!("{word} Holding"))],
            Kind::Deal => vec![
                ("dealname", format!("{word} matter")),
                ("dealstage", "appointmentscheduled".to_owned()),
                ("pipeline", "default".to_owned()),
            ],
            Kind::Ticket => vec![
                ("subject", format!("{word} task")),
                ("hs_pipeline", "0".to_owned()),
                ("hs_pipeline_stage", "1".to_owned()),
            ],
        };
        match kind {
            Kind::Contact if !nameless_key => values.push(("email", email(serial))),
            Kind::Company if !nameless_key => values.push(("domain", domain(at, serial))),
            _ => {}
        }
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        // Somebody who is there already is not entered again.
        let there = firm.portal.records(kind.object()).iter().any(|record| {
            values.iter().any(|(name, value)| {
                is_key(kind, name) && *name != "lastname" && record.value(name) == Some(value)
            })
        });
        if there {
            return false;
        }
        match firm.portal.create_by_hand(kind.object(), &values) {
            Ok(id) => {
                self.by_hand
                    .insert((at, kind, serial), (id, self.world.now()));
                self.world.tell(firm, kind, "creation", id, &Value::Null);
                true
            }
            Err(_) => false,
        }
    }

    fn remark(&mut self, at: usize, firm: &Firm, kind: Kind, pick: usize, serial: u32) -> bool {
        let records = firm.portal.records(kind.object());
        let Some(record) = chosen(&records, pick) else {
            return false;
        };
        let value = match kind {
            Kind::Deal => serial.to_string(),
            _ => format!("{CANARY} remark {serial}"),
        };
        let edited = firm
            .portal
            .edit(kind.object(), record.id, &[(unmapped(kind), &value)]);
        if edited.is_ok() {
            self.remarks.insert((at, kind, record.id), value);
        }
        edited.is_ok()
    }

    fn archive(&mut self, at: usize, firm: &Firm, kind: Kind, pick: usize) -> bool {
        let records = firm.portal.records(kind.object());
        chosen(&records, pick).is_some_and(|record| {
            self.disturbed.insert((at, kind, record.id));
            let archived = firm.portal.archive(kind.object(), record.id).is_ok();
            if archived {
                self.world
                    .tell(firm, kind, "deletion", record.id, &Value::Null);
            }
            archived
        })
    }

    fn merge(&mut self, at: usize, firm: &Firm, kind: Kind, pick: usize, other: usize) -> bool {
        let records = firm.portal.records(kind.object());
        let (Some(primary), Some(other)) = (chosen(&records, pick), chosen(&records, other)) else {
            return false;
        };
        if primary.id == other.id {
            return false;
        }
        let merged = firm.portal.merge(kind.object(), primary.id, other.id);
        if let Ok(survivor) = merged {
            for id in [primary.id, other.id, survivor] {
                self.disturbed.insert((at, kind, id));
                self.merged.insert((at, kind, id));
                self.remarks.remove(&(at, kind, id));
            }
            let ids = json!({
                "primaryObjectId": primary.id, "mergedObjectIds": [other.id], "newObjectId": survivor,
            });
            self.world.tell(firm, kind, "merge", survivor, &ids);
        }
        merged.is_ok()
    }

    fn enter(&mut self, at: usize, firm: &Firm, pick: usize) -> bool {
        let Some((kind, list)) = self.world.shape.door.zip(firm.list) else {
            return false;
        };
        chosen(&firm.portal.records(kind.object()), pick).is_some_and(|record| {
            self.listed.insert((at, kind, record.id));
            firm.portal.add_to_list(list, &[record.id]).is_ok()
        })
    }

    /// HubSpot tells of an edit.
    fn edited(&self, firm: &Firm, kind: Kind, record: Option<u64>) -> bool {
        if let Some(id) = record {
            self.world
                .tell(firm, kind, "propertyChange", id, &Value::Null);
        }
        record.is_some()
    }

    fn decide(
        &mut self,
        at: usize,
        firm: &Firm,
        kind: Kind,
        pick: usize,
        choice: Option<usize>,
    ) -> bool {
        let connection = firm.connection.borrow().clone();
        let numbers = |statement: &str, params: &[SqlValue]| -> Vec<Vec<Option<u64>>> {
            let rows = self.world.query(statement, params).unwrap_or_default();
            let number = |value: SqlValue| match value {
                SqlValue::Text(text) => text.parse().ok(),
                _ => None,
            };
            let of_row = |row: Vec<SqlValue>| row.into_iter().map(number).collect();
            rows.into_iter().map(of_row).collect()
        };
        let seen = numbers(
            "SELECT provider_id, hubspot_id FROM links WHERE connection_id = ?1 AND object = ?2 AND state <> 'provider_gone' \
             ORDER BY provider_id",
            &[connection.as_str().into(), kind.name().into()],
        );
        let Some([Some(id), before]) = chosen(&seen, pick).map(Vec::as_slice) else {
            return false;
        };
        let claimed = numbers(
            "SELECT hubspot_id FROM claims WHERE connection_id = ?1 AND object = ?2 AND provider_id = ?3 ORDER BY hubspot_id",
            &[
                connection.as_str().into(),
                kind.name().into(),
                id.to_string().into(),
            ],
        );
        let mut candidates: Vec<u64> = claimed.into_iter().flatten().flatten().collect();
        if candidates.is_empty() {
            // The page offers whom nobody is linked to.
            let linked: Vec<u64> = seen.iter().filter_map(|row| row.last().copied()?).collect();
            let all = firm.portal.records(kind.object()).into_iter();
            let free = all.filter(|record| !linked.contains(&record.id));
            candidates = free.map(|record| record.id).collect();
        }
        let choice = match choice {
            None => None,
            Some(choice) => match chosen(&candidates, choice) {
                Some(hubspot) => Some(*hubspot),
                None => return false,
            },
        };
        let portal = i64::try_from(firm.portal.id()).unwrap_or_default();
        let taken = self.world.query(
            "INSERT INTO companion_decision (portal_id, connection_id, object, provider_id, user_id, now, hubspot_id, companion_id) \
             VALUES (?1, ?2, ?3, ?4, 9001, ?5, ?6, NULL)",
            &[
                portal.into(),
                connection.into(),
                kind.name().into(),
                id.to_string().into(),
                self.world.now().into(),
                choice.map(|hubspot| hubspot.to_string()).into(),
            ],
        );
        if taken.is_ok() {
            self.decided.insert((at, kind, *id), choice);
            for hubspot in before.iter().chain(&choice) {
                self.disturbed.insert((at, kind, *hubspot));
            }
        }
        taken.is_ok()
    }

    fn sync_now(&self, firm: &Firm) -> bool {
        let statement = "UPDATE connections SET requested_at = coalesce (requested_at, ?2), due_at = min (coalesce (due_at, ?2), ?2) \
             WHERE connection_id = ?1 AND status = 'active' RETURNING 1";
        let connection = firm.connection.borrow().clone();
        let rows = self
            .world
            .query(statement, &[connection.into(), self.world.now().into()]);
        rows.is_ok_and(|rows| !rows.is_empty())
    }
}

/// Wraps around, so that any number is a choice.
fn chosen<T>(all: &[T], pick: usize) -> Option<&T> {
    all.get(pick.checked_rem(all.len())?)
}

/// Unix milliseconds as they were before the clocks of the services were set.
pub(crate) fn true_time(at: chrono::DateTime<chrono::Utc>, skew: i64) -> i64 {
    at.timestamp_millis() - skew
}

/// The first tick's time, for messages.
pub(crate) fn since_start(time: i64) -> i64 {
    time - START
}
