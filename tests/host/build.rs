//! Writes `bindgen!` for Spin's interfaces, read from the WIT that the `spin-sdk` crate
//! carries, so that the repository holds no copy of it.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::MetadataCommand;

/// The world of what this host gives beside WASI.
const WORLD: &str = "\
package sync300:host;

world spin {
    import fermyon:spin/key-value@2.0.0;
    import fermyon:spin/sqlite@2.0.0;
    import fermyon:spin/variables@2.0.0;
    import spin:sqlite/sqlite@3.0.0;
}
";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../Cargo.lock");

    let out = PathBuf::from(env::var("OUT_DIR")?);
    let wit = out.join("wit");
    copy_interfaces(&spin_wit()?.join("deps"), &wit.join("deps"))?;
    fs::write(wit.join("world.wit"), WORLD)?;
    fs::write(out.join("spin.rs"), bindings(&wit.display().to_string()))?;
    Ok(())
}

/// The `wit` folder of the `spin-sdk` that the lock file names.
fn spin_wit() -> Result<PathBuf, Box<dyn Error>> {
    let manifest = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).exec()?;
    let package = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "spin-sdk")
        .ok_or("spin-sdk is not among the workspace's dependencies")?;
    let folder = package
        .manifest_path
        .parent()
        .ok_or("spin-sdk's manifest has no folder")?
        .join("wit");
    Ok(folder.into_std_path_buf())
}

/// Copies the interfaces of [`WORLD`] alone: `bindgen!` takes no folder with WASI 0.3 in it, as
/// the whole one is, unless WASI 0.3 is compiled into wasmtime.
fn copy_interfaces(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let spin = to.join("spin");
    fs::create_dir_all(&spin)?;
    fs::write(spin.join("package.wit"), "package fermyon:spin@2.0.0;\n")?;
    for file in ["key-value.wit", "sqlite.wit", "variables.wit"] {
        fs::copy(from.join("spin@2.0.0").join(file), spin.join(file))?;
    }
    let sqlite = to.join("spin-sqlite");
    fs::create_dir_all(&sqlite)?;
    fs::copy(
        from.join("spin-sqlite@3.0.0/sqlite.wit"),
        sqlite.join("sqlite.wit"),
    )?;
    Ok(())
}

fn bindings(path: &str) -> String {
    format!(
        r#"wasmtime::component::bindgen!({{
    path: {path:?},
    world: "spin",
    imports: {{ default: async | trappable }},
    with: {{
        "fermyon:spin/key-value@2.0.0.store": crate::key_value::Store,
        "fermyon:spin/sqlite@2.0.0.connection": crate::sqlite::Connection,
        "spin:sqlite/sqlite@3.0.0.connection": crate::sqlite::Connection,
    }},
}});
"#
    )
}
