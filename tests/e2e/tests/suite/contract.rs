//! What we send and what the fakes answer, held against the vendors' OpenAPI documents.

use sync300_fakes::contract::{ClioContract, Contract, HubSpotContract, specs};
use sync300_sandbox::{Platform, PlatformConfig};

use crate::support::*;

/// Every exchange of a whole first and second run is as the documents say, on both sides.
#[tokio::test(flavor = "multi_thread")]
async fn every_exchange_of_a_run_is_as_documented() {
    let Some(specs) = specs() else { return };
    let platform = Platform::start(PlatformConfig {
        record: true,
        ..small()
    })
    .await
    .unwrap();
    sync(&platform).await;
    sync(&platform).await;
    let hubspot = HubSpotContract::load(&specs)
        .unwrap()
        .violations(&platform.hubspot.calls().list());
    let clio = ClioContract::load(&specs)
        .unwrap()
        .violations(&platform.clio.calls().list());
    assert!(
        hubspot.is_empty() && clio.is_empty(),
        "{hubspot:#?} {clio:#?}"
    );
    assert!(platform.hubspot.calls().list().len() > 20);
}
