//! Pages for people: small, readable without a mouse, in plain words, and each with a reference to quote (S0-105).
//!
//! Markup is [`maud`]'s: every value is escaped unless it is wrapped on purpose, and nothing here wraps one. Styles and
//! scripts run by a nonce alone; there are no inline event handlers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::ports::Random;
use crate::surface::{Answer, Incoming, Problem};

/// Readable contrast (WCAG 2.2 AA), a visible focus, and targets that are large enough.
const STYLE: &str = "\
:root{color-scheme:light}\
body{margin:0;background:#f5f8fa;color:#213343;font:1rem/1.5 system-ui,sans-serif}\
main{max-width:38rem;margin:2rem auto;padding:1.5rem 2rem;background:#fff;border:1px solid #7c98b6;border-radius:.5rem}\
h1{font-size:1.5rem;line-height:1.25;margin-top:0}\
a{color:#0050a0}\
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #0050a0;outline-offset:2px}\
button,.button{display:inline-block;margin:.25rem .5rem .25rem 0;padding:.6rem 1.2rem;border:1px solid #0050a0;border-radius:.3rem;\
background:#0050a0;color:#fff;font:inherit;font-weight:600;text-decoration:none;cursor:pointer}\
button.plain,.button.plain{background:#fff;color:#0050a0}\
label{display:block;font-weight:600;margin-top:1rem}\
input{box-sizing:border-box;width:100%;padding:.6rem;border:1px solid #516f90;border-radius:.3rem;font:inherit}\
.help,.reference{color:#425b76;font-size:.875rem}\
.notice{border-left:4px solid #0050a0;padding:.25rem 1rem;background:#eef4fa}\
.trouble{border-left-color:#b3261e;background:#fdf0ef}\
dt{font-weight:600}dd{margin:0 0 .75rem}\
.good::before{content:'\\25CF\\00A0';color:#00663d}.bad::before{content:'\\25CF\\00A0';color:#b3261e}";

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// In words, for the window's title and the heading.
    pub title: String,
    /// What stands below the heading.
    pub content: Markup,
    /// A script of ours, run by its nonce. Never holds a value: values go into `data-` attributes.
    pub script: Option<&'static str>,
    /// Whether HubSpot's own pages may show this one in a frame. Only for pages that change nothing.
    pub in_hubspot: bool,
}

impl Page {
    /// A page that runs nothing and leads nowhere.
    pub fn new(title: impl Into<String>, content: Markup) -> Self {
        Self {
            title: title.into(),
            content,
            script: None,
            in_hubspot: false,
        }
    }

    /// As an answer. Without randomness for the nonce the page goes without style and script.
    pub fn answer(&self, status: u16, incoming: &Incoming, random: &impl Random) -> Answer {
        let nonce = nonce(random);
        let mut answer = Answer::empty(status);
        answer.body = self
            .markup(nonce.as_deref(), &incoming.request_id)
            .into_string();
        answer
            .headers
            .push(("content-type".into(), "text/html; charset=utf-8".to_owned()));
        answer.set_header(
            "content-security-policy",
            self.content_security_policy(nonce.as_deref()),
        );
        // Under `no-referrer` a browser sends a page's forms with `Origin: null`, and they would be refused as foreign.
        answer.set_header("referrer-policy", "same-origin".to_owned());
        if self.in_hubspot {
            // An X-Frame-Options would win in no browser, but would say the opposite.
            answer
                .headers
                .retain(|(name, _)| *name != "x-frame-options");
        }
        answer
    }

    fn content_security_policy(&self, nonce: Option<&str>) -> String {
        let mut policy = "default-src 'none'; base-uri 'none'".to_owned();
        if let Some(nonce) = nonce {
            policy.push_str(&format!("; style-src 'nonce-{nonce}'"));
            if self.script.is_some() {
                policy.push_str(&format!("; script-src 'nonce-{nonce}'"));
            }
        }
        policy.push_str("; form-action 'self'");
        policy.push_str(match self.in_hubspot {
            true => "; frame-ancestors https://*.hubspot.com",
            false => "; frame-ancestors 'none'",
        });
        policy
    }

    fn markup(&self, nonce: Option<&str>, request_id: &str) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (self.title) " – 300Sync" }
                    @if let Some(nonce) = nonce { style nonce=(nonce) { (PreEscaped(STYLE)) } }
                }
                body {
                    main {
                        h1 { (self.title) }
                        (self.content)
                        p.reference { "Reference: " code { (request_id) } }
                    }
                    @if let (Some(nonce), Some(script)) = (nonce, self.script) {
                        script nonce=(nonce) { (PreEscaped(script)) }
                    }
                }
            }
        }
    }
}

fn nonce(random: &impl Random) -> Option<String> {
    let mut bytes = [0_u8; 16];
    random.fill(&mut bytes).ok()?;
    Some(STANDARD.encode(bytes))
}

impl Problem {
    /// As whoever asks can read it: a page for a person, JSON for a program.
    pub fn answer(&self, incoming: &Incoming, random: &impl Random) -> Answer {
        if !incoming.wants_page() {
            return self.json(&incoming.request_id);
        }
        self.page(html! {}).answer(self.status, incoming, random)
    }

    /// As a page, with further ways forward below.
    pub fn page(&self, ways: Markup) -> Page {
        let content = html! {
            div.notice.trouble role="alert" {
                p { (self.message) }
                @if let Some(action) = &self.action { p { (action) } }
            }
            (ways)
            p.help {
                "If you ask for help, quote the reference below"
                @if let Some(detail) = &self.detail { " and the code " code { (detail) } }
                "."
            }
        };
        Page::new("That did not work", content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::RandomError;
    use proptest::prelude::*;

    struct Fixed;
    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
            buffer.fill(7);
            Ok(())
        }
    }

    struct Nothing;
    impl Random for Nothing {
        fn fill(&self, _buffer: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }
    }

    fn incoming(accept: &str) -> Incoming {
        Incoming {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            headers: vec![("accept".to_owned(), accept.as_bytes().to_vec())],
            body: Vec::new(),
            request_id: "0123456789abcdef".to_owned(),
        }
    }

    fn page() -> Page {
        Page::new("Title", html! { p { "Text" } })
    }

    /// S0-89, S1-38, DX-11: a page runs what is ours alone, and nobody frames it.
    #[test]
    fn a_page_has_a_policy_of_its_own() {
        let answer = page().answer(200, &incoming("text/html"), &Fixed);
        let policy = answer.header("content-security-policy").unwrap();
        assert_eq!(
            policy,
            "default-src 'none'; base-uri 'none'; style-src 'nonce-BwcHBwcHBwcHBwcHBwcHBw=='; form-action 'self'; \
             frame-ancestors 'none'"
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert!(answer.header("strict-transport-security").is_some());
    }

    /// DX-11: what HubSpot shows in a frame names HubSpot, and has no X-Frame-Options to forbid it.
    #[test]
    fn a_page_for_hubspot_may_be_framed_there() {
        let page = Page {
            in_hubspot: true,
            ..page()
        };
        let answer = page.answer(200, &incoming("text/html"), &Fixed);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.ends_with("frame-ancestors https://*.hubspot.com"));
        assert_eq!(answer.header("x-frame-options"), None);
    }

    #[test]
    fn a_script_runs_by_its_nonce_alone() {
        let page = Page {
            script: Some("close()"),
            ..page()
        };
        let answer = page.answer(200, &incoming("text/html"), &Fixed);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'nonce-BwcH"));
        assert!(answer.body.contains("<script nonce=\"BwcH"));
        let without = page.answer(200, &incoming("text/html"), &Nothing);
        assert!(!without.body.contains("<script"));
        assert!(
            !without
                .header("content-security-policy")
                .unwrap()
                .contains("nonce")
        );
    }

    /// S0-105: a person reads words and a reference to quote; a program reads JSON.
    #[test]
    fn a_problem_is_told_as_it_can_be_read() {
        let problem = Problem::new(400, "bad", "It is bad.").action("Do it well.");
        let page = problem.answer(&incoming("text/html,*/*"), &Fixed);
        assert_eq!(page.status, 400);
        for text in ["It is bad.", "Do it well.", "0123456789abcdef"] {
            assert!(page.body.contains(text), "{text}");
        }
        let json = problem.answer(&incoming("*/*"), &Fixed);
        let body: serde_json::Value = serde_json::from_str(&json.body).unwrap();
        assert_eq!(body["error"]["code"], "bad");
        assert_eq!(body["error"]["request_id"], "0123456789abcdef");
    }

    proptest! {
        /// Whatever a value holds, it stays text: no element, attribute or entity begins in it.
        #[test]
        fn values_are_escaped(value in "\\PC*") {
            let markup = html! { p title=(value) { (value) } }.into_string();
            let expected = value
                .replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
            prop_assert_eq!(markup, format!("<p title=\"{expected}\">{expected}</p>"));
        }
    }
}
