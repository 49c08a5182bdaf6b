//! What must hold when everybody is done, judged from the two services and the tables alone.

mod associations;
mod both_ways;
mod content;
mod door;
mod expected;
mod links;
mod usage;
mod values;

pub(crate) use expected::expected;
pub(crate) use links::SOURCE;

use crate::people::People;
use crate::world::{Broken, World};

/// Everything that is not as it must be, in words.
pub(crate) fn problems(world: &World, people: &People) -> Result<Vec<String>, Broken> {
    let mut problems = world.violations.borrow().clone();
    for (at, firm) in world.firms.iter().enumerate() {
        let links = links::load(world, firm)?;
        links::check(world, at, firm, &links, people, &mut problems);
        values::check(world, at, firm, &links, people, &mut problems);
        door::check(world, at, firm, &links, people, &mut problems);
        associations::check(at, firm, &links, people, &mut problems);
    }
    usage::check(world, &mut problems)?;
    content::check(world, &mut problems)?;
    Ok(problems)
}
