//! What is billed is what was done: each month's usage is the sum of what its runs committed, through every crash, retry and
//! lost lease (S1-11).

use sync300_kit::ports::SqlValue;

use crate::world::{Broken, World};

/// Portals and months in which the two differ, or that only one of them has.
const DIFFERENCES: &str = "WITH done AS ( \
      SELECT c.portal_id, strftime ('%Y-%m', r.started_at / 1000, 'unixepoch') AS month, \
        r.hubspot_calls + r.provider_calls AS calls, \
        coalesce ((SELECT sum (created + updated + linked) FROM run_counts k WHERE k.run_id = r.run_id), 0) AS records \
      FROM runs r JOIN connections c ON c.connection_id = r.connection_id), \
    counted AS (SELECT portal_id, month, sum (records) AS records, sum (calls) AS calls FROM done \
      GROUP BY portal_id, month HAVING sum (records) + sum (calls) > 0), \
    billed AS (SELECT portal_id, month, records, api_calls AS calls FROM usage_by_month) \
    SELECT portal_id, month, 'counted ' || records || ' and ' || calls FROM (SELECT * FROM counted EXCEPT SELECT * FROM billed) \
    UNION ALL \
    SELECT portal_id, month, 'billed ' || records || ' and ' || calls FROM (SELECT * FROM billed EXCEPT SELECT * FROM counted)";

/// Portals that have more links than records billed: each link was a record that was created or found.
const UNBILLED: &str = "SELECT c.portal_id, '', count(*) || ' links unbilled' FROM links l \
    JOIN connections c ON c.connection_id = l.connection_id WHERE l.state = 'active' GROUP BY c.portal_id \
    HAVING count(*) > (SELECT coalesce (sum (records), 0) FROM usage_by_month u WHERE u.portal_id = c.portal_id)";

pub(super) fn check(world: &World, problems: &mut Vec<String>) -> Result<(), Broken> {
    for statement in [DIFFERENCES, UNBILLED] {
        for row in world.query(statement, &[])? {
            let words: Vec<String> = row
                .iter()
                .map(|value| match value {
                    SqlValue::Text(text) => text.clone(),
                    SqlValue::Integer(number) => number.to_string(),
                    other => format!("{other:?}"),
                })
                .collect();
            problems.push(format!("usage of portal {}", words.join(" ")));
        }
    }
    Ok(())
}
