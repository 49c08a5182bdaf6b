//! Authorization codes, refresh tokens and access tokens, and how often these may call.

use std::collections::{BTreeMap, HashMap};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};

use super::RateLimit;
use crate::form::random_token;

/// An access token lives thirty days.
pub(super) const ACCESS_TOKEN_SECONDS: i64 = 2_592_000;
/// How long a code can be exchanged (Doorkeeper's default).
const CODE_SECONDS: i64 = 600;

/// A bearer token and its calls within the current minute.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) account: u64,
    /// The refresh token that it belongs to; None: made by hand.
    refresh: Option<String>,
    /// None: never, as tokens made by hand.
    pub(super) expires_at: Option<DateTime<Utc>>,
    window_end: DateTime<Utc>,
    used: u32,
}

impl Token {
    /// A token made by hand.
    pub(super) fn unlimited(account: u64) -> Self {
        Self {
            account,
            refresh: None,
            expires_at: None,
            window_end: DateTime::UNIX_EPOCH,
            used: 0,
        }
    }

    /// Counts a call; the headers of its answer, and whether it is one too many.
    pub(super) fn take(&mut self, limit: RateLimit, now: DateTime<Utc>) -> (HeaderMap, bool) {
        if now >= self.window_end {
            self.window_end = now + TimeDelta::seconds(60);
            self.used = 0;
        }
        let max = limit.0.unwrap_or(u32::MAX);
        let over = self.used >= max;
        if !over {
            self.used += 1;
        }
        let reset =
            self.window_end.timestamp() + i64::from(self.window_end.timestamp_subsec_nanos() > 0);
        let mut headers: HeaderMap = [
            ("x-ratelimit-limit", i64::from(max)),
            ("x-ratelimit-remaining", i64::from(max - self.used)),
            ("x-ratelimit-reset", reset),
        ]
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from(value)))
        .collect();
        if over {
            let wait = (self.window_end - now).num_seconds() + 1;
            headers.insert("retry-after", HeaderValue::from(wait));
        }
        (headers, over)
    }
}

/// A code on its way.
#[derive(Debug)]
struct Code {
    account: u64,
    redirect_uri: String,
    expires_at: DateTime<Utc>,
}

/// All that was issued.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) access: HashMap<String, Token>,
    /// Account by refresh token. Refresh tokens do not expire, and are used again and again.
    pub(super) refresh: BTreeMap<String, u64>,
    codes: HashMap<String, Code>,
    /// Every secret text that was ever handed out, for tests that look for them.
    issued: Vec<String>,
}

impl Tokens {
    fn issue(&mut self, length: usize) -> String {
        let text = random_token("", length);
        self.issued.push(text.clone());
        text
    }

    /// Everything that was ever handed out.
    pub(super) fn issued(&self) -> &[String] {
        &self.issued
    }

    /// A code for what a user just allowed.
    pub(super) fn code(&mut self, account: u64, redirect_uri: &str, now: DateTime<Utc>) -> String {
        let code = self.issue(43);
        let entry = Code {
            account,
            redirect_uri: redirect_uri.to_owned(),
            expires_at: now + TimeDelta::seconds(CODE_SECONDS),
        };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Takes a code, which is void afterwards; None where it does not hold, or was sent elsewhere.
    pub(super) fn take_code(
        &mut self,
        code: &str,
        redirect_uri: &str,
        now: DateTime<Utc>,
    ) -> Option<u64> {
        let code = self.codes.remove(code)?;
        (now < code.expires_at && code.redirect_uri == redirect_uri).then_some(code.account)
    }

    /// A refresh token for an account.
    pub(super) fn refresh_token(&mut self, account: u64) -> String {
        let token = self.issue(43);
        self.refresh.insert(token.clone(), account);
        token
    }

    /// An access token that belongs to a refresh token.
    pub(super) fn access_token(
        &mut self,
        account: u64,
        refresh: &str,
        now: DateTime<Utc>,
    ) -> String {
        let token = self.issue(43);
        let entry = Token {
            refresh: Some(refresh.to_owned()),
            expires_at: Some(now + TimeDelta::seconds(ACCESS_TOKEN_SECONDS)),
            ..Token::unlimited(account)
        };
        self.access.insert(token.clone(), entry);
        token
    }

    /// Voids an access token and all that belongs to the same authorization.
    pub(super) fn deauthorize(&mut self, token: &str) {
        let refresh = self.access.remove(token).and_then(|token| token.refresh);
        if let Some(refresh) = refresh {
            self.refresh.remove(&refresh);
            self.access
                .retain(|_, token| token.refresh.as_ref() != Some(&refresh));
        }
    }

    /// Voids everything of an account.
    pub(super) fn forget(&mut self, account: u64) {
        self.access.retain(|_, token| token.account != account);
        self.refresh.retain(|_, owner| *owner != account);
        self.codes.retain(|_, code| code.account != account);
    }
}
