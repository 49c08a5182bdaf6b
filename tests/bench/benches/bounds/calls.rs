//! How many calls a sync asks of either side.

use serde_json::json;
use sync300_fakes::clio::Resource;

use crate::Result;
use crate::portal::{self, Synced};
use crate::table::Row;

/// Contacts that change before the third run.
const CHANGED: usize = 250;

/// The first run's calls, then those of a run without changes, then those of a run with some.
pub async fn measure(first: &Synced) -> Result<Vec<Row>> {
    let platform = &first.platform;
    let count = first.people.len();
    let mut rows = vec![
        Row::at_most(
            format!("First sync of {count} contacts: calls to Clio for them"),
            first.cost.clio_contacts,
            count / 200 + 2,
        ),
        Row::at_most(
            "… calls to Clio for its list of relationships",
            first.cost.clio_relationships,
            1,
        ),
        Row::at_most(
            "… calls to HubSpot",
            first.cost.hubspot,
            3 * count / 100 + 5,
        ),
    ];

    let unchanged = portal::run(platform).await?;
    rows.extend([
        Row::at_most(
            "Second sync, nothing changed: calls to Clio, most per list",
            unchanged.clio_contacts.max(unchanged.clio_relationships),
            1,
        ),
        Row::at_most("… writes to HubSpot", unchanged.hubspot_writes, 0),
        Row::new("… calls to HubSpot", unchanged.hubspot.to_string()),
    ]);

    let account = platform.account()?;
    for person in first.people.iter().take(CHANGED) {
        let change = json!({ "title": "Analyst" });
        account.edit(Resource::Contacts, *person, &change)?;
    }
    let changed = portal::run(platform).await?;
    rows.extend([
        Row::at_most(
            format!("Third sync, {CHANGED} contacts changed: writes to HubSpot"),
            changed.hubspot_writes,
            CHANGED / 100 + 1,
        ),
        Row::new("… calls to HubSpot", changed.hubspot.to_string()),
    ]);
    Ok(rows)
}
