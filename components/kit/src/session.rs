//! Who a browser is, and which authorizations it began.
//!
//! - A *ticket* is a link that opens once, for the user of a signed request.
//! - A *session* is a cookie, and strictly for signing in (S1-04, S1-17): it holds a random value and nothing else.
//! - A *state* ties an authorization to the browser it began in, by a second cookie (S0-85, S1-35).
//!
//! All are 256 random bits. The database holds digests, so that reading it opens nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::ports::{Ports, Random};
use crate::store::Store;
use crate::store::sessions::{Flow, Holder, OauthState, SessionKind};
use crate::surface::Incoming;

/// How long an authorization may take (S0-85).
pub const STATE_MILLIS: i64 = 600_000;
/// How long a ticket opens: a card may have fetched it some minutes before it is clicked.
pub const TICKET_MILLIS: i64 = 600_000;
/// How long a session lasts: what an admin does here takes minutes.
pub const SESSION_MILLIS: i64 = 3_600_000;

/// `__Host-`: set by this very host, over TLS, for all of its paths (RFC 6265bis, 4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-sync300-session";
/// The cookie that an authorization's callback must bring back.
pub const STATE_COOKIE: &str = "__Host-sync300-state";

/// What a nonce is for; a digest of one kind is none of another.
#[derive(Debug, Clone, Copy)]
enum Kind {
    State,
    Browser,
    Ticket,
    Session,
    Click,
    Webhook,
}

/// 256 random bits, in 43 characters of base64url.
pub fn nonce(random: &impl Random) -> Result<String> {
    let mut bytes = [0_u8; 32];
    random.fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether a text can be one of our nonces.
fn is_nonce(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == 32)
}

fn digest(kind: Kind, nonce: &str) -> String {
    let name = match kind {
        Kind::State => "state",
        Kind::Browser => "browser",
        Kind::Ticket => "ticket",
        Kind::Session => "session",
        Kind::Click => "click",
        Kind::Webhook => "webhook",
    };
    let hash = Sha256::digest(format!("sync300/{name}/{nonce}"));
    URL_SAFE_NO_PAD.encode(hash)
}

/// The digest of the token in a webhook's address; none where the text cannot be one.
pub fn webhook_digest(token: &str) -> Option<String> {
    is_nonce(token).then(|| digest(Kind::Webhook, token))
}

fn cookie(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

/// An authorization that was begun.
pub struct Begun {
    /// The `state` parameter.
    pub state: String,
    /// The cookie to set.
    pub cookie: String,
}

/// Begins an authorization in this browser.
///
/// A browser that has begun another one keeps its cookie, so that two windows do not undo each other.
pub async fn begin<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    flow: Flow,
    state: &OauthState,
) -> Result<Begun> {
    let nonce_of_state = nonce(ports)?;
    let browser = match incoming
        .cookie(STATE_COOKIE)
        .filter(|value| is_nonce(value))
    {
        Some(browser) => browser.to_owned(),
        None => nonce(ports)?,
    };
    Store::new(ports)
        .put_state(
            &digest(Kind::State, &nonce_of_state),
            &digest(Kind::Browser, &browser),
            flow,
            state,
            ports.now() + STATE_MILLIS,
        )
        .await?;
    Ok(Begun {
        state: nonce_of_state,
        cookie: cookie(STATE_COOKIE, &browser, STATE_MILLIS / 1_000),
    })
}

/// Takes the authorization that a callback names. None where it is unknown, expired, used, of another browser, or of
/// another flow: the callback is refused, and nothing is changed.
pub async fn finish<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    state: Option<&str>,
    flow: Flow,
    connector: Option<&str>,
) -> Result<Option<OauthState>> {
    let (Some(state), Some(browser)) = (
        state.filter(|value| is_nonce(value)),
        incoming
            .cookie(STATE_COOKIE)
            .filter(|value| is_nonce(value)),
    ) else {
        return Ok(None);
    };
    Store::new(ports)
        .take_state(
            &digest(Kind::State, state),
            &digest(Kind::Browser, browser),
            flow,
            connector,
        )
        .await
}

/// Issues a ticket.
pub async fn issue_ticket<P: Ports>(ports: &P, holder: Holder) -> Result<String> {
    let ticket = nonce(ports)?;
    Store::new(ports)
        .put_session(
            &digest(Kind::Ticket, &ticket),
            SessionKind::Ticket,
            holder,
            ports.now() + TICKET_MILLIS,
        )
        .await?;
    Ok(ticket)
}

/// Takes a ticket: once, in time.
pub async fn take_ticket<P: Ports>(ports: &P, ticket: &str) -> Result<Option<Holder>> {
    if !is_nonce(ticket) {
        return Ok(None);
    }
    Store::new(ports)
        .take_ticket(&digest(Kind::Ticket, ticket))
        .await
}

/// Opens a session, and gives its cookie.
pub async fn open<P: Ports>(ports: &P, holder: Holder) -> Result<String> {
    let session = nonce(ports)?;
    Store::new(ports)
        .put_session(
            &digest(Kind::Session, &session),
            SessionKind::Session,
            holder,
            ports.now() + SESSION_MILLIS,
        )
        .await?;
    Ok(cookie(SESSION_COOKIE, &session, SESSION_MILLIS / 1_000))
}

/// Whose session the request brings along.
pub async fn holder<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Option<Holder>> {
    match incoming
        .cookie(SESSION_COOKIE)
        .filter(|value| is_nonce(value))
    {
        Some(session) => {
            Store::new(ports)
                .session(&digest(Kind::Session, session))
                .await
        }
        None => Ok(None),
    }
}

/// What a link on a page of ours carries, so that following it is a click on that page: it is made of the session's
/// secret, which no other site knows. None without a session.
pub fn click(incoming: &Incoming) -> Option<String> {
    let session = incoming.cookie(SESSION_COOKIE)?;
    Some(digest(Kind::Click, session))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S1-04, S1-17, S1-35: cookies are for this host, over TLS, out of scripts' reach, and hold a random value alone.
    #[test]
    fn a_cookie_is_as_narrow_as_it_can_be() {
        assert_eq!(
            cookie(SESSION_COOKIE, "x", 60),
            "__Host-sync300-session=x; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_digest_is_of_one_kind() {
        let nonce = URL_SAFE_NO_PAD.encode([1_u8; 32]);
        assert!(is_nonce(&nonce));
        assert_ne!(digest(Kind::Ticket, &nonce), digest(Kind::Session, &nonce));
        assert!(!digest(Kind::State, &nonce).contains(&nonce));
    }

    #[test]
    fn only_nonces_are_looked_up() {
        for text in [
            "",
            "x",
            &"A".repeat(44),
            &"!".repeat(43),
            &"A".repeat(43)[1..],
        ] {
            assert!(!is_nonce(text), "{text}");
        }
    }
}
