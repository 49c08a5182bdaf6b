//! One object of a slice, and how its records are mapped.

use super::companions::Companions;
use super::slice::Slice;
use crate::core::{catalog, mapping, reconciling};
use crate::error::{Error, Result};
use crate::ports::Ports;
use crate::settings::{ObjectSettings, OnDelete};
use crate::store::connections::Provisioned;
use crate::store::links::{HUBSPOT_MOVED, Link};

/// An object, as the settings of the run have it.
pub(super) struct ObjectWork<'a> {
    pub object: &'a catalog::Object,
    pub plan: mapping::Plan,
    /// Mapped properties and the ways they travel, in the order of every list of fields.
    pub fields: Vec<reconciling::Field>,
    /// Some of them travel to the provider.
    pub back: bool,
    pub strategy: reconciling::Strategy,
    /// Records that HubSpot alone has are made at the provider.
    pub creates: bool,
    /// What becomes of HubSpot's record of one that is deleted at the provider.
    pub on_delete: OnDelete,
    /// The HubSpot list that is its door; none = all records may come in.
    pub list: Option<String>,
    /// What travels to the provider of HubSpot records beside the linked one.
    pub companions: Option<Companions<'a>>,
    /// HubSpot properties to read where a record is compared.
    pub properties: Vec<String>,
    /// Source paths of custom rules.
    pub extra_paths: Vec<String>,
    /// The same, and what a record is written by.
    pub write_paths: Vec<String>,
    /// Properties every new record gets.
    pub constants: Vec<(String, String)>,
    /// Changes whenever records must be mapped anew.
    pub version: String,
}

impl ObjectWork<'_> {
    /// Whether a field is ever written to HubSpot.
    pub fn reaches_hubspot(&self, at: usize) -> bool {
        let field = self.fields.get(at);
        field.is_some_and(|field| field.direction != reconciling::Direction::ToProvider)
    }

    /// Whether a link rests: its HubSpot record is not in the list (S3-10). One that is known not to be there any more is
    /// in no list; it may live on in a record that is.
    pub fn rests(&self, link: &Link) -> bool {
        let moved = link.reason.as_deref() == Some(HUBSPOT_MOVED);
        self.list.is_some() && link.hubspot_id.is_some() && !link.listed && !moved
    }
}

impl<P: Ports> Slice<'_, P> {
    /// How an object's records are mapped and compared.
    pub fn object_work<'o>(
        &self,
        object: &'o catalog::Object,
        provisioned: &Provisioned,
    ) -> Result<ObjectWork<'o>> {
        let settings = self.run.settings.object(&object.name);
        let ObjectSettings { rules, .. } = &settings;
        let extra_paths: Vec<String> = rules
            .iter()
            .flatten()
            .flat_map(|rule| std::iter::once(rule.source.clone()).chain(rule.fallback.clone()))
            .collect();
        let plan = mapping::Plan {
            connector: self.connector.id.clone(),
            object: object.name.clone(),
            region: self.connection.region.clone(),
            base_url: self.base_url.to_owned(),
            fingerprint_key: self.fingerprint_key.clone(),
            rules: rules
                .as_ref()
                .map(|rules| rules.iter().map(mapping::Rule::from).collect()),
            aliases: provisioned
                .aliases
                .iter()
                .filter(|alias| alias.object == object.name)
                .map(mapping::Alias::from)
                .collect(),
        };
        let constants = provisioned
            .constants
            .iter()
            .filter(|(name, _, _)| *name == object.name)
            .map(|(_, property, value)| (property.clone(), value.clone()))
            .collect();
        let summary = mapping::describe_plan(&plan).map_err(Error::Config)?;
        let fields = settings.fields(summary.fields);
        let back = settings.travels_back(&fields);
        let companions = object.companion.as_ref().map(|declared| Companions {
            declared,
            properties: summary.companion_properties,
        });
        Ok(ObjectWork {
            object,
            back,
            companions: companions.filter(|one| back && !one.properties.is_empty()),
            fields,
            strategy: settings.strategy(self.connector).into(),
            on_delete: settings.on_delete,
            creates: settings.create && object.creatable,
            list: settings.inclusion_list,
            properties: summary.properties,
            version: summary.version,
            plan,
            write_paths: extra_paths
                .iter()
                .cloned()
                .chain(summary.write_paths)
                .collect(),
            extra_paths,
            constants,
        })
    }
}
