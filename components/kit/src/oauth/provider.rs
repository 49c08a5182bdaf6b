//! A provider's sign-in, as its connector declares it: the core builds the requests and reads the answers, this sends
//! them.

use super::{Client, TokenSet, caller, judge, pkce, tokens};
use crate::budget::Budget;
use crate::config;
use crate::core::{auth, catalog, classifying};
use crate::error::{Error, Result, Side};
use crate::ports::{HttpRequest, HttpResponse, Ports, Variables};
use crate::secret::Secret;

/// Why what a person typed in was not taken: names the parameter, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// Not given, or blank.
    #[error("`{0}` is missing")]
    Missing(String),
    /// Too long, or with characters that cannot be sent.
    #[error("`{0}` cannot be used as it is")]
    Malformed(String),
    /// One that the connector does not ask for.
    #[error("something was sent that is not asked for")]
    Unknown,
}

/// Why a sign-in with parameters failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Nothing was sent: the person can correct it.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The provider was asked, or could not be. Class `Revoked` means that it does not take what was typed in.
    #[error(transparent)]
    Call(#[from] Error),
}

/// The organization that an account belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's id of it.
    pub id: String,
    /// Its name: often enough a person's.
    pub name: Secret,
}

/// A provider in a region, and our app there.
#[derive(Debug, Clone)]
pub struct Server {
    /// Connector id.
    pub connector: String,
    /// Scheme and host.
    pub base_url: String,
    /// Our app; none where the connector needs none.
    pub client: Option<Client>,
}

impl Server {
    /// From `<connector>_url_<region>`, `<connector>_client_id` and `<connector>_client_secret`.
    pub fn new(
        variables: &impl Variables,
        connector: &catalog::Connector,
        region: &str,
    ) -> Result<Self> {
        Ok(Self {
            connector: connector.id.clone(),
            base_url: config::provider_url(variables, connector, region)?,
            client: config::client(variables, &connector.id)?,
        })
    }

    /// What a person is asked for, and in which way the account is connected.
    pub fn scheme(&self) -> Result<auth::Scheme> {
        auth::describe(&self.connector).map_err(Error::Config)
    }

    /// Where the person's browser is sent. `verifier`: of PKCE, where the scheme has it.
    pub fn authorize_url(
        &self,
        redirect_uri: &str,
        state: &str,
        verifier: Option<&Secret>,
    ) -> Result<String> {
        let challenge = verifier.map(pkce::challenge);
        auth::authorize_url(&self.place(), redirect_uri, state, challenge.as_deref())
            .map_err(Error::Config)
    }

    /// Exchanges an authorization code; sent once.
    ///
    /// # Errors
    /// Class `Revoked` where the provider does not take the code: the person begins anew.
    pub async fn exchange<P: Ports>(
        &self,
        ports: &P,
        budget: &Budget,
        redirect_uri: &str,
        code: &Secret,
        verifier: Option<&Secret>,
    ) -> Result<TokenSet> {
        let verifier = verifier.map(Secret::expose);
        let request = auth::code_request(&self.place(), redirect_uri, code.expose(), verifier)
            .map_err(Error::Config)?;
        tokens(ports, budget, Side::Provider, http(request), false).await
    }

    /// Signs in with what a person typed in. A password is exchanged for a token and dropped; of API keys, nothing has
    /// been tried yet: [`Server::account`] does.
    pub async fn sign_in<P: Ports>(
        &self,
        ports: &P,
        budget: &Budget,
        parameters: &[(String, Secret)],
    ) -> Result<TokenSet, SignInError> {
        let sign_in = auth::sign_in_request(&self.place(), &exposed(parameters)).map_err(
            |error| match error {
                auth::ParameterError::Missing(name) => ParameterError::Missing(name).into(),
                auth::ParameterError::Malformed(name) => ParameterError::Malformed(name).into(),
                auth::ParameterError::Unknown => ParameterError::Unknown.into(),
                auth::ParameterError::Unusable(why) => SignInError::Call(Error::Config(why)),
            },
        )?;
        let kept = sign_in.keep.map(Secret::new);
        let Some(request) = sign_in.request else {
            let access_token = kept.ok_or_else(|| Error::Config("nothing to keep".to_owned()))?;
            return Ok(TokenSet {
                access_token,
                refresh_token: None,
                expires_in: None,
            });
        };
        let tokens = tokens(ports, budget, Side::Provider, http(request), false).await?;
        Ok(TokenSet {
            refresh_token: kept.or(tokens.refresh_token),
            ..tokens
        })
    }

    /// Gets a new access token.
    ///
    /// # Errors
    /// Class `Revoked` where the person must connect the account again.
    pub async fn refresh<P: Ports>(
        &self,
        ports: &P,
        budget: &Budget,
        refresh_token: &Secret,
    ) -> Result<TokenSet> {
        let request =
            auth::refresh_request(&self.place(), refresh_token.expose()).map_err(Error::Config)?;
        tokens(ports, budget, Side::Provider, http(request), true).await
    }

    /// Asks whose account it is, which shows as well that the credentials hold. `parameters` as typed in; none for OAuth.
    pub async fn account<P: Ports>(
        &self,
        ports: &P,
        budget: &Budget,
        access_token: &Secret,
        parameters: &[(String, Secret)],
    ) -> Result<Account> {
        let parameters = exposed(parameters);
        let mut request =
            auth::account_request(&self.place(), &parameters).map_err(Error::Config)?;
        request.headers.extend(self.headers(access_token)?);
        let judge = |answer: &HttpResponse| -> classifying::Verdict {
            classifying::provider(
                &self.connector,
                answer.status,
                &answer.headers,
                &answer.body,
            )
        };
        let response = caller(ports, budget, Side::Provider)
            .send(http(request), &judge)
            .await?;
        let account = auth::read_account(&self.connector, &parameters, &response.body)
            .ok_or_else(|| Error::no_json(Side::Provider))?;
        Ok(Account {
            id: account.id,
            name: Secret::new(account.name),
        })
    }

    /// Gives a token back, where the provider has a place for it; a failure is no reason not to disconnect.
    pub async fn deauthorize<P: Ports>(
        &self,
        ports: &P,
        budget: &Budget,
        access_token: &Secret,
    ) -> Result<()> {
        let request =
            auth::revoke_request(&self.place(), access_token.expose()).map_err(Error::Config)?;
        if let Some(request) = request {
            caller(ports, budget, Side::Provider)
                .once(http(request), &judge)
                .await?;
        }
        Ok(())
    }

    /// The headers that every call carries, from an access token as [`crate::tokens::access`] gives it.
    pub fn headers(&self, access_token: &Secret) -> Result<Vec<(String, String)>> {
        auth::headers(&self.place(), access_token.expose()).map_err(Error::Config)
    }

    fn place(&self) -> auth::Place {
        auth::Place {
            connector: self.connector.clone(),
            base_url: self.base_url.clone(),
            client: self.client.as_ref().map(|client| auth::Client {
                id: client.id.clone(),
                secret: client.secret.expose().to_owned(),
            }),
        }
    }
}

fn exposed(parameters: &[(String, Secret)]) -> Vec<(String, String)> {
    parameters
        .iter()
        .map(|(name, value)| (name.clone(), value.expose().to_owned()))
        .collect()
}

fn http(request: auth::Request) -> HttpRequest {
    HttpRequest {
        method: if request.method == "GET" {
            "GET"
        } else {
            "POST"
        },
        url: request.url,
        headers: request.headers,
        body: request.body,
    }
}
