//! The probes of `guests/`, built and loaded.

use std::{
    path::{Path, PathBuf},
    sync::Once,
};

use bytes::Bytes;
use http::{Request, StatusCode};
use sync300_host::{App, Options, build};

pub fn manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/spin.toml")
}

/// The probes, with what they require.
pub fn app(options: Options) -> App {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        build::build(&manifest(), &build::repository().join("target")).unwrap();
    });
    App::load(&manifest(), options.variable("token", "s3cret")).unwrap()
}

/// Asks a probe to do `argument`; `path` is `component/action`.
pub async fn ask(app: &App, path: &str, argument: &str) -> (StatusCode, String) {
    let request = Request::post(format!("/{path}"))
        .body(Bytes::from(argument.to_owned()))
        .unwrap();
    let response = app.request(request).await;
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status(), body)
}

/// What came of it, where it went well.
pub async fn done(app: &App, path: &str, argument: &str) -> String {
    let (status, body) = ask(app, path, argument).await;
    assert_eq!(status, StatusCode::OK, "{path} {argument}: {body}");
    body
}

/// The error, where it was told.
pub async fn refused(app: &App, path: &str, argument: &str) -> String {
    let (status, body) = ask(app, path, argument).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {argument}: {body}");
    body
}
