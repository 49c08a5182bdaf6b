//! A run has parts: first what the provider has goes to HubSpot, then what people did in HubSpot goes to the provider; and
//! what both need is done before, where it has not been. Each is a component of its own, as each must stay small.

use super::slice::Slice;
use super::{prepare, to_hubspot, to_provider};
use crate::error::{Error, Result};
use crate::ports::Ports;

/// A part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What the others need: properties and pipelines in HubSpot, who is in lists, webhooks of the provider's.
    Prepare,
    /// From the provider to HubSpot: records, then associations. Where a run begins.
    ToHubspot,
    /// What changed in HubSpot, and what is gone at the provider.
    ToProvider,
}

impl Part {
    /// As it is stored.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::ToHubspot => 0,
            Self::ToProvider => 1,
            Self::Prepare => 2,
        }
    }

    /// By what is stored.
    pub(crate) const fn of(code: i64) -> Self {
        match code {
            1 => Self::ToProvider,
            2 => Self::Prepare,
            _ => Self::ToHubspot,
        }
    }
}

/// A part as a type: whoever links one does not link the other's code.
pub(super) trait Stage {
    /// Which one it is.
    const PART: Part;

    /// Works until the part is complete, the budget is spent, or another part's turn has come (errors that say so).
    async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()>;
}

/// It is another part's turn.
pub(super) async fn hand_over<P: Ports>(slice: &Slice<'_, P>, to: Part) -> Result<()> {
    slice
        .store
        .hand_over(slice.connection, slice.run.id, to)
        .await?;
    Err(Error::HandedOver)
}

/// [`Part::Prepare`].
pub(super) struct Prepare;

/// [`Part::ToHubspot`].
pub(super) struct ToHubspot;

/// [`Part::ToProvider`].
pub(super) struct ToProvider;

impl Stage for Prepare {
    const PART: Part = Part::Prepare;

    async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
        prepare::work(slice).await
    }
}

impl Stage for ToHubspot {
    const PART: Part = Part::ToHubspot;

    async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
        to_hubspot::work(slice).await
    }
}

impl Stage for ToProvider {
    const PART: Part = Part::ToProvider;

    async fn work<P: Ports>(slice: &Slice<'_, P>) -> Result<()> {
        to_provider::work(slice).await
    }
}
