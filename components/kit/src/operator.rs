//! What the operator may do: see how a portal stands, without content and names (S1-21), and seal everything anew after a
//! key was replaced. There is no admin panel (S1-41): these are two routes behind a token.

pub mod routes;

use serde::Serialize;

use crate::error::Result;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::reseal::{Replacement, Sealed};
use crate::vault::{Purpose, Vault};

pub use crate::store::support::{ConnectionView, PortalView, RunView};

/// A portal as support sees it; none where there is no such portal.
pub async fn portal<P: Ports>(ports: &P, portal: i64) -> Result<Option<PortalView>> {
    Store::new(ports).portal_view(portal).await
}

/// What sealing everything anew came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Resealed {
    /// Values that the newest key seals now.
    pub resealed: usize,
    /// Values that were replaced meanwhile, by an instance that sealed them by the newest key itself.
    pub replaced: usize,
    /// Values that no key of the ring opens: they stay as they are.
    pub unopened: usize,
    /// Whether every value was looked at; otherwise the time was up, and another call goes on.
    pub complete: bool,
}

/// The columns with sealed values that last. (PKCE verifiers end within ten minutes by themselves.)
#[derive(Clone, Copy)]
enum Column {
    Credentials,
    FingerprintKeys,
    Waiting,
}

/// Seals every value with the newest key that another key sealed.
///
/// Works until the deadline (unix milliseconds). A value that changed since it was read is left as it is now: a token
/// refreshed in between is never overwritten by an older one. Calling it again goes on with what is left.
pub async fn reseal<P: Ports>(ports: &P, vault: &Vault, deadline: i64) -> Result<Resealed> {
    let store = Store::new(ports);
    let prefix = vault.newest_prefix();
    let mut done = Resealed::default();
    for column in [
        Column::Credentials,
        Column::FingerprintKeys,
        Column::Waiting,
    ] {
        let mut last: Option<Sealed> = None;
        loop {
            let mut page = match column {
                Column::Credentials => store.credentials_not_by(&prefix, last.as_ref()).await?,
                Column::FingerprintKeys => {
                    store
                        .fingerprint_keys_not_by(&prefix, last.as_ref())
                        .await?
                }
                Column::Waiting => store.waiting_not_by(&prefix, last.as_ref()).await?,
            };
            if page.is_empty() {
                break;
            }
            if ports.now() >= deadline {
                return Ok(done);
            }
            let mut items = Vec::with_capacity(page.len());
            for sealed in &page {
                match anew(ports, vault, sealed)? {
                    Some(item) => items.push(item),
                    None => done.unopened += 1,
                }
            }
            let replaced = match column {
                Column::Credentials => store.replace_credentials(&items).await?,
                Column::FingerprintKeys => store.replace_fingerprint_keys(&items).await?,
                Column::Waiting => store.replace_waiting(&items).await?,
            };
            done.resealed += replaced;
            done.replaced += items.len() - replaced;
            drop(items);
            last = page.pop();
        }
    }
    done.complete = true;
    Ok(done)
}

/// The value under the newest key; none where it does not open.
fn anew<'a, P: Ports>(
    ports: &P,
    vault: &Vault,
    sealed: &'a Sealed,
) -> Result<Option<Replacement<'a>>> {
    let purpose = Purpose {
        portal: sealed.portal,
        connection: &sealed.connection,
        name: &sealed.purpose,
    };
    let Ok(value) = vault.open(purpose, &sealed.envelope) else {
        return Ok(None);
    };
    Ok(Some(Replacement {
        portal: sealed.portal,
        connection: &sealed.connection,
        purpose: &sealed.purpose,
        old: &sealed.envelope,
        new: vault.seal(ports, purpose, &value)?,
    }))
}
