//! Renders the privacy statement, so that the component carries no Markdown parser.

use std::path::Path;
use std::{env, fs, io};

use pulldown_cmark::{Parser, html};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=privacy.md");
    let text = fs::read_to_string("privacy.md")?;
    let mut page = String::new();
    html::push_html(&mut page, Parser::new(&text));
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("privacy.html"), page)
}
