//! Embeds the migrations, statement by statement and without their comments: components carry no prose. And the index of
//! all connectors' objects: which of HubSpot's objects each is, for what must answer without the core.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

fn main() -> Result<(), Box<dyn Error>> {
    objects()?;
    migrations()
}

/// As far as the index needs it; what is wrong with a declaration is the core's to say.
#[derive(Deserialize)]
struct Connector {
    id: String,
    label: String,
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    name: String,
    label: String,
    plural: String,
    hubspot_object: String,
    hubspot_type_id: String,
    companion: Option<toml::Table>,
}

fn objects() -> Result<(), Box<dyn Error>> {
    let connectors = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../core/connectors");
    println!("cargo::rerun-if-changed={}", connectors.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(&connectors)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let connector: Connector = toml::from_str(&fs::read_to_string(&path)?)?;
            found.push(connector);
        }
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    // What no connector declares weighs on no component; natively, tests have connectors of their own.
    println!("cargo::rustc-check-cfg=cfg(companions)");
    let mut objects = found.iter().flat_map(|connector| &connector.objects);
    let declared = objects.any(|object| object.companion.is_some());
    if declared || env::var("CARGO_CFG_TARGET_ARCH")? != "wasm32" {
        println!("cargo::rustc-cfg=companions");
    }
    let mut code = String::from("&[\n");
    for connector in &found {
        for object in &connector.objects {
            writeln!(
                code,
                "Object {{ connector: {:?}, connector_label: {:?}, name: {:?}, label: {:?}, plural: {:?}, hubspot_object: {:?}, \
                 hubspot_type_id: {:?} }},",
                connector.id,
                connector.label,
                object.name,
                object.label,
                object.plural,
                object.hubspot_object,
                object.hubspot_type_id,
            )?;
        }
    }
    code.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("objects.rs"), code)?;
    Ok(())
}

fn migrations() -> Result<(), Box<dyn Error>> {
    let migrations = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../migrations");
    println!("cargo::rerun-if-changed={}", migrations.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&migrations)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();

    let mut migrations = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let (version, _) = name
            .split_once('_')
            .ok_or_else(|| format!("{name} is not NNNN_name.sql"))?;
        let version: i64 = version
            .parse()
            .map_err(|_| format!("{name} is not NNNN_name.sql"))?;
        let statements = statements(&fs::read_to_string(&file)?)
            .map_err(|rest| format!("{name} ends within a statement: {rest}"))?;
        migrations.push((version, statements));
    }
    leave_out_undone(&mut migrations);
    let mut code = String::from("&[\n");
    for (version, statements) in migrations {
        writeln!(code, "({version}, &{statements:#?}),")?;
    }
    code.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("migrations.rs"), code)?;
    Ok(())
}

/// A trigger that a later migration drops need not be made: nothing works on a database before it is the newest.
fn leave_out_undone(migrations: &mut [(i64, Vec<String>)]) {
    let mut dropped: Vec<String> = Vec::new();
    for (_, statements) in migrations.iter_mut().rev() {
        let here: Vec<String> = statements
            .iter()
            .filter_map(|statement| statement.strip_prefix("DROP TRIGGER IF EXISTS "))
            .map(|name| name.trim_end_matches(';').to_owned())
            .collect();
        statements.retain(|statement| {
            let made = statement.strip_prefix("CREATE TRIGGER IF NOT EXISTS ");
            let name = made.and_then(|rest| rest.split_whitespace().next());
            !name.is_some_and(|name| dropped.iter().any(|other| other == name))
        });
        dropped.extend(here);
    }
}

/// A statement ends with a line that ends in `;`, a trigger with `END;`. What is left over is an error.
fn statements(sql: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut current = String::new();
    for line in sql.lines() {
        let code = line.split("--").next().unwrap_or_default().trim();
        if code.is_empty() {
            continue;
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(code);
        let complete = if current.starts_with("CREATE TRIGGER") {
            code == "END;"
        } else {
            code.ends_with(';')
        };
        if complete {
            found.push(std::mem::take(&mut current));
        }
    }
    if current.is_empty() {
        Ok(found)
    } else {
        Err(current)
    }
}
