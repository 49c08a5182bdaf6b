//! A plan, compiled once a page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::keys::{self, Tier};
use super::link::{LinkTemplate, Part};
use super::to_provider::write_paths;
use super::trie::{SlotId, Trie};
use super::{Direction, Plan, PlanField, PlanSummary, Rule};
use crate::declaration::{self, Connector, DeclarationError, Object, Problem, Relation, Stream};
use crate::fingerprint::{FieldFingerprinter, Fingerprinter, KeyLength};
use crate::provider;
use crate::transform::{Transform, TransformError};

/// Raised when the code maps the same plan to other values than before.
const REVISION: u32 = 1;

/// Why a plan is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The connector does not load.
    #[error(transparent)]
    Connector(#[from] DeclarationError),
    /// No such object.
    #[error("connector `{connector}` has no object `{object}`")]
    Object {
        /// The connector's id.
        connector: String,
        /// The object's name.
        object: String,
    },
    /// No such region.
    #[error("connector `{connector}` has no region `{region}`")]
    Region {
        /// The connector's id.
        connector: String,
        /// The region's id.
        region: String,
    },
    /// Not scheme and host.
    #[error("the base URL must be scheme and host, without a trailing slash")]
    BaseUrl,
    /// Not 32 bytes.
    #[error("the fingerprint key must have 32 bytes")]
    Key,
    /// No rule at all.
    #[error("at least one field must be mapped")]
    Empty,
    /// Two rules for a property.
    #[error("property `{0}` is mapped twice: keep one mapping")]
    Duplicate(String),
    /// A property that the engine itself writes.
    #[error("property `{0}` is kept by the sync itself and cannot be mapped")]
    Reserved(String),
    /// Not a HubSpot property name.
    #[error("`{0}` is no property name: lower-case letters, digits and `_`")]
    Property(String),
    /// A source path that leads nowhere.
    #[error("mapping of `{property}`: {problem}")]
    Source {
        /// The rule's property.
        property: String,
        /// What is wrong with its path.
        problem: Problem,
    },
    /// An unknown transform.
    #[error("mapping of `{property}`: {error}")]
    Transform {
        /// The rule's property.
        property: String,
        /// What is wrong with it.
        error: TransformError,
    },
}

impl From<KeyLength> for PlanError {
    fn from(_: KeyLength) -> Self {
        Self::Key
    }
}

/// A plan with its paths in a trie and its keys prepared.
pub(super) struct Compiled<'a> {
    pub(super) connector: &'static Connector,
    pub(super) object: &'static Object,
    pub(super) trie: Trie,
    pub(super) id: SlotId,
    pub(super) updated_at: SlotId,
    /// The plan's rules, in its order; behind them those that only match keys need.
    pub(super) rules: Vec<CompiledRule<'a>>,
    /// How many of `rules` are the plan's.
    pub(super) mapped: usize,
    pub(super) tiers: Vec<Tier>,
    pub(super) relations: Vec<CompiledRelation>,
    pub(super) links: Vec<Vec<LinkPart<'a>>>,
    pub(super) country: &'static str,
    pub(super) base_url: &'a str,
}

pub(super) struct CompiledRule<'a> {
    pub(super) property: &'a str,
    pub(super) transform: Transform,
    pub(super) source: SlotId,
    pub(super) fallback: Option<SlotId>,
    /// Values that provisioning replaced by ids.
    pub(super) aliases: Vec<(&'a str, &'a str)>,
    pub(super) fingerprinter: FieldFingerprinter,
    /// What the connector declares for the same source.
    pub(super) declared: Option<&'static declaration::Rule>,
}

pub(super) struct CompiledRelation {
    pub(super) relation: &'static Relation,
    pub(super) reverse: bool,
    pub(super) other: SlotId,
    pub(super) when: Option<(SlotId, &'static str)>,
}

pub(super) enum LinkPart<'a> {
    Text(&'a str),
    Value(SlotId),
}

impl<'a> Compiled<'a> {
    pub(super) fn new(plan: &'a Plan) -> Result<Self, PlanError> {
        let Found {
            connector,
            object,
            stream,
        } = find(plan)?;
        let region = connector
            .region(&plan.region)
            .ok_or_else(|| PlanError::Region {
                connector: plan.connector.clone(),
                region: plan.region.clone(),
            })?;
        if provider::origin(&plan.base_url).is_none() {
            return Err(PlanError::BaseUrl);
        }
        let fingerprinter = Fingerprinter::new(&plan.fingerprint_key)?;
        let mut trie = Trie::new();
        let own = |path: &str, problem| PlanError::Source {
            property: path.to_owned(),
            problem,
        };
        let mut slot = |path: &'a str| match stream.source(path) {
            Ok(source) => Ok(trie.add(&source)),
            Err(problem) => Err(own(path, problem)),
        };
        let id = slot(&object.id)?;
        let updated_at = slot(&object.updated_at)?;

        let visible = rules(plan, object)?;
        let mapped = visible.len();
        let hidden = keys::unmapped(object, &visible);
        let mut rules = Vec::with_capacity(mapped + hidden.len());
        for rule in visible.into_iter().chain(hidden) {
            let source = stream.source(rule.source).ok();
            let same = |known: &&declaration::Rule| stream.source(&known.source).ok() == source;
            rules.push(CompiledRule {
                declared: object.rules.iter().find(same),
                property: rule.property,
                transform: rule.transform,
                source: slot(rule.source)?,
                fallback: rule.fallback.map(&mut slot).transpose()?,
                aliases: aliases(plan, rule.property),
                fingerprinter: fingerprinter.field(rule.property),
            });
        }
        let mut relations = Vec::new();
        for relation in connector.relations(&object.name) {
            let reverse = relation.to.path == object.id;
            let other = if reverse {
                &relation.from
            } else {
                &relation.to
            };
            relations.push(CompiledRelation {
                relation,
                reverse,
                other: slot(&other.path)?,
                when: match &relation.when {
                    Some(when) => Some((slot(&when.path)?, when.is.as_str())),
                    None => None,
                },
            });
        }
        let mut links = Vec::new();
        for template in object
            .deep_links
            .iter()
            .filter_map(|t| LinkTemplate::parse(t))
        {
            let mut parts = Vec::new();
            for part in template.parts() {
                parts.push(match part {
                    Part::Text(text) => LinkPart::Text(text),
                    Part::Base => LinkPart::Text(&plan.base_url),
                    Part::Path(path) => LinkPart::Value(slot(path)?),
                });
            }
            links.push(parts);
        }
        let tiers = keys::compile(object, &rules, &fingerprinter);
        Ok(Self {
            connector,
            object,
            trie,
            id,
            updated_at,
            rules,
            mapped,
            tiers,
            relations,
            links,
            country: &region.phone_country,
            base_url: &plan.base_url,
        })
    }

    /// HubSpot's name of the companion's property that a rule is about.
    pub(super) fn of_companion(&self, rule: &CompiledRule<'a>) -> Option<&'a str> {
        self.object.companion.as_ref()?.property(rule.property)
    }

    /// The rules that make the record's fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &CompiledRule<'a>> {
        self.rules.iter().take(self.mapped)
    }
}

/// What a plan names.
struct Found {
    connector: &'static Connector,
    object: &'static Object,
    stream: &'static Stream,
}

fn find(plan: &Plan) -> Result<Found, PlanError> {
    let connector = declaration::find(&plan.connector)?;
    let object = connector.object(&plan.object);
    let stream = connector.stream(&plan.object);
    match (object, stream) {
        (Some(object), Some(stream)) => Ok(Found {
            connector,
            object,
            stream,
        }),
        _ => Err(PlanError::Object {
            connector: plan.connector.clone(),
            object: plan.object.clone(),
        }),
    }
}

/// A rule, of the plan or of the connector.
pub(super) struct PlainRule<'a> {
    pub(super) source: &'a str,
    pub(super) property: &'a str,
    pub(super) transform: Transform,
    pub(super) fallback: Option<&'a str>,
}

impl<'a> PlainRule<'a> {
    fn of(rule: &'a Rule) -> Result<Self, PlanError> {
        let (source, property) = (&rule.source, &rule.property);
        Self::new(source, property, &rule.transform, rule.fallback.as_deref())
    }

    pub(super) fn default(rule: &'a declaration::Rule) -> Result<Self, PlanError> {
        let (source, property) = (&rule.source, &rule.property);
        Self::new(source, property, &rule.transform, rule.fallback.as_deref())
    }

    fn new(
        source: &'a str,
        property: &'a str,
        transform: &str,
        fallback: Option<&'a str>,
    ) -> Result<Self, PlanError> {
        let transform = Transform::parse(transform).map_err(|error| PlanError::Transform {
            property: property.to_owned(),
            error,
        })?;
        Ok(Self {
            source,
            property,
            transform,
            fallback,
        })
    }
}

fn rules<'a>(plan: &'a Plan, object: &'static Object) -> Result<Vec<PlainRule<'a>>, PlanError> {
    let Some(custom) = &plan.rules else {
        return object.rules.iter().map(PlainRule::default).collect();
    };
    let reserved = &declaration::find(&plan.connector)?.declaration.properties;
    let mut rules: Vec<PlainRule<'a>> = Vec::with_capacity(custom.len());
    for rule in custom {
        let name = || rule.property.clone();
        if reserved.iter().any(|p| p.name == rule.property) {
            return Err(PlanError::Reserved(name()));
        }
        let companions = object.companion.as_ref();
        let own = companions.and_then(|companion| companion.property(&rule.property));
        if !is_property_name(own.unwrap_or(&rule.property)) {
            return Err(PlanError::Property(name()));
        }
        if rules.iter().any(|known| known.property == rule.property) {
            return Err(PlanError::Duplicate(name()));
        }
        rules.push(PlainRule::of(rule)?);
    }
    if rules.is_empty() {
        return Err(PlanError::Empty);
    }
    Ok(rules)
}

fn is_property_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn aliases<'a>(plan: &'a Plan, property: &str) -> Vec<(&'a str, &'a str)> {
    plan.aliases
        .iter()
        .filter(|alias| alias.property == property)
        .map(|alias| (alias.value.as_str(), alias.id.as_str()))
        .collect()
}

/// What a plan is about.
///
/// # Errors
/// Where the plan is not usable: what is wrong.
pub fn describe_plan(plan: &Plan) -> Result<PlanSummary, String> {
    let compiled = Compiled::new(plan).map_err(|error| error.to_string())?;
    let mut properties: Vec<String> = vec![compiled.connector.declaration.system.id.clone()];
    let mut companion_properties = Vec::new();
    for rule in &compiled.rules {
        match compiled.of_companion(rule) {
            Some(property) => companion_properties.push(property.to_owned()),
            None => properties.push(rule.property.to_owned()),
        }
    }
    let fields = compiled.fields().map(|rule| PlanField {
        property: rule.property.to_owned(),
        direction: match rule.declared.map(|rule| rule.direction) {
            _ if compiled.of_companion(rule).is_some() => Direction::ToProvider,
            Some(declaration::Direction::Both) => Direction::Both,
            Some(declaration::Direction::ToProvider) => Direction::ToProvider,
            Some(declaration::Direction::ToHubspot) | None => Direction::ToHubspot,
        },
    });
    Ok(PlanSummary {
        properties,
        companion_properties,
        fields: fields.collect(),
        write_paths: write_paths(&compiled),
        version: version(plan, &compiled),
    })
}

/// Changes whenever a plan maps differently, so that unchanged records are mapped anew.
fn version(plan: &Plan, compiled: &Compiled<'_>) -> String {
    let mut hash = Sha256::new();
    let mut take = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    take(&REVISION.to_string());
    take(&plan.object);
    take(compiled.country);
    for rule in rules(plan, compiled.object).into_iter().flatten() {
        take(rule.source);
        take(rule.property);
        take(&format!("{:?}", rule.transform));
        take(rule.fallback.unwrap_or_default());
        for (value, id) in aliases(plan, rule.property) {
            take(value);
            take(id);
        }
    }
    let digest = hash.finalize();
    URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or_default())
}
