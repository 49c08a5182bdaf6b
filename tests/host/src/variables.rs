//! Variables: what `[variables]` declares, where values come from, what a component may ask for.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    bindings::variables,
    manifest::{self, is_variable_name},
    template::{Template, TemplateError},
};

/// Prefix of the environment variables that set Spin variables.
const ENVIRONMENT_PREFIX: &str = "SPIN_VARIABLE_";

/// Why an application's variables are refused.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
    /// A required variable has no value.
    #[error("variable {0:?} is required and has no value")]
    Required(String),
    /// A value was given for a variable that the manifest does not declare.
    #[error("a value was given for {0:?}, which the manifest does not declare")]
    Undeclared(String),
    /// A template does not resolve.
    #[error("component {component:?}, {place}: {source}")]
    Template {
        /// The component.
        component: String,
        /// The key that holds the template.
        place: String,
        /// What is wrong with it.
        source: TemplateError,
    },
}

/// The values of the application's variables. Its `Debug` shows names alone.
#[derive(Clone, Default)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// Takes each value from `overrides`, else (with `environment`) from `SPIN_VARIABLE_…`,
    /// else from the manifest's default. An empty value counts as one.
    ///
    /// # Errors
    /// Where a required variable has no value, or an override means no variable.
    pub fn new(
        declared: &BTreeMap<String, manifest::Variable>,
        overrides: &BTreeMap<String, String>,
        environment: bool,
    ) -> Result<Self, VariableError> {
        if let Some(name) = overrides.keys().find(|name| !declared.contains_key(*name)) {
            return Err(VariableError::Undeclared(name.clone()));
        }
        let from_environment = |name: &str| {
            let name = format!("{ENVIRONMENT_PREFIX}{}", name.to_ascii_uppercase());
            environment.then(|| std::env::var(name).ok()).flatten()
        };
        declared
            .iter()
            .map(|(name, variable)| {
                overrides
                    .get(name)
                    .cloned()
                    .or_else(|| from_environment(name))
                    .or_else(|| variable.default.clone())
                    .map(|value| (name.clone(), value))
                    .ok_or_else(|| VariableError::Required(name.clone()))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Resolves one template of `component`.
    ///
    /// # Errors
    /// Where it is malformed or names an undeclared variable.
    pub fn resolve(
        &self,
        component: &str,
        place: &str,
        template: &str,
    ) -> Result<String, VariableError> {
        Template::parse(template)
            .and_then(|template| template.resolve(|name| self.0.get(name).map(String::as_str)))
            .map_err(|source| VariableError::Template {
                component: component.to_owned(),
                place: place.to_owned(),
                source,
            })
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What one component may ask for. Its `Debug` shows names alone.
#[derive(Clone, Default)]
pub struct ComponentVariables(Arc<BTreeMap<String, String>>);

impl ComponentVariables {
    /// Resolves `[component.….variables]`.
    ///
    /// # Errors
    /// Where a template does not resolve.
    pub fn new(
        component: &str,
        templates: &BTreeMap<String, String>,
        values: &Values,
    ) -> Result<Self, VariableError> {
        templates
            .iter()
            .map(|(name, template)| {
                let place = format!("variable {name:?}");
                let value = values.resolve(component, &place, template)?;
                Ok((name.clone(), value))
            })
            .collect::<Result<BTreeMap<_, _>, _>>()
            .map(|values| Self(Arc::new(values)))
    }
}

impl fmt::Debug for ComponentVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl variables::Host for ComponentVariables {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, variables::Error>> {
        if !is_variable_name(&name) {
            return Ok(Err(variables::Error::InvalidName(name)));
        }
        Ok(self
            .0
            .get(&name)
            .cloned()
            .ok_or_else(|| variables::Error::Undefined(format!("no variable {name:?}"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> BTreeMap<String, manifest::Variable> {
        let variable = |required, default: Option<&str>| manifest::Variable {
            required,
            default: default.map(str::to_owned),
            secret: required,
            ..manifest::Variable::default()
        };
        BTreeMap::from([
            (
                "url".to_owned(),
                variable(false, Some("https://example.com")),
            ),
            ("token".to_owned(), variable(true, None)),
        ])
    }

    fn overrides(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn an_override_beats_the_default_even_when_empty() {
        let values = Values::new(
            &declared(),
            &overrides(&[("token", "s3cret"), ("url", "")]),
            false,
        )
        .unwrap();
        let text = values.resolve("a", "x", "<{{ url }}|{{ token }}>").unwrap();
        assert_eq!(text, "<|s3cret>");
    }

    #[test]
    fn a_required_variable_without_a_value_is_refused() {
        let error = Values::new(&declared(), &BTreeMap::new(), false).unwrap_err();
        assert!(matches!(error, VariableError::Required(name) if name == "token"));
    }

    #[test]
    fn an_override_of_nothing_is_refused() {
        let error = Values::new(&declared(), &overrides(&[("tokn", "x")]), false).unwrap_err();
        assert!(matches!(error, VariableError::Undeclared(name) if name == "tokn"));
    }

    #[test]
    fn template_errors_name_the_place_and_no_value() {
        let values = Values::new(&declared(), &overrides(&[("token", "s3cret")]), false).unwrap();
        let templates = BTreeMap::from([("key".to_owned(), "{{ token }}{{ nope }}".to_owned())]);
        let error = ComponentVariables::new("a", &templates, &values).unwrap_err();
        assert_eq!(
            error.to_string(),
            "component \"a\", variable \"key\": unknown variable \"nope\" in template"
        );
    }

    #[test]
    fn debug_output_holds_no_value() {
        let values = Values::new(&declared(), &overrides(&[("token", "s3cret")]), false).unwrap();
        let templates = BTreeMap::from([("key".to_owned(), "{{ token }}".to_owned())]);
        let component = ComponentVariables::new("a", &templates, &values).unwrap();
        let debug = format!("{values:?} {component:?}");
        assert!(debug.contains("token") && debug.contains("key"), "{debug}");
        assert!(!debug.contains("s3cret"), "{debug}");
    }
}
