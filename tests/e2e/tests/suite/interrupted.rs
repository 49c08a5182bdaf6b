//! Ended anywhere, nothing is lost and nothing is doubled.

use std::time::Duration;

use sync300_fakes::{Effect, Fault};
use sync300_sandbox::{Platform, PlatformConfig, check};

use crate::support::*;

/// Instances that are killed in the middle of their work, again and again, leave what an unbroken run leaves.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_ends_as_an_unbroken_one() {
    let unbroken = Platform::start(small()).await.unwrap();
    sync(&unbroken).await;
    let expected = state(&unbroken);

    let latency = Duration::from_millis(10);
    let broken = Platform::start(PlatformConfig { latency, ..small() })
        .await
        .unwrap();
    broken.request_sync().unwrap();
    let mut kills = 0;
    for pause in (20..400).step_by(35) {
        // The request is dropped, and its instance with it, wherever it stands.
        if tokio::time::timeout(Duration::from_millis(pause), broken.tick())
            .await
            .is_err()
        {
            kills += 1;
            expire_leases(&broken);
        }
    }
    assert!(kills >= 3, "only {kills} instances were killed at work");
    sync(&broken).await;
    assert_eq!(
        check::problems(&broken.expectation, &broken.portal().unwrap()),
        Vec::<String>::new()
    );
    let found = state(&broken);
    let differing: Vec<_> = expected
        .iter()
        .filter(|(name, value)| found.get(*name) != Some(value))
        .map(|(name, value)| (name, value, found.get(name)))
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(found.len(), expected.len());
}

/// Lets the leases of killed instances end at once, as a minute would.
fn expire_leases(platform: &Platform) {
    use sync300_kit::ports::Sql as _;
    let ports = platform.ports().unwrap();
    futures_executor::block_on(ports.execute("UPDATE connections SET lease_until = 0", &[]))
        .unwrap();
}

/// Writes whose answers are lost are found done, not done again.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_doubles_nothing() {
    let platform = Platform::start(small()).await.unwrap();
    for path in ["batch/upsert", "batch/update", "batch/create"] {
        platform
            .hubspot
            .fail(Fault::once(path, Effect::PerformThenDrop).times(2));
    }
    sync(&platform).await;
    assert_eq!(
        check::problems(&platform.expectation, &platform.portal().unwrap()),
        Vec::<String>::new()
    );
}
