//! What the status card costs, which every open record asks for: through the host, beside a component that answers a
//! constant: the tick, which refuses who has no token before it reads anything. The fakes are not called by either.

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
/// Requests of each connection, to each of the two.
const RUNS: usize = 150;
/// Most that the card may take, in times of the constant answer.
const RATIO: f64 = 1.5;

/// Half and the worst hundredth of all requests to each.
pub async fn measure() -> Result<Vec<Row>> {
    let synced = portal::first_sync(1).await?;
    let platform = Arc::new(synced.platform);
    let person = synced
        .people
        .first()
        .copied()
        .unwrap_or_default()
        .to_string();
    let found = platform
        .portal()?
        .find(ObjectType::Contacts, "sync300_clio_id", &person);
    let record = found.first().ok_or("the person did not arrive")?.id;
    let url = format!(
        "{}/cards/status?objectType=0-1&objectId={record}",
        platform.public_url()
    );
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        tasks.push(tokio::spawn(connection(Arc::clone(&platform), url.clone())));
    }
    let (mut cards, mut constants) = (Vec::new(), Vec::new());
    for task in tasks {
        let (card, constant) = task.await?.map_err(|error| error.to_string())?;
        cards.extend(card);
        constants.extend(constant);
    }
    let stats = platform.app.request_stats("card-fetch");
    let calls = stats.iter().map(|one| one.outbound_requests).max();
    let statements = stats.iter().map(|one| one.sql_statements).max();
    let mut rows = vec![
        Row::at_most(
            "Status card: calls to others",
            usize::try_from(calls.unwrap_or_default())?,
            0,
        ),
        Row::at_most(
            "… SQL statements",
            usize::try_from(statements.unwrap_or_default())?,
            1,
        ),
    ];
    for (name, share) in [("p50", 50), ("p99", 99)] {
        let (card, constant) = (at(&mut cards, share), at(&mut constants, share));
        let ratio = card.as_secs_f64() / constant.as_secs_f64().max(f64::MIN_POSITIVE);
        rows.push(
            Row::new(
                format!("… at 16 connections, {name} ÷ that of a constant answer"),
                format!(
                    "{ratio:.2} ({} ÷ {} µs)",
                    card.as_micros(),
                    constant.as_micros()
                ),
            )
            .bound(format!("≤ {RATIO}"), ratio <= RATIO),
        );
    }
    Ok(rows)
}

type Times = (Vec<Duration>, Vec<Duration>);

/// In turns, so that a slow spell of the machine hits both.
async fn connection(
    platform: Arc<Platform>,
    url: String,
) -> std::result::Result<Times, Box<dyn std::error::Error + Send + Sync>> {
    let portal = PortalConfig::default().id;
    let (mut cards, mut constants) = (Vec::new(), Vec::new());
    for run in 0..WARM_UP + RUNS {
        // HubSpot's part, as late as HubSpot does it.
        let request = platform
            .hubspot
            .portal(portal)?
            .signed(&Fetch::get(ADMIN, url.clone()))?;
        let begun = Instant::now();
        let answer = platform.send(request).await?;
        let card = begun.elapsed();
        let body: Value = serde_json::from_slice(answer.body())?;
        let synced = body.get("status").and_then(Value::as_str) == Some("synced");
        let begun = Instant::now();
        let refused = Request::post("/sync/tick").body(Bytes::new())?;
        let status = platform.app.request(refused).await.status();
        let constant = begun.elapsed();
        if !synced || status != StatusCode::UNAUTHORIZED {
            return Err("an answer is not as it must be".into());
        }
        if run >= WARM_UP {
            cards.push(card);
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
