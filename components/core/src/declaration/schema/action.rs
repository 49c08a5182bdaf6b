//! What workflows may do at the provider: inputs, look-ups for what a person names, and the one request that does it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Something that a workflow, or an agent, may do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Unique within the connector, e.g. `create_contact`.
    pub name: String,
    /// For people.
    pub label: String,
    /// The object that is created, where HubSpot's record is to be linked to it.
    pub object: Option<String>,
    /// What may be given.
    pub inputs: Vec<Input>,
    /// Of these inputs at least one must be given.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// Values that are looked up before, in this order.
    #[serde(default)]
    pub lookups: Vec<Find>,
    /// `POST` creates, `PATCH` changes.
    pub method: Method,
    /// Path under the API's root; `{name}` is an input or a looked-up value.
    pub path: String,
    /// Query parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// What the body holds.
    pub set: Vec<Set>,
    /// What is said of how it was done.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Path of the id in the answer.
    pub id: String,
    /// Name of the output that holds it.
    pub output: String,
    /// The output's name for people.
    pub output_label: String,
}

/// See [`Action::method`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Sent twice, it creates two.
    Post,
    /// Sent twice, it is done once.
    Patch,
}

/// Something that is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// E.g. `first_name`.
    pub name: String,
    /// For people.
    pub label: String,
    /// What it must be.
    pub kind: InputKind,
    /// Whether nothing can be done without it.
    #[serde(default)]
    pub required: bool,
    /// The words of a `choice`, as they must be given.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The list of [`Options`] that is offered.
    pub options: Option<String>,
}

/// See [`Input::kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// A line of text.
    Text,
    /// A text of many lines.
    Note,
    /// An e-mail address.
    Email,
    /// A phone number, however it is written.
    Phone,
    /// The provider's id of a record.
    Id,
    /// A date.
    Date,
    /// One of `choices`.
    Choice,
    /// A name that a look-up finds the id of; an id is taken as it is.
    Named,
}

/// A look-up: one record is asked for, or a list is searched.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// The value that is set; one that is set already is not looked up.
    pub sets: String,
    /// The input or value without which there is nothing to look up.
    pub from: Option<String>,
    /// Path under the API's root; `{name}` is an input or a value.
    pub path: String,
    /// Query parameters; one that is `{name}` as a whole is an input or a value.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Path of the value in the answer, or in a record of the list `records`.
    pub value: String,
    /// Key of a list, of which exactly one record must have `from` as its `equals`.
    pub records: Option<String>,
    /// See `records`.
    pub equals: Option<String>,
    /// Whether nothing can be done where it is not found.
    #[serde(default)]
    pub required: bool,
}

/// A part of a body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// Where it goes; a number is a place in a list.
    pub path: String,
    /// The input or looked-up value; left out where it has none.
    pub from: Option<String>,
    /// A text that is always the same…
    pub text: Option<String>,
    /// …but only where this input or value is given.
    pub with: Option<String>,
    /// And not where this one is given.
    pub without: Option<String>,
    /// Written as a number, or as `true`.
    #[serde(default)]
    pub number: bool,
    /// The flag `true`.
    #[serde(default)]
    pub flag: bool,
}

/// A sentence for people, where something was done in another way than might be expected.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The inputs and looked-up values with all of which it is said…
    pub with: Vec<String>,
    /// …but not where this one is given.
    pub without: Option<String>,
    /// The sentence.
    pub text: String,
}

/// A list of the provider's that a person may choose from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// E.g. `practice_areas`.
    pub name: String,
    /// Path under the API's root.
    pub path: String,
    /// Query parameters.
    pub parameters: BTreeMap<String, String>,
    /// Query parameter that searches.
    pub search_parameter: String,
    /// Path of the label in a record.
    pub label: String,
    /// Path of a second line in a record.
    pub description: Option<String>,
}
