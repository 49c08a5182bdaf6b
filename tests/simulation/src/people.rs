//! What people do at both ends, and what must be remembered of it to judge the end.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;

use crate::plan::{Act, Edit, Kind};
use crate::world::{Firm, START, World};

/// Every personal value holds this text, so that it is found where it must not be.
pub(crate) const CANARY: &str = "zebra";

/// Every phone number holds these digits.
pub(crate) const CANARY_PHONE: &str = "212736";

/// A mapped field that people edit at both ends, by the index in [`fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    /// The HubSpot property.
    pub property: &'static str,
    /// Under which name, or in which list of parts, Clio has it.
    pub clio: &'static str,
}

const fn field(property: &'static str, clio: &'static str) -> Field {
    Field { property, clio }
}

const CONTACT: &[Field] = &[
    field("firstname", "first_name"),
    field("lastname", "last_name"),
    field("jobtitle", "title"),
    field("email", "email_addresses"),
    field("phone", "phone_numbers"),
    field("city", "addresses.city"),
    field("address", "addresses.street"),
];

const COMPANY: &[Field] = &[
    field("name", "name"),
    field("domain", "web_sites"),
    field("phone", "phone_numbers"),
    field("city", "addresses.city"),
];

const DEAL: &[Field] = &[
    field("dealname", "description"),
    field("dealstage", "status"),
    field("sync300_clio_open_date", "open_date"),
];

const TICKET: &[Field] = &[
    field("subject", "name"),
    field("content", "description"),
    field("hs_pipeline_stage", "status"),
    field("hs_ticket_priority", "priority"),
];

/// The fields that people edit.
pub(crate) fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Contact => CONTACT,
        Kind::Company => COMPANY,
        Kind::Deal => DEAL,
        Kind::Ticket => TICKET,
    }
}

impl Kind {
    /// In HubSpot.
    pub(crate) fn object(self) -> ObjectType {
        match self {
            Self::Contact => ObjectType::Contacts,
            Self::Company => ObjectType::Companies,
            Self::Deal => ObjectType::Deals,
            Self::Ticket => ObjectType::Tickets,
        }
    }

    /// In Clio.
    pub(crate) fn resource(self) -> Resource {
        match self {
            Self::Contact | Self::Company => Resource::Contacts,
            Self::Deal => Resource::Matters,
            Self::Ticket => Resource::Tasks,
        }
    }

    /// In the engine's tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Company => "companies",
            Self::Deal => "matters",
            Self::Ticket => "tasks",
        }
    }
}

impl Firm {
    /// The Clio records of a kind, by id.
    pub(crate) fn records(&self, kind: Kind) -> Vec<(u64, Value)> {
        let wanted = match kind {
            Kind::Contact => Some("Person"),
            Kind::Company => Some("Company"),
            Kind::Deal | Kind::Ticket => None,
        };
        self.account
            .records(kind.resource())
            .into_iter()
            .filter(|record| {
                wanted.is_none_or(|wanted| record.get("type").is_some_and(|is| is == wanted))
            })
            .filter_map(|record| Some((record.get("id")?.as_u64()?, record)))
            .collect()
    }
}

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

fn relate(firm: &Firm, contact: usize, matter: usize) -> bool {
    let (contacts, matters) = (
        firm.account.ids(Resource::Contacts),
        firm.account.ids(Resource::Matters),
    );
    let (Some(contact), Some(matter)) = (chosen(&contacts, contact), chosen(&matters, matter))
    else {
        return false;
    };
    let data = json!({ "contact": { "id": contact }, "matter": { "id": matter }, "description": "Witness" });
    firm.account.add(Resource::Relationships, &data).is_ok()
}

/// Stages are left to Clio: a person who moves a deal by hand is another story.
fn touch(
    at: usize,
    firm: &Firm,
    (kind, pick, field): (Kind, usize, usize),
    serial: u32,
) -> Option<u64> {
    let records = firm.portal.records(kind.object());
    let free: Vec<&'static str> = fields(kind)
        .iter()
        .map(|field| field.property)
        .filter(|name| {
            !is_key(kind, name) && !name.ends_with("stage") && !name.starts_with("sync300")
        })
        .collect();
    let (record, property) = (chosen(&records, pick)?, chosen(&free, field)?);
    let value = match *property {
        "phone" => format!("+1{CANARY_PHONE}{:04}", serial % 10_000),
        "hs_ticket_priority" => "URGENT".to_owned(),
        _ => format!("{} by hand", word(at, serial)),
    };
    let edited = firm
        .portal
        .edit(kind.object(), record.id, &[(*property, &value)]);
    edited.ok().map(|()| record.id)
}

/// Edits a linked record in HubSpot, as a firm does that works there too.
fn answer(
    at: usize,
    firm: &Firm,
    (kind, pick, field): (Kind, usize, usize),
    serial: Option<u32>,
) -> Option<u64> {
    let mut records = firm.portal.records(kind.object());
    records.retain(|record| record.value(crate::oracle::SOURCE).is_some());
    let free: Vec<&'static str> = fields(kind)
        .iter()
        .map(|field| field.property)
        // Nobody goes without a name or a stage; a domain of HubSpot's is not written over an address of Clio's.
        .filter(|name| *name != "domain")
        .filter(|name| serial.is_some() || !(is_name(kind, name) || name.ends_with("stage")))
        .collect();
    let (record, property) = (chosen(&records, pick)?, chosen(&free, field)?);
    let value = match (*property, serial) {
        (_, None) => String::new(),
        ("phone", Some(serial)) => format!("+1{CANARY_PHONE}{:04}", serial % 10_000),
        ("email", Some(serial)) => email(serial),
        ("sync300_clio_open_date", Some(serial)) => format!("2025-12-{:02}", 1 + serial % 28),
        ("dealstage", Some(serial)) => {
            let pipelines = firm.portal.pipelines(kind.object());
            let ours = pipelines
                .into_iter()
                .find(|pipeline| pipeline.label.starts_with("Clio"));
            let stages = ours.map(|pipeline| pipeline.stages).unwrap_or_default();
            chosen(&stages, serial as usize)?.id.clone()
        }
        (_, Some(serial)) => format!("{} by hand", word(at, serial)),
    };
    let edited = firm
        .portal
        .edit(kind.object(), record.id, &[(*property, &value)]);
    edited.ok().map(|()| record.id)
}

fn is_name(kind: Kind, property: &str) -> bool {
    property != "email" && is_key(kind, property)
}

/// What records of a kind are found by.
pub(crate) fn is_key(kind: Kind, property: &str) -> bool {
    match kind {
        Kind::Contact => ["email", "firstname", "lastname"].contains(&property),
        Kind::Company => ["domain", "name"].contains(&property),
        Kind::Deal => property == "dealname",
        Kind::Ticket => property == "subject",
    }
}

/// A property that no mapping knows.
pub(crate) fn unmapped(kind: Kind) -> &'static str {
    match kind {
        Kind::Contact => "website",
        Kind::Company => "description",
        Kind::Deal => "amount",
        Kind::Ticket => "hubspot_owner_id",
    }
}

/// A name in letters: one person's, of one firm.
pub(crate) fn word(firm: usize, serial: u32) -> String {
    let mut letters = String::new();
    let mut rest = serial;
    loop {
        letters.push(char::from(b'a' + (rest % 26) as u8));
        rest /= 26;
        if rest == 0 {
            break;
        }
    }
    // An end of its own, so that no word is the beginning of another.
    format!("Zebra{}{letters}q", mark(firm))
}

/// What every name of a firm carries behind the canary, to tell two firms apart.
pub(crate) fn mark(firm: usize) -> char {
    if firm.is_multiple_of(2) { 'x' } else { 'y' }
}

/// The same for every firm: what tells people apart must not lead across portals.
fn email(serial: u32) -> String {
    format!("{CANARY}.{serial}@example.org")
}

fn domain(firm: usize, serial: u32) -> String {
    format!("{}.com", word(firm, serial).to_lowercase())
}

fn phone(serial: u32) -> String {
    format!("(212) 736-{:04}", serial % 10_000)
}

/// What a `POST` for a new record has under `data`; None where what it needs is not there.
fn new_record(
    at: usize,
    firm: &Firm,
    kind: Kind,
    serial: u32,
    pick: usize,
    bare: bool,
) -> Option<Value> {
    let word = word(at, serial);
    let mut data = match kind {
        Kind::Contact => json!({ "type": "Person", "first_name": word, "last_name": "Stripe" }),
        Kind::Company => json!({ "type": "Company", "name": format!("{word} Holding") }),
        Kind::Deal => {
            let (client, _) = chosen(&firm.records(Kind::Contact), pick)?.clone();
            json!({ "client": { "id": client }, "description": format!("{word} matter"), "status": "open" })
        }
        Kind::Ticket => {
            let user = firm.account.ids(Resource::Users).first().copied()?;
            let assignee = json!({ "id": user, "type": "User" });
            json!({ "name": format!("{word} task"), "description": format!("{word} text"), "assignee": assignee })
        }
    };
    let fields = data.as_object_mut()?;
    if !bare {
        let more = match kind {
            Kind::Contact => json!({
                "title": format!("{word} title"),
                "email_addresses": [{ "name": "Work", "address": email(serial), "default_email": true }],
                "phone_numbers": [{ "name": "Work", "number": phone(serial), "default_number": true }],
                "addresses": [{ "name": "Work", "street": format!("{word} street 1"), "city": format!("{word} city") }],
            }),
            Kind::Company => json!({
                "web_sites": [{ "name": "Work", "address": format!("https://www.{}/about", domain(at, serial)), "default_web_site": true }],
                "addresses": [{ "name": "Work", "street": format!("{word} street 1"), "city": format!("{word} city") }],
            }),
            Kind::Deal | Kind::Ticket => json!({}),
        };
        fields.extend(more.as_object()?.clone());
        match kind {
            Kind::Contact => {
                if let Some((company, _)) = chosen(&firm.records(Kind::Company), pick) {
                    fields.insert("company".to_owned(), json!({ "id": company }));
                }
            }
            Kind::Ticket => {
                if let Some(matter) = chosen(&firm.account.ids(Resource::Matters), pick) {
                    fields.insert("matter".to_owned(), json!({ "id": matter }));
                }
            }
            Kind::Company | Kind::Deal => {}
        }
    }
    Some(data)
}

/// What a `PATCH` of one field has under `data`; None where Clio would refuse it, or nothing would change.
fn change(
    at: usize,
    record: &Value,
    kind: Kind,
    field: Field,
    serial: Option<u32>,
) -> Option<Value> {
    let text = serial.map(|serial| word(at, serial));
    let part = |list: &str| {
        let first = record[list].as_array().and_then(|parts| parts.first());
        first.and_then(|part| part["id"].as_u64())
    };
    let parts = |list: &str, name: &str, value: Option<String>| match (part(list), value) {
        (Some(id), None) => Some(json!({ list: [{ "id": id, "_destroy": true }] })),
        (None, None) => None,
        (Some(id), Some(value)) => Some(json!({ list: [{ "id": id, name: value }] })),
        (None, Some(value)) => Some(json!({ list: [{ "name": "Work", name: value }] })),
    };
    match (field.clio, kind) {
        ("email_addresses", _) => parts("email_addresses", "address", serial.map(email)),
        ("phone_numbers", _) => parts("phone_numbers", "number", serial.map(phone)),
        ("web_sites", _) => {
            let address = serial.map(|serial| format!("https://{}", domain(at, serial)));
            parts("web_sites", "address", address)
        }
        ("addresses.city", _) => {
            let id = part("addresses")?;
            Some(json!({ "addresses": [{ "id": id, "city": text }] }))
        }
        ("addresses.street", _) => {
            let id = part("addresses")?;
            Some(json!({ "addresses": [{ "id": id, "street": text }] }))
        }
        ("status", Kind::Deal) => {
            let status = ["open", "pending", "closed"];
            Some(json!({ "status": status.get(serial? as usize % 3)? }))
        }
        ("status", _) => {
            let status = ["pending", "in_progress", "in_review", "complete"];
            Some(json!({ "status": status.get(serial? as usize % 4)? }))
        }
        ("priority", _) => {
            let priority = ["High", "Normal", "Low"];
            Some(json!({ "priority": priority.get(serial? as usize % 3)? }))
        }
        ("open_date", _) => {
            let day = 1 + serial? % 28;
            Some(json!({ "open_date": format!("2025-11-{day:02}") }))
        }
        // A record keeps its name.
        ("first_name" | "name", _) => Some(json!({ field.clio: text? })),
        ("description", Kind::Deal) => Some(json!({ field.clio: text? })),
        (name, _) => Some(json!({ name: text })),
    }
}

/// Unix milliseconds as they were before the clocks of the services were set.
pub(crate) fn true_time(at: chrono::DateTime<chrono::Utc>, skew: i64) -> i64 {
    at.timestamp_millis() - skew
}

/// The first tick's time, for messages.
pub(crate) fn since_start(time: i64) -> i64 {
    time - START
}
