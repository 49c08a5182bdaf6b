//! Requests, instances and their limits.

use std::time::{Duration, Instant};

use crate::support::{app, ask, done};
use bytes::Bytes;
use http::{Request, StatusCode};
use sync300_host::{LogSink, Options, Stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn a_component_sees_the_request_and_spins_headers() {
    let app = app(Options::default());
    let request = Request::post("http://example.com/probe/a/headers?x=y")
        .header("x-own", "1")
        .body(Bytes::new())
        .unwrap();
    let response = app.request(request).await;
    let headers = String::from_utf8(response.body().to_vec()).unwrap();
    for line in [
        "x-own: 1",
        "spin-path-info: /a/headers",
        "spin-full-url: http://localhost/probe/a/headers?x=y",
        "spin-matched-route: /probe/...",
        "spin-raw-component-route: /probe/...",
        "spin-component-route: /probe",
        "spin-base-path: /",
        "spin-client-addr: 127.0.0.1:0",
    ] {
        assert!(
            headers.lines().any(|own| own == line),
            "{line} in {headers}"
        );
    }
    assert_eq!(done(&app, "probe/echo", "body").await, "body");
}

#[tokio::test]
async fn what_no_public_route_names_is_not_found() {
    let app = app(Options::default());
    for path in ["", "hidden/echo", "prob/echo", ".well-known/spin/other"] {
        let (status, body) = ask(&app, path, "").await;
        assert_eq!(
            (status, body.as_str()),
            (StatusCode::NOT_FOUND, ""),
            "{path}"
        );
    }
    assert_eq!(done(&app, ".well-known/spin/health", "").await, "OK");
    let info = done(&app, ".well-known/spin/info", "").await;
    assert_eq!(info, r#"{"name":"probes","version":"1.2.3"}"#);
}

#[tokio::test]
async fn every_request_has_an_instance_of_its_own() {
    let app = app(Options::default());
    for _ in 0..3 {
        assert_eq!(done(&app, "probe/count", "").await, "1");
    }
}

#[tokio::test]
async fn a_panic_costs_its_own_request_alone() {
    let (logs, lines) = LogSink::capture();
    let app = app(Options {
        logs,
        ..Options::default()
    });
    let (panicked, echo) = tokio::join!(
        ask(&app, "probe/panic", ""),
        done(&app, "probe/echo", "alive")
    );
    assert_eq!(panicked, (StatusCode::INTERNAL_SERVER_ERROR, String::new()));
    assert_eq!(echo, "alive");
    assert_eq!(done(&app, "probe/echo", "alive").await, "alive");
    let lines = lines.lines();
    assert!(
        lines
            .iter()
            .any(|l| l.stream == Stream::Stderr && l.text == "as asked")
    );
    assert!(
        lines
            .iter()
            .any(|l| l.stream == Stream::Host && l.text.contains("unreachable"))
    );
}

/// A guest that computes for ever, and one that waits for ever.
#[tokio::test]
async fn the_time_limit_ends_an_instance_and_holds_up_no_other() {
    let app = app(Options {
        time_limit: Duration::from_millis(300),
        ..Options::default()
    });
    for (action, argument) in [("probe/spin", ""), ("probe/sleep", "60000")] {
        let started = Instant::now();
        let (stuck, echo) = tokio::join!(ask(&app, action, argument), async {
            let echo = done(&app, "bare/echo", "alive").await;
            (echo, started.elapsed())
        });
        assert_eq!(stuck, (StatusCode::INTERNAL_SERVER_ERROR, String::new()));
        assert!(started.elapsed() < Duration::from_secs(10), "{action}");
        assert_eq!(echo.0, "alive");
        assert!(echo.1 < started.elapsed(), "{action}");
    }
}

#[tokio::test]
async fn the_memory_limit_holds_and_the_peak_is_told() {
    let app = app(Options {
        memory_limit: 64 << 20,
        ..Options::default()
    });
    assert_eq!(done(&app, "probe/echo", "").await, "");
    let small = app.last_request_stats("probe").unwrap().peak_memory;
    assert!(small < 16 << 20, "{small}");
    assert_eq!(done(&app, "probe/allocate", "32").await, "33554432");
    let peak = app.last_request_stats("probe").unwrap().peak_memory;
    assert!((32 << 20..64 << 20).contains(&peak), "{peak}");
    let (status, _) = ask(&app, "probe/allocate", "64").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let peak = app.last_request_stats("probe").unwrap().peak_memory;
    assert!(peak <= 64 << 20, "{peak}");
    assert_eq!(app.request_stats("probe").len(), 3);
    assert!(app.request_stats("bare").is_empty());
}

#[tokio::test]
async fn a_dropped_request_ends_its_instance() {
    let app = app(Options::default());
    let request = ask(&app, "probe/sleep", "60000");
    assert!(
        tokio::time::timeout(Duration::from_millis(200), request)
            .await
            .is_err()
    );
    let waited = Instant::now();
    while app.last_request_stats("probe").is_none() {
        assert!(waited.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Sends one request over a connection of its own, and reads until it is closed.
async fn over_socket(address: std::net::SocketAddr, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn the_application_answers_behind_a_socket_until_it_is_shut_down() {
    let app = app(Options::default());
    let server = app.serve(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = server.address();
    let echo = "POST /probe/echo HTTP/1.1\r\nhost: example.com\r\nconnection: close\r\n\
                content-length: 4\r\n\r\nbody";
    let answer = over_socket(address, echo).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("body"), "{answer}");
    let client = "GET /probe/headers HTTP/1.1\r\nhost: example.com\r\nconnection: close\r\n\r\n";
    let answer = over_socket(address, client).await.unwrap();
    assert!(answer.contains("spin-client-addr: 127.0.0.1:"), "{answer}");
    assert!(
        answer.contains("spin-full-url: http://example.com/probe/headers"),
        "{answer}"
    );

    let stuck = "POST /probe/sleep HTTP/1.1\r\nhost: example.com\r\ncontent-length: 5\r\n\r\n60000";
    let pending = tokio::spawn(over_socket(address, stuck));
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.shutdown().await;
    assert_eq!(pending.await.unwrap().unwrap_or_default(), "");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn output_is_told_line_by_line_with_its_component() {
    let (logs, lines) = LogSink::capture();
    let app = app(Options {
        logs,
        ..Options::default()
    });
    done(&app, "probe/print", "one\ntwo").await;
    done(&app, "bare/print", "three").await;
    let lines = lines.lines();
    let of = |component: &str, stream| -> Vec<&str> {
        lines
            .iter()
            .filter(|line| line.component == component && line.stream == stream)
            .map(|line| line.text.as_str())
            .collect()
    };
    assert_eq!(of("probe", Stream::Stdout), ["out one", "two"]);
    assert_eq!(of("probe", Stream::Stderr), ["err one", "two"]);
    assert_eq!(of("bare", Stream::Stdout), ["out three"]);
}
