//! Both sides of a connection, opened for a person who waits: a card, a settings page, a workflow action.

use crate::budget::Budget;
use crate::call::Caller;
use crate::config;
use crate::core::{actions, catalog, classifying, mapping};
use crate::error::{Error, Result, Side};
use crate::hubspot::{self, HubSpot};
use crate::oauth::provider::Server;
use crate::ports::{Clock, Http, HttpRequest, HttpResponse, Ports};
use crate::provider::{self, Provider};
use crate::secret::Secret;
use crate::settings::{Rule, Settings};
use crate::store::cards::Held;
use crate::tokens::{self, Owner};
use crate::vault::{Purpose, Vault};

/// Calls that a person's request may make, renewing tokens included.
const CALLS: u32 = 12;

/// What a person's request may spend: HubSpot's proxy gives up after 15 s.
const MILLIS: i64 = 12_000;
/// The same of what HubSpot gives up on within five seconds.
const SHORT_MILLIS: i64 = 3_500;

/// What a person's request may spend. A side that does not answer within it is not waited for: the person is told so.
pub fn budget(ports: &(impl Clock + Http)) -> Budget {
    answered(ports, MILLIS, CALLS)
}

/// As [`budget`], for what looks at many records at once.
pub fn long_budget(ports: &(impl Clock + Http)) -> Budget {
    answered(ports, MILLIS, 4 * CALLS)
}

/// As [`budget`], for what HubSpot gives up on within five seconds: the options of workflow actions.
pub fn short_budget(ports: &(impl Clock + Http)) -> Budget {
    answered(ports, SHORT_MILLIS, CALLS)
}

/// As [`budget`], for what goes on behind its answer: a call that has begun is waited for.
pub fn open_budget(clock: &impl Clock) -> Budget {
    let end = clock.now() + MILLIS;
    Budget::new(end, end, CALLS)
}

fn answered(ports: &(impl Clock + Http), millis: i64, calls: u32) -> Budget {
    let end = ports.now() + millis;
    ports.answer_by(end);
    Budget::new(end, end, calls)
}

/// A connection with its connector and its credentials.
pub struct Live<'a, P> {
    ports: &'a P,
    budget: &'a Budget,
    /// As it is stored.
    pub held: &'a Held,
    /// Its connector.
    pub connector: catalog::Connector,
    vault: Vault,
    server: Server,
    hubspot_url: String,
}

impl<'a, P: Ports> Live<'a, P> {
    /// Opens nothing yet: tokens are asked for where a side is called.
    pub fn new(ports: &'a P, budget: &'a Budget, held: &'a Held) -> Result<Self> {
        let connector = catalog::describe(&held.connector).map_err(Error::Config)?;
        Ok(Self {
            server: Server::new(ports, &connector, &held.region)?,
            vault: Vault::from_ring(ports.variable("vault_keys").as_ref())?,
            hubspot_url: config::hubspot_url(ports)?,
            ports,
            budget,
            held,
            connector,
        })
    }

    /// An object of the connector.
    pub fn object(&self, name: &str) -> Result<&catalog::Object> {
        self.connector
            .objects
            .iter()
            .find(|object| object.name == name)
            .ok_or_else(|| Error::Config(format!("{} has no object {name}", self.connector.id)))
    }

    /// The portal's HubSpot.
    pub async fn hubspot(&self) -> Result<HubSpot<'_, P>> {
        let token = self.token(Owner::HubSpot).await?;
        Ok(HubSpot::new(
            self.caller(Side::HubSpot, hubspot::PACE_MILLIS),
            &self.hubspot_url,
            token,
        ))
    }

    /// The connected account.
    pub async fn provider(&self) -> Result<Provider<'_, P>> {
        let token = self
            .token(Owner::Provider {
                connection: &self.held.id,
                server: &self.server,
            })
            .await?;
        Ok(Provider::new(
            self.caller(Side::Provider, provider::PACE_MILLIS),
            &self.connector,
            &self.server.base_url,
            self.server.headers(&token)?,
        ))
    }

    /// Scheme and host of the provider.
    pub fn base_url(&self) -> &str {
        &self.server.base_url
    }

    /// Sends a request that the core built to the provider: once where doing it twice would make two.
    pub async fn request(&self, request: &actions::Request, once: bool) -> Result<HttpResponse> {
        let request = self.opened(request).await?;
        self.send(request, once).await
    }

    /// Such a request with what opens the provider's door.
    pub async fn opened(&self, request: &actions::Request) -> Result<HttpRequest> {
        let token = self
            .token(Owner::Provider {
                connection: &self.held.id,
                server: &self.server,
            })
            .await?;
        let mut headers = request.headers.clone();
        headers.extend(self.server.headers(&token)?);
        if !request.body.is_empty() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        Ok(HttpRequest {
            method: match request.method.as_str() {
                "POST" => "POST",
                "PATCH" => "PATCH",
                _ => "GET",
            },
            url: request.url.clone(),
            headers,
            body: request.body.clone(),
        })
    }

    /// Sends a request that was opened, as [`Live::request`].
    pub async fn send(&self, request: HttpRequest, once: bool) -> Result<HttpResponse> {
        let connector = &self.connector.id;
        let judge = |answer: &HttpResponse| {
            classifying::provider(connector, answer.status, &answer.headers, &answer.body)
        };
        let caller = self.caller(Side::Provider, provider::PACE_MILLIS);
        match once {
            true => caller.once(request, &judge).await,
            false => caller.send(request, &judge).await,
        }
    }

    /// How an object's records are mapped: by the settings, or by these rules instead.
    pub fn plan(&self, object: &str, rules: Option<&[Rule]>) -> Result<mapping::Plan> {
        let chosen = self.held.settings.object(object).rules;
        let rules = rules.map(<[Rule]>::to_vec).or(chosen);
        let provisioned = self.held.provisioned.as_ref();
        let aliases = provisioned.iter().flat_map(|given| &given.aliases);
        Ok(mapping::Plan {
            connector: self.connector.id.clone(),
            object: object.to_owned(),
            region: self.held.region.clone(),
            base_url: self.server.base_url.clone(),
            fingerprint_key: self.fingerprint_key()?,
            rules: rules.map(|rules| rules.iter().map(mapping::Rule::from).collect()),
            aliases: aliases
                .filter(|alias| alias.object == object)
                .map(mapping::Alias::from)
                .collect(),
        })
    }

    /// Source paths that the rules of a plan read beside the connector's own.
    pub fn extra_paths(plan: &mapping::Plan) -> Vec<String> {
        let rules = plan.rules.iter().flatten();
        rules
            .flat_map(|rule| std::iter::once(rule.source.clone()).chain(rule.fallback.clone()))
            .collect()
    }

    /// What an admin chose.
    pub fn settings(&self) -> &Settings {
        &self.held.settings
    }

    fn fingerprint_key(&self) -> Result<Vec<u8>> {
        let purpose = Purpose {
            portal: self.held.portal,
            connection: &self.held.id,
            name: "fingerprint_key",
        };
        Ok(self.vault.open(purpose, &self.held.fingerprint_key)?)
    }

    async fn token(&self, owner: Owner<'_>) -> Result<Secret> {
        let portal = self.held.portal;
        tokens::access(self.ports, self.budget, &self.vault, portal, owner).await
    }

    fn caller(&self, side: Side, pace: i64) -> Caller<'_, P> {
        Caller {
            ports: self.ports,
            budget: self.budget,
            side,
            pace,
        }
    }
}
