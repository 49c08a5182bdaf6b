//! Why a connector does not load: said so that its author knows where to look and what to do.

use crate::path::PathError;
use crate::selection::SelectionError;
use crate::transform::TransformError;

/// Why there is no such connector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationError {
    /// No file of that id is embedded.
    #[error("there is no connector `{id}`")]
    Unknown {
        /// The id asked for.
        id: String,
    },
    /// Not TOML, an unknown key, a missing key, or a value of another type.
    #[error("{file}: {message}")]
    Syntax {
        /// Name of the file.
        file: String,
        /// What the TOML reader says, with line and column.
        message: String,
    },
    /// Declares what cannot be.
    #[error("{file}: {place}: {problem}")]
    Invalid {
        /// Name of the file.
        file: String,
        /// Which part of it, e.g. `object matters, rule dealname`.
        place: String,
        /// What is wrong.
        problem: Problem,
    },
}

/// What is wrong with a part of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The id is not that of the file.
    #[error("the id must be the file's name, `{0}`")]
    Id(String),
    /// An action that names a value which nothing gives.
    #[error("`{0}` is no input and is not looked up before")]
    UnknownValue(String),
    /// No entry where one is needed.
    #[error("`{0}` must have at least one entry")]
    Empty(&'static str),
    /// A name used twice.
    #[error("`{0}` is declared twice: keep one")]
    Duplicate(String),
    /// Not a URL of scheme and host alone.
    #[error("`{0}` must be `https://` and a host, without a trailing slash")]
    Url(String),
    /// A URL path that does not start with a slash.
    #[error("`{0}` must begin with `/`")]
    UrlPath(String),
    /// Not an ISO 3166 country that has phone numbers.
    #[error("`{0}` is no country code with phone numbers: write it like `US`")]
    Country(String),
    /// Not a path.
    #[error("`{path}` is no path: {error}")]
    Path {
        /// As written.
        path: String,
        /// Why.
        error: PathError,
    },
    /// A field list that cannot be read.
    #[error("{0}: write fields like `id` or `company{{id,name}}`")]
    Selection(#[from] SelectionError),
    /// A path that the list request does not ask for.
    #[error("`{0}` is not selected: add it to `fields`")]
    NotSelected(String),
    /// A path that no list request could ask for.
    #[error("`{0}` cannot be selected: it is neither in `fields` nor in `optional_fields`")]
    NotSelectable(String),
    /// An alias that hides a field, or stands for none.
    #[error("alias `{0}` must stand for a selected field and hide none")]
    Alias(String),
    /// Not a transform.
    #[error("{0}")]
    Transform(#[from] TransformError),
    /// A field that may travel to the provider without a place to go.
    #[error(
        "`write` is missing: a field that travels to the provider needs the path it is written to"
    )]
    WriteMissing,
    /// A field that never travels to the provider with a place to go.
    #[error("`write` has no use: the field never travels to the provider; remove it")]
    WriteUnused,
    /// A record that travels back without a place to go.
    #[error("records travel back, so `{0}` is needed")]
    WritingMissing(&'static str),
    /// A list that a write path reaches into and that is not declared.
    #[error("`{0}` is no list of the object: add it to `lists`")]
    ListMissing(String),
    /// A declared list that nothing is written through.
    #[error("no rule writes through list `{0}`: remove it")]
    ListUnused(String),
    /// A path that nothing can be written to.
    #[error("`{0}` cannot be written: use `key`, `key.sub` or `list[flag].key`")]
    WritePath(String),
    /// A field travels back in an object that does not.
    #[error("the object is not `bidirectional`: make the rule `to-hubspot`")]
    OneWay,
    /// Records that are made at the provider and never changed there.
    #[error("the object is not `bidirectional`: remove `create`")]
    OneWayCreate,
    /// A rule about a companion that the object has not, or that would write to one.
    #[error("`{0}`: needs a `companion` of this name, and the direction `to-provider`")]
    Companion(String),
    /// A new record needs what no rule gives it.
    #[error("no rule writes `{0}`, which a new record needs")]
    NeedUnwritten(String),
    /// A property of ours that provisioning would not create.
    #[error("property `{0}` is ours and not declared: add it to `properties`")]
    PropertyMissing(String),
    /// A declared property that nothing writes.
    #[error("property `{0}` is declared and no rule writes it: remove it or add a rule")]
    PropertyUnused(String),
    /// A system property of the wrong kind.
    #[error("system property `{name}` must be declared as {must}")]
    System {
        /// Its name.
        name: String,
        /// What it must be.
        must: &'static str,
    },
    /// A property that must be mapped.
    #[error("`{0}` is not mapped: add a rule for it")]
    Unmapped(String),
    /// A guard that is no stronger tier.
    #[error("guard `{0}` must name a tier above this one")]
    Guard(String),
    /// A key of another number of properties.
    #[error("a {0} key is made of {1}")]
    KeyParts(&'static str, &'static str),
    /// A value of the stage property without a stage, or the other way round.
    #[error(
        "value `{0}` of the stage property has no stage, or the stage no value: name both alike"
    )]
    Stage(String),
    /// The stage property's rule is no enumeration.
    #[error("the rule of stage property `{0}` must be an `enum:` transform")]
    StageRule(String),
    /// An object that is not declared.
    #[error("`{0}` is no object of this connector: declare it or name another")]
    UnknownObject(String),
    /// A list that is not declared.
    #[error("`{0}` is neither an object nor a relation stream: declare it or name another")]
    UnknownStream(String),
    /// An object's record as the end of another object's.
    #[error("the record itself must be an end whose object is `{0}`")]
    RelationEnd(String),
    /// A template with a `{` that is not closed.
    #[error("`{0}` is no template: write `{{base}}` and paths in braces")]
    Template(String),
    /// A template of `auth` or `account` with a brace that stands alone.
    #[error("`{0}` is no template: write names in braces, like `{{api_key}}`")]
    Braces(String),
    /// A template that names what is not there.
    #[error("`{{{0}}}` is neither a parameter nor `{{app_id}}` or `{{app_secret}}`")]
    Placeholder(String),
    /// A parameter whose name is not one.
    #[error("`{0}` is no name of a parameter: lower case letters, digits and `_`, and not `app_…`")]
    ParameterName(String),
    /// A parameter that goes nowhere.
    #[error("parameter `{0}` is asked for and used nowhere: remove it, or put it into a template")]
    ParameterUnused(String),
    /// A secret in a URL, which logs keep, or where an account is named.
    #[error("parameter `{0}` is secret and must not stand in a URL or a name")]
    SecretInUrl(String),
    /// A password that would not be exchanged.
    #[error(
        "parameter `{0}` is secret and must stand in `form`: a password is exchanged, not kept"
    )]
    PasswordKept(String),
    /// No header name, or one that HTTP itself uses.
    #[error("`{0}` cannot be a header here: HTTP or the token sets it")]
    Header(String),
    /// A path of one record without a place for its id, or with two.
    #[error("`{0}` must have `{{id}}` in it, once")]
    IdMissing(String),
    /// An event that is asked for and means nothing.
    #[error("event `{0}` is asked for, so it needs an entry in `means`")]
    EventUnknown(String),
    /// An event that means something and is never asked for.
    #[error("event `{0}` is in `means` and asked for by no subscription: remove it")]
    EventUnused(String),
    /// Out of bounds.
    #[error("{0}")]
    Bound(&'static str),
}
