use super::*;

const BASE: &str = r#"
spin_manifest_version = 2

[application]
name = "app"
version = "1.0.0"

[variables]
url = { default = "https://example.com" }
token = { required = true, secret = true }

[[trigger.http]]
route = "/a/..."
component = "a"

[[trigger.http]]
route = { private = true }
component = "a"
executor = { type = "http" }

[component.a]
source = "a.wasm"
allowed_outbound_hosts = ["{{ url }}"]
key_value_stores = ["default", "kebab-case", "snake_case"]
sqlite_databases = ["default"]
variables = { token = "{{ token }}" }
environment = { A = "b" }

[component.a.build]
command = "cargo build"
watch = ["src/**/*.rs"]

[component.a.tool.lint]
level = "high"

[component.a.dependencies]
"sync300:core" = { path = "core.wasm" }
"#;

fn refusal(manifest: &str) -> String {
    Manifest::parse(manifest).unwrap_err().to_string()
}

/// The message of what is wrong with [`BASE`] once `old` has become `new`.
fn changed(old: &str, new: &str) -> String {
    assert!(BASE.contains(old), "{old}");
    refusal(&BASE.replace(old, new))
}

#[test]
fn a_manifest_with_every_supported_key_is_read() {
    let manifest = Manifest::parse(BASE).unwrap();
    assert_eq!(manifest.application.name, "app");
    assert!(manifest.variables["token"].secret);
    let routes: Vec<_> = manifest.trigger.http.iter().map(|t| &t.route).collect();
    assert_eq!(routes[0], &Route::Pattern("/a/...".into()));
    assert_eq!(routes[1], &Route::Private(PrivateRoute { private: true }));
    let component = &manifest.components["a"];
    assert_eq!(component.source("a").unwrap(), Path::new("a.wasm"));
    assert_eq!(
        component.build.as_ref().unwrap().commands(),
        ["cargo build"]
    );
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    for (old, new) in [
        ("[application]", "[aplication]\n[application]"),
        ("name = \"app\"", "name = \"app\"\nbase = \"/\""),
        ("secret = true", "secrt = true"),
        ("[[trigger.http]]", "[[trigger.redis]]"),
        ("component = \"a\"\nexecutor", "componant = \"a\"\nexecutor"),
        ("environment =", "environ ="),
        ("watch =", "watches ="),
    ] {
        let message = changed(old, new);
        assert!(message.contains("unknown field"), "{new}: {message}");
    }
    let private = changed("{ private = true }", "{ private = true, hidden = true }");
    assert!(private.contains("a route is a pattern"), "{private}");
    let wagi = changed("{ type = \"http\" }", "{ type = \"wagi\" }");
    assert!(wagi.contains("wagi"), "{wagi}");
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (old, new, reason) in [
        ("version = 2", "version = 1", "only 2 is supported"),
        (
            "[component.a]",
            "[component.A_b]\nsource = \"b.wasm\"\n[component.a]",
            "not a component id",
        ),
        (
            "token = { required",
            "toKen = { required",
            "not a variable name",
        ),
        (
            "token = { required",
            "a__b = { required",
            "not a variable name",
        ),
        (
            "required = true, ",
            "",
            "must either be required or have a default",
        ),
        (
            "required = true",
            "required = true, default = \"\"",
            "must either be required or have a default",
        ),
        ("\"kebab-case\"", "\"b@d\"", "not a label"),
        ("private = true", "private = false", "a route is a pattern"),
        (
            "component = \"a\"\nexecutor",
            "component = \"b\"\nexecutor",
            "\"b\", which does not exist",
        ),
    ] {
        let message = changed(old, new);
        assert!(message.contains(reason), "{new}: {message}");
    }
}

#[test]
fn what_this_host_cannot_run_is_refused_by_name() {
    for (old, new, reason) in [
        (
            "source = \"a.wasm\"",
            "source = { url = \"https://example.com/a.wasm\", digest = \"sha256:0\" }",
            "a source that is not a path",
        ),
        ("environment", "files = [\"a/*\"]\nenvironment", "files"),
        (
            "environment",
            "ai_models = [\"m\"]\nenvironment",
            "ai_models",
        ),
        (
            "{ path = \"core.wasm\" }",
            "{ version = \"1.0\", package = \"a:b\" }",
            "this host has no registry",
        ),
        (
            "{ path = \"core.wasm\" }",
            "\">= 1.0\"",
            "this host has no registry",
        ),
    ] {
        let message = changed(old, new);
        assert!(message.contains(reason), "{new}: {message}");
    }
}

#[test]
fn dependencies_that_could_mean_the_same_import_are_refused() {
    let with = |key: &str| {
        BASE.replace(
            "\"sync300:core\" =",
            &format!("{key}\n\"sync300:core/mapping@0.1.0\" ="),
        )
    };
    let conflict = "conflicts with another one";
    for key in [
        "\"sync300:core\" = { path = \"x.wasm\" }",
        "\"sync300:core/mapping\" = { path = \"x.wasm\" }",
        "\"sync300:core/mapping@0.1.7\" = { path = \"x.wasm\" }",
        "\"sync300:core@0.1.0\" = { path = \"x.wasm\" }",
    ] {
        let message = refusal(&with(key));
        assert!(message.contains(conflict), "{key}: {message}");
    }
    for key in [
        "\"sync300:core/matching\" = { path = \"x.wasm\" }",
        "\"sync300:core/mapping@0.2.0\" = { path = \"x.wasm\" }",
        "\"other:core\" = { path = \"x.wasm\" }",
        "\"plain-name\" = { path = \"x.wasm\" }",
    ] {
        Manifest::parse(&with(key)).unwrap();
    }
    let export = changed(
        "{ path = \"core.wasm\" }",
        "{ path = \"core.wasm\", export = \"x\" }",
    );
    assert!(export.contains("names a package"), "{export}");
}

#[test]
fn dependency_keys_match_imports_as_in_spin() {
    let matches = |key: &str, import: &str| key.parse::<DependencyName>().unwrap().matches(import);
    for (key, import) in [
        ("foo:bar/baz@0.1.0", "foo:bar/baz@0.1.0"),
        ("foo:bar/baz", "foo:bar/baz@0.1.0"),
        ("foo:bar/baz", "foo:bar/baz"),
        ("foo:bar", "foo:bar/baz@0.1.0"),
        ("foo:bar@0.1.0", "foo:bar/baz@0.1.0"),
        ("foo-bar", "foo-bar"),
    ] {
        assert!(matches(key, import), "{key} means {import}");
    }
    for (key, import) in [
        ("foo:bar/baz@0.1.0", "foo:bar/baz"),
        ("foo:bar/baz@0.1.0", "foo:bar/baz@0.1.1"),
        ("foo:bar/baz", "foo:bar/bub@0.1.0"),
        ("foo:bar", "foo:bub/baz"),
        ("foo:bar/baz", "foo-bar"),
        ("foo-bar", "foo:bar/baz"),
    ] {
        assert!(!matches(key, import), "{key} does not mean {import}");
    }
}
