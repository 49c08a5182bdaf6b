//! Pages of contacts through the core, and through the same mapping written by hand in Node.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::Result;
use crate::contacts;
use crate::core_component::mapping::{Page, Plan, Rule};
use crate::core_component::{Instance, Prepared};
use crate::median::median;
use crate::node::Node;
use crate::table::Row;

const PAGES: usize = 500;
/// The median of so many runs counts.
const RUNS: usize = 5;
/// Any key will do, as long as both sides have it.
pub const KEY: [u8; 32] = [42; 32];

/// Rules beside the connector's own, on fields that are read only where they are mapped:
/// source, property, transform. `node/map.mjs` has the same.
const CUSTOM: [(&str, &str, &str); 5] = [
    ("middle_name", "middle_name", "trim"),
    ("date_of_birth", "date_of_birth", "date"),
    ("secondary_email_address", "work_email", "email_normalise"),
    ("company.name", "company", "trim"),
    (
        "custom_field_values[field_name=Referred by].value",
        "referred_by",
        "trim",
    ),
];

/// What a mapping made, to tell whether two of them made the same.
#[derive(Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    pub records: usize,
    pub values: usize,
    pub errors: usize,
    pub keys: usize,
    /// All fingerprints and digests, folded by exclusive or, in hex.
    pub fingerprints: String,
}

/// Records per second on both sides, and their ratio. Runs take turns, so that a slow spell of the machine hits both.
pub async fn measure(root: &Path) -> Result<Vec<Row>> {
    let pages = contacts::pages(PAGES)?;
    let prepared = Prepared::new(root)?;
    let mut instance = prepared.instantiate().await?;
    let plan = plan(&mut instance).await?;
    let made = made(&mut instance, &plan, &pages).await?;

    let mut node = Node::start(&pages)?;
    if let Some((_, ready)) = &node
        && ready.made != made
    {
        return Err(format!("the core made {made:?}, Node {:?}", ready.made).into());
    }
    let (mut core_times, mut node_times) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut instance = prepared.instantiate().await?;
        core_times.push(run(&mut instance, &plan, &pages).await?);
        if let Some((node, _)) = &mut node {
            node_times.push(node.run()?);
        }
    }

    let bytes = pages.iter().map(Vec::len).sum::<usize>() / made.records;
    let rules = plan.rules.as_ref().map_or(0, Vec::len);
    let per_second = |times| made.records as f64 / median(times).as_secs_f64();
    let core = per_second(core_times);
    let mut rows = vec![Row::new(
        format!(
            "Mapping {} contacts of {bytes} bytes, {rules} rules: core in wasm",
            made.records
        ),
        format!("{core:.0} records/s"),
    )];
    let Some((_, ready)) = node else {
        rows.push(Row::new(
            "… by hand in Node",
            "skipped: no `node` on the PATH",
        ));
        return Ok(rows);
    };
    let by_hand = per_second(node_times);
    let ratio = core / by_hand;
    rows.extend([
        Row::new(
            format!("… by hand in Node {}", ready.version),
            format!("{by_hand:.0} records/s"),
        ),
        Row::new("… core ÷ Node", format!("{ratio:.2}")).bound("≥ 2", ratio >= 2.0),
    ]);
    Ok(rows)
}

/// The connector's default rules and the custom ones.
async fn plan(instance: &mut Instance) -> Result<Plan> {
    let Instance { store, core } = instance;
    let connector = core
        .sync300_core_catalog()
        .call_describe(store, "clio")
        .await??;
    let object = connector
        .objects
        .into_iter()
        .find(|object| object.name == "contacts")
        .ok_or("the connector has no contacts")?;
    let default = object.rules.into_iter().map(|rule| Rule {
        source: rule.source,
        property: rule.property,
        transform: rule.transform,
        fallback: rule.fallback,
    });
    let custom = CUSTOM.map(|(source, property, transform)| Rule {
        source: source.to_owned(),
        property: property.to_owned(),
        transform: transform.to_owned(),
        fallback: None,
    });
    Ok(Plan {
        connector: connector.id,
        object: object.name,
        region: "us".to_owned(),
        base_url: "https://app.clio.com".to_owned(),
        fingerprint_key: KEY.to_vec(),
        rules: Some(default.chain(custom).collect()),
        aliases: Vec::new(),
    })
}

async fn map(instance: &mut Instance, plan: &Plan, body: &[u8]) -> Result<Page> {
    let Instance { store, core } = instance;
    let page = core
        .sync300_core_mapping()
        .call_map_page(store, plan, body)
        .await?;
    page.map_err(|error| format!("a page was not mapped: {error:?}").into())
}

/// One instance maps all pages, as one does in a slice.
async fn run(instance: &mut Instance, plan: &Plan, pages: &[Vec<u8>]) -> Result<Duration> {
    let begun = Instant::now();
    for page in pages {
        std::hint::black_box(map(instance, plan, page).await?);
    }
    Ok(begun.elapsed())
}

async fn made(instance: &mut Instance, plan: &Plan, pages: &[Vec<u8>]) -> Result<Made> {
    let mut made = Made::default();
    let mut folded = (0, 0);
    let mut fold = |(high, low): (u64, u64)| {
        folded.0 ^= high;
        folded.1 ^= low;
    };
    for page in pages {
        for record in map(instance, plan, page).await?.records {
            made.records += 1;
            made.errors += record.errors.len();
            made.keys += record.keys.len();
            made.values += record
                .fields
                .iter()
                .filter(|field| field.value.is_some())
                .count();
            record
                .fields
                .iter()
                .filter_map(|field| field.fingerprint)
                .for_each(&mut fold);
            record.keys.iter().map(|key| key.digest).for_each(&mut fold);
            record
                .keys
                .iter()
                .filter_map(|key| key.guard)
                .for_each(&mut fold);
        }
    }
    made.fingerprints = format!("{:016x}{:016x}", folded.0, folded.1);
    Ok(made)
}
