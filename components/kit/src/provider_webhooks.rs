//! `POST /provider/webhooks/{token}`: what a provider tells of its records.
//!
//! Providers want their answer at once and try again otherwise, so nothing is done here but writing down: that the
//! connection is due, and which links are in doubt. Of an event no more is read than a record's id and what happened to it;
//! nothing ends because an event says so. Events come more than once and in no order, and do no harm twice.
//!
//! The token in the address is known to the provider alone, and says which webhook of which connection it is. Without it
//! nobody can shake hands for us; without the secret of that handshake nobody can tell us anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::caller::refuse;
use crate::core::webhooks::{self, Encoding, EventKind, Scheme};
use crate::error::Error;
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::secret::Secret;
use crate::session;
use crate::store::Store;
use crate::store::provider_webhooks::{Addressee, secret_of};
use crate::surface::{Answer, Header, Incoming, Problem, same};
use crate::vault::{Purpose, Vault};

/// Path of all addresses.
const PATH: &str = "/provider/webhooks/";
/// Longest secret that is taken; providers give some 40 to 70 characters.
const LONGEST_SECRET: usize = 256;

/// Where the events of a webhook are sent.
pub fn address(public_url: &str, token: &str) -> String {
    [public_url, PATH, token].concat()
}

/// The token of an address of ours.
pub fn token_in<'t>(public_url: &str, address: &'t str) -> Option<&'t str> {
    address.strip_prefix(public_url)?.strip_prefix(PATH)
}

/// Takes a handshake or an event.
pub async fn receive<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    if incoming.method != "POST" {
        return Answer::method_not_allowed("POST", &incoming.request_id);
    }
    match take(ports, incoming).await {
        Ok(answer) => answer,
        Err(problem) => refuse(ports, incoming, &problem),
    }
}

async fn take<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Answer, Problem> {
    let token = token_in("", incoming.path());
    let digest = token
        .and_then(session::webhook_digest)
        .ok_or_else(|| Problem::new(404, "not_found", "There is no such address."))?;
    let store = Store::new(ports);
    store.migrate().await?;
    // 410: given up, or never asked for. A provider stops sending to it.
    let addressee = store.addressee(&digest).await?.ok_or_else(|| {
        Problem::new(
            410,
            "webhook_unknown",
            "Nobody asked for this webhook, or not any more.",
        )
    })?;
    let scheme = webhooks::describe(&addressee.connector)
        .map_err(Error::Config)?
        .ok_or_else(|| Error::Config("the connector declares no webhooks".to_owned()))?;
    let hook = Hook {
        ports,
        store,
        vault: Vault::from_ring(ports.variable("vault_keys").as_ref()).map_err(Error::from)?,
        scheme,
        addressee,
    };
    match incoming.header(&hook.scheme.secret_header) {
        Header::Absent => hook.event(incoming).await,
        Header::One(secret) => hook.handshake(incoming, &digest, secret).await,
        Header::Unclear => Err(Problem::new(
            400,
            "handshake_unclear",
            "The handshake's secret stands there twice, or is not text.",
        )),
    }
}

/// A webhook that was asked for, and what is needed to answer it.
struct Hook<'a, P> {
    ports: &'a P,
    store: Store<'a, P>,
    vault: Vault,
    scheme: Scheme,
    addressee: Addressee,
}

impl<P: Ports> Hook<'_, P> {
    /// The secret that the provider will sign with. It is taken once, for a webhook that was just asked for: whoever comes
    /// with another one later is refused, and whoever comes with the same one has lost our answer.
    async fn handshake(
        &self,
        incoming: &Incoming,
        digest: &str,
        secret: &str,
    ) -> Result<Answer, Problem> {
        let id = webhooks::read_handshake(&self.addressee.connector, &incoming.body);
        self.is_of(id.as_deref())?;
        let plain = secret.bytes().all(|byte| byte.is_ascii_graphic());
        if secret.is_empty() || secret.len() > LONGEST_SECRET || !plain {
            return Err(Problem::new(
                400,
                "handshake_secret",
                "The handshake's secret cannot be one.",
            ));
        }
        if self.addressee.active {
            let held = self.secret().await?;
            let again = held.is_some_and(|held| same(secret, held.expose()));
            return match again {
                true => Ok(confirmed(&self.scheme, secret)),
                false => Err(Problem::new(
                    409,
                    "handshake_done",
                    "This webhook has another secret already.",
                )),
            };
        }
        let name = secret_of(&self.addressee.model);
        self.store
            .put_credential(&self.vault, self.purpose(&name), &Secret::new(secret), None)
            .await?;
        self.store.agree_webhook(digest, id.as_deref()).await?;
        self.log("handshake");
        Ok(confirmed(&self.scheme, secret))
    }

    async fn event(&self, incoming: &Incoming) -> Result<Answer, Problem> {
        self.verify(incoming).await?;
        // What was not asked for is acknowledged: sending it again would change nothing.
        let Some(event) = webhooks::read_event(&self.addressee.connector, &incoming.body) else {
            return Ok(Answer::empty(204));
        };
        self.is_of(event.webhook.as_deref())?;
        let of_model =
            |subscription: &&webhooks::Subscription| subscription.model == self.addressee.model;
        let objects: Vec<&str> = self
            .scheme
            .subscriptions
            .iter()
            .filter(of_model)
            .flat_map(|subscription| &subscription.objects)
            .map(String::as_str)
            .filter(|name| self.addressee.settings.object(name).enabled)
            .collect();
        let connection = &self.addressee.connection;
        let concerns = match event.kind {
            EventKind::Changed => !objects.is_empty(),
            EventKind::Deleted => self.store.suspect(connection, &objects, &event.id).await?,
        };
        if concerns && self.store.request_sync(connection).await? {
            self.log(match event.kind {
                EventKind::Changed => "changed",
                EventKind::Deleted => "deleted",
            });
        }
        Ok(Answer::empty(204))
    }

    /// Refuses what the webhook's secret has not signed: HMAC-SHA256 of the raw body.
    async fn verify(&self, incoming: &Incoming) -> Result<(), Problem> {
        let refused = |code| {
            Err(Problem {
                detail: Some(String::from(code)),
                ..Problem::new(401, "signature", "The event is not signed as it must be.")
            })
        };
        let signature = match incoming.header(&self.scheme.signature_header) {
            Header::One(signature) => signature,
            Header::Absent => return refused("signature_missing"),
            Header::Unclear => return refused("signature_unclear"),
        };
        let held = match self.addressee.active {
            true => self.secret().await?,
            false => None,
        };
        let Some(secret) = held else {
            return refused("signature_no_secret");
        };
        match is_signed(&secret, &incoming.body, signature, &self.scheme.encodings) {
            true => Ok(()),
            false => refused("signature_mismatch"),
        }
    }

    /// Refuses what names another webhook than the one of this address.
    fn is_of(&self, id: Option<&str>) -> Result<(), Problem> {
        match (id, self.addressee.id.as_deref()) {
            (Some(told), Some(known)) if told != known => Err(Problem::new(
                403,
                "webhook_other",
                "This address belongs to another webhook.",
            )),
            _ => Ok(()),
        }
    }

    async fn secret(&self) -> Result<Option<Secret>, Error> {
        let name = secret_of(&self.addressee.model);
        let held = self
            .store
            .credential(&self.vault, self.purpose(&name))
            .await?;
        Ok(held.map(|(secret, _)| secret))
    }

    fn purpose<'p>(&'p self, name: &'p str) -> Purpose<'p> {
        Purpose {
            portal: self.addressee.portal,
            connection: &self.addressee.connection,
            name,
        }
    }

    fn log(&self, what: &'static str) {
        let fields = [
            ("connection", self.addressee.connection.as_str().into()),
            ("portal", self.addressee.portal.into()),
            ("model", self.addressee.model.as_str().into()),
            ("what", what.into()),
        ];
        log::write(self.ports, Level::Info, "provider_webhook", &fields);
    }
}

/// Says the secret back.
fn confirmed(scheme: &Scheme, secret: &str) -> Answer {
    let mut answer = Answer::empty(200);
    answer
        .headers
        .push((scheme.secret_header.clone().into(), secret.to_owned()));
    answer
}

/// Whether a signature is over this body by this secret, in one of these encodings.
fn is_signed(secret: &Secret, body: &[u8], signature: &str, encodings: &[Encoding]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return false;
    };
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    encodings.iter().any(|encoding| {
        let expected = match encoding {
            Encoding::Hex => digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            Encoding::Base64 => STANDARD.encode(digest),
        };
        same(signature, &expected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the secret, over the raw body, in hex or base64, and in no other way. Digests: RFC 4231, test case 2.
    #[test]
    fn a_signature_is_over_the_body_by_the_secret() {
        const HEX: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        const BASE64: &str = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        let signed = |secret: &str, body: &[u8], signature: &str, encodings: &[Encoding]| {
            is_signed(&Secret::new(secret), body, signature, encodings)
        };
        let body = b"what do ya want for nothing?";
        let both = [Encoding::Hex, Encoding::Base64];
        assert!(signed("Jefe", body, HEX, &both));
        assert!(signed("Jefe", body, BASE64, &both));
        assert!(!signed("Jefe", body, BASE64, &[Encoding::Hex]));
        assert!(!signed("Jefe", body, HEX, &[Encoding::Base64]));
        assert!(!signed("jefe", body, HEX, &both));
        assert!(!signed("Jefe", b"what do ya want for nothing!", HEX, &both));
        for other in ["", &HEX.to_uppercase(), &HEX[..63], "sha256=x"] {
            assert!(!signed("Jefe", body, other, &both), "{other}");
        }
    }

    #[test]
    fn an_address_holds_its_token() {
        let ours = "https://sync.example.com";
        let there = address(ours, "abc");
        assert_eq!(there, "https://sync.example.com/provider/webhooks/abc");
        assert_eq!(token_in(ours, &there), Some("abc"));
        assert_eq!(token_in("https://sync.example.org", &there), None);
        assert_eq!(token_in(ours, "https://sync.example.com/other"), None);
    }
}
