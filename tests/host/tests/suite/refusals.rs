//! What Spin would not run is refused when it is loaded, and the reason is told.

use std::{fs, path::Path};

use sync300_host::{App, Options};
use tempfile::TempDir;

const HANDLER: &str = r#"
(component
  (component $handler
    (import "request" (type $request (sub resource)))
    (import "outparam" (type $outparam (sub resource))))
)"#;

/// Loads a manifest whose `[component.a]` holds `keys`, beside the given wasm files.
fn load(keys: &str, files: &[(&str, &str)], options: Options) -> Result<App, String> {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), wat::parse_str(text).unwrap()).unwrap();
    }
    let manifest = format!(
        "spin_manifest_version = 2\n[application]\nname = \"a\"\n\
         [variables]\nset = {{ default = \"x\" }}\nneeded = {{ required = true }}\n\
         [[trigger.http]]\nroute = \"/...\"\ncomponent = \"a\"\n\
         [component.a]\nsource = \"a.wasm\"\n{keys}\n"
    );
    let path = folder.path().join("spin.toml");
    fs::write(&path, manifest).unwrap();
    App::load(&path, options).map_err(|error| error.to_string())
}

fn refusal(keys: &str, files: &[(&str, &str)]) -> String {
    let options = Options {
        cache: None,
        ..Options::default().variable("needed", "x")
    };
    load(keys, files, options).err().unwrap()
}

#[track_caller]
fn assert_refused(keys: &str, files: &[(&str, &str)], reason: &str) {
    let message = refusal(keys, files);
    assert!(message.contains(reason), "{message}");
    assert!(message.contains("\"a\""), "names the component: {message}");
}

const EMPTY: (&str, &str) = ("a.wasm", "(component)");

#[test]
fn a_required_variable_has_no_value() {
    let message = load("", &[EMPTY], Options::default()).err().unwrap();
    assert_eq!(message, "variable \"needed\" is required and has no value");
}

#[test]
fn a_template_names_no_variable() {
    assert_refused(
        "variables = { x = \"{{ nope }}\" }",
        &[EMPTY],
        "unknown variable \"nope\"",
    );
    assert_refused(
        "allowed_outbound_hosts = [\"https://{{ nope }}\"]",
        &[EMPTY],
        "unknown variable \"nope\"",
    );
}

#[test]
fn an_allowed_host_is_malformed_once_its_template_is_resolved() {
    assert_refused(
        "allowed_outbound_hosts = [\"{{ set }}\"]",
        &[EMPTY],
        "\"x\" has no scheme",
    );
}

#[test]
fn a_store_or_database_is_not_defined() {
    assert_refused(
        "key_value_stores = [\"other\"]",
        &[EMPTY],
        "unknown key_value_stores label \"other\"",
    );
    assert_refused(
        "sqlite_databases = [\"other\"]",
        &[EMPTY],
        "unknown sqlite_databases label \"other\"",
    );
}

#[test]
fn a_source_is_missing_or_no_component() {
    assert_refused("", &[], "cannot read");
    assert_refused(
        "",
        &[("a.wasm", "(module)")],
        "is not a WebAssembly component",
    );
}

#[test]
fn a_component_is_no_http_handler() {
    assert_refused("", &[EMPTY], "is not an HTTP handler");
    assert_refused("", &[("a.wasm", HANDLER)], "is not an HTTP handler");
}

#[test]
fn an_import_is_given_by_nobody() {
    let redis = r#"(component (import "fermyon:spin/redis@2.0.0" (instance
        (export "publish" (func)))))"#;
    assert_refused("", &[("a.wasm", redis)], "fermyon:spin/redis@2.0.0");
    let core = r#"(component (import "sync300:core/mapping@0.1.0" (instance
        (export "map" (func)))))"#;
    assert_refused("", &[("a.wasm", core)], "sync300:core/mapping@0.1.0");
}

/// The name under which the host refuses a dependency's import is not the manifest's to give.
#[test]
fn a_component_asks_for_a_refusal() {
    let denied = r#"(component (import "denied:fermyon-spin/variables@2.0.0" (instance
        (export "get" (func)))))"#;
    assert_refused(
        "",
        &[("a.wasm", denied)],
        "denied:fermyon-spin/variables@2.0.0",
    );
}

#[test]
fn a_dependency_does_not_fit() {
    let importer = r#"(component (import "p:q/r@1.0.0" (instance (export "f" (func)))))"#;
    let other_type = r#"(component
        (core module $m (func (export "f") (result i32) i32.const 0))
        (core instance $m (instantiate $m))
        (func $f (result u32) (canon lift (core func $m "f")))
        (instance $r (export "f" (func $f)))
        (export "p:q/r@1.0.0" (instance $r)))"#;
    let files = [
        ("a.wasm", importer),
        ("b.wasm", "(component)"),
        ("c.wasm", other_type),
    ];
    let depend = |key: &str, file: &str| {
        format!("[component.a.dependencies]\n{key} = {{ path = \"{file}\" }}")
    };
    for (keys, reason) in [
        (
            depend("\"p:q\"", "b.wasm"),
            "does not export \"p:q/r@1.0.0\"",
        ),
        (
            depend("\"p:other\"", "b.wasm"),
            "matches none of the component's imports",
        ),
        (depend("\"p:q\"", "c.wasm"), "mismatched"),
        (depend("\"p:q\"", "missing.wasm"), "cannot read"),
    ] {
        assert_refused(&keys, &files, reason);
    }
}

#[test]
fn a_manifest_is_missing() {
    let message = App::load(Path::new("no/spin.toml"), Options::default())
        .err()
        .unwrap()
        .to_string();
    assert_eq!(message, "cannot read no/spin.toml");
}
