//! A provider whose customers take values of HubSpot's companies, and of a deal of each. The connector is of tests alone: it
//! declares what Clio has no use for.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};
use sync300_fakes::hubspot::ObjectType;
use sync300_kit::ports::{HttpError, HttpRequest, HttpResponse, Random as _, Variables as _};
use sync300_kit::review::{self, Refusal};
use sync300_kit::secret::Secret;
use sync300_kit::settings::{Direction, ObjectSettings, Settings};
use sync300_kit::store::Store;
use sync300_kit::store::connections::NewConnection;
use sync300_kit::vault::{Purpose, Vault};
use sync300_native_ports::firm::{ADMIN, Firm, PORTAL, START, at_once};

const CONNECTION: &str = "cafe0000000000000000000000000002";
const HOST: &str = "https://test-customers.example.com/v1";
const MINUTE: i64 = 60_000;

/// The provider: its customers by id, and how often they were written to.
#[derive(Default)]
struct Customers {
    records: BTreeMap<u64, Value>,
    writes: Vec<Value>,
}

impl Customers {
    /// As strict as the declaration: a path, a method or a field that it does not have is refused.
    fn answer(&mut self, request: &HttpRequest, now: i64) -> Result<HttpResponse, HttpError> {
        let rest = request.url.strip_prefix(HOST).ok_or(HttpError::Forbidden)?;
        let token = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("authorization") && value == "Bearer customers-token"
        };
        if !request.headers.iter().any(token) {
            return answer(401, &json!({}));
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let record = path.strip_prefix("/customers/").map(str::parse);
        match (request.method, path, record) {
            ("GET", "/customers", _) => {
                let asked: Vec<u64> = url::form_urlencoded::parse(query.as_bytes())
                    .filter(|(name, _)| name == "ids[]")
                    .map(|(_, id)| id.parse().unwrap())
                    .collect();
                let fits = |id: &u64| asked.is_empty() || asked.contains(id);
                let data: Vec<&Value> = self
                    .records
                    .iter()
                    .filter(|(id, _)| fits(id))
                    .map(|(_, record)| record)
                    .collect();
                answer(200, &json!({ "data": data }))
            }
            ("GET", _, Some(Ok(id))) => match self.records.get(&id) {
                Some(record) => answer(200, &json!({ "data": record })),
                None => answer(404, &json!({})),
            },
            ("PATCH", _, Some(Ok(id))) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap();
                let Some(record) = self.records.get_mut(&id).and_then(Value::as_object_mut) else {
                    return answer(404, &json!({}));
                };
                for (name, value) in body["data"].as_object().unwrap() {
                    if !record.contains_key(name) {
                        return answer(422, &json!({ "unknown": name }));
                    }
                    record.insert(name.clone(), value.clone());
                }
                record.insert("updated_at".to_owned(), time(now));
                let changed = json!({ "data": record });
                self.writes.push(body["data"].clone());
                answer(200, &changed)
            }
            _ => answer(404, &json!({})),
        }
    }
}

fn time(millis: i64) -> Value {
    json!(
        chrono::DateTime::from_timestamp_millis(millis)
            .unwrap()
            .to_rfc3339()
    )
}

fn answer(status: u16, body: &Value) -> Result<HttpResponse, HttpError> {
    Ok(HttpResponse {
        status,
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    })
}

struct World {
    firm: Firm,
    customers: Rc<RefCell<Customers>>,
}

impl World {
    /// A customer and a company that share a domain, both ways.
    fn new() -> (Self, u64, u64) {
        let firm = Firm::new().unwrap();
        let customers = Rc::new(RefCell::new(Customers::default()));
        let serving = Rc::clone(&customers);
        let handler =
            move |request: HttpRequest| serving.borrow_mut().answer(&request, START + MINUTE);
        *firm.services.other.borrow_mut() = Some(Box::new(handler));
        let world = Self { firm, customers };
        world.connect();
        let id = 501;
        let customer = json!({
            "id": id, "name": "Acme", "domain": "acme.example", "city": null, "deal_name": null, "deal_amount": null,
            "updated_at": time(START),
        });
        world.customers.borrow_mut().records.insert(id, customer);
        let company = world
            .firm
            .portal
            .create_by_hand(
                ObjectType::Companies,
                &[
                    ("name", "Acme Inc"),
                    ("domain", "acme.example"),
                    ("city", "Bonn"),
                ],
            )
            .unwrap();
        (world, id, company)
    }

    fn connect(&self) {
        let ports = &self.firm.ports;
        let store = Store::new(ports);
        let ring = ports.variable("vault_keys");
        let vault = Vault::from_ring(ring.as_ref()).unwrap();
        let purpose = |name| Purpose {
            portal: PORTAL,
            connection: CONNECTION,
            name,
        };
        let mut key = [0_u8; 32];
        ports.fill(&mut key).unwrap();
        let sealed = vault.seal(ports, purpose("fingerprint_key"), &key).unwrap();
        let both = ObjectSettings {
            direction: Direction::Both,
            ..ObjectSettings::default()
        };
        let settings = Settings {
            objects: [("customers".to_owned(), both)].into(),
        };
        let connection = NewConnection {
            id: CONNECTION,
            portal: PORTAL,
            connector: "test_customers",
            region: "us",
            settings: &settings,
            frequency: 15,
            fingerprint_key: &sealed,
        };
        at_once(store.add_connection(&connection)).unwrap().unwrap();
        let token = Secret::new("customers-token");
        at_once(store.put_credential(&vault, purpose("access_token"), &token, None))
            .unwrap()
            .unwrap();
    }

    /// A deal of a company, made a while after the last one.
    fn deal(&self, company: u64, name: &str, amount: &str) -> u64 {
        self.firm.pass(MINUTE);
        let portal = &self.firm.portal;
        let deal = portal
            .create_by_hand(
                ObjectType::Deals,
                &[
                    ("dealname", name),
                    ("amount", amount),
                    ("dealstage", "appointmentscheduled"),
                ],
            )
            .unwrap();
        portal
            .associate((ObjectType::Deals, deal), (ObjectType::Companies, company))
            .unwrap();
        deal
    }

    fn sync(&self) {
        // HubSpot's index has caught up.
        self.firm.pass(5 * MINUTE);
        at_once(Store::new(&self.firm.ports).request_sync(CONNECTION))
            .unwrap()
            .unwrap();
        self.firm.sync().unwrap();
    }

    fn customer(&self, id: u64) -> [Value; 3] {
        let customers = self.customers.borrow();
        let record = &customers.records[&id];
        ["city", "deal_name", "deal_amount"].map(|name| record[name].clone())
    }

    fn writes(&self) -> usize {
        self.customers.borrow().writes.len()
    }

    fn decide(&self, id: u64, company: u64, deal: Option<&str>) -> Result<(), Refusal> {
        let id = id.to_string();
        let record = review::Record {
            portal: PORTAL,
            user: ADMIN,
            connection: CONNECTION,
            object: "customers",
            id: &id,
        };
        at_once(review::link(
            &self.firm.ports,
            record,
            &company.to_string(),
            deal,
        ))
        .unwrap()
    }
}

/// S2-12, S2-15: of a linked company's deals the most recently created one is taken; its values and the company's go to the
/// provider, and nothing of the deal comes to HubSpot's company.
#[test]
fn the_newest_deal_of_the_company_is_taken() {
    let (world, customer, company) = World::new();
    world.deal(company, "First", "100");
    world.deal(company, "Second", "250");
    world.sync();
    assert_eq!(
        world.customer(customer),
        [json!("Bonn"), json!("Second"), json!("250")]
    );
    let links = "SELECT count(*) FROM links WHERE object = 'customers' AND state = 'active'";
    assert_eq!(world.firm.number(links).unwrap(), Some(1));
    let company = world.firm.portal.record(ObjectType::Companies, company);
    let company = company.unwrap();
    let ours = |name: &&str| !name.starts_with("hs_") && !name.starts_with("sync300_");
    let names: Vec<&str> = company.values().into_keys().filter(ours).collect();
    assert_eq!(names, ["city", "createdate", "domain", "name"]);

    // Nothing changed: nothing is written.
    let writes = world.writes();
    world.sync();
    assert_eq!(world.writes(), writes);
}

/// S2-13: no deal, no values of one; the company's own are there.
#[test]
fn without_deals_none_is_taken() {
    let (world, customer, _) = World::new();
    world.sync();
    assert_eq!(
        world.customer(customer),
        [json!("Bonn"), Value::Null, Value::Null]
    );
}

/// S2-15, S2-56, S2-75, DX-06: a deal that is edited, and a newer one, take effect in the next run, though nothing of the
/// company itself was edited.
#[test]
fn what_changes_about_deals_follows() {
    let (world, customer, company) = World::new();
    let first = world.deal(company, "First", "100");
    world.sync();
    world
        .firm
        .portal
        .edit(ObjectType::Deals, first, &[("amount", "120")])
        .unwrap();
    world.sync();
    assert_eq!(world.customer(customer)[2], json!("120"));

    world.deal(company, "Second", "300");
    world.sync();
    assert_eq!(
        world.customer(customer)[1..],
        [json!("Second"), json!("300")]
    );
}

/// S2-14, S2-34, S2-84, DX-06: a deal that a person chose stays, whatever is newer, and its edits follow; chosen away, the
/// newest counts again.
#[test]
fn a_deal_chosen_by_hand_stays() {
    let (world, customer, company) = World::new();
    let first = world.deal(company, "First", "100");
    world.deal(company, "Second", "250");
    world.sync();
    world
        .decide(customer, company, Some(&first.to_string()))
        .unwrap();
    world.sync();
    assert_eq!(
        world.customer(customer)[1..],
        [json!("First"), json!("100")]
    );

    world.deal(company, "Third", "900");
    world
        .firm
        .portal
        .edit(ObjectType::Deals, first, &[("amount", "110")])
        .unwrap();
    world.sync();
    assert_eq!(
        world.customer(customer)[1..],
        [json!("First"), json!("110")]
    );

    world.decide(customer, company, None).unwrap();
    world.sync();
    assert_eq!(
        world.customer(customer)[1..],
        [json!("Third"), json!("900")]
    );
}

/// S2-14: what is no id of a record is refused, and a link that is refused takes no deal with it.
#[test]
fn a_refused_choice_changes_nothing() {
    let (world, customer, company) = World::new();
    let deal = world.deal(company, "First", "100").to_string();
    world.sync();
    let choices = "SELECT count(*) FROM companion_choices";
    assert!(matches!(
        world.decide(customer, company, Some("1 OR 1")),
        Err(Refusal::BadHubSpotId)
    ));
    assert!(matches!(
        world.decide(customer + 1, company, Some(&deal)),
        Err(Refusal::UnknownRecord)
    ));
    assert_eq!(world.firm.number(choices).unwrap(), Some(0));
}
