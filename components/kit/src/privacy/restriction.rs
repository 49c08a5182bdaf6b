//! Restriction: what is held stays, and nothing is done with it until the portal says so (S1-53, S1-54).

use crate::error::Result;
use crate::ports::Ports;
use crate::store::Store;

/// Pauses all processing for a portal. False where it is not active.
pub async fn restrict<P: Ports>(ports: &P, portal: i64) -> Result<bool> {
    Store::new(ports).restrict_portal(portal).await
}

/// Ends a restriction. False where there is none.
pub async fn resume<P: Ports>(ports: &P, portal: i64) -> Result<bool> {
    Store::new(ports).resume_portal(portal).await
}
