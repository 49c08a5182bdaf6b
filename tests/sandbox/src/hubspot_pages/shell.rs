//! The page around extensions: what HubSpot shows of itself, and the JSON that says what is to be shown.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};
use sync300_fakes::hubspot::ObjectType;

use crate::form::{Field, form};

/// An extension on a page.
pub(super) struct Extension {
    title: String,
    location: String,
    bundle: String,
}

impl Extension {
    /// `bundle` is the name of its entry point.
    pub fn new(title: &str, location: &str, bundle: &str) -> Self {
        Self {
            title: title.to_owned(),
            location: location.to_owned(),
            bundle: format!("/hubspot/assets/{bundle}/{bundle}.js"),
        }
    }

    fn json(&self) -> Value {
        json!({ "title": self.title, "location": self.location, "bundle": self.bundle })
    }
}

/// A page for a user of a portal.
pub(super) struct Shell {
    title: String,
    user: u64,
    page: Value,
}

impl Shell {
    pub fn new(title: &str, portal: u64, user: u64, public_url: &str) -> Self {
        Self {
            title: title.to_owned(),
            user,
            page: json!({
                "portal": portal, "user": user, "extensions": [], "variables": { "PUBLIC_URL": public_url },
            }),
        }
    }

    /// Links to records, by kind.
    pub fn list(self, kinds: [(ObjectType, Vec<(String, String)>); 4]) -> String {
        let content = html! {
            @for (kind, links) in kinds {
                section.extension {
                    h2 { (kind.plural()) }
                    ul { @for (link, name) in links { li { a href=(self.to(&link)) { (name) } } } }
                    p { a href=(self.to(&format!("/hubspot/new/{}", kind.type_id()))) { "Create a " (kind.singular()) } }
                }
            }
        };
        self.written("list", html! {}, content)
    }

    /// A form for a new record.
    pub fn blank(self, fields: &[Field], problem: Option<&str>) -> String {
        let content = html! {
            section.extension { h1 { (self.title) } (form(fields, problem)) }
        };
        self.written("list", html! {}, content)
    }

    /// What HubSpot shows of a record beside the app's cards: its mapped properties as a form with what is wrong with it, the
    /// way to its other side, and the rest of its values.
    pub fn aside(
        &self,
        (kind, id): (ObjectType, u64),
        (fields, problem): (&[Field], Option<&str>),
        other: Option<&str>,
        values: &[(String, String)],
    ) -> Markup {
        let actions = format!(
            "/hubspot/actions?kind={}&id={id}&user={}",
            kind.type_id(),
            self.user
        );
        html! {
            aside {
                h1 { (self.title) }
                p { a href=(actions) { "Workflow actions on this record" } }
                @if let Some(other) = other { p { a href=(other) { "The same record in Clio" } } }
                h2 { "About this record" }
                (form(fields, problem))
                details {
                    summary { "Other properties" }
                    dl.inside {
                        @for (name, value) in values { div { dt { (name) } dd { (value) } } }
                    }
                }
            }
        }
    }

    /// A record with its properties and cards.
    pub fn record(
        mut self,
        (kind, id): (ObjectType, u64),
        cards: &[Extension],
        aside: Markup,
    ) -> String {
        self.set("record", place(kind, id));
        self.show(cards);
        self.written("record", aside, html! {})
    }

    /// Extensions alone.
    pub fn extensions(mut self, extensions: &[Extension]) -> String {
        self.show(extensions);
        self.written("page", html! {}, html! {})
    }

    /// Workflow actions as forms, for a record or for none, as agents have them.
    pub fn actions(mut self, on: Option<(ObjectType, u64)>, actions: &[Value]) -> String {
        if let Some((kind, id)) = on {
            self.set("record", place(kind, id));
        }
        self.set("actions", actions.to_vec().into());
        self.written("page", html! {}, html! {})
    }

    fn set(&mut self, name: &str, value: Value) {
        if let Some(members) = self.page.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    }

    fn show(&mut self, extensions: &[Extension]) {
        let extensions: Vec<Value> = extensions.iter().map(Extension::json).collect();
        self.set("extensions", extensions.into());
    }

    /// A link that the same user follows.
    fn to(&self, path: &str) -> String {
        format!("{path}?user={}", self.user)
    }

    fn written(self, kind: &str, aside: Markup, content: Markup) -> String {
        // Nothing in it may end the element that it stands in.
        let page = self.page.to_string().replace('<', "\\u003c");
        let markup = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width";
                    title { (self.title) " | HubSpot" }
                    link rel="stylesheet" href="/hubspot/assets/preview/host.css";
                }
                body {
                    header {
                        strong { "A HubSpot of the sandbox" }
                        nav {
                            @for (path, name) in [
                                ("/hubspot", "Records"), ("/hubspot/home", "300Sync"), ("/hubspot/settings", "Settings"),
                                ("/hubspot/actions", "Workflow actions"),
                            ] {
                                a href=(self.to(path)) { (name) } " "
                            }
                            a href="/" { "Sandbox" }
                        }
                    }
                    main.(kind) {
                        (aside)
                        div id="extensions" { (content) }
                    }
                    script type="application/json" id="page" { (PreEscaped(page)) }
                    @if kind != "list" { script src="/hubspot/assets/preview/host.js" {} }
                }
            }
        };
        markup.into_string()
    }
}

/// A record, as extensions are told of it.
fn place(kind: ObjectType, id: u64) -> Value {
    json!({ "objectId": id, "objectTypeId": kind.type_id() })
}
