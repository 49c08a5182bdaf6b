//! A request of HubSpot's to do something. HubSpot adds members now and then: what is not known is passed over.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::MAX_CALLBACK;
use crate::error::{Error, Result};
use crate::surface::{Incoming, Problem};

/// An execution of an action.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Call {
    #[serde(default, deserialize_with = "given")]
    pub callback_id: String,
    origin: Origin,
    context: Option<Context>,
    /// The record that the workflow runs on; agents have none.
    pub object: Option<Object>,
    /// Inputs by name.
    input_fields: Option<BTreeMap<String, Option<Given>>>,
    /// The same, as older workflows send them.
    fields: Option<BTreeMap<String, Option<Given>>>,
    /// What is searched for, where options are asked for.
    pub fetch_options: Option<FetchOptions>,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Origin {
    portal_id: i64,
}

/// Who asks.
#[derive(Debug, Deserialize)]
struct Context {
    /// `WORKFLOWS`, `AGENTS`, `COPILOT`, `STANDALONE` or `TEST`.
    source: Option<String>,
}

/// What is kept of an execution that HubSpot waits for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept<'a> {
    callback_id: &'a str,
    origin: Origin,
    object: Option<&'a Object>,
    input_fields: BTreeMap<String, String>,
}

/// A record in HubSpot.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    object_id: Number,
    /// E.g. `CONTACT`.
    pub object_type: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FetchOptions {
    pub q: Option<String>,
    pub after: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

/// What no input takes: a control character, which none may hold.
const OF_NO_KIND: &str = "\u{0}";

/// A value as it stands, or with its type beside it. `null` is none.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Given {
    Text(String),
    Integer(i64),
    Real(f64),
    Flag(bool),
    Typed {
        #[serde(deserialize_with = "Option::deserialize")]
        value: Option<Box<Given>>,
    },
    /// A type without a value, as of a property that is empty.
    Empty {
        #[serde(rename = "type")]
        _type: serde::de::IgnoredAny,
    },
    /// A list, or something else that no input takes.
    Other(serde::de::IgnoredAny),
}

impl Given {
    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Real(number) => Some(number.to_string()),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Typed { value } => value.as_deref().and_then(Self::text),
            Self::Empty { .. } => None,
            // The check of the inputs says so, by the input's name.
            Self::Other(_) => Some(OF_NO_KIND.to_owned()),
        }
    }
}

/// `null` is not given.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Call {
    /// Reads a signed request; options come without an id of an execution.
    pub fn any(incoming: &Incoming) -> Result<Self, Problem> {
        incoming.json()
    }

    /// Reads a signed request to do something.
    pub fn of(incoming: &Incoming) -> Result<Self, Problem> {
        let call = Self::any(incoming)?;
        match (1..=MAX_CALLBACK).contains(&call.callback_id.len()) {
            true => Ok(call),
            false => Err(Problem::new(
                400,
                "callback_missing",
                "The request does not name its execution.",
            )),
        }
    }

    /// HubSpot portal: signed, as the whole body is.
    pub fn portal(&self) -> i64 {
        self.origin.portal_id
    }

    /// Whether HubSpot can be told to wait: a workflow can, an agent has somebody waiting.
    pub fn waits(&self) -> bool {
        let context = self.context.as_ref();
        context.and_then(|context| context.source.as_deref()) == Some("WORKFLOWS")
    }

    /// What doing it later takes, and no more: to be sealed. Reads as a request.
    pub fn kept(&self) -> Result<Vec<u8>> {
        let kept = Kept {
            callback_id: &self.callback_id,
            origin: self.origin,
            object: self.object.as_ref(),
            input_fields: self.inputs().into_iter().collect(),
        };
        serde_json::to_vec(&kept).map_err(|_| Error::Row)
    }

    /// Inputs by name and value.
    pub fn inputs(&self) -> Vec<(String, String)> {
        let new = self.input_fields.iter().flatten();
        let known = |name: &String| new.clone().any(|(other, _)| other == name);
        let older = self.fields.iter().flatten();
        let older = older.filter(|(name, _)| !known(name));
        new.clone()
            .chain(older)
            .filter_map(|(name, value)| Some((name.clone(), value.as_ref()?.text()?)))
            .collect()
    }
}

impl Object {
    /// HubSpot's record id.
    pub fn id(&self) -> String {
        match &self.object_id {
            Number::Number(number) => number.to_string(),
            Number::Text(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Call {
        serde_json::from_str(text).unwrap()
    }

    /// Both forms of inputs, numbers and flags, without a record and with members that nobody knows. `null` is not given,
    /// and a list is of no kind.
    #[test]
    fn a_request_is_read_in_every_form() {
        let new = call(
            r#"{"callbackId":"ap-1-2-7-0","origin":{"portalId":1,"actionDefinitionId":2},"context":{"source":"AGENTS"},
                "inputFields":{"a":"x","b":7,"c":true,"d":null,"e":["x"],"f":{"value":null}},"news":[{}]}"#,
        );
        assert_eq!((new.portal(), new.callback_id.as_str()), (1, "ap-1-2-7-0"));
        assert!(new.object.is_none());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            new.inputs(),
            [
                pair("a", "x"),
                pair("b", "7"),
                pair("c", "true"),
                pair("e", OF_NO_KIND)
            ]
        );
        let bare = call(
            r#"{"callbackId":null,"origin":{"portalId":1},"context":null,"object":null,"inputFields":null}"#,
        );
        assert!(bare.callback_id.is_empty() && !bare.waits() && bare.inputs().is_empty());
        let old = call(
            r#"{"callbackId":"1","origin":{"portalId":1},"object":{"objectId":"904","objectType":"CONTACT"},
                "fields":{"a":{"type":"OBJECT_PROPERTY","value":"x"}}}"#,
        );
        assert_eq!(old.inputs(), [pair("a", "x")]);
        assert_eq!(old.object.unwrap().id(), "904");
    }

    /// What is kept is read again as it was, and holds no property of the record.
    #[test]
    fn what_is_kept_reads_as_a_request() {
        let asked = call(
            r#"{"callbackId":"1","origin":{"portalId":7},"context":{"source":"WORKFLOWS","workflowId":1},
                "object":{"objectId":904,"objectType":"CONTACT","properties":{"email":"a@b.example"}},
                "inputFields":{"a":"x","b":7,"c":["y"]}}"#,
        );
        assert!(asked.waits());
        let kept = asked.kept().unwrap();
        assert!(!String::from_utf8_lossy(&kept).contains("a@b.example"));
        let again: Call = serde_json::from_slice(&kept).unwrap();
        assert_eq!(again.inputs(), asked.inputs());
        assert_eq!((again.portal(), again.callback_id.as_str()), (7, "1"));
        assert_eq!(again.object.unwrap().id(), "904");
    }
}
