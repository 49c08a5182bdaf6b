//! A form of the fakes' pages: what a record holds, to be changed by hand.

use std::collections::BTreeMap;

use maud::{Markup, html};

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// As sent.
    pub name: String,
    /// For people.
    pub label: String,
    /// What it holds; empty where nothing.
    pub value: String,
    /// What can be chosen, as value and label; empty: anything can be written.
    pub choices: Vec<(String, String)>,
    /// Whether it takes several lines.
    pub long: bool,
}

/// A form that sends what was changed to the page's own address.
pub(crate) fn form(fields: &[Field], problem: Option<&str>) -> Markup {
    html! {
        form method="post" {
            @if let Some(problem) = problem { p.alert.danger role="alert" { (problem) } }
            @for field in fields {
                div.field {
                    label for=(field.name) { (field.label) }
                    @if !field.choices.is_empty() {
                        select id=(field.name) name=(field.name) {
                            @for (value, label) in offered(field) {
                                option value=(value) selected[*value == field.value] { (label) }
                            }
                        }
                    } @else if field.long {
                        textarea id=(field.name) name=(field.name) rows="3" { "\n" (field.value) }
                    } @else {
                        input id=(field.name) name=(field.name) value=(field.value);
                    }
                }
            }
            button.button.primary type="submit" { "Save" }
        }
    }
}

/// The choices, and what stands there where it is none of them.
fn offered(field: &Field) -> Vec<&(String, String)> {
    const NOTHING: &(String, String) = &(String::new(), String::new());
    let known = field.choices.iter().any(|(value, _)| *value == field.value);
    let other = (!known).then_some(NOTHING);
    other.into_iter().chain(&field.choices).collect()
}

/// Which fields were changed, by name, and what they hold now: what was not touched is not written.
pub(crate) fn changed(fields: &[Field], body: &[u8]) -> BTreeMap<String, String> {
    let sent: BTreeMap<_, _> = url::form_urlencoded::parse(body).into_owned().collect();
    let changes = fields.iter().filter_map(|field| {
        // Browsers end lines as mail does.
        let value = sent.get(&field.name)?.replace("\r\n", "\n");
        let value = value.trim();
        (value != field.value.trim()).then(|| (field.name.clone(), value.to_owned()))
    });
    changes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str, choices: &[&str]) -> Field {
        Field {
            name: name.to_owned(),
            label: name.to_owned(),
            value: value.to_owned(),
            choices: choices
                .iter()
                .map(|choice| ((*choice).to_owned(), choice.to_uppercase()))
                .collect(),
            long: false,
        }
    }

    #[test]
    fn only_what_was_touched_is_changed() {
        let fields = [
            field("firstname", "Ada", &[]),
            field("jobtitle", "Countess", &[]),
            field("note", "one\ntwo", &[]),
            field("city", "London", &[]),
        ];
        let sent = b"firstname=Ada&jobtitle=&note=one%0D%0Atwo&city=York&stranger=1";
        let changes: Vec<_> = changed(&fields, sent).into_iter().collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(changes, [pair("city", "York"), pair("jobtitle", "")]);
    }

    /// What stands there and cannot be chosen is not replaced by the first choice.
    #[test]
    fn a_value_without_a_choice_stays() {
        let shown = form(&[field("stage", "elsewhere", &["open", "closed"])], None);
        let shown = shown.into_string();
        assert!(shown.contains(r#"<option value=""></option>"#), "{shown}");
        let chosen = form(&[field("stage", "closed", &["open", "closed"])], None);
        let chosen = chosen.into_string();
        assert!(
            chosen.contains(r#"<option value="closed" selected>CLOSED</option>"#),
            "{chosen}"
        );
        assert!(!chosen.contains(r#"<option value="">"#));
    }
}
