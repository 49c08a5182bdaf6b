//! Authorization codes, refresh tokens and access tokens.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::form::random_token;

/// An access token lives half an hour.
pub(super) const ACCESS_TOKEN_SECONDS: i64 = 1_800;
/// How long a code can be exchanged; the documentation says no more than that it is short.
const CODE_SECONDS: i64 = 300;

/// What a bearer token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A portal, for the user who installed the app.
    Portal { id: u64, user: u64 },
    /// What belongs to the app over all portals, by its client credentials.
    App,
}

/// An access token.
#[derive(Debug, Clone)]
pub(super) struct AccessToken {
    pub(super) owner: Owner,
    /// None: never, as tokens made by hand.
    pub(super) expires_at: Option<DateTime<Utc>>,
    /// None: everything, as tokens made by hand.
    pub(super) scopes: Option<Vec<String>>,
}

impl AccessToken {
    /// A token made by hand.
    pub(super) fn unlimited(portal: u64) -> Self {
        let owner = Owner::Portal {
            id: portal,
            user: 0,
        };
        Self {
            owner,
            expires_at: None,
            scopes: None,
        }
    }

    pub(super) fn portal(&self) -> Option<u64> {
        match self.owner {
            Owner::Portal { id, .. } => Some(id),
            Owner::App => None,
        }
    }

    /// Seconds since it expired; None: it holds.
    pub(super) fn expired_for(&self, now: DateTime<Utc>) -> Option<i64> {
        let over = now - self.expires_at?;
        (over >= TimeDelta::zero()).then_some(over.num_seconds())
    }

    /// The groups of scopes of which it has none.
    pub(super) fn lacks(&self, needed: Vec<Vec<String>>) -> Vec<Vec<String>> {
        let Some(granted) = &self.scopes else {
            return Vec::new();
        };
        let missing = needed.into_iter();
        missing
            .filter(|group| !group.iter().any(|scope| granted.contains(scope)))
            .collect()
    }
}

/// What a user allowed.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) portal: u64,
    pub(super) user: u64,
    pub(super) scopes: Vec<String>,
}

/// A code on its way.
#[derive(Debug, Clone)]
struct Code {
    grant: Grant,
    redirect_uri: String,
    expires_at: DateTime<Utc>,
}

/// Why a code is not exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeError {
    /// Unknown, used or expired.
    Unknown,
    /// Not the address that it was sent to.
    RedirectUri,
}

/// All that was issued.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) access: HashMap<String, AccessToken>,
    pub(super) refresh: BTreeMap<String, Grant>,
    codes: HashMap<String, Code>,
    /// Every secret text that was ever handed out, for tests that look for them.
    issued: Vec<String>,
}

impl Tokens {
    fn issue(&mut self, prefix: &str, length: usize) -> String {
        let text = random_token(prefix, length);
        self.issued.push(text.clone());
        text
    }

    /// Everything that was ever handed out.
    pub(super) fn issued(&self) -> &[String] {
        &self.issued
    }

    /// A code for what a user just allowed.
    pub(super) fn code(&mut self, grant: Grant, redirect_uri: &str, now: DateTime<Utc>) -> String {
        let code = self.issue("na1-", 36);
        let expires_at = now + TimeDelta::seconds(CODE_SECONDS);
        let redirect_uri = redirect_uri.to_owned();
        let entry = Code {
            grant,
            redirect_uri,
            expires_at,
        };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Takes a code; it is void afterwards, whatever comes of it.
    pub(super) fn take_code(
        &mut self,
        code: &str,
        redirect_uri: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Grant, CodeError> {
        let code = self.codes.remove(code).ok_or(CodeError::Unknown)?;
        if now >= code.expires_at {
            return Err(CodeError::Unknown);
        }
        if redirect_uri != Some(code.redirect_uri.as_str()) {
            return Err(CodeError::RedirectUri);
        }
        Ok(code.grant)
    }

    /// A refresh token for a grant.
    pub(super) fn refresh_token(&mut self, grant: Grant) -> String {
        let token = self.issue("na1-", 60);
        self.refresh.insert(token.clone(), grant);
        token
    }

    /// An access token. HubSpot's are some hundred characters long, and may grow beyond 512.
    pub(super) fn access_token(
        &mut self,
        owner: Owner,
        scopes: Vec<String>,
        now: DateTime<Utc>,
    ) -> String {
        let token = self.issue("C", 340);
        let entry = AccessToken {
            owner,
            expires_at: Some(now + TimeDelta::seconds(ACCESS_TOKEN_SECONDS)),
            scopes: Some(scopes),
        };
        self.access.insert(token.clone(), entry);
        token
    }

    /// Voids everything of a portal, as uninstalling does; whether there was anything.
    pub(super) fn forget(&mut self, portal: u64) -> bool {
        let before = self.access.len() + self.refresh.len();
        self.access
            .retain(|_, token| token.portal() != Some(portal));
        self.refresh.retain(|_, grant| grant.portal != portal);
        self.codes.retain(|_, code| code.grant.portal != portal);
        self.access.len() + self.refresh.len() < before
    }
}
