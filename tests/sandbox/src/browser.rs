//! A browser without a window: what a person does to install and connect, over HTTP.
//!
//! It keeps cookies by the rules of RFC 6265bis as far as they concern one site, follows redirects, and sends forms with
//! the origin that their page's referrer policy lets through. The application answers within this process, the fakes over
//! loopback; where a redirect leads anywhere else, it stops and tells where.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderMap, Method, Request};
use sync300_host::App;
use url::Url;

use crate::document::Document;

/// More redirects than any way here has.
const REDIRECTS: usize = 10;

/// Why a person gets no further.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// An address that is none.
    #[error(transparent)]
    Url(#[from] url::ParseError),
    /// A request that is none.
    #[error(transparent)]
    Request(#[from] http::Error),
    /// A fake does not answer.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// Round and round.
    #[error("more than {REDIRECTS} redirects, the last to {0}")]
    Loop(String),
    /// The page has no such link, button or field.
    #[error("no \"{what}\" on the page at {url} ({status}): {text}")]
    Missing {
        /// Words of a link or button, name of a field.
        what: String,
        /// Where the page is.
        url: String,
        /// Its status.
        status: u16,
        /// Its words.
        text: String,
    },
}

/// What the browser shows.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Where it is.
    pub url: Url,
    /// HTTP status; 0 where the browser was sent to a place outside of the platform, which it does not enter.
    pub status: u16,
    /// Headers of the last answer.
    pub headers: HeaderMap,
    /// The last answer's body.
    pub body: String,
    /// The page.
    pub page: Document,
}

impl Seen {
    fn missing(&self, what: &str) -> BrowserError {
        BrowserError::Missing {
            what: what.to_owned(),
            url: self.url.to_string(),
            status: self.status,
            text: self.page.text.clone(),
        }
    }

    /// What a form of this page is sent with (Fetch, "Append a request `Origin` header"): `null` where the page's policy
    /// tells the place nothing.
    pub fn origin_for(&self, target: &Url) -> String {
        let own = origin(&self.url);
        let policy = self.headers.get(REFERRER_POLICY);
        let silent = match policy.and_then(|policy| policy.to_str().ok()) {
            Some("no-referrer") => true,
            Some("same-origin") => own != origin(target),
            // The default, and what is like it here: nothing is told to a place that is less safe.
            _ => self.url.scheme() == "https" && target.scheme() != "https",
        };
        match silent {
            true => "null".to_owned(),
            false => own,
        }
    }

    /// Where a link leads.
    pub fn link(&self, text: &str) -> Result<Url, BrowserError> {
        let link = self.page.link(text).ok_or_else(|| self.missing(text))?;
        Ok(self.url.join(&link.href)?)
    }
}

/// A browser, with its cookies.
#[derive(Clone)]
pub struct Browser {
    app: App,
    public_url: Url,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    /// Whether redirects to the application's callbacks are shown instead of followed.
    stop_at_callback: bool,
}

impl Browser {
    /// A browser that knows the application under `public_url`.
    pub fn new(app: &App, public_url: &str) -> Result<Self, BrowserError> {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Ok(Self {
            app: app.clone(),
            public_url: Url::parse(public_url)?,
            http: http.build()?,
            cookies: BTreeMap::new(),
            stop_at_callback: false,
        })
    }

    /// Shows where a callback would be, instead of opening it: for those who come by its address in other ways.
    #[must_use]
    pub fn stopping_at_callbacks(mut self) -> Self {
        self.stop_at_callback = true;
        self
    }

    /// Follows redirects to callbacks again.
    #[must_use]
    pub fn following_callbacks(mut self) -> Self {
        self.stop_at_callback = false;
        self
    }

    /// The application's cookies by name.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Forgets a cookie.
    pub fn forget(&mut self, cookie: &str) {
        self.cookies.remove(cookie);
    }

    /// Opens an address; one that begins with `/` is the application's.
    pub async fn open(&mut self, address: &str) -> Result<Seen, BrowserError> {
        let url = self.public_url.join(address)?;
        self.go(Method::GET, url, None).await
    }

    /// Opens a link of a page.
    pub async fn follow(&mut self, seen: &Seen, text: &str) -> Result<Seen, BrowserError> {
        let url = seen.link(text)?;
        self.go(Method::GET, url, None).await
    }

    /// Presses a button; `filled` takes the place of what the form's fields hold. A field that the form does not have
    /// cannot be filled in.
    pub async fn press(
        &mut self,
        seen: &Seen,
        text: &str,
        filled: &[(&str, &str)],
    ) -> Result<Seen, BrowserError> {
        let (form, button) = seen.page.button(text).ok_or_else(|| seen.missing(text))?;
        let mut fields = form.fields.clone();
        if let Some((name, _)) = filled
            .iter()
            .find(|(name, _)| !fields.iter().any(|(field, _)| field == name))
        {
            return Err(seen.missing(name));
        }
        fields.retain(|(name, _)| !filled.iter().any(|(filled, _)| filled == name));
        let filled = filled.iter();
        fields.extend(filled.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        fields.extend(button.field.clone());
        let mut url = seen.url.join(&form.action)?;
        if form.post {
            let origin = seen.origin_for(&url);
            return self.post(url, &fields, &origin).await;
        }
        url.query_pairs_mut().clear().extend_pairs(&fields);
        self.go(Method::GET, url, None).await
    }

    /// Sends a form from a page of some origin.
    pub async fn post(
        &mut self,
        url: Url,
        fields: &[(String, String)],
        origin: &str,
    ) -> Result<Seen, BrowserError> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let form = Some((Bytes::from(body), origin.to_owned()));
        self.go(Method::POST, url, form).await
    }

    async fn go(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut form: Option<(Bytes, String)>,
    ) -> Result<Seen, BrowserError> {
        for _ in 0..REDIRECTS {
            let ours = origin(&url) == origin(&self.public_url);
            let callback = ours && url.path().ends_with("/callback");
            let outside = !ours && url.host_str() != Some("127.0.0.1");
            if outside || (callback && self.stop_at_callback) {
                return Ok(Seen {
                    url,
                    status: 0,
                    headers: HeaderMap::new(),
                    body: String::new(),
                    page: Document::default(),
                });
            }
            let (status, headers, body) = match ours {
                true => self.ask_app(&method, &url, form.as_ref()).await?,
                false => self.ask_fake(&method, &url, form.as_ref()).await?,
            };
            let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
            match (status, location) {
                (300..=399, Some(location)) => url = url.join(location)?,
                _ => {
                    let page = Document::read(&body);
                    return Ok(Seen {
                        url,
                        status,
                        headers,
                        body,
                        page,
                    });
                }
            }
            (method, form) = (Method::GET, None);
        }
        Err(BrowserError::Loop(url.to_string()))
    }

    async fn ask_app(
        &mut self,
        method: &Method,
        url: &Url,
        form: Option<&(Bytes, String)>,
    ) -> Result<(u16, HeaderMap, String), BrowserError> {
        let mut target = url.path().to_owned();
        if let Some(query) = url.query() {
            target.push('?');
            target.push_str(query);
        }
        let authority = url.authority();
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, authority)
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter();
            let cookies: Vec<String> = cookies
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        let body = match form {
            Some((body, origin)) => {
                request = request
                    .header(ORIGIN, origin)
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                body.clone()
            }
            None => Bytes::new(),
        };
        let answer = self.app.request(request.body(body)?).await;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap_or_default(), url);
        }
        let (parts, body) = answer.into_parts();
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok((parts.status.as_u16(), parts.headers, body))
    }

    async fn ask_fake(
        &self,
        method: &Method,
        url: &Url,
        form: Option<&(Bytes, String)>,
    ) -> Result<(u16, HeaderMap, String), BrowserError> {
        let mut request = self.http.request(method.clone(), url.clone());
        if let Some((body, _)) = form {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body.clone());
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok((status, headers, answer.text().await?))
    }

    /// Keeps a cookie, or lets it go: `Secure` ones over TLS or from one's own machine, `__Host-` ones only as they must
    /// be.
    fn keep(&mut self, cookie: &str, url: &Url) {
        let mut parts = cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let attributes: Vec<(String, &str)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect();
        let attribute = |wanted: &str| {
            let mut found = attributes.iter().filter(|(name, _)| name == wanted);
            found.next().map(|(_, value)| *value)
        };
        let trustworthy = url.scheme() == "https" || url.host_str() == Some("localhost");
        let secure = attribute("secure").is_some();
        let host_only = attribute("domain").is_none() && attribute("path") == Some("/");
        if secure && !trustworthy || name.starts_with("__Host-") && !(secure && host_only) {
            return;
        }
        match attribute("max-age").map(str::parse::<i64>) {
            Some(Ok(seconds)) if seconds <= 0 => self.forget(name),
            _ => {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// Scheme, host and port.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
