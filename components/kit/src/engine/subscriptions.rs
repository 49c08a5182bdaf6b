//! The provider's webhooks about a connection's records: asked for, looked after, renewed at half of their life, and given
//! up. They make what changes due at once; without them every run finds the same, only later: so nothing that goes wrong
//! here stops a run, but for what would stop any call.
//!
//! What was asked for is noted before it is: the provider's handshake may come before its answer, and an answer that is
//! lost leaves a webhook that its address tells.

use crate::config;
use crate::core::catalog;
use crate::core::webhooks::{self, Activation, NewWebhook, Renewal, Scheme, Status, Webhook, Wish};
use crate::error::{Class, Error, Result, Side};
use crate::log::{self, Level};
use crate::ports::Ports;
use crate::provider_webhooks::{address, token_in};
use crate::session;
use crate::store::provider_webhooks::{Asked, secret_of};
use crate::vault::Purpose;

use super::slice::Slice;

/// When a new webhook is looked at: its handshake takes seconds.
const SOON_MILLIS: i64 = 5 * 60_000;
/// How often one is looked at: a provider may suspend it, or its user delete it.
const DAY_MILLIS: i64 = 24 * 60 * 60_000;
/// When something that may pass is tried again.
const LATER_MILLIS: i64 = 10 * 60_000;

/// How the connection's webhooks work, and scheme and host of their addresses. None where there are none: the connector
/// declares none, or nobody can reach us over TLS.
pub(super) fn scheme<P: Ports>(slice: &Slice<'_, P>) -> Result<Option<(Scheme, String)>> {
    let public_url = config::public_url(slice.ports).ok();
    let Some(public_url) = public_url.filter(|url| url.starts_with("https://")) else {
        return Ok(None);
    };
    let scheme = webhooks::describe(&slice.connector.id).map_err(Error::Config)?;
    Ok(scheme.map(|scheme| (scheme, public_url)))
}

/// The provider's names of what is in step.
fn wanted<'s>(scheme: &'s Scheme, enabled: &[&catalog::Object]) -> Vec<&'s str> {
    let is_on = |name: &String| enabled.iter().any(|object| object.name == *name);
    let on = scheme.subscriptions.iter();
    on.filter(|subscription| subscription.objects.iter().any(is_on))
        .map(|subscription| subscription.model.as_str())
        .collect()
}

/// Whether there is something to do for [`tend`].
pub(super) async fn untended<P: Ports>(
    slice: &Slice<'_, P>,
    enabled: &[&catalog::Object],
) -> Result<bool> {
    wait(slice, enabled, &[]).await
}

/// Whether an event has put a record in doubt.
pub(super) async fn doubt<P: Ports>(
    slice: &Slice<'_, P>,
    enabled: &[&catalog::Object],
) -> Result<bool> {
    let objects: Vec<&str> = enabled.iter().map(|object| object.name.as_str()).collect();
    wait(slice, enabled, &objects).await
}

async fn wait<P: Ports>(
    slice: &Slice<'_, P>,
    enabled: &[&catalog::Object],
    in_doubt: &[&str],
) -> Result<bool> {
    let Some((scheme, public_url)) = scheme(slice)? else {
        return Ok(false);
    };
    slice
        .store
        .webhooks_wait(
            &slice.connection.id,
            &public_url,
            &wanted(&scheme, enabled),
            in_doubt,
        )
        .await
}

/// Has one webhook for every kind of record that is in step, and no other.
pub(super) async fn tend<P: Ports>(
    slice: &Slice<'_, P>,
    enabled: &[&catalog::Object],
) -> Result<()> {
    let Some((scheme, public_url)) = scheme(slice)? else {
        return Ok(());
    };
    let wanted = wanted(&scheme, enabled);
    let mut asked = slice.store.webhooks_asked(&slice.connection.id).await?;
    let fits =
        |asked: &Asked| asked.public_url == public_url && wanted.contains(&asked.model.as_str());
    for past in asked.iter().filter(|asked| !fits(asked)) {
        slice.budget.step(slice.ports)?;
        if let Some(id) = &past.id {
            bearable(
                slice,
                &past.model,
                slice.provider.webhooks(&Wish::Delete(id.clone())).await,
            )?;
        }
        slice
            .store
            .drop_webhook(slice.connection, &past.model)
            .await?;
    }
    asked.retain(fits);
    let subscriber = Subscriber {
        slice,
        life: i64::from(scheme.life_seconds) * 1_000,
        public_url: &public_url,
    };
    for model in wanted {
        let known = asked.iter().find(|asked| asked.model == model);
        if known.is_some_and(|asked| asked.check_at > slice.ports.now()) {
            continue;
        }
        slice.budget.step(slice.ports)?;
        let done = subscriber.look_after(model, known).await;
        if let Some(pause) = bearable(slice, model, done)? {
            slice
                .store
                .delay_webhook(slice.connection, model, slice.ports.now() + pause)
                .await?;
        }
    }
    Ok(())
}

/// How long to wait after an error that the sync can live with; none where there was none.
fn bearable<T, P: Ports>(
    slice: &Slice<'_, P>,
    model: &str,
    done: Result<T>,
) -> Result<Option<i64>> {
    let error = match done {
        Ok(_) => return Ok(None),
        Err(error @ (Error::LeaseLost | Error::BudgetSpent | Error::Sql(_))) => return Err(error),
        Err(error) if error.class() == Class::Revoked => return Err(error),
        Err(error) => error,
    };
    let fields = [
        ("connection", slice.connection.id.as_str().into()),
        ("model", model.into()),
        ("code", error.code().into()),
    ];
    log::write(slice.ports, Level::Warn, "webhook_trouble", &fields);
    Ok(Some(match error.class() {
        Class::RateLimited { after } => after.max(1),
        Class::Transient => LATER_MILLIS,
        _ => DAY_MILLIS,
    }))
}

/// Who asks for webhooks.
struct Subscriber<'s, 'a, P> {
    slice: &'s Slice<'a, P>,
    /// Milliseconds that a webhook is asked for.
    life: i64,
    public_url: &'s str,
}

impl<P: Ports> Subscriber<'_, '_, P> {
    async fn look_after(&self, model: &str, known: Option<&Asked>) -> Result<()> {
        let Some(known) = known else {
            return self.ask(model).await;
        };
        let id = match &known.id {
            Some(id) => Some(id.clone()),
            None => self.found(&known.digest).await?,
        };
        match id {
            Some(id) => self.check(known, id).await,
            None => self.ask(model).await,
        }
    }

    /// Asks for a webhook at an address that nobody else can know.
    async fn ask(&self, model: &str) -> Result<()> {
        let slice = self.slice;
        let token = session::nonce(slice.ports)?;
        let digest = session::webhook_digest(&token).ok_or(Error::Row)?;
        let now = slice.ports.now();
        let mut asked = Asked {
            model: model.to_owned(),
            digest,
            public_url: self.public_url.to_owned(),
            id: None,
            active: false,
            expires_at: None,
            check_at: now + SOON_MILLIS,
        };
        slice
            .store
            .delete_credential(
                slice.connection.portal,
                &slice.connection.id,
                &secret_of(model),
            )
            .await?;
        slice.store.put_webhook(slice.connection, &asked).await?;
        let wish = Wish::Create(NewWebhook {
            model: model.to_owned(),
            address: address(self.public_url, &token),
            expires_at: (now + self.life).unsigned_abs(),
        });
        let made = self.one(&wish).await?;
        asked.expires_at = millis(made.expires_at);
        asked.id = Some(made.id);
        slice.store.put_webhook(slice.connection, &asked).await?;
        self.log(model, "asked");
        Ok(())
    }

    /// The id of a webhook whose making was never answered, by its address.
    async fn found(&self, digest: &str) -> Result<Option<String>> {
        let all = self.slice.provider.webhooks(&Wish::List).await?;
        let is_it = |webhook: &Webhook| {
            let address = webhook.address.as_deref();
            let token = address.and_then(|address| token_in(self.public_url, address));
            token.and_then(session::webhook_digest).as_deref() == Some(digest)
        };
        Ok(all.into_iter().find(is_it).map(|webhook| webhook.id))
    }

    /// Looks at a webhook: what is no longer alive is replaced, what has lived half of its life renewed, and where no
    /// handshake came its secret is read, over the same TLS and with the same token as the records.
    async fn check(&self, known: &Asked, id: String) -> Result<()> {
        let (slice, model) = (self.slice, known.model.as_str());
        let name = secret_of(model);
        let purpose = Purpose {
            portal: slice.connection.portal,
            connection: &slice.connection.id,
            name: &name,
        };
        let held = slice.store.credential(slice.vault, purpose).await?;
        let held = held.map(|(secret, _)| secret);
        let wish = match held {
            Some(_) => Wish::Read(id.clone()),
            None => Wish::ReadSecret(id.clone()),
        };
        let webhook = match self.one(&wish).await {
            Err(Error::Api { status: 404, .. }) => return self.ask(model).await,
            webhook => webhook?,
        };
        if webhook.status == Status::Ended {
            let given_up = slice.provider.webhooks(&Wish::Delete(id)).await;
            bearable(slice, model, given_up)?;
            self.log(model, "replaced");
            return self.ask(model).await;
        }
        let mut now_known = Asked {
            id: Some(id.clone()),
            expires_at: millis(webhook.expires_at).or(known.expires_at),
            ..known.clone()
        };
        let secret = match (held, webhook.secret) {
            (Some(held), _) => Some(held),
            (None, Some(told)) => {
                let told = crate::secret::Secret::new(told);
                let store = &slice.store;
                store
                    .put_credential(slice.vault, purpose, &told, None)
                    .await?;
                Some(told)
            }
            (None, None) => None,
        };
        if let Some(secret) = secret {
            if webhook.status == Status::Pending {
                let activation = Activation {
                    id: id.clone(),
                    secret: secret.expose().to_owned(),
                };
                slice.provider.webhooks(&Wish::Activate(activation)).await?;
                self.log(model, "activated");
            }
            now_known.active = true;
        }
        let now = slice.ports.now();
        let half = |expires_at: Option<i64>| expires_at.map_or(now, |at| at - self.life / 2);
        if half(now_known.expires_at) <= now {
            let expires_at = now + self.life;
            let renewal = Renewal {
                id,
                expires_at: expires_at.unsigned_abs(),
            };
            let renewed = self.one(&Wish::Renew(renewal)).await?;
            now_known.expires_at = millis(renewed.expires_at).or(Some(expires_at));
            self.log(model, "renewed");
        }
        let renew_at = half(now_known.expires_at).max(now + LATER_MILLIS);
        now_known.check_at = (now + DAY_MILLIS).min(renew_at);
        slice.store.put_webhook(slice.connection, &now_known).await
    }

    /// The one webhook that an answer tells.
    async fn one(&self, wish: &Wish) -> Result<Webhook> {
        let told = self.slice.provider.webhooks(wish).await?;
        told.into_iter()
            .next()
            .ok_or_else(|| Error::no_json(Side::Provider))
    }

    fn log(&self, model: &str, what: &'static str) {
        let fields = [
            ("connection", self.slice.connection.id.as_str().into()),
            ("model", model.into()),
            ("what", what.into()),
        ];
        log::write(
            self.slice.ports,
            Level::Info,
            "webhook_subscription",
            &fields,
        );
    }
}

fn millis(at: Option<u64>) -> Option<i64> {
    i64::try_from(at?).ok()
}
