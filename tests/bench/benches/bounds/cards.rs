//! What the cards cost, which every open record asks for: through the host, beside a component that answers a constant: the
//! tick, which refuses who has no token before it reads anything. The status card calls neither fake; what the record card
//! waits for is what they take, on the same two cores.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;
use sync300_fakes::hubspot::{Fetch, ObjectType, PortalConfig};
use sync300_sandbox::Platform;
use sync300_sandbox::platform::ADMIN;

use crate::Result;
use crate::portal;
use crate::table::Row;

/// Requests under way at a time.
const CONNECTIONS: usize = 16;
const WARM_UP: usize = 10;
/// Most that the status card may take, in times of the constant answer.
const RATIO: f64 = 1.5;

/// A card, and what it may do.
#[derive(Clone, Copy)]
struct Card {
    name: &'static str,
    route: &'static str,
    /// Requests of each connection, to the card and to the constant.
    runs: usize,
    /// Calls to HubSpot and the provider together.
    calls: usize,
    statements: Option<usize>,
    ratio: Option<f64>,
    /// Where its answer says that the record is in step.
    status: &'static str,
}

const CARDS: [Card; 2] = [
    Card {
        name: "Status card",
        route: "status",
        runs: 150,
        calls: 0,
        statements: Some(1),
        ratio: Some(RATIO),
        status: "/status",
    },
    Card {
        name: "Record card",
        route: "record",
        runs: 50,
        calls: 2,
        statements: None,
        ratio: None,
        status: "/connections/0/status",
    },
];

/// Half and the worst hundredth of all requests to each.
pub async fn measure() -> Result<Vec<Row>> {
    let synced = portal::first_sync(1).await?;
    let platform = Arc::new(synced.platform);
    let person = synced.people.first().copied().unwrap_or_default();
    let found =
        platform
            .portal()?
            .find(ObjectType::Contacts, "sync300_clio_id", &person.to_string());
    let record = found.first().ok_or("the person did not arrive")?.id;
    let mut rows = Vec::new();
    for card in CARDS {
        rows.extend(of(card, &platform, record).await?);
    }
    Ok(rows)
}

async fn of(card: Card, platform: &Arc<Platform>, record: u64) -> Result<Vec<Row>> {
    let url = format!(
        "{}/cards/{}?objectType=0-1&objectId={record}",
        platform.public_url(),
        card.route
    );
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        tasks.push(tokio::spawn(connection(
            card,
            Arc::clone(platform),
            url.clone(),
        )));
    }
    let (mut cards, mut constants) = (Vec::new(), Vec::new());
    for task in tasks {
        let (card, constant) = task.await?.map_err(|error| error.to_string())?;
        cards.extend(card);
        constants.extend(constant);
    }
    let stats = platform.app.request_stats("card-fetch");
    // The host remembers the last thousand or so, whichever card they asked for.
    let stats = || stats.iter().rev().take(CONNECTIONS * (WARM_UP + card.runs));
    let most = |count: Option<u64>| usize::try_from(count.unwrap_or_default());
    let calls = most(stats().map(|one| one.outbound_requests).max())?;
    let statements = most(stats().map(|one| one.sql_statements).max())?;
    let mut rows = vec![Row::at_most(
        format!("{}: calls to others", card.name),
        calls,
        card.calls,
    )];
    if let Some(bound) = card.statements {
        rows.push(Row::at_most("… SQL statements", statements, bound));
    }
    for (name, share) in [("p50", 50), ("p99", 99)] {
        let (one, constant) = (at(&mut cards, share), at(&mut constants, share));
        let ratio = one.as_secs_f64() / constant.as_secs_f64().max(f64::MIN_POSITIVE);
        let row = Row::new(
            format!("… at {CONNECTIONS} connections, {name} ÷ that of a constant answer"),
            format!(
                "{ratio:.2} ({} ÷ {} µs)",
                one.as_micros(),
                constant.as_micros()
            ),
        );
        rows.push(match card.ratio {
            Some(most) => row.bound(format!("≤ {most}"), ratio <= most),
            None => row,
        });
    }
    Ok(rows)
}

type Times = (Vec<Duration>, Vec<Duration>);

/// In turns, so that a slow spell of the machine hits both.
async fn connection(
    card: Card,
    platform: Arc<Platform>,
    url: String,
) -> std::result::Result<Times, Box<dyn std::error::Error + Send + Sync>> {
    let portal = PortalConfig::default().id;
    let (mut cards, mut constants) = (Vec::new(), Vec::new());
    for run in 0..WARM_UP + card.runs {
        // HubSpot's part, as late as HubSpot does it.
        let request = platform
            .hubspot
            .portal(portal)?
            .signed(&Fetch::get(ADMIN, url.clone()))?;
        let begun = Instant::now();
        let answer = platform.send(request).await?;
        let took = begun.elapsed();
        let body: Value = serde_json::from_slice(answer.body())?;
        let synced = body.pointer(card.status).and_then(Value::as_str) == Some("synced");
        let begun = Instant::now();
        let refused = Request::post("/sync/tick").body(Bytes::new())?;
        let status = platform.app.request(refused).await.status();
        let constant = begun.elapsed();
        if !synced || status != StatusCode::UNAUTHORIZED {
            return Err("an answer is not as it must be".into());
        }
        if run >= WARM_UP {
            cards.push(took);
            constants.push(constant);
        }
    }
    Ok((cards, constants))
}

/// The time within which so many of a hundred were answered.
fn at(times: &mut [Duration], share: usize) -> Duration {
    times.sort_unstable();
    let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().unwrap_or_default()
}
