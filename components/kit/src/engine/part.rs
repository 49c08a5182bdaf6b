//! A run has two parts: first what the provider has goes to HubSpot, then what people did in HubSpot goes to the
//! provider. Each is a component of its own, as each must stay small; so the second also does, before the first, what that
//! needs: it is asked for it where it has not been done, and hands the run back.

use super::slice::Slice;
use super::{to_hubspot, to_provider};
use crate::error::Result;
use crate::ports::Ports;

/// A part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// From the provider to HubSpot: records, then associations.
    ToHubspot,
    /// What the first part needs; then what is left to do: what changed in HubSpot, and what is gone at the provider.
    ToProvider,
}

/// A part as a type: whoever links one does not link the other's code.
pub(super) trait Half {
    /// Which one it is.
    const PART: Part;

    /// Works until the part is complete, the budget is spent, or the other part's turn has come (errors that say so).
    async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()>;
}

/// [`Part::ToHubspot`].
pub(super) struct ToHubspot;

/// [`Part::ToProvider`].
pub(super) struct ToProvider;

impl Half for ToHubspot {
    const PART: Part = Part::ToHubspot;

    async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
        to_hubspot::work(slice).await
    }
}

impl Half for ToProvider {
    const PART: Part = Part::ToProvider;

    async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
        to_provider::work(slice).await
    }
}
