//! What the fakes show to people: pages as plain as can be, for browsers and for what drives them.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use url::Url;

/// Text as it stands in HTML, in attributes as well.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// A page; `body` is HTML.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let title = escaped(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>body{{font:16px/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}}\
         label{{display:block}}button{{font:inherit;margin:1rem 1rem 0 0}}</style></head>\
         <body><h1>{title}</h1>{body}</body></html>"
    );
    (status, [(CONTENT_TYPE, "text/html;charset=utf-8")], html).into_response()
}

/// A page that says why something does not go on.
pub(crate) fn refusal(status: StatusCode, title: &str, message: &str) -> Response {
    page(status, title, &format!("<p>{}</p>", escaped(message)))
}

/// A field that a form carries along unseen.
pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!(
        "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
        escaped(value)
    )
}

/// A choice of one among several, the first of which is taken unless another is.
pub(crate) fn choice(name: &str, value: &str, label: &str, first: bool) -> String {
    let checked = if first { " checked" } else { "" };
    format!(
        "<label><input type=\"radio\" name=\"{name}\" value=\"{}\"{checked}> {}</label>",
        escaped(value),
        escaped(label)
    )
}

/// Sends the browser on; parameters are added to those that the address has.
pub(crate) fn redirect(to: &str, parameters: &[(&str, &str)]) -> Response {
    match Url::parse(to) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(parameters);
            (StatusCode::FOUND, [(LOCATION, url.to_string())]).into_response()
        }
        Err(_) => refusal(StatusCode::BAD_REQUEST, "Error", "This address is none."),
    }
}
