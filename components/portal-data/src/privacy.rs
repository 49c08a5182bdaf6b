//! `GET /account/privacy`: what is kept, where, how long, and what rights there are (S1-01). For everybody.

use maud::PreEscaped;
use serde_json::json;
use sync300_kit::page::Page;
use sync300_kit::ports::Ports;
use sync300_kit::surface::{Answer, Incoming};

/// As it is written.
const TEXT: &str = include_str!("../privacy.md");
/// As a browser shows it: our own text, rendered when this was built.
const HTML: &str = include_str!(concat!(env!("OUT_DIR"), "/privacy.html"));

/// Shows the statement: a page to a person, `{"ok","text"}` with Markdown to a program.
pub fn statement<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    if incoming.wants_page() {
        let page = Page::new("Privacy", PreEscaped(HTML.to_owned()));
        return page.answer(200, incoming, ports);
    }
    Answer::json(200, &json!({ "ok": true, "text": TEXT }))
}
