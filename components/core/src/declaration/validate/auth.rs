//! What a declaration must hold to about connecting.

use std::collections::BTreeSet;

use super::{Finding, non_empty, unique, url_path};
use crate::declaration::{self, Auth, Declaration, Parameter, Problem};
use crate::template::Template;

/// Names of the app that the operator registered.
const APP: [&str; 2] = ["app_id", "app_secret"];

pub(super) fn check(declaration: &Declaration) -> Result<(), Finding> {
    let auth = &declaration.auth;
    unique(
        "parameters",
        auth.parameters().iter().map(|p| p.name.as_str()),
    )?;
    check_auth(auth).map_err(|p| ("auth".to_owned(), p))?;
    if !matches!(auth, Auth::OAuth2Code { .. }) {
        non_empty("parameters", auth.parameters().len())?;
    }
    check_account(declaration).map_err(|p| ("account".to_owned(), p))?;
    let used = used(declaration).map_err(|p| ("auth".to_owned(), p))?;
    for parameter in auth.parameters() {
        let place = || format!("parameter {}", parameter.name);
        check_name(parameter).map_err(|p| (place(), p))?;
        if !used.contains(parameter.name.as_str()) {
            let problem = Problem::ParameterUnused(parameter.name.clone());
            return Err((place(), problem));
        }
    }
    Ok(())
}

fn check_auth(auth: &Auth) -> Result<(), Problem> {
    match auth {
        Auth::OAuth2Code {
            authorize_path,
            token_path,
            revoke_path,
            ..
        } => {
            let paths = [Some(authorize_path), Some(token_path), revoke_path.as_ref()];
            for path in paths.into_iter().flatten() {
                url_path(path)?;
            }
        }
        Auth::ClientCredentials { token_path, .. } => url_path(token_path)?,
        Auth::Password {
            token_path, form, ..
        } => {
            url_path(token_path)?;
            check_exchanged(auth, form.values())?;
        }
        Auth::ApiKey { .. } => {}
    }
    // A token is the only thing that is kept of a sign-in by token: its headers know no parameters.
    let parameters = match auth {
        Auth::ApiKey { parameters, .. } => parameters.as_slice(),
        _ => &[],
    };
    for (name, template) in auth.headers() {
        let taken =
            matches!(auth, Auth::ApiKey { .. }) && name.eq_ignore_ascii_case("authorization");
        if !taken && !is_free_header(name) {
            return Err(Problem::Header(name.clone()));
        }
        known(template, parameters)?;
    }
    for (field, template) in auth.form() {
        if field == "grant_type" {
            return Err(Problem::Duplicate(field.clone()));
        }
        known(template, auth.parameters())?;
    }
    Ok(())
}

/// DX-03: of a password nothing but the token is kept.
fn check_exchanged<'a>(auth: &Auth, form: impl Iterator<Item = &'a String>) -> Result<(), Problem> {
    let mut exchanged = BTreeSet::new();
    for template in form {
        exchanged.extend(template_of(template)?.names());
    }
    auth.parameters()
        .iter()
        .find(|p| p.secret && !exchanged.contains(p.name.as_str()))
        .map_or(Ok(()), |p| Err(Problem::PasswordKept(p.name.clone())))
}

fn check_account(declaration: &Declaration) -> Result<(), Problem> {
    let (account, parameters) = (&declaration.account, declaration.auth.parameters());
    url_path(&account.path)?;
    known(&account.path, parameters)?;
    let secret =
        |name: &str| APP.contains(&name) || parameters.iter().any(|p| p.secret && p.name == name);
    if let Some(name) = template_of(&account.path)?
        .names()
        .find(|name| secret(name))
    {
        return Err(Problem::SecretInUrl(name.to_owned()));
    }
    for path in [&account.id, &account.name] {
        if let Some(name) = declaration::parameter_of(path) {
            known(path, parameters)?;
            if secret(name) {
                return Err(Problem::SecretInUrl(name.to_owned()));
            }
        } else {
            crate::path::SourcePath::parse(path).map_err(|error| Problem::Path {
                path: path.clone(),
                error,
            })?;
        }
    }
    Ok(())
}

fn check_name(parameter: &Parameter) -> Result<(), Problem> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let name = &parameter.name;
    if name.is_empty() || !name.bytes().all(letter) || name.starts_with("app_") {
        return Err(Problem::ParameterName(name.clone()));
    }
    Ok(())
}

/// Every name in the templates.
fn used(declaration: &Declaration) -> Result<BTreeSet<&str>, Problem> {
    let (auth, account) = (&declaration.auth, &declaration.account);
    let mut names = BTreeSet::new();
    let templates = auth
        .headers()
        .values()
        .chain(auth.form().map(|(_, template)| template))
        .chain([&account.path]);
    for template in templates {
        names.extend(template_of(template)?.names());
    }
    names.extend(
        [&account.id, &account.name]
            .into_iter()
            .filter_map(|p| declaration::parameter_of(p)),
    );
    Ok(names)
}

/// Every name stands for something.
fn known(template: &str, parameters: &[Parameter]) -> Result<(), Problem> {
    for name in template_of(template)?.names() {
        if !APP.contains(&name) && !parameters.iter().any(|p| p.name == name) {
            return Err(Problem::Placeholder(name.to_owned()));
        }
    }
    Ok(())
}

fn template_of(text: &str) -> Result<Template<'_>, Problem> {
    Template::parse(text).ok_or_else(|| Problem::Braces(text.to_owned()))
}

/// A header that neither HTTP nor the token sets.
pub(super) fn is_free_header(name: &str) -> bool {
    const SET: [&str; 6] = [
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
    ];
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !name.is_empty()
        && name.bytes().all(letter)
        && !SET.contains(&name.to_ascii_lowercase().as_str())
}
