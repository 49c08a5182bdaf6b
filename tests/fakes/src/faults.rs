//! Failures on demand.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

/// The next `times` calls that match fail in one way.
#[derive(Debug, Clone)]
pub struct Fault {
    /// None: every method.
    pub method: Option<String>,
    /// A part of the path with its query; empty: every path.
    pub path: String,
    /// How many matching calls pass unharmed before.
    pub after: u32,
    /// How many calls fail.
    pub times: u32,
    /// In which way.
    pub effect: Effect,
}

impl Fault {
    /// The next call whose path contains `path`.
    pub fn once(path: impl Into<String>, effect: Effect) -> Self {
        Self {
            method: None,
            path: path.into(),
            after: 0,
            times: 1,
            effect,
        }
    }

    /// Only calls of this method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// So many calls instead of one.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets so many matching calls pass first.
    pub fn after(mut self, calls: u32) -> Self {
        self.after = calls;
        self
    }
}

/// What happens to a call.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Nothing is performed; this is the answer.
    Answer {
        /// HTTP status, 477 and 423 included.
        status: u16,
        /// Beside `content-type: application/json`.
        headers: Vec<(String, String)>,
        /// As it is.
        body: String,
    },
    /// Performed as usual, but later.
    Delay(Duration),
    /// The connection is dropped; nothing was performed.
    Drop,
    /// Performed, and the connection is dropped before the answer: a crash seen from outside.
    PerformThenDrop,
    /// Performed as usual, and answered later: whoever waits may not live to hear of it.
    PerformThenDelay(Duration),
    /// Performed, and the answer is changed.
    Tamper(Tamper),
}

impl Effect {
    /// An answer without headers of its own.
    pub fn answer(status: u16, body: impl Into<String>) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }
}

impl Effect {
    /// A page in place of JSON, as gateways and maintenance put there.
    pub fn page(status: u16, body: impl Into<String>) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type".to_owned(), "text/html".to_owned())],
            body: body.into(),
        }
    }
}

/// How an answer is changed.
#[derive(Debug, Clone)]
pub enum Tamper {
    /// The body is no JSON.
    Malformed,
    /// The body ends in its middle.
    Truncate,
    /// `meta.paging.next` leads to another host (scheme and authority).
    ForeignNext(String),
    /// `meta.paging.next` leads to the page that was just asked for.
    RepeatPage,
    /// The first text field of every record grows to so many bytes.
    HugeField(usize),
    /// Null characters within every text field but ids.
    NullBytes,
    /// Numbers where texts should be, texts where objects should be.
    WrongTypes,
}

impl Tamper {
    pub(crate) fn apply(&self, url: &str, body: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Malformed => b"{\"data\":[{\"id\":1,,]}".to_vec(),
            Self::Truncate => body.get(..body.len() / 2).unwrap_or_default().to_vec(),
            Self::ForeignNext(host) => edit(body, |json| set_next(json, foreign(url, host))),
            Self::RepeatPage => edit(body, |json| set_next(json, url.to_owned())),
            Self::HugeField(bytes) => edit(body, |json| {
                each_record(json, |record| {
                    if let Some(text) = record.values_mut().find(|value| value.is_string()) {
                        *text = Value::String("x".repeat(*bytes));
                    }
                });
            }),
            Self::NullBytes => edit(body, |json| {
                each_record(json, |record| {
                    for (key, value) in record.iter_mut() {
                        if let (true, Value::String(text)) = (key != "id" && key != "etag", value) {
                            text.insert(text.floor_char_boundary(text.len() / 2), ' ');
                            *text = text.replacen(' ', "\0", 1);
                        }
                    }
                });
            }),
            Self::WrongTypes => edit(body, |json| {
                each_record(json, |record| {
                    for (key, value) in record.iter_mut().filter(|(key, _)| *key != "id") {
                        *value = match value {
                            Value::String(_) => json!(42),
                            Value::Object(_) | Value::Array(_) => json!("text"),
                            Value::Null | Value::Bool(_) | Value::Number(_) => json!({ "of": key }),
                        };
                    }
                });
            }),
        }
    }
}

/// `url` with another scheme and host.
fn foreign(url: &str, host: &str) -> String {
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    format!("{host}/{path}")
}

fn edit(body: Vec<u8>, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    match serde_json::from_slice::<Value>(&body) {
        Ok(mut json) => {
            change(&mut json);
            json.to_string().into_bytes()
        }
        Err(_) => body,
    }
}

fn set_next(json: &mut Value, next: String) {
    if let Some(body) = json.as_object_mut() {
        let meta = body.entry("meta").or_insert_with(|| json!({}));
        if let Some(meta) = meta.as_object_mut() {
            meta.insert("paging".to_owned(), json!({ "next": next }));
        }
    }
}

/// The records of `data` (Clio) or `results` (HubSpot).
fn each_record(json: &mut Value, mut change: impl FnMut(&mut serde_json::Map<String, Value>)) {
    for key in ["data", "results"] {
        match json.get_mut(key) {
            Some(Value::Array(records)) => {
                for record in records.iter_mut().filter_map(Value::as_object_mut) {
                    change(record);
                }
            }
            Some(Value::Object(record)) => change(record),
            _ => {}
        }
    }
}

/// The faults that still wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Mutex<Vec<Fault>>,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fault);
    }

    pub(crate) fn clear(&self) {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The effect on this call, if any; the first fault that matches counts it.
    pub(crate) fn take(&self, method: &str, path_and_query: &str) -> Option<Effect> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let position = waiting.iter().position(|fault| {
            fault
                .method
                .as_deref()
                .is_none_or(|wanted| wanted == method)
                && path_and_query.contains(&fault.path)
        })?;
        let fault = waiting.get_mut(position)?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times = fault.times.saturating_sub(1);
        let effect = fault.effect.clone();
        if fault.times == 0 {
            waiting.remove(position);
        }
        Some(effect)
    }
}
