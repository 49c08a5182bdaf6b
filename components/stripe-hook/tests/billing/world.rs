//! A portal, an admin, and a Stripe that has what a test puts into it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_executor::block_on;
use serde_json::{Value, json};
use stripe_hook::routes;
use sync300_kit::ports::{HttpError, HttpRequest, HttpResponse, Sql as _, SqlValue};
use sync300_kit::secret::Secret;
use sync300_kit::signature::{Signed, sign_v3};
use sync300_kit::store::Store;
use sync300_kit::store::billing::Customer;
use sync300_kit::store::portals::Portal;
use sync300_kit::stripe::signature::sign;
use sync300_kit::surface::{Answer, Fields, Incoming};
use sync300_native_ports::NativePorts;

pub const NOON: i64 = 1_800_000_000_000;
pub const PORTAL: i64 = 70_000_001;
pub const ADMIN: i64 = 7;
pub const MEMBER: i64 = 8;
pub const CUSTOMER: &str = "cus_1";
pub const SECRET: &str = "whsec_test_secret";
const CLIENT_SECRET: &str = "hubspot-client-secret";
const PUBLIC: &str = "https://sync.example.com";

/// What Stripe has, and what was asked of it.
#[derive(Default)]
pub struct Stripe {
    /// Whom it knows. Lists of others' subscriptions, and pages for others, are refused.
    pub customers: Vec<String>,
    /// Ids and customers of the checkout sessions that can still be paid.
    pub open_checkouts: Vec<(String, String)>,
    /// Path and body of a POST by its idempotency key, and the answer to it.
    remembered: BTreeMap<String, (String, Value)>,
    /// As `GET /v1/subscriptions` gives them.
    pub subscriptions: Vec<Value>,
    /// Lookup keys that have a price.
    pub prices: Vec<&'static str>,
    /// Answers this status instead.
    pub failing: Option<u16>,
    /// Method and path of each request.
    pub asked: Vec<String>,
    /// Body and idempotency key of each POST.
    pub posted: Vec<(String, String)>,
}

impl Stripe {
    fn answer(&mut self, request: &HttpRequest) -> (u16, Value) {
        let path = request.url.strip_prefix("https://api.stripe.com").unwrap();
        self.asked.push(format!("{} {path}", request.method));
        let header = |name| {
            request
                .headers
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(header("authorization"), Some("Bearer sk_test_1"));
        assert_eq!(header("stripe-version"), Some("2026-10-28.endive"));
        if request.method == "POST" {
            let body = String::from_utf8(request.body.clone()).unwrap();
            let key = header("idempotency-key").unwrap_or_default();
            self.posted.push((body, key.to_owned()));
        }
        if let Some(status) = self.failing {
            return (
                status,
                json!({ "error": { "type": "api_error", "message": "for ada@example.com" } }),
            );
        }
        if request.method == "POST" {
            let body = String::from_utf8(request.body.clone()).unwrap();
            let key = header("idempotency-key").unwrap_or_default();
            let wish = format!("{path}?{body}");
            if !key.is_empty() {
                if let Some((known, answer)) = self.remembered.get(key) {
                    assert_eq!(*known, wish, "a key stands for one wish");
                    return (200, answer.clone());
                }
                let (status, answer) = self.create(path, &body);
                if status == 200 {
                    self.remembered
                        .insert(key.to_owned(), (wish, answer.clone()));
                }
                return (status, answer);
            }
        }
        let of = |name: &str| {
            let query = path.split_once('?').map_or("", |(_, query)| query);
            Fields::parse(query).unwrap().get(name).map(str::to_owned)
        };
        if let Some(customer) = of("customer")
            && !self.customers.contains(&customer)
        {
            return missing(400);
        }
        let list = |data: Vec<Value>| json!({ "object": "list", "has_more": false, "data": data });
        match path.split('?').next().unwrap() {
            "/v1/subscriptions" => {
                let all = self.subscriptions.iter();
                let of_customer = all.filter(|one| {
                    let whose = one["customer"].as_str().or(one["customer"]["id"].as_str());
                    whose == of("customer").as_deref()
                });
                (200, list(of_customer.cloned().collect()))
            }
            "/v1/prices" => {
                let has = self
                    .prices
                    .iter()
                    .any(|key| path.contains(&format!("lookup_keys[]={key}&")));
                (
                    200,
                    list(if has {
                        vec![json!({ "id": "price_1" })]
                    } else {
                        Vec::new()
                    }),
                )
            }
            "/v1/checkout/sessions" => {
                assert_eq!(of("status").as_deref(), Some("open"));
                let open = self.open_checkouts.iter();
                let of_customer = open.filter(|(_, whose)| Some(whose) == of("customer").as_ref());
                (
                    200,
                    list(of_customer.map(|(id, _)| json!({ "id": id })).collect()),
                )
            }
            path => {
                let expired = path
                    .strip_prefix("/v1/checkout/sessions/")
                    .and_then(|rest| rest.strip_suffix("/expire"));
                match (path.strip_prefix("/v1/subscriptions/"), expired) {
                    (Some(id), _) => self.end(request.method, id),
                    (None, Some(id)) => self.expire(id),
                    (None, None) => panic!("{path}"),
                }
            }
        }
    }

    /// What is made once for each key.
    fn create(&mut self, path: &str, body: &str) -> (u16, Value) {
        let fields = Fields::parse(body).unwrap();
        let customer = fields.get("customer").unwrap_or_default().to_owned();
        if path != "/v1/customers" && !self.customers.contains(&customer) {
            return missing(400);
        }
        let number = self.remembered.len() + 1;
        match path {
            "/v1/customers" => {
                let made = self.remembered.values();
                let id = match made.filter(|(wish, _)| wish.starts_with(path)).count() {
                    0 => CUSTOMER.to_owned(),
                    others => format!("cus_{}", others + 1),
                };
                self.customers.push(id.clone());
                (200, json!({ "id": id }))
            }
            "/v1/checkout/sessions" => {
                let id = format!("cs_{number}");
                self.open_checkouts.push((id.clone(), customer));
                let url = format!("https://checkout.stripe.com/c/pay/{id}");
                (200, json!({ "id": id, "url": url }))
            }
            "/v1/billing_portal/sessions" => (
                200,
                json!({ "id": "bps_1", "url": format!("https://billing.stripe.com/p/{number}") }),
            ),
            other => panic!("{other}"),
        }
    }

    /// Closes a checkout that is open, and no other.
    fn expire(&mut self, id: &str) -> (u16, Value) {
        let open = self.open_checkouts.len();
        self.open_checkouts.retain(|(known, _)| known != id);
        match open > self.open_checkouts.len() {
            true => (200, json!({ "id": id, "status": "expired" })),
            false => (400, json!({ "error": { "type": "invalid_request_error" } })),
        }
    }

    /// The customer is deleted, and all subscriptions and pages with it.
    pub fn delete(&mut self, customer: &str) {
        self.customers.retain(|id| id != customer);
        self.open_checkouts.retain(|(_, whose)| whose != customer);
        self.subscriptions.retain(|one| one["customer"] != customer);
    }

    /// A subscription is ended with its period, or at once.
    fn end(&mut self, method: &str, id: &str) -> (u16, Value) {
        let found = self.subscriptions.iter_mut().find(|one| one["id"] == id);
        let Some(subscription) = found else {
            return missing(404);
        };
        match method {
            "POST" => subscription["cancel_at_period_end"] = true.into(),
            "DELETE" => subscription["status"] = "canceled".into(),
            other => panic!("{other}"),
        }
        (200, subscription.clone())
    }
}

fn missing(status: u16) -> (u16, Value) {
    (
        status,
        json!({ "error": { "type": "invalid_request_error", "code": "resource_missing" } }),
    )
}

pub struct World {
    pub ports: NativePorts,
    pub stripe: Rc<RefCell<Stripe>>,
}

/// A subscription as Stripe lists it.
pub fn subscription(key: &str, status: &str, period_end: i64) -> Value {
    json!({
        "id": "sub_1", "object": "subscription", "customer": CUSTOMER, "status": status,
        "metadata": { "sync300_portal_id": PORTAL.to_string() },
        "items": { "object": "list", "has_more": false, "data": [{
            "id": "si_1", "object": "subscription_item", "quantity": 1, "current_period_end": period_end,
            "price": { "id": "price_1", "object": "price", "lookup_key": key, "metadata": {} },
        }] },
    })
}

/// An event about the customer.
pub fn event(id: &str, kind: &str) -> Value {
    json!({
        "id": id, "object": "event", "type": kind, "created": NOON / 1_000, "api_version": "2026-10-28.endive",
        "livemode": false, "data": { "object": { "id": "sub_1", "object": "subscription", "customer": CUSTOMER } },
    })
}

impl World {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// With other variables than usual.
    pub fn with(variables: &[(&str, &str)]) -> Self {
        let stripe = Rc::new(RefCell::new(Stripe::default()));
        let answering = stripe.clone();
        let mut ports = NativePorts::in_memory()
            .unwrap()
            .with_http(Box::new(move |request| {
                let (status, body) = answering.borrow_mut().answer(&request);
                if status == 0 {
                    return Err(HttpError::Network);
                }
                Ok(HttpResponse {
                    status,
                    headers: Vec::new(),
                    body: body.to_string().into_bytes(),
                })
            }));
        let usual = [
            ("billing", "stripe"),
            ("stripe_secret_key", "sk_test_1"),
            ("stripe_webhook_secrets", SECRET),
            ("stripe_api_url", "https://api.stripe.com"),
            ("hubspot_client_secret", CLIENT_SECRET),
            ("hubspot_app_id", "4711"),
            ("public_url", PUBLIC),
        ];
        for (name, value) in usual.iter().chain(variables) {
            ports = ports.with_variable(name, value);
        }
        ports.set_now(NOON);
        let store = Store::new(&ports);
        block_on(store.migrate()).unwrap();
        let portal = Portal {
            id: PORTAL,
            ui_domain: "app-eu1.hubspot.com".to_owned(),
            time_zone: None,
        };
        block_on(store.put_portal(&portal)).unwrap();
        block_on(store.put_role(PORTAL, ADMIN, true)).unwrap();
        block_on(store.put_role(PORTAL, MEMBER, false)).unwrap();
        Self { ports, stripe }
    }

    /// Bound to its portal already.
    pub fn bound() -> Self {
        let world = Self::new();
        world.stripe.borrow_mut().customers = vec![CUSTOMER.to_owned()];
        assert!(block_on(Store::new(&world.ports).bind_customer(CUSTOMER, PORTAL)).unwrap());
        world
    }

    /// Bound, and subscribed.
    pub fn subscribed(status: &str) -> Self {
        let world = Self::bound();
        world.put(subscription("sync300_starter_monthly", status, 500));
        let created = event("evt_0", "customer.subscription.created");
        assert_eq!(world.deliver(&created), 200);
        world
    }

    /// The only subscription, of a customer whom Stripe knows.
    pub fn put(&self, subscription: Value) {
        let mut stripe = self.stripe.borrow_mut();
        if !stripe.customers.iter().any(|id| id == CUSTOMER) {
            stripe.customers.push(CUSTOMER.to_owned());
        }
        stripe.subscriptions = vec![subscription];
    }

    pub fn answer(&self, incoming: &Incoming) -> Answer {
        block_on(routes::answer(&self.ports, incoming))
    }

    /// Delivers an event, signed now.
    pub fn deliver(&self, event: &Value) -> u16 {
        self.deliver_bytes(event.to_string().into_bytes()).status
    }

    pub fn deliver_bytes(&self, body: Vec<u8>) -> Answer {
        use sync300_kit::ports::Clock as _;

        let signature = sign(&Secret::new(SECRET), self.ports.now() / 1_000, &body).unwrap();
        self.webhook(body, &[("stripe-signature", &signature)])
    }

    pub fn webhook(&self, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        self.answer(&Incoming {
            method: "POST".to_owned(),
            target: "/stripe/webhook".to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
                .collect(),
            body,
            request_id: "0123456789abcdef".to_owned(),
        })
    }

    /// A request that HubSpot signed for a user.
    pub fn signed(&self, method: &str, path: &str, user: i64, body: &Value) -> Value {
        let target = format!("{path}?portalId={PORTAL}&userId={user}");
        let body = match body {
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        let timestamp = NOON.to_string();
        let uri = format!("{PUBLIC}{target}");
        let signed = Signed {
            method,
            uri: &uri,
            body: &body,
        };
        let signature = sign_v3(&Secret::new(CLIENT_SECRET), signed, &timestamp).unwrap();
        let headers = [
            ("x-hubspot-signature-v3", signature),
            ("x-hubspot-request-timestamp", timestamp),
            ("content-type", "application/json".to_owned()),
        ];
        let answer = self.answer(&Incoming {
            method: method.to_owned(),
            target,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.into_bytes()))
                .into(),
            body,
            request_id: "0123456789abcdef".to_owned(),
        });
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    pub fn view(&self) -> Value {
        self.signed("GET", "/billing", MEMBER, &Value::Null)
    }

    pub fn customer(&self) -> Option<Customer> {
        block_on(Store::new(&self.ports).customer(CUSTOMER)).unwrap()
    }

    /// Plan, status and end of the period.
    pub fn state(&self) -> Option<(String, String, Option<i64>)> {
        let bought = self.customer()?.subscription?;
        Some((bought.plan, bought.status, bought.period_end))
    }

    pub fn sql(&self, statement: &str) -> Vec<Vec<SqlValue>> {
        block_on(self.ports.execute(statement, &[])).unwrap()
    }

    pub fn count(&self, table: &str) -> i64 {
        match self.sql(&format!("SELECT count(*) FROM {table}"))[0][0] {
            SqlValue::Integer(count) => count,
            ref other => panic!("{other:?}"),
        }
    }

    pub fn log(&self) -> String {
        self.ports.log_lines().join("\n")
    }
}

pub fn state(plan: &str, status: &str, seconds: i64) -> Option<(String, String, Option<i64>)> {
    Some((plan.to_owned(), status.to_owned(), Some(seconds * 1_000)))
}
