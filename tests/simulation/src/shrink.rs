//! From a plan that fails to the few things in it that matter.

use crate::plan::Plan;
use crate::simulation::simulate;

/// Takes away what the plan fails without: halves first, then ever smaller parts, until no single fault or edit can go.
///
/// `tries` bounds the simulations.
pub fn shrink(plan: &Plan, mut tries: u32) -> Plan {
    let mut best = plan.clone();
    loop {
        let before = best.edits.len() + best.faults.len();
        best = without(best, &mut tries, |plan| &mut plan.faults);
        best = without(best, &mut tries, |plan| &mut plan.edits);
        if best.edits.len() + best.faults.len() == before || tries == 0 {
            return best;
        }
    }
}

fn without<T: Clone>(
    mut best: Plan,
    tries: &mut u32,
    part: impl Fn(&mut Plan) -> &mut Vec<T>,
) -> Plan {
    let mut size = part(&mut best).len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < part(&mut best).len() {
            if *tries == 0 {
                return best;
            }
            *tries -= 1;
            let mut candidate = best.clone();
            let items = part(&mut candidate);
            let end = (at + size).min(items.len());
            items.drain(at..end);
            if simulate(&candidate).violations.is_empty() {
                at += size;
            } else {
                best = candidate;
            }
        }
        size /= 2;
    }
    best
}
