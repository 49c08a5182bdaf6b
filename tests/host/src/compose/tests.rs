use super::*;

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// Exports an interface of one function under `name`.
fn exporter(name: &str, imports: &str) -> Vec<u8> {
    wasm(&format!(
        r#"(component
            {imports}
            (core module $m (func (export "f")))
            (core instance $m (instantiate $m))
            (func $f (canon lift (core func $m "f")))
            (instance $i (export "f" (func $f)))
            (export "{name}" (instance $i)))"#
    ))
}

fn importer(names: &[&str]) -> Vec<u8> {
    let imports: String = names
        .iter()
        .map(|name| format!(r#"(import "{name}" (instance (export "f" (func))))"#))
        .collect();
    wasm(&format!("(component {imports})"))
}

fn run(
    bytes: Vec<u8>,
    dependencies: &[(&str, Vec<u8>, Option<&str>)],
    inherit: bool,
) -> Result<Composed, ComposeError> {
    let names: Vec<DependencyName> = dependencies
        .iter()
        .map(|(name, ..)| name.parse().unwrap())
        .collect();
    let parts: Vec<Part<'_>> = dependencies
        .iter()
        .zip(&names)
        .map(|((_, bytes, export), name)| Part {
            name,
            bytes: bytes.clone(),
            export: *export,
        })
        .collect();
    compose("a", bytes, &parts, inherit)
}

/// Names of what a component imports.
fn imports(bytes: &[u8]) -> Vec<String> {
    let mut graph = CompositionGraph::new();
    let (world, _) = instantiate(&mut graph, "a", bytes.to_vec()).unwrap();
    graph.types()[world].imports.keys().cloned().collect()
}

#[test]
fn a_package_key_satisfies_all_its_interfaces_and_leaves_the_rest() {
    let bytes = importer(&["p:q/one@1.0.0", "p:q/two@1.0.0", "x:y/z@1.0.0"]);
    let two = wasm(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $m (instantiate $m))
            (func $f (canon lift (core func $m "f")))
            (instance $i (export "f" (func $f)))
            (export "p:q/one@1.0.0" (instance $i))
            (export "p:q/two@1.0.0" (instance $i)))"#,
    );
    let composed = run(bytes, &[("p:q", two, None)], false).unwrap();
    assert_eq!(imports(&composed.bytes), ["x:y/z@1.0.0"]);
    assert!(composed.denied.is_empty());
}

#[test]
fn an_export_of_another_name_satisfies_an_import() {
    let composed = run(
        importer(&["p:q/one@1.0.0"]),
        &[("p:q/one", exporter("x:y/z@2.0.0", ""), Some("x:y/z@2.0.0"))],
        false,
    )
    .unwrap();
    assert!(imports(&composed.bytes).is_empty());
}

#[test]
fn imports_that_are_rights_are_renamed_in_dependencies_alone() {
    let right = r#"(import "fermyon:spin/variables@2.0.0" (instance (export "g" (func))))
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func))))"#;
    let component = wasm(
        r#"(component
            (import "fermyon:spin/variables@2.0.0" (instance (export "g" (func))))
            (import "p:q/one@1.0.0" (instance (export "f" (func)))))"#,
    );
    let dependency = [("p:q", exporter("p:q/one@1.0.0", right), None)];
    let denied = "denied:fermyon-spin/variables@2.0.0";
    let clock = "wasi:clocks/monotonic-clock@0.2.0";
    let own = "fermyon:spin/variables@2.0.0";

    let without = run(component.clone(), &dependency, false).unwrap();
    let mut names = imports(&without.bytes);
    names.sort();
    assert_eq!(names, [denied, own, clock]);
    assert_eq!(without.denied, BTreeSet::from([denied.to_owned()]));
    assert_eq!(original_name(denied).as_deref(), Some(own));

    let with = run(component, &dependency, true).unwrap();
    let mut names = imports(&with.bytes);
    names.sort();
    assert_eq!(names, [own, clock]);
    assert!(with.denied.is_empty());
}

#[test]
fn an_import_satisfied_twice_is_refused() {
    let dependency = exporter("p:q/one@1.0.0", "");
    let error = run(
        importer(&["p:q/one@1.0.0"]),
        &[
            ("p:q", dependency.clone(), None),
            ("p:q/one", dependency, None),
        ],
        false,
    )
    .unwrap_err();
    assert!(matches!(error, ComposeError::Conflict { import, .. } if import == "p:q/one@1.0.0"));
}
