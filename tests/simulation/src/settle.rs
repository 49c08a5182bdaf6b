//! After the storm: faults and people have stopped, and the engine gets the time it needs.

use crate::schedule::Scheduler;
use crate::world::{Broken, World};

/// A day passes, so that lists without changes are walked in full; and an hour more.
const A_DAY: i64 = 25 * 60 * 60_000;
/// Everything is searchable, leases have ended.
const A_WHILE: i64 = 5 * 60_000;
/// More ticks than any catching up needs.
const MOST_TICKS: usize = 100;
/// More rounds of tries than a refused record needs.
const MOST_ROUNDS: usize = 8;

/// Lets everything come to rest.
pub(crate) fn settle(world: &World, scheduler: &mut Scheduler) -> Result<(), Broken> {
    world.calm();
    world.set_now(world.now() + A_WHILE);
    catch_up(world, scheduler)?;
    world.set_now(world.now() + A_DAY);
    for _ in 0..MOST_ROUNDS {
        catch_up(world, scheduler)?;
        // What people link to another record, while the first keeps a value that HubSpot has once, waits for them.
        let again = world.number(
            "SELECT max (retry_at) FROM links WHERE retry_at IS NOT NULL AND (hubspot_id IS NULL OR reason <> 'conflict')",
        )?;
        match again {
            Some(at) => world.set_now(world.now().max(at + A_WHILE)),
            None => return Ok(()),
        }
    }
    world.violation("records are tried again and again".to_owned());
    Ok(())
}

/// Asks every connection for a sync, and runs until none is under way.
pub(crate) fn catch_up(world: &World, scheduler: &mut Scheduler) -> Result<(), Broken> {
    world.query(
        "UPDATE connections SET requested_at = ?1, due_at = min (coalesce (due_at, ?1), ?1) WHERE status = 'active'",
        &[world.now().into()],
    )?;
    let mut ticks = 0;
    while ticks < MOST_TICKS || !scheduler.bounded() {
        ticks += 1;
        if scheduler.tick_alone().is_none() {
            return Ok(());
        }
        let under_way = world.number(
            "SELECT count (*) FROM connections c WHERE requested_at IS NOT NULL \
             OR EXISTS (SELECT 1 FROM runs r WHERE r.connection_id = c.connection_id AND r.status = 'running')",
        )?;
        if under_way == Some(0) {
            return Ok(());
        }
        let due = world.number("SELECT min (due_at) FROM connections WHERE due_at IS NOT NULL")?;
        // The instance's clock may be behind.
        let skew = world.shape.instance_skews.first().copied().unwrap_or(0);
        let lease = world.number("SELECT max (lease_until) FROM connections")?;
        let next = due.unwrap_or(0).max(lease.unwrap_or(0)) - skew;
        world.set_now(world.now().max(next + 1));
    }
    world.violation("a run without faults never ends".to_owned());
    Ok(())
}
