//! What a browser sees of a page: its words, links and forms.

use std::collections::BTreeMap;

use html5gum::{HtmlString, StartTag, Token, Tokenizer};

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// All words, with single spaces.
    pub text: String,
    /// Links by their words.
    pub links: Vec<Link>,
    /// Forms.
    pub forms: Vec<Form>,
    /// Attributes that begin with `data-`, over all elements.
    pub data: BTreeMap<String, String>,
}

/// A link.
#[derive(Debug, Clone, Default)]
pub struct Link {
    /// Its words.
    pub text: String,
    /// Where it leads, as it stands there.
    pub href: String,
}

/// A form, with what it sends unless someone fills it in.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Where it is sent, as it stands there.
    pub action: String,
    /// Whether by `POST`.
    pub post: bool,
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// What can be pressed.
    pub buttons: Vec<Button>,
}

/// A button.
#[derive(Debug, Clone, Default)]
pub struct Button {
    /// Its words.
    pub text: String,
    /// What pressing it adds.
    pub field: Option<(String, String)>,
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// Words with single spaces between.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Which text is being read beside the page's.
enum Within {
    Page,
    Unseen,
    Link(Link),
    Button(Button),
}

impl Document {
    /// Reads a page.
    pub fn read(html: &str) -> Self {
        let mut document = Self::default();
        let mut within = Within::Page;
        let mut text = String::new();
        // A string is read without a failure.
        for token in Tokenizer::new(html).flatten() {
            match token {
                Token::StartTag(tag) => document.start(&tag, &mut within),
                Token::EndTag(tag) => {
                    text.push(' ');
                    within = document.end(&tag.name, within);
                }
                Token::String(string) => {
                    let string = String::from_utf8_lossy(&string);
                    match &mut within {
                        Within::Unseen => continue,
                        Within::Page => {}
                        Within::Link(Link { text, .. }) | Within::Button(Button { text, .. }) => {
                            text.push_str(&string);
                        }
                    }
                    text.push_str(&string);
                }
                _ => {}
            }
        }
        document.text = words(&text);
        document
    }

    fn start(&mut self, tag: &StartTag<()>, within: &mut Within) {
        for (name, value) in &tag.attributes {
            let name = String::from_utf8_lossy(name);
            if let Some(name) = name.strip_prefix("data-") {
                let value = String::from_utf8_lossy(value).into_owned();
                self.data.insert(name.to_owned(), value);
            }
        }
        let name = attribute(tag, "name");
        let value = attribute(tag, "value").unwrap_or_default();
        match tag.name.as_slice() {
            b"style" | b"script" => *within = Within::Unseen,
            b"a" => {
                let href = attribute(tag, "href").unwrap_or_default();
                let text = String::new();
                *within = Within::Link(Link { text, href });
            }
            b"button" => {
                let field = name.map(|name| (name, value));
                let text = String::new();
                *within = Within::Button(Button { text, field });
            }
            b"form" => self.forms.push(Form {
                action: attribute(tag, "action").unwrap_or_default(),
                post: attribute(tag, "method")
                    .is_some_and(|method| method.eq_ignore_ascii_case("post")),
                ..Form::default()
            }),
            b"input" => {
                let kind = attribute(tag, "type").unwrap_or_default();
                let chosen = kind != "radio" || attribute(tag, "checked").is_some();
                if let (Some(name), true, Some(form)) = (name, chosen, self.forms.last_mut()) {
                    form.fields.push((name, value));
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &HtmlString, within: Within) -> Within {
        match (name.as_slice(), within) {
            (b"a", Within::Link(mut link)) => {
                link.text = words(&link.text);
                self.links.push(link);
                Within::Page
            }
            (b"button", Within::Button(mut button)) => {
                button.text = words(&button.text);
                if let Some(form) = self.forms.last_mut() {
                    form.buttons.push(button);
                }
                Within::Page
            }
            (b"style" | b"script", Within::Unseen) => Within::Page,
            (_, within) => within,
        }
    }

    /// The first link whose words begin so.
    pub fn link(&self, text: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.text.starts_with(text))
    }

    /// The form with a button whose words begin so, and the button.
    pub fn button(&self, text: &str) -> Option<(&Form, &Button)> {
        self.forms.iter().find_map(|form| {
            let button = form.buttons.iter();
            let mut button = button.filter(|button| button.text.starts_with(text));
            Some((form, button.next()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_links_and_forms_are_found() {
        let page = Document::read(
            "<!doctype html><title>T</title><style>p{}</style><p id=told data-status=\"a&amp;b\">One <b>two</b></p>\
             <a href='/x?a=1&amp;b=2'> Go  on </a><script nonce=n>const a='x'</script>\
             <form method=post action=/send><input type=hidden name=s value='&quot;'>\
             <input type=radio name=r value=1><input type=radio name=r value=2 checked>\
             <button name=answer value=yes>Say yes</button><button>No</button></form>",
        );
        assert_eq!(page.text, "T One two Go on Say yes No");
        assert_eq!(page.data["status"], "a&b");
        assert_eq!(page.link("Go").unwrap().href, "/x?a=1&b=2");
        let (form, button) = page.button("Say").unwrap();
        assert_eq!((form.action.as_str(), form.post), ("/send", true));
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(form.fields, [field("s", "\""), field("r", "2")]);
        assert_eq!(button.field, Some(field("answer", "yes")));
        assert!(page.link("Nowhere").is_none() && page.button("Maybe").is_none());
    }
}
