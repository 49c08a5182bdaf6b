//! What a component may do, and that its dependencies may not.

use std::net::SocketAddr;

use crate::support::{app, ask, done, refused};
use http::StatusCode;
use sync300_host::{Options, Storage};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Answers every request with 200 and "upstream".
async fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\n\r\nupstream";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn variables_are_those_the_component_names() {
    let app = app(Options::default());
    assert_eq!(done(&app, "probe/variable", "token").await, "<s3cret>");
    for (path, name, error) in [
        ("probe/variable", "upstream", "Undefined"),
        ("bare/variable", "token", "Undefined"),
        ("probe/variable", "Token", "InvalidName"),
    ] {
        let told = refused(&app, path, name).await;
        assert!(told.contains(error) && !told.contains("s3cret"), "{told}");
    }
}

#[tokio::test]
async fn the_environment_is_the_manifests() {
    let app = app(Options::default());
    assert_eq!(
        done(&app, "probe/environment", "").await,
        "GREETING=hello\n"
    );
    assert_eq!(done(&app, "bare/environment", "").await, "");
}

#[tokio::test]
async fn stores_keep_what_is_set_for_those_who_may_open_them() {
    let app = app(Options::default());
    let script = "default\nset a 1\nset b x y\nset a 2\nget a\nget c\nkeys";
    let answer = done(&app, "probe/key-value", script).await;
    assert_eq!(answer, "2 true\nnone false\n[\"a\", \"b\"]\n");
    let script = "default\nget b\ndelete b\ndelete b\nkeys";
    let answer = done(&app, "trusting/key-value", script).await;
    assert_eq!(answer, "x y true\n[\"a\"]\n");
    assert_eq!(
        refused(&app, "bare/key-value", "default").await,
        "Error::AccessDenied"
    );
    assert_eq!(
        refused(&app, "probe/key-value", "other").await,
        "Error::AccessDenied"
    );
    let operations: Vec<u64> = app
        .request_stats("probe")
        .iter()
        .map(|stats| stats.key_value_operations)
        .collect();
    // A `get` of the script asks for existence too.
    assert_eq!(operations, [8, 0]);
}

#[tokio::test]
async fn databases_run_one_statement_at_a_time_in_a_file_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/sync300.db");
    let with_file = || Options {
        sqlite: [("default".to_owned(), Storage::File(file.clone()))].into(),
        ..Options::default()
    };
    let app = app(with_file());
    assert_eq!(app.database_file("default"), Some(file.as_path()));
    let script = "default\n\
        CREATE TABLE t (a INTEGER PRIMARY KEY, b)\n\
        INSERT INTO t (b) VALUES ('canary'), (1.5), (NULL), (x'00ff') RETURNING a\n\
        SELECT b, a FROM t";
    let answer = done(&app, "probe/sql", script).await;
    let rows: Vec<&str> = answer.lines().collect();
    assert_eq!(
        rows[..2],
        [
            r#"["a"] [Value::Integer(1)]"#,
            r#"["a"] [Value::Integer(2)]"#
        ]
    );
    assert_eq!(
        rows[4..],
        [
            r#"["b", "a"] [Value::Text("canary"), Value::Integer(1)]"#,
            r#"["b", "a"] [Value::Real(1.5), Value::Integer(2)]"#,
            r#"["b", "a"] [Value::Null, Value::Integer(3)]"#,
            r#"["b", "a"] [Value::Blob([0, 255]), Value::Integer(4)]"#,
        ]
    );
    assert_eq!(app.last_request_stats("probe").unwrap().sql_statements, 3);
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.windows(6).any(|window| window == b"canary"));

    drop(app);
    let app = crate::support::app(with_file());
    let count = done(&app, "trusting/sql", "default\nSELECT count(*) AS n FROM t").await;
    assert_eq!(count, "[\"n\"] [Value::Integer(4)]\n");
    assert_eq!(
        refused(&app, "bare/sql", "default").await,
        "Error::AccessDenied"
    );
    assert_eq!(
        refused(&app, "probe/sql", "other").await,
        "Error::AccessDenied"
    );
    let malformed = refused(&app, "probe/sql", "default\nSELEC 1").await;
    assert!(
        malformed.contains("Io(") && malformed.contains("syntax error"),
        "{malformed}"
    );
}

/// As in Spin, where every `open` connects anew.
#[tokio::test]
async fn a_transaction_ends_with_the_instance_that_began_it() {
    let app = app(Options::default());
    done(&app, "probe/sql", "default\nCREATE TABLE t (a)").await;
    done(
        &app,
        "probe/sql",
        "default\nBEGIN IMMEDIATE\nINSERT INTO t VALUES (1)",
    )
    .await;
    let count = done(&app, "probe/sql", "default\nSELECT count(*) AS n FROM t").await;
    assert_eq!(count, "[\"n\"] [Value::Integer(0)]\n");
}

#[tokio::test]
async fn requests_leave_for_allowed_hosts_alone() {
    let address = upstream().await;
    let other = upstream().await;
    let url = format!("http://{address}");
    let app = app(Options::default().variable("upstream", &url));
    assert_eq!(done(&app, "probe/fetch", &url).await, "200 upstream");
    for (path, url) in [
        ("probe/fetch", format!("http://{other}/")),
        (
            "probe/fetch",
            format!("http://localhost:{}/", address.port()),
        ),
        ("probe/fetch", format!("https://{address}/")),
        ("bare/fetch", url),
    ] {
        let told = refused(&app, path, &url).await;
        assert!(told.contains("HttpRequestDenied"), "{path} {url}: {told}");
    }
    let outbound = app.request_stats("probe");
    assert!(outbound.iter().all(|stats| stats.outbound_requests == 1));
}

#[tokio::test]
async fn components_call_each_other_where_allowed() {
    let app = app(Options::default());
    let chained = "http://hidden.spin.internal/a/headers?x=y";
    let answer = done(&app, "probe/fetch", chained).await;
    // Headers come in no order.
    let answer = answer
        .strip_prefix("200 ")
        .unwrap_or_else(|| panic!("{answer}"));
    for line in [
        "spin-path-info: /a/headers",
        "spin-base-path: /",
        "spin-component-route: ",
        "spin-client-addr: 0.0.0.0:0",
    ] {
        assert!(answer.lines().any(|own| own == line), "{line} in {answer}");
    }
    let own = done(&app, "probe/fetch", "http://self.alt/bare/count").await;
    assert_eq!(own, "200 1");
    for (path, url) in [
        ("bare/fetch", chained),
        ("bare/fetch", "http://self.alt/bare/count"),
        ("probe/fetch", "http://bare.spin.internal/count"),
    ] {
        let told = refused(&app, path, url).await;
        assert!(told.contains("HttpRequestDenied"), "{path} {url}: {told}");
    }
    let not_found = done(&app, "probe/fetch", "http://self.alt/hidden/count").await;
    assert_eq!(not_found, "404 ");
}

#[tokio::test]
async fn dependencies_have_no_rights() {
    let address = upstream().await;
    let url = format!("http://{address}/");
    let app = app(Options::default().variable("upstream", &url));
    for (action, argument, error) in [
        ("variable", "token", "Undefined(\"token\")"),
        ("store", "default", "NoSuchStore"),
        ("database", "default", "NoSuchDatabase"),
        ("fetch", url.as_str(), "InternalError"),
    ] {
        let told = refused(&app, &format!("probe/dependency-{action}"), argument).await;
        assert!(told.contains(error), "{action}: {told}");
    }
    assert_eq!(done(&app, "probe/dependency-environment", "").await, "0");
}

#[tokio::test]
async fn dependencies_that_inherit_have_their_components_rights() {
    let address = upstream().await;
    let url = format!("http://{address}/");
    let app = app(Options::default().variable("upstream", &url));
    for (action, argument, answer) in [
        ("variable", "token", "s3cret"),
        ("store", "default", ""),
        ("database", "default", ""),
        ("fetch", url.as_str(), "200"),
        ("environment", "", "1"),
    ] {
        let path = format!("trusting/dependency-{action}");
        assert_eq!(done(&app, &path, argument).await, answer, "{action}");
    }
    let (status, _) = ask(&app, "trusting/dependency-fetch", "http://127.0.0.1:1/").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
