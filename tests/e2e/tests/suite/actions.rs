//! Workflow actions that take longer than HubSpot waits, in the components as they are deployed.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::{Executed, Execution, ObjectType};
use sync300_fakes::{Effect, Fault};
use sync300_host::Running;
use sync300_kit::ports::Sql as _;
use sync300_sandbox::Platform;

use crate::connect::{bare, connected};
use crate::support::*;

/// Longer than HubSpot waits.
const SLOW: Duration = Duration::from_secs(5);

fn create_contact(platform: &Platform, callback: &str, inputs: &[(&str, &str)]) -> Execution {
    let portal = platform.portal().unwrap();
    let record = portal.create_by_hand(ObjectType::Contacts, &[("jobtitle", "Clerk")]);
    Execution {
        url: format!("{}/actions/clio/create_contact", platform.public_url()),
        callback_id: callback.to_owned(),
        record: Some((ObjectType::Contacts, record.unwrap())),
        inputs: inputs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

/// Executes it as a workflow does, and expects to be told to wait, in time.
async fn told_to_wait(platform: &Platform, execution: &Execution) -> (Value, Running) {
    let portal = platform.portal().unwrap();
    let asked = Instant::now();
    let request = portal.execution(execution).unwrap();
    let (answer, running) = platform.send_and_leave(request).await.unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(4),
        "{:?}",
        asked.elapsed()
    );
    let executed = portal.executed(
        &execution.callback_id,
        answer.status().as_u16(),
        answer.body(),
    );
    assert!(matches!(executed, Ok(Executed::Waits(_))), "{answer:?}");
    (serde_json::from_slice(answer.body()).unwrap(), running)
}

async fn sql(platform: &Platform, statement: &str) {
    let ports = platform.ports().unwrap();
    ports.execute(statement, &[]).await.unwrap();
}

fn ended(platform: &Platform, callback: &str) -> Value {
    match platform.portal().unwrap().execution_state(callback) {
        Some(Executed::Ended(outputs)) => json!(outputs),
        other => panic!("{other:?}"),
    }
}

/// S0-71, S0-81: Clio is slow: HubSpot is told to wait within four seconds, a retry meanwhile is told the same, and the tick
/// completes it, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_action_is_completed_by_the_tick() {
    let (platform, _) = connected(bare()).await;
    finish(&platform).await;
    let execution = create_contact(&platform, "ap-1-2-7-0", &[("last_name", "Byron")]);
    let before = platform.account().unwrap().count(Resource::Contacts);
    platform
        .clio
        .fail(Fault::once("/contacts.json", Effect::Delay(SLOW)).method("POST"));
    let (told, running) = told_to_wait(&platform, &execution).await;
    let (again, _) = told_to_wait(&platform, &execution).await;
    assert_eq!(again, told);
    running.ended().await;
    sql(&platform, "UPDATE action_waiting SET due_at = 0").await;
    platform.tick().await.unwrap();

    let outputs = ended(&platform, "ap-1-2-7-0");
    assert_eq!(outputs["hs_execution_state"], "SUCCESS", "{outputs}");
    assert_eq!(
        platform.account().unwrap().count(Resource::Contacts),
        before + 1
    );
    assert_eq!(count(&platform, "action_waiting").await, 0);
    let (kind, id) = execution.record.unwrap();
    let linked = platform.portal().unwrap().record(kind, id).unwrap();
    assert_eq!(linked.value(SOURCE), outputs["clio_contact_id"].as_str());
    assert_eq!(sync(&platform).await["contacts"].created, 0);
}

/// Instances that are killed while they work on it, behind their answer and in a tick: it is done once.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_action_is_done_once() {
    let (platform, _) = connected(bare()).await;
    finish(&platform).await;
    company(&platform, "Byron Ltd");
    let inputs = [("last_name", "Byron"), ("company", "Byron Ltd")];
    let execution = create_contact(&platform, "ap-1-2-7-1", &inputs);
    let before = platform.account().unwrap().count(Resource::Contacts);
    // Looking the company up.
    let slow = Fault::once("/contacts.json", Effect::Delay(SLOW)).method("GET");
    platform.clio.fail(slow.clone());
    let (_, running) = told_to_wait(&platform, &execution).await;
    drop(running);

    let passes = "UPDATE action_calls SET at = 0";
    sql(&platform, passes).await;
    sql(&platform, "UPDATE action_waiting SET due_at = 0").await;
    platform.clio.fail(slow);
    let killed = tokio::time::timeout(Duration::from_secs(1), platform.tick()).await;
    assert!(killed.is_err(), "{killed:?}");
    assert_eq!(
        platform.account().unwrap().count(Resource::Contacts),
        before
    );

    sql(&platform, passes).await;
    sql(&platform, "UPDATE action_waiting SET due_at = 0").await;
    platform.tick().await.unwrap();
    let outputs = ended(&platform, "ap-1-2-7-1");
    assert_eq!(outputs["hs_execution_state"], "SUCCESS", "{outputs}");
    assert_eq!(
        platform.account().unwrap().count(Resource::Contacts),
        before + 1
    );
    assert_eq!(count(&platform, "action_waiting").await, 0);
}
