//! Text out of HTML, for properties that show no markup.

use std::borrow::Cow;

use super::text::unix_lines;

/// Removes tags, turns block ends into line ends, resolves character references. What is no markup
/// (`a < b`, `R&D`) stays. Text without any is only brought to `\n` line ends.
pub(super) fn from_html(value: &str) -> Cow<'_, str> {
    if !value.contains(['<', '&']) {
        return unix_lines(value);
    }
    let text = strip_tags(&unix_lines(value));
    let decoded = html_escape::decode_html_entities(&text);
    tidy(&unix_lines(&decoded)).into()
}

/// Elements whose content is not text.
const HIDDEN: [&str; 3] = ["script", "style", "head"];
/// Elements that end a line.
const BLOCKS: [&str; 16] = [
    "br",
    "p",
    "div",
    "li",
    "tr",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
];

fn strip_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        text.push_str(before);
        let Some((name, closing, after)) = tag(tail) else {
            text.push('<');
            rest = tail.get(1..).unwrap_or_default();
            continue;
        };
        rest = after;
        if BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block)) {
            text.push('\n');
            if name.eq_ignore_ascii_case("li") && !closing {
                text.push_str("- ");
            }
        }
        if !closing
            && HIDDEN
                .iter()
                .any(|hidden| name.eq_ignore_ascii_case(hidden))
        {
            rest = after_end_tag(after, name);
        }
    }
    text.push_str(rest);
    text
}

/// The tag or comment that a text starts with: name, whether it closes, and what follows.
fn tag(text: &str) -> Option<(&str, bool, &str)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        let after = comment.split_once("-->").map_or("", |(_, after)| after);
        return Some(("", false, after));
    }
    let inner = text.strip_prefix('<')?;
    let (closing, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let inner = inner.strip_prefix('!').unwrap_or(inner);
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    // No tag holds another: looking on would also take a time that grows with the text's square.
    let end = inner.find(['<', '>'])?;
    let (content, after) = (inner.get(..end)?, inner.get(end..)?.strip_prefix('>')?);
    let end = content
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(content.len());
    Some((content.get(..end)?, closing, after))
}

fn after_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find("</") {
        let tail = rest.get(at..).unwrap_or_default();
        match tag(tail) {
            Some((other, true, after)) if other.eq_ignore_ascii_case(name) => return after,
            _ => rest = tail.get(2..).unwrap_or_default(),
        }
    }
    ""
}

/// No space at line ends, at most one empty line in a row, none around.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.split('\n') {
        let line = line.trim_matches([' ', '\t', '\u{a0}']);
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !tidied.is_empty() {
            tidied.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        tidied.push_str(line);
        empty = 0;
    }
    tidied.replace('\0', "").trim().to_owned()
}
