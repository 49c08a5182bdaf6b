//! Turns `plans.toml` into constants, so that a component carries a table and no parser. What is wrong with the file ends
//! the build.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    plan: Vec<Plan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    id: String,
    name: String,
    lookup_keys: Vec<String>,
    records_per_month: Limit,
    frequencies: Vec<u32>,
    connections: Limit,
    features: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Limit {
    Number(u32),
    Word(Unlimited),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unlimited {
    Unlimited,
}

impl Limit {
    fn code(&self) -> String {
        match self {
            Self::Number(number) => format!("Some({number})"),
            Self::Word(Unlimited::Unlimited) => "None".to_owned(),
        }
    }
}

/// The flags that some code asks for.
const FEATURES: [&str; 1] = ["custom_mappings"];
/// The choices of the settings page, manual only aside.
const FREQUENCIES: [u32; 5] = [5, 15, 30, 60, 1_440];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=plans.toml");
    let file: File = toml::from_str(&std::fs::read_to_string("plans.toml")?)?;
    check(&file.plan)?;
    let mut code = String::from("/// All plans, in rising order.\npub const PLANS: &[Plan] = &[\n");
    for plan in &file.plan {
        writeln!(
            code,
            "    Plan {{ id: {:?}, name: {:?}, lookup_keys: &{:?}, records_per_month: {}, frequencies: &{:?}, connections: {}, \
             features: &{:?} }},",
            plan.id,
            plan.name,
            plan.lookup_keys,
            plan.records_per_month.code(),
            plan.frequencies,
            plan.connections.code(),
            plan.features,
        )?;
    }
    code.push_str("];\n");
    let first = file.plan.first().ok_or("there is no plan")?;
    writeln!(
        code,
        "/// The plan of a portal without a subscription.\npub const FREE: &Plan = &Plan {{ id: {:?}, name: {:?}, lookup_keys: &[], \
         records_per_month: {}, frequencies: &{:?}, connections: {}, features: &{:?} }};",
        first.id,
        first.name,
        first.records_per_month.code(),
        first.frequencies,
        first.connections.code(),
        first.features,
    )?;
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("plans.rs"), code)?;
    Ok(())
}

fn check(plans: &[Plan]) -> Result<(), Box<dyn Error>> {
    let mut ids = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for (place, plan) in plans.iter().enumerate() {
        let wrong = |what: &str| Err(format!("plan {}: {what}", plan.id).into());
        if !ids.insert(&plan.id) {
            return wrong("it is there twice");
        }
        if (place == 0) != plan.lookup_keys.is_empty() {
            return wrong("the first plan costs nothing, the others have prices");
        }
        if !plan.lookup_keys.iter().all(|key| keys.insert(key)) {
            return wrong("a price is another plan's too");
        }
        if plan.frequencies.is_empty() || !plan.frequencies.is_sorted() {
            return wrong("frequencies must rise");
        }
        if plan
            .frequencies
            .iter()
            .any(|minutes| !FREQUENCIES.contains(minutes))
        {
            return wrong("a frequency is not among the choices");
        }
        if plan
            .features
            .iter()
            .any(|flag| !FEATURES.contains(&flag.as_str()))
        {
            return wrong("a feature is not known");
        }
    }
    Ok(())
}
