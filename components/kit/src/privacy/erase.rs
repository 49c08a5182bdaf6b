//! Erasure: at once when asked for, by the clock after an uninstall.

use crate::chores;
use crate::error::Result;
use crate::ports::Ports;
use crate::store::Store;

/// How far an erasure came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// Nothing about the portal is left.
    Complete,
    /// Its secrets are gone; the rest goes with the next ticks.
    UnderWay,
    /// There is no such portal.
    Unknown,
}

/// Erases everything about a portal, now.
///
/// The deletion clock is set first, so that ticks go on with what is left at the deadline (unix milliseconds), or after
/// an instance that ended in between.
pub async fn erase<P: Ports>(ports: &P, portal: i64, deadline: i64) -> Result<Erasure> {
    if !Store::new(ports).set_erase_at(portal, ports.now()).await? {
        return Ok(Erasure::Unknown);
    }
    match chores::retention(ports, deadline).await? {
        true => Ok(Erasure::Complete),
        false => Ok(Erasure::UnderWay),
    }
}
