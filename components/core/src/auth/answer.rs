//! The answers.

use serde::Deserialize;
use serde_json::Value;

use super::{Account, TokenSet};
use crate::declaration;

/// A token that lives longer counts as one of this life, in seconds: ten years.
const LONGEST: u64 = 10 * 365 * 24 * 60 * 60;

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
}

/// Reads a token endpoint's answer (RFC 6749 §5.1); none where it is not one.
#[must_use]
pub fn read_tokens(body: &[u8]) -> Option<TokenSet> {
    let tokens: Tokens = serde_json::from_slice(body).ok()?;
    if !sendable(&tokens.access_token) {
        return None;
    }
    let expires_in = match tokens.expires_in {
        None | Some(Value::Null) => None,
        // A life that cannot be read is the shortest one: the token is renewed when it is next needed.
        Some(told) => Some(seconds(&told).unwrap_or(0).min(LONGEST)),
    };
    Some(TokenSet {
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token.filter(|token| !token.is_empty()),
        expires_in,
    })
}

/// Some providers quote the number.
fn seconds(told: &Value) -> Option<u64> {
    match told {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Fit for a header.
fn sendable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())
}

/// Reads whose account it is; none where the answer does not tell.
#[must_use]
pub fn read_account(
    connector: &str,
    parameters: &[(String, String)],
    body: &[u8],
) -> Option<Account> {
    let declared = &declaration::find(connector).ok()?.declaration.account;
    let answer: Value = serde_json::from_slice(body).ok()?;
    let read = |path: &str| match declaration::parameter_of(path) {
        Some(name) => {
            let (_, value) = parameters.iter().find(|(known, _)| known == name)?;
            Some(value.clone())
        }
        None => text(path.split('.').try_fold(&answer, |at, key| at.get(key))?),
    };
    Some(Account {
        id: read(&declared.id)?,
        name: read(&declared.name)?,
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
