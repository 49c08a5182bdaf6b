//! HubSpot in a browser, as far as the app shows there: a record with its cards, the app's settings and home page, and its
//! workflow actions as forms. The bundles are those that HubSpot would load; what they ask for is signed and passed on as
//! HubSpot does it.

mod calls;
mod definitions;
mod records;
mod shell;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as At, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use sync300_fakes::FakeError;
use sync300_fakes::hubspot::ObjectType;

use crate::platform::ADMIN;
use crate::{Platform, PlatformError};
use definitions::Definitions;
use shell::{Extension, Shell};

/// Why HubSpot's pages cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// The bundles could not be built.
    #[error("`node components/hubspot-app/scripts/build.mjs` failed: {0}")]
    Build(String),
    /// A definition cannot be read.
    #[error("{0}: {1}")]
    Definition(PathBuf, String),
    /// The platform does not answer.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The fake refuses.
    #[error(transparent)]
    Fake(#[from] FakeError),
    /// A request that is none.
    #[error(transparent)]
    Request(#[from] http::Error),
    /// A connector that does not load.
    #[error("{0}")]
    Connector(String),
    /// What a page asks for, and does not exist.
    #[error("there is no {0}")]
    Unknown(String),
    /// What HubSpot's proxy does not take.
    #[error("{0}")]
    Refused(&'static str),
}

impl IntoResponse for PagesError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Unknown(_) | Self::Fake(FakeError::Unknown { .. }) => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, self.to_string()).into_response()
    }
}

/// What the pages are made of.
struct Pages {
    platform: Arc<Platform>,
    definitions: Definitions,
    /// Where the bundles lie.
    built: PathBuf,
}

type Shared = State<Arc<Pages>>;

/// Builds the bundles, and gives the routes below `/hubspot`. `root` is the folder of `spin.toml`.
pub fn router(platform: Arc<Platform>, root: &Path) -> Result<Router, PagesError> {
    build(root)?;
    let pages = Arc::new(Pages {
        definitions: Definitions::read(
            &root.join("components/hubspot-app/src/app"),
            platform.public_url(),
        )?,
        platform,
        built: root.join("target/hubspot-app"),
    });
    Ok(Router::new()
        .route("/hubspot", get(list))
        .route(
            "/hubspot/new/{kind}",
            get(records::blank).post(records::create),
        )
        .route(
            "/hubspot/record/{kind}/{id}",
            get(records::show).post(records::save),
        )
        .route("/hubspot/settings", get(settings))
        .route("/hubspot/home", get(home))
        .route("/hubspot/actions", get(actions))
        .route("/hubspot/assets/{folder}/{file}", get(asset))
        .route("/hubspot/fetch", post(calls::fetch))
        .route("/hubspot/action", post(calls::action))
        .route("/hubspot/options", post(calls::options))
        .with_state(pages))
}

fn build(root: &Path) -> Result<(), PagesError> {
    let done = Command::new("node")
        .arg("components/hubspot-app/scripts/build.mjs")
        .current_dir(root)
        .status()
        .map_err(|error| PagesError::Build(error.to_string()))?;
    match done.success() {
        true => Ok(()),
        false => Err(PagesError::Build(done.to_string())),
    }
}

/// What an address says behind its `?`.
#[derive(Default)]
struct Query(BTreeMap<String, String>);

impl Query {
    fn read(raw: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.parse().ok()
    }

    /// Who looks: the admin, unless another user is named.
    fn viewer(&self) -> u64 {
        self.number("user").unwrap_or(ADMIN)
    }
}

impl Pages {
    fn shell(&self, title: &str, query: &Query) -> Result<Shell, PagesError> {
        let portal = self.platform.portal()?.id();
        let public_url = self.platform.public_url();
        Ok(Shell::new(title, portal, query.viewer(), public_url))
    }
}

/// A few records of each kind, to begin with.
async fn list(State(pages): Shared, RawQuery(raw): RawQuery) -> Result<Html<String>, PagesError> {
    let portal = pages.platform.portal()?;
    let shell = pages.shell("HubSpot", &Query::read(raw.as_deref()))?;
    Ok(Html(shell.list(ObjectType::ALL.map(|kind| {
        let records = portal.records(kind).into_iter().take(8);
        let links = records.map(|record| {
            let link = format!("/hubspot/record/{}/{}", kind.type_id(), record.id);
            (link, records::name(kind, &record))
        });
        (kind, links.collect())
    }))))
}

async fn settings(
    State(pages): Shared,
    RawQuery(raw): RawQuery,
) -> Result<Html<String>, PagesError> {
    let extension = Extension::new("300Sync settings", "settings", "Settings");
    Ok(Html(
        pages
            .shell("Settings", &Query::read(raw.as_deref()))?
            .extensions(&[extension]),
    ))
}

async fn home(State(pages): Shared, RawQuery(raw): RawQuery) -> Result<Html<String>, PagesError> {
    let extension = Extension::new("300Sync", "pages", "Pages");
    Ok(Html(
        pages
            .shell("Home page", &Query::read(raw.as_deref()))?
            .extensions(&[extension]),
    ))
}

async fn actions(
    State(pages): Shared,
    RawQuery(raw): RawQuery,
) -> Result<Html<String>, PagesError> {
    let query = Query::read(raw.as_deref());
    // What the action is executed on; on nothing, as agents do it.
    let kind = query.0.get("kind").and_then(|kind| ObjectType::parse(kind));
    let on = kind.zip(query.number("id"));
    let shell = pages.shell("Workflow actions", &query)?;
    Ok(Html(shell.actions(on, pages.definitions.actions())))
}

/// A file of what was built: there are no others in reach.
async fn asset(
    State(pages): Shared,
    At((folder, file)): At<(String, String)>,
) -> Result<Response, PagesError> {
    let plain = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
            && !name.contains("..")
    };
    let unknown = || PagesError::Unknown(format!("asset {folder}/{file}"));
    if !plain(&folder) || !plain(&file) {
        return Err(unknown());
    }
    let kind = match file.rsplit_once('.') {
        Some((_, "css")) => "text/css",
        _ => "text/javascript",
    };
    let path = pages.built.join(&folder).join(&file);
    let bytes = fs::read(path).map_err(|_| unknown())?;
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}
