//! Builds the project's wasm, as `spin build` does: the build commands of `spin.toml`.

use std::{
    env,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use crate::manifest::{Manifest, ManifestError};

const TARGET: &str = "wasm32-wasip2";

/// Why the wasm was not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The manifest is refused.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file or folder cannot be made.
    #[error("cannot prepare the build: {0}")]
    Io(#[from] io::Error),
    /// A command cannot be started.
    #[error("cannot run `{command}`: {source}")]
    Start {
        /// The command.
        command: String,
        /// What the system says.
        source: io::Error,
    },
    /// A command ran and failed; it has said why.
    #[error("`{0}` failed")]
    Failed(String),
}

/// The root of the repository that this crate was built from.
#[must_use]
pub fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Builds the wasm of all components of the project's `spin.toml` into its `target` folder, and
/// returns the root of the repository. Once in a process; a file lock lets one process build at a
/// time, and to the others it is fresh.
///
/// # Errors
/// Where a build command fails.
pub fn wasm() -> Result<PathBuf, BuildError> {
    static BUILT: Mutex<bool> = Mutex::new(false);
    let root = repository();
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if !*built {
        build(&root.join("spin.toml"), &root.join("target"))?;
        *built = true;
    }
    Ok(root.to_path_buf())
}

/// Runs the build commands of a manifest in their order, each once, with `target` as Cargo's target folder.
///
/// # Errors
/// Where the manifest is refused or a build command fails.
pub fn build(manifest: &Path, target: &Path) -> Result<(), BuildError> {
    let root = manifest.parent().unwrap_or(Path::new("."));
    let components = Manifest::read(manifest)?.components;
    let mut commands = Vec::new();
    for build in components.values().filter_map(|c| c.build.as_ref()) {
        let folder = build
            .workdir
            .as_ref()
            .map_or_else(|| root.to_path_buf(), |folder| root.join(folder));
        for command in build.commands() {
            let command = (folder.clone(), command.as_str());
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
    }
    fs::create_dir_all(target)?;
    let lock = File::create(target.join(".sync300-wasm.lock"))?;
    lock.lock()?;
    ensure_target(root)?;
    for (folder, command) in commands {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(folder);
        shell.env("CARGO_TARGET_DIR", target);
        run(shell, command)?;
    }
    Ok(())
}

/// Adds the target to the toolchain where it is missing: rustup does so from
/// `rust-toolchain.toml` only where it may install on its own.
fn ensure_target(root: &Path) -> Result<(), BuildError> {
    let command = "rustc --print target-libdir";
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(root);
    let output = rustc.output().map_err(|source| BuildError::Start {
        command: command.to_owned(),
        source,
    })?;
    let folder = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).current_dir(root);
    run(rustup, &format!("rustup target add {TARGET}"))
}

fn run(mut command: Command, name: &str) -> Result<(), BuildError> {
    for (variable, _) in env::vars_os() {
        if variable.to_str().is_some_and(is_of_outer_cargo)
            && command.get_envs().all(|(own, _)| own != variable)
        {
            command.env_remove(variable);
        }
    }
    let status = command.status().map_err(|source| BuildError::Start {
        command: name.to_owned(),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(BuildError::Failed(name.to_owned()))
    }
}

/// Whether a variable tells of the Cargo that runs us (`cargo test`, `cargo run`): passed on, it
/// would make the inner Cargo build anew, for another target or in another folder.
fn is_of_outer_cargo(variable: &str) -> bool {
    const NAMES: [&str; 9] = [
        "CARGO",
        "CARGO_BUILD_TARGET",
        "CARGO_BUILD_TARGET_DIR",
        "CARGO_CRATE_NAME",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_PRIMARY_PACKAGE",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTFLAGS",
        "OUT_DIR",
    ];
    const PREFIXES: [&str; 6] = [
        "CARGO_BIN_",
        "CARGO_CFG_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_",
    ];
    NAMES.contains(&variable) || PREFIXES.iter().any(|prefix| variable.starts_with(prefix))
}
